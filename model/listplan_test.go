package model

import "testing"

// TestListOfHiddenParent: who may read an issue, and not its project, does not find it by that: to
// them it belongs to none.
func TestListOfHiddenParent(t *testing.T) {
	tr := newTracker(t)
	project, err := tr.projects.Create(t.Context(), ada, func(*project) {})
	if err != nil {
		t.Fatal(err)
	}
	made, err := tr.issues.Create(t.Context(), ada, func(i *issue) { i.Title, i.Board, i.ProjectID = "a", "b", project.ID })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.issues.Get(t.Context(), editor, made.ID); err != nil {
		t.Fatalf("the editor reads the issue: %v", err)
	}
	for _, joined := range joinedIssues[:3] {
		hash := map[string]any{"projectId": project.ID, "status": draft, "isOpen": true}
		values := make([]any, len(joined.Hash))
		for i, attribute := range joined.Hash {
			values[i] = hash[attribute]
		}
		for _, asked := range []struct {
			caller Caller
			want   int
		}{{ada, 1}, {editor, 0}} {
			found, err := tr.issues.List(t.Context(), asked.caller, joined.Index(), JoinedKey(values...), Page{})
			if err != nil {
				t.Fatal(err)
			}
			if len(found.Edges) != asked.want {
				t.Errorf("%s finds %d by %v, want %d", asked.caller.ID, len(found.Edges), joined.Hash, asked.want)
			}
		}
	}
}

// TestFilterChoosesNoIndexOfHidden: how much a list examines for whom its items are hidden does not
// tell what they have, though there is an index by that.
func TestFilterChoosesNoIndexOfHidden(t *testing.T) {
	m := newTickets(t, Joined{Hash: []string{"ownerId", "isOpen"}})
	for i := range 30 {
		if _, err := m.Create(t.Context(), ada, func(new *ticket) { open := i < 25; new.IsOpen = &open }); err != nil {
			t.Fatal(err)
		}
	}
	examined := func(caller Caller, isOpen bool) int {
		ctx, budget := WithReadBudget(t.Context(), ReadLimits{Operation: 1000})
		filter := NewFilter(map[string]any{"isOpen": map[string]any{"eq": isOpen}})
		if _, err := m.List(ctx, caller, ByOwner, ada.ID, Page{Filter: filter}); err != nil {
			t.Fatal(err)
		}
		return 1000 - budget.left
	}
	if open, shut := examined(eve, true), examined(eve, false); open != shut {
		t.Errorf("a stranger has %d examined for those that are open, and %d for the others", open, shut)
	}
	if got := examined(ada, false); got != 5 {
		t.Errorf("their owner has %d examined, want 5", got)
	}
}
