package model

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A listPlan is how a list is read.
type listPlan struct {
	index  Index
	hash   types.AttributeValue
	joined *Joined // of the index; nil: it is none
	// known has, by attribute, what a Joined's hash key says that all items have; nil is null.
	known map[string]types.AttributeValue
}

// planOf returns how to read a list: by that index which has the list's order and whose hash key the
// list itself and the filter bind, and of several, by that which they bind most; a list of all by any
// that its filter binds. order is a
// Joined's Name; empty: the list's own. mayChoose is false where the filter chooses no index, since how
// much is examined would tell what is in items that the caller may not read.
//
// Code BAD_USER_INPUT: the list has no such order.
func (m *core) planOf(index Index, hash types.AttributeValue, order string, c *condition, mayChoose bool) (listPlan, error) {
	plan := listPlan{index: index, hash: hash, joined: m.joinedOf(index)}
	if order != "" {
		joined := m.ordered(index, order)
		if joined == nil {
			return plan, noSuchOrder()
		}
		plan.use(joined, m.boundOf(index, hash), hash)
	}
	if mayChoose {
		m.choose(&plan, index, hash, c, func(candidate Index) bool { return candidate.Sort == plan.index.Sort })
	}
	return plan, nil
}

// planOfCount returns how to read all of a list, in any order.
func (m *core) planOfCount(index Index, hash types.AttributeValue, c *condition) listPlan {
	plan := listPlan{index: index, hash: hash, joined: m.joinedOf(index)}
	m.choose(&plan, index, hash, c, func(Index) bool { return true })
	return plan
}

// boundOf returns the attributes of the list's own key, whose value is the same in all its items.
func (m *core) boundOf(index Index, hash types.AttributeValue) map[string]types.AttributeValue {
	if m.joinedOf(index).isOfAll() {
		return map[string]types.AttributeValue{}
	}
	return map[string]types.AttributeValue{index.Hash: hash}
}

// choose has a list be read by that index among those that fit whose hash key the list itself and the
// filter bind most, unless that is the list's own.
func (m *core) choose(plan *listPlan, index Index, hash types.AttributeValue, c *condition, fits func(Index) bool) {
	own := m.joinedOf(index)
	if own != nil && !own.isOfAll() { // its hash key binds all that it can
		return
	}
	bound := m.boundOf(index, hash)
	c.bind(bound)
	isBound := func(attribute string) bool {
		_, has := bound[attribute]
		return has && (attribute == index.Hash || !m.isRenamed(attribute))
	}
	for i := range m.definition.Joined {
		candidate := &m.definition.Joined[i]
		isOfList := own.isOfAll() || slices.Contains(candidate.Hash, index.Hash)
		isMore := len(candidate.Hash) > plan.bound() && !slices.ContainsFunc(candidate.Hash, func(attribute string) bool { return !isBound(attribute) })
		if isOfList && isMore && fits(candidate.Index()) {
			plan.use(candidate, bound, hash)
		}
	}
	if !plan.joined.isOfAll() {
		return
	}
	for _, candidate := range m.indexes() {
		if isBound(candidate.Hash) && bound[candidate.Hash] != nil && fits(candidate) {
			*plan = listPlan{index: candidate, hash: bound[candidate.Hash]}
			return
		}
	}
}

// hasItems tells whether the plan reads anything: no item has such a hash key, unless one can have it.
func (p *listPlan) hasItems() bool { return p.joined.isOfAll() || isKey(p.hash, maxKeySize) }

// orderArgument is what lists call their order.
const orderArgument = "orderBy"

// joinedOf returns the Joined whose index it is; nil: none has it.
func (m *core) joinedOf(index Index) *Joined {
	for i := range m.definition.Joined {
		if m.definition.Joined[i].Index() == index {
			return &m.definition.Joined[i]
		}
	}
	return nil
}

// boundBy returns the attributes that the items of one list of the index have in common.
func (m *core) boundBy(index Index) []string {
	if joined := m.joinedOf(index); joined != nil {
		return joined.Hash
	}
	return []string{index.Hash}
}

// isOfHidden tells whether a list is of what belongs to a parent that the caller may not read, whose id
// a Joined finds it by. To the caller nothing belongs to that, as filters have it.
func (m *core) isOfHidden(ctx context.Context, caller Caller, index Index, hash types.AttributeValue) (bool, error) {
	if m.joinedOf(index) == nil || caller.isSystem {
		return false, nil
	}
	inCommon := m.inCommon(index, hash)
	for _, parent := range m.definition.Parents {
		id, isInCommon := inCommon[parent.Field]
		if !isInCommon {
			continue
		}
		if err := ReadBudgetFrom(ctx).loadItem(parent.Of.target(), id); err != nil {
			return false, err
		}
		readable, err := parent.Of.target().allowed(ctx, caller, OnRead, []string{id})
		if !readable[id] || err != nil {
			return true, err
		}
	}
	return false, nil
}

func (p *listPlan) bound() int {
	if p.joined == nil {
		return 1
	}
	return len(p.joined.Hash)
}

// use has the list be read by a Joined, whose attributes are bound. The list's own key is that of the
// Joined already where that has no other attributes.
func (p *listPlan) use(joined *Joined, bound map[string]types.AttributeValue, own types.AttributeValue) {
	p.joined, p.index, p.hash, p.known = joined, joined.Index(), own, nil
	if joined.isOfAll() {
		return
	}
	if _, isKey := bound[joined.Hash[0]]; !isKey {
		return
	}
	values := make([]types.AttributeValue, len(joined.Hash))
	p.known = map[string]types.AttributeValue{}
	for i, attribute := range joined.Hash {
		values[i] = bound[attribute]
		p.known[attribute] = bound[attribute]
	}
	p.hash = &types.AttributeValueMemberS{Value: joinedText(values)}
}

// bind adds the attributes that have one value in all items for which the condition holds; nil is
// null.
func (c *condition) bind(bound map[string]types.AttributeValue) {
	if c == nil {
		return
	}
	add := func(path fieldPath, value types.AttributeValue) {
		if attribute := path.last().attribute(); len(path) == 1 && !path.last().List && bound[attribute] == nil {
			bound[attribute] = value
		}
	}
	switch {
	case c.op == opAnd:
		for _, part := range c.parts {
			part.bind(bound)
		}
	case c.op == opIn && len(c.values) == 1:
		add(c.path, c.values[0])
	case c.op == opNot && c.parts[0].op == opExists:
		// A parent that the caller may not read is null, too.
		if field := c.parts[0].path.last(); field.Nullable && field.Type != ParentField {
			add(c.parts[0].path, nil)
		}
	}
}

// narrowJoined adds what all must hold of the first part of a Joined's sort key.
func (r *keyRange) narrowJoined(c *condition, part SortPart) {
	if c.op == opAnd {
		for _, each := range c.parts {
			r.narrowJoined(each, part)
		}
		return
	}
	if !c.path.isOf(part.Attribute) || len(c.values) != 1 {
		return
	}
	first := part.append(nil, c.values[0])
	last := first
	if c.op == opBeginsWith {
		first = part.appendPrefix(nil, c.values[0])
		last = first
	}
	isLow, isHigh := c.op == opGt || c.op == opGe, c.op == opLt || c.op == opLe
	if part.Descending {
		isLow, isHigh = isHigh, isLow
	}
	if isBoth := c.op == opIn || c.op == opBeginsWith; isBoth {
		isLow, isHigh = true, true
	}
	low, high := sortText(first), sortText(after(last))
	if isLow && len(low) <= maxSortKeySize {
		r.raise(&types.AttributeValueMemberS{Value: low}, false)
	}
	if isHigh && len(high) <= maxSortKeySize {
		r.lower(&types.AttributeValueMemberS{Value: high}, false)
	}
	r.lower(&types.AttributeValueMemberS{Value: sortText([]byte{partAbsent})}, false) // what is null is not compared
}

// after returns bytes that come after all that begin with b.
func after(b []byte) []byte {
	b = slices.Clone(b)
	for i, each := range slices.Backward(b) {
		if each < 0xff {
			b[i]++
			return b[:i+1]
		}
	}
	return append(b, 0xff) // it is all 0xff, which no key begins with: see partThere
}
