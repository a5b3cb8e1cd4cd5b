package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/internal/testclient"
	"github.com/ownql/ownql/model"
)

// member is a project's type User. Of its fields, one has a name that accounts have taken,
// which the generator gives an underscore.
type member struct {
	account.User
	Nickname  string    `dynamo:"nickname,allowempty"`
	Theme     string    `dynamo:"theme"`
	Score     int       `dynamo:"score"`
	Bio       *string   `dynamo:"bio"`
	Tags      []string  `dynamo:"tags"`
	Home      *home     `dynamo:"home"`
	ResetHash string    `dynamo:"resetHash_,allowempty"`
	Places    *[]string `dynamo:"places"`
}

type home struct {
	City string `dynamo:"city,allowempty"`
}

// club is accounts of members.
type club struct {
	*account.Store
	users  *account.Users[member]
	table  dynamo.Table
	client *testclient.Client
}

func openClub(t *testing.T) *club {
	t.Helper()
	direct := testclient.Open(t, model.NewDynamoDB)
	client := &testclient.Client{DynamoDBAPI: direct}
	prefix := "test-" + uuid.NewString() + "-"
	s := account.New(model.Open(client, prefix))
	c := &club{
		Store: s,
		users: account.NewUsers[member](s, account.UserDefinition[member]{
			Defaults: func(m *member) { m.Theme, m.Score = "light", 7 },
			Validate: func(m *member) []*model.Error {
				return []*model.Error{
					model.MaxLength("nickname", m.Nickname, 5),
					model.Lte("score", m.Score, 10),
					model.MaxLength("resetHash", m.ResetHash, 5),
				}
			},
		}),
		table:  dynamo.NewFromIface(direct).Table(prefix + "users"),
		client: client,
	}
	created, err := s.DB().CreateTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, name := range created {
			if err := dynamo.NewFromIface(direct).Table(name).DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return c
}

// update changes a member, as they are now.
func (c *club) update(t *testing.T, user *account.User, set func(*member)) *member {
	t.Helper()
	now, err := c.User(t.Context(), user.ID)
	if err != nil {
		t.Fatal(err)
	}
	changed, err := c.users.Update(t.Context(), user.Caller(), now, account.UserUpdate{}, set)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// read returns the member as a request of theirs finds them.
func (c *club) read(t *testing.T, user *account.User, session *account.Session) *member {
	t.Helper()
	found, _, err := c.Session(t.Context(), user.ID, session.ID)
	if err != nil {
		t.Fatal(err)
	}
	own, err := c.users.Of(found)
	if err != nil {
		t.Fatal(err)
	}
	return own
}

// item returns what the table has of a member.
func (c *club) item(t *testing.T, id string) map[string]any {
	t.Helper()
	var item map[string]any
	if err := c.table.Get("id", id).Consistent(true).One(t.Context(), &item); err != nil {
		t.Fatal(err)
	}
	return item
}

func (c *club) wantMember(t *testing.T, what string, want, got *member) {
	t.Helper()
	if diff := cmp.Diff(want, got, compareKept); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestOwnFieldsOfUsers(t *testing.T) {
	c := openClub(t)
	user, session := signUp(t, c.Store, "ada@example.com")
	bio := "Wrote a program."

	made, err := c.users.Of(user)
	if err != nil {
		t.Fatal(err)
	}
	want := &member{User: *user, Theme: "light", Score: 7, Tags: []string{}}
	c.wantMember(t, "just made, with the defaults", want, made)
	c.wantMember(t, "read", want, c.read(t, user, session))
	if item := c.item(t, user.ID); item["theme"] != nil || item["score"] != nil {
		t.Errorf("a sign-up has kept defaults: %v", item)
	}

	places := []string{"London"}
	got := c.update(t, user, func(m *member) {
		m.Nickname, m.Theme, m.Score, m.Bio, m.Tags, m.Home, m.ResetHash, m.Places = "Al", "dark", 0, &bio, []string{"a", "b"}, &home{City: "London"}, "x", &places
	})
	want = &member{
		User: *user, Nickname: "Al", Theme: "dark", Score: 0, Bio: &bio, Tags: []string{"a", "b"}, Home: &home{City: "London"}, ResetHash: "x", Places: &places,
	}
	want.Version, want.UpdatedAt = 2, got.UpdatedAt
	c.wantMember(t, "returned", want, got)
	c.wantMember(t, "read", want, c.read(t, user, session))
	if item := c.item(t, user.ID); item["resetHash"] != nil || fmt.Sprint(item["resetHash_"]) != "x" {
		t.Errorf("an own field was kept under a name of accounts: %v", item)
	}

	t.Run("are found wherever the user is", func(t *testing.T) {
		want := c.read(t, user, session)
		for _, ctx := range []context.Context{t.Context(), model.WithReads(t.Context(), true), model.WithReads(t.Context(), false)} {
			loaded, err := c.users.Load(ctx, user.Caller(), user.ID)
			if err != nil {
				t.Fatal(err)
			}
			c.wantMember(t, "loaded", want, loaded)
			node, err := c.DB().LoadNodes(ctx, user.Caller(), "User", user.ID)(0)
			if err != nil {
				t.Fatal(err)
			}
			own, _ := node.(*member)
			c.wantMember(t, "as a node", want, own)
		}
		for listed, err := range c.Users(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			own, err := c.users.Of(listed)
			if err != nil {
				t.Fatal(err)
			}
			c.wantMember(t, "listed", want, own)
		}
		verified, _, err := c.Verification(t.Context(), user.ID)
		if err != nil {
			t.Fatal(err)
		}
		own, err := c.users.Of(verified)
		if err != nil {
			t.Fatal(err)
		}
		c.wantMember(t, "to be verified", want, own)
	})
	t.Run("nobody else finds them", func(t *testing.T) {
		eve, _ := signUp(t, c.Store, "eve@example.com")
		for _, caller := range []model.Caller{{}, eve.Caller()} {
			if loaded, err := c.users.Load(t.Context(), caller, user.ID); loaded != nil || err != nil {
				t.Errorf("loaded %+v, %v", loaded, err)
			}
			if node, err := c.DB().LoadNodes(t.Context(), caller, "User", user.ID)(0); node != nil || err != nil {
				t.Errorf("node %+v, %v", node, err)
			}
			if _, err := c.users.Update(t.Context(), caller, user, account.UserUpdate{}, func(*member) {}); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("an update: %v, want ErrNotFound", err)
			}
		}
	})
	t.Run("of nobody", func(t *testing.T) {
		if own, err := c.users.Of(nil); own != nil || err != nil {
			t.Errorf("%+v, %v", own, err)
		}
		nobody := model.Caller{ID: model.NewID()}
		if own, err := c.users.Load(t.Context(), nobody, nobody.ID); own != nil || err != nil {
			t.Errorf("loaded %+v, %v", own, err)
		}
		if node, err := c.DB().LoadNodes(t.Context(), nobody, "User", nobody.ID)(0); node != nil || err != nil {
			t.Errorf("node %+v, %v", node, err)
		}
		if _, err := c.users.Update(t.Context(), nobody, &account.User{ID: nobody.ID}, account.UserUpdate{}, func(*member) {}); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("an update: %v, want ErrNotFound", err)
		}
	})
	t.Run("become null", func(t *testing.T) {
		got := c.update(t, user, func(m *member) { m.Bio, m.Home, m.Nickname = nil, nil, "" })
		if got.Bio != nil || got.Home != nil || got.Nickname != "" || got.Theme != "dark" {
			t.Errorf("%+v", got)
		}
		item := c.item(t, user.ID)
		_, hasBio := item["bio"]
		if _, isThere := item["nickname"]; hasBio || !isThere {
			t.Errorf("%v; want no bio, and an empty nickname", item)
		}
	})
	t.Run("a change is one write", func(t *testing.T) {
		now := c.read(t, user, session)
		calls := c.client.Counted(func() {
			_, err := c.users.Update(t.Context(), user.Caller(), &now.User, account.UserUpdate{}, func(m *member) { m.Score++ })
			if err != nil {
				t.Error(err)
			}
		})
		if diff := cmp.Diff(map[string]int{"UpdateItem": 1}, calls); diff != "" {
			t.Errorf("calls (-want +got):\n%s", diff)
		}
	})
	t.Run("a change of nothing writes nothing", func(t *testing.T) {
		before := c.read(t, user, session)
		calls := c.client.Counted(func() {
			c.wantMember(t, "unchanged", before, c.update(t, user, func(m *member) { m.Theme = "dark" }))
		})
		if calls["UpdateItem"] > 0 {
			t.Errorf("it has called %v", calls)
		}
	})
	t.Run("what accounts keep is not set", func(t *testing.T) {
		before := c.read(t, user, session)
		got := c.update(t, user, func(m *member) {
			m.Email, m.Roles, m.SessionEpoch, m.EmailVerified = "eve@example.com", []string{"admin"}, 9, true
		})
		c.wantMember(t, "returned", before, got)
		c.wantMember(t, "read", before, c.read(t, user, session))
	})
}

// TestOwnFieldsStay: whatever changes a user leaves them, and what no version that runs knows.
func TestOwnFieldsStay(t *testing.T) {
	c := openClub(t)
	user, session := signUp(t, c.Store, "ada@example.com")
	if err := c.table.Update("id", user.ID).Set("shoeSize", 38).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.update(t, user, func(m *member) { m.Nickname, m.Theme = "Al", "dark" })
	one := "Augusta"
	of := func(user *account.User, err error) (*member, error) {
		if err != nil {
			return nil, err
		}
		return c.users.Of(user)
	}
	for _, test := range []struct {
		name   string
		change func(now *account.User) (*member, error)
	}{
		{"an own field", func(now *account.User) (*member, error) {
			return c.users.Update(t.Context(), now.Caller(), now, account.UserUpdate{}, func(m *member) { m.Score = 9 })
		}},
		{"a name", func(now *account.User) (*member, error) {
			return c.users.Update(t.Context(), now.Caller(), now, account.UserUpdate{FirstName: &one}, nil)
		}},
		{"a name and an own field", func(now *account.User) (*member, error) {
			return c.users.Update(t.Context(), now.Caller(), now, account.UserUpdate{LastName: &one}, func(m *member) { m.Score = 8 })
		}},
		{"a name, of the store alone", func(now *account.User) (*member, error) {
			return of(c.UpdateUser(t.Context(), now.Caller(), now.ID, account.UserUpdate{LastName: &one}))
		}},
		{"roles", func(now *account.User) (*member, error) {
			return of(c.ChangeRoles(t.Context(), now.ID, []string{"editor"}, nil))
		}},
		{"the password", func(now *account.User) (*member, error) {
			return of(c.ChangePassword(t.Context(), now, loginOf(t, c.Store, now.Email), session, "new", ""))
		}},
		{"the sessions", func(now *account.User) (*member, error) {
			return of(c.EndOtherSessions(t.Context(), now, session))
		}},
		{"the email", func(now *account.User) (*member, error) {
			return of(c.ChangeEmail(t.Context(), now, loginOf(t, c.Store, now.Email), "countess@example.com"))
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			now, err := c.User(t.Context(), user.ID)
			if err != nil {
				t.Fatal(err)
			}
			got, err := test.change(now)
			if err != nil {
				t.Fatal(err)
			}
			c.wantMember(t, "returned", c.read(t, user, session), got)
			if got.Nickname != "Al" || got.Theme != "dark" {
				t.Errorf("%+v has not what was set", got)
			}
			if item := c.item(t, user.ID); fmt.Sprint(item["shoeSize"]) != "38" {
				t.Errorf("the shoe size is gone: %v", item)
			}
		})
	}
}

func TestOwnFieldsAreValidated(t *testing.T) {
	c := openClub(t)
	user, session := signUp(t, c.Store, "ada@example.com")
	for _, test := range []struct {
		field string
		set   func(*member)
	}{
		{"nickname", func(m *member) { m.Nickname = "Augusta" }},
		{"score", func(m *member) { m.Score = 11 }},
		{"resetHash", func(m *member) { m.ResetHash = "123456" }},
	} {
		name := "Eve"
		_, err := c.users.Update(t.Context(), user.Caller(), user, account.UserUpdate{FirstName: &name}, test.set)
		if refusal := new(model.Error); !errors.As(err, &refusal) || refusal.Code != model.CodeBadUserInput || refusal.Field != test.field {
			t.Errorf("%v, want code BAD_USER_INPUT for %s", err, test.field)
		}
	}
	if got := c.read(t, user, session); got.Version != 1 || got.FirstName != "Ada" {
		t.Errorf("a change that was refused has made %+v", got)
	}

	// What is older than a rule stands in no other field's way.
	long := strings.Repeat("x", 9)
	if err := c.table.Update("id", user.ID).Set("nickname", long).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := c.update(t, user, func(m *member) { m.Score = 1 }); got.Nickname != long || got.Score != 1 {
		t.Errorf("%+v", got)
	}
	_, err := c.users.Update(t.Context(), user.Caller(), user, account.UserUpdate{}, func(m *member) { m.Nickname += "x" })
	if !model.IsBadInput(err) {
		t.Errorf("longer still: %v, want BAD_USER_INPUT", err)
	}
}

func TestOwnFieldsConflict(t *testing.T) {
	c := openClub(t)
	user, session := signUp(t, c.Store, "ada@example.com")
	one := 1
	set := func(nickname string) func(*member) { return func(m *member) { m.Nickname = nickname } }
	update := func(version *int, set func(*member)) error {
		_, err := c.users.Update(t.Context(), user.Caller(), user, account.UserUpdate{ExpectedVersion: version}, set)
		return err
	}
	if err := update(&one, set("a")); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*member){"another change": set("b"), "the same change": set("a"), "nothing": func(*member) {}, "no own field": nil} {
		if err := update(&one, change); !errors.Is(err, model.ErrConflict) {
			t.Errorf("%s, of the first version: %v, want ErrConflict", name, err)
		}
	}

	// Without a version, who comes in between is gone around, and what they wrote stays.
	c.client.AtFirst("UpdateItem", func() {
		c.update(t, user, func(m *member) { m.Score, m.Tags = 3, append(m.Tags, "theirs") })
	})
	got := c.update(t, user, func(m *member) { m.Nickname, m.Tags = "c", append(m.Tags, "ours") })
	if got.Score != 3 || got.Nickname != "c" || !slices.Equal(got.Tags, []string{"theirs", "ours"}) || got.Version != 4 {
		t.Errorf("%+v; want what both set", got)
	}
	c.wantMember(t, "read", got, c.read(t, user, session))

	two := got.Version
	c.client.AtFirst("UpdateItem", func() { c.update(t, user, set("d")) })
	if err := update(&two, set("e")); !errors.Is(err, model.ErrConflict) {
		t.Errorf("where another came in between: %v, want ErrConflict", err)
	}
	others := 0
	c.client.Before = func(operation string) error {
		if operation != "UpdateItem" {
			return nil
		}
		others++
		return c.table.Update("id", user.ID).Add("version", 1).Run(t.Context())
	}
	err := update(nil, set("f"))
	c.client.Before = nil
	if !errors.Is(err, model.ErrConflict) || others != 8 {
		t.Errorf("after %d tries: %v, want ErrConflict after 8", others, err)
	}
}

// renamedMember is member with other names for two of its fields.
type renamedMember struct {
	account.User
	Alias string  `dynamo:"alias,allowempty"`
	About *string `dynamo:"about"`
}

// TestRenamedFieldsOfUsers has servers of two versions change a user, and then finishes the renames.
func TestRenamedFieldsOfUsers(t *testing.T) {
	c, ctx := openClub(t), t.Context()
	user, session := signUp(t, c.Store, "ada@example.com")
	bio := "Wrote a program."
	c.update(t, user, func(m *member) { m.Nickname, m.Bio = "Ada", &bio })

	prefix := strings.TrimSuffix(c.table.Name(), "users")
	newer := account.New(model.Open(c.client, prefix, model.Alone()))
	users := account.NewUsers[renamedMember](newer, account.UserDefinition[renamedMember]{
		Renames: []model.Rename{{From: "nickname", To: "alias"}, {From: "bio", To: "about"}},
	})
	read := func(what string) *renamedMember {
		t.Helper()
		found, _, err := newer.Session(ctx, user.ID, session.ID)
		if err != nil {
			t.Fatal(err)
		}
		own, err := users.Of(found)
		if err != nil {
			t.Fatal(err)
		}
		if older := c.read(t, user, session); older.Nickname != own.Alias || (older.Bio == nil) != (own.About == nil) {
			t.Errorf("%s: the older version reads %q and %v, the newer %q and %v", what, older.Nickname, older.Bio, own.Alias, own.About)
		}
		return own
	}
	if own := read("at first"); own.Alias != "Ada" || own.About == nil || *own.About != bio {
		t.Errorf("read %+v", own)
	}
	change := func(set func(*renamedMember)) {
		t.Helper()
		now, err := newer.User(ctx, user.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := users.Update(ctx, user.Caller(), now, account.UserUpdate{}, set); err != nil {
			t.Fatal(err)
		}
	}
	change(func(m *renamedMember) { m.Alias, m.About = "Lady", nil })
	if own := read("after the newer"); own.Alias != "Lady" || own.About != nil {
		t.Errorf("read %+v", own)
	}
	c.update(t, user, func(m *member) { m.Nickname = "Eve" })
	if own := read("after the older"); own.Alias != "Eve" {
		t.Errorf("read %+v", own)
	}
	steps, err := newer.DB().Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	finished := 0
	for _, step := range steps {
		if step.Action == model.StepFinish {
			finished++
			if err := newer.DB().Do(ctx, step); err != nil {
				t.Fatal(err)
			}
		}
	}
	if item := c.item(t, user.ID); finished != 2 || item["alias"] != "Eve" || item["nickname"] != nil || item["email"] != "ada@example.com" {
		t.Errorf("%d renames were finished, and the item is %v", finished, item)
	}
	steps, err = newer.DB().Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		if step.Action != model.StepLeave {
			t.Errorf("planned %s", step)
		}
	}
}
