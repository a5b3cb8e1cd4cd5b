package audit

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// An outlet writes lines behind the requests that cause them: neither a pipe that nobody reads
// nor a table that does not answer holds one up. What finds the queue full is lost, and the log
// says how much.
type outlet struct {
	name  string // for the log
	write func(ctx context.Context, lines []*Line) error
	queue chan queued
	lost  chan int // holds how many lines are lost and not told of, or nothing
}

// queued is a line to write, or a question whether all before it are written.
type queued struct {
	line    *Line
	written chan<- struct{}
}

const (
	maxQueued    = 4096
	maxTogether  = 25 // lines: what a BatchWriteItem takes
	writeTimeout = 20 * time.Second
	tellLostOnce = time.Minute // at most
)

// newOutlet returns an outlet, which writes from now on.
func newOutlet(name string, write func(context.Context, []*Line) error) *outlet {
	o := &outlet{name: name, write: write, queue: make(chan queued, maxQueued), lost: make(chan int, 1)}
	go o.run()
	return o
}

// put has a line written.
func (o *outlet) put(line *Line) {
	select {
	case o.queue <- queued{line: line}:
	default:
		o.lose(1)
	}
}

// lose notes that lines are lost.
func (o *outlet) lose(n int) {
	for {
		select {
		case o.lost <- n:
			return
		case before := <-o.lost:
			n += before
		}
	}
}

// wait returns when all that was put before is written or lost, or with ctx's error.
func (o *outlet) wait(ctx context.Context) error {
	written := make(chan struct{})
	select {
	case o.queue <- queued{written: written}:
	case <-ctx.Done():
		return fmt.Errorf("the record is not written: %w", ctx.Err())
	}
	select {
	case <-written:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the record is not written: %w", ctx.Err())
	}
}

func (o *outlet) run() {
	var told time.Time
	for first := range o.queue {
		lines, questions := o.collect(first)
		if len(lines) > 0 {
			ctx, cancel := context.WithTimeout(context.Background(), writeTimeout)
			err := o.write(ctx, lines)
			cancel()
			if err != nil {
				o.lose(len(lines))
			}
			if err != nil || len(o.lost) > 0 {
				told = o.tellLost(told, err)
			}
		}
		for _, written := range questions {
			close(written)
		}
	}
}

// collect returns first and what is queued behind it, as far as it is written together.
func (o *outlet) collect(first queued) (lines []*Line, questions []chan<- struct{}) {
	for next := first; ; {
		if next.line != nil {
			lines = append(lines, next.line)
		} else {
			questions = append(questions, next.written)
		}
		if len(lines) == maxTogether {
			return lines, questions
		}
		select {
		case next = <-o.queue:
		default:
			return lines, questions
		}
	}
}

// tellLost says in the log how many lines are lost, unless it has just done so, and returns
// when it last did.
func (o *outlet) tellLost(told time.Time, err error) time.Time {
	if time.Since(told) < tellLostOnce {
		return told
	}
	select {
	case n := <-o.lost:
		if err == nil {
			err = fmt.Errorf("more than %d lines wait to be written", maxQueued)
		}
		slog.Error("lines of the record are lost", "to", o.name, "lines", n, "error", err)
		return time.Now()
	default:
		return told
	}
}
