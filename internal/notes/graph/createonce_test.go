package graph_test

import (
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/ownqltest"
)

// TestCreateOnce sends a create again, as a client does that got no answer: by the same
// clientMutationId it gets the object that is there, and by another, or by "0", another one.
func TestCreateOnce(t *testing.T) {
	server := ownqltest.Start(t, app)
	ada := server.SignUp(t, "ada@example.com")
	const create = `mutation ($input: CreateProjectInput!) { createProject(input: $input) { project { id } clientMutationId } }`
	made := func(name, key string) string {
		t.Helper()
		var data struct {
			CreateProject struct {
				Project          struct{ ID string }
				ClientMutationID string
			}
		}
		server.QueryInto(t, ada, create, map[string]any{"input": map[string]any{"name": name, "clientMutationId": key}}, &data)
		if data.CreateProject.ClientMutationID != key {
			t.Errorf("clientMutationId is %q, want %q", data.CreateProject.ClientMutationID, key)
		}
		return data.CreateProject.Project.ID
	}
	key := model.NewID()
	first := made("a loom", key)
	if again := made("a loom", key); again != first {
		t.Errorf("again: %s, want %s", again, first)
	}
	if other := made("a loom", model.NewID()); other == first {
		t.Error("another key makes the same object")
	}
	if one, two := made("a loom", "0"), made("a loom", "0"); one == two {
		t.Error(`"0" makes one object`)
	}
	body := server.Query(t, ada, create, map[string]any{"input": map[string]any{"name": "another loom", "clientMutationId": key}})
	if !strings.Contains(body, `"code":"CONFLICT","field":"clientMutationId"`) || !strings.Contains(body, `"data":{"createProject":null}`) {
		t.Errorf("another input by the same key: %s", body)
	}
}
