package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/examples/tracker/graph"
	"github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/ownqltest"
)

// team is two organizations: Ada's, which Eve is in, too, and Mallory's.
type team struct {
	*ownqltest.Server[*store.Store]
	ada, eve, mallory *ownqltest.User
	seat              string            // the id of Eve's membership
	ids               map[string]string // of Ada's objects, by type
}

func newTeam(t *testing.T) *team {
	server := ownqltest.Start(t, app)
	return teamOf(t, server, server.SignUp(t, "ada@example.com"), server.SignUp(t, "eve@example.com"))
}

func teamOf(t *testing.T, server *ownqltest.Server[*store.Store], ada, eve *ownqltest.User) *team {
	w := &team{Server: server, ada: ada, eve: eve, mallory: server.SignUp(t, "mallory@example.com"), ids: map[string]string{}}
	w.ids["Organization"] = w.create(t, w.ada, "Organization", map[string]any{"name": "Analytical Engines"})
	w.ids["Project"] = w.create(t, w.ada, "Project", map[string]any{"name": "Difference", "organizationId": w.ids["Organization"]})
	w.ids["Issue"] = w.create(t, w.ada, "Issue", map[string]any{"title": "Carry", "projectId": w.ids["Project"]})
	w.ids["Label"] = w.create(t, w.ada, "Label", map[string]any{"name": "bug", "organizationId": w.ids["Organization"]})
	w.create(t, w.ada, "IssueLabel", map[string]any{"issueId": w.ids["Issue"], "labelId": w.ids["Label"]})
	w.ids["Comment"] = w.create(t, w.ada, "Comment", map[string]any{"body": "Hm.", "issueId": w.ids["Issue"]})
	w.create(t, w.mallory, "Organization", map[string]any{"name": "Mallory & Co."})
	w.seat = w.join(t, w.eve, w.create(t, w.ada, "Invitation", map[string]any{"organizationId": w.ids["Organization"], "email": w.eve.Email, "note": "Do come."}))
	return w
}

// join has a user accept an invitation, and returns the id of the membership.
func (w *team) join(t *testing.T, as *ownqltest.User, invitation string) string {
	t.Helper()
	w.VerifyEmail(t, as)
	var data struct {
		AcceptInvitation struct{ Membership struct{ ID string } }
	}
	w.QueryInto(t, as, `mutation ($id: ID!) { acceptInvitation(input: { id: $id }) { membership { id } } }`, map[string]any{"id": invitation}, &data)
	return data.AcceptInvitation.Membership.ID
}

// create makes an object as a user, and returns its id.
func (w *team) create(t *testing.T, as *ownqltest.User, typeName string, input map[string]any) string {
	t.Helper()
	field := strings.ToLower(typeName[:1]) + typeName[1:]
	var data map[string]map[string]struct{ ID string }
	w.QueryInto(t, as, fmt.Sprintf("mutation ($input: Create%[1]sInput!) { create%[1]s(input: $input) { %[2]s { id } } }", typeName, field),
		map[string]any{"input": input}, &data)
	return data["create"+typeName][field].ID
}

// sees returns of how many of Ada's objects the user gets something.
func (w *team) sees(t *testing.T, as *ownqltest.User) (count int) {
	t.Helper()
	for _, id := range w.ids {
		var data struct{ Node *struct{ ID string } }
		w.QueryInto(t, as, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": id}, &data)
		if data.Node != nil {
			count++
		}
	}
	return count
}

// answer returns what an operation answers.
func (w *team) answer(t *testing.T, as *ownqltest.User, query string, id string) string {
	t.Helper()
	return w.Query(t, as, query, map[string]any{"id": id})
}

// TestTeam has three people work in two organizations.
func TestTeam(t *testing.T) {
	w := newTeam(t)
	for who, want := range map[*ownqltest.User]int{w.ada: 5, w.eve: 5, w.mallory: 0} {
		if got := w.sees(t, who); got != want {
			t.Errorf("%s sees %d objects, want %d", who.Email, got, want)
		}
	}
	screen := `query ($id: ID!) { node(id: $id) { ... on Organization { projects(first: 3) { edges { node { name issues(first: 3) { totalCount edges { node {
		title labels(first: 3) { edges { node { name } } } comments(first: 3) { edges { node { body } } } } } } } } } memberships { totalCount } } } }`
	for _, who := range []*ownqltest.User{w.ada, w.eve} {
		got := w.answer(t, who, screen, w.ids["Organization"])
		for _, want := range []string{`"Difference"`, `"Carry"`, `"bug"`, `"Hm."`, `"totalCount":2`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s gets %s, which has no %s", who.Email, got, want)
			}
		}
	}
	for query, want := range map[string]string{
		`mutation ($id: ID!) { updateIssue(input: { id: $id, title: "Mine" }) { issue { title } } }`:                     "Mine",
		`mutation ($id: ID!) { createComment(input: { issueId: $id, body: "Aha." }) { comment { body owner { id } } } }`: "Aha.",
	} {
		if got := w.answer(t, w.eve, query, w.ids["Issue"]); !strings.Contains(got, want) {
			t.Errorf("a member gets %s for %s", got, query)
		}
		if got := w.answer(t, w.mallory, query, w.ids["Issue"]); !strings.Contains(got, "NOT_FOUND") {
			t.Errorf("who is no member gets %s for %s", got, query)
		}
	}
	for query, id := range map[string]string{
		`mutation ($id: ID!) { updateOrganization(input: { id: $id, name: "Mine" }) { organization { name } } }`:   w.ids["Organization"],
		`mutation ($id: ID!) { createProject(input: { organizationId: $id, name: "Mine" }) { project { name } } }`: w.ids["Organization"],
		`mutation ($id: ID!) { updateMembership(input: { id: $id, role: ADMIN }) { membership { role } } }`:        w.seat,
		`mutation ($id: ID!) { updateComment(input: { id: $id, body: "Mine" }) { comment { body } } }`:             w.ids["Comment"],
	} {
		if got := w.answer(t, w.eve, query, id); !strings.Contains(got, "FORBIDDEN") {
			t.Errorf("a member gets %s for %s", got, query)
		}
	}
	if got := w.answer(t, w.eve, `query { viewer { memberships { edges { node { role organization { name } } } } } }`, ""); !strings.Contains(got, "Analytical") || strings.Contains(got, "Mallory") {
		t.Errorf("a member's organizations are %s", got)
	}
	if got := w.answer(t, w.ada, `mutation ($id: ID!) { deleteMembership(input: { id: $id }) { deletedMembershipId } }`, w.seat); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	if got := w.sees(t, w.eve); got != 0 {
		t.Errorf("who was removed sees %d objects", got)
	}
}

// TestMoves has an issue go with its comment to another project of the organization, and to one of another, whose
// members read it from then on.
func TestMoves(t *testing.T) {
	w := newTeam(t)
	project := func(who *ownqltest.User, organization string) string {
		return w.create(t, who, "Project", map[string]any{"name": "Moved to", "organizationId": organization})
	}
	within := project(w.ada, w.ids["Organization"])
	own := w.create(t, w.eve, "Organization", map[string]any{"name": "Eve's"})
	beyond, hidden := project(w.eve, own), project(w.mallory, w.create(t, w.mallory, "Organization", map[string]any{"name": "Hidden"}))
	move := func(who *ownqltest.User, to string) string {
		return w.answer(t, who, fmt.Sprintf(`mutation ($id: ID!) { updateIssue(input: { id: $id, projectId: %q }) { issue { project { id } comments { totalCount } } } }`, to), w.ids["Issue"])
	}
	for _, step := range []struct {
		who      *ownqltest.User
		to, want string
		adaSees  int
	}{
		{w.eve, hidden, `"NOT_FOUND"`, 5},
		{w.eve, within, `"FORBIDDEN"`, 5}, // a member changes no project
		{w.ada, within, within, 5},
		{w.eve, beyond, `"totalCount":1`, 3}, // neither the issue nor its comment
	} {
		if got := move(step.who, step.to); !strings.Contains(got, step.want) {
			t.Errorf("a move answers %s, want %s", got, step.want)
		}
		if got := w.sees(t, w.ada); got != step.adaSees {
			t.Errorf("after it, Ada sees %d objects, want %d", got, step.adaSees)
		}
		if got := w.sees(t, w.eve); got != 5 {
			t.Errorf("after it, Eve sees %d objects", got)
		}
	}
}

// TestNames has the people of an organization see one another's names, and nothing else, while they are in it.
func TestNames(t *testing.T) {
	w := newTeam(t)
	w.create(t, w.eve, "Comment", map[string]any{"body": "Aha.", "issueId": w.ids["Issue"]})
	ada, eve := w.ada.GlobalID(), w.eve.GlobalID()
	shown := func(id string) string {
		return fmt.Sprintf(`{"id":%q,"firstName":"Ada","lastName":"Lovelace","email":null,"roles":null,"version":null,"createdAt":null,"sessions":null,"tokens":null}`, id)
	}
	const (
		fields  = `{ id firstName lastName email roles version createdAt sessions { pageInfo { hasNextPage } } tokens { pageInfo { hasNextPage } } }`
		authors = `query ($id: ID!) { node(id: $id) { ... on Issue { comments { edges { node { owner ` + fields + ` } } } } } }`
		members = `query ($id: ID!) { node(id: $id) { ... on Organization { memberships { edges { node { role user { firstName } } } } } } }`
		person  = `query ($id: ID!) { node(id: $id) { ... on User ` + fields + ` } nodes(ids: [$id]) { id } }`
		assign  = `mutation ($id: ID!, $to: ID) { updateIssue(input: { id: $id, assigneeId: $to }) { issue { assignee { firstName } } } }`
		add     = `mutation ($id: ID!, $to: ID!) { createMembership(input: { organizationId: $id, userId: $to }) { membership { user { id } } } }`
		todo    = `query ($id: ID!) { node(id: $id) { ... on User { assignedIssues { edges { node { title } } } } } }`
	)
	give := func(as *ownqltest.User, query, id, to string) string {
		return w.Query(t, as, query, map[string]any{"id": id, "to": to})
	}
	want := func(what, got string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %s, which has no %s", what, got, part)
			}
		}
	}
	want("the authors as Ada sees them", w.answer(t, w.ada, authors, w.ids["Issue"]), shown(eve), `"email":"ada@example.com"`)
	want("the authors as Eve sees them", w.answer(t, w.eve, authors, w.ids["Issue"]), shown(ada), `"email":"eve@example.com"`)
	want("the members as Eve sees them", w.answer(t, w.eve, members, w.ids["Organization"]), `{"role":"ADMIN","user":{"firstName":"Ada"}}`, `{"role":"MEMBER","user":{"firstName":"Ada"}}`)
	want("Ada as Eve sees her", w.answer(t, w.eve, person, ada), shown(ada), fmt.Sprintf(`"nodes":[{"id":%q}]`, ada))
	want("Ada as Mallory sees her", w.answer(t, w.mallory, person, ada), `{"node":null,"nodes":[null]}`)
	want("Ada as nobody sees her", w.answer(t, nil, person, ada), `{"node":null,"nodes":[null]}`)

	want("Eve gets an issue", give(w.ada, assign, w.ids["Issue"], eve), `{"assignee":{"firstName":"Ada"}}`)
	want("Mallory gets an issue", give(w.ada, assign, w.ids["Issue"], w.mallory.GlobalID()), "NOT_FOUND", `"field":"assigneeId"`)
	want("what Ada sees Eve do", w.answer(t, w.ada, todo, eve), `"Carry"`)
	filtered := func(as *ownqltest.User) string {
		return give(as, `query ($id: ID!, $to: ID!) { node(id: $id) { ... on Project { issues(filter: { assignee: { eq: $to } }) { edges { node { title } } } } } }`, w.ids["Project"], eve)
	}
	want("what Ada finds by Eve", filtered(w.ada), `"Carry"`)

	other := w.create(t, w.ada, "Organization", map[string]any{"name": "Poems"})
	want("Ada adds Eve", give(w.ada, add, other, eve), fmt.Sprintf(`"user":{"id":%q}`, eve))
	want("Ada adds Mallory", give(w.ada, add, other, w.mallory.GlobalID()), "NOT_FOUND", `"field":"userId"`)
	want("Ada adds who is not there", give(w.ada, add, other, model.GlobalID("User", model.NewID())), "NOT_FOUND", `"field":"userId"`)

	remove := `mutation ($id: ID!) { deleteMembership(input: { id: $id }) { deletedMembershipId } }`
	want("Ada removes Eve", w.answer(t, w.ada, remove, w.seat), `"deletedMembershipId"`)
	want("Eve, who is in the other organization still,", w.answer(t, w.ada, person, eve), shown(eve))
	if got := w.answer(t, w.ada, `mutation ($id: ID!) { deleteOrganization(input: { id: $id }) { deletedOrganizationId } }`, other); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	want("Eve, who is in nothing with Ada any more,", w.answer(t, w.ada, person, eve), `{"node":null,"nodes":[null]}`)
	want("Ada, who is in nothing with Eve any more,", w.answer(t, w.eve, person, ada), `{"node":null,"nodes":[null]}`)
	want("what Eve said", w.answer(t, w.ada, authors, w.ids["Issue"]), `{"owner":null}`)
	want("what Ada finds by Eve, who is gone", filtered(w.ada), `"edges":[]`)
}

// TestNamesAreExplained has explain say what it takes to see the authors of comments.
func TestNamesAreExplained(t *testing.T) {
	w := newTeam(t)
	explained, err := gql.Explain(graph.New(w.Store, nil), `query ($id: ID!) { node(id: $id) { ... on Issue { comments(first: 50) { edges { node { owner { firstName } } } } } } }`,
		gql.Assumptions{Caller: w.ada.Caller(), ItemBytes: 500, Variables: map[string]any{"id": w.ids["Issue"]}})
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, step := range explained[0].Steps {
		steps = append(steps, step.What)
	}
	for _, want := range []string{"for the rules of User, what the caller is a Membership of", "for the rules of User, who is one, too", "User by id"} {
		if !slices.Contains(steps, want) {
			t.Errorf("the steps are %q, want %q among them", steps, want)
		}
	}
}

// TestInvitations has a member invite, take back and be asked, as a client does.
func TestInvitations(t *testing.T) {
	w := newTeam(t)
	invite := func(as *ownqltest.User, email, role string) string {
		return w.Query(t, as, `mutation ($input: CreateInvitationInput!) { createInvitation(input: $input) { invitation { id } } }`,
			map[string]any{"input": map[string]any{"organizationId": w.ids["Organization"], "email": email, "role": role}})
	}
	if got := invite(w.eve, "mallory@example.com", "MEMBER"); !strings.Contains(got, "FORBIDDEN") {
		t.Errorf("a member who is no ADMIN invites: %s", got)
	}
	if got := invite(w.mallory, "mallory@example.com", "ADMIN"); !strings.Contains(got, "NOT_FOUND") {
		t.Errorf("who is no member invites: %s", got)
	}
	sent := w.create(t, w.ada, "Invitation", map[string]any{"organizationId": w.ids["Organization"], "email": " Mallory@Example.com", "note": "Do come."})
	if got := invite(w.ada, "mallory@example.com", "MEMBER"); !strings.Contains(got, "CONFLICT") {
		t.Errorf("invited twice: %s", got)
	}
	const open = `query ($id: ID!) { node(id: $id) { ... on Organization { invitations { edges { node { email role note } } } } } }`
	if got := w.answer(t, w.ada, open, w.ids["Organization"]); !strings.Contains(got, `"email":"mallory@example.com","role":"MEMBER"`) {
		t.Errorf("open are %s", got)
	}
	if got := w.answer(t, w.eve, open, w.ids["Organization"]); strings.Contains(got, "mallory") {
		t.Errorf("a member reads %s", got)
	}
	const received = `{ viewer { invitations { edges { node { role note organization { name } } } } } }`
	if got := w.Query(t, w.mallory, received, nil); strings.Contains(got, "note") {
		t.Errorf("an address that is not verified has %s", got)
	}
	w.VerifyEmail(t, w.mallory)
	if got := w.Query(t, w.mallory, received, nil); !strings.Contains(got, `{"role":"MEMBER","note":"Do come.","organization":null}`) {
		t.Errorf("received are %s", got)
	}
	const back = `mutation ($id: ID!) { deleteInvitation(input: { id: $id }) { deletedInvitationId } }`
	if got := w.answer(t, w.eve, back, sent); !strings.Contains(got, "NOT_FOUND") {
		t.Errorf("a member takes it back: %s", got)
	}
	if got := w.answer(t, w.ada, back, sent); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	if got := w.answer(t, w.mallory, `mutation ($id: ID!) { acceptInvitation(input: { id: $id }) { membership { id } } }`, sent); !strings.Contains(got, "NOT_FOUND") {
		t.Errorf("accepted when it was taken back: %s", got)
	}
	w.join(t, w.mallory, w.create(t, w.ada, "Invitation", map[string]any{"organizationId": w.ids["Organization"], "email": w.mallory.Email, "role": "ADMIN"}))
	if got := w.sees(t, w.mallory); got != len(w.ids) {
		t.Errorf("who has joined sees %d objects", got)
	}
	declined := w.create(t, w.mallory, "Invitation", map[string]any{"organizationId": w.ids["Organization"], "email": "eve@example.com", "role": "ADMIN"})
	if got := w.answer(t, w.eve, back, declined); strings.Contains(got, "errors") {
		t.Errorf("declined: %s", got)
	}
}

// TestBot has a token make issues and comments, and nothing else.
func TestBot(t *testing.T) {
	w := newTeam(t)
	bot := w.ServiceToken(t, w.eve, "ci", "create:Issue", "create:Comment", "read:Issue")
	made := w.create(t, bot, "Issue", map[string]any{"title": "Build failed", "projectId": w.ids["Project"]})
	w.create(t, bot, "Comment", map[string]any{"body": "See the log.", "issueId": made})
	for query, id := range map[string]string{
		`mutation ($id: ID!) { deleteIssue(input: { id: $id }) { deletedIssueId } }`:                           made,
		`mutation ($id: ID!) { updateIssue(input: { id: $id, title: "Mine" }) { issue { title } } }`:           made,
		`mutation ($id: ID!) { createLabel(input: { organizationId: $id, name: "mine" }) { label { name } } }`: w.ids["Organization"],
		`mutation ($id: ID!) @transaction { deleteIssue(input: { id: $id }) { deletedIssueId } }`:              made,
	} {
		if got := w.answer(t, bot, query, id); !strings.Contains(got, "FORBIDDEN") {
			t.Errorf("the token gets %s for %s", got, query)
		}
	}
	if got := w.answer(t, bot, `query ($id: ID!) { node(id: $id) { ... on Issue { title project { name } } } }`, made); !strings.Contains(got, `{"title":"Build failed","project":null}`) {
		t.Errorf("the token reads %s", got)
	}
	w.answer(t, w.ada, `mutation ($id: ID!) { deleteMembership(input: { id: $id }) { deletedMembershipId } }`, w.seat)
	if got := w.answer(t, bot, `query ($id: ID!) { node(id: $id) { id } }`, made); !strings.Contains(got, `{"node":null}`) {
		t.Errorf("the token of who was removed reads %s", got)
	}
}

const password = "difference engine no. 2"

// signUp makes a user who has a password, as a client does.
func signUp(t *testing.T, server *ownqltest.Server[*store.Store], email string) *ownqltest.User {
	t.Helper()
	body := fmt.Sprintf(`{"email":%q,"password":%q,"firstName":"Grace"}`, email, password)
	response, err := http.Post(server.URL+"/signup", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var session struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&session); err != nil || session.Token == "" {
		t.Fatalf("sign-up answers %s, %v", response.Status, err)
	}
	user := &ownqltest.User{User: &account.User{Email: email}, Token: session.Token}
	var data struct{ Viewer struct{ ID string } }
	server.QueryInto(t, user, `{ viewer { id } }`, nil, &data)
	user.ID = model.LocalID("User", data.Viewer.ID)
	return user
}

// TestFounderLeaves has who made an organization delete their account: it lives on with its other ADMIN.
func TestFounderLeaves(t *testing.T) {
	server := ownqltest.Start(t, app)
	w := teamOf(t, server, signUp(t, server, "ada@example.com"), signUp(t, server, "eve@example.com"))
	leave := `mutation { deleteViewer(input: { password: "` + password + `" }) { isComplete } }`
	if got := w.answer(t, w.ada, leave, ""); !strings.Contains(got, "CONFLICT") || !strings.Contains(got, `"objects":["`+w.ids["Organization"]+`"]`) {
		t.Fatalf("the last ADMIN leaves: %s", got)
	}
	promote := `mutation ($id: ID!) { updateMembership(input: { id: $id, role: ADMIN }) { membership { role } } }`
	if got := w.answer(t, w.ada, promote, w.seat); !strings.Contains(got, "ADMIN") {
		t.Fatal(got)
	}
	issue := `query ($id: ID!) { node(id: $id) { ... on Issue { title version owner { id } comments { edges { node { body owner { id } } } } } } }`
	if got := w.answer(t, w.ada, issue, w.ids["Issue"]); !strings.Contains(got, `"owner":{"id":"`) {
		t.Errorf("whose issue it is gets %s", got)
	}
	if got := w.answer(t, w.ada, leave, ""); !strings.Contains(got, `"isComplete":true`) {
		t.Fatal(got)
	}
	if got := w.sees(t, w.eve); got != len(w.ids) {
		t.Errorf("the other ADMIN sees %d objects, want %d", got, len(w.ids))
	}
	if got := w.sees(t, w.mallory); got != 0 {
		t.Errorf("who is no member sees %d objects", got)
	}
	if got := w.answer(t, w.eve, issue, w.ids["Issue"]); !strings.Contains(got, `{"title":"Carry","version":2,"owner":null,"comments":{"edges":[{"node":{"body":"Hm.","owner":null}}]}}`) {
		t.Errorf("the other ADMIN gets %s", got)
	}
	for _, change := range []struct{ query, of, want string }{
		{`mutation ($id: ID!) { updateIssue(input: { id: $id, title: "Borrow" }) { issue { title } } }`, "Issue", "Borrow"},
		{`mutation ($id: ID!) { updateOrganization(input: { id: $id, name: "Eve's" }) { organization { name } } }`, "Organization", "Eve's"},
		{`mutation ($id: ID!) { updateComment(input: { id: $id, body: "Mine" }) { comment { body } } }`, "Comment", "FORBIDDEN"},
		{`query ($id: ID!) { node(id: $id) { ... on Organization { memberships { totalCount } } } }`, "Organization", `"totalCount":1`},
	} {
		if got := w.answer(t, w.eve, change.query, w.ids[change.of]); !strings.Contains(got, change.want) {
			t.Errorf("the other ADMIN gets %s for %s, want %s", got, change.query, change.want)
		}
	}
	// Of what nobody else is a member it goes with the account.
	if got := w.answer(t, w.eve, leave, ""); !strings.Contains(got, `"isComplete":true`) {
		t.Fatal(got)
	}
	left, err := w.Store.Organizations.ByID(t.Context(), model.System, []string{model.LocalID("Organization", w.ids["Organization"])})
	if err != nil || len(left) != 0 {
		t.Errorf("the organization is there without members: %v, %v", left, err)
	}
}
