package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/ownqltest"
)

// refusal is the first error of an answer.
type refusal struct {
	Message    string
	Extensions struct{ Code, Field string }
}

func refusalIn(t *testing.T, body string) refusal {
	t.Helper()
	var answer struct{ Errors []refusal }
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Errors) == 0 {
		return refusal{}
	}
	return answer.Errors[0]
}

// TestBulk makes, changes and deletes several tasks at once, and writes none where one is refused.
func TestBulk(t *testing.T) {
	server := ownqltest.Start(t, command.App[*store.Store]{Store: store.New, Schema: graph.New})
	ada, eve := server.SignUp(t, "ada@example.com"), server.SignUp(t, "eve@example.com")
	project, err := server.Store.CreateProject(t.Context(), ada.Caller(), store.CreateProjectInput{Name: "a loom"})
	if err != nil {
		t.Fatal(err)
	}
	task := func(title string) map[string]any {
		return map[string]any{"title": title, "projectId": project.GlobalID()}
	}
	input := func(list string, elements ...map[string]any) map[string]any {
		return map[string]any{"input": map[string]any{list: elements, "clientMutationId": "x"}}
	}
	type tasks struct {
		Tasks []struct {
			ID, Title        string
			Minutes, Version int
		}
		DeletedTaskIds   []string
		ClientMutationID string
	}
	var data struct{ CreateTasks, UpdateTasks, DeleteTasks tasks }
	const (
		create = `mutation ($input: CreateTasksInput!) { createTasks(input: $input) { tasks { id title minutes version } clientMutationId } }`
		update = `mutation ($input: UpdateTasksInput!) { updateTasks(input: $input) { tasks { id title minutes version } clientMutationId } }`
		remove = `mutation ($input: DeleteTasksInput!) { deleteTasks(input: $input) { deletedTaskIds tasks { id title } clientMutationId } }`
	)
	count := func() (n int) {
		for _, err := range server.Store.Tasks.Each(t.Context(), ada.Caller(), server.Store.Tasks.ParentIndex("projectId"), project.ID) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	wantRefused := func(body, code, field string) {
		t.Helper()
		if got := refusalIn(t, body); got.Extensions.Code != code || got.Extensions.Field != field {
			t.Errorf("%s, want %s of %q", body, code, field)
		}
	}

	server.QueryInto(t, ada, create, input("tasks", task("card"), task("spin"), task("weave")), &data)
	made := data.CreateTasks.Tasks
	if len(made) != 3 || made[0].Title != "card" || made[2].Title != "weave" || data.CreateTasks.ClientMutationID != "x" {
		t.Fatalf("made %+v", data.CreateTasks)
	}
	bad := task("dye")
	bad["minutes"] = -1
	wantRefused(server.Query(t, ada, create, input("tasks", task("full"), bad)), "BAD_USER_INPUT", "tasks[1].minutes")
	wantRefused(server.Query(t, eve, create, input("tasks", task("hers"))), "NOT_FOUND", "tasks[0].projectId")
	var many []map[string]any
	for i := range 34 {
		many = append(many, task(fmt.Sprint("part ", i)))
	}
	body := server.Query(t, ada, create, input("tasks", many...))
	wantRefused(body, "BAD_USER_INPUT", "tasks")
	if !strings.Contains(body, "34 tasks") || !strings.Contains(body, "at most 33") {
		t.Errorf("it does not say how many: %s", body)
	}
	if n := count(); n != 3 {
		t.Errorf("there are %d tasks", n)
	}

	change := func(i int, fields map[string]any) map[string]any {
		fields["id"] = made[i].ID
		return fields
	}
	by := func(n any) map[string]any { return map[string]any{"increment": map[string]any{"minutes": n}} }
	server.QueryInto(t, ada, update, input("tasks", change(2, by(30)), change(0, map[string]any{"title": "comb", "minutes": 5})), &data)
	if got := data.UpdateTasks.Tasks; got[0].ID != made[2].ID || got[0].Minutes != 30 || got[0].Version != 2 || got[1].Title != "comb" || got[1].Minutes != 5 {
		t.Errorf("changed %+v", got)
	}
	wantRefused(server.Query(t, ada, update, input("tasks", change(0, by(1)), change(1, by(-1)))), "BAD_USER_INPUT", "tasks[1].minutes")
	wantRefused(server.Query(t, ada, update, input("tasks", change(0, by(1)), change(0, by(1)))), "BAD_USER_INPUT", "tasks[1].id")
	wantRefused(server.Query(t, ada, update, input("tasks", change(0, map[string]any{"minutes": 1, "increment": map[string]any{"minutes": 1}}))), "BAD_USER_INPUT", "tasks[0].increment.minutes")
	wantRefused(server.Query(t, ada, update, input("tasks", change(0, map[string]any{"expectedVersion": 1}))), "CONFLICT", "tasks[0]")

	deletion := func(ids ...string) map[string]any { return map[string]any{"input": map[string]any{"ids": ids}} }
	wantRefused(server.Query(t, eve, remove, deletion(made[0].ID)), "NOT_FOUND", "ids[0]")
	wantRefused(server.Query(t, ada, remove, deletion(made[0].ID, "nothing")), "NOT_FOUND", "ids[1]")
	if n := count(); n != 3 {
		t.Errorf("there are %d tasks", n)
	}
	server.QueryInto(t, ada, remove, deletion(made[1].ID, made[0].ID), &data)
	if got := data.DeleteTasks; len(got.DeletedTaskIds) != 2 || got.DeletedTaskIds[0] != made[1].ID || got.Tasks[1].Title != "comb" || count() != 1 {
		t.Errorf("deleted %+v", got)
	}
}

// TestBulkCost counts the elements of a bulk in the cost of the answer.
func TestBulkCost(t *testing.T) {
	server := ownqltest.Start(t, command.App[*store.Store]{Store: store.New, Schema: graph.New})
	ada := server.SignUp(t, "ada@example.com")
	deletion := func(n int) map[string]any {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprint("id ", i)
		}
		return map[string]any{"input": map[string]any{"ids": ids}}
	}
	// 100 projects with 100 tasks, for each deleted task, are more than 50,000 fields.
	remove := `mutation ($input: DeleteTasksInput!) { deleteTasks(input: $input) { tasks { project { tasks(first: 100) { edges { node { id title minutes version } } } } } } }`
	if got := refusalIn(t, server.Query(t, ada, remove, deletion(100))); got.Extensions.Code != "QUERY_TOO_COMPLEX" {
		t.Errorf("100 are answered %+v", got)
	}
	create := `mutation ($input: CreateTasksInput!) { createTasks(input: $input) { ...made } }
		fragment made on CreateTasksPayload { tasks { a: project { ...listed } b: project { ...listed } c: project { ...listed } } }
		fragment listed on Project { tasks(first: 100) { edges { node { id title minutes version } } } }`
	tasks := make([]map[string]any, 33)
	for i := range tasks {
		tasks[i] = map[string]any{"title": "x", "projectId": "x"}
	}
	for n, code := range map[int]string{33: "QUERY_TOO_COMPLEX", 2: "NOT_FOUND"} {
		variables := map[string]any{"input": map[string]any{"tasks": tasks[:n]}}
		if got := refusalIn(t, server.Query(t, ada, create, variables)); got.Extensions.Code != code {
			t.Errorf("%d are answered %+v, want %s", n, got, code)
		}
	}
	if got := refusalIn(t, server.Query(t, ada, remove, deletion(2))); got.Extensions.Code != "NOT_FOUND" {
		t.Errorf("2 are answered %+v", got)
	}
}

// TestIncrement has several increment one number at once.
func TestIncrement(t *testing.T) {
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
	const update = `mutation ($id: ID!, $by: IncrementTaskInput) { updateTask(input: { id: $id, increment: $by }) { task { minutes } } }`
	by := func(fields map[string]any) map[string]any {
		return map[string]any{"id": task.GlobalID(), "by": fields}
	}
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 25 {
				if body := server.Query(t, ada, update, by(map[string]any{"minutes": 1})); strings.Contains(body, "errors") {
					t.Error(body)
				}
			}
		})
	}
	all.Wait()
	var data struct {
		UpdateTask struct{ Task struct{ Minutes int } }
	}
	server.QueryInto(t, ada, update, by(map[string]any{"minutes": nil}), &data)
	if data.UpdateTask.Task.Minutes != 400 {
		t.Errorf("%d minutes", data.UpdateTask.Task.Minutes)
	}
	for _, test := range []struct {
		name, code string
		user       *ownqltest.User
		by         map[string]any
	}{
		{"beyond @validate", "BAD_USER_INPUT", ada, map[string]any{"minutes": 100000}},
		{"below @validate", "BAD_USER_INPUT", ada, map[string]any{"minutes": -401}},
		{"no Int", "GRAPHQL_VALIDATION_FAILED", ada, map[string]any{"minutes": 0.5}},
		{"no number", "GRAPHQL_VALIDATION_FAILED", ada, map[string]any{"title": 1}},
		{"another's", "NOT_FOUND", eve, map[string]any{"minutes": 1}},
	} {
		if got := refusalIn(t, server.Query(t, test.user, update, by(test.by))); got.Extensions.Code != test.code {
			t.Errorf("%s: %+v, want %s", test.name, got, test.code)
		}
	}
	// A Decimal is added exactly, as a literal too.
	literal := `mutation ($id: ID!) { updateProject(input: { id: $id, increment: { budget: "0.10" } }) { project { budget } } }`
	for range 3 {
		server.Query(t, ada, literal, map[string]any{"id": project.GlobalID()})
	}
	if got, err := server.Store.Projects.Get(t.Context(), ada.Caller(), project.ID); err != nil || got.Budget.String() != "0.3" {
		t.Errorf("the budget is %v, %v", got.Budget, err)
	}
}
