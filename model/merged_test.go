package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// memo is of a board, and is read by who made it, and by the members of the board's team.
type memo struct {
	Object
	Text        string `dynamo:"text,allowempty"`
	BoardID     string `dynamo:"boardId"`
	BoardTeamID string `dynamo:"boardTeamId"`
}

func (*memo) IsNode() {}

func (m *memo) GlobalID() string { return GlobalID("Memo", m.ID) }

// lodge is read by its members, who have passes, and only an editor reads its secret.
type lodge struct {
	Object
	Name   string `dynamo:"name,allowempty"`
	Secret string `dynamo:"secret,allowempty"`
}

type pass struct {
	Object
	LodgeID string `dynamo:"lodgeId"`
	UserID  string `dynamo:"userId"`
}

func (*lodge) IsNode() {}
func (*pass) IsNode()  {}

func (l *lodge) GlobalID() string { return GlobalID("Lodge", l.ID) }
func (p *pass) GlobalID() string  { return GlobalID("Pass", p.ID) }

// An office is a club with memos and lodges.
type office struct {
	*club
	memos  *Model[memo]
	lodges *Model[lodge]
	passes *Model[pass]
}

var memosByText = Joined{Name: "TEXT", Sort: []SortPart{{Attribute: "text"}}}

func newOffice(t testing.TB) *office {
	t.Helper()
	c := clubOn(newBlog(t), GoesWithOwner)
	o := &office{c, New[memo](c.DB, "Memo", "memos"), New[lodge](c.DB, "Lodge", "lodges"), New[pass](c.DB, "Pass", "passes")}
	Define(o.lodges, Definition[lodge]{
		Fields:     []Field{{Name: "name"}, {Name: "secret"}},
		Joined:     []Joined{{Name: "NAME", Sort: []SortPart{{Attribute: "name"}}}, {Name: "SECRET", Sort: []SortPart{{Attribute: "secret"}}}},
		Rules:      []Rule{Allow(OnCreate, Owner), Allow(OnRead, Members(o.passes, ownID))},
		FieldRules: map[string][]Rule{"secret": {Allow(OnRead|OnCreate, Groups("editor"))}},
	})
	Define(o.passes, Definition[pass]{
		Uniques: []Unique[pass]{{Field: "lodge+user", Together: []string{"lodgeId", "userId"}, Value: func(p *pass) string { return UniqueKey(p.LodgeID, p.UserID) }}},
		Parents: []Parent[pass]{
			{o.lodges, "lodgeId", func(p *pass) string { return p.LodgeID }, Cascade, false},
			{c.Users(), "userId", func(p *pass) string { return p.UserID }, Cascade, false},
		},
		Membership: &Membership[pass]{
			Of: o.lodges, Field: "lodgeId", User: "userId",
			Set: func(p *pass, object, user, _ string) { p.LodgeID, p.UserID = object, user },
		},
		Rules: []Rule{Allow(OnRead|OnCreate, Via("lodgeId", OnRead))},
	})
	byOwner, byTeam, byTeamAndText := memosByText, memosByText, Joined{Hash: []string{"boardTeamId", "text"}}
	byOwner.Hash, byTeam.Hash = []string{"ownerId"}, []string{"boardTeamId"}
	Define(o.memos, Definition[memo]{
		Parents: []Parent[memo]{{c.boards, "boardId", func(m *memo) string { return m.BoardID }, Cascade, false}},
		Ancestors: []Ancestor[memo]{
			{Field: "boardTeamId", ID: func(m *memo) *string { return &m.BoardTeamID }, Of: c.teams, Parent: "boardId", From: "teamId"},
		},
		Fields:  []Field{{Name: "text"}, {Name: "board", Attribute: "boardId", Type: ParentField}},
		Indexes: []Index{{"boardTeamId", "id"}},
		Joined:  []Joined{byOwner, byTeam, byTeamAndText},
		Rules: []Rule{
			Allow(OnRead|OnCreate|OnDelete, Owner),
			Allow(OnRead, Members(c.seats, "boardTeamId")),
			Allow(OnRead, Where(map[string]any{"text": map[string]any{"beginsWith": "k"}}), Members(c.keepers, "boardTeamId", "HAND")),
		},
	})
	startedClub(t, c)
	return o
}

// boardOf makes a team of the caller's with a board.
func (o *office) boardOf(t testing.TB, caller Caller) (*team, *pinboard) {
	t.Helper()
	of := o.newTeam(t, caller)
	made, err := o.boards.Create(t.Context(), caller, func(b *pinboard) { b.Name, b.TeamID = "board", of.ID })
	if err != nil {
		t.Fatal(err)
	}
	return of, made
}

// put makes memos on a board.
func (o *office) put(t testing.TB, caller Caller, on *pinboard, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := o.memos.Create(t.Context(), caller, func(m *memo) { m.Text, m.BoardID = text, on.ID }); err != nil {
			t.Fatal(err)
		}
	}
}

// all returns the texts of all memos that the caller may read, by pages.
func (o *office) all(t testing.TB, ctx context.Context, caller Caller, page Page) (texts []string) {
	t.Helper()
	for {
		found, err := o.memos.All(ctx, caller, page)
		if err != nil {
			t.Fatal(err)
		}
		for _, edge := range found.Edges {
			texts = append(texts, edge.Node.Text)
		}
		switch info := found.PageInfo; {
		case page.Last == nil && info.HasNextPage:
			page.After = info.EndCursor
		case page.Last != nil && info.HasPreviousPage:
			page.Before = info.StartCursor
		default:
			return texts
		}
	}
}

// TestMergedLists wants whoever is a member of two teams of four, and has memos in another, to get those in
// order, each once, and to have nothing of others looked at.
func TestMergedLists(t *testing.T) {
	o := newOffice(t)
	var (
		teams  []*team
		boards []*pinboard
	)
	for i := range 4 {
		of, board := o.boardOf(t, ada)
		teams, boards = append(teams, of), append(boards, board)
		if i < 2 {
			o.mustSeat(t, ada, of, eve, []string{"GUEST", "CHAIR"}[i])
		}
	}
	for i := range 3 {
		for j, board := range boards {
			o.put(t, ada, board, fmt.Sprintf("%d by ada on %d", i, j))
		}
		o.put(t, eve, boards[i%2], fmt.Sprintf("%d by eve", i)) // which two lists have
	}
	there := o.mustSeat(t, ada, teams[3], eve, "GUEST")
	o.put(t, eve, boards[3], "eve's on 3")
	if _, err := o.seats.Delete(t.Context(), ada, there.GlobalID(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := o.keepers.Create(t.Context(), ada, func(k *keeper) { k.TeamID, k.UserID, k.Role = teams[2].ID, eve.ID, "HAND" }); err != nil {
		t.Fatal(err)
	}
	o.put(t, ada, boards[2], "kept", "not kept")
	want := []string{
		"0 by ada on 0", "0 by ada on 1", "0 by eve", "1 by ada on 0", "1 by ada on 1", "1 by eve", "2 by ada on 0", "2 by ada on 1", "2 by eve", "eve's on 3", "kept",
	}
	one, three, hundred := 1, 3, 100
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	for name, test := range map[string]struct {
		page Page
		want []string
	}{
		"at once":               {Page{First: &hundred}, want},
		"one by one":            {Page{First: &one}, want},
		"by three":              {Page{First: &three}, want},
		"descending":            {Page{First: &three, Descending: true}, backwards},
		"by text":               {Page{First: &three, Order: "TEXT"}, want},
		"by text, at once":      {Page{First: &hundred, Order: "TEXT"}, want},
		"by text, descending":   {Page{First: &one, Order: "TEXT", Descending: true}, backwards},
		"filtered":              {Page{First: &three, Filter: NewFilter(map[string]any{"text": map[string]any{"contains": "ada"}})}, slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.Contains(s, "ada") })},
		"filtered by text":      {Page{First: &one, Order: "TEXT", Filter: NewFilter(map[string]any{"text": map[string]any{"beginsWith": "1"}})}, want[3:6]},
		"filtered to nothing":   {Page{First: &three, Filter: NewFilter(map[string]any{"text": map[string]any{"eq": "nothing"}})}, nil},
		"filtered by its board": {Page{First: &three, Filter: NewFilter(map[string]any{"board": map[string]any{"eq": boards[0].GlobalID()}})}, slices.DeleteFunc(slices.Clone(want), func(s string) bool { return !strings.HasSuffix(s, "on 0") && s != "0 by eve" && s != "2 by eve" })},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, o.all(t, t.Context(), eve, test.page)); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("from the end", func(t *testing.T) {
		var texts []string
		page := Page{Last: &three}
		for more := true; more; {
			found, err := o.memos.All(t.Context(), eve, page)
			if err != nil {
				t.Fatal(err)
			}
			var some []string
			for _, edge := range found.Edges {
				some = append(some, edge.Node.Text)
			}
			texts, more, page.Before = append(some, texts...), found.PageInfo.HasPreviousPage, found.PageInfo.StartCursor
		}
		if diff := cmp.Diff(want, texts); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("nothing of others is examined", func(t *testing.T) {
		ctx, examined := examining(t.Context())
		o.all(t, ctx, eve, Page{First: &hundred})
		if mine := len(want) + 3 + 4; *examined != mine { // her own are in two lists, and of a third she reads what is kept
			t.Errorf("%d are examined, want %d", *examined, mine)
		}
	})
	t.Run("who is in nothing", func(t *testing.T) {
		if texts := o.all(t, t.Context(), editor, Page{}); len(texts) > 0 {
			t.Errorf("got %q", texts)
		}
		if found, err := o.teams.All(t.Context(), editor, Page{}); err != nil || len(found.Edges) > 0 {
			t.Errorf("teams: %v, %v", found, err)
		}
	})
	t.Run("who is removed", func(t *testing.T) {
		if _, err := o.seats.Delete(t.Context(), ada, o.seat(t, teams[0], eve).GlobalID(), nil); err != nil {
			t.Fatal(err)
		}
		for _, text := range o.all(t, t.Context(), eve, Page{}) {
			if strings.HasSuffix(text, "on 0") {
				t.Errorf("%q is given still", text)
			}
		}
		if found, err := o.teams.All(t.Context(), eve, Page{}); err != nil || len(found.Edges) != 1 || found.Edges[0].Node.ID != teams[1].ID {
			t.Errorf("teams: %v, %v", found, err)
		}
	})
}

// TestMergedListOfItself lists the teams that a user is in, who is in more than a page of them, by pages.
func TestMergedListOfItself(t *testing.T) {
	o := newOffice(t)
	var ids []string
	for range 7 {
		made := o.newTeam(t, ada)
		o.newTeam(t, eve)
		ids = append(ids, made.ID)
	}
	two := 2
	for _, isDescending := range []bool{false, true} {
		var got []string
		page := Page{First: &two, Descending: isDescending}
		for more := true; more; {
			found, err := o.teams.All(t.Context(), ada, page)
			if err != nil {
				t.Fatal(err)
			}
			for _, edge := range found.Edges {
				got = append(got, edge.Node.ID)
			}
			more, page.After = found.PageInfo.HasNextPage, found.PageInfo.EndCursor
		}
		if diff := cmp.Diff(ids, got); diff != "" {
			t.Error(diff)
		}
		slices.Reverse(ids)
	}
	made := o.newTeam(t, ada)
	edge := o.teams.Edge(ada, made)
	if found, err := o.teams.All(t.Context(), ada, Page{After: &edge.Cursor}); err != nil || len(found.Edges) != 0 {
		t.Errorf("after the edge of what was made last: %v, %v", found, err)
	}
}

// TestMergedOfMany lists what is in more teams than count, for a reader whose budget is small.
func TestMergedOfMany(t *testing.T) {
	o := newOffice(t)
	for i := range MaxTogether + 2 {
		_, board := o.boardOf(t, ada)
		o.put(t, System, board, fmt.Sprintf("%03d", i))
	}
	texts := o.all(t, t.Context(), ada, Page{})
	if len(texts) != MaxTogether || !slices.IsSorted(texts) || texts[len(texts)-1] != fmt.Sprintf("%03d", MaxTogether-1) {
		t.Errorf("%d memos, to %q; want those of the first %d teams", len(texts), texts[len(texts)-1], MaxTogether)
	}
	three := 3
	limits := DefaultReadLimits
	limits.List = 10
	within, _ := WithReadBudget(t.Context(), limits)
	ctx, examined := examining(within)
	if few, err := o.memos.All(ctx, ada, Page{First: &three}); err != nil || len(few.Edges) != 3 {
		t.Errorf("a page of three of a budget of ten: %v, %v", few, err)
	}
	if *examined > MaxTogether {
		t.Errorf("%d are examined for a page of three", *examined)
	}
}

// TestMergedOrders wants a list of what users are members of themselves in each order by what they may read, without
// what no index would have in it, and an order by anything else not to be there.
func TestMergedOrders(t *testing.T) {
	o := newOffice(t)
	var last *lodge
	for i, name := range []string{"beta", "alpha", "delta", "gamma"} {
		made, err := o.lodges.Create(t.Context(), editor, func(l *lodge) { l.Name, l.Secret = name, fmt.Sprint(9-i) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.passes.Create(t.Context(), editor, func(p *pass) { p.LodgeID, p.UserID = made.ID, ada.ID }); err != nil {
			t.Fatal(err)
		}
		last = made
	}
	if err := o.lodges.core.table.Update("id", last.ID).Set("name", strings.Repeat("g", 1500)).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	two := 2
	for _, test := range []struct {
		caller  Caller
		order   string
		want    string
		refused string
	}{
		{ada, "NAME", "alpha beta delta", ""},
		{editor, "NAME", "alpha beta delta", ""},
		{editor, "SECRET", strings.Repeat("g", 1500) + " delta alpha beta", ""},
		{ada, "SECRET", "", "no such order"},
		{ada, "TEXT", "", "index of all"},
		{eve, "NAME", "", ""},
		{Caller{}, "NAME", "", ""}, // whom no rule admits
		{Caller{}, "SECRET", "", ""},
	} {
		t.Run(test.caller.ID+" "+test.order, func(t *testing.T) {
			var names []string
			page := Page{First: &two, Order: test.order}
			for {
				found, err := o.lodges.All(t.Context(), test.caller, page)
				if test.refused != "" {
					if err == nil || !strings.Contains(err.Error(), test.refused) {
						t.Errorf("%v, want %q", err, test.refused)
					}
					_, planned := o.lodges.PlanOf(test.caller, OfAll.Index(), page)
					if planned == nil {
						t.Error("a plan of it is given")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if _, err := o.lodges.PlanOf(test.caller, OfAll.Index(), page); err != nil {
					t.Errorf("a plan: %v", err)
				}
				for _, edge := range found.Edges {
					names = append(names, edge.Node.Name)
				}
				if page.After = found.PageInfo.EndCursor; !found.PageInfo.HasNextPage {
					break
				}
			}
			if got := strings.Join(names, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if _, err := o.lodges.All(t.Context(), System, Page{}); err == nil {
		t.Error("System lists what has no index of all")
	}
}

// TestMergedKeys wants a filter whose key no item can have to find nothing, and a page beyond what one of the rules
// says to read nothing for that.
func TestMergedKeys(t *testing.T) {
	o := newOffice(t)
	of, board := o.boardOf(t, ada)
	other, another := o.boardOf(t, ada)
	if _, err := o.keepers.Create(t.Context(), ada, func(k *keeper) { k.TeamID, k.UserID, k.Role = of.ID, eve.ID, "HAND" }); err != nil {
		t.Fatal(err)
	}
	o.mustSeat(t, ada, other, eve, "GUEST")
	o.put(t, ada, board, "a", "kept", "m", "n", "z")
	o.put(t, ada, another, "b", "l", "y")
	one := 1
	if got := o.all(t, t.Context(), eve, Page{First: &one, Order: "TEXT"}); !slices.Equal(got, []string{"b", "kept", "l", "y"}) {
		t.Errorf("by text: %q", got)
	}
	if got := o.all(t, t.Context(), eve, Page{First: &one, Order: "TEXT", Descending: true}); !slices.Equal(got, []string{"y", "l", "kept", "b"}) {
		t.Errorf("by text, descending: %q", got)
	}
	ctx, examined := examining(t.Context())
	page, err := o.memos.All(ctx, eve, Page{First: &one, Order: "TEXT", Descending: true})
	if err != nil {
		t.Fatal(err)
	}
	*examined = 0
	if _, err = o.memos.All(ctx, eve, Page{First: &one, Order: "TEXT", Descending: true, After: page.PageInfo.EndCursor}); err != nil || *examined > 3 {
		t.Errorf("the second page examines %d, %v", *examined, err)
	}
	long := strings.Repeat("k", 3000)
	if got := o.all(t, t.Context(), eve, Page{Filter: NewFilter(map[string]any{"text": map[string]any{"eq": long}})}); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}
