package model

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/guregu/dynamo/v2"
)

// team is of its members, with boards that have cards, and rooms that are of its owner alone.
type team struct {
	Object
	Name string `dynamo:"name,allowempty"`
}

type seat struct {
	Object
	TeamID string `dynamo:"teamId"`
	UserID string `dynamo:"userId"`
	Role   string `dynamo:"role"`
}

type pinboard struct {
	Object
	Name   string `dynamo:"name,allowempty"`
	TeamID string `dynamo:"teamId"`
}

type card struct {
	Object
	Text        string `dynamo:"text,allowempty"`
	BoardID     string `dynamo:"boardId"`
	BoardTeamID string `dynamo:"boardTeamId"`
}

// remark is of a card, three below its team.
type remark struct {
	Object
	Text            string `dynamo:"text,allowempty"`
	CardID          string `dynamo:"cardId"`
	CardBoardTeamID string `dynamo:"cardBoardTeamId"`
}

// keeper is a member of a team in another way.
type keeper struct {
	Object
	TeamID string `dynamo:"teamId"`
	UserID string `dynamo:"userId"`
	Role   string `dynamo:"role"`
}

func (*keeper) IsNode() {}

func (k *keeper) GlobalID() string { return GlobalID("Keeper", k.ID) }

// badge is of a membership, and goes with it.
type badge struct {
	Object
	SeatID string `dynamo:"seatId"`
}

func (*badge) IsNode() {}

func (b *badge) GlobalID() string { return GlobalID("Badge", b.ID) }

func (*team) IsNode()     {}
func (*seat) IsNode()     {}
func (*pinboard) IsNode() {}
func (*card) IsNode()     {}
func (*remark) IsNode()   {}

func (t *team) GlobalID() string     { return GlobalID("Team", t.ID) }
func (s *seat) GlobalID() string     { return GlobalID("Seat", s.ID) }
func (b *pinboard) GlobalID() string { return GlobalID("Pinboard", b.ID) }
func (c *card) GlobalID() string     { return GlobalID("Card", c.ID) }
func (r *remark) GlobalID() string   { return GlobalID("Remark", r.ID) }

// A club is a store of teams beside a blog. Everybody sees everybody.
type club struct {
	*blog
	teams   *Model[team]
	seats   *Model[seat]
	boards  *Model[pinboard]
	cards   *Model[card]
	remarks *Model[remark]
	keepers *Model[keeper]
	badges  *Model[badge]
}

var seatRoles = []string{"CHAIR", "CLERK", "GUEST"}

func newClub(t testing.TB) *club {
	t.Helper()
	return startedClub(t, clubOn(newBlog(t), GoesWithOwner))
}

// startedClub makes the tables of a club, and its users.
func startedClub(t testing.TB, c *club) *club {
	t.Helper()
	if _, err := c.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, who := range []Caller{ada, eve, editor} {
		if err := c.users.Put(user{who.ID}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// clubOn returns a club beside a blog, whose tables need not be there. That becomes of its teams, and of what belongs
// to them, when their owner leaves.
func clubOn(b *blog, onOwnerDelete OnOwnerDelete) *club {
	b.SetUsers(Users{
		There: b.usersWith,
		Seen: func(_ context.Context, _ Caller, ids []string) (map[string]bool, error) {
			seen := map[string]bool{}
			for _, id := range ids {
				seen[id] = true
			}
			return seen, nil
		},
		Check: func(id string) *dynamo.ConditionCheck { return b.users.Check("id", id).If("attribute_exists(id)") },
		Raise: func(id string) *dynamo.Update {
			return b.users.Update("id", id).SetExpr("$ = ?", RaisedAttribute, NewID()).If("attribute_exists(id)")
		},
	})
	c := &club{
		blog:    b,
		teams:   New[team](b.DB, "Team", "teams"),
		seats:   New[seat](b.DB, "Seat", "seats"),
		boards:  New[pinboard](b.DB, "Pinboard", "pinboards"),
		cards:   New[card](b.DB, "Card", "cards"),
		remarks: New[remark](b.DB, "Remark", "remarks"),
		keepers: New[keeper](b.DB, "Keeper", "keepers"),
		badges:  New[badge](b.DB, "Badge", "badges"),
	}
	Define(c.keepers, Definition[keeper]{
		Uniques: []Unique[keeper]{{Field: "team+user", Together: []string{"teamId", "userId"}, Value: func(k *keeper) string { return UniqueKey(k.TeamID, k.UserID) }}},
		Parents: []Parent[keeper]{
			{c.teams, "teamId", func(k *keeper) string { return k.TeamID }, Cascade, false},
			{b.Users(), "userId", func(k *keeper) string { return k.UserID }, Cascade, false},
		},
		Membership: &Membership[keeper]{
			Of: c.teams, Field: "teamId", User: "userId", Roles: []string{"HEAD", "HAND"},
			Role: func(k *keeper) string { return k.Role },
			Set:  func(k *keeper, object, user, role string) { k.TeamID, k.UserID, k.Role = object, user, role },
		},
		Rules: []Rule{Allow(OnRead|OnCreate|OnUpdate|OnDelete, Via("teamId", OnRead))},
	})
	Define(c.badges, Definition[badge]{
		Parents: []Parent[badge]{{c.seats, "seatId", func(b *badge) string { return b.SeatID }, Cascade, false}},
		Rules:   []Rule{Allow(OnCreate|OnRead, Via("seatId", OnRead))},
	})
	Define(c.teams, Definition[team]{
		OnOwnerDelete: onOwnerDelete,
		Required:      []string{"name"},
		Rules: []Rule{
			Allow(OnCreate|OnUpdate|OnDelete, Owner),
			Allow(OnRead, Members(c.seats, ownID)),
			Allow(OnUpdate, Members(c.seats, ownID, "CHAIR", "CLERK")),
		},
		Bulk: Bulk{List: "teams", Create: 10, Update: 10, Delete: 10},
	})
	Define(c.seats, Definition[seat]{
		Enums:    map[string][]string{"role": seatRoles},
		Defaults: func(s *seat) { s.Role = "GUEST" },
		Uniques:  []Unique[seat]{{Field: "team+user", Together: []string{"teamId", "userId"}, Value: func(s *seat) string { return UniqueKey(s.TeamID, s.UserID) }}},
		Parents: []Parent[seat]{
			{c.teams, "teamId", func(s *seat) string { return s.TeamID }, Cascade, false},
			{b.Users(), "userId", func(s *seat) string { return s.UserID }, Cascade, false},
		},
		Membership: &Membership[seat]{
			Of: c.teams, Field: "teamId", User: "userId", Roles: seatRoles,
			Role: func(s *seat) string { return s.Role },
			Set:  func(s *seat, object, user, role string) { s.TeamID, s.UserID, s.Role = object, user, role },
		},
		Rules: []Rule{
			Allow(OnRead, Via("teamId", OnRead)),
			Allow(OnCreate|OnUpdate|OnDelete, Via("teamId", OnUpdate)),
			Allow(OnDelete, Owner),
		},
		Bulk: Bulk{List: "seats", Create: 20, Update: 20, Delete: 20},
	})
	Define(c.boards, Definition[pinboard]{
		OnOwnerDelete: onOwnerDelete,
		Required:      []string{"name", "teamId"},
		Parents:       []Parent[pinboard]{{c.teams, "teamId", func(b *pinboard) string { return b.TeamID }, Cascade, false}},
		Rules: []Rule{
			Allow(OnRead, Members(c.seats, "teamId")),
			Allow(OnCreate|OnUpdate|OnDelete, Members(c.seats, "teamId", "CHAIR")),
		},
	})
	Define(c.cards, Definition[card]{
		OnOwnerDelete: onOwnerDelete,
		Required:      []string{"text", "boardId"},
		Parents:       []Parent[card]{{c.boards, "boardId", func(c *card) string { return c.BoardID }, Cascade, false}},
		Ancestors: []Ancestor[card]{
			{Field: "boardTeamId", ID: func(c *card) *string { return &c.BoardTeamID }, Of: c.teams, Parent: "boardId", From: "teamId"},
		},
		Fields: []Field{{Name: "text"}, {Name: "board", Attribute: "boardId", Type: ParentField}},
		Rules: []Rule{
			Allow(OnRead, Members(c.seats, "boardTeamId")),
			Allow(OnCreate|OnUpdate, Members(c.seats, "boardTeamId", "CHAIR", "CLERK")),
			Allow(OnDelete, Via("boardTeamId", OnUpdate)),
		},
		Bulk: Bulk{List: "cards", Create: 20, Update: 20, Delete: 20},
	})
	Define(c.remarks, Definition[remark]{
		OnOwnerDelete: onOwnerDelete,
		Parents:       []Parent[remark]{{c.cards, "cardId", func(r *remark) string { return r.CardID }, Cascade, false}},
		Ancestors: []Ancestor[remark]{
			{Field: "cardBoardTeamId", ID: func(r *remark) *string { return &r.CardBoardTeamID }, Of: c.teams, Parent: "cardId", From: "boardTeamId"},
		},
		Rules: []Rule{Allow(OnCreate|OnRead, Members(c.seats, "cardBoardTeamId"))},
	})
	return c
}

// newTeam makes a team, whose first member is the caller.
func (c *club) newTeam(t testing.TB, caller Caller) *team {
	t.Helper()
	made, err := c.teams.Create(t.Context(), caller, func(item *team) { item.Name = "Rovers" })
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// seatOf makes who a member of the team, as the caller.
func (c *club) seatOf(ctx context.Context, caller Caller, of *team, who Caller, role string) (*seat, error) {
	return c.seats.Create(ctx, caller, func(s *seat) { s.TeamID, s.UserID, s.Role = of.ID, who.ID, role })
}

// mustSeat is seatOf that succeeds.
func (c *club) mustSeat(t testing.TB, caller Caller, of *team, who Caller, role string) *seat {
	t.Helper()
	made, err := c.seatOf(t.Context(), caller, of, who, role)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// seat returns the membership of somebody in the team.
func (c *club) seat(t testing.TB, of *team, who Caller) *seat {
	t.Helper()
	page, err := c.seats.ByParent(t.Context(), System, "teamId", of.ID, Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, edge := range page.Edges {
		if edge.Node.UserID == who.ID {
			return edge.Node
		}
	}
	t.Fatalf("%s is no member", who.ID)
	return nil
}

// counted returns what the team says of its chairs, and what there are.
func (c *club) counted(t testing.TB, of *team) (said, are int) {
	t.Helper()
	state, err := c.teams.core.admins(t.Context(), of.ID, "admins-Seat")
	if err != nil {
		t.Fatal(err)
	}
	page, err := c.seats.ByParent(t.Context(), System, "teamId", of.ID, Page{})
	if err != nil {
		t.Fatal(err)
	}
	for _, edge := range page.Edges {
		if edge.Node.Role == "CHAIR" {
			are++
		}
	}
	return state.count, are
}

// allRows returns the rows of members.
func (c *club) allRows(t testing.TB) []memberRow {
	t.Helper()
	var rows []memberRow
	if err := c.members.Scan().All(t.Context(), &rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// rows returns those by seats.
func (c *club) rows(t testing.TB) []memberRow {
	t.Helper()
	return slices.DeleteFunc(c.allRows(t), func(row memberRow) bool { return !strings.HasPrefix(row.Member, "Seat#") })
}

func TestMakerIsFirstMember(t *testing.T) {
	c := newClub(t)
	rovers := c.newTeam(t, ada)
	first := c.seat(t, rovers, ada)
	if first.Role != "CHAIR" || first.OwnerID != ada.ID {
		t.Errorf("the first membership is %+v, want a CHAIR's own", first)
	}
	want := memberRow{Object: rovers.ID, Member: "Seat#" + ada.ID, Role: "CHAIR", Membership: first.ID}
	if rows := c.rows(t); !slices.Equal(rows, []memberRow{want}) {
		t.Errorf("rows %+v, want %+v", rows, want)
	}
	if said, are := c.counted(t, rovers); said != 1 || are != 1 {
		t.Errorf("the team counts %d chairs, there are %d", said, are)
	}
	if _, err := c.teams.CreateAll(t.Context(), eve, nil, make([]Creation[team], 0)); err != nil {
		t.Error(err)
	}
	several, err := c.teams.CreateAll(t.Context(), eve, nil, []Creation[team]{
		{Set: func(item *team) { item.Name = "A" }}, {Set: func(item *team) { item.Name = "B" }},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range several {
		if c.seat(t, one, eve).Role != "CHAIR" {
			t.Errorf("%s has no chair", one.Name)
		}
	}
	key := NewID()
	for range 2 {
		once, err := c.teams.CreateOnce(t.Context(), ada, &key, func(item *team) { item.Name = "Once" })
		if err != nil {
			t.Fatal(err)
		}
		if said, are := c.counted(t, once); said != 1 || are != 1 {
			t.Errorf("a team that is made twice counts %d chairs, there are %d", said, are)
		}
	}
	if made, err := c.teams.Create(t.Context(), System, func(item *team) { item.Name = "Nobody's" }); err != nil {
		t.Error(err)
	} else if said, are := c.counted(t, made); said != 0 || are != 0 {
		t.Errorf("a team of the system's counts %d chairs, there are %d", said, are)
	}
}

func TestMembersRules(t *testing.T) {
	c := newClub(t)
	rovers, others := c.newTeam(t, ada), c.newTeam(t, editor)
	guest := c.mustSeat(t, ada, rovers, eve, "GUEST")
	made, err := c.boards.Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "To do", rovers.ID })
	if err != nil {
		t.Fatal(err)
	}
	of := func(item *card) { item.Text, item.BoardID = "Mow", made.ID }
	mow, err := c.cards.Create(t.Context(), ada, of)
	if err != nil {
		t.Fatal(err)
	}
	if mow.BoardTeamID != rovers.ID {
		t.Errorf("the card is of team %q, want %q", mow.BoardTeamID, rovers.ID)
	}
	said, err := c.remarks.Create(t.Context(), eve, func(r *remark) { r.Text, r.CardID = "Where?", mow.ID })
	if err != nil {
		t.Fatal(err)
	}
	if said.CardBoardTeamID != rovers.ID {
		t.Errorf("the remark is of team %q, want %q", said.CardBoardTeamID, rovers.ID)
	}
	reads := func(who Caller) string {
		team, err1 := c.teams.Get(t.Context(), who, rovers.ID)
		card, err2 := c.cards.Get(t.Context(), who, mow.ID)
		remark, err3 := c.remarks.Get(t.Context(), who, said.ID)
		list, err4 := c.cards.ByParent(t.Context(), who, "boardId", made.ID, Page{})
		for _, err := range []error{err1, err2, err3, err4} {
			if err != nil && !errors.Is(err, ErrNotFound) {
				t.Fatal(err)
			}
		}
		return fmt.Sprint(team != nil, card != nil, remark != nil, len(list.Edges))
	}
	update := func(who Caller) error {
		_, err := c.cards.Update(t.Context(), who, mow.GlobalID(), nil, func(c *card) { c.Text += "!" })
		return err
	}
	want := func(who Caller, all string, isUpdate, isCreate, isDelete error) {
		t.Helper()
		if got := reads(who); got != all {
			t.Errorf("reads %s, want %s", got, all)
		}
		if err := update(who); !errors.Is(err, isUpdate) {
			t.Errorf("update: %v, want %v", err, isUpdate)
		}
		if _, err := c.cards.Create(t.Context(), who, of); !errors.Is(err, isCreate) {
			t.Errorf("create: %v, want %v", err, isCreate)
		}
		if isDelete != nil {
			if _, err := c.cards.Delete(t.Context(), who, mow.GlobalID(), nil); !errors.Is(err, isDelete) {
				t.Errorf("delete: %v, want %v", err, isDelete)
			}
		}
	}
	want(eve, "true true true 1", ErrForbidden, ErrForbidden, ErrForbidden)
	want(editor, "false false false 0", ErrNotFound, ErrNotFound, ErrNotFound)
	want(Caller{}, "false false false 0", ErrNotFound, ErrForbidden, ErrNotFound)
	if _, err := c.seats.Update(t.Context(), ada, guest.GlobalID(), nil, func(s *seat) { s.Role = "CLERK" }); err != nil {
		t.Fatal(err)
	}
	want(eve, "true true true 1", nil, nil, nil)
	if _, err := c.seats.Delete(t.Context(), ada, guest.GlobalID(), nil); err != nil {
		t.Fatal(err)
	}
	want(eve, "false false false 0", ErrNotFound, ErrNotFound, ErrNotFound)
	if _, err := c.cards.Create(t.Context(), editor, of); !errors.Is(err, ErrNotFound) {
		t.Errorf("a member of another team creates: %v", err)
	}
	if rows := c.rows(t); len(rows) != 2 {
		t.Errorf("%d rows are left, want those of the two chairs", len(rows))
	}
	_ = others
}

func TestRanks(t *testing.T) {
	c := newClub(t)
	rovers := c.newTeam(t, ada)
	if _, err := c.seatOf(t.Context(), eve, rovers, eve, "GUEST"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a stranger takes a seat: %v", err)
	}
	clerk := c.mustSeat(t, ada, rovers, eve, "CLERK")
	first := c.seat(t, rovers, ada)
	role := func(who Caller, of *seat, role string) error {
		_, err := c.seats.Update(t.Context(), who, of.GlobalID(), nil, func(s *seat) { s.Role = role })
		return err
	}
	if err := role(eve, clerk, "CHAIR"); !errors.Is(err, ErrForbidden) {
		t.Errorf("a clerk becomes a chair: %v", err)
	}
	if err := role(eve, first, "GUEST"); !errors.Is(err, ErrForbidden) {
		t.Errorf("a clerk takes the chair: %v", err)
	}
	if _, err := c.seats.Delete(t.Context(), eve, first.GlobalID(), nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("a clerk removes the chair: %v", err)
	}
	if _, err := c.seatOf(t.Context(), eve, rovers, editor, "CHAIR"); !errors.Is(err, ErrForbidden) {
		t.Errorf("a clerk makes a chair: %v", err)
	}
	guest := c.mustSeat(t, eve, rovers, editor, "GUEST")
	if _, err := c.seatOf(t.Context(), ada, rovers, editor, "GUEST"); !errors.Is(err, ErrTaken) {
		t.Errorf("a second seat: %v", err)
	}
	if err := role(eve, guest, "CLERK"); err != nil {
		t.Errorf("a clerk makes a clerk: %v", err)
	}
	if err := role(eve, guest, "GUEST"); err != nil {
		t.Errorf("a clerk makes a guest of a clerk: %v", err)
	}
	if err := role(editor, guest, "GUEST"); !errors.Is(err, ErrForbidden) {
		t.Errorf("a guest changes: %v", err)
	}
	if err := role(ada, first, "GUEST"); !errors.Is(err, ErrLastInRole) {
		t.Errorf("the last chair steps down: %v", err)
	}
	if _, err := c.seats.Delete(t.Context(), ada, first.GlobalID(), nil); !errors.Is(err, ErrLastInRole) {
		t.Errorf("the last chair leaves: %v", err)
	}
	if _, err := c.seats.Delete(t.Context(), editor, guest.GlobalID(), nil); err != nil {
		t.Errorf("a guest leaves: %v", err)
	}
	if err := role(ada, clerk, "CHAIR"); err != nil {
		t.Fatal(err)
	}
	if said, are := c.counted(t, rovers); said != 2 || are != 2 {
		t.Errorf("the team counts %d chairs, there are %d", said, are)
	}
	if _, err := c.seats.Delete(t.Context(), ada, first.GlobalID(), nil); err != nil {
		t.Errorf("a chair leaves another: %v", err)
	}
	if err := role(eve, clerk, "GUEST"); !errors.Is(err, ErrLastInRole) {
		t.Errorf("the last chair steps down: %v", err)
	}
	if _, err := c.seats.Update(t.Context(), System, clerk.GlobalID(), nil, func(s *seat) { s.UserID = editor.ID }); err == nil {
		t.Error("a membership becomes another user's")
	}
	// Whoever owns the team, and may change it, is as high as any.
	if _, err := c.seatOf(t.Context(), ada, rovers, ada, "CHAIR"); !errors.Is(err, ErrNotFound) {
		t.Errorf("the owner who left, and may not read: %v", err)
	}
}

// deleteAccount deletes a user as package account does.
func (c *club) deleteAccount(ctx context.Context, who Caller) error {
	leaving := c.Leave(who.ID)
	for range maxTries {
		var user dynamo.Item
		if err := c.users.Get("id", who.ID).Consistent(true).One(ctx, &user); err != nil {
			return err
		}
		erase := c.users.Delete("id", who.ID).If("attribute_not_exists($)", RaisedAttribute)
		if raised := user[RaisedAttribute]; raised != nil {
			erase = c.users.Delete("id", who.ID).If("$ = ?", RaisedAttribute, raised)
		}
		tx := leaving.Promise(c.WriteTx().Delete(erase))
		if err := leaving.EndMemberships(ctx, tx, false); err != nil {
			return err
		}
		err := tx.Run(ctx)
		if err == nil {
			_, err = leaving.Begin(ctx)
			return err
		}
		if !dynamo.IsCondCheckFailed(err) && !isAmidOther(err) {
			return err
		}
	}
	return ErrConflict
}

// TestOneChairStays has the two chairs of a team go at once, in each way in which one can.
func TestOneChairStays(t *testing.T) {
	ways := map[string]func(c *club, ctx context.Context, who Caller, own *seat) error{
		"leave": func(c *club, ctx context.Context, who Caller, own *seat) error {
			_, err := c.seats.Delete(ctx, who, own.GlobalID(), nil)
			return err
		},
		"step down": func(c *club, ctx context.Context, who Caller, own *seat) error {
			_, err := c.seats.Update(ctx, who, own.GlobalID(), nil, func(s *seat) { s.Role = "GUEST" })
			return err
		},
		"several at once": func(c *club, ctx context.Context, who Caller, own *seat) error {
			_, err := c.seats.DeleteAll(ctx, who, []string{own.GlobalID()})
			return err
		},
		"delete the account": func(c *club, ctx context.Context, who Caller, own *seat) error {
			return c.deleteAccount(ctx, who)
		},
	}
	for _, one := range slices.Sorted(maps.Keys(ways)) {
		for _, other := range slices.Sorted(maps.Keys(ways)) {
			if other < one {
				continue
			}
			t.Run(one+" and "+other, func(t *testing.T) {
				c := newClub(t)
				// The team is nobody's, so that it stays whoever goes.
				rovers, err := c.teams.Create(t.Context(), System, func(item *team) { item.Name = "Rovers" })
				if err != nil {
					t.Fatal(err)
				}
				seats := []*seat{c.mustSeat(t, System, rovers, ada, "CHAIR"), c.mustSeat(t, System, rovers, eve, "CHAIR")}
				c.mustSeat(t, System, rovers, editor, "GUEST")
				errs := make([]error, 2)
				var both sync.WaitGroup
				for i, way := range []string{one, other} {
					both.Go(func() { errs[i] = ways[way](c, t.Context(), []Caller{ada, eve}[i], seats[i]) })
				}
				both.Wait()
				said, are := c.counted(t, rovers)
				if said != 1 || are != 1 {
					t.Errorf("the team counts %d chairs, there are %d; errors %v", said, are, errs)
				}
				if errs[0] == nil && errs[1] == nil || errs[0] != nil && errs[1] != nil {
					t.Errorf("errors %v, want one", errs)
				}
				if rows := c.rows(t); len(rows) != 2 && len(rows) != 3 {
					t.Errorf("rows %+v", rows)
				}
			})
		}
	}
}

// TestMembersCost holds what a page of a member's takes, with ten members and with more.
func TestMembersCost(t *testing.T) {
	c := newClub(t)
	rovers := c.newTeam(t, ada)
	made, err := c.boards.Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "To do", rovers.ID })
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		creations := make([]Creation[card], 20)
		for i := range creations {
			creations[i].Set = func(item *card) { item.Text, item.BoardID = "Mow", made.ID }
		}
		if _, err := c.cards.CreateAll(t.Context(), ada, nil, creations); err != nil {
			t.Fatal(err)
		}
	}
	c.mustSeat(t, ada, rovers, eve, "GUEST")
	want := fmt.Sprint(50, map[string]int{"Query": 1, "BatchGetItem": 1})
	for _, members := range []int{10, 10_000} {
		rows := make([]any, members)
		for i := range rows {
			rows[i] = memberRow{Object: rovers.ID, Member: fmt.Sprint("Seat#", i), Role: "GUEST", Membership: NewID()}
		}
		if _, err := c.members.Batch("object", "member").Write().Put(rows...).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		size := 50
		page := Page{First: &size}
		for i := range 2 {
			edges := 0
			calls := c.client.Counted(func() {
				connection, err := c.cards.ByParent(WithReads(t.Context(), true), eve, "boardId", made.ID, page)
				if err != nil {
					t.Fatal(err)
				}
				page.After, edges = connection.PageInfo.EndCursor, len(connection.Edges)
			})
			if got := fmt.Sprint(edges, calls); got != want {
				t.Errorf("page %d with %d members took %s, want %s", i+1, members, got, want)
			}
		}
	}
}

// TestMembersOfBefore has a schema get rules by members that it had not: what is there is as if it had had them.
func TestMembersOfBefore(t *testing.T) {
	c := newClub(t)
	rovers := c.newTeam(t, ada)
	c.mustSeat(t, ada, rovers, eve, "CHAIR")
	made, err := c.boards.Create(t.Context(), ada, func(b *pinboard) { b.Name, b.TeamID = "To do", rovers.ID })
	if err != nil {
		t.Fatal(err)
	}
	mow, err := c.cards.Create(t.Context(), ada, func(item *card) { item.Text, item.BoardID = "Mow", made.ID })
	if err != nil {
		t.Fatal(err)
	}
	said, err := c.remarks.Create(t.Context(), ada, func(r *remark) { r.Text, r.CardID = "Where?", mow.ID })
	if err != nil {
		t.Fatal(err)
	}
	rows := c.rows(t)
	for _, row := range rows {
		if err := c.members.Delete("object", row.Object).Range("member", row.Member).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for _, update := range []*dynamo.Update{
		c.teams.core.table.Update("id", rovers.ID).RemoveExpr("$", "admins-Seat"),
		c.cards.core.table.Update("id", mow.ID).Remove("boardTeamId"),
		c.remarks.core.table.Update("id", said.ID).Remove("cardBoardTeamId"),
	} {
		if err := update.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.remarks.Get(t.Context(), eve, said.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("whose membership has no row reads: %v", err)
	}
	steps, err := c.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var done []string
	for _, step := range steps {
		if step.Action != StepFill {
			continue
		}
		name := func(table string) string { return strings.TrimPrefix(table, c.prefix) }
		done = append(done, name(step.Table)+" "+name(step.Attribute))
		if !c.IsOfKeys(step) {
			t.Errorf("%s is not of keys", step)
		}
		if err := c.Do(t.Context(), step); err != nil {
			t.Fatal(err)
		}
		// As soon as there are rows, the ids of ancestors that are not there yet are read from above.
		if _, err := c.remarks.Get(t.Context(), eve, said.ID); name(step.Table) == "members" && err != nil {
			t.Errorf("after %s: %v", step, err)
		}
	}
	slices.Sort(done)
	if want := []string{"cards boardTeamId", "members seats", "remarks cardBoardTeamId"}; !slices.Equal(done, want) {
		t.Errorf("filled %q, want %q", done, want)
	}
	if again := c.rows(t); len(again) != len(rows) {
		t.Errorf("rows %+v, want %+v", again, rows)
	}
	found, err := c.remarks.Get(t.Context(), eve, said.ID)
	if err != nil || found.CardBoardTeamID != rovers.ID {
		t.Errorf("the remark is %+v (%v), want it of team %s", found, err, rovers.ID)
	}
	if steps, err = c.Plan(t.Context()); err != nil || slices.ContainsFunc(steps, func(s TableStep) bool { return s.Action == StepFill }) {
		t.Errorf("there is still to do: %v (%v)", steps, err)
	}
	// Nobody has counted the chairs: that is made up for when it matters.
	if _, err := c.seats.Delete(t.Context(), eve, c.seat(t, rovers, eve).GlobalID(), nil); err != nil {
		t.Error(err)
	}
	if _, err := c.seats.Delete(t.Context(), ada, c.seat(t, rovers, ada).GlobalID(), nil); !errors.Is(err, ErrLastInRole) {
		t.Errorf("the last chair leaves: %v", err)
	}
}

// TestMembersGoWithTheirObject has nothing be left of a team that is deleted, nor of who leaves.
func TestMembersGoWithTheirObject(t *testing.T) {
	c := newClub(t)
	rovers, others := c.newTeam(t, ada), c.newTeam(t, editor)
	c.mustSeat(t, ada, rovers, eve, "CHAIR")
	c.mustSeat(t, editor, others, eve, "CLERK")
	if _, err := c.teams.Delete(t.Context(), ada, rovers.GlobalID(), nil); err != nil {
		t.Fatal(err)
	}
	if rows := c.rows(t); len(rows) != 2 || rows[0].Object != others.ID || rows[1].Object != others.ID {
		t.Errorf("rows %+v, want those of the other team", rows)
	}
	leaving := c.Leave(eve.ID)
	tx := leaving.Promise(c.WriteTx().Delete(c.users.Delete("id", eve.ID)))
	if err := leaving.EndMemberships(t.Context(), tx, false); err != nil {
		t.Fatal(err)
	}
	if err := tx.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := leaving.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if rows := c.rows(t); len(rows) != 1 || rows[0].Member != "Seat#"+editor.ID {
		t.Errorf("rows %+v, want the editor's", rows)
	}
	// A server that knows of no rows leaves some behind.
	gone := memberRow{Object: others.ID, Member: "Seat#" + ada.ID, Role: "CHAIR", Membership: NewID()}
	if err := c.members.Put(gone).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if swept, err := c.Sweep(t.Context()); err != nil || swept.Rows != 1 {
		t.Errorf("swept %+v (%v), want 1 row", swept, err)
	}
	if rows := c.rows(t); len(rows) != 1 {
		t.Errorf("rows %+v, want the editor's", rows)
	}
}

// TestRaisedWhileLeaving has a chair hand the chair to who is deleting their account at that moment.
func TestRaisedWhileLeaving(t *testing.T) {
	c := newClub(t)
	rovers, err := c.teams.Create(t.Context(), System, func(item *team) { item.Name = "Rovers" })
	if err != nil {
		t.Fatal(err)
	}
	chair, clerk := c.mustSeat(t, System, rovers, ada, "CHAIR"), c.mustSeat(t, System, rovers, eve, "CLERK")
	c.client.AtFirst("TransactWriteItems", func() {
		for _, change := range []struct {
			of   *seat
			role string
		}{{clerk, "CHAIR"}, {chair, "GUEST"}} {
			if _, err := c.seats.Update(t.Context(), System, change.of.GlobalID(), nil, func(s *seat) { s.Role = change.role }); err != nil {
				t.Error(err)
			}
		}
	})
	if err := c.deleteAccount(t.Context(), eve); !errors.Is(err, ErrLastInRole) {
		t.Errorf("who has become the last chair leaves: %v", err)
	}
	if said, are := c.counted(t, rovers); said != 1 || are != 1 {
		t.Errorf("the team counts %d chairs, there are %d", said, are)
	}
}

// TestLeavingManyTeams has somebody leave who is a chair, and a head, of many teams, with what belongs to that.
func TestLeavingManyTeams(t *testing.T) {
	c := newClub(t)
	for range 40 {
		rovers, err := c.teams.Create(t.Context(), System, func(item *team) { item.Name = "Rovers" })
		if err != nil {
			t.Fatal(err)
		}
		own := c.mustSeat(t, System, rovers, ada, "CHAIR")
		c.mustSeat(t, System, rovers, eve, "CHAIR")
		for _, who := range []Caller{ada, eve} {
			if _, err := c.keepers.Create(t.Context(), System, func(k *keeper) { k.TeamID, k.UserID, k.Role = rovers.ID, who.ID, "HEAD" }); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.badges.Create(t.Context(), eve, func(b *badge) { b.SeatID = own.ID }); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.deleteAccount(t.Context(), ada); err != nil {
		t.Fatal(err)
	}
	if rows := c.allRows(t); len(rows) != 80 {
		t.Errorf("%d rows are left, want Eve's 80", len(rows))
	}
	var badges []badge
	if err := c.badges.core.table.Scan().All(t.Context(), &badges); err != nil || len(badges) != 0 {
		t.Errorf("%d badges are left (%v) of memberships that have ended", len(badges), err)
	}
}

// TestMembershipsInOneTransaction has transactions write several memberships of one object.
func TestMembershipsInOneTransaction(t *testing.T) {
	c := newClub(t)
	rovers := c.newTeam(t, ada)
	clerk := c.mustSeat(t, ada, rovers, eve, "CLERK")
	for what, write := range map[string]func(tx *Tx) error{
		"a chair and a head": func(tx *Tx) error {
			_, err1 := c.seats.In(tx).Create(t.Context(), ada, func(s *seat) { s.TeamID, s.UserID, s.Role = rovers.ID, editor.ID, "CHAIR" })
			_, err2 := c.keepers.In(tx).Create(t.Context(), ada, func(k *keeper) { k.TeamID, k.UserID, k.Role = rovers.ID, editor.ID, "HEAD" })
			return errors.Join(err1, err2)
		},
		"one for another of the same user": func(tx *Tx) error {
			_, err1 := c.seats.In(tx).Delete(t.Context(), ada, clerk.GlobalID(), nil)
			_, err2 := c.seats.In(tx).Create(t.Context(), ada, func(s *seat) { s.TeamID, s.UserID, s.Role = rovers.ID, eve.ID, "GUEST" })
			return errors.Join(err1, err2)
		},
		"of a team that is made and deleted": func(tx *Tx) error {
			made, err := c.teams.In(tx).Create(t.Context(), editor, func(item *team) { item.Name = "Passing" })
			if err != nil {
				return err
			}
			c.teams.In(tx).writer.removeAhead(t.Context(), made)
			return nil
		},
	} {
		if err := c.Transact(t.Context(), write); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if said, are := c.counted(t, rovers); said != 2 || are != 2 {
		t.Errorf("the team counts %d chairs, there are %d", said, are)
	}
	if got := c.seat(t, rovers, eve); got.Role != "GUEST" {
		t.Errorf("Eve is %s, want GUEST", got.Role)
	}
	if rows := c.allRows(t); len(rows) != 5 { // chairs and heads: Ada and the editor; the guest
		t.Errorf("rows %+v, want 5", rows)
	}
	// Somebody with much below their membership can be removed.
	own := c.seat(t, rovers, eve)
	for range 120 {
		if _, err := c.badges.Create(t.Context(), ada, func(b *badge) { b.SeatID = own.ID }); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.seats.Delete(t.Context(), ada, own.GlobalID(), nil); err != nil {
		t.Error(err)
	}
}

// TestIDsOfWhatIsFarAbove refuses ids of clients for what may have been above others.
func TestIDsOfWhatIsFarAbove(t *testing.T) {
	c := newClub(t)
	id := GlobalID("Team", NewID())
	_, err := c.teams.Create(t.Context(), ada, func(item *team) { item.Name = "Taken"; GiveID(item, &id) })
	if told := new(Error); !errors.As(err, &told) || told.Code != CodeBadUserInput || told.Field != "id" {
		t.Errorf("a team with an id of the client's: %v", err)
	}
}
