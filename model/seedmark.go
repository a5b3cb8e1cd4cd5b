package model

import (
	"context"
	"errors"
	"fmt"

	"github.com/guregu/dynamo/v2"
)

// A SeedMark is an item of the uniques table: that a part of the seed data has been begun, or made. It goes along
// with the data, where that is exported and imported.
type SeedMark struct {
	Of   string   // which part
	Text string   // what the part was when it was carried out, or the hash of that
	IDs  []string // the global ids of what it has made
	At   DateTime // when it was begun, or made

	IsDone bool
}

// seedMark is a SeedMark as it is kept.
type seedMark struct {
	ID     string   `dynamo:"id,hash"` // see seedMarkID
	Text   string   `dynamo:"text"`
	IDs    []string `dynamo:"ids"`
	At     DateTime `dynamo:"at"`
	IsDone bool     `dynamo:"done"`
	Write  string   `dynamo:"write,omitempty"` // an id of the write that set it, by which one whose answer was lost knows its own
}

// seedMarkID is no id of a unique value: those begin with the name of a type.
func seedMarkID(of string) string { return "#seed#" + of }

// ErrSeedMarked tells that somebody else has set a mark meanwhile.
var ErrSeedMarked = errors.New("another seed has been at it meanwhile")

// SeedMarks returns the marks of these parts, by part, in one strongly consistent BatchGetItem for each 100. What
// was not begun has none.
func (db *DB) SeedMarks(ctx context.Context, parts ...string) (map[string]*SeedMark, error) {
	var (
		marks = make(map[string]*SeedMark, len(parts))
		keys  = make([]dynamo.Keyed, len(parts))
		by    = make(map[string]string, len(parts))
		items []seedMark
	)
	for i, part := range parts {
		keys[i], by[seedMarkID(part)] = dynamo.Keys{seedMarkID(part)}, part
	}
	if len(keys) == 0 {
		return marks, nil
	}
	err := db.uniques.Batch("id").Get(keys...).Consistent(true).All(ctx, &items)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("read what the seed has made: %w", err)
	}
	for _, item := range items {
		marks[by[item.ID]] = &SeedMark{Of: by[item.ID], Text: item.Text, IDs: item.IDs, At: item.At, IsDone: item.IsDone}
	}
	return marks, nil
}

// SetSeedMark keeps a mark in the place of before, which is nil where there was none. [ErrSeedMarked]: it is not
// there as it was any more.
func (db *DB) SetSeedMark(ctx context.Context, before *SeedMark, mark SeedMark) error {
	write := NewID()
	put := db.putSeedMark(mark, write)
	if before == nil {
		put.If("attribute_not_exists(id)")
	} else {
		put.If("'at' = ? AND done = ?", before.At, before.IsDone)
	}
	err := put.Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		is, err := db.seedMark(ctx, mark.Of)
		if err == nil && (is == nil || is.Write != write) {
			err = ErrSeedMarked
		}
		return err
	case err != nil:
		return fmt.Errorf("keep what the seed has made: %w", err)
	}
	return nil
}

// seedMark returns a mark as it is kept; nil: there is none.
func (db *DB) seedMark(ctx context.Context, of string) (*seedMark, error) {
	var is seedMark
	err := db.uniques.Get("id", seedMarkID(of)).Consistent(true).One(ctx, &is)
	switch {
	case errors.Is(err, dynamo.ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("read what the seed has made: %w", err)
	}
	return &is, nil
}

// DeleteSeedMark takes a mark back that was set as begun. [ErrSeedMarked]: it is not there as it was any more.
func (db *DB) DeleteSeedMark(ctx context.Context, begun SeedMark) error {
	err := db.uniques.Delete("id", seedMarkID(begun.Of)).If("'at' = ? AND done = ?", begun.At, false).Run(ctx)
	switch {
	case dynamo.IsCondCheckFailed(err):
		is, err := db.seedMark(ctx, begun.Of)
		if err == nil && is != nil { // it may be gone by this, whose answer was lost
			err = ErrSeedMarked
		}
		return err
	case err != nil:
		return fmt.Errorf("take back that the seed has begun: %w", err)
	}
	return nil
}

func (db *DB) putSeedMark(mark SeedMark, write string) *dynamo.Put {
	return db.uniques.Put(seedMark{ID: seedMarkID(mark.Of), Text: mark.Text, IDs: mark.IDs, At: mark.At, IsDone: mark.IsDone, Write: write})
}

type seedMarkKey struct{}

// WithSeedMark has the next [DB.TransactParts] with that context write a mark, too, which must not be there as done:
// what the transaction writes is made exactly once, whenever the process ends. mark is called when the
// transaction is planned. [ErrSeedMarked]: it is there.
func WithSeedMark(ctx context.Context, mark func() SeedMark) context.Context {
	return context.WithValue(ctx, seedMarkKey{}, mark)
}

// addSeedMark adds the mark that the context wants.
func (p *txPlan) addSeedMark(ctx context.Context, db *DB) {
	mark, _ := ctx.Value(seedMarkKey{}).(func() SeedMark)
	if mark == nil {
		return
	}
	put := db.putSeedMark(mark(), "").If("attribute_not_exists(id) OR done = ?", false) // it was no transaction when it was begun
	p.part = ""
	p.actions = append(p.actions, txAction{"",
		func(write *dynamo.WriteTx) { write.Put(put) },
		func(context.Context) error { return ErrSeedMarked },
	})
}
