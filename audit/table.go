package audit

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/model"
)

// Table is the table audit: lines by the day in UTC, and by user.
type Table struct {
	dynamo.Table
	life time.Duration
}

// byUser finds the lines of a user; those that have none are not in it.
var byUser = model.Index{Hash: "user", Sort: "id"}

const byUserName = "user-id" // its attributes, as of every index

// NewTable returns the table, and adds it to db.
func NewTable(db *model.DB) *Table {
	return &Table{Table: db.AddTable("audit", Line{}, true, byUser)}
}

// Keeping returns the table for lines that are to be kept for that long, and nil, no table,
// where that is 0.
func (t *Table) Keeping(life time.Duration) *Table {
	if life <= 0 {
		return nil
	}
	return &Table{t.Table, life}
}

const dayLayout = "2006-01-02"

func dayOf(at time.Time) string { return at.UTC().Format(dayLayout) }

// put keeps lines, in one BatchWriteItem: at most 25.
func (t *Table) put(ctx context.Context, lines []*Line) error {
	items := make([]any, len(lines))
	for i, line := range lines {
		kept := *line
		kept.TTL = line.Time.Time().Add(t.life).Unix()
		items[i] = kept
	}
	_, err := t.Batch("day", "id").Write().Put(items...).Run(ctx)
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		return fmt.Errorf("there is no table %s: `ownql tables` creates it, --audit-days 0 does without: %w", t.Name(), err)
	}
	return err
}

// A Query says which lines are wanted: those to which all of it applies that is not empty.
type Query struct {
	UserID  string // not global
	Account string // a canonical email
	Events  []Name // one of them
	Since   time.Time
	Until   time.Time
}

// Lines goes through lines, the newest first, those of a user by an index, which on AWS is a
// moment behind, others day by day from Until back to Since, which must be set.
func (t *Table) Lines(ctx context.Context, q Query) iter.Seq2[*Line, error] {
	return func(yield func(*Line, error) bool) {
		if q.UserID != "" {
			t.query(ctx, t.Get(byUser.Hash, q.UserID).Index(byUserName), q, yield)
			return
		}
		for at := q.Until.UTC(); dayOf(at) >= dayOf(q.Since); at = at.AddDate(0, 0, -1) {
			if !t.query(ctx, t.Get("day", dayOf(at)).Consistent(true), q, yield) {
				return
			}
		}
	}
}

// query yields what matches of the lines with one hash key, and tells whether to go on.
func (t *Table) query(ctx context.Context, query *dynamo.Query, q Query, yield func(*Line, error) bool) bool {
	lines := query.
		Range("id", dynamo.Between, idAt(q.Since), idAt(q.Until.Add(time.Millisecond))).
		Order(dynamo.Descending).
		Iter()
	for line := new(Line); lines.Next(ctx, line); line = new(Line) {
		isWanted := (q.Account == "" || line.Account == q.Account || line.From == q.Account || line.To == q.Account) &&
			(q.Events == nil || slices.Contains(q.Events, line.Name)) &&
			line.TTL > time.Now().Unix() // what has expired is swept some time later
		line.Mark = mark
		if isWanted && !yield(line, nil) {
			return false
		}
	}
	if err := lines.Err(); err != nil {
		yield(nil, fmt.Errorf("read table %s: %w", t.Name(), err))
		return false
	}
	return true
}

// idAt is what the UUIDv7 of that millisecond begin with (RFC 9562, section 5.7).
func idAt(at time.Time) string {
	milliseconds := max(0, at.UnixMilli())
	return fmt.Sprintf("%08x-%04x", milliseconds>>16, milliseconds&0xffff)
}
