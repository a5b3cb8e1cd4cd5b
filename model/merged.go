package model

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
)

// This file has lists of all that are read without an index of all. Where each rule lets the caller read what
// is of the caller, or of what the caller is a member of, the list is merged of the lists of those.

// isOfAll tells whether the index is that of a list of all, whether the table has it or not.
func isOfAll(index Index) bool { return index == OfAll.Index() }

// A readTerm is a term of a rule by which the caller may read, such that a list has all items for which it holds: by
// owner, or by what the caller may be a member of.
type readTerm struct {
	Term
	where *condition // what the rule says of them beside; nil: nothing
}

// readTerms returns one of each rule by which the caller may read, those first that hold of whatever there is. It is
// not ok where a rule has none.
func (m *core) readTerms(caller Caller) (terms []readTerm, ok bool) {
	if caller.isSystem {
		return nil, false
	}
	for _, rule := range m.definition.Rules {
		if !rule.admits(caller, OnRead) {
			continue
		}
		i := slices.IndexFunc(rule.Terms, Term.isOwners)
		if i < 0 {
			i = slices.IndexFunc(rule.Terms, func(t Term) bool { return t.members != nil })
		}
		if i < 0 || !m.hasListOf(caller, rule.Terms[i]) {
			return nil, false
		}
		terms = append(terms, readTerm{rule.Terms[i], rule.where()})
	}
	slices.SortStableFunc(terms, func(a, b readTerm) int {
		switch {
		case a.where == nil && b.where != nil:
			return -1
		case a.where != nil && b.where == nil:
			return 1
		}
		return 0
	})
	return terms, len(terms) > 0
}

// hasListOf tells whether there is a list of the items for which the term holds.
func (m *core) hasListOf(caller Caller, term Term) bool {
	if term.isItself() {
		return true
	}
	index := term.listIndex()
	return slices.Contains(m.indexes(), index) && (term.members != nil || m.unseenIn(caller, index) == "")
}

// isItself tells whether the term is of who is a member of the item itself.
func (t Term) isItself() bool { return t.members != nil && t.at == ownID }

// listIndex returns the index by which items are found for which the term holds.
func (t Term) listIndex() Index { return Index{Hash: t.attribute(), Sort: "id"} }

// orderOfAll returns the Joined that has an order of the list of all, of the empty one the zero Joined. It is not ok
// where one of the lists that have the items of the terms has no such order. An item itself has any that
// the list of all has.
func (m *core) orderOfAll(terms []readTerm, name string) (order Joined, ok bool) {
	if name == "" {
		return order, true
	}
	for _, term := range terms {
		i := slices.IndexFunc(m.definition.Joined, func(j Joined) bool {
			if term.isItself() {
				return j.Name == name && len(j.Hash) == 0
			}
			return j.Name == name && slices.Equal(j.Hash, []string{term.attribute()})
		})
		if i < 0 {
			return order, false
		}
		order = m.definition.Joined[i]
	}
	return order, true
}

// merged is List of all that the caller may read by the terms, in an order that all of their lists have.
func (m *core) merged(ctx context.Context, caller Caller, terms []readTerm, order Joined, page Page) (*ConnectionOf[anyItem], error) {
	size, err := page.Size()
	if err != nil {
		return nil, err
	}
	asked, err := m.asked(ctx, caller, page, size)
	if err != nil {
		return nil, err
	}
	if !m.mayOrderBy(caller, &order) {
		return nil, noSuchOrder()
	}
	ordered := Index{Hash: OfAll.Index().Hash, Sort: order.Index().Sort}
	span, err := m.spanOf(caller, ordered, nil, asked, nil)
	if err != nil {
		return nil, err
	}
	w := walk{
		table: m.table, index: ordered, ascending: asked.Descending == asked.isBackward(), at: span.from, scope: span.scope,
		budget: ReadBudgetFrom(ctx), met: map[string]bool{},
	}
	if condition := asked.condition(); condition != nil {
		if condition, err = m.withReadableParents(ctx, caller, condition); err != nil {
			return nil, err
		}
		w.narrowing = &narrowing{condition: condition}
	}
	if m.readsAgain(caller) {
		w.again = &ownKey{index: OfAll.Index()}
	}
	lists := mergedLists{model: m, caller: caller, walk: &w, asked: asked, span: span, order: order, has: map[listKey]bool{}}
	for _, term := range terms {
		if err := lists.add(ctx, term); err != nil {
			return nil, err
		}
	}
	if len(w.shards) == 0 {
		return &ConnectionOf[anyItem]{Edges: []*EdgeOf[anyItem]{}, PageInfo: &PageInfo{}}, nil
	}
	w.most = max(w.budget.ListLimit(size), len(w.shards)) // or it would not get on
	c, returned, err := m.pageOf(ctx, caller, &w, asked, span, nil)
	if err != nil {
		return nil, err
	}
	m.report(ctx, OfAll.Index(), listPlan{index: w.shards[0].index}, nil, false, false, &w, returned)
	return c, nil
}

// mergedLists are those that a list of all is merged of.
type mergedLists struct {
	model  *core
	caller Caller
	walk   *walk
	asked  *askedPage
	span   listSpan
	order  Joined
	has    map[listKey]bool // those of which it has all items
}

// A listKey is a list: an index, and its hash key.
type listKey struct{ attribute, id string }

// add has the walk go through the items for which the term holds, too.
func (l *mergedLists) add(ctx context.Context, term readTerm) error {
	of := []string{l.caller.ID}
	if term.members != nil {
		var err error
		if of, err = term.members.memberOf(ctx, l.caller.ID, term.roles); err != nil {
			return err
		}
	}
	of = slices.DeleteFunc(of, func(id string) bool { return l.has[listKey{term.attribute(), id}] })
	for _, id := range of {
		if term.where == nil {
			l.has[listKey{term.attribute(), id}] = true
		}
	}
	if term.isItself() {
		return l.addItems(ctx, of)
	}
	for _, id := range of {
		if err := l.addList(ctx, term, id); err != nil {
			return err
		}
	}
	return nil
}

// addList has the walk go through one list of items for which the term holds.
func (l *mergedLists) addList(ctx context.Context, term readTerm, id string) error {
	asked := *l.asked
	asked.where = allHold(asked.where, term.where)
	way, err := l.model.wayOf(ctx, l.caller, term.listIndex(), &types.AttributeValueMemberS{Value: id}, &asked)
	if err != nil || !way.plan.hasItems() {
		return err
	}
	part, err := l.model.walkOn(ctx, l.caller, way, &asked, l.span)
	if err != nil {
		return err
	}
	part.enterRange()
	l.walk.shards = append(l.walk.shards, &shard{walk: part})
	return nil
}

// enterRange has a walk that begins outside of its range of sort keys, where another list has an item, begin with the
// range, or be over where that lies behind.
func (w *walk) enterRange() {
	if w.at == nil || w.narrowing == nil || w.narrowing.keys.has(*w.at) {
		return
	}
	first := cmp.Or(w.narrowing.keys.low, w.narrowing.keys.prefix)
	if !w.ascending {
		first = cmp.Or(w.narrowing.keys.high, w.narrowing.keys.prefix)
	}
	if first != nil && w.isPast(first, w.at.sort) {
		w.at = nil
	} else {
		w.isOver = true
	}
}

// addItems has the walk go through the items with these ids, too, as they are now.
func (l *mergedLists) addItems(ctx context.Context, ids []string) error {
	m, w := l.model, l.walk
	m.mustLoad(ctx, ids)
	found, err := m.read(ctx, ids)
	if err != nil {
		return err
	}
	part := &shard{walk: walk{isOver: true, examined: len(ids)}}
	for item := range maps.Values(found) {
		attributes, err := dynamo.MarshalItem(item)
		if err != nil {
			return fmt.Errorf("read an item of %s: %w", m.table.Name(), err)
		}
		if item.base().deleting != "" || l.order.SetKeys(attributes) != nil { // which no index would have
			continue
		}
		if w.at == nil || w.isPast(attributes[w.index.Sort], w.at.sort) {
			part.ahead = append(part.ahead, w.index.placeOf(itembytes.FoundItem(attributes)))
		}
	}
	slices.SortFunc(part.ahead, func(a, b metItem) int { return w.order(a.at.sort, b.at.sort) })
	w.shards, w.examined = append(w.shards, part), w.examined+part.examined
	return nil
}

// memberOf returns the ids of what a user is a member of, in one of the roles, if there are any: of the first
// MaxTogether that the user has become a member of.
func (m *core) memberOf(ctx context.Context, userID string, roles []string) ([]string, error) {
	joined, err := m.joinedBy(ctx, userID)
	if err != nil {
		return nil, err
	}
	rows, err := m.rowsOf(ctx, userID, joined)
	maps.DeleteFunc(rows, func(_ string, row *memberRow) bool { return len(roles) > 0 && !slices.Contains(roles, row.Role) })
	return slices.Sorted(maps.Keys(rows)), err
}

// planOfMerged returns how a page of a merged list would be read: of one list for each term at least, and of
// MaxTogether for a term about members at most.
func (m *core) planOfMerged(caller Caller, terms []readTerm, size int, c *condition) ListPlan {
	lists := 0
	var by []Explained
	for _, term := range terms {
		switch {
		case term.members == nil:
			lists++
		default:
			lists += MaxTogether
			if !slices.Contains(by, Explained(term.members)) {
				by = append(by, term.members)
			}
		}
	}
	index := terms[0].listIndex()
	told := m.explained(caller, index, listPlan{index: index}, c)
	told.Memberships, told.IsReadAgain, told.MayHide = by, m.readsAgain(caller), m.readsByMore(caller)
	if terms[0].isItself() {
		told.Index, told.Binds = strings.TrimPrefix(m.table.Name(), m.db.prefix), nil
	}
	told.Least, told.Queries = size+1, len(terms)
	isWhole := told.IsExact && !told.MayHide && !told.IsReadAgain
	told.Inexact()
	told.Most = max(told.Most, lists)
	told.MostQueries = told.Most // each has an item
	if isWhole {                 // then a list is read on once something of it is in the page, of each list that has it
		told.MostQueries = min(told.Most, lists+len(terms)*(size+1))
	}
	return told
}

// readsByMore tells whether a rule by which the caller may read asks more of an item than one thing.
func (m *core) readsByMore(caller Caller) bool {
	return slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		asks := slices.DeleteFunc(slices.Clone(rule.Terms), func(t Term) bool { return !t.isOfItem() })
		return rule.admits(caller, OnRead) && len(asks) > 1
	})
}
