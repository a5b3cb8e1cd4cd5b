package ownqltest

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ownql/ownql/command"
)

// Connections holds every list that the project's schema expands into to Relay's rules,
// for lists of random objects, of which the reader may see some: a page is what Relay's own
// algorithm makes of the whole list, whatever its arguments, and paging comes upon
// everything once, while others write. Under filters a list has what matches of the whole, and what the
// reader may not read influences nothing. The seed of the random choices is in the log of a test
// that fails; OWNQL_TEST_SEED sets it.
// https://relay.dev/graphql/connections.htm#sec-Pagination-algorithm
func Connections[S any](t *testing.T, app command.App[S]) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("OWNQL_TEST_SEED"); text != "" {
		given, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("OWNQL_TEST_SEED: %v", err)
		}
		seed = given
	}
	models := readModels(t, assemble(t, app).schema)
	var roles []string
	for _, m := range append(slices.Collect(maps.Values(models)), readPeople(t)) {
		for _, who := range m.identities {
			roles = append(roles, who.roles...)
		}
	}
	slices.Sort(roles)
	roles = slices.Compact(roles)

	for _, m := range models {
		t.Run(m.Type, func(t *testing.T) {
			t.Parallel()
			t.Logf("OWNQL_TEST_SEED=%d", seed)
			w := newWorld(assemble(t, app).server, models)
			w.counted = m
			other := w.SignUp(t, "other@example.com")
			for name, roles := range map[string][]string{"without-roles": nil, "with-every-role": roles} {
				reader := w.SignUp(t, name+"@example.com", roles...)
				w.member = reader.ID
				if m.Invites {
					w.invite(t, reader)
				}
				for _, row := range m.rows {
					if row.operation != "read" || row.otherwise != "" || strings.HasPrefix(row.path, filterPath) || !m.way(row.path).isList {
						continue
					}
					for order, way := range m.ordered(row.path) {
						t.Run(strings.TrimSpace(row.path+" "+order)+" "+name, func(t *testing.T) {
							l := &list{
								world: w, modelType: m, way: way, random: rand.New(rand.NewPCG(seed, 0)),
								reader: reader, other: other.ID, order: order,
							}
							isGiven := slices.ContainsFunc(row.answers, func(answer string) bool { return answer == "yes" || answer == "absent" })
							l.test(t, isGiven && roles != nil)
						})
					}
				}
			}
		})
	}
}

// list is a list of objects of a type, and who reads it: they own what it is the list of,
// and some of the objects.
type list struct {
	*world
	*modelType
	way
	random  *rand.Rand
	reader  *User
	other   string    // the id of another user
	objects []*object // of the type; some may be gone
	above   []*object // of the type too, which some of these belong to
	filter  map[string]any
	order   string // of those that `orderBy` has; empty: the list's own
}

// test fails where nothing is given that must be.
func (l *list) test(t *testing.T, mustBeGiven bool) {
	l.wipe(t)
	for range 10 {
		l.insert(t)
	}
	if l.isRefused(t, l.order) {
		return
	}
	ascending, descending := l.page(t, arguments{"first": 100}), l.page(t, arguments{"first": 100, "sortDirection": "DESC"})
	if ascending == nil {
		if mustBeGiven {
			t.Error("the list is null")
		}
		return
	}
	if diff := cmp.Diff(l.visible(t), slices.Sorted(slices.Values(ascending.ids())), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("-what node gives +the list: %s", diff)
	}
	l.testPages(t, "ASC", ascending.Edges)
	l.testPages(t, "DESC", descending.Edges)
	slices.Reverse(descending.Edges)
	if diff := cmp.Diff(ascending.Edges, descending.Edges); diff != "" {
		t.Errorf("-ASC +DESC from its end: %s", diff)
	}
	l.testFilters(t, ascending.Edges)
	for _, direction := range []string{"ASC", "DESC"} {
		l.testWalk(t, "first", "after", direction)
		l.testWalk(t, "last", "before", direction)
	}
}

// insert keeps another object of the type, as long as there are unique values, in the
// list or, where it is the reader's or of a unique value, perhaps beside it.
func (l *list) insert(t *testing.T) {
	t.Helper()
	owner := func(path string) string {
		isHolder := l.parent != "" && strings.HasPrefix(path+".", l.parent+".")
		if isHolder || l.random.IntN(2) == 0 {
			return l.reader.ID
		}
		return l.other
	}
	var o *object
	if few := 3; len(l.objects) < few {
		o = l.imagine(l.modelType, owner)
		l.above = append(l.above, o.above(l.Type)...)
	} else {
		o = l.imagineBeside(l.objects[l.random.IntN(few)], owner(""))
	}
	if o == nil {
		return
	}
	if names := slices.Sorted(maps.Keys(o.Otherwise)); len(names) > 0 && l.random.IntN(2) == 0 {
		o.beOtherwise(names[l.random.IntN(len(names))])
	}
	o.made = o.madeAt(l.random.IntN(4))
	if len(l.objects) > 0 {
		first := l.objects[0]
		if l.parent != "" {
			o.parents[l.parent] = first.parents[l.parent]
		}
		for _, argument := range l.given {
			name := strings.TrimSuffix(argument, "Id")
			_, isUser := o.Users[name]
			switch {
			case isUser:
			case o.Parents[name] != "":
				o.parents[name] = first.parents[name]
			case l.Unique[argument] == nil:
				o.values[argument] = first.values[argument]
			}
		}
	}
	l.put(t, o)
	l.objects = append(l.objects, o)
}

// has tells whether the object belongs into the list.
func (l *list) has(t *testing.T, o *object) bool {
	isOfUser := func(argument string) bool { _, is := o.Users[strings.TrimSuffix(argument, "Id")]; return is }
	switch {
	case !l.seesUser(t, o.ownerID) && slices.ContainsFunc(l.given, isOfUser): // by whom it finds nothing
		return false
	case l.parent != "":
		return o.parents[l.parent] == l.objects[0].parents[l.parent]
	case slices.ContainsFunc(l.given, func(argument string) bool { return o.given(argument) != l.objects[0].given(argument) }):
		return false
	case l.isViewers:
		return o.ownerID == l.reader.ID
	default:
		return true
	}
}

// visible returns the ids of the list's objects that node gives the reader, sorted.
func (l *list) visible(t *testing.T) []string {
	t.Helper()
	node := l.modelType.way("node")
	var ids []string
	for _, o := range slices.Concat(l.objects, l.above) {
		if l.far != "" && !l.isReadable(t, o.parents[l.far]) {
			continue
		}
		if body := l.Query(t, l.reader, node.document, node.variables(o)); l.has(t, o) && answerIn(t, body, o.globalID()) == "yes" {
			ids = append(ids, o.globalID())
		}
	}
	slices.Sort(ids)
	return ids
}

type arguments map[string]any

type edge struct {
	Cursor string
	Node   struct{ ID string }
}

// page is a connection as a client gets it.
type page struct {
	Edges    []edge
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
}

func (p *page) ids() []string {
	var ids []string
	for _, edge := range p.Edges {
		ids = append(ids, edge.Node.ID)
	}
	return ids
}

// ask returns the response.
func (l *list) ask(t *testing.T, args arguments) string {
	t.Helper()
	variables := l.variables(l.objects[0])
	if l.filter != nil {
		variables["filter"] = l.filter
	}
	maps.Copy(variables, args)
	return l.Query(t, l.reader, l.document, variables)
}

// page returns nil where the list is null.
func (l *list) page(t *testing.T, args arguments) *page {
	t.Helper()
	body := l.ask(t, args)
	var response struct {
		Data   map[string]json.RawMessage
		Errors []any
	}
	if err := json.Unmarshal([]byte(body), &response); err != nil || len(response.Errors) > 0 {
		t.Fatalf("%v: %s, %v", args, body, err)
	}
	for data := response.Data; ; {
		if isList := bytes.HasPrefix(data["edges"], []byte("[")); isList {
			connection, _ := json.Marshal(data) // was JSON before
			var p page
			if err := json.Unmarshal(connection, &p); err != nil {
				t.Fatal(err)
			}
			return &p
		}
		var inner map[string]json.RawMessage
		for _, value := range data {
			if err := json.Unmarshal(value, &inner); err != nil {
				t.Fatal(err)
			}
		}
		if inner == nil {
			return nil
		}
		data = inner
	}
}

// testPages asks for pages of a list that is known whole, and for what are none.
func (l *list) testPages(t *testing.T, direction string, whole []edge) {
	for range 30 {
		args := arguments{"sortDirection": direction}
		size := l.random.IntN(len(whole) + 2)
		switch l.random.IntN(5) {
		case 0: // 20
		case 1, 2:
			args["first"] = size
		default:
			args["last"] = size
		}
		for _, bound := range []string{"after", "before"} {
			if len(whole) > 0 && l.random.IntN(2) == 0 {
				args[bound] = whole[l.random.IntN(len(whole))].Cursor
			}
		}
		want, got := relayPage(whole, args), l.page(t, args)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v of %d: -want +got: %s", args, len(whole), diff)
		}
	}
	wrong := []arguments{
		{"first": -1}, {"last": -1}, {"first": 101}, {"last": 101}, {"first": 1, "last": 1},
		{"after": ""}, {"before": "x"},
	}
	if len(whole) > 0 {
		cursor := []byte(whole[0].Cursor)
		cursor[len(cursor)/2] ^= 1
		wrong = append(wrong, arguments{"after": string(cursor)})
	}
	for _, args := range wrong {
		if answer := answerIn(t, l.ask(t, args), ""); answer != "BAD_USER_INPUT" {
			t.Errorf("%v: %s, want BAD_USER_INPUT", args, answer)
		}
	}
}

// relayPage is Relay's algorithm, for at most one of first and last. What lies on the
// other side of the page it does not tell, as the algorithm leaves to the server.
func relayPage(whole []edge, args arguments) *page {
	at := func(cursor any) int {
		return slices.IndexFunc(whole, func(e edge) bool { return e.Cursor == cursor })
	}
	edges := whole
	if cursor, ok := args["before"]; ok {
		edges = edges[:at(cursor)]
	}
	if cursor, ok := args["after"]; ok {
		edges = edges[min(at(cursor)+1, len(edges)):]
	}
	p := &page{}
	if last, ok := args["last"].(int); ok {
		p.PageInfo.HasPreviousPage = len(edges) > last
		edges = edges[max(0, len(edges)-last):]
	} else {
		first, ok := args["first"].(int)
		if !ok {
			first = 20
		}
		p.PageInfo.HasNextPage = len(edges) > first
		edges = edges[:min(first, len(edges))]
	}
	p.Edges = append([]edge{}, edges...)
	if len(edges) > 0 {
		p.PageInfo.StartCursor, p.PageInfo.EndCursor = &edges[0].Cursor, &edges[len(edges)-1].Cursor
	}
	return p
}

// testWalk pages through the list while objects come and go. What is there all the while
// is come upon once, in the list's order.
func (l *list) testWalk(t *testing.T, size, cursor, direction string) {
	args := arguments{size: 1 + l.random.IntN(3), "sortDirection": direction}
	before := l.page(t, arguments{"first": 100, "sortDirection": direction}).ids()
	gone := map[string]bool{}
	var seen []string
	for hasMore, steps := true, 0; hasMore; steps++ {
		if steps > 100 {
			t.Fatalf("%v: no end", args)
		}
		p := l.page(t, args)
		if size == "first" {
			seen, hasMore, args[cursor] = append(seen, p.ids()...), p.PageInfo.HasNextPage, p.PageInfo.EndCursor
		} else {
			seen, hasMore, args[cursor] = append(p.ids(), seen...), p.PageInfo.HasPreviousPage, p.PageInfo.StartCursor
		}
		if l.random.IntN(2) == 0 && steps < 6 {
			l.insert(t)
		} else {
			o := l.objects[l.random.IntN(len(l.objects))]
			l.remove(t, o)
			gone[o.globalID()] = true
		}
	}
	if again := slices.Compact(slices.Sorted(slices.Values(seen))); len(again) != len(seen) {
		t.Errorf("%v: something comes twice: %v", args, seen)
	}
	stayed := slices.DeleteFunc(slices.Clone(before), func(id string) bool { return gone[id] })
	seen = slices.DeleteFunc(seen, func(id string) bool { return !slices.Contains(stayed, id) })
	if diff := cmp.Diff(stayed, seen, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%v: -there all the while +come upon: %s", args, diff)
	}
}
