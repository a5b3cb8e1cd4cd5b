package model

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

// invite is of an invitation to a team.
type invite struct {
	Object
	TeamID string `dynamo:"teamId"`
	Email  string `dynamo:"email"`
	Role   string `dynamo:"role"`
}

func (*invite) IsNode() {}

func (i *invite) GlobalID() string { return GlobalID("Invite", i.ID) }

// inviting is a club whose chairs and clerks invite others.
type inviting struct {
	*club
	invites *Model[invite]
	mailed  []string // ids of invitations, in the order in which their mails were due
}

// at is the caller with a verified address.
func (c Caller) at(email string) Caller {
	c.VerifiedEmail = email
	return c
}

func newInviting(t *testing.T) *inviting {
	t.Helper()
	c := &inviting{club: newClub(t)}
	c.DB.users.Users.Caller = func(ctx context.Context, id string) (Caller, error) {
		there, err := c.usersWith(ctx, []string{id})
		if err == nil && !there[id] {
			err = ErrNotFound
		}
		return Caller{ID: id}, err
	}
	c.DB.users.Canonical = func(email string) (string, error) {
		if !strings.Contains(email, "@") {
			return "", BadInput("email", "an email address has the form name@domain")
		}
		return strings.ToLower(email), nil
	}
	var mailing sync.Mutex // of several at once
	c.OnOutbox(OutboxInvitation, func(_ context.Context, p *Promise) error {
		var id string
		err := p.Read(&id)
		mailing.Lock()
		defer mailing.Unlock()
		c.mailed = append(c.mailed, id)
		return err
	})
	c.invites = New[invite](c.DB, "Invite", "invites")
	Define(c.invites, Definition[invite]{
		Enums:    map[string][]string{"role": seatRoles},
		Defaults: func(i *invite) { i.Role = "GUEST" },
		Uniques:  []Unique[invite]{{Field: "team+email", Together: []string{"teamId", "email"}, Value: func(i *invite) string { return UniqueKey(i.TeamID, i.Email) }}},
		Indexes:  []Index{receivedIndex},
		Parents:  []Parent[invite]{{c.teams, "teamId", func(i *invite) string { return i.TeamID }, Cascade, false}},
		Invitation: &Invitation[invite]{
			To: c.seats, Field: "teamId",
			Email: func(i *invite) *string { return &i.Email },
			Role:  func(i *invite) string { return i.Role },
		},
		Rules: []Rule{
			Allow(OnCreate|OnRead|OnDelete, Via("teamId", OnUpdate)),
			Allow(OnRead|OnDelete, Invited),
		},
		Bulk: Bulk{List: "invites", Create: 10, Delete: 10},
	})
	if _, err := c.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *inviting) invite(ctx context.Context, caller Caller, to *team, email, role string) (*invite, error) {
	return c.invites.Create(ctx, caller, func(i *invite) { i.TeamID, i.Email, i.Role = to.ID, email, role })
}

func (c *inviting) mustInvite(t *testing.T, caller Caller, to *team, email, role string) *invite {
	t.Helper()
	made, err := c.invite(t.Context(), caller, to, email, role)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// makeOld has an invitation be over.
func (c *inviting) makeOld(t *testing.T, i *invite) {
	t.Helper()
	long := NewDateTime(time.Now().Add(-InvitationLife - time.Second))
	if err := c.invites.core.table.Update("id", i.ID).Set("createdAt", long).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// received returns how many invitations the caller is given.
func (c *inviting) received(t *testing.T, caller Caller) int {
	t.Helper()
	page, err := c.invites.Received(t.Context(), caller, caller.ID, Page{})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Edges)
}

func TestInvitation(t *testing.T) {
	c := newInviting(t)
	rovers := c.newTeam(t, ada)
	sent := c.mustInvite(t, ada, rovers, "Eve@Example.com", "CLERK")
	if sent.Email != "eve@example.com" {
		t.Errorf("it is sent to %s", sent.Email)
	}
	if _, err := c.WorkOutbox(t.Context()); err != nil || len(c.mailed) != 1 || c.mailed[0] != sent.ID {
		t.Errorf("mailed is %v, %v", c.mailed, err)
	}
	const address = "eve@example.com"
	for name, who := range map[string]Caller{"unverified": eve, "another address": eve.at("eve@example.org"), "of nobody": Caller{}.at(address)} {
		if _, err := c.invites.Accept(t.Context(), who, sent.GlobalID()); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s accepts it: %v", name, err)
		}
		if got := c.received(t, who); got != 0 {
			t.Errorf("%s is given %d", name, got)
		}
	}
	if _, err := c.invites.Accept(t.Context(), ada.at("ada@example.com"), sent.GlobalID()); !errors.Is(err, ErrNotFound) {
		t.Errorf("who has sent it accepts it: %v", err)
	}
	if page, err := c.invites.Received(t.Context(), ada, eve.ID, Page{}); err != nil || len(page.Edges) != 0 {
		t.Errorf("another is given those of the user: %v, %v", page, err)
	}
	if got := c.received(t, eve.at(address)); got != 1 {
		t.Fatalf("whoever is invited is given %d", got)
	}
	id, err := c.invites.Accept(t.Context(), eve.at(address), sent.GlobalID())
	if err != nil {
		t.Fatal(err)
	}
	if made := c.seat(t, rovers, eve); made.ID != id || made.Role != "CLERK" || made.OwnerID != eve.ID {
		t.Errorf("the membership is %+v, not %s", made, id)
	}
	if _, err := c.invites.Accept(t.Context(), eve.at(address), sent.GlobalID()); !errors.Is(err, ErrNotFound) {
		t.Errorf("once more: %v", err)
	}
	again := c.mustInvite(t, ada, rovers, address, "CHAIR")
	if same, err := c.invites.Accept(t.Context(), eve.at(address), again.GlobalID()); err != nil || same != id || c.seat(t, rovers, eve).Role != "CHAIR" {
		t.Errorf("who is a member becomes %s, %v", same, err)
	}
	if said, are := c.counted(t, rovers); said != 2 || are != 2 {
		t.Errorf("there are %d chairs, and the team says %d", are, said)
	}
	lower := c.mustInvite(t, ada, rovers, address, "GUEST")
	if same, err := c.invites.Accept(t.Context(), eve.at(address), lower.GlobalID()); err != nil || same != id || c.seat(t, rovers, eve).Role != "CHAIR" {
		t.Errorf("who is invited to less becomes %s, %v", same, err)
	}
	third := c.mustInvite(t, ada, rovers, address, "GUEST")
	if _, err := c.invites.Update(t.Context(), System, third.GlobalID(), nil, func(i *invite) { i.Email = "other@example.com" }); err == nil {
		t.Error("the project's code sends it to somebody else")
	}
}

// TestInvitationBeyond has members invite to more than they may, and others than may at all.
func TestInvitationBeyond(t *testing.T) {
	c := newInviting(t)
	rovers := c.newTeam(t, ada)
	c.mustSeat(t, ada, rovers, eve, "CLERK")
	c.mustSeat(t, ada, rovers, editor, "GUEST")
	for _, test := range []struct {
		caller Caller
		role   string
		want   error
	}{{eve, "CHAIR", ErrForbidden}, {eve, "CLERK", nil}, {editor, "GUEST", ErrForbidden}, {Caller{ID: NewID()}, "GUEST", ErrNotFound}, {anonymous, "GUEST", ErrNotFound}} {
		_, err := c.invite(t.Context(), test.caller, rovers, "new@example.com", test.role)
		if !errors.Is(err, test.want) && !(test.want == ErrNotFound && errors.As(err, new(*Error))) || (err == nil) != (test.want == nil) {
			t.Errorf("%s invites to %s: %v, want %v", test.caller.ID, test.role, err, test.want)
		}
	}
	if bad := new(Error); true {
		if _, err := c.invite(t.Context(), ada, rovers, "nowhere", "GUEST"); !errors.As(err, &bad) || bad.Field != "email" {
			t.Errorf("to no address: %v", err)
		}
	}
	if _, err := c.invite(t.Context(), ada, rovers, "NEW@example.com", "GUEST"); !errors.Is(err, ErrTaken) {
		t.Errorf("to an address that is invited: %v", err)
	}
}

// TestInvitationOfWhoMayNoMore has whoever has sent an invitation lose what it was sent by.
func TestInvitationOfWhoMayNoMore(t *testing.T) {
	const address = "new@example.com"
	visitor := Caller{ID: NewID()}.at(address)
	for name, lose := range map[string]func(t *testing.T, c *inviting, of *team) error{
		"removed": func(t *testing.T, c *inviting, of *team) error {
			_, err := c.seats.Delete(t.Context(), ada, c.seat(t, of, eve).GlobalID(), nil)
			return err
		},
		"demoted": func(t *testing.T, c *inviting, of *team) error {
			_, err := c.seats.Update(t.Context(), ada, c.seat(t, of, eve).GlobalID(), nil, func(s *seat) { s.Role = "GUEST" })
			return err
		},
		"without an account": func(t *testing.T, c *inviting, of *team) error {
			return c.users.Delete("id", eve.ID).Run(t.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newInviting(t)
			rovers := c.newTeam(t, ada)
			c.mustSeat(t, ada, rovers, eve, "CLERK")
			sent := c.mustInvite(t, eve, rovers, address, "CLERK")
			if _, err := c.Invitation(t.Context(), sent.ID); err != nil {
				t.Fatal(err)
			}
			if err := lose(t, c, rovers); err != nil {
				t.Fatal(err)
			}
			if _, err := c.invites.Accept(t.Context(), visitor, sent.GlobalID()); !errors.Is(err, ErrForbidden) {
				t.Errorf("accepted: %v", err)
			}
			if _, err := c.Invitation(t.Context(), sent.ID); !errors.Is(err, ErrForbidden) {
				t.Errorf("its mail would go: %v", err)
			}
		})
	}
}

func TestInvitationIsOver(t *testing.T) {
	c := newInviting(t)
	rovers := c.newTeam(t, ada)
	const address = "eve@example.com"
	sent := c.mustInvite(t, ada, rovers, address, "GUEST")
	c.makeOld(t, sent)
	if found, err := c.invites.ByID(t.Context(), ada, []string{sent.ID}); err != nil || len(found) != 0 {
		t.Errorf("its sender reads %v, %v", found, err)
	}
	if got := c.received(t, eve.at(address)); got != 0 {
		t.Errorf("whoever was invited is given %d", got)
	}
	ofAddress := Where(map[string]any{"email": map[string]any{"eq": address}})
	c.invites.core.definition.Fields = []Field{{Name: "email"}}
	c.invites.core.definition.Rules = append(c.invites.core.definition.Rules, Allow(OnRead, Owner), Allow(OnRead, Via("teamId", OnRead), ofAddress))
	c.invites.redefine()
	if page := made[Connection[invite]](t)(c.invites.ByParent(t.Context(), ada, "teamId", rovers.ID, Page{})); len(page.Edges) != 0 {
		t.Errorf("its sender lists %d", len(page.Edges))
	}
	for _, who := range []Caller{ada, eve.at(address)} {
		if _, err := c.invites.Delete(t.Context(), who, sent.GlobalID(), nil); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s takes it back: %v", who.ID, err)
		}
	}
	if _, err := c.invites.Accept(t.Context(), eve.at(address), sent.GlobalID()); !errors.Is(err, ErrNotFound) {
		t.Errorf("accepted: %v", err)
	}
	again := c.mustInvite(t, ada, rovers, address, "GUEST")
	if there, err := c.invites.core.there(t.Context(), []string{sent.ID}); err != nil || there[sent.ID] {
		t.Errorf("the one before is there, %v", err)
	}
	c.makeOld(t, again)
	if swept, err := c.Sweep(t.Context()); err != nil || swept.Orphans != 1 {
		t.Errorf("swept %+v, %v", swept, err)
	}
}

// TestInvitationAcceptedAtOnce has one user accept at several places at once, and the sender take it back.
func TestInvitationAcceptedAtOnce(t *testing.T) {
	c := newInviting(t)
	rovers := c.newTeam(t, ada)
	const address = "eve@example.com"
	sent := c.mustInvite(t, ada, rovers, address, "GUEST")
	var (
		working  sync.WaitGroup
		lock     sync.Mutex
		accepted []string
	)
	for range 4 {
		working.Go(func() {
			id, err := c.invites.Accept(t.Context(), eve.at(address), sent.GlobalID())
			if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrConflict) {
				t.Error(err)
			}
			lock.Lock()
			defer lock.Unlock()
			if err == nil {
				accepted = append(accepted, id)
			}
		})
	}
	working.Go(func() {
		if _, err := c.invites.Delete(t.Context(), ada, sent.GlobalID(), nil); err != nil && !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
	working.Wait()
	page, err := c.seats.ByParent(t.Context(), System, "teamId", rovers.ID, Page{})
	if err != nil {
		t.Fatal(err)
	}
	if len(accepted) > 1 || len(page.Edges) != 1+len(accepted) {
		t.Errorf("accepted %v, and there are %d members", accepted, len(page.Edges))
	}
}

// TestInvitationInTransaction has an organization and its invitations be made together, and mailed then.
func TestInvitationInTransaction(t *testing.T) {
	c := newInviting(t)
	rovers := c.newTeam(t, ada)
	failed := errors.New("after all not")
	err := c.Transact(t.Context(), func(tx *Tx) error {
		if _, err := c.invites.In(tx).Create(t.Context(), ada, func(i *invite) { i.TeamID, i.Email = rovers.ID, "one@example.com" }); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	made, err := c.invites.CreateAll(t.Context(), ada, nil, []Creation[invite]{
		{Set: func(i *invite) { i.TeamID, i.Email = rovers.ID, "two@example.com" }},
		{Set: func(i *invite) { i.TeamID, i.Email = rovers.ID, "three@example.com" }},
	})
	if err != nil || len(made) != 2 {
		t.Fatal(made, err)
	}
	if _, err := c.WorkOutbox(t.Context()); err != nil || len(c.mailed) != 2 {
		t.Errorf("mailed are %v, %v", c.mailed, err)
	}
}
