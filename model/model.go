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
type Model[T any] = ModelOf[*T]

// ModelOf is [Model] by the pointer to its type.
type ModelOf[P any] struct {
	db         *DB
	typeName   string
	table      dynamo.Table
	base       func(P) *Object
	globalID   func(P) string
	node       func(P) Node
	zero       func() P
	assign     func(to, from P)
	item       any // what a P points to
	definition DefinitionOf[P]
	children   []child

	memberships []anyMembership // of its items

	fillOnce sync.Once
	fill     dynamo.Item // what an item that lacks an attribute is read as

	renames *Renames
	joined  []string // the attributes that a Joined has it write
}

// A Definition is what the schema says of a type.
type Definition[T any] = DefinitionOf[*T]

// DefinitionOf is [Definition] by the pointer to its type.
type DefinitionOf[P any] struct {
	Required []string // attributes of non-null fields that have no @default
	// Enums has, by attribute, the values that the schema gives a field of an enum, or of a list
	// of them; by `address.kind`, those of a field of an object inside.
	Enums  map[string][]string
	Fields []Field // that are kept, for filters
	// Counters are the numbers that an update may increment, by field: each is a pointer to an int, a
	// float64 or a Decimal or, where it may be null, to such a pointer.
	Counters map[string]func(P) any
	Defaults func(P) // sets what @default says; nil: nothing
	// Validate returns what is wrong by each @validate, nil where it holds; nil: there is none.
	Validate func(P) []*Error
	// Formerly is the name that the type had before, which stays in its global ids, and in what is kept
	// of its unique values; empty: none.
	Formerly string
	Renames  []Rename
	Uniques  []UniqueOf[P]
	Indexes  []Index // beside ByOwner, and those of Parents
	Joined   []Joined
	Parents  []ParentOf[P]
	// OnOwnerDelete is what becomes of an item when the account of its owner is deleted.
	OnOwnerDelete OnOwnerDelete
	// Successor returns the id, which is not global, of the user who is to own an item whose owner's account is
	// gone; empty: nobody. It is called with GoesToSuccessor, again where something came between.
	Successor  func(ctx context.Context, item P) (userID string, err error)
	Ancestors  []AncestorOf[P]
	Membership *MembershipOf[P] // nil: its items make nobody a member of anything
	Invitation *InvitationOf[P] // nil: its items invite nobody
	Links      []Link           // that filters have conditions on
	Rules      []Rule
	// FieldRules are those of fields that have some of their own, by their names in the schema.
	FieldRules map[string][]Rule
	Hooks      HooksOf[P]
	Bulk       Bulk // zero: nothing is written several at once
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
		zero:     func() *T { return new(T) },
		assign:   func(to, from *T) { *to = *from },
		item:     *new(T),
	}
	db.models = append(db.models, m)
	return m
}

// Define says what the model is. What it belongs to must have been made, by New, and need not
// be defined.
func (m *ModelOf[P]) Define(definition DefinitionOf[P]) {
	definition.Uniques = underBothNames(definition.Uniques)
	m.definition = definition
	m.definition.Rules = m.scoped(m.understood(definition.Rules))
	m.definition.FieldRules = m.understoodByField(definition.FieldRules)
	m.joined = layout{joined: definition.Joined}.joinedAttributes()
	m.renames = newRenames(m.db, m.table.Name(), definition.Renames)
	for _, parent := range definition.Parents {
		parent.Of.addChild(child{m, parent.index(), parent.OnDelete})
	}
	if by := definition.Membership; by != nil {
		m.db.addMembers()
		by.Of.addMembership(m)
	}
}

// anyParent is what items belong to: a model, or the users.
type anyParent interface {
	isNamed(typeName string) bool
	allowed(ctx context.Context, caller Caller, op Operation, ids []string) (map[string]bool, error)
	prefetch(ctx context.Context, caller Caller, op Operation, id string)
	there(ctx context.Context, ids []string) (map[string]bool, error)
	ifExists(id string) *dynamo.ConditionCheck
	addChild(child)
	childTypes() []child
}

// anyModel is what a model is to those of other types, and to what is done to every
// table.
type anyModel interface {
	anyParent
	Explained
	layout() layout
	claimAll(ctx context.Context, isDry bool) (fields []string, err error)
	survey(ctx context.Context) (unreadable string, steps []TableStep, err error)
	writeKeys(ctx context.Context) error

	aboveByID(ctx context.Context, attribute string, ids []string) (map[string]string, error)
	takesFrom(parent, attribute string) bool
	isAncestor(attribute string) bool
	readsAbove(attribute string) []RuleRead
	hasAbove(other anyParent) bool
	enterAllRows(ctx context.Context, isDry bool) (lacking int, err error)
	membershipModels() []anyMembership
	sentInvitation(ctx context.Context, id string) (*SentInvitation, error)
	accept(ctx context.Context, caller Caller, id string) (membershipID string, err error)
	addMembership(by anyMembership)
	isOwnerOf(ctx context.Context, caller Caller, id string) (bool, error)
	admins(ctx context.Context, id, attribute string) (adminState, error)
	addAdmins(id string, deltas map[string]int) *dynamo.Update
	lessAdmins(id, attribute string, by int) *dynamo.Update
	startAdmins(ctx context.Context, id, attribute string, count int) error

	loadNode(ctx context.Context, caller Caller, id string) func() (Node, error)
	name() string
	scopeName() string
	typeNamed() string
	facts() Facts
	groups() []string

	listIDs(ctx context.Context, index Index, hash, after string, limit int) (ids []string, isAll bool, err error)
	idsOf(ctx context.Context, index Index, hash string) idPages
	stillIn(ctx context.Context, ids []string, list func(id string) (field, value string)) (map[string]bool, error)
	eraseAll(ctx context.Context, ids []string) error
	eraseListed(ctx context.Context, listed map[string]frame) (stays map[string]bool, err error)
	mayLeave(list string) bool
	eraseMarked(ctx context.Context, root *removalRoot) (isErased bool, err error)
	restore(ctx context.Context, id, mark string) error
	clear(ctx context.Context, id, field, value string) error
	removeIDsIn(ctx context.Context, tx *Tx, ids []string, field, value string) error
	sweep(ctx context.Context) (Swept, error)

	globalIDOf(id string) string
	onOwnerDelete() OnOwnerDelete
	part(ctx context.Context, ids []string, userID string) error
	goWithoutMembers(ctx context.Context, id, userID string) error
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
func (m *ModelOf[P]) new() P {
	item := m.zero()
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
func (m *ModelOf[P]) ByID(ctx context.Context, caller Caller, ids []string) (map[string]P, error) {
	m.mustLoad(ctx, ids)
	return m.permittedByID(ctx, caller, OnRead, ids)
}

// mustLoad charges the context's budget with the items of these ids, whatever is left of it.
func (m *ModelOf[P]) mustLoad(ctx context.Context, ids []string) {
	budget := ReadBudgetFrom(ctx)
	for _, id := range ids {
		if budget != nil && id != "" {
			budget.mustLoad(itemKey{m, id})
		}
	}
}

// Get returns the item with this id, which is not the global one. ErrNotFound: there is none
// that the caller may read.
func (m *ModelOf[P]) Get(ctx context.Context, caller Caller, id string) (P, error) {
	found, err := m.ByID(ctx, caller, []string{id})
	if err == nil && isNone(found[id]) {
		err = ErrNotFound
	}
	return found[id], err
}

func (m *ModelOf[P]) permittedByID(ctx context.Context, caller Caller, op Operation, ids []string) (map[string]P, error) {
	if !m.admits(caller, op) {
		return map[string]P{}, nil
	}
	found, err := m.read(ctx, ids)
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, item P) bool { return m.base(item).deleting != "" })
	permitted, err := m.permitted(ctx, caller, op, slices.Collect(maps.Values(found)))
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(found, func(_ string, item P) bool { return !permitted[item] })
	return found, nil
}

// read returns the items with these ids, whoever asks and whether they are being
// deleted or not. What the context remembers (see WithReads), it does not read again.
func (m *ModelOf[P]) read(ctx context.Context, ids []string) (map[string]P, error) {
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

// scan goes through the whole table, a hundred items at a time, whether they are being
// deleted or not.
func (m *ModelOf[P]) scan(ctx context.Context) iter.Seq2[[]P, error] {
	return func(yield func([]P, error) bool) {
		var page []P
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
func (m *ModelOf[P]) decode(item dynamo.Item) (P, error) {
	m.renames.Resolve(item)
	m.fillOnce.Do(func() { m.fill = m.defaultItem() })
	for attribute, value := range m.fill {
		if item[attribute] == nil {
			item[attribute] = value
		}
	}
	value := m.zero()
	if err := dynamo.UnmarshalItem(item, value); err != nil {
		return none[P](), fmt.Errorf("read an item of %s: %w", m.table.Name(), err)
	}
	if mark, ok := item["deleting"].(*types.AttributeValueMemberS); ok {
		m.base(value).deleting = mark.Value
	}
	if tag, ok := item[inputTag].(*types.AttributeValueMemberB); ok {
		m.base(value).inputTag = string(tag.Value)
	}
	return value, nil
}

// marshal returns the attributes of an item as it is written, but for those of former names. Code
// BAD_USER_INPUT: a key of an index would be too long.
func (m *ModelOf[P]) marshal(item P) (dynamo.Item, error) {
	attributes, err := dynamo.MarshalItem(item)
	if err != nil {
		return nil, err
	}
	for _, joined := range m.definition.Joined {
		if err := joined.SetKeys(attributes); err != nil {
			return nil, err
		}
	}
	return attributes, nil
}

// defaultItem returns the attributes that an item may lack, with their defaults.
func (m *ModelOf[P]) defaultItem() dynamo.Item {
	item, err := dynamo.MarshalItem(m.new())
	if err != nil {
		panic(fmt.Sprintf("type %s: %v", m.typeName, err)) // no value of it could be kept
	}
	for _, attribute := range append([]string{"version", "createdAt", "updatedAt"}, m.definition.Required...) {
		delete(item, attribute)
	}
	return item
}

// name returns the type's name in global ids and in what is kept: the first that it had.
func (m *ModelOf[P]) name() string {
	if m.definition.Formerly != "" {
		return m.definition.Formerly
	}
	return m.typeName
}

// isNamed tells whether the type has, or had, that name.
func (m *ModelOf[P]) isNamed(typeName string) bool {
	return typeName == m.name() || typeName == m.typeName
}

// globalIDOf returns the global id of the item with this id.
func (m *ModelOf[P]) globalIDOf(id string) string { return GlobalID(m.name(), id) }

// localID returns the id that is in a global id of the type, see [LocalID].
func (m *ModelOf[P]) localID(global string) string { return LocalID(m.typeName, global, m.name()) }
