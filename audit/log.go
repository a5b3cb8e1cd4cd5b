package audit

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// A Line is an event as it is written, into the stream and into the table alike.
type Line struct {
	ID   string         `json:"id" dynamo:"id,range"` // a UUIDv7
	Time model.DateTime `json:"time" dynamo:"time"`
	Mark string         `json:"msg" dynamo:"-"` // always "audit": routers of logs tell it from others by that
	Event
	Address  string `json:"address,omitempty" dynamo:"address,omitempty"`   // the client's, see web.ClientAddress
	Request  string `json:"request,omitempty" dynamo:"request,omitempty"`   // its id, as the log has it
	Operator string `json:"operator,omitempty" dynamo:"operator,omitempty"` // who ran the command that did it

	Day string `json:"-" dynamo:"day,hash"`
	TTL int64  `json:"-" dynamo:"ttl"` // Unix seconds
}

const mark = "audit"

// A Log takes down events. It is safe for concurrent use. A nil Log takes down nothing.
type Log struct {
	operator string
	outlets  []*outlet
	tally    tally
}

// New returns a Log that writes lines of JSON to stream, and keeps them in table; either may be
// nil. operator is the user of this machine whose command it is the log of; empty: it is
// a server's.
func New(stream io.Writer, table *Table, operator string) *Log {
	l := &Log{operator: operator}
	if stream != nil {
		l.outlets = append(l.outlets, newOutlet("the stream", func(_ context.Context, lines []*Line) error { return writeTo(stream, lines) }))
	}
	if table != nil {
		l.outlets = append(l.outlets, newOutlet("the table", table.put))
	}
	return l
}

// writeTo writes each line in one Write, so that those of several processes stay whole.
func writeTo(stream io.Writer, lines []*Line) error {
	for _, line := range lines {
		text, err := json.Marshal(line)
		if err != nil {
			return err
		}
		if _, err := stream.Write(append(text, '\n')); err != nil {
			return err
		}
	}
	return nil
}

// Write takes down an event, with the request that ctx is of. It does not wait for the line to
// be written.
func (l *Log) Write(ctx context.Context, e Event) {
	if l == nil || len(l.outlets) == 0 {
		return
	}
	e = e.cleaned()
	isAdmitted, isFirst, ended := l.tally.admit(e, time.Now())
	l.putCounted(ended)
	if isFirst {
		time.AfterFunc(tallyWindow, func() { l.putCounted(l.tally.over(time.Now(), false)) })
	}
	if !isAdmitted {
		return
	}
	line := l.line(e)
	line.Request = web.RequestID(ctx)
	if address := web.ClientAddress(ctx); address.IsValid() {
		line.Address = address.String()
	}
	l.put(line)
}

// putCounted puts lines that each stand for many events.
func (l *Log) putCounted(events []Event) {
	for _, event := range events {
		l.put(l.line(event))
	}
}

func (l *Log) line(e Event) *Line {
	now := model.Now()
	return &Line{ID: model.NewID(), Time: now, Mark: mark, Event: e, Operator: l.operator, Day: dayOf(now.Time())}
}

func (l *Log) put(line *Line) {
	for _, outlet := range l.outlets {
		outlet.put(line)
	}
}

// Wait returns when all that was taken down is written, or with ctx's error. Where a process
// may stop once it has answered, as on AWS Lambda, call it before.
func (l *Log) Wait(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.putCounted(l.tally.over(time.Now(), false))
	return l.wait(ctx)
}

// Close is Wait where nothing more will be taken down: what is counted is written, too.
func (l *Log) Close(ctx context.Context) error {
	if l == nil {
		return nil
	}
	l.putCounted(l.tally.over(time.Now(), true))
	return l.wait(ctx)
}

func (l *Log) wait(ctx context.Context) (err error) {
	for _, outlet := range l.outlets {
		err = errors.Join(err, outlet.wait(ctx))
	}
	return err
}
