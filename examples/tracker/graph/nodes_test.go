package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/ownqltest"
)

// nodesQuery selects of nodes what is written straight from the objects; with $slowly, also what gqlgen answers beside it.
const nodesQuery = `query ($ids: [ID!]!, $slowly: Boolean!) { nodes(ids: $ids) { __typename ... on Node { id }
	... on Organization { name version projects(first: 1) @include(if: $slowly) { edges { node { id } } } }
	... on Project { name createdAt organization @include(if: $slowly) { id } }
	... on Issue { title status priority dueDate updatedAt project @include(if: $slowly) { id } }
	... on Label { name organization @include(if: $slowly) { id } }
	... on Comment { body issue @include(if: $slowly) { id } }
	... on User { firstName }
	... on Session { createdAt current } } }`

// TestNodes asks for many nodes at once, and for each of them alone, as users who may read all, some and none of them: the answers are
// the same, whichever way they are written, and however many ask at once.
func TestNodes(t *testing.T) {
	w := newTeam(t)
	ids := slices.Sorted(maps.Values(w.ids))
	for i := range 130 {
		ids = append(ids, w.create(t, w.ada, "Issue", map[string]any{"title": fmt.Sprintf("Carry %d \"\\\n\u00e9", i), "projectId": w.ids["Project"]}))
	}
	gone := w.create(t, w.ada, "Issue", map[string]any{"title": "gone", "projectId": w.ids["Project"]})
	w.QueryInto(t, w.ada, `mutation ($id: ID!) { deleteIssue(input: { id: $id }) { issue { id } } }`, map[string]any{"id": gone}, &struct{}{})
	users := []*ownqltest.User{w.ada, w.eve, w.mallory}
	for _, user := range users {
		var data struct {
			Viewer struct {
				Sessions struct {
					Edges []struct{ Node struct{ ID string } }
				}
			}
		}
		w.QueryInto(t, user, `{ viewer { sessions { edges { node { id } } } } }`, nil, &data)
		ids = append(ids, user.GlobalID(), data.Viewer.Sessions.Edges[0].Node.ID)
	}
	ids = append(ids, gone, w.seat, "", "x", model.GlobalID("Nothing", model.NewID()), model.GlobalID("Issue", model.NewID()),
		model.GlobalID("User", model.NewID()), model.GlobalID("Session", model.NewID()))

	type node = map[string]any
	ask := func(as int, slowly bool, ids ...string) []node {
		var data struct{ Nodes []node }
		w.QueryInto(t, users[as], nodesQuery, map[string]any{"ids": ids, "slowly": slowly}, &data)
		return data.Nodes
	}
	text := func(of any) string {
		text, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	alone := make([]map[string]string, len(users)) // what each gets, by the id
	least := []int{len(w.ids) + 130, len(w.ids) + 130, 0}
	for as := range alone {
		alone[as] = map[string]string{}
		found := 0
		for i, id := range ids {
			got := ask(as, false, id)
			if len(got) != 1 {
				t.Fatalf("a node is %v", got)
			}
			if got[0] != nil && i < len(w.ids)+130 {
				found++
			}
			alone[as][id] = text(got[0])
		}
		if found != least[as] {
			t.Errorf("user %d sees %d objects, want %d", as, found, least[as])
		}
	}
	var asking sync.WaitGroup
	for seed := range uint64(60) {
		asking.Go(func() {
			random := rand.New(rand.NewPCG(seed, 7))
			as := random.IntN(len(alone))
			wanted := make([]string, []int{0, 1, 7, 99, 100}[random.IntN(5)])
			order := random.Perm(len(ids))
			for i := range wanted {
				wanted[i] = ids[order[i]]
				if random.IntN(10) == 0 {
					wanted[i] = wanted[random.IntN(i+1)] // the same again
				}
			}
			for i, got := range ask(as, false, wanted...) {
				if text(got) != alone[as][wanted[i]] {
					t.Errorf("as user %d, of %d nodes the one at %d is %s, alone %s", as, len(wanted), i, text(got), alone[as][wanted[i]])
				}
			}
			for i, got := range ask(as, true, wanted...) {
				for _, name := range []string{"projects", "organization", "project", "issue"} {
					delete(got, name)
				}
				if text(got) != alone[as][wanted[i]] {
					t.Errorf("as user %d, by gqlgen, of %d nodes the one at %d is %s, alone %s", as, len(wanted), i, text(got), alone[as][wanted[i]])
				}
			}
		})
	}
	asking.Wait()
}
