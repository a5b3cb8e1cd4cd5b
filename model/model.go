package model

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A Model is one of the schema's types T: its table, and all that the schema says of it.
type Model[T any] struct {
	db         *DB
	typeName   string
	table      dynamo.Table
	base       func(*T) *Object
	globalID   func(*T) string
	node       func(*T) Node
	definition Definition[T]
	children   []child

	fillOnce sync.Once
	fill     dynamo.Item // what an item that lacks an attribute is read as
}

// A Definition is what the schema says of a type.
type Definition[T any] struct {
	Required []string // attributes of non-null fields that have no @default
	Defaults func(*T) // sets what @default says; nil: nothing
	// Validate returns what is wrong by each @validate, nil where it holds; nil: there is none.
	Validate func(*T) []*Error
	Uniques  []Unique[T]
	Indexes  []Index // beside ByOwner, and those of Parents
	Parents  []Parent[T]
	Rules    []Rule
	Hooks    Hooks[T]
}

// New returns the model of a type, whose objects are in a table: of that name, after the
// prefix. It is of use once it is defined.
func New[T any, P objectOf[T]](db *DB, typeName, table string) *Model[T] {
	m := &Model[T]{
		db:       db,
		typeName: typeName,
		table:    db.dynamo.Table(db.prefix + table),
		base:     func(item *T) *Object { return P(item).base() },
		globalID: func(item *T) string { return P(item).GlobalID() },
		node:     func(item *T) Node { return P(item) },
	}
	db.models = append(db.models, m)
	return m
}

// Define says what the model is. What it belongs to must have been made, by New, and need not
// be defined.
func (m *Model[T]) Define(definition Definition[T]) {
	m.definition = definition
	for _, parent := range definition.Parents {
		parent.Of.addChild(child{m, parent.index(), parent.OnDelete})
	}
}

// anyModel is what a model is to those of other types, and to what is done to every
// table.
type anyModel interface {
	layout() layout
	claimAll(ctx context.Context, isDry bool) (fields []string, err error)
	unreadable(ctx context.Context) (string, error)

	loadNode(ctx context.Context, caller Caller, id string) func() (Node, error)
	allowed(ctx context.Context, caller Caller, op Operation, ids []string) (map[string]bool, error)
	prefetch(ctx context.Context, caller Caller, op Operation, id string)
	addChild(child)
	name() string
	ifExists(id string) *dynamo.ConditionCheck

	hasChildren() bool
	idsOf(ctx context.Context, index Index, hash string) idPages
	owners(ctx context.Context, ids []string) (map[string]string, error)
	isHeld(ctx context.Context, id, leaving string, seen map[string]bool) (bool, error)
	mayBeHeld(seen map[anyModel]bool) bool
	remove(ctx context.Context, ids []string, isFree bool) error
	removeIDsIn(ctx context.Context, tx *Tx, ids []string) error
	sweep(ctx context.Context) (Swept, error)
}

// An Index is a global secondary index: the items by a hash key, in the order of a
// sort key. It projects all attributes, and lacks the items that lack one of the two.
type Index struct {
	Hash, Sort string // attributes
}

// ByOwner is the index that every model has.
var ByOwner = Index{"ownerId", "id"}

func (x Index) name() string { return x.Hash + "-" + x.Sort }

// new returns a T with its defaults, not yet kept.
func (m *Model[T]) new() *T {
	item := new(T)
	if m.definition.Defaults != nil {
		m.definition.Defaults(item)
	}
	return item
}

// SetIfGiven sets a field to what the client gave, if it gave anything.
func SetIfGiven[V any](field *V, given *V) {
	if given != nil {
		*field = *given
	}
}

// ByID returns the items with these ids that the caller may read, by id, in one
// strongly consistent BatchGetItem for each 100, and what the rules need beside.
func (m *Model[T]) ByID(ctx context.Context, caller Caller, ids []string) (map[string]*T, error) {
	return m.permittedByID(ctx, caller, OnRead, ids)
}

// Get returns the item with this id, which is not the global one. ErrNotFound: there is none
// that the caller may read.
func (m *Model[T]) Get(ctx context.Context, caller Caller, id string) (*T, error) {
	found, err := m.ByID(ctx, caller, []string{id})
	if err == nil && found[id] == nil {
		err = ErrNotFound
	}
	return found[id], err
}

func (m *Model[T]) permittedByID(ctx context.Context, caller Caller, op Operation, ids []string) (map[string]*T, error) {
	if !m.admits(caller, op) {
		return map[string]*T{}, nil
	}
	found, err := m.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, item *T) bool { return m.base(item).deleting != "" })
	permitted, err := m.permitted(ctx, caller, op, slices.Collect(maps.Values(found)))
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, item *T) bool { return !permitted[item] })
	return found, nil
}

// read returns the items with these ids, whoever asks and whether they are being
// deleted or not. What the context remembers (see WithReads), it does not read again.
func (m *Model[T]) read(ctx context.Context, ids []string) (map[string]*T, error) {
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
		found[m.base(value).ID] = value
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
func (m *Model[T]) owners(ctx context.Context, ids []string) (map[string]string, error) {
	items, err := m.read(ctx, ids)
	owners := make(map[string]string, len(items))
	for id, item := range items {
		owners[id] = m.base(item).OwnerID
	}
	return owners, err
}

// scan goes through the whole table, a hundred items at a time, whether they are being
// deleted or not.
func (m *Model[T]) scan(ctx context.Context) iter.Seq2[[]*T, error] {
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
func (m *Model[T]) decode(item dynamo.Item) (*T, error) {
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
	if mark, ok := item["deleting"].(*types.AttributeValueMemberS); ok {
		m.base(value).deleting = mark.Value
	}
	return value, nil
}

// defaultItem returns the attributes that an item may lack, with their defaults.
func (m *Model[T]) defaultItem() dynamo.Item {
	item, err := dynamo.MarshalItem(m.new())
	if err != nil {
		panic(fmt.Sprintf("type %s: %v", m.typeName, err)) // no value of it could be kept
	}
	for _, attribute := range append([]string{"version", "createdAt", "updatedAt"}, m.definition.Required...) {
		delete(item, attribute)
	}
	return item
}

func (m *Model[T]) name() string { return m.typeName }
