package model

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
)

// This file has the conditions of rules on what an item's own fields are. A list that a rule gives the caller
// under such a condition has it in its query. What an index gives is read again before the rules decide, since
// on AWS an index may have an item as it was.

// Where holds for the items that a filter with these fields matches, in the words of the schema's filters:
//
//	model.Allow(model.OnRead, model.Anyone, model.Where(map[string]any{"status": map[string]any{"eq": "PUBLISHED"}}))
//
// To create an item, it is to hold for the new one, with its defaults and after its hook; to update and to
// delete it, for the item as it is before. What the caller may read of the fields does not matter.
//
// A list costs one strongly consistent BatchGetItem more for each 100 items that its index gives and that it
// may hold for. [Model.Define] panics where the fields are none of the model's, or a filter cannot say this.
func Where(fields map[string]any) Term {
	return Term{admits: func(Caller) bool { return true }, where: &whereTerm{given: fields}}
}

// A whereTerm is what a Term says of the fields of an item.
type whereTerm struct {
	given     map[string]any
	condition *condition // what they mean to the model; nil: the term is of no model, and never holds
}

// whereArgument is what rules call it.
const whereArgument = "where"

// understood returns rules in which each Where means something.
func (m *core) understood(rules []Rule) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].Terms = slices.Clone(rules[i].Terms)
		for j := range rules[i].Terms {
			if term := &rules[i].Terms[j]; term.where != nil {
				term.where = &whereTerm{term.where.given, m.whereMeaning(term.where.given)}
			}
		}
	}
	return rules
}

// whereMeaning is conditionOf of a rule, which is of what an item has itself: not of what it is linked with.
func (m *core) whereMeaning(given map[string]any) *condition {
	r := m.filterReader(nil)
	fields := slices.DeleteFunc(m.filterFields(), func(f *Field) bool { return f.Type == LinkField })
	c, err := r.filter(fields, given, whereArgument, 1)
	if err == nil && c.isAlways() {
		err = fmt.Errorf("%s: it says nothing", whereArgument)
	}
	if err != nil {
		panic(fmt.Sprintf("type %s: a rule: %v", m.typeName, err))
	}
	return c
}

// holdsWhere returns those of the items for which the term holds, as they are.
func (m *core) holdsWhere(term Term, items []anyItem) (held []anyItem, err error) {
	if term.where.condition == nil {
		return nil, nil
	}
	for _, item := range items {
		attributes, err := dynamo.MarshalItem(item)
		if err != nil {
			return nil, fmt.Errorf("read an item of %s: %w", m.table.Name(), err)
		}
		if term.where.condition.of(view{item: attributes}) == isTrue {
			held = append(held, item)
		}
	}
	return held, nil
}

// where returns what a rule says of the fields of an item; nil: nothing.
func (r Rule) where() *condition {
	var all []*condition
	for _, term := range r.Terms {
		switch {
		case term.where == nil:
		case term.where.condition == nil:
			all = append(all, &condition{op: opOr}) // which never holds
		default:
			all = append(all, term.where.condition)
		}
	}
	return allHold(all...)
}

// allHold returns that all of the conditions hold; nil says nothing.
func allHold(conditions ...*condition) *condition {
	said := slices.DeleteFunc(slices.Clone(conditions), func(c *condition) bool { return c == nil })
	switch len(said) {
	case 0:
		return nil
	case 1:
		return said[0]
	}
	return &condition{op: opAnd, parts: said}
}

// whereOf returns what holds of every item that the caller may read, by what the rules say of fields; nil: the
// rules of some do not say anything of them. It is a matter of who asks and of the schema alone.
func (m *core) whereOf(caller Caller) *condition {
	if caller.isSystem {
		return nil
	}
	var wheres []*condition
	for _, rule := range m.definition.Rules {
		if !rule.admits(caller, OnRead) {
			continue
		}
		where := rule.where()
		if where == nil {
			return nil
		}
		wheres = append(wheres, where)
	}
	return oneHolds(wheres)
}

// oneHolds returns that one of the conditions holds; nil where there are none.
func oneHolds(conditions []*condition) *condition {
	switch len(conditions) {
	case 0:
		return nil
	case 1:
		return conditions[0]
	}
	return &condition{op: opOr, parts: conditions}
}

// readsAgain tells whether what the caller may read depends on the fields of each item, so that what an index
// gives is read again.
func (m *core) readsAgain(caller Caller) bool {
	return !caller.isSystem && (dependsOnFields(m.definition.Rules, caller) || m.hasFieldsByFields(caller))
}

// hasFieldsByFields tells whether the fields of each item decide which of them the caller may read.
func (m *core) hasFieldsByFields(caller Caller) bool {
	for _, rules := range m.definition.FieldRules {
		if dependsOnFields(rules, caller.unscoped()) {
			return true
		}
	}
	return false
}

// dependsOnFields tells whether the rules let the caller read something by its fields, and not all of it anyway.
func dependsOnFields(rules []Rule, caller Caller) bool {
	depends := false
	for _, rule := range rules {
		switch {
		case !rule.admits(caller, OnRead):
		case !slices.ContainsFunc(rule.Terms, Term.isOfItem):
			return false
		default:
			depends = depends || rule.where() != nil
		}
	}
	return depends
}

// An ownKey is what a list has in common, which its items are to have still when they are read again.
type ownKey struct {
	index Index
	hash  types.AttributeValue
	where *condition // and what they are to be; nil: anything
}

// has tells whether an item, as it is now, is in the list, and returns its attributes.
func (m *core) has(list *ownKey, item anyItem) (attributes dynamo.Item, isIn bool, err error) {
	attributes, err = dynamo.MarshalItem(item)
	if err != nil {
		return nil, false, fmt.Errorf("read an item of %s: %w", m.table.Name(), err)
	}
	joined := m.joinedOf(list.index)
	switch {
	case joined.isOfAll():
		isIn = true
	case joined != nil && joined.SetKeys(attributes) != nil: // it can have no such key
	default:
		isIn = reflect.DeepEqual(attributes[list.index.Hash], list.hash)
	}
	return attributes, isIn && (list.where == nil || list.where.of(view{item: attributes}) == isTrue), nil
}

// readAgain returns the items of a list as they are now, as far as the caller may read them and the list has
// them still. Those that the caller may not read by what the index has of them are not read, so that
// how much is read tells nothing of them. What only its owner decides stays as the index has it.
func (m *core) readAgain(ctx context.Context, caller Caller, list *ownKey, items []listed) ([]listed, error) {
	var ids []string
	isSettled := map[any]bool{}
	items = slices.DeleteFunc(items, func(l listed) bool {
		may, isOwn := m.mayReadIndexed(caller, l)
		if isSettled[l.value] = isOwn; may && !isOwn {
			ids = append(ids, l.value.base().ID)
		}
		return !may
	})
	found, err := m.loadAll(ctx, caller, ids)
	if err != nil {
		return nil, err
	}
	var there []listed
	for _, l := range items {
		if isSettled[l.value] {
			there = append(there, l)
			continue
		}
		item := found[l.value.base().ID]
		if item == nil {
			continue
		}
		attributes, isIn, err := m.has(list, item)
		if err != nil {
			return nil, err
		}
		if isIn {
			there = append(there, listed{item, itembytes.FoundItem(attributes), l.at})
		}
	}
	return there, nil
}

// mayReadIndexed tells whether the caller may read an item that is as an index has it, as far as the item
// itself tells. isOwn: a rule about the caller and the owner alone says so, and nothing is to be read again.
func (m *core) mayReadIndexed(caller Caller, l listed) (may, isOwn bool) {
	if m.definition.Invitation != nil && m.isExpired(l.value) {
		return false, false
	}
	for _, rule := range m.definition.Rules {
		if !rule.admits(caller, OnRead) {
			continue
		}
		isHeld, isOwners := true, !m.hasFieldsByFields(caller)
		for _, term := range rule.Terms {
			switch {
			case !term.isOfItem():
			case term.isOwner:
				isHeld = isHeld && l.value.base().OwnerID == caller.ID
			case term.namedBy != "":
				isHeld = isHeld && len(m.named(caller, term.namedBy, []anyItem{l.value})) > 0
			case term.where != nil:
				isOwners = false
				isHeld = isHeld && term.where.condition != nil && term.where.condition.of(view{item: m.attributesOf(l.found)}) == isTrue
			default:
				isOwners = false
			}
		}
		may, isOwn = may || isHeld, isOwn || isHeld && isOwners
	}
	return may, isOwn
}

// countAgain returns the items of a list as they are now, as far as the list has them still. The caller may
// read all that it has.
func (m *core) countAgain(ctx context.Context, list *ownKey, items []listed) ([]listed, error) {
	ids := make([]string, len(items))
	for i, l := range items {
		ids[i] = l.value.base().ID
	}
	found, err := m.read(context.WithValue(ctx, readsKey{}, nil), ids) // and keep none of them
	if err != nil {
		return nil, err
	}
	var there []listed
	for _, l := range items {
		item := found[l.value.base().ID]
		if item == nil || item.base().deleting != "" {
			continue
		}
		attributes, isIn, err := m.has(list, item)
		if err != nil {
			return nil, err
		}
		if isIn {
			there = append(there, listed{item, itembytes.FoundItem(attributes), l.at})
		}
	}
	return there, nil
}

// A reach is how much of a list the caller may read, as far as what its items have in common tells. Where it
// is nothing, nobody knows.
type reach struct {
	isAll bool
	where *condition // it is what this holds for, and nothing else
	again bool       // fields decide it
}

func (r reach) isKnown() bool { return r.isAll || r.where != nil }

// reachOf returns how much of a list the caller may read.
func (m *core) reachOf(ctx context.Context, caller Caller, index Index, hash types.AttributeValue) (reach, error) {
	if caller.isSystem {
		return reach{isAll: true}, nil
	}
	known := m.knownBy(listPlan{index: index, hash: hash}, index, hash)
	inCommon, err := m.withAncestors(ctx, caller, m.inCommon(index, hash))
	if err != nil {
		return reach{}, err
	}
	wheres, isKnown := []*condition(nil), true
	for _, hasWhere := range []bool{false, true} { // those that nothing is read again for come first
		for _, rule := range m.definition.Rules {
			where := rule.where()
			if !rule.admits(caller, OnRead) || (where != nil) != hasWhere {
				continue
			}
			holds := isTrue
			if where != nil {
				holds = where.given(known)
			}
			held := isFalse
			if holds != isFalse {
				if held, err = m.heldInCommon(ctx, caller, rule, inCommon); err != nil {
					return reach{}, err
				}
			}
			switch {
			case held == isFalse:
			case held == isUnknown:
				isKnown = false
			case holds == isTrue:
				return reach{isAll: true, again: where != nil}, nil
			default:
				wheres = append(wheres, where)
			}
		}
	}
	if !isKnown {
		return reach{}, nil
	}
	return reach{where: oneHolds(wheres), again: true}, nil
}

// heldInCommon tells whether the terms of a rule hold for all items that have these values, but for what it
// says of other fields.
func (m *core) heldInCommon(ctx context.Context, caller Caller, rule Rule, inCommon map[string]string) (truth, error) {
	held := isTrue
	for _, term := range rule.Terms {
		if term.where != nil {
			continue
		}
		holds, err := m.holdsInCommon(ctx, caller, term, inCommon)
		if err != nil {
			return isFalse, err
		}
		held = min(held, holds)
	}
	return held, nil
}

// valuesIn returns the values that all items of a list have, by attribute, as filters compare them.
func (m *core) valuesIn(index Index, hash types.AttributeValue) map[string]types.AttributeValue {
	known := map[string]types.AttributeValue{}
	if m.joinedOf(index) == nil {
		known[index.Hash] = hash
	} else {
		for attribute, text := range m.inCommon(index, hash) {
			if m.isTextual(attribute) {
				known[attribute] = &types.AttributeValueMemberS{Value: text}
			}
		}
	}
	return known
}

// isTextual tells whether a field's values are text in the table, too.
func (m *core) isTextual(attribute string) bool {
	return slices.ContainsFunc(m.definition.Fields, func(f Field) bool {
		return f.attribute() == attribute && slices.Contains([]FieldType{TextField, EnumField, TimeField, DateField}, f.Type)
	})
}

// knownBy returns the values that all items have which a plan of a list reads. Of an attribute that was
// renamed, an index may not have the newest.
func (m *core) knownBy(plan listPlan, index Index, hash types.AttributeValue) map[string]types.AttributeValue {
	known := m.valuesIn(index, hash)
	maps.Copy(known, m.valuesIn(plan.index, plan.hash))
	maps.Copy(known, plan.known)
	maps.DeleteFunc(known, func(attribute string, _ types.AttributeValue) bool { return m.isRenamed(attribute) })
	return known
}

// given tells whether the condition holds for all items that have these values, by attribute; nil is null.
func (c *condition) given(known map[string]types.AttributeValue) truth {
	switch c.op {
	case opAnd:
		least := isTrue
		for _, part := range c.parts {
			least = min(least, part.given(known))
		}
		return least
	case opOr:
		most := isFalse
		for _, part := range c.parts {
			most = max(most, part.given(known))
		}
		return most
	case opNot:
		return c.parts[0].given(known).negated()
	}
	value, isKnown := known[c.path[0].attribute()]
	if !isKnown || len(c.path) > 1 || c.path[0].List {
		return isUnknown
	}
	return truthOf(c.holds(value))
}

// planWithin is planFor of a list of which the caller may read no more than where holds for, if it is not nil.
// The filter chooses the index beside that, where the caller may read all that the index has then: isChosen.
func (m *core) planWithin(caller Caller, index Index, hash types.AttributeValue, order string, seen, where *condition, within reach) (plan listPlan, isChosen bool, err error) {
	plan, err = m.planFor(caller, index, hash, order, seen, within.isAll)
	if where == nil || err != nil {
		return plan, within.isAll, err
	}
	if within.isKnown() {
		plan, err = m.planOf(index, hash, order, allHold(where, seen), true)
		if err != nil || within.isAll || within.where.given(m.knownBy(plan, index, hash)) == isTrue {
			return plan, true, err
		}
	}
	plan, err = m.planOf(index, hash, order, where, true)
	return plan, false, err
}

// planOfCountWithin is planOfCount of what the caller may read of a list. It is not ok where an index has
// what the caller may not read beside that: how far a count gets would tell of it.
func (m *core) planOfCountWithin(index Index, hash types.AttributeValue, seen *condition, within reach) (plan listPlan, ok bool) {
	for _, c := range []*condition{allHold(within.where, seen), within.where} {
		plan = m.planOfCount(index, hash, c)
		if within.where == nil || within.where.given(m.knownBy(plan, index, hash)) == isTrue {
			return plan, true
		}
	}
	return plan, false
}

// understoodByField is understood of the rules of fields.
func (m *core) understoodByField(byField map[string][]Rule) map[string][]Rule {
	if byField == nil {
		return nil
	}
	understood := make(map[string][]Rule, len(byField))
	for field, rules := range byField {
		understood[field] = m.understood(rules)
	}
	return understood
}

// mayReach is reachOf as far as the schema tells: of a list that has any key.
func (m *core) mayReach(caller Caller, list Index) reach {
	if m.mayDecide(caller, list) {
		return reach{isAll: true, again: m.readsAgain(caller)}
	}
	inCommon := m.boundBy(list)
	isUnknown := func(t Term) bool { return t.isOfItem() && t.where == nil && !m.isOfOne(inCommon, t.attribute()) }
	if slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		return rule.admits(caller, OnRead) && slices.ContainsFunc(rule.Terms, isUnknown)
	}) {
		return reach{}
	}
	return reach{where: m.whereOf(caller), again: true}
}

// isInCommon tells whether a term is a condition on the item that all items of a list answer in the same way.
func (m *core) isInCommon(inCommon []string, term Term) bool {
	if term.where == nil {
		return m.isOfOne(inCommon, term.attribute())
	}
	isOfKey := true
	term.where.condition.each(func(c *condition) {
		isOfKey = isOfKey && len(c.path) == 1 && !c.path[0].List && slices.Contains(inCommon, c.path[0].attribute())
	})
	return isOfKey
}

// mayOwn tells whether the caller may read what it owns whatever that is.
func (m *core) mayOwn(caller Caller) bool {
	return !m.hasFieldsByFields(caller) && slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		return rule.admits(caller, OnRead) && !slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.isOfItem() && !t.isOwner })
	})
}
