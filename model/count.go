package model

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TotalCount returns how many items the list has that its filter matches, on whatever page. nil: what
// its items have in common does not decide that the caller may read them all, or a count may not
// examine as many.
func (c *ConnectionOf[P]) TotalCount(ctx context.Context) (*int, error) {
	if c.count == nil {
		return nil, nil
	}
	return c.count(ctx)
}

// count counts the items of a list.
func (m *core) count(ctx context.Context, caller Caller, index Index, hash types.AttributeValue, c *condition) (*int, error) {
	if m.definition.Invitation != nil {
		return nil, nil // some are over
	}
	if own, ok := m.ownList(caller); ok && m.joinedOf(index).isOfAll() {
		index, hash = own, &types.AttributeValueMemberS{Value: caller.ID}
	}
	within, err := m.reachOf(ctx, caller, index, hash)
	if !within.isKnown() || err != nil {
		return nil, err
	}
	seen := m.ofSeen(caller, c)
	plan, isWithin := m.planOfCountWithin(index, hash, seen, within)
	switch {
	case !isWithin:
		return nil, nil
	case !plan.hasItems():
		return new(0), nil
	}
	narrowing, err := m.narrowingOf(ctx, caller, index, plan, c, within.where)
	if err != nil {
		return nil, err
	}
	budget := ReadBudgetFrom(ctx).forCounts()
	w := walk{
		table: m.table, index: plan.index, hash: plan.hash, ascending: true, narrowing: narrowing,
		isOver: narrowing != nil && narrowing.told.isNever, budget: budget, most: budget.countLimit(),
	}
	if within.again || c != nil && m.hasFieldsByFields(caller) {
		w.again = &ownKey{index, hash, within.where}
	}
	if plan.joined.isOfAll() {
		w.split()
	}
	total := 0
	for !w.isDone() {
		found, err := m.countNext(ctx, caller, &w)
		if err != nil {
			return nil, err
		}
		total += found
	}
	m.report(ctx, index, plan, allHold(within.where, seen), true, true, &w, total)
	if !w.isOver || w.isSpent {
		return nil, nil
	}
	return &total, nil
}

// countNext counts the next items of a walk. Nothing of them is kept.
func (m *core) countNext(ctx context.Context, caller Caller, w *walk) (int, error) {
	reading, forget := passing(ctx)
	defer forget(0)
	items, err := w.next(reading, countedAtOnce)
	if err != nil {
		return 0, err
	}
	var there []listed
	for _, item := range items {
		value, err := m.decodeFound(item.found)
		if err != nil {
			return 0, err
		}
		if value.base().deleting == "" {
			there = append(there, listed{value: value, found: item.found})
		}
	}
	if w.again != nil {
		if there, err = m.countAgain(reading, w.again, there); err != nil {
			return 0, err
		}
	}
	if w.narrowing != nil && w.narrowing.condition != nil {
		if lookups := w.narrowing.condition.linkIDs() * len(there); w.budget.Take(lookups) < lookups {
			w.isSpent = true
			return 0, nil
		}
		there, err = m.matching(ctx, caller, w.narrowing.condition, there)
	}
	return len(there), err
}

// countedAtOnce is how many items a count examines by one Query, which reads 1 MB at most.
const countedAtOnce = 1000

// holdsInCommon tells whether a term holds for all items that have these values, by what they have in common.
func (m *core) holdsInCommon(ctx context.Context, caller Caller, term Term, inCommon map[string]string) (truth, error) {
	switch id, isInCommon := inCommon[term.attribute()]; {
	case !term.isOfItem():
		return isTrue, nil
	case !isInCommon:
		return isUnknown, nil
	case term.isOwners():
		return truthOf(id == caller.ID), nil
	case term.isInvited:
		return truthOf(id == caller.VerifiedEmail), nil
	default:
		granted, err := m.granted(ctx, caller, term, []string{id})
		return truthOf(granted[id]), err
	}
}

// attribute is that of an item which the term is a condition on.
func (t Term) attribute() string {
	switch {
	case t.isOwner:
		return ByOwner.Hash
	case t.namedBy != "":
		return t.namedBy
	case t.isInvited:
		return receivedIndex.Hash
	case t.members != nil:
		return t.at
	}
	return t.parent
}

// withAncestors adds to what items have in common the ids of those ancestors that rules ask for: which
// these are, what they belong to tells.
func (m *core) withAncestors(ctx context.Context, caller Caller, inCommon map[string]string) (map[string]string, error) {
	isAsked := func(field string) bool {
		return slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
			return rule.admits(caller, OnRead) && slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.attribute() == field })
		})
	}
	for _, a := range m.definition.Ancestors {
		id, isInCommon := inCommon[a.Parent]
		if !isInCommon || !isAsked(a.Field) {
			continue
		}
		above, err := m.parent(a.Parent).Of.target().(anyModel).aboveByID(ctx, a.From, []string{id})
		if err != nil {
			return nil, err
		}
		if above[id] != "" {
			inCommon = maps.Clone(inCommon)
			inCommon[a.Field] = above[id]
		}
	}
	return inCommon, nil
}

// isOfOne tells whether all items of a list have one value of an attribute: of its key, or of an ancestor
// that comes with that.
func (m *core) isOfOne(inCommon []string, attribute string) bool {
	a := m.ancestor(attribute)
	return slices.Contains(inCommon, attribute) || a != nil && slices.Contains(inCommon, a.Parent)
}

// inCommon returns the texts that all items of a list have, by attribute.
func (m *core) inCommon(index Index, hash types.AttributeValue) map[string]string {
	text, isText := hash.(*types.AttributeValueMemberS)
	if !isText {
		return nil
	}
	joined := m.joinedOf(index)
	if joined == nil {
		return map[string]string{index.Hash: text.Value}
	}
	parts, inCommon := strings.Split(text.Value, "#"), map[string]string{}
	for i, attribute := range joined.Hash {
		if value, isThere := strings.CutPrefix(parts[min(i, len(parts)-1)], "="); isThere {
			inCommon[attribute] = joinedUnescapes.Replace(value)
		}
	}
	return inCommon
}
