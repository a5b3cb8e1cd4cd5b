package model

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
)

// A core is a model but for its Go type. All that a [Model] does is done here, on items whose type is not known, so
// that Go compiles it once, and not for each type in each package that has a Store in sight.
type core struct {
	db         *DB
	typeName   string
	table      dynamo.Table
	zero       func() anyItem
	assign     func(to, from anyItem)
	item       any // what an anyItem points to
	definition DefinitionOf[anyItem]
	children   []child

	memberships []anyMembership // of its items

	fillOnce sync.Once
	fill     dynamo.Item     // what an item that lacks an attribute is read as
	plan     *itembytes.Plan // nil: an item is not to be read by one

	renames *Renames
	joined  []string // the attributes that a Joined has it write
}

// An anyItem is a pointer to an item of a model.
type anyItem interface {
	Node
	base() *Object
	GlobalID() string
}

func (m *core) define(definition DefinitionOf[anyItem]) {
	definition.Uniques = underBothNames(definition.Uniques)
	m.definition = definition
	m.definition.Rules = m.scoped(m.understood(definition.Rules))
	m.definition.FieldRules = m.understoodByField(definition.FieldRules)
	m.joined = layout{joined: definition.Joined}.joinedAttributes()
	m.renames = newRenames(m.db, m.table.Name(), definition.Renames)
	for _, parent := range definition.Parents {
		parent.Of.target().addChild(child{m, listedBy(parent.Field), parent.OnDelete})
	}
	if by := definition.Membership; by != nil {
		m.db.addMembers()
		by.Of.target().(anyModel).addMembership(m)
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

	loadNodes(ctx context.Context, caller Caller, ids []string) func(i int) (Node, error)
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
func (m *core) new() anyItem {
	item := m.zero()
	if m.definition.Defaults != nil {
		m.definition.Defaults(item)
	}
	return item
}

// copied returns a copy of an item.
func (m *core) copied(item anyItem) anyItem {
	copied := m.zero()
	m.assign(copied, item)
	return copied
}

// SetIfGiven sets a field to what the client gave, if it gave anything.
func SetIfGiven[V any](field *V, given *V) {
	if given != nil {
		*field = *given
	}
}

// ByID is [ModelOf.ByID].
func (m *core) ByID(ctx context.Context, caller Caller, ids []string) (map[string]anyItem, error) {
	m.mustLoad(ctx, ids)
	return m.permittedByID(ctx, caller, OnRead, ids)
}

// mustLoad charges the context's budget with the items of these ids, whatever is left of it.
func (m *core) mustLoad(ctx context.Context, ids []string) {
	ReadBudgetFrom(ctx).mustLoadItems(m, ids)
}

// Get is [ModelOf.Get].
func (m *core) Get(ctx context.Context, caller Caller, id string) (anyItem, error) {
	found, err := m.ByID(ctx, caller, []string{id})
	if err == nil && found[id] == nil {
		err = ErrNotFound
	}
	return found[id], err
}

// permittedByID returns the items with these ids to which the caller may do op, by id.
func (m *core) permittedByID(ctx context.Context, caller Caller, op Operation, ids []string) (map[string]anyItem, error) {
	wanted := distinctIDs(ids)
	items, err := m.permittedOf(ctx, caller, op, wanted)
	return itemsByID(wanted, items), err
}

// permittedOf returns the items with these ids, none of which is there twice, to which the caller may do op, in the order of
// the ids; nil where there is none.
func (m *core) permittedOf(ctx context.Context, caller Caller, op Operation, ids []string) ([]anyItem, error) {
	if !m.admits(caller, op) {
		return make([]anyItem, len(ids)), nil
	}
	items, err := m.readAll(ctx, ids)
	if err != nil {
		return nil, err
	}
	there := make([]anyItem, 0, len(items))
	for i, item := range items {
		if item != nil && item.base().deleting == "" {
			there = append(there, item)
		} else {
			items[i] = nil
		}
	}
	permitted, err := m.permitted(ctx, caller, op, there)
	if err != nil {
		return nil, err
	}
	next := 0
	for i, item := range items {
		if item == nil {
			continue
		}
		if !permitted[next] {
			items[i] = nil
		}
		next++
	}
	return items, nil
}

// read returns the items with these ids, by id, whoever asks and whether they are being
// deleted or not. What the context remembers (see WithReads), it does not read again.
func (m *core) read(ctx context.Context, ids []string) (map[string]anyItem, error) {
	wanted := distinctIDs(ids)
	items, err := m.readAll(ctx, wanted)
	return itemsByID(wanted, items), err
}

// readAll is read of ids of which none is there twice; the items are in their order, nil where there is none.
func (m *core) readAll(ctx context.Context, ids []string) ([]anyItem, error) {
	items, kept := make([]anyItem, len(ids)), m.memoryIn(ctx)
	unknown := kept.recallTo(items, ids)
	if len(unknown) == 0 {
		return items, nil
	}
	found := make([]itembytes.Found, 0, len(unknown))
	err := m.db.ReadByID(ctx, ItemIDs{Table: m.table.Name(), IDs: unknown}, func(item itembytes.Found) error {
		found = append(found, item)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read %d items of %s: %w", len(unknown), m.table.Name(), err)
	}
	next := 0 // where the next one is expected: they mostly come in order
	for _, item := range found {
		value, err := m.decodeFound(item)
		if err != nil {
			return nil, err
		}
		if at := indexFrom(ids, value.base().ID, next); at >= 0 {
			items[at], next = value, at+1
		}
	}
	kept.keepFrom(items, ids, unknown)
	return items, nil
}

// indexFrom returns the index of an id, for which it looks from a place on, and before that only then; -1: it is none of them.
func indexFrom(ids []string, id string, from int) int {
	if at := slices.Index(ids[from:], id); at >= 0 {
		return from + at
	}
	return slices.Index(ids[:from], id)
}

// itemsByID returns the items that there are, by the ids in whose order they are.
func itemsByID(ids []string, items []anyItem) map[string]anyItem {
	found := make(map[string]anyItem, len(items))
	for i, item := range items {
		if item != nil {
			found[ids[i]] = item
		}
	}
	return found
}

// distinctIDs returns the ids that an item can have, each once, in their order.
func distinctIDs(ids []string) []string {
	distinct, seen := make([]string, 0, len(ids)), make(map[string]bool, len(ids))
	for _, id := range ids {
		if id != "" && !seen[id] {
			distinct, seen[id] = append(distinct, id), true
		}
	}
	return distinct
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
func (m *core) scan(ctx context.Context) iter.Seq2[[]anyItem, error] {
	return func(yield func([]anyItem, error) bool) {
		var page []anyItem
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

// prepare makes ready what decodes items.
func (m *core) prepare() {
	m.fillOnce.Do(func() {
		m.fill = m.defaultItem()
		if len(m.definition.Renames) == 0 {
			m.plan = itembytes.NewPlan(reflect.TypeOf(m.item), m.fill, reflect.TypeFor[Object](), "deleting", inputTag)
		}
	})
}

// decodeFound is decode of an item that was found, which stays as it is.
func (m *core) decodeFound(found itembytes.Found) (anyItem, error) {
	m.prepare()
	if bytes, isKept := found.Bytes(); isKept && m.plan != nil {
		value := m.zero()
		if m.plan.Decode(bytes, reflect.ValueOf(value).Elem(), (*keptObject)(value.base())) {
			return value, nil
		}
	}
	item, err := found.Item()
	if err != nil {
		return nil, fmt.Errorf("read an item of %s: %w", m.table.Name(), err)
	}
	return m.decode(maps.Clone(item)) // others may have found the same
}

// attributesOf returns the attributes of an item that was decoded, with its defaults for what it lacks.
func (m *core) attributesOf(found itembytes.Found) dynamo.Item {
	item, err := found.Item()
	if err != nil {
		panic(err) // it was decoded
	}
	item = maps.Clone(item)
	m.complete(item)
	return item
}

// complete gives an item its defaults for what it lacks.
func (m *core) complete(item dynamo.Item) {
	m.prepare()
	m.renames.Resolve(item)
	for attribute, value := range m.fill {
		if item[attribute] == nil {
			item[attribute] = value
		}
	}
}

// decode returns what the item says, with its defaults for what it lacks.
func (m *core) decode(item dynamo.Item) (anyItem, error) {
	m.complete(item)
	value := m.zero()
	if err := dynamo.UnmarshalItem(item, value); err != nil {
		return nil, fmt.Errorf("read an item of %s: %w", m.table.Name(), err)
	}
	value.base().note(item["deleting"])
	value.base().note(item[inputTag])
	return value, nil
}

// marshal returns the attributes of an item as it is written, but for those of former names. Code
// BAD_USER_INPUT: a key of an index would be too long.
func (m *core) marshal(item anyItem) (dynamo.Item, error) {
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
func (m *core) defaultItem() dynamo.Item {
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
func (m *core) name() string {
	if m.definition.Formerly != "" {
		return m.definition.Formerly
	}
	return m.typeName
}

// isNamed tells whether the type has, or had, that name.
func (m *core) isNamed(typeName string) bool {
	return typeName == m.name() || typeName == m.typeName
}

// globalIDOf returns the global id of the item with this id.
func (m *core) globalIDOf(id string) string { return GlobalID(m.name(), id) }

// localID returns the id that is in a global id of the type, see [LocalID].
func (m *core) localID(global string) string { return LocalID(m.typeName, global, m.name()) }
