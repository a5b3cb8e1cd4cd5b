package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/guregu/dynamo/v2"
)

// A model is one of the schema's types T: its table, and all that the schema says of
// it. Its methods are what the type's generated file calls.
type model[T any, P recordOf[T]] struct {
	store    *Store
	typeName string
	table    dynamo.Table
	required []string // attributes of non-null fields that have no @default
	defaults func(*T) // sets what @default says; nil: nothing
	// validate returns what is wrong by each @validate, nil where it holds; nil: there is none.
	validate func(*T) []*InputError
	uniques  []uniqueField[T]
	indexes  []index // beside byOwner
	parents  []parent[T]
	children []child
	rules    []rule[T]

	fillOnce sync.Once
	fill     dynamo.Item // what an item that lacks an attribute is read as
}

// A recordOf T is a *T with what every model has.
type recordOf[T any] interface {
	*T
	record() record
}

// A record points at the fields that every model has.
type record struct {
	id        *string
	ownerID   *string // empty: made by an anonymous caller
	version   *int    // 1 when made, one more with each change
	createdAt *DateTime
	updatedAt *DateTime
	deleting  *string // empty: it is not being deleted; see delete.go
}

// unchanged is the condition that the item is as it was read: no other write has come
// between.
func (r record) unchanged() (condition string, arguments []any) {
	if *r.deleting == "" {
		return "version = ? AND attribute_not_exists(deleting)", []any{*r.version}
	}
	return "version = ? AND deleting = ?", []any{*r.version, *r.deleting}
}

// anyModel is what a model is to those of other types, and to what is done to every
// table.
type anyModel interface {
	layout() layout
	claimAll(ctx context.Context, isDry bool) (fields []string, err error)
	unreadable(ctx context.Context) (string, error)

	allowed(ctx context.Context, caller Caller, op operation, ids []string) (map[string]bool, error)
	gather(ctx context.Context, ids []string) (wait func() error)
	ifExists(id string) *dynamo.ConditionCheck

	hasChildren() bool
	idsOf(ctx context.Context, index index, hash string) idPages
	owners(ctx context.Context, ids []string) (map[string]string, error)
	isHeld(ctx context.Context, id, leaving string, seen map[string]bool) (bool, error)
	mayBeHeld(seen map[anyModel]bool) bool
	remove(ctx context.Context, ids []string, isFree bool) error
	sweep(ctx context.Context) (Swept, error)
}

// An index is a global secondary index: the items by a hash key, in the order of a
// sort key. It projects all attributes, and lacks the items that lack one of the two.
type index struct {
	hash, sort string
}

// byOwner is the index that every model has.
var byOwner = index{"ownerId", "id"}

func (x index) name() string { return x.hash + "-" + x.sort }

// new returns a T with its defaults, not yet kept.
func (m *model[T, P]) new() *T {
	item := new(T)
	if m.defaults != nil {
		m.defaults(item)
	}
	return item
}

// setIfGiven sets a field to what the client gave, if it gave anything.
func setIfGiven[V any](field *V, given *V) {
	if given != nil {
		*field = *given
	}
}

// localID returns the id that is in a global id of this type; of another text, an id
// that no item has.
func (m *model[T, P]) localID(global string) string {
	if typeName, id, ok := ParseGlobalID(global); ok && typeName == m.typeName {
		return id
	}
	return "none"
}

// byID returns the items with these ids that the caller may read, by id, in one
// strongly consistent BatchGetItem for each 100, and what the rules need beside.
func (m *model[T, P]) byID(ctx context.Context, caller Caller, ids []string) (map[string]*T, error) {
	return m.permittedByID(ctx, caller, onRead, ids)
}

func (m *model[T, P]) permittedByID(ctx context.Context, caller Caller, op operation, ids []string) (map[string]*T, error) {
	if !m.admits(caller, op) {
		return map[string]*T{}, nil
	}
	found, err := m.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, item *T) bool { return *P(item).record().deleting != "" })
	permitted, err := m.permitted(ctx, caller, op, slices.Collect(maps.Values(found)))
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, item *T) bool { return !permitted[item] })
	return found, nil
}

// read returns the items with these ids, whoever asks and whether they are being
// deleted or not. What the context's memory has, it does not read again.
func (m *model[T, P]) read(ctx context.Context, ids []string) (map[string]*T, error) {
	wanted, kept := wantedOf(ids), m.memoryIn(ctx)
	found := kept.recall(wanted)
	if len(wanted) == 0 {
		return found, nil
	}
	keys := make([]dynamo.Keyed, 0, len(wanted))
	for id := range wanted {
		keys = append(keys, dynamo.Keys{id})
	}
	var items []dynamo.Item
	err := m.table.Batch("id").Get(keys...).Consistent(true).All(ctx, &items)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return nil, fmt.Errorf("read %d items of %s: %w", len(wanted), m.table.Name(), err)
	}
	for _, item := range items {
		value, err := m.decode(item)
		if err != nil {
			return nil, err
		}
		found[*P(value).record().id] = value
	}
	kept.keep(wanted, found)
	return found, nil
}

// wantedOf returns the ids that an item can have, each once.
func wantedOf(ids []string) map[string]bool {
	wanted := make(map[string]bool, len(ids))
	for _, id := range ids {
		if id != "" {
			wanted[id] = true
		}
	}
	return wanted
}

// owners returns, by id, who owns the items with these ids, of those that are there.
func (m *model[T, P]) owners(ctx context.Context, ids []string) (map[string]string, error) {
	items, err := m.read(ctx, ids)
	owners := make(map[string]string, len(items))
	for id, item := range items {
		owners[id] = *P(item).record().ownerID
	}
	return owners, err
}

// scan goes through the whole table, a hundred items at a time, whether they are being
// deleted or not.
func (m *model[T, P]) scan(ctx context.Context) iter.Seq2[[]*T, error] {
	return func(yield func([]*T, error) bool) {
		var page []*T
		items := m.table.Scan().Consistent(true).Iter()
		for raw := (dynamo.Item{}); items.Next(ctx, &raw); raw = nil {
			item, err := m.decode(raw)
			if err != nil {
				yield(nil, err)
				return
			}
			if page = append(page, item); len(page) == maxPageSize {
				if !yield(page, nil) {
					return
				}
				page = nil
			}
		}
		if err := items.Err(); err != nil {
			yield(nil, fmt.Errorf("scan %s: %w", m.table.Name(), err))
		} else if len(page) > 0 {
			yield(page, nil)
		}
	}
}

// decode returns what the item says, with its defaults for what it lacks.
func (m *model[T, P]) decode(item dynamo.Item) (*T, error) {
	m.fillOnce.Do(func() { m.fill = m.defaultItem() })
	for attribute, value := range m.fill {
		if item[attribute] == nil {
			item[attribute] = value
		}
	}
	value := new(T)
	if err := dynamo.UnmarshalItem(item, value); err != nil {
		return nil, fmt.Errorf("read an item of %s: %w", m.table.Name(), err)
	}
	return value, nil
}

// defaultItem returns the attributes that an item may lack, with their defaults.
func (m *model[T, P]) defaultItem() dynamo.Item {
	item, err := dynamo.MarshalItem(m.new())
	if err != nil {
		panic(fmt.Sprintf("type %s: %v", m.typeName, err)) // no value of it could be kept
	}
	for _, attribute := range append([]string{"version", "createdAt", "updatedAt"}, m.required...) {
		delete(item, attribute)
	}
	return item
}
