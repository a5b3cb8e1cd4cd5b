package model

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
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

// readTerms returns one of each rule by which the caller may read. It is not ok where a rule has none.
func (m *Model[T]) readTerms(caller Caller) (terms []readTerm, ok bool) {
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
	return terms, len(terms) > 0
}

// hasListOf tells whether there is a list of the items for which the term holds.
func (m *Model[T]) hasListOf(caller Caller, term Term) bool {
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

// sortOfAll returns the sort key of an order in each of the lists that have the items of the terms. It is not
// ok where one of them has no such order. An item itself is put into order as the list of all is.
func (m *Model[T]) sortOfAll(terms []readTerm, order string) (sort string, ok bool) {
	if order == "" {
		return "id", true
	}
	for _, term := range terms {
		index := OfAll.Index()
		if !term.isItself() {
			index = term.listIndex()
		}
		joined := m.ordered(index, order)
		if joined == nil {
			return "", false
		}
		sort = joined.Index().Sort
	}
	return sort, true
}

// merged is List of all that the caller may read by the terms, in an order that all of their lists have.
func (m *Model[T]) merged(ctx context.Context, caller Caller, terms []readTerm, sort string, page Page) (*Connection[T], error) {
	size, err := page.Size()
	if err != nil {
		return nil, err
	}
	asked, err := m.asked(ctx, caller, page, size)
	if err != nil {
		return nil, err
	}
	ordered := Index{Hash: OfAll.Index().Hash, Sort: sort}
	span, err := m.spanOf(caller, ordered, nil, asked, nil)
	if err != nil {
		return nil, err
	}
	w := walk{
		table: m.table, index: ordered, ascending: asked.Descending == asked.isBackward(), at: span.from, scope: span.scope,
		budget: ReadBudgetFrom(ctx),
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
	for _, term := range terms {
		if err := m.addLists(ctx, caller, &w, term, asked, span); err != nil {
			return nil, err
		}
	}
	if len(w.shards) == 0 {
		return &Connection[T]{Edges: []*Edge[T]{}, PageInfo: &PageInfo{}}, nil
	}
	w.most = max(w.budget.ListLimit(size), len(w.shards)) // or it would not get on
	c, returned, err := m.pageOf(ctx, caller, &w, asked, span, nil)
	if err != nil {
		return nil, err
	}
	m.report(ctx, OfAll.Index(), listPlan{index: w.shards[0].index}, nil, false, false, &w, returned)
	return c, nil
}

// addLists has the walk go through the items for which the term holds, too.
func (m *Model[T]) addLists(ctx context.Context, caller Caller, w *walk, term readTerm, asked *askedPage, span listSpan) error {
	of := []string{caller.ID}
	if term.members != nil {
		var err error
		if of, err = term.members.memberOf(ctx, caller.ID, term.roles); err != nil {
			return err
		}
	}
	if term.isItself() {
		return m.addItems(ctx, w, of)
	}
	within := *asked
	within.where = allHold(asked.where, term.where)
	for _, id := range of {
		way, err := m.wayOf(ctx, caller, term.listIndex(), &types.AttributeValueMemberS{Value: id}, &within)
		if err != nil {
			return err
		}
		part, err := m.walkOn(ctx, caller, way, &within, span)
		if err != nil {
			return err
		}
		w.shards = append(w.shards, &shard{walk: part})
	}
	return nil
}

// addItems has the walk go through the items with these ids, too, as they are now.
func (m *Model[T]) addItems(ctx context.Context, w *walk, ids []string) error {
	m.mustLoad(ctx, ids)
	found, err := m.read(ctx, ids)
	if err != nil {
		return err
	}
	part := &shard{walk: walk{index: w.index, isOver: true}}
	for item := range maps.Values(found) {
		attributes, err := m.marshal(item)
		if err != nil {
			return err
		}
		if m.base(item).deleting == "" && (w.at == nil || w.isPast(attributes[w.index.Sort], w.at.sort)) {
			part.ahead = append(part.ahead, attributes)
		}
	}
	slices.SortFunc(part.ahead, func(a, b dynamo.Item) int { return w.order(a[w.index.Sort], b[w.index.Sort]) })
	w.shards = append(w.shards, part)
	return nil
}

// memberOf returns the ids of what a user is a member of, in one of the roles, if there are any: of the first
// MaxTogether that the user has become a member of.
func (m *Model[T]) memberOf(ctx context.Context, userID string, roles []string) ([]string, error) {
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
func (m *Model[T]) planOfMerged(caller Caller, terms []readTerm, size int, c *condition) ListPlan {
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
	told.Inexact()
	// A list is read on once something of it is in the page.
	told.MostQueries, told.Most = max(told.MostQueries, lists+size+1), max(told.Most, lists)
	return told
}

// readsByMore tells whether a rule by which the caller may read asks more of an item than one thing.
func (m *Model[T]) readsByMore(caller Caller) bool {
	return slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		asks := slices.DeleteFunc(slices.Clone(rule.Terms), func(t Term) bool { return !t.isOfItem() })
		return rule.admits(caller, OnRead) && len(asks) > 1
	})
}
