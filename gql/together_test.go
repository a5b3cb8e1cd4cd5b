package gql_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
)

// TestNodesAreReadTogether asks a server for 30 objects of four types under aliases, for as many at once, and for what
// is not there: beside who is asking, that is one BatchGetItem, whatever the objects are.
func TestNodesAreReadTogether(t *testing.T) {
	a := newAPI(t)
	notes := store.New(a.accounts)
	caller := a.user.Caller()
	ids := []string{a.user.GlobalID(), model.GlobalID("Note", model.NewID())}
	for len(ids) < 30 {
		note, err := notes.CreateNote(t.Context(), caller, store.CreateNoteInput{Title: "a note"})
		if err != nil {
			t.Fatal(err)
		}
		project, err := notes.CreateProject(t.Context(), caller, store.CreateProjectInput{Name: "a project"})
		if err != nil {
			t.Fatal(err)
		}
		label, err := notes.CreateLabel(t.Context(), caller, store.CreateLabelInput{Name: fmt.Sprint(len(ids))})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, note.GlobalID(), project.GlobalID(), label.GlobalID())
	}
	ids = ids[:30]
	server := httptest.NewServer(a)
	defer server.Close()

	ask := func(query string, variables map[string]any) (data map[string]any) {
		t.Helper()
		body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodPost, server.URL, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+a.token)
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Data map[string]any }
		if err := json.Unmarshal(text, &answer); err != nil || answer.Data == nil {
			t.Fatalf("%s: %v", text, err)
		}
		return answer.Data
	}
	var aliases strings.Builder
	for i, id := range ids {
		fmt.Fprintf(&aliases, "a%d: node(id: %q) { id } ", i, id)
	}
	idOf := func(node any) string {
		object, _ := node.(map[string]any)
		id, _ := object["id"].(string)
		return id
	}
	for range 20 {
		a.client.taken()
		data := ask("{ "+aliases.String()+"}", nil)
		if calls := a.client.taken(); calls != "BatchGetItem BatchGetItem" {
			t.Errorf("30 nodes under aliases cost %s", calls)
		}
		for i, id := range ids {
			if got := idOf(data[fmt.Sprint("a", i)]); got != id && i != 1 || i == 1 && got != "" {
				t.Errorf("node %d is %q, want %q", i, got, id)
			}
		}
		data = ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", map[string]any{"ids": ids})
		if calls := a.client.taken(); calls != "BatchGetItem BatchGetItem" {
			t.Errorf("30 nodes at once cost %s", calls)
		}
		for i, node := range data["nodes"].([]any) {
			if got := idOf(node); got != ids[i] && i != 1 || i == 1 && got != "" {
				t.Errorf("of nodes %d is %q, want %q", i, got, ids[i])
			}
		}
		ask("query ($ids: [ID!]!) { a: nodes(ids: $ids) { id } b: nodes(ids: $ids) { id } c: node(id: \"x\") { id } viewer { id } }", map[string]any{"ids": ids})
		if calls := a.client.taken(); calls != "BatchGetItem BatchGetItem" {
			t.Errorf("nodes, twice, and node cost %s", calls)
		}
	}
}
