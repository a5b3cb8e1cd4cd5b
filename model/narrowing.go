package model

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A narrowing is a list's filter, and what DynamoDB is told of it, and of what the caller may read: so much
// that it leaves out nothing that matches. What matches the condition decides. A nil narrowing has no filter.
type narrowing struct {
	condition *condition // nil: there is no filter
	keys      keyRange   // of the index's sort key
	told      expression // of the other attributes
}

// narrowingOf returns what the condition, and where, which holds of all that the caller may read, come to in a
// list, which is read by a plan; nil where there is neither.
func (m *core) narrowingOf(ctx context.Context, caller Caller, list Index, plan listPlan, c, where *condition) (*narrowing, error) {
	if c == nil && where == nil {
		return nil, nil
	}
	n := &narrowing{}
	if c != nil {
		readable, err := m.withReadableParents(ctx, caller, c)
		if err != nil {
			return nil, err
		}
		n.condition, c = readable, m.ofSeen(caller, readable)
	}
	n.keys = m.keysOf(plan, allHold(where, c))
	always, told := m.told(plan, where), m.told(plan, c)
	if n.told.isNever = always.isNever || told.isNever || n.keys.isEmpty(); n.told.isNever {
		return n, nil
	}
	n.told = always
	if m.mayTell(caller, list) {
		n.told = always.and(told)
	}
	return n, nil
}

// keysOf returns which sort keys of a plan's index have what a condition holds for; nil says nothing.
func (m *core) keysOf(plan listPlan, c *condition) (keys keyRange) {
	if c == nil {
		return keys
	}
	switch joined := plan.joined; {
	case (joined == nil || len(joined.Sort) == 0) && !m.isRenamed(plan.index.Sort):
		keys.narrow(c, plan.index)
	case joined != nil && len(joined.Sort) > 0 && !m.isRenamed(joined.Sort[0].Attribute):
		keys.narrowJoined(c, joined.Sort[0])
	}
	return keys
}

// told returns what DynamoDB is told of a condition beside the keys; nil says nothing.
func (m *core) told(plan listPlan, c *condition) expression {
	if c == nil {
		return expression{}
	}
	t := teller{index: plan.index, hash: plan.hash, known: plan.known, absent: m.filled(), isRenamed: m.isRenamed}
	return t.tell(m.besideKeys(c, plan), true)
}

// besideKeys returns a condition without what the range of a Joined's sort key says of it.
func (m *core) besideKeys(c *condition, plan listPlan) *condition {
	joined := plan.joined
	if joined == nil || len(joined.Sort) == 0 || m.isRenamed(joined.Sort[0].Attribute) {
		return c
	}
	return &condition{op: opAnd, parts: slices.DeleteFunc(c.conjuncts(nil), func(part *condition) bool {
		isBound := part.op == opGe || part.op == opLe || part.op == opBeginsWith || part.op == opIn && len(part.values) == 1
		return isBound && part.path.isOf(joined.Sort[0].Attribute) && part.isInSortKey(joined.Sort[0])
	})}
}

// isInSortKey tells whether the values of a condition fit into a sort key, which has a part of them.
func (c *condition) isInSortKey(part SortPart) bool {
	return len(sortText(after(part.append(nil, c.values[0])))) <= maxSortKeySize
}

// mayTell tells whether DynamoDB may be told a filter. Not so where the rules read other parents than
// that of the list: how many these are, of what the filter leaves, would tell what is in items that
// the caller may not read. Of the owner, and of fields, an item tells itself.
func (m *core) mayTell(caller Caller, index Index) bool {
	if caller.isSystem {
		return true
	}
	for _, rule := range m.definition.Rules {
		if rule.admits(caller, OnRead) && slices.ContainsFunc(rule.Terms, func(t Term) bool {
			return t.isOfItem() && !t.isOwners() && t.where == nil && !m.isOfOne([]string{index.Hash}, t.attribute())
		}) {
			return false
		}
	}
	return true
}

// isRenamed tells whether an item may have the newest value of an attribute under another name, so
// that DynamoDB does not know it.
func (m *core) isRenamed(attribute string) bool {
	return slices.ContainsFunc(m.definition.Renames, func(r Rename) bool { return r.To == attribute })
}

// filled returns what an item is read as that has nothing.
func (m *core) filled() dynamo.Item {
	m.fillOnce.Do(func() { m.fill = m.defaultItem() })
	return m.fill
}

// withReadableParents returns the condition with no ids of parents that the caller may not read: to
// the caller, no item has those.
func (m *core) withReadableParents(ctx context.Context, caller Caller, c *condition) (*condition, error) {
	wanted := map[string][]string{}
	c.each(func(c *condition) {
		if c.path[0].Type == ParentField && c.op == opIn {
			for _, id := range c.values {
				_, text := keyText(id)
				wanted[c.path[0].attribute()] = append(wanted[c.path[0].attribute()], text)
			}
		}
	})
	if len(wanted) == 0 || caller.isSystem {
		return c, nil
	}
	readable, budget := map[string]map[string]bool{}, ReadBudgetFrom(ctx)
	for attribute, ids := range wanted {
		parent := m.parent(attribute).Of.target()
		for _, id := range ids {
			if err := budget.loadItem(parent, id); err != nil {
				return nil, err
			}
		}
		var err error
		if readable[attribute], err = parent.allowed(ctx, caller, OnRead, ids); err != nil {
			return nil, err
		}
	}
	c = c.clone()
	c.each(func(c *condition) {
		if c.path[0].Type == ParentField && c.op == opIn {
			c.values = slices.DeleteFunc(c.values, func(id types.AttributeValue) bool {
				_, text := keyText(id)
				return !readable[c.path[0].attribute()][text]
			})
		}
	})
	return c, nil
}

// matching returns those of the items that match, all of which the caller may read.
func (m *core) matching(ctx context.Context, caller Caller, c *condition, items []listed) ([]listed, error) {
	hidden, err := m.hiddenOf(ctx, caller, c, items)
	if err != nil {
		return nil, err
	}
	parents, err := m.seenParents(ctx, caller, c, items, hidden)
	if err != nil {
		return nil, err
	}
	links, err := m.linksOf(ctx, caller, c, items)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(items, func(l listed) bool {
		return c.of(view{item: m.attributesOf(l.found), hidden: hidden[l.value], parents: parents, links: links}) != isTrue
	}), nil
}

// seenParents returns the ids of the items' parents that the caller may read, by attribute, as far
// as the condition asks whether there is one.
func (m *core) seenParents(ctx context.Context, caller Caller, c *condition, items []listed, hidden hiding) (map[string]map[string]bool, error) {
	if caller.isSystem || len(items) == 0 {
		return nil, nil
	}
	seen := map[string]map[string]bool{}
	c.each(func(c *condition) {
		if c.path[0].Type == ParentField && c.op == opExists {
			seen[c.path[0].attribute()] = nil
		}
	})
	for attribute := range seen {
		parent := m.parent(attribute)
		ids := make([]string, len(items))
		for i, l := range items {
			ids[i] = m.shownParent(parent, l.value, hidden)
		}
		var err error
		if seen[attribute], err = parent.Of.target().allowed(ctx, caller, OnRead, ids); err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// A keyRange is which sort keys a list's items have, and some more, perhaps: those at its ends.
// The zero keyRange has all.
type keyRange struct {
	low, high types.AttributeValue // nil: no bound
	isAbove   bool                 // low itself is not wanted
	isBelow   bool                 // high itself is not wanted
	prefix    types.AttributeValue // nil: any
}

// narrow adds what all must hold of the index's sort key.
func (r *keyRange) narrow(c *condition, index Index) {
	if c.op == opAnd {
		for _, part := range c.parts {
			r.narrow(part, index)
		}
		return
	}
	if !c.path.isOf(index.Sort) || len(c.values) != 1 || !isKey(c.values[0], maxSortKeySize) {
		return
	}
	switch value := c.values[0]; c.op {
	case opIn:
		r.raise(value, false)
		r.lower(value, false)
	case opGt, opGe:
		r.raise(value, c.op == opGt)
	case opLt, opLe:
		r.lower(value, c.op == opLt)
	case opBeginsWith:
		if r.prefix == nil {
			r.prefix = value
		}
	}
}

func (r *keyRange) raise(to types.AttributeValue, isAbove bool) {
	if r.low == nil || compareKeys(to, r.low) > 0 {
		r.low, r.isAbove = to, isAbove
	}
}

func (r *keyRange) lower(to types.AttributeValue, isBelow bool) {
	if r.high == nil || compareKeys(to, r.high) < 0 {
		r.high, r.isBelow = to, isBelow
	}
}

// isEmpty tells whether no sort key is in the range.
func (r *keyRange) isEmpty() bool {
	return r.low != nil && r.high != nil && compareKeys(r.low, r.high) > 0
}

// has tells whether a query of the range may begin at a place.
func (r *keyRange) has(at position) bool {
	if r.prefix != nil && r.low == nil && r.high == nil {
		_, text := keyText(at.sort)
		_, prefix := keyText(r.prefix)
		return strings.HasPrefix(text, prefix)
	}
	return (r.low == nil || compareKeys(at.sort, r.low) >= 0) && (r.high == nil || compareKeys(at.sort, r.high) <= 0)
}

// tell has a query read the range alone.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
func (r *keyRange) tell(query *dynamo.Query, sort string) {
	switch {
	case r.low != nil && r.high != nil:
		query.Range(sort, dynamo.Between, r.low, r.high)
	case r.low != nil && r.isAbove:
		query.Range(sort, dynamo.Greater, r.low)
	case r.low != nil:
		query.Range(sort, dynamo.GreaterOrEqual, r.low)
	case r.high != nil && r.isBelow:
		query.Range(sort, dynamo.Less, r.high)
	case r.high != nil:
		query.Range(sort, dynamo.LessOrEqual, r.high)
	case r.prefix != nil:
		query.Range(sort, dynamo.BeginsWith, r.prefix)
	}
}
