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

	"github.com/ownql/ownql/internal/itembytes"
)

// List is [ModelOf.List].
func (m *core) List(ctx context.Context, caller Caller, index Index, hash any, page Page) (*ConnectionOf[anyItem], error) {
	return m.list(ctx, caller, index, hash, page, nil)
}

// list is List of items of which a farSide leaves some out; nil: none.
func (m *core) list(ctx context.Context, caller Caller, index Index, hash any, page Page, far *farSide) (*ConnectionOf[anyItem], error) {
	size, err := page.Size()
	if err != nil {
		return nil, err
	}
	var value types.AttributeValue // of OfAll none
	if hash != nil {
		if value, err = dynamo.Marshal(hash); err != nil {
			return nil, fmt.Errorf("list %s by %s: %w", m.table.Name(), index.Hash, err)
		}
	}
	if isOfAll(index) && m.joinedOf(index) == nil {
		return nil, fmt.Errorf("list all of %s: it has no index of all, for which there is @model(list: true) and a rule by which some read what is neither theirs nor of something that they are members of: list it as a user, or by owner, parent or @index", m.table.Name())
	}
	if err := m.mayListBy(caller, index); err != nil {
		return nil, err
	}
	asked, err := m.asked(ctx, caller, page, size)
	if err != nil {
		return nil, err
	}
	way, err := m.wayOf(ctx, caller, index, value, asked)
	if err != nil {
		return nil, err
	}
	// By whichever index the list is read, its cursors are the same.
	span, err := m.spanOf(caller, Index{Hash: index.Hash, Sort: way.plan.index.Sort}, value, asked, far)
	if err != nil {
		return nil, err
	}
	isOfSome := m.joinedOf(index).isOfAll() || isKey(value, maxKeySize)
	none := &ConnectionOf[anyItem]{Edges: []*EdgeOf[anyItem]{}, PageInfo: &PageInfo{}}
	if !isOfSome || !m.admits(caller, OnRead) {
		return none, nil // of which nobody counts
	}
	if isHidden, err := m.isOfHidden(ctx, caller, index, value); isHidden || err != nil {
		return none, err
	}
	count := func(ctx context.Context) (*int, error) { return m.count(ctx, caller, index, value, asked.condition()) }
	if !way.plan.hasItems() { // by its filter
		none.count = count
		return none, nil
	}
	m.foresee(ctx, caller, index, value)
	w, err := m.walkOn(ctx, caller, way, asked, span)
	if err != nil {
		return nil, err
	}
	w.most = w.budget.ListLimit(size)
	if m.readsAgain(caller) {
		w.again = &ownKey{index: index, hash: value}
	}
	if way.plan.joined.isOfAll() {
		w.split()
	}
	c, returned, err := m.pageOf(ctx, caller, &w, asked, span, far)
	if err != nil {
		return nil, err
	}
	chosenBy := asked.where
	if way.mayChoose {
		chosenBy = allHold(asked.where, asked.seen)
	}
	m.report(ctx, index, way.plan, chosenBy, chosenBy != nil, false, &w, returned)
	c.count = count
	return c, nil
}

// An askedPage is a page as the model understands it.
type askedPage struct {
	Page
	size   int
	filter *meaning   // nil: it has none
	seen   *condition // what of the filter is of fields that the caller may read of every item
	where  *condition // what holds of all that the caller may read; nil: nothing is known to
}

// asked returns what a page asks for. Code BAD_USER_INPUT: its filter means nothing, or not to the caller.
func (m *core) asked(ctx context.Context, caller Caller, page Page, size int) (*askedPage, error) {
	if err := m.mayFilter(caller, page.Filter); err != nil {
		return nil, err
	}
	filter, err := m.meaningOf(ctx, page.Filter)
	if err != nil {
		return nil, err
	}
	asked := &askedPage{Page: page, size: size, filter: filter, where: m.whereOf(caller)}
	asked.seen = m.ofSeen(caller, asked.condition())
	return asked, nil
}

// condition is that of the filter; nil: it has none.
func (a *askedPage) condition() *condition {
	if a.filter == nil {
		return nil
	}
	return a.filter.condition
}

func (a *askedPage) isBackward() bool { return a.Last != nil }

// A listWay is how a list is read.
type listWay struct {
	index     Index // of the list
	plan      listPlan
	mayChoose bool // the filter chooses the plan's index
}

// wayOf returns how a list is read.
func (m *core) wayOf(ctx context.Context, caller Caller, index Index, value types.AttributeValue, asked *askedPage) (way listWay, err error) {
	var within reach
	if asked.filter != nil && m.mayTell(caller, index) {
		if within, err = m.reachOf(ctx, caller, index, value); err != nil {
			return way, err
		}
	}
	way.index = index
	way.plan, way.mayChoose, err = m.planWithin(caller, index, value, asked.Order, asked.seen, asked.where, within)
	return way, err
}

// A listSpan is where a page of a list begins and ends.
type listSpan struct {
	scope       scope
	from, until *position // in the direction of the walk; nil: at the list's end
}

// spanOf returns where a page begins and ends in an order of a list. Code BAD_USER_INPUT: a cursor is of another.
func (m *core) spanOf(caller Caller, ordered Index, value types.AttributeValue, asked *askedPage, far *farSide) (span listSpan, err error) {
	span.scope = m.scopeOf(caller, ordered, value).under(asked.filter)
	if far != nil {
		span.scope = span.scope.under(far.filter)
	}
	if span.from, err = m.position(span.scope, ordered, "after", asked.After); err != nil {
		return span, err
	}
	if span.until, err = m.position(span.scope, ordered, "before", asked.Before); err != nil {
		return span, err
	}
	if asked.isBackward() {
		span.from, span.until = span.until, span.from
	}
	return span, nil
}

// walkOn returns the walk through a list from where a page begins.
func (m *core) walkOn(ctx context.Context, caller Caller, way listWay, asked *askedPage, span listSpan) (walk, error) {
	narrowing, err := m.narrowingOf(ctx, caller, way.index, way.plan, asked.condition(), asked.where)
	if err != nil {
		return walk{}, err
	}
	if narrowing != nil && m.joinedOf(way.index).isOfAll() && !way.mayChoose {
		narrowing.keys = m.keysOf(way.plan, asked.where) // how much is within the filter's would tell what others' objects have
	}
	return walk{
		table: m.table, index: way.plan.index, hash: way.plan.hash, ascending: asked.Descending == asked.isBackward(), at: span.from,
		scope: span.scope, narrowing: narrowing, isOver: narrowing != nil && narrowing.told.isNever, budget: ReadBudgetFrom(ctx),
	}, nil
}

// pageOf returns the page that a walk gives, and how many items it has returned.
func (m *core) pageOf(ctx context.Context, caller Caller, w *walk, asked *askedPage, span listSpan, far *farSide) (*ConnectionOf[anyItem], int, error) {
	if err := w.stopBefore(ctx, span.until); err != nil {
		return nil, 0, err
	}
	edges, err := m.collect(ctx, caller, w, asked.size, far)
	if err != nil {
		return nil, 0, err
	}
	c := connectionOf(edges, asked.size, asked.isBackward())
	if len(edges) <= asked.size && !w.isOver {
		m.endEarly(w, c, asked.isBackward())
	}
	return c, min(len(edges), asked.size), nil
}

// ByOwner is [ModelOf.ByOwner].
func (m *core) ByOwner(ctx context.Context, caller Caller, ownerID string, page Page) (*ConnectionOf[anyItem], error) {
	return m.List(ctx, caller, ByOwner, ownerID, page)
}

// ByParent is [ModelOf.ByParent].
func (m *core) ByParent(ctx context.Context, caller Caller, field, id string, page Page) (*ConnectionOf[anyItem], error) {
	return m.List(ctx, caller, listedBy(field), id, page)
}

// ParentIndex is [ModelOf.ParentIndex].
func (m *core) ParentIndex(field string) Index { return listedBy(field) }

// Each is [ModelOf.Each].
func (m *core) Each(ctx context.Context, caller Caller, index Index, hash string) iter.Seq2[anyItem, error] {
	return func(yield func(anyItem, error) bool) {
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

// collect returns an edge for each item of the walk that the caller may read, that matches and that far,
// which may be nil, does not leave out, until
// there are more than size, or the walk is over, or has examined as many as it may.
func (m *core) collect(ctx context.Context, caller Caller, w *walk, size int, far *farSide) ([]*EdgeOf[anyItem], error) {
	edges := []*EdgeOf[anyItem]{}
	for limit := size + 1; len(edges) <= size && !w.isDone(); limit = w.furtherLimit(len(edges), size+1-len(edges)) {
		reading, forget := passing(ctx)
		items, err := w.next(reading, limit)
		if err != nil {
			return nil, err
		}
		visible, err := m.visibleEdges(ctx, caller, w, items, far)
		if err != nil {
			return nil, err
		}
		forget(float64(len(visible)) / float64(max(len(items), 1)))
		edges = append(edges, visible...)
	}
	return edges, nil
}

// A listed item is one that a walk has come upon.
type listed struct {
	value anyItem
	found itembytes.Found // that the value was read from
	at    position
}

// visibleEdges returns an edge for each of the items that the caller may read, that matches and that far,
// which may be nil, does not leave out. It
// looks at what matches among those that the caller may read.
func (m *core) visibleEdges(ctx context.Context, caller Caller, w *walk, items []metItem, far *farSide) ([]*EdgeOf[anyItem], error) {
	var (
		values  = make([]anyItem, 0, len(items))
		visible = make([]listed, 0, len(items))
		err     error
	)
	for _, item := range items {
		value, err := m.decodeFound(item.found)
		if err != nil {
			return nil, err
		}
		if value.base().deleting == "" {
			values, visible = append(values, value), append(visible, listed{value, item.found, item.at})
		}
	}
	if w.again != nil {
		if visible, err = m.readAgain(ctx, caller, w.again, visible); err != nil {
			return nil, err
		}
	} else {
		permitted, err := m.permitted(ctx, caller, OnRead, values)
		if err != nil {
			return nil, err
		}
		all := visible
		visible = visible[:0]
		for i, l := range all {
			if permitted[i] {
				visible = append(visible, l)
			}
		}
		if len(visible) == 0 {
			return nil, nil
		}
	}
	if w.narrowing != nil && w.narrowing.condition != nil {
		if visible, err = m.matching(ctx, caller, w.narrowing.condition, visible); err != nil {
			return nil, err
		}
	}
	if far != nil {
		if visible, err = far.pick(ctx, visible); err != nil {
			return nil, err
		}
	}
	edges := make([]*EdgeOf[anyItem], len(visible))
	tagger := m.db.sealer.tagger(string(w.scope))
	for i, l := range visible {
		edges[i] = &EdgeOf[anyItem]{cursorOf(l.at, tagger), l.value}
	}
	return edges, nil
}

// Edge is [ModelOf.Edge].
func (m *core) Edge(caller Caller, item anyItem) *EdgeOf[anyItem] {
	id := item.base().ID
	at := position{id: id, sort: &types.AttributeValueMemberS{Value: id}}
	attributes, err := m.marshal(item)
	if err != nil {
		panic(fmt.Sprintf("type %s: %v", m.typeName, err)) // it was kept
	}
	var scopes []scope
	for _, index := range m.indexes() {
		hash, isThere := attributes[index.Hash]
		if m.joinedOf(index).isOfAll() {
			hash = nil
		}
		if index.Sort == "id" && isThere {
			scopes = append(scopes, m.scopeOf(caller, index, hash))
		}
	}
	if _, isMerged := m.readTerms(caller); isMerged && m.joinedOf(OfAll.Index()) == nil {
		scopes = append(scopes, m.scopeOf(caller, OfAll.Index(), nil))
	}
	return &EdgeOf[anyItem]{m.db.sealer.encodeCursor(at, scopes...), item}
}

// connectionOf returns the first size of the edges as a page; the last size, in the
// list's order, of edges found backward. There are more where edges has more.
func connectionOf(edges []*EdgeOf[anyItem], size int, isBackward bool) *ConnectionOf[anyItem] {
	hasMore := len(edges) > size
	edges = edges[:min(size, len(edges))]
	info := &PageInfo{HasNextPage: hasMore}
	if len(edges) > 0 {
		info.StartCursor, info.EndCursor = &edges[0].Cursor, &edges[len(edges)-1].Cursor
	}
	if isBackward {
		slices.Reverse(edges)
		info.StartCursor, info.EndCursor = info.EndCursor, info.StartCursor
		info.HasNextPage, info.HasPreviousPage = false, hasMore
	}
	return &ConnectionOf[anyItem]{Edges: edges, PageInfo: info}
}

// endEarly has the page say that there is more, and where: at the last item that the walk has
// examined, whose cursor is sealed, since the caller may not know of it; from the beginning again,
// where it has examined none.
func (m *core) endEarly(w *walk, c *ConnectionOf[anyItem], isBackward bool) {
	var cursor *string
	if w.at != nil {
		sealed := m.db.sealer.sealCursor(*w.at, w.scope)
		cursor = &sealed
	}
	if isBackward {
		c.PageInfo.HasPreviousPage, c.PageInfo.StartCursor = true, cursor
	} else {
		c.PageInfo.HasNextPage, c.PageInfo.EndCursor = true, cursor
	}
}

// A walk goes through the items of an index that have one hash key, in one direction.
type walk struct {
	table     dynamo.Table
	index     Index
	hash      types.AttributeValue
	ascending bool
	scope     scope
	narrowing *narrowing // what it leaves out; nil: nothing
	again     *ownKey    // of the list whose items are read again; nil: they are not
	at        *position  // of the last item examined; nil: at the beginning
	last      *position  // of the last item to examine; nil: the end
	isOver    bool

	budget   *ReadBudget // that it is charged to
	most     int         // items to examine; 0: any number
	examined int
	isSpent  bool // nothing was left of the budget

	shards  []*shard        // that it merges; none: it goes through the items itself
	isEven  bool            // each of them has as many items as another
	met     map[string]bool // by id, what has been come upon, where it may be in several; nil: it may not
	end     *position       // of them: of the first item not to examine; nil: none
	isAhead bool            // they have an item that is next
}

// isDone tells whether there is nothing more to examine, or it may not be.
func (w *walk) isDone() bool {
	return w.isOver || !w.isAhead && (w.isSpent || w.most > 0 && w.examined >= w.most)
}

// isTold tells whether DynamoDB is told a filter, so that it gives few of what it examines.
func (w *walk) isTold() bool {
	return w.narrowing != nil && w.narrowing.told.text != "" ||
		slices.ContainsFunc(w.shards, func(s *shard) bool { return s.isTold() })
}

// furtherLimit is how many items to examine by the next Query, where those examined have given so many
// that the caller may read and that match, and so many more are wanted. Where DynamoDB is told a filter,
// it gives few of what it examines: so it examines as many as are likely to have what is wanted.
func (w *walk) furtherLimit(found, wanted int) int {
	if !w.isTold() {
		return maxPageSize
	}
	likely := 4 * w.examined
	if found > 0 {
		likely = min(likely, wanted*w.examined/found*5/4)
	}
	return max(maxPageSize, likely)
}

// stopBefore ends the walk at what comes before stop; nil changes nothing. In which
// order items of the same sort key come only DynamoDB knows: so the item that comes
// before stop is looked up, and where it shares its sort key with where the walk
// begins, whether the walk comes upon it. For that it examines half of what a page may;
// where that does not tell, the walk is taken to come upon it.
func (w *walk) stopBefore(ctx context.Context, stop *position) error {
	if stop == nil || w.isOver {
		return nil
	}
	if w.shards != nil { // where no two sort keys are the same
		w.end = stop
		return nil
	}
	back := walk{table: w.table, index: w.index, hash: w.hash, ascending: !w.ascending, at: stop, budget: w.budget}
	items, err := back.next(ctx, 1)
	w.examined += back.examined
	if back.isSpent {
		w.isSpent = true
		return nil
	}
	if err != nil || len(items) == 0 {
		w.isOver = true
		return err
	}
	w.last = back.at
	if w.at == nil || w.isPast(w.last.sort, w.at.sort) {
		return nil
	}
	ahead := *w
	ahead.narrowing = nil
	for ahead.most = (w.most + 1) / 2; !ahead.isDone(); {
		if _, err := ahead.next(ctx, maxPageSize); err != nil {
			return err
		}
	}
	w.examined = ahead.examined
	w.isOver = w.at.id == w.last.id || ahead.isOver && ahead.at.id != w.last.id
	return nil
}

// isPast tells whether the walk comes to the sort key a after b.
func (w *walk) isPast(a, b types.AttributeValue) bool { return w.order(a, b) > 0 }

// order is less than 0 where the walk comes to the sort key a before b, and more than 0 where after.
func (w *walk) order(a, b types.AttributeValue) int {
	if w.ascending {
		return compareKeys(a, b)
	}
	return compareKeys(b, a)
}

// next returns the next items, at most limit and as many as it may examine, in one Query (but see
// nextOfShards), and none where nothing is left of the budget.
func (w *walk) next(ctx context.Context, limit int) ([]metItem, error) {
	if w.shards != nil {
		return w.nextOfShards(ctx, limit)
	}
	if w.most > 0 {
		limit = min(limit, w.most-w.examined)
	}
	leave, err := w.budget.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer leave()
	if limit = w.budget.Take(limit); limit == 0 {
		w.isSpent = true
		return nil, nil
	}
	var metrics dynamo.ScanMetrics
	query := w.table.Get(w.index.Hash, w.hash).Index(w.index.name()).
		Order(dynamo.Order(w.ascending)).SearchLimit(limit).ScanMetrics(&metrics)
	w.tellNarrowing(query)
	if w.at != nil {
		query.StartFrom(w.index.key(w.hash, *w.at))
	}
	var (
		items    []metItem
		answered []dynamo.Item
	)
	following, err := query.AllWithLastEvaluatedKey(itembytes.With(ctx, &itembytes.Answer{Take: func(_, item string) error {
		items = append(items, w.index.placeOf(itembytes.FoundBytes(item)))
		return nil
	}}), &answered)
	if err != nil {
		return nil, fmt.Errorf("query index %s of %s: %w", w.index.name(), w.table.Name(), err)
	}
	for _, item := range answered {
		items = append(items, w.index.placeOf(itembytes.FoundItem(item)))
	}
	examined := int(metrics.Scanned)
	w.examined += examined
	w.budget.GiveBack(limit - max(examined, 1))
	w.isOver = following == nil
	if w.last != nil {
		items = w.cut(items)
	}
	switch {
	case !w.isOver:
		at := w.index.positionOf(dynamo.Item(following))
		w.at = &at
		w.isOver = w.last != nil && (at.id == w.last.id || w.isPast(at.sort, w.last.sort))
	case len(items) > 0:
		w.at = &items[len(items)-1].at
	}
	return items, nil
}

// tellNarrowing has a query leave out what the walk does. Of what it leaves out after all, the last
// item of the walk is not: where that is, items of its sort key come before it and behind it.
func (w *walk) tellNarrowing(query *dynamo.Query) {
	if w.narrowing == nil {
		return
	}
	if w.at == nil || w.narrowing.keys.has(*w.at) { // or DynamoDB refuses to begin there
		w.narrowing.keys.tell(query, w.index.Sort)
	}
	if told := w.narrowing.told; told.text != "" {
		if w.last != nil && w.index.Sort != "id" {
			told = told.joined(" OR ", expression{text: "id = ?", arguments: []any{w.last.id}})
		}
		query.Filter(told.text, told.arguments...)
	}
}

// cut returns the items up to the walk's last, and ends the walk there, or where its
// place has been passed.
func (w *walk) cut(items []metItem) []metItem {
	for i, item := range items {
		at := item.at
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
func (m *core) idsOf(ctx context.Context, index Index, hash string) idPages {
	return func(yield func([]string, error) bool) {
		w := walk{table: m.table, index: index, hash: &types.AttributeValueMemberS{Value: hash}, ascending: true}
		for !w.isOver {
			reading, forget := passing(ctx)
			items, err := w.next(reading, maxPageSize)
			ids := make([]string, len(items))
			for i, item := range items {
				ids[i] = item.at.id
			}
			forget(0)
			if !yield(ids, err) || err != nil {
				return
			}
		}
	}
}
