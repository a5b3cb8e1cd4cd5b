package model

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A Rename is a field that had another name before. Until the rename is finished, what is written
// to the field is written under both names, and beside them its digest: servers that know one
// name alone leave the digest as it is, so that the name whose value is not of the digest is the
// newer. Where there is no digest, the new name is the newer, if the item has it.
//
// It is finished by a StepFinish. From then on it is written under the new name alone.
type Rename struct {
	From, To string // attributes
}

// digestAttribute is the attribute of the digest. No field of a schema has such a name.
func (r Rename) digestAttribute() string { return digestPrefix + r.From }

const digestPrefix = "renamed-"

// attributes are all in which the field is kept.
func (r Rename) attributes() []string { return []string{r.To, r.From, r.digestAttribute()} }

// newest returns the field's value in an item; nil: it has none.
func (r Rename) newest(item dynamo.Item) types.AttributeValue {
	written, hasDigest := item[r.digestAttribute()].(*types.AttributeValueMemberS)
	isOld := item[r.To] == nil
	if hasDigest {
		isOld = digestOf(item[r.To]) == written.Value && digestOf(item[r.From]) != written.Value
	}
	if isOld {
		return item[r.From]
	}
	return item[r.To]
}

// resolve leaves the item what it has under the new name alone.
func (r Rename) resolve(item dynamo.Item) {
	value := r.newest(item)
	for _, attribute := range r.attributes() {
		delete(item, attribute)
	}
	if value != nil {
		item[r.To] = value
	}
}

// change returns what to write of the field so that it has that value, by attribute; nil: the
// attribute goes.
func (r Rename) change(value types.AttributeValue, isOpen bool) map[string]types.AttributeValue {
	change := map[string]types.AttributeValue{r.To: value, r.From: nil, r.digestAttribute(): nil}
	if isOpen && value != nil {
		change[r.From] = value
		change[r.digestAttribute()] = &types.AttributeValueMemberS{Value: digestOf(value)}
	}
	return change
}

// isBehind tells whether an item has another value under the new name than the newest, so that an
// index does not find it.
func (r Rename) isBehind(item dynamo.Item) bool {
	return digestOf(r.newest(item)) != digestOf(item[r.To])
}

// isLeft tells whether an item has what a finished rename leaves in none.
func (r Rename) isLeft(item dynamo.Item) bool {
	return item[r.From] != nil || item[r.digestAttribute()] != nil
}

// digestOf returns 128 bits of SHA-256 over the value, in hexadecimal; "" for nil. Numbers are
// of one digest however they are written.
func digestOf(value types.AttributeValue) string {
	if value == nil {
		return ""
	}
	hash := sha256.New()
	writeValue(hash, value)
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

func writeValue(w io.Writer, value types.AttributeValue) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		fmt.Fprintf(w, "S%d:%s", len(value.Value), value.Value)
	case *types.AttributeValueMemberN:
		fmt.Fprintf(w, "N%s;", numberText(value))
	case *types.AttributeValueMemberL:
		fmt.Fprintf(w, "L%d:", len(value.Value))
		for _, each := range value.Value {
			writeValue(w, each)
		}
	case *types.AttributeValueMemberM:
		fmt.Fprintf(w, "M%d:", len(value.Value))
		for _, name := range slices.Sorted(maps.Keys(value.Value)) {
			fmt.Fprintf(w, "%d:%s", len(name), name)
			writeValue(w, value.Value[name])
		}
	default: // a Boolean or null
		fmt.Fprintf(w, "%T%v", value, reflect.Indirect(reflect.ValueOf(value)).FieldByName("Value"))
	}
}

// renameCheckedAfter is for how long a server believes that a rename is not finished.
const renameCheckedAfter = 10 * time.Second

// renameGrace is after how long no server writes the old name of a rename that is finished: it
// may have asked just before, and be at its write for as long as a request lasts.
const renameGrace = renameCheckedAfter + 20*time.Second

// finishedRenames is an item of the uniques table: which renames of a table are finished.
type finishedRenames struct {
	ID       string               `dynamo:"id,hash"`  // see finishedID
	Finished map[string]time.Time `dynamo:"finished"` // since when, by Rename.key
}

// finishedID is no id of a unique value: those begin with the name of a type.
func finishedID(table string) string { return Noted + "renamed#" + table }

func (r Rename) key() string { return r.From + " " + r.To }

// Renames are the renamed fields of a table, with what this process knows of their end.
type Renames struct {
	db    *DB
	table string
	all   []Rename

	mu      sync.Mutex
	open    []Rename // that are not finished, as the table last said
	askedAt time.Time
}

func newRenames(db *DB, table string, all []Rename) *Renames {
	return &Renames{db: db, table: table, all: all}
}

// Resolve leaves an item what it has of the fields under their new names alone.
func (r *Renames) Resolve(item dynamo.Item) {
	for _, rename := range r.all {
		rename.resolve(item)
	}
}

// Complete adds to the changes of an item what keeps the fields under their former names, too, or
// takes that away. nil is an attribute that goes.
func (r *Renames) Complete(ctx context.Context, changes map[string]types.AttributeValue) error {
	open, err := r.stillOpen(ctx)
	if err != nil {
		return err
	}
	for _, rename := range r.all {
		if value, isChanged := changes[rename.To]; isChanged {
			maps.Copy(changes, rename.change(value, slices.Contains(open, rename)))
		}
	}
	return nil
}

// stillOpen returns the renames that are not finished: what the table said at most
// renameCheckedAfter ago.
func (r *Renames) stillOpen(ctx context.Context) ([]Rename, error) {
	if len(r.all) == 0 {
		return nil, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.askedAt.IsZero() && (len(r.open) == 0 || time.Since(r.askedAt) < renameCheckedAfter) {
		return r.open, nil
	}
	askedAt := time.Now().Round(0) // by the clock on the wall: Lambda stops the other between requests
	finished, err := r.db.finishedRenames(ctx, r.table)
	if err != nil {
		return nil, err
	}
	r.open = slices.DeleteFunc(slices.Clone(r.all), func(rename Rename) bool {
		_, isFinished := finished[rename.key()]
		return isFinished
	})
	r.askedAt = askedAt
	return r.open, nil
}

// finishedRenames returns since when each of a table's renames is finished.
func (db *DB) finishedRenames(ctx context.Context, table string) (map[string]time.Time, error) {
	var said finishedRenames
	err := db.uniques.Get("id", finishedID(table)).Consistent(true).One(ctx, &said)
	if missing := (*types.ResourceNotFoundException)(nil); err != nil && !errors.Is(err, dynamo.ErrNotFound) && !errors.As(err, &missing) {
		return nil, fmt.Errorf("read which renames of %s are finished: %w", table, err)
	}
	return said.Finished, nil
}

// finish says that the rename is finished, waits until every server has heard of it, and takes the
// old name from the items that have it. It says so of all renames of the schema, so as to wait once.
func (db *DB) finish(ctx context.Context, l layout, r Rename) error {
	var since time.Time
	for _, other := range db.layouts() {
		said, err := db.sayFinished(ctx, other)
		if err != nil {
			return err
		}
		if other.Name() == l.Name() {
			since = said[r.key()]
		}
	}
	if !db.isAlone {
		if err := waitUntil(ctx, since.Add(renameGrace)); err != nil {
			return err
		}
	}
	return l.move(ctx, r, false)
}

// sayFinished says that all renames of a table are finished, and returns since when each is. Of one that
// the schema has forgotten it says nothing any more.
func (db *DB) sayFinished(ctx context.Context, l layout) (since map[string]time.Time, err error) {
	if len(l.renames) == 0 {
		return nil, nil
	}
	said, err := db.finishedRenames(ctx, l.Name())
	if err != nil {
		return nil, err
	}
	since = map[string]time.Time{}
	isNew := false
	for _, rename := range l.renames {
		at, isSaid := said[rename.key()]
		if !isSaid {
			at, isNew = time.Now().UTC(), true
		}
		since[rename.key()] = at
	}
	if !isNew {
		return since, nil
	}
	return since, db.uniques.Put(finishedRenames{finishedID(l.Name()), since}).Run(ctx)
}

func waitUntil(ctx context.Context, at time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(at)):
		return nil
	}
}

// move writes the newest value of a renamed field into the items that have it under its old name:
// under both, or where the rename is not open, under the new one alone. To those who read the
// items nothing changes, so their versions stay.
func (l layout) move(ctx context.Context, r Rename, isOpen bool) error {
	items := l.Scan().Consistent(true).
		Filter("attribute_exists($) OR attribute_exists($)", r.From, r.digestAttribute()).Iter()
	for item := (dynamo.Item{}); items.Next(ctx, &item); item = nil {
		err := l.rewrite(ctx, item, func(item dynamo.Item) (map[string]types.AttributeValue, error) {
			if isDone := isOpen && !r.isBehind(item) || !r.isLeft(item); isDone {
				return nil, nil
			}
			return r.change(r.newest(item), isOpen), nil
		})
		if err != nil {
			return err
		}
	}
	return items.Err()
}

// leftovers counts the items of a table that have a field under its former name.
type leftovers struct {
	renames []Rename
	counts  map[Rename]int
}

func newLeftovers(renames []Rename) *leftovers { return &leftovers{renames, map[Rename]int{}} }

func (l *leftovers) add(item dynamo.Item) {
	for _, rename := range l.renames {
		if rename.isLeft(item) {
			l.counts[rename]++
		}
	}
}

// steps returns a StepFinish for each rename that is not finished, and a StepLeave for each that is.
func (l *leftovers) steps(table string, finished map[string]time.Time) (steps []TableStep) {
	for _, rename := range l.renames {
		_, isSaid := finished[rename.key()]
		step := TableStep{StepLeave, table, "", rename.To, "every item has it under this name alone: take @renamed from the field"}
		if n := l.counts[rename]; !isSaid || n > 0 {
			step.Action = StepFinish
			step.Why = fmt.Sprintf("%s as %s, and what is written has both names: once no server runs that knows %[2]s alone, `ownql tables --fill --finish` ends that",
				kept(n), rename.From)
		}
		steps = append(steps, step)
	}
	return steps
}

func kept(n int) string {
	if n == 1 {
		return "1 item has it"
	}
	return fmt.Sprintf("%d items have it", n)
}
