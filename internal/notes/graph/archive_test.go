package graph_test

import (
	"strings"
	"testing"

	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/ownqltest"
)

// TestArchiveProject archives a project with its task, which nobody changes from then on.
func TestArchiveProject(t *testing.T) {
	server := ownqltest.Start(t, command.App[*store.Store]{Store: store.New, Schema: graph.New})
	ada, eve := server.SignUp(t, "ada@example.com"), server.SignUp(t, "eve@example.com")

	project, err := server.Store.CreateProject(t.Context(), ada.Caller(), store.CreateProjectInput{Name: "a loom"})
	if err != nil {
		t.Fatal(err)
	}
	task, err := server.Store.CreateTask(t.Context(), ada.Caller(), store.CreateTaskInput{Title: "weave", ProjectID: project.GlobalID()})
	if err != nil {
		t.Fatal(err)
	}
	archive, variables := `mutation ($id: ID!) { archiveProject(id: $id) { archivedAt } }`, map[string]any{"id": project.GlobalID()}
	if body := server.Query(t, eve, archive, variables); !strings.Contains(body, "NOT_FOUND") {
		t.Errorf("a stranger who archives it is answered %s", body)
	}
	var data struct{ ArchiveProject struct{ ArchivedAt string } }
	server.QueryInto(t, ada, archive, variables, &data)
	if data.ArchiveProject.ArchivedAt == "" {
		t.Error("the project has no archivedAt")
	}
	rename := `mutation ($id: ID!) { updateTask(input: {id: $id, title: "card"}) { task { title } } }`
	if body := server.Query(t, ada, rename, map[string]any{"id": task.GlobalID()}); !strings.Contains(body, "CONFLICT") {
		t.Errorf("renaming an archived task is answered %s", body)
	}
}
