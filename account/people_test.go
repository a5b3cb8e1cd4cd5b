package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/internal/testclient"
	"github.com/ownql/ownql/model"
)

// guild is a project's, whose users see those whom they are in a hall together with.
type guild struct {
	*account.Store
	users  *account.Users[account.User]
	halls  *model.Model[hall]
	places *model.Model[place]
	chores *model.Model[chore]
	client *testclient.Client
}

type hall struct {
	model.Object
	Name string `dynamo:"name,allowempty"`
}

// place is that a user is in a hall.
type place struct {
	model.Object
	HallID string `dynamo:"hallId"`
	UserID string `dynamo:"userId"`
	Role   string `dynamo:"role"`
}

// chore is somebody's to do.
type chore struct {
	model.Object
	DoerID string `dynamo:"doerId"`
}

func (*hall) IsNode()  {}
func (*place) IsNode() {}
func (*chore) IsNode() {}

func (h *hall) GlobalID() string  { return model.GlobalID("Hall", h.ID) }
func (p *place) GlobalID() string { return model.GlobalID("Place", p.ID) }
func (c *chore) GlobalID() string { return model.GlobalID("Chore", c.ID) }

func newGuild(t *testing.T) *guild {
	t.Helper()
	direct := testclient.Open(t, model.NewDynamoDB)
	client := &testclient.Client{DynamoDBAPI: direct}
	s := account.New(model.Open(client, "test-"+uuid.NewString()+"-"))
	db := s.DB()
	g := &guild{
		Store: s, client: client,
		users:  account.NewUsers[account.User](s, account.UserDefinition[account.User]{}),
		halls:  model.New[hall](db, "Hall", "halls"),
		places: model.New[place](db, "Place", "places"),
		chores: model.New[chore](db, "Chore", "chores"),
	}
	all := model.OnCreate | model.OnRead | model.OnUpdate | model.OnDelete
	model.Define(g.halls, model.Definition[hall]{Rules: []model.Rule{
		model.Allow(all, model.Owner), model.Allow(model.OnRead, model.Members(g.places, "id")),
	}})
	model.Define(g.places, model.Definition[place]{
		Parents: []model.Parent[place]{
			{Of: g.halls, Field: "hallId", ID: func(p *place) string { return p.HallID }, OnDelete: model.Cascade},
			{Of: db.Users(), Field: "userId", ID: func(p *place) string { return p.UserID }, OnDelete: model.Cascade},
		},
		Membership: &model.Membership[place]{
			Of: g.halls, Field: "hallId", User: "userId", Roles: []string{"MASTER", "GUEST"},
			Role: func(p *place) string { return p.Role },
			Set:  func(p *place, object, user, role string) { p.HallID, p.UserID, p.Role = object, user, role },
		},
		Rules: []model.Rule{model.Allow(all, model.Via("hallId", model.OnRead))},
	})
	model.Define(g.chores, model.Definition[chore]{
		Fields:  []model.Field{{Name: "doer", Attribute: "doerId", Type: model.ParentField, Nullable: true}},
		Parents: []model.Parent[chore]{{Of: db.Users(), Field: "doerId", ID: func(c *chore) string { return c.DoerID }, OnDelete: model.SetNull}},
		Rules:   []model.Rule{model.Allow(all, model.Authenticated)},
	})
	g.users.SetFieldRules(map[string][]model.Rule{
		"firstName": {model.Allow(all, model.Owner), model.Allow(model.OnRead, model.Together(g.places))},
		"lastName":  {model.Allow(all, model.Owner), model.Allow(model.OnRead, model.Together(g.places, "MASTER"))},
		"email":     {model.Allow(all, model.Owner), model.Allow(model.OnRead, model.Groups("clerk"), model.Together(g.places))},
	})
	created, err := db.CreateTables(t.Context())
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
	return g
}

// hall makes a hall, and the users members in these roles.
func (g *guild) hall(t *testing.T, roles map[*account.User]string) (h *hall, seats map[*account.User]*place) {
	t.Helper()
	h, err := g.halls.Create(t.Context(), model.System, func(h *hall) { h.Name = "a hall" })
	if err != nil {
		t.Fatal(err)
	}
	seats = map[*account.User]*place{}
	for _, role := range []string{"MASTER", "GUEST"} {
		for user, has := range roles {
			if has == role {
				seats[user] = g.join(t, h, user, role)
			}
		}
	}
	return h, seats
}

func (g *guild) join(t *testing.T, h *hall, user *account.User, role string) *place {
	t.Helper()
	seat, err := g.places.Create(t.Context(), model.System, func(p *place) { p.HallID, p.UserID, p.Role = h.ID, user.ID, role })
	if err != nil {
		t.Fatal(err)
	}
	return seat
}

// fields returns what a caller sees of a user: nil where there is no user to them.
func (g *guild) fields(t *testing.T, caller model.Caller, id string) (seen []string) {
	t.Helper()
	ctx := model.WithReads(t.Context(), true)
	user, err := g.users.Load(ctx, caller, id)
	if err != nil {
		t.Fatal(err)
	}
	if user == nil {
		return nil
	}
	seen = []string{"id"}
	for _, field := range []string{"firstName", "lastName", "email", "version"} {
		may, err := g.users.MayReadField(ctx, caller, user, field)
		if err != nil {
			t.Fatal(err)
		}
		if may {
			seen = append(seen, field)
		}
	}
	return seen
}

func (g *guild) wantFields(t *testing.T, what string, caller model.Caller, id string, want ...string) {
	t.Helper()
	if got := g.fields(t, caller, id); !slices.Equal(got, want) {
		t.Errorf("%s sees %v, want %v", what, got, want)
	}
}

func TestPeopleSeeOneAnother(t *testing.T) {
	g := newGuild(t)
	ada, _ := signUp(t, g.Store, "ada@example.com")
	eve, _ := signUp(t, g.Store, "eve@example.com")
	mallory, _ := signUp(t, g.Store, "mallory@example.com")
	asClerk := func(user *account.User) model.Caller { return model.Caller{ID: user.ID, Roles: []string{"clerk"}} }
	g.wantFields(t, "who is in nothing with the user", eve.Caller(), ada.ID)
	_, seats := g.hall(t, map[*account.User]string{ada: "MASTER", eve: "GUEST"})
	g.hall(t, map[*account.User]string{mallory: "MASTER"})

	g.wantFields(t, "the user", ada.Caller(), ada.ID, "id", "firstName", "lastName", "email", "version")
	g.wantFields(t, "the project", model.System, ada.ID, "id", "firstName", "lastName", "email", "version")
	g.wantFields(t, "a master", ada.Caller(), eve.ID, "id", "firstName", "lastName")
	g.wantFields(t, "a guest", eve.Caller(), ada.ID, "id", "firstName")
	g.wantFields(t, "a guest who is a clerk", asClerk(eve), ada.ID, "id", "firstName", "email")
	g.wantFields(t, "a clerk in another hall", asClerk(mallory), ada.ID)
	g.wantFields(t, "who is in another hall", mallory.Caller(), ada.ID)
	g.wantFields(t, "an anonymous caller", model.Caller{}, ada.ID)
	g.wantFields(t, "a guest, of a user who is not there,", eve.Caller(), model.NewID())
	g.wantFields(t, "a guest's token with read:User", eve.Caller().Within(model.ScopesOf([]string{"read:User"})), ada.ID, "id", "firstName")
	g.wantFields(t, "a guest's token without", eve.Caller().Within(model.ScopesOf([]string{"read:Hall"})), ada.ID)

	// As a master of one hall and a guest in another, with different people.
	g.hall(t, map[*account.User]string{eve: "MASTER", mallory: "GUEST"})
	g.wantFields(t, "a guest there, who is a master elsewhere,", eve.Caller(), ada.ID, "id", "firstName")
	g.wantFields(t, "a master there, who is a guest elsewhere,", eve.Caller(), mallory.ID, "id", "firstName", "lastName")

	if _, err := g.places.Delete(t.Context(), model.System, seats[eve].GlobalID(), nil); err != nil {
		t.Fatal(err)
	}
	g.wantFields(t, "a master, of who was removed,", ada.Caller(), eve.ID)
	g.wantFields(t, "who was removed", eve.Caller(), ada.ID)
}

// TestPeopleAreFound has only those be named, and found by, who are seen.
func TestPeopleAreFound(t *testing.T) {
	g := newGuild(t)
	ada, _ := signUp(t, g.Store, "ada@example.com")
	eve, _ := signUp(t, g.Store, "eve@example.com")
	mallory, _ := signUp(t, g.Store, "mallory@example.com")
	g.hall(t, map[*account.User]string{ada: "MASTER", eve: "GUEST"})
	give := func(caller model.Caller, id string) error {
		_, err := g.chores.Create(t.Context(), caller, func(c *chore) { c.DoerID = id })
		return err
	}
	found := func(caller model.Caller, filter map[string]any) int {
		t.Helper()
		page, err := g.chores.ByParent(model.WithReads(t.Context(), true), model.System, "doerId", eve.ID, model.Page{})
		if err != nil {
			t.Fatal(err)
		}
		all := len(page.Edges)
		page, err = g.chores.ByOwner(model.WithReads(t.Context(), true), caller, ada.ID, model.Page{}.Where(model.NewFilter(filter)))
		if err != nil {
			t.Fatal(err)
		}
		if all != 1 {
			t.Fatalf("there are %d chores, want 1", all)
		}
		return len(page.Edges)
	}
	if err := give(ada.Caller(), eve.ID); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{
		"a stranger": give(mallory.Caller(), eve.ID), "somebody for a stranger": give(ada.Caller(), mallory.ID), "for nobody": give(ada.Caller(), model.NewID()),
	} {
		if !errors.Is(err, model.ErrNotFound) {
			t.Errorf("%s gives a chore: %v, want NOT_FOUND", what, err)
		}
	}
	is := map[string]any{"doer": map[string]any{"eq": model.GlobalID("User", eve.ID)}}
	exists := map[string]any{"doer": map[string]any{"exists": true}}
	for who, want := range map[*account.User]int{ada: 1, eve: 1, mallory: 0} {
		for _, filter := range []map[string]any{is, exists} {
			if got := found(who.Caller(), filter); got != want {
				t.Errorf("%s finds %d by %v, want %d", who.Email, got, filter, want)
			}
		}
	}
}

// TestPeopleInTransactions has a transaction that takes somebody out name them no more.
func TestPeopleInTransactions(t *testing.T) {
	g := newGuild(t)
	ada, _ := signUp(t, g.Store, "ada@example.com")
	eve, _ := signUp(t, g.Store, "eve@example.com")
	_, seats := g.hall(t, map[*account.User]string{ada: "MASTER", eve: "GUEST"})
	give := func(isRemoved bool) error {
		return g.DB().Transact(t.Context(), func(tx *model.Tx) error {
			if isRemoved {
				if _, err := g.places.In(tx).Delete(t.Context(), ada.Caller(), seats[eve].GlobalID(), nil); err != nil {
					return err
				}
			}
			_, err := g.chores.In(tx).Create(t.Context(), ada.Caller(), func(c *chore) { c.DoerID = eve.ID })
			return err
		})
	}
	if err := give(true); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a chore for who is taken out: %v, want NOT_FOUND", err)
	}
	if err := give(false); err != nil {
		t.Errorf("a chore for who stays: %v", err)
	}
	g.wantFields(t, "a master, after a transaction that was refused,", ada.Caller(), eve.ID, "id", "firstName", "lastName")
}

// TestPeopleWhoLeave has nobody see who has deleted the account, though rows say that they are members.
func TestPeopleWhoLeave(t *testing.T) {
	g := newGuild(t)
	ada, _ := signUp(t, g.Store, "ada@example.com")
	eve, _ := signUp(t, g.Store, "eve@example.com")
	g.hall(t, map[*account.User]string{ada: "MASTER", eve: "GUEST"})
	if _, err := g.DeleteUser(t.Context(), eve.ID); err != nil {
		t.Fatal(err)
	}
	g.wantFields(t, "a master, of who has left,", ada.Caller(), eve.ID)
	if _, err := g.chores.Create(t.Context(), ada.Caller(), func(c *chore) { c.DoerID = eve.ID }); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a chore for who has left: %v, want NOT_FOUND", err)
	}
}

// TestPeopleCost has fifty users be seen by a few calls, and once.
func TestPeopleCost(t *testing.T) {
	g := newGuild(t)
	ada, _ := signUp(t, g.Store, "ada@example.com")
	first, _ := g.hall(t, map[*account.User]string{ada: "MASTER"})
	g.hall(t, map[*account.User]string{ada: "MASTER"})
	var others []*account.User
	for i := range 50 {
		other, _ := signUp(t, g.Store, fmt.Sprintf("other%d@example.com", i))
		others = append(others, other)
		if i%2 == 0 {
			g.join(t, first, other, "GUEST")
		}
	}
	ctx := model.WithReads(t.Context(), true)
	look := func() (count int) {
		var (
			ids  []string
			wait func(i int) (model.Node, error)
		)
		for _, other := range others {
			ids = append(ids, other.ID)
		}
		model.AskTogether(ctx, func() { wait = g.DB().LoadNodes(ctx, ada.Caller(), "User", ids...) })
		for i := range ids {
			user, err := wait(i)
			if err != nil {
				t.Fatal(err)
			}
			if user == nil {
				continue
			}
			count++
			for _, field := range []string{"firstName", "lastName", "email"} {
				if _, err := g.users.MayReadField(ctx, ada.Caller(), user.(*account.User), field); err != nil {
					t.Fatal(err)
				}
			}
		}
		return count
	}
	seen := 0
	// What ada is in; of it ada's rows; 100 rows of the others; and those who are seen.
	want := fmt.Sprint(map[string]int{"Query": 1, "BatchGetItem": 3})
	if got := fmt.Sprint(g.client.Counted(func() { seen = look() })); got != want || seen != 25 {
		t.Errorf("sees %d users by %s, want 25 by %s", seen, got, want)
	}
	if got := g.client.Counted(func() { look() }); len(got) != 0 {
		t.Errorf("sees them again by %v, want nothing", got)
	}
}

// TestPeopleOfManyHalls has the first hundred halls count that somebody has joined.
func TestPeopleOfManyHalls(t *testing.T) {
	g := newGuild(t)
	ada, _ := signUp(t, g.Store, "ada@example.com")
	early, _ := signUp(t, g.Store, "early@example.com")
	late, _ := signUp(t, g.Store, "late@example.com")
	for i := range 101 {
		h, _ := g.hall(t, map[*account.User]string{ada: "GUEST"})
		switch i {
		case 0:
			g.join(t, h, early, "GUEST")
		case 100:
			g.join(t, h, late, "GUEST")
		}
	}
	g.wantFields(t, "who is in many halls, of the first,", ada.Caller(), early.ID, "id", "firstName")
	g.wantFields(t, "who is in many halls, of the last,", ada.Caller(), late.ID)
	g.wantFields(t, "who is in the last alone", late.Caller(), ada.ID, "id", "firstName")
}
