package command

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace/noop"

	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
	notesgraph "github.com/ownql/ownql/internal/notes/graph"
	notesstore "github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
)

// TestFacts wants of types what their schema says of values, members and invitations, and the roles that rules name.
func TestFacts(t *testing.T) {
	factsOf := func(db *model.DB, name string) model.Facts {
		all := db.Facts()
		return all[slices.IndexFunc(all, func(f model.Facts) bool { return f.Type == name })]
	}
	client := model.Observe(nil, noop.NewTracerProvider())
	notes := App[*notesstore.Store]{Store: notesstore.New, Schema: notesgraph.New}.project().on(client, "").db
	issues := App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}.project().on(client, "").db
	for _, test := range []struct {
		got, want model.Facts
	}{
		{factsOf(notes, "Task"), model.Facts{Type: "Task", Limits: map[string][]model.Limit{
			"minutes": {{Rule: "gte", Number: 0}, {Rule: "lte", Number: 100000}},
		}}},
		{factsOf(issues, "Project"), model.Facts{Type: "Project", Limits: map[string][]model.Limit{
			"name": {{Rule: "minLength", Number: 1}, {Rule: "maxLength", Number: 100}},
		}}},
		{factsOf(issues, "Membership"), model.Facts{
			Type: "Membership", Limits: map[string][]model.Limit{}, Unique: [][]string{{"organizationId", "userId"}},
			Membership: &model.MembershipFacts{Of: "Organization", Object: "organizationId", User: "userId"},
		}},
		{factsOf(issues, "Invitation"), model.Facts{
			Type: "Invitation", Limits: map[string][]model.Limit{
				"email": {{Rule: "minLength", Number: 1}}, "note": {{Rule: "maxLength", Number: 200}},
			},
			Unique: [][]string{{"organizationId", "email"}}, InvitesTo: "Membership",
		}},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("-want +got of %s: %s", test.want.Type, diff)
		}
	}
	if diff := cmp.Diff([]string{"buyer", "editor", "seller"}, notes.Groups()); diff != "" {
		t.Errorf("-want +got of the roles: %s", diff)
	}
}
