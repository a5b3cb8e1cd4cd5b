package model

import (
	"context"
	"fmt"
	"iter"
	"math/big"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// List returns a page of the items whose attribute index.Hash is hash and that the
// caller may read, in the order of index.Sort. Others are passed over: see PageInfo.
// A page without them costs one Query, one more where it is to end before a cursor, and what
// the rules need beside. On AWS it may
// lag behind a write for a moment.
//
// Code BAD_USER_INPUT: the page asks for too much, or a cursor is of another order.
func (m *Model[T]) List(ctx context.Context, caller Caller, index Index, hash any, page Page) (*Connection[T], error) {
	size, err := page.Size()
	if err != nil {
		return nil, err
	}
	after, err := m.position(index, "after", page.After)
	if err != nil {
		return nil, err
	}
	before, err := m.position(index, "before", page.Before)
	if err != nil {
		return nil, err
	}
	value, err := dynamo.Marshal(hash)
	if err != nil {
		return nil, fmt.Errorf("list %s by %s: %w", m.table.Name(), index.Hash, err)
	}
	if !isKey(value, maxKeySize) || !m.admits(caller, OnRead) {
		return &Connection[T]{Edges: []*Edge[T]{}, PageInfo: &PageInfo{}}, nil
	}

	m.foresee(ctx, caller, index, value)
	isBackward := page.Last != nil
	w := walk{table: m.table, index: index, hash: value, ascending: page.Descending == isBackward, at: after}
	stop := before
	if isBackward {
		w.at, stop = before, after
	}
	if err := w.stopBefore(ctx, stop); err != nil {
		return nil, err
	}
	edges, early, err := m.collect(ctx, caller, &w, size)
	if err != nil {
		return nil, err
	}
	return connectionOf(edges, size, early, isBackward), nil
}

// ByOwner is List of what a user owns, by id, which is by age.
func (m *Model[T]) ByOwner(ctx context.Context, caller Caller, ownerID string, page Page) (*Connection[T], error) {
	return m.List(ctx, caller, ByOwner, ownerID, page)
}

// ByParent is List of what belongs to a parent, by id, which is by age. field is the [Parent]'s.
func (m *Model[T]) ByParent(ctx context.Context, caller Caller, field, id string, page Page) (*Connection[T], error) {
	return m.List(ctx, caller, m.parent(field).index(), id, page)
}

// ParentIndex is the index of what belongs to a parent. field is the [Parent]'s.
func (m *Model[T]) ParentIndex(field string) Index { return m.parent(field).index() }

// Each goes through all items whose attribute index.Hash is hash and that the caller may read,
// as they are in the table, not in the index, which on AWS may lag behind for a moment.
func (m *Model[T]) Each(ctx context.Context, caller Caller, index Index, hash string) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		for ids, err := range m.idsOf(ctx, index, hash) {
			if err != nil {
				yield(nil, err)
				return
			}
			found, err := m.ByID(ctx, caller, ids)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, id := range ids {
				if found[id] != nil && !yield(found[id], nil) {
					return
				}
			}
		}
	}
}

// collect returns an edge for each item of the walk that the caller may read, until
// there are more than size. Where it gave up before that, early is the cursor of the
// last item it looked at, sealed: the caller may not know of it.
func (m *Model[T]) collect(ctx context.Context, caller Caller, w *walk, size int) (edges []*Edge[T], early *string, err error) {
	edges = []*Edge[T]{}
	for limit := size + 1; len(edges) <= size && !w.isOver; limit = max(limit, maxPageSize) {
		if w.examined >= maxExamined {
			cursor := m.db.sealer.sealCursor(m.listName(w.index), *w.at)
			return edges, &cursor, nil
		}
		items, err := w.next(ctx, min(limit, maxExamined-w.examined))
		if err != nil {
			return nil, nil, err
		}
		visible, err := m.visibleEdges(ctx, caller, w.index, items)
		if err != nil {
			return nil, nil, err
		}
		edges = append(edges, visible...)
	}
	return edges, nil, nil
}

// visibleEdges returns an edge for each of the items that the caller may read.
func (m *Model[T]) visibleEdges(ctx context.Context, caller Caller, index Index, items []dynamo.Item) ([]*Edge[T], error) {
	var (
		edges  []*Edge[T]
		values []*T
	)
	for _, item := range items {
		value, err := m.decode(item)
		if err != nil {
			return nil, err
		}
		if m.base(value).deleting == "" {
			values = append(values, value)
			edges = append(edges, &Edge[T]{encodeCursor(m.listName(index), index.positionOf(item)), value})
		}
	}
	permitted, err := m.permitted(ctx, caller, OnRead, values)
	return slices.DeleteFunc(edges, func(edge *Edge[T]) bool { return !permitted[edge.Node] }), err
}

// Edge returns an item as it stands in its owner's list, and in any other by id: see
// listName.
func (m *Model[T]) Edge(item *T) *Edge[T] {
	id := m.base(item).ID
	at := position{id: id, sort: &types.AttributeValueMemberS{Value: id}}
	return &Edge[T]{encodeCursor(m.listName(ByOwner), at), item}
}

// connectionOf returns the first size of the edges as a page; the last size, in the
// list's order, of edges found backward. There are more where edges has more, and
// where the search for them ended early.
func connectionOf[T any](edges []*Edge[T], size int, early *string, isBackward bool) *Connection[T] {
	hasMore := len(edges) > size
	if hasMore {
		edges, early = edges[:size], nil
	}
	info := &PageInfo{}
	if len(edges) > 0 {
		info.StartCursor, info.EndCursor = &edges[0].Cursor, &edges[len(edges)-1].Cursor
	}
	if early != nil {
		hasMore = true
		info.EndCursor = early
	}
	info.HasNextPage = hasMore
	if isBackward {
		slices.Reverse(edges)
		info.StartCursor, info.EndCursor = info.EndCursor, info.StartCursor
		info.HasNextPage, info.HasPreviousPage = false, hasMore
	}
	return &Connection[T]{edges, info}
}

// A walk goes through the items of an index that have one hash key, in one direction.
type walk struct {
	table     dynamo.Table
	index     Index
	hash      types.AttributeValue
	ascending bool
	at        *position // of the last item examined; nil: at the beginning
	last      *position // of the last item to examine; nil: the end
	examined  int       // items, in all
	isOver    bool
}

// stopBefore ends the walk at what comes before stop; nil changes nothing. In which
// order items of the same sort key come only DynamoDB knows: so the item that comes
// before stop is looked up, and where it shares its sort key with where the walk
// begins, whether the walk comes upon it. For that it examines half of what a page may;
// where that does not tell, the walk is taken to come upon it.
func (w *walk) stopBefore(ctx context.Context, stop *position) error {
	if stop == nil {
		return nil
	}
	back := walk{table: w.table, index: w.index, hash: w.hash, ascending: !w.ascending, at: stop}
	items, err := back.next(ctx, 1)
	w.examined += back.examined
	if err != nil || len(items) == 0 {
		w.isOver = true
		return err
	}
	w.last = back.at
	if w.at == nil || w.isPast(w.last.sort, w.at.sort) {
		return nil
	}
	ahead := *w
	for !ahead.isOver && ahead.examined < maxExamined/2 {
		if _, err := ahead.next(ctx, min(maxPageSize, maxExamined/2-ahead.examined)); err != nil {
			return err
		}
	}
	w.examined = ahead.examined
	w.isOver = w.at.id == w.last.id || ahead.isOver && ahead.at.id != w.last.id
	return nil
}

// isPast tells whether the walk comes to the sort key a after b.
func (w *walk) isPast(a, b types.AttributeValue) bool {
	order := compareKeys(a, b)
	return order != 0 && (order > 0) == w.ascending
}

// next returns the next items, at most limit, in one Query.
func (w *walk) next(ctx context.Context, limit int) ([]dynamo.Item, error) {
	query := w.table.Get(w.index.Hash, w.hash).Index(w.index.name()).
		Order(dynamo.Order(w.ascending)).SearchLimit(limit)
	if w.at != nil {
		query.StartFrom(w.index.key(w.hash, *w.at))
	}
	var items []dynamo.Item
	following, err := query.AllWithLastEvaluatedKey(ctx, &items)
	if err != nil {
		return nil, fmt.Errorf("query index %s of %s: %w", w.index.name(), w.table.Name(), err)
	}
	w.examined += len(items)
	w.isOver = following == nil
	if w.last != nil {
		items = w.cut(items)
	}
	if len(items) > 0 {
		at := w.index.positionOf(items[len(items)-1])
		w.at = &at
	}
	return items, nil
}

// cut returns the items up to the walk's last, and ends the walk there, or where its
// place has been passed.
func (w *walk) cut(items []dynamo.Item) []dynamo.Item {
	for i, item := range items {
		at := w.index.positionOf(item)
		if at.id == w.last.id {
			w.isOver = true
			return items[:i+1]
		}
		if w.isPast(at.sort, w.last.sort) {
			w.isOver = true
			return items[:i]
		}
	}
	return items
}

// compareKeys orders sort keys as DynamoDB does: numbers by value, text by its bytes.
func compareKeys(a, b types.AttributeValue) int {
	switch a := a.(type) {
	case *types.AttributeValueMemberN:
		if b, ok := b.(*types.AttributeValueMemberN); ok {
			x, isNumber := new(big.Rat).SetString(a.Value)
			y, areNumbers := new(big.Rat).SetString(b.Value)
			if isNumber && areNumbers {
				return x.Cmp(y)
			}
		}
	case *types.AttributeValueMemberS:
		if b, ok := b.(*types.AttributeValueMemberS); ok {
			return strings.Compare(a.Value, b.Value)
		}
	}
	return -1
}

// idPages are the ids of a list, a page at a time.
type idPages = iter.Seq2[[]string, error]

// idsOf goes through the ids of the items whose attribute index.Hash is hash.
func (m *Model[T]) idsOf(ctx context.Context, index Index, hash string) idPages {
	return func(yield func([]string, error) bool) {
		w := walk{table: m.table, index: index, hash: &types.AttributeValueMemberS{Value: hash}, ascending: true}
		for !w.isOver {
			items, err := w.next(ctx, maxPageSize)
			ids := make([]string, len(items))
			for i, item := range items {
				ids[i] = index.positionOf(item).id
			}
			if !yield(ids, err) || err != nil {
				return
			}
		}
	}
}
