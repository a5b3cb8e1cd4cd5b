package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/ownqltest"
)

// team is two organizations: Ada's, which Eve is in, too, and Mallory's.
type team struct {
	*ownqltest.Server[*store.Store]
	ada, eve, mallory *ownqltest.User
	seat              *store.Membership // Eve's
	ids               map[string]string // of Ada's objects, by type
}

func newTeam(t *testing.T) *team {
	server := ownqltest.Start(t, app)
	w := &team{Server: server, ids: map[string]string{}}
	w.ada, w.eve, w.mallory = server.SignUp(t, "ada@example.com"), server.SignUp(t, "eve@example.com"), server.SignUp(t, "mallory@example.com")
	w.ids["Organization"] = w.create(t, w.ada, "Organization", map[string]any{"name": "Analytical Engines"})
	w.ids["Project"] = w.create(t, w.ada, "Project", map[string]any{"name": "Difference", "organizationId": w.ids["Organization"]})
	w.ids["Issue"] = w.create(t, w.ada, "Issue", map[string]any{"title": "Carry", "projectId": w.ids["Project"]})
	w.ids["Label"] = w.create(t, w.ada, "Label", map[string]any{"name": "bug", "organizationId": w.ids["Organization"]})
	w.create(t, w.ada, "IssueLabel", map[string]any{"issueId": w.ids["Issue"], "labelId": w.ids["Label"]})
	w.ids["Comment"] = w.create(t, w.ada, "Comment", map[string]any{"body": "Hm.", "issueId": w.ids["Issue"]})
	w.create(t, w.mallory, "Organization", map[string]any{"name": "Mallory & Co."})
	made, err := server.Store.Memberships.Create(t.Context(), model.System, func(m *store.Membership) {
		m.OrganizationID, m.UserID, m.Role = model.LocalID("Organization", w.ids["Organization"]), w.eve.ID, store.RoleMember
	})
	if err != nil {
		t.Fatal(err)
	}
	w.seat = made
	return w
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
		`mutation ($id: ID!) { updateMembership(input: { id: $id, role: ADMIN }) { membership { role } } }`:        w.seat.GlobalID(),
		`mutation ($id: ID!) { updateComment(input: { id: $id, body: "Mine" }) { comment { body } } }`:             w.ids["Comment"],
	} {
		if got := w.answer(t, w.eve, query, id); !strings.Contains(got, "FORBIDDEN") {
			t.Errorf("a member gets %s for %s", got, query)
		}
	}
	if got := w.answer(t, w.eve, `query { viewer { memberships { edges { node { role organization { name } } } } } }`, ""); !strings.Contains(got, "Analytical") || strings.Contains(got, "Mallory") {
		t.Errorf("a member's organizations are %s", got)
	}
	if got := w.answer(t, w.ada, `mutation ($id: ID!) { deleteMembership(input: { id: $id }) { deletedMembershipId } }`, w.seat.GlobalID()); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	if got := w.sees(t, w.eve); got != 0 {
		t.Errorf("who was removed sees %d objects", got)
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
	w.answer(t, w.ada, `mutation ($id: ID!) { deleteMembership(input: { id: $id }) { deletedMembershipId } }`, w.seat.GlobalID())
	if got := w.answer(t, bot, `query ($id: ID!) { node(id: $id) { id } }`, made); !strings.Contains(got, `{"node":null}`) {
		t.Errorf("the token of who was removed reads %s", got)
	}
}
