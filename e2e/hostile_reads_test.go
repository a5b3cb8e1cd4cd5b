//go:build hostile

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestHostileReads asks for as many lists as a document may, at once and by many connections, while
// another user asks for little (requirement 24). Each operation examines what it may and no more, and
// says so.
func TestHostileReads(t *testing.T) {
	const connections, turn, bound, mostItems = 16, 4 * time.Second, 250 * time.Millisecond, 10_000
	server := startHostile(t)
	graphql := func(document string, variables map[string]any) string {
		t.Helper()
		body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		_, _, answer := server.send(t, "POST", "/graphql", nil, string(body))
		return answer
	}
	project := between(graphql(`mutation { createProject(input: {name: "P"}) { project { id } } }`, nil), `"id":"`, `"`)
	for range 5 {
		var tasks strings.Builder
		for i := range 20 {
			fmt.Fprintf(&tasks, `t%d: createTask(input: {title: "T", projectId: %q}) { clientMutationId } `, i, project)
		}
		if answer := graphql("mutation { "+tasks.String()+"}", nil); strings.Contains(answer, "errors") {
			t.Fatal(answer)
		}
	}
	var none strings.Builder
	for i := range 29 {
		fmt.Fprintf(&none, "a%d: tasks(first: 0) { pageInfo { hasNextPage } } ", i)
	}
	ids := slices.Repeat([]string{project}, 100)
	const nodes = `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Project { %s} } }`
	for _, test := range []struct {
		name, document string
		isOver         bool
	}{
		{"2,900 lists of nothing", fmt.Sprintf(nodes, none.String()), false},
		{"200 lists of a hundred", fmt.Sprintf(nodes, "a: tasks(first: 100) { pageInfo { hasNextPage } } b: tasks(last: 100) { pageInfo { hasPreviousPage } } "), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var answer struct {
				Data   struct{ Nodes []map[string]any }
				Errors []struct {
					Path       []any
					Extensions struct{ Code string }
				}
				Extensions struct{ Cost struct{ Items int } }
			}
			text := graphql(test.document, map[string]any{"ids": ids})
			if err := json.Unmarshal([]byte(text), &answer); err != nil {
				t.Fatalf("%.200s: %v", text, err)
			}
			isOver := len(answer.Errors) == 1 && answer.Errors[0].Extensions.Code == "READ_BUDGET_EXCEEDED" && answer.Errors[0].Path == nil
			if isOver != test.isOver || !test.isOver && len(answer.Errors) > 0 {
				t.Errorf("%+v, want one READ_BUDGET_EXCEEDED: %v", answer.Errors, test.isOver)
			}
			if len(answer.Data.Nodes) != len(ids) || slices.ContainsFunc(answer.Data.Nodes, func(node map[string]any) bool { return node["a"] == nil && node["a0"] == nil }) {
				t.Errorf("%.200s: want a page of each list", text)
			}
			// Beside the budget: user, session and the project.
			if items := answer.Extensions.Cost.Items; items > mostItems+3 {
				t.Errorf("%d items were examined, want at most %d", items, mostItems)
			}

			other := *server
			_, _, body := server.send(t, "POST", "/signup", nil, fmt.Sprintf(`{"email":"%d@example.com","password":"correct horse","firstName":"O"}`, len(test.name)))
			other.token = between(body, `"access_token":"`, `"`)
			attacking, stop := context.WithTimeout(t.Context(), turn)
			defer stop()
			var attack sync.WaitGroup
			request, err := json.Marshal(map[string]any{"query": test.document, "variables": map[string]any{"ids": ids}})
			if err != nil {
				t.Fatal(err)
			}
			for range connections {
				attack.Go(func() {
					for attacking.Err() == nil {
						server.send(t, "POST", "/graphql", nil, string(request))
					}
				})
			}
			var took []time.Duration
			for attacking.Err() == nil {
				start := time.Now()
				if status, _, body := other.send(t, "POST", "/graphql", nil, `{"query":"{ viewer { id notes { edges { node { id } } } } }"}`); status != http.StatusOK || strings.Contains(body, "errors") {
					t.Errorf("another user gets %d %s", status, body)
				}
				took = append(took, time.Since(start))
			}
			attack.Wait()
			slices.Sort(took)
			median := took[len(took)/2]
			t.Logf("%d items examined; another user meanwhile: %d requests, median %s, slowest %s",
				answer.Extensions.Cost.Items, len(took), median.Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
			if median > bound {
				t.Errorf("want a median of at most %s", bound)
			}
		})
	}
}
