package model

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// This file has the rules of fields: a field that has some may be read, set on create and changed on update
// where one of them allows it, beside what the rules of the type say of the item. Go of the project's own
// reads and sets the fields of a T as it likes: the rules hold for what a client is shown, filters by, is
// given in an order, and sends.

// A sight is of which items of a type a caller may read a field.
type sight uint8

const (
	seesNone sight = iota
	seesSome       // what each item says tells
	seesAll
)

// sightOf returns of which of the items that the caller may read it may read a field. Of a service token, the
// scopes of the type decide whether it reads items at all, and its user what of them.
func (m *core) sightOf(caller Caller, field string) sight {
	caller = caller.unscoped()
	rules, isGuarded := m.definition.FieldRules[field]
	if !isGuarded || caller.isSystem {
		return seesAll
	}
	sees := seesNone
	for _, rule := range rules {
		switch {
		case !rule.admits(caller, OnRead):
		case slices.ContainsFunc(rule.Terms, Term.isOfItem):
			sees = max(sees, seesSome)
		default:
			return seesAll
		}
	}
	return sees
}

// mayAt tells of which of the items the caller may do op to a field, in their order. The rules of the type are
// not its concern.
func (m *core) mayAt(ctx context.Context, caller Caller, op Operation, field string, items []anyItem) ([]bool, error) {
	rules, isGuarded := m.definition.FieldRules[field]
	if !isGuarded {
		rules = []Rule{Allow(op, Anyone)}
	}
	return m.permittedBy(ctx, caller.unscoped(), op, rules, items)
}

// mayAtOne is mayAt of one item.
func (m *core) mayAtOne(ctx context.Context, caller Caller, op Operation, field string, item anyItem) (bool, error) {
	may, err := m.mayAt(ctx, caller, op, field, []anyItem{item})
	return err == nil && may[0], err
}

// MayReadField is [ModelOf.MayReadField].
func (m *core) MayReadField(ctx context.Context, caller Caller, item anyItem, field string) (bool, error) {
	switch m.sightOf(caller, field) {
	case seesAll:
		return true, nil
	case seesNone:
		return false, nil
	}
	return m.mayAtOne(showing(ctx), caller, OnRead, field, item)
}

// showing returns a context in which the rules of fields read what they need together, in a mutation as
// well: what that has written, it reads anew.
func showing(ctx context.Context) context.Context {
	reads, ok := readsFrom(ctx)
	if !ok || reads.remembers {
		return ctx
	}
	shown := once(reads, shownKey{}, func() *loadedOnce { return new(loadedOnce) })
	return context.WithValue(ctx, readsKey{}, operationReads{remembers: true, loadedOnce: shown})
}

type shownKey struct{}

// mayFilter refuses a filter by fields that the caller may read of no item: to the caller there are none
// such. Code BAD_USER_INPUT, with the place.
func (m *core) mayFilter(caller Caller, f *Filter) error {
	if f == nil || len(m.definition.FieldRules) == 0 {
		return nil
	}
	return m.mayFilterBy(caller, f.given, filterArgument, 1)
}

func (m *core) mayFilterBy(caller Caller, given map[string]any, at string, level int) error {
	if level > maxFilterLevels { // which the filter is refused for
		return nil
	}
	for _, name := range sortedKeys(given) {
		value, at := given[name], at+"."+name
		switch inner, isFilter := value.(map[string]any); {
		case isNil(value):
		case name == "not" && isFilter:
			if err := m.mayFilterBy(caller, inner, at, level+1); err != nil {
				return err
			}
		case name == "and" || name == "or":
			for i, part := range listOf(value) {
				if part, isFilter := part.(map[string]any); isFilter {
					if err := m.mayFilterBy(caller, part, fmt.Sprintf("%s[%d]", at, i), level+1); err != nil {
						return err
					}
				}
			}
		case m.sightOf(caller, name) == seesNone:
			return badFilter(at, "there is no such field for you")
		}
	}
	return nil
}

// mayListBy refuses a list by an index that has fields which the caller may read of no item: what is in
// it, and in which order, would tell of them.
func (m *core) mayListBy(caller Caller, index Index) error {
	if name := m.unseenIn(caller, index); name != "" {
		return forbiddenField(name, "you may not read "+name+", which this list is made by")
	}
	return nil
}

// unseenIn returns the field that is a part of an index and that the caller may not read of every item;
// empty: there is none.
func (m *core) unseenIn(caller Caller, index Index) string {
	if len(m.definition.FieldRules) == 0 {
		return ""
	}
	attributes := []string{index.Hash, index.Sort}
	if joined := m.joinedOf(index); joined != nil {
		attributes = slices.Clone(joined.Hash)
		for _, part := range joined.Sort {
			attributes = append(attributes, part.Attribute)
		}
	}
	for _, attribute := range attributes {
		if name := m.fieldNameOf(attribute); m.sightOf(caller, name) != seesAll {
			return name
		}
	}
	return ""
}

// forbiddenField is ErrForbidden of a field.
func forbiddenField(field, message string) error {
	return &Error{Code: CodeForbidden, Field: field, Message: message, Kind: ErrForbidden}
}

// ofSeen returns what holds of every item for which the condition holds, and says nothing of the fields
// that the caller may not read of every item: so much DynamoDB may be told, and an index be chosen by.
func (m *core) ofSeen(caller Caller, c *condition) *condition {
	isUnseen := func(c *condition) bool { return m.sightOf(caller, c.path[0].Name) != seesAll }
	hasUnseen := false
	c.each(func(c *condition) { hasUnseen = hasUnseen || isUnseen(c) })
	if !hasUnseen {
		return c
	}
	return c.without(isUnseen, opAnd)
}

// without returns the condition with each that isLeftOut replaced by one that always holds or, within a
// not, never does; instead is that, without parts.
func (c *condition) without(isLeftOut func(*condition) bool, instead operator) *condition {
	within := instead
	switch {
	case len(c.path) > 0 && isLeftOut(c):
		return &condition{op: instead}
	case len(c.path) > 0:
		return c
	case c.op == opNot:
		within = map[operator]operator{opAnd: opOr, opOr: opAnd}[instead]
	}
	copied := &condition{op: c.op}
	for _, part := range c.parts {
		copied.parts = append(copied.parts, part.without(isLeftOut, within))
	}
	return copied
}

// A hiding has, by item, the fields that the caller may not read of it.
type hiding map[any]map[string]bool

// hiddenOf returns which of the fields that a condition is of are hidden on the items, all of which the
// caller may read.
func (m *core) hiddenOf(ctx context.Context, caller Caller, c *condition, items []listed) (hiding, error) {
	if len(m.definition.FieldRules) == 0 || len(items) == 0 {
		return nil, nil
	}
	asked := map[string]bool{}
	c.each(func(c *condition) {
		if name := c.path[0].Name; m.sightOf(caller, name) != seesAll {
			asked[name] = true
		}
	})
	if len(asked) == 0 {
		return nil, nil
	}
	values := make([]anyItem, len(items))
	for i, l := range items {
		values[i] = l.value
	}
	hidden := hiding{}
	for name := range asked {
		readable, err := m.mayAt(ctx, caller, OnRead, name, values)
		if err != nil {
			return nil, err
		}
		for i, value := range values {
			if !readable[i] {
				hidden.add(value, name)
			}
		}
	}
	return hidden, nil
}

func (h hiding) add(item anyItem, field string) {
	if h[item] == nil {
		h[item] = map[string]bool{}
	}
	h[item][field] = true
}

// shownParent returns the id of the item's parent; empty where the caller may not know of it.
func (m *core) shownParent(parent ParentOf[anyItem], item anyItem, hidden hiding) string {
	if hidden[item][m.fieldNameOf(parent.Field)] {
		return ""
	}
	return parent.ID(item)
}

// Given tells of the fields with rules of their own, by their names in the schema, whether an input gives them.
type Given map[string]bool

// fields returns those that are given, in order.
func (g Given) fields() (names []string) {
	for name, isGiven := range g {
		if isGiven {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// inputName returns what inputs call a field: a parent is given by its id.
func (m *core) inputName(field string) string {
	for i := range m.definition.Fields {
		if f := &m.definition.Fields[i]; f.Name == field && f.Type == ParentField {
			return field + "Id"
		}
	}
	return field
}

// mayGive tells whether the caller may do op to each of the fields that an input gives, on the item as it
// is, or is to be made: nil, or ErrForbidden with the field.
func (m *core) mayGive(ctx context.Context, caller Caller, op Operation, given Given, item anyItem) error {
	for _, field := range given.fields() {
		may, err := m.mayAtOne(ctx, caller, op, field, item)
		if err != nil {
			return err
		}
		if !may {
			verb := map[Operation]string{OnCreate: "set", OnUpdate: "change"}[op]
			return m.refused(ctx, caller, op, item, forbiddenField(m.inputName(field), "you may not "+verb+" "+field))
		}
	}
	return nil
}

// mayChange tells whether the caller may make a change of the item, as far as the rules of its fields
// are concerned: nil, or ErrForbidden with the field. What is added to a number tells what it was, so
// that it takes who may read it.
func (m *core) mayChange(ctx context.Context, caller Caller, change ChangeOf[anyItem], item anyItem) error {
	if len(m.definition.FieldRules) == 0 {
		return nil
	}
	if err := m.mayGive(ctx, caller, OnUpdate, change.Given, item); err != nil || change.Increment == nil {
		return err
	}
	for _, field := range sortedKeys(change.Increment.by) {
		if _, isGuarded := m.definition.FieldRules[field]; !isGuarded {
			continue
		}
		for _, op := range []Operation{OnUpdate, OnRead} {
			may, err := m.mayAtOne(ctx, caller, op, field, item)
			if err != nil {
				return err
			}
			if !may {
				at := incrementField + "." + field
				return m.refused(ctx, caller, OnUpdate, item, forbiddenField(at, "you may not add to "+field))
			}
		}
	}
	return nil
}

// isBlind tells whether a change gives a field that the caller may not read: then it is written although
// nothing differs, or the version would tell that.
func (m *core) isBlind(ctx context.Context, caller Caller, change ChangeOf[anyItem], item anyItem) (bool, error) {
	for _, field := range change.Given.fields() {
		may, err := m.mayAtOne(ctx, caller, OnRead, field, item)
		if !may || err != nil {
			return true, err
		}
	}
	return false, nil
}

// withoutVersion leaves the version out of what differs: each write sets it.
func withoutVersion(changes map[string]types.AttributeValue) map[string]types.AttributeValue {
	delete(changes, "version")
	return changes
}

// conditionFor returns what a filter means, as conditionOf does, unless the caller may not filter so.
func (m *core) conditionFor(caller Caller, f *Filter) (*condition, error) {
	if err := m.mayFilter(caller, f); err != nil {
		return nil, err
	}
	return m.conditionOf(f)
}

// planFor is planOf for a caller, to whom there is no order by fields that it may not read. c says nothing
// of these, see ofSeen.
func (m *core) planFor(caller Caller, index Index, hash types.AttributeValue, order string, c *condition, mayChoose bool) (listPlan, error) {
	plan, err := m.planOf(index, hash, order, c, mayChoose)
	if err == nil && order != "" && !m.mayOrderBy(caller, plan.joined) {
		err = noSuchOrder()
	}
	return plan, err
}

// mayOrderBy tells whether the caller may read every field of every item by which a Joined sorts.
func (m *core) mayOrderBy(caller Caller, joined *Joined) bool {
	return !slices.ContainsFunc(joined.Sort, func(part SortPart) bool {
		return m.sightOf(caller, m.fieldNameOf(part.Attribute)) != seesAll
	})
}

// noSuchOrder refuses an order that a list has not, or not for the caller.
func noSuchOrder() error { return BadInput(orderArgument, "this list has no such order") }

// FieldReads is of [Explained].
func (m *core) FieldReads(caller Caller, field string) (reads []RuleRead) {
	if m.sightOf(caller, field) != seesSome {
		return nil
	}
	for _, rule := range m.definition.FieldRules[field] {
		for _, term := range rule.Terms {
			if !rule.admits(caller.unscoped(), OnRead) || term.parent == "" && term.members == nil {
				continue
			}
			for _, read := range append(m.readsAbove(term.attribute()), m.readOfTerm(term)) {
				if read.Of != nil && !slices.Contains(reads, read) {
					reads = append(reads, read)
				}
			}
		}
	}
	return reads
}
