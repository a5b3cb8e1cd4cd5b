package graph_test

import (
	"strings"
	"testing"
)

// TestInbox: what one does has another told, who finds what is unread, newest first, and how many; nobody else does.
func TestInbox(t *testing.T) {
	w := newTeam(t)
	const tell = `mutation ($input: CreateNotificationInput!) { createNotification(input: $input) { notification { id } } }`
	notice := func(text string) map[string]any {
		return map[string]any{"input": map[string]any{"text": text, "issueId": w.ids["Issue"], "recipientId": w.eve.GlobalID()}}
	}
	for _, text := range []string{"You are mentioned", "It is yours", "It is closed"} {
		if body := w.Query(t, w.ada, tell, notice(text)); strings.Contains(body, "errors") {
			t.Fatal(body)
		}
	}
	if body := w.Query(t, w.mallory, tell, notice("Spam")); !strings.Contains(body, "NOT_FOUND") {
		t.Errorf("mallory tells eve something: %s", body)
	}
	type inbox struct {
		Viewer struct {
			Inbox struct {
				TotalCount *int
				Edges      []struct {
					Node struct{ ID, Text string }
				}
			}
		}
	}
	const unread = `{ viewer { inbox(first: 2, filter: { readAt: { exists: false } }, orderBy: { field: CREATED_AT, direction: DESC }) { totalCount edges { node { id text } } } } }`
	var first, second, others inbox
	w.QueryInto(t, w.eve, unread, nil, &first)
	got := first.Viewer.Inbox
	if got.TotalCount == nil || *got.TotalCount != 3 || len(got.Edges) != 2 || got.Edges[0].Node.Text != "It is closed" {
		t.Fatalf("eve has %+v", got)
	}
	const read = `mutation ($id: ID!) { updateNotification(input: { id: $id, readAt: "2026-11-29T12:00:00Z" }) { notification { id } } }`
	id := map[string]any{"id": got.Edges[0].Node.ID}
	if body := w.Query(t, w.ada, read, id); !strings.Contains(body, "FORBIDDEN") {
		t.Errorf("whoever made it marks it as read: %s", body)
	}
	if body := w.Query(t, w.eve, read, id); strings.Contains(body, "errors") {
		t.Error(body)
	}
	w.QueryInto(t, w.eve, unread, nil, &second)
	if got := second.Viewer.Inbox; got.TotalCount == nil || *got.TotalCount != 2 || got.Edges[0].Node.Text != "It is yours" {
		t.Errorf("then eve has %+v", got)
	}
	w.QueryInto(t, w.ada, unread, nil, &others)
	if got := others.Viewer.Inbox; len(got.Edges) > 0 {
		t.Errorf("ada has %+v", got)
	}
}

// TestHandOver: an ADMIN hands a project to whoever is in the organization, and learns of nobody else.
func TestHandOver(t *testing.T) {
	w := newTeam(t)
	const transfer = `mutation ($id: ID!, $to: ID!) { transferProject(input: { id: $id, to: $to }) { project { owner { id } } } }`
	give := func(to string) map[string]any { return map[string]any{"id": w.ids["Project"], "to": to} }
	unseen, nobody := w.Query(t, w.ada, transfer, give(w.mallory.GlobalID())), w.Query(t, w.ada, transfer, give("nobody"))
	if withoutID(unseen) != withoutID(nobody) || !strings.Contains(unseen, "NOT_FOUND") {
		t.Errorf("to mallory: %s, to nobody: %s", unseen, nobody)
	}
	if body := w.Query(t, w.eve, transfer, give(w.eve.GlobalID())); !strings.Contains(body, "FORBIDDEN") {
		t.Errorf("a MEMBER takes it: %s", body)
	}
	if body := w.Query(t, w.ada, transfer, give(w.eve.GlobalID())); !strings.Contains(body, w.eve.GlobalID()) {
		t.Errorf("ada gives it to eve: %s", body)
	}
	var data struct {
		Viewer struct{ Projects struct{ Edges []any } }
	}
	w.QueryInto(t, w.eve, `{ viewer { projects { edges { node { id } } } } }`, nil, &data)
	if len(data.Viewer.Projects.Edges) != 1 {
		t.Errorf("eve owns %d projects", len(data.Viewer.Projects.Edges))
	}
}

// withoutID leaves out of an answer the request's id.
func withoutID(body string) string {
	before, rest, _ := strings.Cut(body, `"requestId":"`)
	_, after, _ := strings.Cut(rest, `"`)
	return before + after
}
