package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/testclient"
)

// An almanac has entries that outlive their owner, which are unique and listed by the owner, too.
type almanacEntry struct {
	Object
	Name string `dynamo:"name,allowempty"`
	Day  int    `dynamo:"day"`
}

func (*almanacEntry) IsNode()            {}
func (e *almanacEntry) GlobalID() string { return GlobalID("AlmanacEntry", e.ID) }

var byOwnersDay = Joined{Hash: []string{"ownerId"}, Sort: []SortPart{{Attribute: "day", Descending: true}}}

// keptClub is a club whose teams, and what belongs to them, outlive their owner, with an almanac that all read.
type keptClub struct {
	*club
	entries *Model[almanacEntry]
	count   int // of cards that are ada's
}

func keptClubOn(b *blog, onOwnerDelete OnOwnerDelete) *keptClub {
	c := &keptClub{clubOn(b, onOwnerDelete), New[almanacEntry](b.DB, "AlmanacEntry", "almanac"), 229}
	Define(c.entries, Definition[almanacEntry]{
		OnOwnerDelete: OutlivesOwner,
		Uniques:       []Unique[almanacEntry]{{Field: "owner+name", Together: []string{"owner", "name"}, Value: func(e *almanacEntry) string { return UniqueKey(e.OwnerID, e.Name) }}},
		Joined:        []Joined{byOwnersDay},
		Rules:         []Rule{Allow(OnRead, Anyone), Allow(OnCreate|OnUpdate|OnDelete, Owner)},
	})
	return c
}

func newKeptClub(t testing.TB) *keptClub {
	t.Helper()
	c := keptClubOn(newBlog(t), OutlivesOwner)
	startedClub(t, c.club)
	return c
}

// founded has ada make a team of hers and eve's, with a board of cards, one of which is eve's; and 3 entries.
func (c *keptClub) founded(t testing.TB) (rovers *team, board *pinboard) {
	t.Helper()
	rovers = c.newTeam(t, ada)
	c.mustSeat(t, ada, rovers, eve, "CHAIR")
	board = made[pinboard](t)(c.boards.Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "Plans", rovers.ID }))
	then := NewDateTime(time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC))
	var cards []card
	for i := range c.count + 1 {
		own := Object{ID: NewID(), OwnerID: ada.ID, Version: 3, CreatedAt: then, UpdatedAt: then}
		if i == 0 {
			own.OwnerID = eve.ID
		}
		cards = append(cards, card{Object: own, Text: "card", BoardID: board.ID, BoardTeamID: rovers.ID})
	}
	put(t, c.cards.core.table, cards)
	for day := range 3 {
		made[almanacEntry](t)(c.entries.Create(t.Context(), ada, func(e *almanacEntry) { e.Name, e.Day = fmt.Sprint("entry ", day), day }))
	}
	return rovers, board
}

// owners returns how many items of a table each has.
func owners(t testing.TB, table dynamo.Table) map[string]int {
	t.Helper()
	var items []Object
	if err := table.Scan().Consistent(true).All(t.Context(), &items); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, item := range items {
		count[item.OwnerID]++
	}
	return count
}

// wantKept wants all that ada had in founded to be there, and nobody's.
func (c *keptClub) wantKept(t testing.TB, rovers *team) {
	t.Helper()
	for table, want := range map[dynamo.Table]string{
		c.teams.core.table: "map[:1]", c.boards.core.table: "map[:1]", c.cards.core.table: fmt.Sprintf("map[:%d %s:1]", c.count, eve.ID),
		c.entries.core.table: "map[:3]", c.seats.core.table: fmt.Sprintf("map[%s:1]", eve.ID),
	} {
		if got := fmt.Sprint(owners(t, table)); got != want {
			t.Errorf("owners in %s: %s, want %s", table.Name(), got, want)
		}
	}
	for _, model := range c.models {
		if ids, _, err := model.listIDs(t.Context(), ByOwner, ada.ID, "", 10); err != nil || len(ids) > 0 {
			t.Errorf("%s lists %q as ada's, %v", model.name(), ids, err)
		}
	}
	if rows := c.rows(t); len(rows) != 1 || rows[0].Member != "Seat#"+eve.ID {
		t.Errorf("rows %+v, want eve's", rows)
	}
	if _, err := c.teams.Update(t.Context(), eve, rovers.GlobalID(), nil, func(item *team) { item.Name = "Eve's" }); err != nil {
		t.Errorf("a chair who is left: %v", err)
	}
}

// TestKeep has the founder of a team leave: it is nobody's, with all that belongs to it, and lives on.
func TestKeep(t *testing.T) {
	c := newKeptClub(t)
	rovers, board := c.founded(t)
	if err := c.deleteAccount(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	c.wantKept(t, rovers)
	c.drain(t)
	c.wantKept(t, rovers)
	for items, err := range c.cards.core.scan(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		for _, card := range items {
			if item := card.base(); item.OwnerID == "" && item.Version != 4 || item.UpdatedAt.Time().Year() != 2020 {
				t.Fatalf("a card is %+v, want the next version, of the same time", item)
			}
		}
	}
	// It is nobody's by any rule or index, and its values are free.
	wantCount(t, c.uniques, 6) // eve's seat, and that 5 tables are kept
	for _, who := range []Caller{ada, anonymous, {ID: ""}} {
		for _, entry := range made[Connection[almanacEntry]](t)(c.entries.List(t.Context(), System, byOwnersDay.Index(), byOwnersDay.hashKey(dynamo.Item{}), Page{})).Edges {
			if _, err := c.entries.Update(t.Context(), who, entry.Node.GlobalID(), nil, func(e *almanacEntry) { e.Name = "Mine" }); !errors.Is(err, ErrForbidden) {
				t.Errorf("%q writes what is nobody's: %v", who.ID, err)
			}
		}
		if _, err := c.boards.Get(t.Context(), who, board.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q reads a board of the team: %v", who.ID, err)
		}
	}
}

// TestKeepIsFinished cuts the connection after each call in turn: nothing has changed then, or the account is gone,
// and the rest goes by itself.
func TestKeepIsFinished(t *testing.T) {
	for calls, isDone := 0, false; !isDone; calls += 3 {
		c := newKeptClub(t)
		c.count = 3
		rovers, _ := c.founded(t)
		c.client.FailAfter(calls)
		err := c.deleteAccount(t.Context(), ada)
		c.client.Before = nil
		isDone = err == nil
		if err != nil && !errors.Is(err, testclient.ErrLost) {
			t.Fatalf("after %d calls: %v", calls, err)
		}
		if there, err := c.usersWith(t.Context(), []string{ada.ID}); err != nil || there[ada.ID] {
			if got := owners(t, c.cards.core.table); got[ada.ID] != 3 {
				t.Errorf("after %d calls the account is there (%v), and the cards are %v", calls, err, got)
			}
			continue
		}
		c.drain(t)
		c.wantKept(t, rovers)
	}
}

// TestKeepGoesOn: what is not done in the time of the request is done by the outbox, however much that is.
func TestKeepGoesOn(t *testing.T) {
	c := newKeptClub(t)
	rovers, _ := c.founded(t)
	leaving := c.Leave(ada.ID)
	tx := leaving.Promise(c.WriteTx().Delete(c.users.Delete("id", ada.ID)))
	if err := errors.Join(leaving.EndMemberships(t.Context(), tx, false), tx.Run(t.Context())); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if isDone, err := leaving.Begin(ctx); isDone {
		t.Errorf("it is done, %v, though there was no time", err)
	}
	c.drain(t)
	c.wantKept(t, rovers)
}

// TestKeepWhatIsMadeMeanwhile: what a request makes while the account goes is kept, whoever finds it.
func TestKeepWhatIsMadeMeanwhile(t *testing.T) {
	for name, find := range map[string]func(c *keptClub) error{
		"the outbox": func(c *keptClub) error { c.drain(t); return nil },
		"a sweep": func(c *keptClub) error {
			swept, err := c.Sweep(t.Context())
			if swept.Kept != 1 || swept.Orphans != 0 {
				t.Errorf("swept %+v, want one that is kept", swept)
			}
			return err
		},
		"a server that would delete it": func(c *keptClub) error {
			older := clubOn(blogOn(c.client, c.prefix), GoesWithOwner)
			older.drain(t)
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newKeptClub(t)
			rovers, board := c.founded(t)
			if err := c.deleteAccount(t.Context(), ada); err != nil {
				t.Fatal(err)
			}
			late := card{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, Text: "late", BoardID: board.ID, BoardTeamID: rovers.ID}
			put(t, c.cards.core.table, []card{late})
			if err := find(c); err != nil {
				t.Fatal(err)
			}
			found, err := c.cards.Get(t.Context(), eve, late.ID)
			if err != nil || found.OwnerID != "" {
				t.Errorf("what was made meanwhile is %+v (%v), want nobody's", found, err)
			}
		})
	}
}

// TestSweepKeeps has a sweep find what somebody had whose account is gone, such as after an import.
func TestSweepKeeps(t *testing.T) {
	c := newKeptClub(t)
	rovers, _ := c.founded(t)
	gone := c.newTeam(t, ada) // of which nobody else is a member
	if err := c.users.Delete("id", ada.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	swept, err := c.Sweep(t.Context())
	if err != nil || swept.Kept != 1+1+1+229+3 || swept.Orphans != 2 {
		t.Errorf("swept %+v (%v), want two seats gone and the rest kept", swept, err)
	}
	c.wantKept(t, rovers)
	if found, err := c.teams.core.read(t.Context(), []string{gone.ID}); err != nil || len(found) > 0 {
		t.Errorf("a team without members is there: %v, %v", found, err)
	}
	if swept, err := c.Sweep(t.Context()); err != nil || swept != (Swept{}) {
		t.Errorf("swept again %+v, %v", swept, err)
	}
}

// TestLastMemberTakesAlong: what nobody else is a member of goes, however its members have left.
func TestLastMemberTakesAlong(t *testing.T) {
	for name, leave := range map[string]func(c *keptClub) error{
		"one after the other": func(c *keptClub) error {
			return errors.Join(c.deleteAccount(t.Context(), ada), c.deleteAccount(t.Context(), eve))
		},
		"the other first": func(c *keptClub) error {
			return errors.Join(c.deleteAccount(t.Context(), eve), c.deleteAccount(t.Context(), ada))
		},
		"both at once": func(c *keptClub) error {
			errs := make([]error, 2)
			var both sync.WaitGroup
			for i, who := range []Caller{ada, eve} {
				both.Go(func() { errs[i] = c.deleteAccount(t.Context(), who) })
			}
			both.Wait()
			for i, who := range []Caller{ada, eve} { // one may have met the other's membership
				if errors.Is(errs[i], ErrLastInRole) {
					errs[i] = c.deleteAccount(t.Context(), who)
				}
			}
			return errors.Join(errs...)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newKeptClub(t)
			c.founded(t)
			others := c.newTeam(t, editor)
			c.mustSeat(t, editor, others, ada, "GUEST")
			if err := leave(c); err != nil {
				t.Fatal(err)
			}
			c.drain(t)
			wantCount(t, c.teams.core.table, 1)
			wantCount(t, c.boards.core.table, 0)
			wantCount(t, c.cards.core.table, 0)
			wantCount(t, c.entries.core.table, 3)
			if rows := c.rows(t); len(rows) != 1 || rows[0].Object != others.ID {
				t.Errorf("rows %+v, want the editor's", rows)
			}
		})
	}
}

// TestLastMemberOfWhatOthersRead: what others may read stays without members.
func TestLastMemberOfWhatOthersRead(t *testing.T) {
	c := newKeptClub(t)
	c.teams.core.definition.Rules = append(c.teams.core.definition.Rules, Allow(OnRead, Anyone))
	c.founded(t)
	if err := errors.Join(c.deleteAccount(t.Context(), ada), c.deleteAccount(t.Context(), eve)); err != nil {
		t.Fatal(err)
	}
	c.drain(t)
	if got := fmt.Sprint(owners(t, c.teams.core.table)); got != "map[:1]" {
		t.Errorf("the teams are %s, want one of nobody's", got)
	}
}

// TestSuccessor has a team go to whom a function names, with the chair; without one it is nobody's, or goes.
func TestSuccessor(t *testing.T) {
	for name, test := range map[string]struct {
		successor  func(c *keptClub) (string, error)
		wantOwner  string
		wantChairs int
	}{
		"a member":          {func(*keptClub) (string, error) { return editor.ID, nil }, editor.ID, 2},
		"a chair":           {func(*keptClub) (string, error) { return eve.ID, nil }, eve.ID, 1},
		"nobody":            {func(*keptClub) (string, error) { return "", nil }, "", 1},
		"whoever is gone":   {func(*keptClub) (string, error) { return NewID(), nil }, "", 1},
		"who leaves":        {func(*keptClub) (string, error) { return ada.ID, nil }, "", 1},
		"one at the second": {atTheSecond(editor.ID), editor.ID, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := keptClubOn(newBlog(t), GoesToSuccessor)
			startedClub(t, c.club)
			redefine(c.teams, func(d *Definition[team]) {
				d.Successor = func(context.Context, *team) (string, error) { return test.successor(c) }
			})
			rovers, _ := c.founded(t)
			c.mustSeat(t, ada, rovers, editor, "GUEST")
			if err := c.deleteAccount(t.Context(), ada); err != nil && !errors.Is(err, errNotNow) {
				t.Fatal(err)
			}
			c.drain(t)
			if got, want := fmt.Sprint(owners(t, c.teams.core.table)), fmt.Sprintf("map[%s:1]", test.wantOwner); got != want {
				t.Errorf("the teams are %s, want %s", got, want)
			}
			if got, want := fmt.Sprint(owners(t, c.boards.core.table)), "map[:1]"; got != want {
				t.Errorf("the boards, for which nobody is named, are %s, want %s", got, want)
			}
			if said, are := c.counted(t, rovers); said != test.wantChairs || are != test.wantChairs {
				t.Errorf("the team counts %d chairs, there are %d, want %d", said, are, test.wantChairs)
			}
			for _, row := range c.rows(t) {
				if isChair := row.Role == "CHAIR"; isChair != (row.Member == "Seat#"+eve.ID || row.Member == "Seat#"+test.wantOwner) {
					t.Errorf("row %+v", row)
				}
			}
		})
	}
	// Who is no member becomes one, of what would go with its last member otherwise.
	c := keptClubOn(newBlog(t), GoesToSuccessor)
	startedClub(t, c.club)
	redefine(c.teams, func(d *Definition[team]) {
		d.Successor = func(context.Context, *team) (string, error) { return editor.ID, nil }
	})
	rovers := c.newTeam(t, ada)
	if err := c.deleteAccount(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	c.drain(t)
	if found, err := c.teams.Get(t.Context(), editor, rovers.ID); err != nil || found.OwnerID != editor.ID {
		t.Errorf("the successor's team is %+v, %v", found, err)
	}
	if got := c.seat(t, rovers, editor); got.Role != "CHAIR" {
		t.Errorf("the successor is %s", got.Role)
	}
}

var errNotNow = errors.New("not now")

// atTheSecond returns a function that fails when it is called first.
func atTheSecond(successor string) func(*keptClub) (string, error) {
	calls := 0
	return func(*keptClub) (string, error) {
		if calls++; calls == 1 {
			return "", errNotNow
		}
		return successor, nil
	}
}

// TestLastInRoleIsTold: whoever would leave others without a chair is told where, and nothing changes.
func TestLastInRoleIsTold(t *testing.T) {
	c := newKeptClub(t)
	rovers, lions := c.newTeam(t, ada), c.newTeam(t, ada)
	c.newTeam(t, ada)
	c.mustSeat(t, ada, rovers, eve, "CLERK")
	c.mustSeat(t, ada, lions, editor, "GUEST")
	err := c.deleteAccount(t.Context(), ada)
	told := new(Error)
	if !errors.As(err, &told) || !errors.Is(err, ErrLastInRole) || told.Code != CodeConflict {
		t.Fatalf("the last chair leaves: %v", err)
	}
	want := []string{rovers.GlobalID(), lions.GlobalID()}
	slices.Sort(want)
	if slices.Sort(told.Objects); !slices.Equal(told.Objects, want) {
		t.Errorf("told of %q, want %q", told.Objects, want)
	}
	if got := owners(t, c.teams.core.table); got[ada.ID] != 3 {
		t.Errorf("the teams are %v", got)
	}
	for _, has := range []*seat{c.seat(t, rovers, eve), c.seat(t, lions, editor)} {
		if _, err := c.seats.Update(t.Context(), ada, has.GlobalID(), nil, func(s *seat) { s.Role = "CHAIR" }); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.deleteAccount(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	if got := owners(t, c.teams.core.table); len(got) != 1 || got[""] != 2 {
		t.Errorf("the teams are %v, want two of nobody's", got)
	}
}

// TestKeepBegins: as long as a server may run that would delete what is kept, accounts that own some stay.
func TestKeepBegins(t *testing.T) {
	b := newBlog(t)
	older := startedClub(t, clubOn(b, GoesWithOwner))
	newer := clubOn(blogOn(b.client, b.prefix), OutlivesOwner)
	newer.client = b.client
	plan := func(c *club) (planned []string) {
		t.Helper()
		steps, err := c.Plan(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if c.IsOfKeeping(step) {
				planned = append(planned, strings.TrimPrefix(step.Table, c.prefix))
			}
		}
		return planned
	}
	do := func(c *club) {
		t.Helper()
		steps, err := c.Plan(t.Context())
		for _, step := range steps {
			if c.IsOfKeeping(step) {
				err = errors.Join(err, c.Do(t.Context(), step))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	all := []string{"teams", "pinboards", "cards", "remarks"}
	rovers := newer.newTeam(t, ada)
	newer.mustSeat(t, ada, rovers, eve, "CHAIR")
	if got := plan(older); got != nil {
		t.Errorf("the older plans %q", got)
	}
	if got := plan(newer); !slices.Equal(got, all) {
		t.Errorf("the newer plans %q, want %q", got, all)
	}
	for who, want := range map[string]error{ada.ID: ErrNotKeptYet, eve.ID: nil} {
		if err := newer.Leave(who).MayBegin(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s may leave: %v, want %v", who, err, want)
		}
	}
	do(newer)
	if got := plan(newer); got != nil {
		t.Errorf("the newer still plans %q", got)
	}
	if err := newer.Leave(ada.ID).MayBegin(t.Context()); err != nil {
		t.Errorf("ada may not leave: %v", err)
	}
	// What is promised is nothing that a server knows which knows of nothing kept.
	leaving := newer.Leave(ada.ID)
	if err := leaving.Promise(newer.WriteTx()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	messages, err := newer.outbox.read(t.Context())
	if err != nil || len(messages) != 2 {
		t.Fatalf("promised %+v, %v", messages, err)
	}
	for _, message := range messages {
		if !slices.Contains([]string{leavingKind, keepingKind}, message.Kind) {
			t.Errorf("promised as %s", message.Kind)
		}
	}
	older.drain(t)
	if got := owners(t, newer.teams.core.table); got[""] != 1 {
		t.Errorf("the teams are %v, want one of nobody's", got)
	}
	// When the schema keeps them no more, that is taken down, and begins anew with another.
	if got := plan(older); !slices.Equal(got, all) {
		t.Errorf("the older plans %q, want %q", got, all)
	}
	do(older)
	if got := plan(older); got != nil {
		t.Errorf("the older still plans %q", got)
	}
	if got := plan(newer); !slices.Equal(got, all) {
		t.Errorf("the newer plans %q, want %q", got, all)
	}
}
