package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ownql/ownql/internal/itembytes"
)

// expectedAsks are the loads by id that an operation's fields are about to begin, before anything is known of the
// rest: see [ExpectLoads].
type expectedAsks struct {
	mu    sync.Mutex
	left  int
	begin []func(*jointPart) // what reads each batch that waits for them; nil: it reads alone
}

// ExpectLoads has the context's operation expect so many calls of [Asked]. What is loaded by id waits for them, though
// not for long, and is read when the last is there: all of it in one BatchGetItem, whatever it is of.
func ExpectLoads(ctx context.Context, calls int) {
	if reads, ok := readsFrom(ctx); ok {
		reads.expected.mu.Lock()
		defer reads.expected.mu.Unlock()
		reads.expected.left += calls
	}
}

// Asked tells that a field which was expected to load by id has begun to, or will not.
func Asked(ctx context.Context) {
	reads, ok := readsFrom(ctx)
	if !ok {
		return
	}
	begin := reads.expected.asked()
	switch len(begin) {
	case 0:
		return
	case 1:
		begin[0](nil)
		return
	}
	j := &joint{waiting: len(begin), found: map[string][]itembytes.Found{}, done: make(chan struct{})}
	for _, read := range begin {
		go read(&jointPart{joint: j})
	}
}

// giveUp has nobody wait any more: what was expected has not asked for so long that it will not.
func (e *expectedAsks) giveUp() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.left, e.begin = 0, nil
}

// asked returns what is to be read now.
func (e *expectedAsks) asked() (begin []func(*jointPart)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.left == 0 { // it was not expected
		return nil
	}
	if e.left--; e.left == 0 {
		begin, e.begin = e.begin, nil
	}
	return begin
}

// isLast tells whether nobody else is expected than one who has not asked yet, such as who calls it.
func (e *expectedAsks) isLast() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.left == 1
}

// await has read called once all who are expected have asked; false: nobody is expected.
func (e *expectedAsks) await(read func(*jointPart)) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.left == 0 {
		return false
	}
	e.begin = append(e.begin, read)
	return true
}

// A joint is the first reads of several loaders, which are made together, in one BatchGetItem. Each loader has a part
// in it, and whoever is about to wait for something else leaves it.
type joint struct {
	mu      sync.Mutex
	waiting int // parts that may read and have not
	wanted  []wantedIDs

	found map[string][]itembytes.Found // by table
	err   error
	done  chan struct{}
}

// ItemIDs are items of a table, none twice.
type ItemIDs struct {
	Table  string
	Within itembytes.TextAttribute // the hash key, where the attribute id is the range key; without a name: id is the hash key
	IDs    []string
}

// has tells whether an item of the table is one of them.
func (i ItemIDs) has(item itembytes.Found) bool {
	id, ok := item.Attribute("id").(*types.AttributeValueMemberS)
	return ok && slices.Contains(i.IDs, id.Value)
}

// wantedIDs are the items that a part wants to read.
type wantedIDs struct {
	db *DB
	ItemIDs
}

// A jointPart is one loader's part in a joint: it is used once.
type jointPart struct {
	joint *joint
	mu    sync.Mutex
	used  bool
}

type jointKey struct{}

// within returns a context whose first read is in the joint; of nil it is the context itself.
func (p *jointPart) within(ctx context.Context) context.Context {
	if p == nil {
		return ctx
	}
	return context.WithValue(ctx, jointKey{}, p)
}

// take returns whether the part has not been used, and is now.
func (p *jointPart) take() bool {
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	isFirst := !p.used
	p.used = true
	return isFirst
}

func jointPartFrom(ctx context.Context) *jointPart {
	p, _ := ctx.Value(jointKey{}).(*jointPart)
	return p
}

// leave has the others read without this part, unless it has read.
func (p *jointPart) leave(ctx context.Context) {
	if p.take() {
		p.joint.arrive(ctx)
	}
}

// arrive adds what a part wants to read, if anything. The last reads all of it.
func (j *joint) arrive(ctx context.Context, wanted ...wantedIDs) {
	j.mu.Lock()
	j.waiting--
	j.wanted = append(j.wanted, wanted...)
	isLast := j.waiting == 0
	j.mu.Unlock()
	if !isLast {
		return
	}
	defer close(j.done)
	if len(j.wanted) == 0 {
		return
	}
	defer func() {
		if panicked := recover(); panicked != nil {
			j.err = fmt.Errorf("panic while reading by id: %v", panicked)
		}
	}()
	j.err = j.wanted[0].db.readByID(ctx, func(table string, item itembytes.Found) error {
		j.found[table] = append(j.found[table], item)
		return nil
	}, j.wanted...)
}

// ReadByID reads items of a table, in one strongly consistent BatchGetItem for each 100, and
// tells found of each that there is, in no order.
func (db *DB) ReadByID(ctx context.Context, items ItemIDs, found func(itembytes.Found) error) error {
	if p := jointPartFrom(ctx); p.take() {
		p.joint.arrive(ctx, wantedIDs{db, items})
		<-p.joint.done
		switch err := p.joint.err; {
		case err == nil:
			for _, item := range p.joint.found[items.Table] {
				if !items.has(item) {
					continue // another part's
				}
				if err := found(item); err != nil {
					return err
				}
			}
			return nil
		case !errors.As(err, new(smithy.APIError)) || IsUnavailable(err):
			return err
		}
		// What DynamoDB refuses may be another's table alone.
	}
	return db.readByID(ctx, func(_ string, item itembytes.Found) error { return found(item) }, wantedIDs{db, items})
}

// readByID reads items of several tables.
func (db *DB) readByID(ctx context.Context, found func(table string, item itembytes.Found) error, wanted ...wantedIDs) error {
	type itemKey struct{ table, id string }
	most := 0
	for _, of := range wanted {
		most += len(of.IDs)
	}
	keys, seen := make([]itembytes.TextKey, 0, most), make(map[itemKey]bool, most)
	for _, of := range wanted {
		for _, id := range of.IDs {
			one := itemKey{of.Table, id}
			if seen[one] {
				continue
			}
			seen[one] = true
			key := itembytes.TextKey{Table: of.Table, Hash: of.Within, Range: itembytes.TextAttribute{Name: "id", Value: id}}
			if of.Within.Name == "" {
				key.Hash, key.Range = key.Range, of.Within
			}
			keys = append(keys, key)
		}
	}
	for some := range slices.Chunk(keys, maxPageSize) {
		if err := db.ReadTexts(ctx, false, found, some...); err != nil {
			return err
		}
	}
	return nil
}
