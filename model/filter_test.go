package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// filterOf returns the filter of a JSON text, as variables give it.
func filterOf(t testing.TB, text string) *Filter {
	t.Helper()
	var given map[string]any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&given); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return NewFilter(given)
}

func (tr *tracker) condition(t testing.TB, text string) *condition {
	t.Helper()
	c, err := tr.issues.core.conditionOf(filterOf(t, text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return c
}

func TestFilterOfItem(t *testing.T) {
	tr := newTracker(t)
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	number := func(s string) types.AttributeValue { return &types.AttributeValueMemberN{Value: s} }
	id := NewID()
	item := dynamo.Item{
		"id": text(id), "title": text("Größe"), "status": text("DRAFT"), "rank": number("10"), "estimate": number("-3"),
		"isOpen": &types.AttributeValueMemberBOOL{Value: true}, "dueDate": text("2026-11-22T12:00:00.500Z"),
		"labels": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("a"), text("b")}},
		"at":     &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"city": text("Bern"), "type": text("x")}},
		"body":   &types.AttributeValueMemberNULL{Value: true},
	}
	for _, test := range []struct {
		name, filter string
		want         truth
	}{
		{"nothing", `{}`, isTrue},
		{"no value of several", `{"title": {"in": []}}`, isFalse},
		{"all of none", `{"and": []}`, isTrue},
		{"one of none", `{"or": []}`, isFalse},
		{"not nothing", `{"not": {}}`, isFalse},
		{"no condition of a field", `{"title": {}}`, isTrue},
		{"null for a field", `{"title": null, "and": null, "or": null, "not": null}`, isTrue},
		{"not one of none", `{"not": {"or": []}}`, isTrue},
		{"one of what says nothing", `{"or": [{}]}`, isTrue},
		{"both fields", `{"title": {"beginsWith": "Gr"}, "rank": {"eq": 10}}`, isTrue},
		{"both fields, one is not", `{"title": {"beginsWith": "Gr"}, "rank": {"eq": 9}}`, isFalse},
		{"both operators", `{"rank": {"gt": 9, "lt": 10}}`, isFalse},
		{"text by its bytes", `{"title": {"gt": "GrZ"}}`, isTrue},
		{"text within", `{"title": {"contains": "öß"}}`, isTrue},
		{"text within, in another case", `{"title": {"contains": "gr"}}`, isFalse},
		{"numbers by value", `{"rank": {"gt": 9.5}}`, isTrue},
		{"a number in another form", `{"rank": {"eq": 1e1}}`, isTrue},
		{"between its own bounds", `{"rank": {"between": [10, 10]}}`, isTrue},
		{"between bounds the wrong way round", `{"rank": {"between": [11, 9]}}`, isFalse},
		{"a negative number", `{"estimate": {"lt": -2}}`, isTrue},
		{"a moment in another zone", `{"dueDate": {"eq": "2026-11-22T13:00:00.5+01:00"}}`, isTrue},
		{"an enum", `{"status": {"in": ["PUBLISHED", "DRAFT"]}}`, isTrue},
		{"a list", `{"labels": {"contains": "b"}}`, isTrue},
		{"a list has not a part of a value", `{"labels": {"contains": ""}}`, isFalse},
		{"an object's field", `{"at": {"city": {"eq": "Bern"}, "exists": true}}`, isTrue},
		{"an object's field of another attribute", `{"at": {"since": {"eq": "x"}}}`, isTrue},
		{"an object in an object that is null", `{"at": {"in": {"city": {"eq": ""}}}}`, isFalse},
		{"its own id", `{"id": {"eq": "` + GlobalID("Issue", id) + `"}}`, isTrue},
		{"an id of another type", `{"id": {"eq": "` + GlobalID("Project", id) + `"}}`, isFalse},

		{"null is null", `{"body": {"exists": false}}`, isTrue},
		{"absent is null", `{"severity": {"exists": false}}`, isTrue},
		{"null is eq null", `{"body": {"eq": null}}`, isTrue},
		{"what is there is ne null", `{"title": {"ne": null}}`, isTrue},
		{"null is not eq", `{"body": {"eq": ""}}`, isFalse},
		{"null is ne", `{"body": {"ne": "a"}}`, isTrue},
		{"null is not less", `{"severity": {"in": ["LOW"]}}`, isFalse},
		{"nor is it not", `{"not": {"severity": {"in": ["LOW"]}}}`, isTrue},
		{"what is absent and never null is the zero", `{"board": {"eq": ""}}`, isTrue},
		{"an absent list is empty", `{"labels": {"exists": true}}`, isTrue},
		{"a field of an object that is null", `{"from": {"city": {"eq": ""}}}`, isFalse},
		{"a field of an object that is null, ne", `{"from": {"city": {"ne": ""}}}`, isTrue},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := isTrue
			if c := tr.condition(t, test.filter); c != nil {
				got = c.of(view{item: item})
			}
			if got != test.want {
				t.Errorf("%s is %v, want %v", test.filter, got, test.want)
			}
		})
	}
}

// TestCompareNumbers: numbers are of as many digits as DynamoDB keeps.
func TestCompareNumbers(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"1", "1", 0}, {"10", "9", 1}, {"-3", "2", -1}, {"0", "0.0", 0}, {"1e1", "10", 0}, {"1E-130", "0", 1},
		{"9007199254740993", "9007199254740992", 1},
		{"0.1", "0.10000000000000000000000000000000000001", -1},
		{"99999999999999999999999999999999999999", "99999999999999999999999999999999999998", 1},
		{"9.9999999999999999999999999999999999999E+125", "9E+125", 1},
	} {
		for _, sign := range []int{1, -1} {
			a, b := test.a, test.b
			if sign < 0 {
				a, b = b, a
			}
			if got, isComparable := compareNumbers(a, b); !isComparable || got != sign*test.want {
				t.Errorf("%s to %s: %d, %v, want %d", a, b, got, isComparable, sign*test.want)
			}
		}
	}
	if _, isComparable := compareNumbers("1", "one"); isComparable {
		t.Error("text is compared")
	}
}

// TestFilterOfHiddenField: what is said of a field that is hidden is unknown, and so is its negation.
func TestFilterOfHiddenField(t *testing.T) {
	tr := newTracker(t)
	item := dynamo.Item{"title": &types.AttributeValueMemberS{Value: "a"}, "rank": &types.AttributeValueMemberN{Value: "1"}}
	for filter, want := range map[string]truth{
		`{"title": {"eq": "a"}}`:                                                isUnknown,
		`{"not": {"title": {"eq": "a"}}}`:                                       isUnknown,
		`{"title": {"exists": false}}`:                                          isUnknown,
		`{"title": {"eq": "a"}, "rank": {"eq": 1}}`:                             isUnknown,
		`{"title": {"eq": "a"}, "rank": {"eq": 2}}`:                             isFalse,
		`{"or": [{"title": {"eq": "a"}}, {"rank": {"eq": 1}}]}`:                 isTrue,
		`{"or": [{"title": {"eq": "a"}}, {"rank": {"eq": 2}}]}`:                 isUnknown,
		`{"or": [{"title": {"eq": "a"}}, {"not": {"title": {"eq": "a"}}}]}`:     isUnknown,
		`{"not": {"or": [{"title": {"eq": "b"}}, {"rank": {"eq": 2}}]}}`:        isUnknown,
		`{"not": {"title": {"eq": "b"}, "rank": {"eq": 2}}}`:                    isTrue,
		`{"not": {"and": [{"title": {"in": []}}, {"rank": {"exists": true}}]}}`: isUnknown,
	} {
		if got := tr.condition(t, filter).of(view{item: item, hidden: map[string]bool{"title": true}}); got != want {
			t.Errorf("%s is %v, want %v", filter, got, want)
		}
	}
}

// TestFilterTold: what DynamoDB is told of a filter, in the lists of an owner and by status.
func TestFilterTold(t *testing.T) {
	tr := newTracker(t)
	for _, test := range []struct {
		name, filter string
		index        Index
		hash         string
		want         string
	}{
		{"a field", `{"title": {"eq": "a"}}`, ByOwner, ada.ID, `title = "a"`},
		{"one of several", `{"title": {"in": ["a", "b"]}}`, ByOwner, ada.ID, `title IN ("a", "b")`},
		{"what may lack the field", `{"body": {"ne": "a"}}`, ByOwner, ada.ID,
			`((attribute_not_exists(body)) OR (attribute_type(body, NULL))) OR (NOT (body = "a"))`},
		{"what lacks a field that is never null", `{"title": {"ne": "a"}}`, ByOwner, ada.ID,
			`((attribute_not_exists(title)) OR (attribute_type(title, NULL))) OR (NOT (title = "a"))`},
		{"what is not the zero", `{"rank": {"gt": 3}}`, ByOwner, ada.ID, `rank > "3"`},
		{"what lacks it is read as its default", `{"note": {"eq": "none"}}`, ByOwner, ada.ID,
			`((attribute_not_exists(note)) OR (attribute_type(note, NULL))) OR (note = "none")`},
		{"what lacks it is read as another", `{"note": {"eq": "some"}}`, ByOwner, ada.ID, `note = "some"`},
		{"not the default", `{"note": {"ne": "none"}}`, ByOwner, ada.ID, `(attribute_exists(note)) AND (NOT (note = "none"))`},
		{"there", `{"body": {"exists": true}}`, ByOwner, ada.ID, `attribute_exists(body)`},
		{"not there", `{"body": {"exists": false}}`, ByOwner, ada.ID, `(attribute_not_exists(body)) OR (attribute_type(body, NULL))`},
		{"always there", `{"note": {"exists": true}}`, ByOwner, ada.ID, `nothing`},
		{"never not there", `{"note": {"exists": false}}`, ByOwner, ada.ID, `never`},
		{"both", `{"title": {"contains": "a"}, "isBlocked": {"eq": true}}`, ByOwner, ada.ID, `(isBlocked = "true") AND (contains(title, "a"))`},
		{"one of two", `{"or": [{"title": {"beginsWith": "a"}}, {"title": {"lt": "3"}, "rank": {"ge": 1}}]}`, ByOwner, ada.ID,
			`(begins_with(title, "a")) OR ((rank >= "1") AND (((attribute_not_exists(title)) OR (attribute_type(title, NULL))) OR (title < "3")))`},
		{"neither", `{"not": {"or": [{"title": {"gt": "a"}}, {"body": {"eq": "b"}}]}}`, ByOwner, ada.ID,
			`(((attribute_not_exists(title)) OR (attribute_type(title, NULL))) OR (NOT (title > "a"))) AND ` +
				`(((attribute_not_exists(body)) OR (attribute_type(body, NULL))) OR (NOT (body = "b")))`},
		{"between", `{"rank": {"between": [1, 2.5]}}`, ByOwner, ada.ID,
			`(rank >= "1") AND (((attribute_not_exists(rank)) OR (attribute_type(rank, NULL))) OR (rank <= "2.5"))`},
		{"an object's field", `{"from": {"city": {"eq": "a"}}}`, ByOwner, ada.ID, `from.city = "a"`},
		{"an object's field, which may lack it", `{"from": {"city": {"eq": ""}}}`, ByOwner, ada.ID,
			`((attribute_not_exists(from.city)) OR (attribute_type(from.city, NULL))) OR (from.city = "")`},
		{"the sort key", `{"id": {"ne": "x"}}`, ByOwner, ada.ID, `nothing`},
		{"the id, which is none of the index", `{"id": {"eq": "x"}}`, issuesByStatus, "DRAFT", `id = "none"`},
		{"the hash key", `{"status": {"eq": "DRAFT"}, "body": {"eq": "a"}}`, issuesByStatus, "DRAFT", `body = "a"`},
		{"another hash key", `{"status": {"eq": "PUBLISHED"}, "body": {"eq": "a"}}`, issuesByStatus, "DRAFT", `never`},
		{"the hash key or something", `{"or": [{"status": {"eq": "PUBLISHED"}}, {"body": {"eq": "a"}}]}`, issuesByStatus, "DRAFT", `body = "a"`},
		{"the sort key or something", `{"or": [{"createdAt": {"gt": "2026-11-22T12:00:00Z"}}, {"body": {"eq": "a"}}]}`, issuesByStatus, "DRAFT", `nothing`},
		{"the sort key and something", `{"createdAt": {"gt": "2026-11-22T12:00:00Z"}, "body": {"eq": "a"}}`, issuesByStatus, "DRAFT", `body = "a"`},
		{"what was renamed", `{"severity": {"eq": "LOW"}}`, ByOwner, ada.ID, `nothing`},
		{"nothing at all", `{"or": []}`, ByOwner, ada.ID, `never`},
		{"one of no values", `{"title": {"in": []}}`, ByOwner, ada.ID, `never`},
		{"not one of no values", `{"not": {"title": {"in": []}}}`, ByOwner, ada.ID, `nothing`},
		{"a prefix of all text", `{"title": {"beginsWith": ""}}`, ByOwner, ada.ID, `nothing`},
		{"what no number of DynamoDB is", `{"rank": {"lt": 1e300}}`, ByOwner, ada.ID, `nothing`},
		{"a parent", `{"epic": {"exists": true}}`, ByOwner, ada.ID, `attribute_exists(epicId)`},
		{"no parent, which may be one that is hidden", `{"epic": {"exists": false}}`, ByOwner, ada.ID, `nothing`},
	} {
		t.Run(test.name, func(t *testing.T) {
			hash := &types.AttributeValueMemberS{Value: test.hash}
			told := teller{index: test.index, hash: hash, absent: tr.issues.core.filled(), isRenamed: tr.issues.core.isRenamed}.tell(tr.condition(t, test.filter), true)
			if got := described(told); got != test.want {
				t.Errorf("%s: told %s, want %s", test.filter, got, test.want)
			}
		})
	}
	t.Run("not what is too long", func(t *testing.T) {
		var parts []string
		for i := range 49 {
			parts = append(parts, fmt.Sprintf(`{"body": {"in": ["%d%s"]}}`, i, strings.Repeat(`", "x`, 90)))
		}
		for _, filter := range []string{`{"and": [` + strings.Join(parts, ",") + `]}`, `{"or": [` + strings.Join(parts, ",") + `]}`} {
			told := teller{index: ByOwner, hash: &types.AttributeValueMemberS{Value: ada.ID}, isRenamed: tr.issues.core.isRenamed}.tell(tr.condition(t, filter), true)
			if !told.fits() || told.isNever || (told.text == "") != strings.HasPrefix(filter, `{"or`) {
				t.Errorf("%s: told %s", filter[:20], described(told))
			}
			if _, err := tr.issues.List(t.Context(), ada, ByOwner, ada.ID, Page{Filter: filterOf(t, filter)}); err != nil {
				t.Error(err)
			}
		}
	})
}

// described returns an expression with its names and values in it.
func described(e expression) string {
	switch {
	case e.isNever:
		return "never"
	case e.saysNothing():
		return "nothing"
	}
	var text strings.Builder
	arguments := e.arguments
	for _, r := range e.text {
		if r != '$' && r != '?' {
			text.WriteRune(r)
			continue
		}
		if value, ok := arguments[0].(types.AttributeValue); ok {
			_, said := keyText(value)
			text.WriteString(strconv.Quote(said))
		} else {
			text.WriteString(arguments[0].(string))
		}
		arguments = arguments[1:]
	}
	return text.String()
}

// TestFilterTellsNothingOfHidden: where the rules read parents of their own for each item, DynamoDB is
// told nothing, so that how many they read does not depend on what is in items that are hidden.
func TestFilterTellsNothingOfHidden(t *testing.T) {
	tr := newTracker(t)
	for _, test := range []struct {
		name   string
		caller Caller
		index  Index
		want   bool
	}{
		{"by owner", ada, ByOwner, false},
		{"by parent", ada, issuesOf, true},
		{"the system", System, ByOwner, true},
	} {
		n, err := tr.issues.core.narrowingOf(t.Context(), test.caller, test.index, listPlan{index: test.index, hash: &types.AttributeValueMemberS{Value: NewID()}}, tr.condition(t, `{"title": {"eq": "a"}}`), nil)
		if err != nil || (n.told.text != "") != test.want {
			t.Errorf("%s: told %q, %v", test.name, n.told.text, err)
		}
	}
}

// TestFilterOfKeys: what a list reads under bounds of its sort key is as much as it gives.
func TestFilterOfKeys(t *testing.T) {
	b := newBlog(t)
	var notices []notice
	for i := range 300 {
		notices = append(notices, notice{Object: Object{ID: NewID()}, Board: "b", Rank: float64(i)})
	}
	put(t, b.notices.core.table, notices)
	b.notices.core.definition.Fields = []Field{{Name: "rank", Type: NumberField}, {Name: "board"}}
	for _, test := range []struct {
		name, filter string
		want, most   int
	}{
		{"one", `{"rank": {"eq": 250}}`, 1, 1},
		{"between", `{"rank": {"between": [100, 104]}}`, 5, 5},
		{"from below", `{"rank": {"lt": 3}}`, 3, 3},
		{"from above", `{"rank": {"ge": 297}}`, 3, 3},
		{"above, and both ends", `{"rank": {"gt": 10}, "and": [{"rank": {"lt": 12}}]}`, 1, 3},
		{"bounds the wrong way round", `{"rank": {"between": [5, 4]}}`, 0, 0},
		{"another board", `{"board": {"eq": "c"}}`, 0, 0},
		{"this board", `{"board": {"eq": "b"}, "rank": {"eq": 1}}`, 1, 1},
		{"one of two, which is no bound", `{"or": [{"rank": {"eq": 1}}]}`, 1, 300},
	} {
		b.client.Listed = 0
		page, err := b.notices.List(t.Context(), anonymous, onBoard, "b", Page{Filter: filterOf(t, test.filter)})
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Edges) != test.want || b.client.Listed > test.most || page.PageInfo.HasNextPage {
			t.Errorf("%s: %d, after looking at %d, %+v; want %d, and at most %d", test.name, len(page.Edges), b.client.Listed, page.PageInfo, test.want, test.most)
		}
	}
}

// TestFilterExamines: under a filter, a page looks at no more items than without, and is full where
// there are enough among those.
func TestFilterExamines(t *testing.T) {
	b := newBlog(t)
	put(t, b.posts.core.table, somePosts(1203, func(i int, p *post) {
		if i%300 == 299 {
			p.Title = "rare"
		}
	}))
	b.posts.core.definition.Fields = []Field{{Name: "title"}}
	filter := filterOf(t, `{"title": {"eq": "rare"}}`)
	two, page := 2, Page{Filter: filter}
	page.First = &two
	var calls map[string]int
	var first *Connection[post]
	var err error
	calls = b.client.Counted(func() { first, err = b.posts.List(t.Context(), ada, byStatus, published, page) })
	if err != nil || len(first.Edges) != 2 || !first.PageInfo.HasNextPage {
		t.Fatalf("%d edges, %v, %v", len(first.Edges), first.PageInfo, err)
	}
	if calls["Query"] > 4 {
		t.Errorf("%d queries", calls["Query"])
	}
	b.client.Listed = 0
	five := 5
	all, err := b.posts.List(t.Context(), ada, byStatus, published, Page{First: &five, Filter: filter})
	if err != nil || len(all.Edges) != 3 || !all.PageInfo.HasNextPage || b.client.Listed != DefaultReadLimits.List {
		t.Fatalf("%d edges, of %d examined, %+v, %v", len(all.Edges), b.client.Listed, all.PageInfo, err)
	}
	rest, err := b.posts.List(t.Context(), ada, byStatus, published, Page{First: &five, Filter: filter, After: all.PageInfo.EndCursor})
	if err != nil || len(rest.Edges) != 1 || rest.PageInfo.HasNextPage {
		t.Errorf("then %d edges, %+v, %v", len(rest.Edges), rest.PageInfo, err)
	}
	ctx, budget := WithReadBudget(t.Context(), ReadLimits{Operation: 150})
	short, err := b.posts.List(ctx, ada, byStatus, published, page)
	if err != nil || len(short.Edges) != 0 || !short.PageInfo.HasNextPage || !errors.Is(budget.Err(), ErrReadBudget) {
		t.Errorf("with a budget of 150: %d edges, %+v, %v, %v", len(short.Edges), short.PageInfo, budget.Err(), err)
	}
}

func TestFilterRefused(t *testing.T) {
	tr := newTracker(t)
	many := func(n int, one string) string {
		return `[` + strings.TrimSuffix(strings.Repeat(one+`,`, n), ",") + `]`
	}
	for _, test := range []struct {
		name, filter string
		at           string // empty: it is good
	}{
		{"50 conditions", `{"or": ` + many(50, `{"title": {"eq": "a"}}`) + `}`, ""},
		{"51 conditions", `{"or": ` + many(51, `{"title": {"eq": "a"}}`) + `}`, "filter.or[50].title.eq"},
		{"two in each", `{"or": ` + many(26, `{"rank": {"gt": 1, "lt": 2}}`) + `}`, "filter.or[25].rank.gt"},
		{"51 that say nothing", `{"and": ` + many(51, `{"title": {}}`) + `}`, "filter.and[50]"},
		{"5 levels", `{"not": {"not": {"not": {"not": {"title": {"eq": "a"}}}}}}`, ""},
		{"6 levels", `{"not": {"not": {"not": {"not": {"not": {"title": {"eq": "a"}}}}}}}`, "filter.not.not.not.not.not"},
		{"6 levels of objects", `{"from": {"in": {"in": {"in": {"in": {"exists": true}}}}}}`, "filter.from.in.in.in.in"},
		{"100 values", `{"title": {"in": ` + many(100, `"a"`) + `}}`, ""},
		{"101 values", `{"title": {"in": ` + many(101, `"a"`) + `}}`, "filter.title.in"},
		{"64 KB of values", `{"or": ` + many(16, `{"title": {"eq": "`+strings.Repeat("a", 4096)+`"}}`) + `}`, ""},
		{"one byte more", `{"board": {"eq": "a"}, "or": ` + many(16, `{"title": {"eq": "`+strings.Repeat("a", 4096)+`"}}`) + `}`, "filter.or[15].title.eq"},
		{"one bound", `{"rank": {"between": [1]}}`, "filter.rank.between"},
		{"three bounds", `{"rank": {"between": [1, 2, 3]}}`, "filter.rank.between"},
		{"null where it has no meaning", `{"and": [{}, {"rank": {"lt": null}}]}`, "filter.and[1].rank.lt"},
		{"null of several", `{"rank": {"in": [1, null]}}`, "filter.rank.in"},
		{"null for exists", `{"rank": {"exists": null}}`, "filter.rank.exists"},
		{"null of a list of filters", `{"or": [null]}`, "filter.or[0]"},
		{"no field", `{"owner": {"eq": "a"}}`, "filter.owner"},
		{"no operator", `{"title": {"like": "a"}}`, "filter.title.like"},
		{"no moment", `{"dueDate": {"lt": "soon"}}`, "filter.dueDate.lt"},
		{"text for a number", `{"rank": {"lt": "1"}}`, "filter.rank.lt"},
		{"a number for text", `{"title": {"lt": 1}}`, "filter.title.lt"},
		{"what is no object", `{"title": "a"}`, "filter.title"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := tr.issues.List(t.Context(), ada, ByOwner, ada.ID, Page{Filter: filterOf(t, test.filter)})
			if test.at == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantBadInput(t, test.filter, err, test.at)
			if err != nil && !strings.HasPrefix(err.Error(), test.at+": ") {
				t.Errorf("%v does not say where", err)
			}
		})
	}
}

// TestFilterOfCursor: a cursor is good under its filter, in whatever order that is written.
func TestFilterOfCursor(t *testing.T) {
	tr := newTracker(t)
	for range 3 {
		made[issue](t)(tr.issues.Create(t.Context(), ada, func(i *issue) { i.Title, i.Board, i.ProjectID = "a", "b", "" }))
	}
	one := 1
	cursorUnder := func(filter *Filter) *string {
		page, err := tr.issues.List(t.Context(), ada, ByOwner, ada.ID, Page{First: &one, Filter: filter})
		if err != nil || page.PageInfo.EndCursor == nil {
			t.Fatalf("%+v, %v", page, err)
		}
		return page.PageInfo.EndCursor
	}
	for _, test := range []struct {
		name, of, under string
		isGood          bool
	}{
		{"the same", `{"title": {"eq": "a"}}`, `{"title": {"eq": "a"}}`, true},
		{"no filter", `{}`, `{"and": [], "title": null, "body": {}}`, true},
		{"in another order", `{"title": {"eq": "a"}, "and": [{"rank": {"le": 1}}, {"status": {"in": ["DRAFT", "PUBLISHED"]}}]}`,
			`{"and": [{"status": {"in": ["PUBLISHED", "DRAFT"]}}, {"rank": {"le": 1.0}}], "title": {"eq": "a"}}`, true},
		{"another value", `{"title": {"eq": "a"}}`, `{"title": {"ne": "b"}}`, false},
		{"another field", `{"title": {"ge": "a"}}`, `{"board": {"ge": "a"}}`, false},
		{"one or both", `{"and": [{"title": {"eq": "a"}}, {"rank": {"eq": 0}}]}`, `{"or": [{"title": {"eq": "a"}}, {"rank": {"eq": 0}}]}`, false},
		{"a filter, of a list without", `{}`, `{"title": {"eq": "a"}}`, false},
		{"none, of a list with", `{"title": {"eq": "a"}}`, `{}`, false},
		{"a value that looks like two", `{"title": {"in": ["a", "b"]}}`, `{"title": {"in": ["a", "\",S\"b"]}}`, false},
	} {
		_, err := tr.issues.List(t.Context(), ada, ByOwner, ada.ID, Page{Filter: filterOf(t, test.under), After: cursorUnder(filterOf(t, test.of))})
		if test.isGood && err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if !test.isGood {
			wantBadInput(t, test.name, err, "after")
		}
	}
}

// TestFilterInGo: a project's Go gives values as its types have them.
func TestFilterInGo(t *testing.T) {
	tr := newTracker(t)
	at := Now()
	c, err := tr.issues.core.conditionOf(NewFilter(map[string]any{
		"status": map[string]any{"in": []status{draft, published}}, "points": map[string]any{"ge": 2}, "createdAt": map[string]any{"lt": at},
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := tr.condition(t, `{"createdAt": {"lt": "`+at.String()+`"}, "points": {"ge": 2}, "status": {"in": ["PUBLISHED", "DRAFT"]}}`)
	if c.digest() != want.digest() {
		t.Errorf("%+v is not what JSON says", c)
	}
}

// TestFilterSharedByLists: the lists of an operation that have one filter read it once, and none
// changes it for another, whoever asks.
func TestFilterSharedByLists(t *testing.T) {
	tr := newTracker(t)
	project, err := tr.projects.Create(t.Context(), ada, func(p *project) {})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.issues.Create(t.Context(), ada, func(i *issue) { i.Title, i.Board, i.ProjectID = "a", "b", project.ID }); err != nil {
		t.Fatal(err)
	}
	ctx, budget := WithReadBudget(t.Context(), ReadLimits{})
	filter := filterOf(t, `{"project": {"eq": "`+GlobalID("Project", project.ID)+`"}}`)
	for _, asked := range []struct {
		caller Caller
		want   int
	}{{editor, 0}, {ada, 1}, {editor, 0}} {
		found, err := tr.issues.List(ctx, asked.caller, ByOwner, ada.ID, Page{Filter: &Filter{filter.given}})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Edges) != asked.want {
			t.Errorf("%s finds %d issues, want %d", asked.caller.ID, len(found.Edges), asked.want)
		}
	}
	if n := len(budget.meanings.known); n != 1 {
		t.Errorf("%d filters were read, want 1", n)
	}
}

// TestFilterOfParentsIsCharged: the parents that a filter names are examined within the budget.
func TestFilterOfParentsIsCharged(t *testing.T) {
	tr := newTracker(t)
	ctx, _ := WithReadBudget(t.Context(), ReadLimits{Operation: 10})
	ids := make([]string, 11)
	for i := range ids {
		ids[i] = GlobalID("Project", NewID())
	}
	filter := NewFilter(map[string]any{"project": map[string]any{"in": ids}})
	if _, err := tr.issues.List(ctx, ada, ByOwner, ada.ID, Page{Filter: filter}); !errors.Is(err, ErrReadBudget) {
		t.Errorf("a list by 11 parents is %v, want %s", err, CodeReadBudget)
	}
}

// FuzzFilter: whatever JSON a filter is, it is refused, or DynamoDB takes what it is told.
func FuzzFilter(f *testing.F) {
	tr := newTracker(f)
	put(f, tr.issues.core.table, []issue{{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1, CreatedAt: Now(), UpdatedAt: Now()}, Title: "a", Board: "b", Status: draft}})
	for _, seed := range []string{
		`{}`, `{"and": [], "or": null}`, `{"not": {"title": {"eq": "a", "in": ["b"]}}}`, `{"rank": {"between": [1, 2e3]}}`,
		`{"at": {"city": {"contains": ""}, "exists": true}}`, `{"labels": {"contains": "a"}, "dueDate": {"gt": "2026-11-22T12:00:00Z"}}`,
		`{"project": {"eq": "x"}, "epic": {"exists": false}}`, `{"title": {"beginsWith": "\u0000"}, "createdAt": {"le": "2026-11-22T12:00:00Z"}}`,
		`{"rank": {"eq": 1e-200, "lt": -0}}`, `{"or": [{"status": {"ne": "DRAFT"}}, {"id": {"in": []}}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var given map[string]any
		if json.Unmarshal([]byte(text), &given) != nil {
			return
		}
		for _, index := range []Index{ByOwner, issuesByStatus, issuesByBoard} {
			hash := map[Index]any{ByOwner: ada.ID, issuesByStatus: draft, issuesByBoard: "b"}[index]
			for _, caller := range []Caller{ada, System} {
				page, err := tr.issues.List(t.Context(), caller, index, hash, Page{Filter: NewFilter(given)})
				if err != nil && !IsBadInput(err) {
					t.Errorf("%s: %v", text, err)
				}
				if err != nil {
					continue
				}
				again, err := tr.issues.List(t.Context(), caller, index, hash, Page{Filter: NewFilter(map[string]any{"and": []any{given, given}})})
				if err == nil && len(again.Edges) != len(page.Edges) {
					t.Errorf("%s: %d, and twice %d", text, len(page.Edges), len(again.Edges))
				}
			}
		}
	})
}
