package model

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/testclient"
)

// TestFilterDifferential walks random lists under random filters to their ends, in pages of random
// sizes, in both directions, as several callers, and holds what it comes upon to a plain evaluation of
// the filter over all objects that the caller may read. OWNQL_TEST_SEED sets the seed, which is in the
// log of a test that fails.
func TestFilterDifferential(t *testing.T) {
	seed := seedOf(t, uint64(time.Now().UnixNano()))
	var joined, sharded, ofLinks, linked int
	for name, test := range map[string]struct {
		open   func(testing.TB) *tracker
		joined []Joined
		keys   []hashKeys
		cases  int
	}{
		"by most fields": {newTracker, joinedIssues, issueKeys, testclient.Cases * 7 / 10},
		"by Dates and Decimals": {
			func(t testing.TB) *tracker {
				return newTrackerBy(t, []Index{issuesByDay, issuesByPrice}, joinedByScalars)
			},
			joinedByScalars, scalarKeys, testclient.Cases * 4 / 10,
		},
		"by fields that not everybody may read": {newGuardedTracker, joinedWithoutEpics, issueKeys, testclient.Cases * 4 / 10},
	} {
		t.Run(name, func(t *testing.T) {
			d := &differential{tracker: test.open(t), orders: test.joined, keys: test.keys, random: rand.New(rand.NewPCG(seed, 0))}
			d.fill(t)
			for range test.cases {
				if d.random.IntN(8) == 0 {
					d.compareLinked(t)
				} else {
					d.compare(t)
				}
				if t.Failed() {
					return
				}
			}
			t.Logf("of %d cases, %d found nothing, and %d all of the list; %d were read by a joined index, %d by one of all; %d asked for what is linked, %d were lists of that", test.cases, d.empty, d.whole, d.joined, d.sharded, d.ofLinks, d.linked)
			joined, sharded, ofLinks, linked = joined+d.joined, sharded+d.sharded, ofLinks+d.ofLinks, linked+d.linked
		})
	}
	if !t.Failed() && (joined == 0 || sharded == 0 || ofLinks == 0 || linked == 0) {
		t.Errorf("no case of a kind: %d by a joined index, %d by one of all, %d under a filter by what is linked, %d of what is linked", joined, sharded, ofLinks, linked)
	}
}

// seedOf returns the seed that OWNQL_TEST_SEED has, or this one, and notes it.
func seedOf(t *testing.T, seed uint64) uint64 {
	t.Helper()
	if text := os.Getenv("OWNQL_TEST_SEED"); text != "" {
		given, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = given
	}
	t.Logf("OWNQL_TEST_SEED=%d", seed)
	return seed
}

type differential struct {
	*tracker
	random       *rand.Rand
	orders       []Joined
	keys         []hashKeys
	projectsOf   map[string]string // owner's ids, by id
	all          []*issue
	scalars      map[string]scalars // by issue
	graph        linkGraph
	linksLeft    int // ids of what is linked that a filter may have beside
	lists        map[string][]*issue
	empty, whole int
	joined       int // lists that were read by one
	sharded      int // that were read by one of all
	ofLinks      int // under a filter by what is linked
	linked       int // of what is linked
	counted      int // by who is not the project itself

	sees func(caller Caller, item *issue) bool // by rules that are not the tracker's own; nil: by those
}

// hashKeys are the lists by an index.
type hashKeys struct {
	index  Index
	values []any
}

var issueKeys = []hashKeys{
	{issuesByStatus, []any{"DRAFT", "PUBLISHED"}}, {issuesByBoard, []any{"b", "c"}}, {issuesByTitle, []any{"b"}},
}

// fill makes some projects of two owners, one of which is gone again, and issues in them.
func (d *differential) fill(t *testing.T) {
	d.projectsOf, d.lists, d.scalars = map[string]string{}, map[string][]*issue{}, map[string]scalars{}
	var projects []project
	for i := range 6 {
		owner := []Caller{ada, eve}[i%2]
		p := project{Object: Object{ID: NewID(), OwnerID: owner.ID, Version: 1}, Name: "p"}
		projects = append(projects, p)
		d.projectsOf[p.ID] = owner.ID
	}
	put(t, d.projects.core.table, projects)
	ids := append(slices.Sorted(maps.Keys(d.projectsOf)), NewID()) // the last is gone
	var items []dynamo.Item
	for range 100 {
		made := d.issue(ids)
		item, err := dynamo.MarshalItem(made)
		if err != nil {
			t.Fatal(err)
		}
		d.scalars[made.ID] = d.setScalars(item)
		for _, newer := range []string{"note", "points", "isOpen", "labels"} {
			if d.random.IntN(3) == 0 {
				delete(item, newer) // it was made before there was the field
			}
		}
		if severity := item["severity"]; severity != nil && d.random.IntN(3) == 0 { // it was made under the former name
			item["gravity"] = severity
			delete(item, "severity")
		}
		for _, null := range []string{"body", "estimate", "from"} {
			if d.random.IntN(8) == 0 {
				item[null] = &types.AttributeValueMemberNULL{Value: true}
			}
		}
		for _, name := range []string{"at", "from"} {
			if object, ok := item[name].(*types.AttributeValueMemberM); ok && d.random.IntN(4) == 0 {
				for _, newer := range []string{"city", "day", "rent"} {
					delete(object.Value, newer)
				}
			}
		}
		items = append(items, item)
	}
	put(t, d.issues.core.table, items)
	if err := d.issues.core.writeKeys(t.Context()); err != nil {
		t.Fatal(err)
	}
	for page, err := range d.issues.core.scan(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		d.all = append(d.all, mapped(page, typed[*issue])...)
	}
	slices.SortFunc(d.all, func(a, b *issue) int { return strings.Compare(a.ID, b.ID) }) // so that a seed has one meaning
	d.link(t)
}

var (
	someTexts = []string{"", "a", "ab", "abc", "b", "ba", "é", "Z", "z\U0001F600", "none"}
	someTimes = []string{"2026-11-22T12:00:00.000Z", "2026-11-22T12:00:01.000Z", "2026-11-22T12:00:01.500Z", "2027-01-01T00:00:00.000Z"}
)

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

func maybe[T any](r *rand.Rand, value T) *T {
	if r.IntN(3) == 0 {
		return nil
	}
	return &value
}

func (d *differential) issue(projects []string) issue {
	r := d.random
	at := func() DateTime {
		var at DateTime
		if err := at.UnmarshalGQL(pick(r, someTimes...)); err != nil {
			panic(err)
		}
		return at
	}
	i := issue{
		Object: Object{ID: NewID(), OwnerID: pick(r, ada, eve).ID, Version: 1, CreatedAt: at(), UpdatedAt: at()},
		Title:  pick(r, someTexts[1:]...), Body: maybe(r, pick(r, someTexts...)), Note: pick(r, someTexts...),
		Status: pick(r, draft, draft, published), Severity: maybe(r, pick[severity](r, "LOW", "HIGH")),
		Board: pick(r, "b", "b", "c"), Rank: float64(r.IntN(9))/2 - 2,
		Estimate: maybe(r, r.IntN(4)), Points: r.IntN(5), IsOpen: r.IntN(2) == 0, IsBlocked: maybe(r, r.IntN(2) == 0),
		DueDate: maybe(r, at()), At: d.spot(2), From: maybe(r, d.spot(2)),
		ProjectID: pick(r, projects...),
	}
	for range r.IntN(3) {
		i.Labels = append(i.Labels, pick(r, someTexts[1:]...))
	}
	i.Sizes = maybe(r, []int{r.IntN(4), r.IntN(4)})
	i.Spots = maybe(r, []spot{})
	if r.IntN(2) == 0 {
		i.EpicID = pick(r, projects...)
	}
	return i
}

func (d *differential) spot(depth int) spot {
	s := spot{City: pick(d.random, someTexts...), Floor: maybe(d.random, d.random.IntN(3)), Since: maybe(d.random, pick(d.random, someTexts...))}
	s.Day, s.Rent = MustDate(pick(d.random, someDays...)), MustDecimal(pick(d.random, someNumbers...))
	if depth > 0 {
		s.In = maybe(d.random, d.spot(depth-1))
	}
	return s
}

// compare is one case.
func (d *differential) compare(t *testing.T) {
	r := d.random
	caller := d.caller()
	filter := d.someFilter()
	var index Index
	var hash any
	switch r.IntN(6) {
	case 0:
		index, hash = ByOwner, pick(r, ada, eve).ID
	case 1:
		index = OfAll.Index()
	case 2, 3:
		index, hash = issuesOf, pick(r, slices.Sorted(maps.Keys(d.projectsOf))...)
	default:
		keys := pick(r, d.keys...)
		index, hash = keys.index, pick(r, keys.values...)
	}
	page := Page{Descending: r.IntN(2) == 0, Order: pick(r, d.ordersOf(index)...)}
	if r.IntN(2) == 0 {
		d.bind(filter)
	}
	if d.linksLeft < maxFilterLinks {
		d.ofLinks++
	}
	var expected []string
	for _, item := range d.list(t, index, hash, page) {
		if d.maySee(caller, item) && d.matches(caller, filter, item) {
			expected = append(expected, item.ID)
		}
	}
	given, _ := json.Marshal(filter)
	d.note(t, caller, index, hash, page.Order, filter)
	what := fmt.Sprintf("by %s %v %v, order %q, descending %v, as %s %v: %s", index.Hash, index.Sort, hash, page.Order, page.Descending, caller.ID, caller.Roles, given)
	page.Filter = NewFilter(filter)
	var edges []*Edge[issue]
	for _, isBackward := range []bool{false, true} {
		edges = walkDifferential(t, r, page, isBackward, func(ctx context.Context, page Page) ([]*Edge[issue], *PageInfo, error) {
			got, err := d.issues.List(ctx, caller, index, hash, page)
			if err != nil {
				return nil, nil, err
			}
			return got.Edges, got.PageInfo, nil
		})
		var got []string
		for _, edge := range edges {
			got = append(got, edge.Node.ID)
		}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Fatalf("%s, backward %v: -want +got: %s", what, isBackward, diff)
		}
	}
	d.wantTotal(t, what, caller, index, hash, page, len(expected))
	switch len(expected) {
	case 0:
		d.empty++
		return
	case len(d.list(t, index, hash, Page{Order: page.Order, Descending: page.Descending})):
		d.whole++
	}
	for range 2 { // between places
		n := 1 + r.IntN(4)
		page.First, page.Last = &n, nil
		if r.IntN(2) == 0 {
			page.First, page.Last = nil, &n
		}
		page.After, page.Before = nil, nil
		if r.IntN(2) == 0 {
			page.After = &edges[r.IntN(len(edges))].Cursor
		}
		if r.IntN(2) == 0 {
			page.Before = &edges[r.IntN(len(edges))].Cursor
		}
		got, err := d.issues.List(t.Context(), caller, index, hash, page)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if diff := cmp.Diff(describe(relay(edges, nil, page)), describe(got)); diff != "" {
			t.Fatalf("%s, between places: -want +got: %s", what, diff)
		}
	}
}

// wantTotal wants the list's total count, or none where the caller may not read all that is in the list.
func (d *differential) wantTotal(t *testing.T, what string, caller Caller, index Index, hash any, page Page, want int) {
	t.Helper()
	page.First, page.After = new(d.random.IntN(2)), nil
	got, err := d.issues.List(t.Context(), caller, index, hash, page)
	if err != nil {
		t.Fatal(err)
	}
	total, err := got.TotalCount(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if d.sees != nil && !caller.IsSystem() {
		if total != nil && *total != want {
			t.Fatalf("%s: the total is %d, want %d, or none", what, *total, want)
		}
		if total != nil {
			d.counted++
		}
		return
	}
	isDecided := caller.IsSystem() || slices.Contains(caller.Roles, "editor") ||
		index == ByOwner && hash == caller.ID || index == issuesOf && d.maySeeProject(caller, hash.(string))
	switch {
	case isDecided && (total == nil || *total != want):
		t.Fatalf("%s: the total is %v, want %d", what, total, want)
	case !isDecided && total != nil:
		t.Fatalf("%s: the total is %d, where nothing decides who may read all of it", what, *total)
	}
}

// list returns all of a list in its order, which is DynamoDB's own where sort keys are equal.
func (d *differential) list(t *testing.T, index Index, hash any, page Page) []*issue {
	t.Helper()
	key := fmt.Sprint(index, hash, page.Order, page.Descending)
	if _, isKnown := d.lists[key]; !isKnown {
		var list []*issue
		for _, edge := range everyEdge(t, d.issues, System, index, hash, page) {
			list = append(list, edge.Node)
		}
		d.wantOrder(t, list, index, hash, page)
		d.lists[key] = list
	}
	return d.lists[key]
}

// wantOrder wants a list to be of all issues that are of it, in its order.
func (d *differential) wantOrder(t *testing.T, list []*issue, index Index, hash any, page Page) {
	t.Helper()
	parts := []SortPart{{Attribute: index.Sort}}
	if page.Order != "" {
		at := slices.IndexFunc(d.orders, func(j Joined) bool {
			return j.Name == page.Order && slices.Equal(j.Hash, d.issues.core.boundBy(index))
		})
		parts = append(slices.Clone(d.orders[at].Sort), SortPart{Attribute: "id"})
	}
	plain := map[string]map[string]any{}
	var want []string
	for _, i := range d.all {
		plain[i.ID] = d.plain(System, i)
		plain[i.ID]["id"], plain[i.ID]["ownerId"], plain[i.ID]["projectId"] = i.ID, i.OwnerID, i.ProjectID
		if hash == nil || plainOrder(plain[i.ID][index.Hash], fmt.Sprint(hash)) == 0 {
			want = append(want, i.ID)
		}
	}
	got := make([]string, len(list))
	for i, each := range list {
		got[i] = each.ID
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))); diff != "" {
		t.Fatalf("the list by %v %v, order %q, is not of what it should be: -want +got: %s", index, hash, page.Order, diff)
	}
	for i := 1; i < len(got); i++ {
		a, b := plain[got[i-1]], plain[got[i]]
		if page.Descending {
			a, b = b, a
		}
		if plainOrderBy(parts, a, b) > 0 {
			t.Fatalf("the list by %v %v, order %q, descending %v: %v comes before %v", index, hash, page.Order, page.Descending, plain[got[i-1]], plain[got[i]])
		}
	}
}

// plainOrderBy orders two objects by parts; what is null comes last.
func plainOrderBy(parts []SortPart, a, b map[string]any) int {
	for _, part := range parts {
		x, y := a[part.Attribute], b[part.Attribute]
		var order int
		switch {
		case x == nil && y == nil:
		case x == nil:
			return 1
		case y == nil:
			return -1
		case part.Enum != nil:
			order = slices.Index(part.Enum, x.(string)) - slices.Index(part.Enum, y.(string))
		case x == false || x == true:
			order = len(fmt.Sprint(y)) - len(fmt.Sprint(x)) // true is greater, and shorter
		default:
			order = plainOrder(x, y)
		}
		if part.Descending {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// walkDifferential goes through a list in pages of random sizes, with few items to examine for each at
// times, and returns its edges.
func walkDifferential[E any](t *testing.T, r *rand.Rand, page Page, isBackward bool, list func(context.Context, Page) ([]*E, *PageInfo, error)) (edges []*E) {
	t.Helper()
	for pages := 0; ; pages++ {
		size := 1 + r.IntN(60)
		ctx := t.Context()
		if r.IntN(4) == 0 {
			ctx, _ = WithReadBudget(ctx, ReadLimits{List: 3 + r.IntN(40)})
		}
		if r.IntN(2) == 0 {
			ctx = WithReads(ctx, true)
		}
		page.First, page.Last = &size, nil
		if isBackward {
			page.First, page.Last = nil, &size
		}
		got, info, err := list(ctx, page)
		if err != nil || pages > 1000 {
			t.Fatalf("page %d: %v", pages, err)
		}
		if isBackward {
			edges = append(slices.Clone(got), edges...)
			page.Before = info.StartCursor
		} else {
			edges = append(edges, got...)
			page.After = info.EndCursor
		}
		if len(got) > size {
			t.Fatalf("%d edges, of %d", len(got), size)
		}
		if !info.HasNextPage && !info.HasPreviousPage {
			return edges
		}
	}
}

// caller returns who asks.
func (d *differential) caller() Caller {
	return pick(d.random, ada, ada, ada, eve, eve, eve, editor, editor, Caller{ID: NewID()}, System, System)
}

func (d *differential) maySeeProject(caller Caller, id string) bool {
	owner, isThere := d.projectsOf[id]
	return isThere && (owner == caller.ID || caller.IsSystem()) || caller.IsSystem()
}

func (d *differential) maySee(caller Caller, i *issue) bool {
	if d.sees != nil {
		return d.sees(caller, i)
	}
	return i.OwnerID == caller.ID || slices.Contains(caller.Roles, "editor") || d.maySeeProject(caller, i.ProjectID)
}

// ordersOf returns the orders that a list has; the empty one is its own.
func (d *differential) ordersOf(index Index) []string {
	orders := []string{""}
	for _, joined := range d.orders {
		if joined.Name != "" && slices.Equal(joined.Hash, d.issues.core.boundBy(index)) {
			orders = append(orders, joined.Name)
		}
	}
	return orders
}

// bind adds what binds the keys of a joined index, or of two.
func (d *differential) bind(filter map[string]any) {
	r := d.random
	eq := func(value any) any { return map[string]any{"eq": value} }
	null := any(map[string]any{"exists": false})
	for range pick(r, 1, 1, 2) {
		for _, attribute := range pick(r, d.orders...).Hash {
			switch {
			case r.IntN(8) == 0:
			case attribute == "status":
				filter["status"] = eq(pick(r, "DRAFT", "PUBLISHED"))
			case attribute == "isOpen":
				filter["isOpen"] = eq(r.IntN(2) == 0)
			case attribute == "severity":
				filter["severity"] = pick(r, eq("HIGH"), null)
			case attribute == "isBlocked":
				filter["isBlocked"] = pick(r, eq(true), null)
			case attribute == "points":
				filter["points"] = eq(int64(r.IntN(5)))
			case attribute == "epicId":
				filter["epic"] = pick(r, eq(GlobalID("Project", pick(r, slices.Sorted(maps.Keys(d.projectsOf))...))), null)
			case attribute == "day":
				filter["day"] = eq(pick(r, someDays...))
			case attribute == "until":
				filter["until"] = pick(r, eq(pick(r, someDays...)), null)
			case attribute == "price":
				filter["price"] = eq(d.number())
			case attribute == "fee":
				filter["fee"] = pick(r, eq(d.number()), null)
			}
		}
	}
}

// note counts the lists that are read by a joined index.
func (d *differential) note(t *testing.T, caller Caller, index Index, hash any, order string, filter map[string]any) {
	c, err := d.issues.core.conditionOf(NewFilter(filter))
	if err != nil {
		t.Fatal(err)
	}
	var key types.AttributeValue
	if hash != nil {
		if key, err = dynamo.Marshal(hash); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := d.issues.core.planOf(index, key, order, c, d.issues.core.mayTell(caller, index))
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case plan.joined.isOfAll():
		d.sharded++
	case plan.joined != nil:
		d.joined++
	}
}

// someFilter returns a random filter of issues.
func (d *differential) someFilter() map[string]any {
	d.linksLeft = maxFilterLinks
	return d.filter(2)
}

func (d *differential) filter(depth int) map[string]any {
	r := d.random
	filter := map[string]any{}
	for range pick(r, 1, 1, 2) {
		switch choice := r.IntN(10); {
		case choice == 0 && depth > 0:
			filter["not"] = d.filter(depth - 1)
		case choice <= 2 && depth > 0:
			several := []any{}
			for range r.IntN(4) {
				several = append(several, d.filter(depth-1))
			}
			filter[pick(r, "and", "or", "or")] = several
		default:
			d.addField(filter)
		}
	}
	return filter
}

func (d *differential) addField(filter map[string]any) {
	r := d.random
	text := func() any { return pick(r, someTexts...) }
	number := func() any { return int64(r.IntN(6) - 2) }
	at := func() any { return pick(r, append(someTimes, "2026-11-22T13:00:01+01:00")...) }
	ordered := []string{"eq", "ne", "in", "lt", "le", "gt", "ge", "between", "exists"}
	texts := append(slices.Clone(ordered), "beginsWith", "contains")
	few := []string{"eq", "ne", "in", "exists"}
	ofSpot := func() any { return d.spotFilter(1) }
	switch name := pick(r, "id", "createdAt", "updatedAt", "title", "title", "body", "note", "status", "severity", "board", "rank", "rank", "estimate",
		"points", "isOpen", "isBlocked", "dueDate", "labels", "sizes", "at", "from", "spots", "project", "epic",
		"day", "until", "price", "fee", "themes", "themes"); name {
	case "id":
		filter[name] = d.operators(few, func() any { return d.all[r.IntN(len(d.all))].GlobalID() })
	case "createdAt", "updatedAt", "dueDate":
		filter[name] = d.operators(ordered, at)
	case "title", "body", "note", "board":
		filter[name] = d.operators(texts, text)
	case "status":
		filter[name] = d.operators(few, func() any { return pick(r, "DRAFT", "PUBLISHED") })
	case "severity":
		filter[name] = d.operators(few, func() any { return pick(r, "LOW", "HIGH") })
	case "estimate", "points":
		filter[name] = d.operators(ordered, number)
	case "rank":
		filter[name] = d.operators(ordered, func() any { return float64(r.IntN(10))/2 - 2 })
	case "isOpen", "isBlocked":
		filter[name] = d.operators([]string{"eq", "ne", "exists"}, func() any { return r.IntN(2) == 0 })
	case "labels":
		filter[name] = d.operators([]string{"contains", "exists"}, text)
	case "sizes":
		filter[name] = d.operators([]string{"contains", "exists"}, number)
	case "at", "from":
		filter[name] = ofSpot()
	case "spots":
		filter[name] = d.operators([]string{"exists"}, nil)
	case "day", "until":
		filter[name] = d.operators(ordered, func() any { return pick(r, someDays...) })
	case "price", "fee":
		filter[name] = d.operators(ordered, d.number)
	case "themes":
		if _, isThere := filter[name]; d.linksLeft > 0 && !isThere {
			d.linksLeft--
			filter[name] = map[string]any{"contains": d.someTheme()}
		}
	default:
		filter[name] = d.operators(few, func() any {
			if r.IntN(8) == 0 {
				return "no id"
			}
			return GlobalID("Project", d.all[r.IntN(len(d.all))].ProjectID)
		})
	}
}

func (d *differential) spotFilter(depth int) any {
	r := d.random
	filter := map[string]any{}
	if r.IntN(4) == 0 {
		filter["exists"] = r.IntN(2) == 0
	}
	switch r.IntN(6) {
	case 0:
		filter["city"] = d.operators([]string{"eq", "ne", "contains", "lt", "exists"}, func() any { return pick(r, someTexts...) })
	case 1:
		filter["floor"] = d.operators([]string{"eq", "ne", "ge", "exists"}, func() any { return int64(r.IntN(3)) })
	case 2:
		filter["day"] = d.operators([]string{"eq", "ne", "le", "exists"}, func() any { return pick(r, someDays...) })
	case 3:
		filter["rent"] = d.operators([]string{"eq", "ne", "lt", "in"}, d.number)
	case 4:
		filter["since"] = d.operators([]string{"eq", "ne", "beginsWith", "exists"}, func() any { return pick(r, someTexts...) })
	default:
		if depth > 0 {
			filter["in"] = d.spotFilter(depth - 1)
		}
	}
	return filter
}

// operators returns some operators of a field.
func (d *differential) operators(names []string, value func() any) map[string]any {
	operators := map[string]any{}
	for range pick(d.random, 0, 1, 1, 1, 1, 2) {
		switch name := pick(d.random, names...); name {
		case "exists":
			operators[name] = d.random.IntN(2) == 0
		case "in":
			several := []any{}
			for range d.random.IntN(4) {
				several = append(several, value())
			}
			operators[name] = several
		case "between":
			operators[name] = []any{value(), value()}
		case "eq", "ne":
			if operators[name] = value(); d.random.IntN(8) == 0 {
				operators[name] = nil
			}
		default:
			operators[name] = value()
		}
	}
	return operators
}

// matches is the plain evaluation: of a filter as it is given, for an object as the caller reads it.
func (d *differential) matches(caller Caller, filter map[string]any, i *issue) bool {
	return plainly(filter, d.plain(caller, i))
}

// plain returns an issue as the caller reads it.
func (d *differential) plain(caller Caller, i *issue) map[string]any {
	text := func(s *string) any {
		if s == nil {
			return nil
		}
		return *s
	}
	object := map[string]any{
		"id": i.GlobalID(), "createdAt": i.CreatedAt.String(), "updatedAt": i.UpdatedAt.String(),
		"title": i.Title, "body": text(i.Body), "note": i.Note, "status": string(i.Status), "severity": text((*string)(i.Severity)),
		"board": i.Board, "rank": i.Rank, "points": float64(i.Points), "isOpen": i.IsOpen,
		"estimate": nil, "isBlocked": nil, "dueDate": nil, "labels": plainList(i.Labels), "sizes": nil,
		"at": plainSpot(&i.At), "from": nil, "spots": nil, "project": nil, "epic": nil,
		"themes": d.themesOf(caller, i.ID),
	}
	maps.Copy(object, d.scalars[i.ID])
	defer d.hide(caller, i, object)
	if i.Estimate != nil {
		object["estimate"] = float64(*i.Estimate)
	}
	if i.IsBlocked != nil {
		object["isBlocked"] = *i.IsBlocked
	}
	if i.DueDate != nil {
		object["dueDate"] = i.DueDate.String()
	}
	if i.Sizes != nil {
		object["sizes"] = plainList(*i.Sizes)
	}
	if i.From != nil {
		object["from"] = plainSpot(i.From)
	}
	if i.Spots != nil {
		object["spots"] = []any{}
	}
	if d.maySeeProject(caller, i.ProjectID) {
		object["project"] = GlobalID("Project", i.ProjectID)
	}
	if i.EpicID != "" && d.maySeeProject(caller, i.EpicID) {
		object["epic"] = GlobalID("Project", i.EpicID)
	}
	return object
}

func plainList[T any](values []T) []any {
	list := []any{}
	for _, value := range values {
		if number, ok := any(value).(int); ok {
			list = append(list, float64(number))
		} else {
			list = append(list, value)
		}
	}
	return list
}

func plainSpot(s *spot) map[string]any {
	object := map[string]any{"city": s.City, "floor": nil, "in": nil, "since": nil, "day": s.Day.String(), "rent": ratOf(s.Rent.String())}
	if s.Floor != nil {
		object["floor"] = float64(*s.Floor)
	}
	if s.In != nil {
		object["in"] = plainSpot(s.In)
	}
	if s.Since != nil {
		object["since"] = *s.Since
	}
	return object
}

// plainly tells whether an object matches a filter.
func plainly(filter, object map[string]any) bool { return plainTruth(filter, object) == 1 }

// plainTruth is 1 where the filter holds for an object, -1 where it does not, and 0 where that depends on
// what is hidden.
func plainTruth(filter, object map[string]any) int {
	least := 1
	for name, given := range filter {
		holds := -1
		switch name {
		case "and":
			holds = 1
			for _, part := range given.([]any) {
				holds = min(holds, plainTruth(part.(map[string]any), object))
			}
		case "or":
			for _, part := range given.([]any) {
				holds = max(holds, plainTruth(part.(map[string]any), object))
			}
		case "not":
			holds = -plainTruth(given.(map[string]any), object)
		default:
			if object[name] == isHidden && asksAnything(given.(map[string]any)) {
				holds = 0
			} else if object[name] == isHidden || plainField(given.(map[string]any), object[name]) {
				holds = 1
			}
		}
		least = min(least, holds)
	}
	return least
}

func plainField(operators map[string]any, value any) bool {
	inner, _ := value.(map[string]any)
	for name, given := range operators {
		if fields, isField := given.(map[string]any); isField {
			if !plainField(fields, inner[name]) {
				return false
			}
			continue
		}
		if !plainOperator(name, value, given) {
			return false
		}
	}
	return true
}

func plainOperator(name string, value, given any) bool {
	switch name {
	case "exists":
		return (value != nil) == given.(bool)
	case "ne":
		return !plainOperator("eq", value, given)
	case "eq":
		return given == nil && value == nil || value != nil && given != nil && plainOrder(value, given) == 0
	case "in":
		return slices.ContainsFunc(given.([]any), func(one any) bool { return plainOperator("eq", value, one) })
	case "between":
		bounds := given.([]any)
		return plainOperator("ge", value, bounds[0]) && plainOperator("le", value, bounds[1])
	}
	if value == nil {
		return false
	}
	if list, isList := value.([]any); isList {
		return slices.ContainsFunc(list, func(one any) bool { return plainOperator("eq", one, given) })
	}
	switch name {
	case "beginsWith":
		return strings.HasPrefix(value.(string), given.(string))
	case "contains":
		return strings.Contains(value.(string), given.(string))
	case "lt":
		return plainOrder(value, given) < 0
	case "le":
		return plainOrder(value, given) <= 0
	case "gt":
		return plainOrder(value, given) > 0
	default:
		return plainOrder(value, given) >= 0
	}
}

func plainOrder(value, given any) int {
	switch value := value.(type) {
	case string:
		at := given.(string)
		if given, err := time.Parse(time.RFC3339, at); err == nil {
			at = NewDateTime(given).String()
		}
		return strings.Compare(value, at)
	case float64:
		if whole, ok := given.(int64); ok {
			given = float64(whole)
		}
		return int(2 * (value - given.(float64)))
	case *big.Rat:
		number, isNumber := given.(*big.Rat)
		if !isNumber {
			number = ratOf(fmt.Sprint(given))
		}
		return value.Cmp(number)
	default:
		if value == given {
			return 0
		}
		return 1
	}
}
