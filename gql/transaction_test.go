package gql_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
)

// newID returns a global id as clients make them.
func newID(typeName string) string { return model.GlobalID(typeName, model.NewID()) }

// idOf returns a global id of a UUIDv7 of that moment.
func idOf(typeName string, at time.Time) string {
	id := uuid.Must(uuid.NewV7())
	for i := range 6 {
		id[i] = byte(at.UnixMilli() >> (40 - 8*i))
	}
	return model.GlobalID(typeName, id.String())
}

// A told is an answer.
type told struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Locations  []any
		Extensions struct{ Code, Field string }
	}
	Extensions struct{ Cost map[string]any }
}

func (a *api) tell(t testing.TB, token, query string, variables map[string]any) told {
	t.Helper()
	status, body := a.postAs(t, token, query, variables)
	var answer told
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		t.Fatalf("status %d, %v in %s", status, err, body)
	}
	return answer
}

// done wants an answer without errors.
func (a *api) done(t testing.TB, query string, variables map[string]any) map[string]any {
	t.Helper()
	answer := a.tell(t, a.token, query, variables)
	if len(answer.Errors) > 0 {
		t.Fatalf("%s: %+v", query, answer.Errors)
	}
	return answer.Data
}

// at returns what is at a path of data, with dots between.
func at(t testing.TB, data any, path string) any {
	t.Helper()
	for _, name := range strings.Split(path, ".") {
		object, ok := data.(map[string]any)
		if list, isList := data.([]any); isList {
			data = list[int(name[0]-'0')]
			continue
		}
		if !ok {
			t.Fatalf("there is no %s: %v", path, data)
		}
		data = object[name]
	}
	return data
}

// kept returns how many objects the user has of each type.
func (a *api) kept(t testing.TB) string {
	t.Helper()
	data := a.done(t, `{ viewer { notes(first: 100) { totalCount edges { node { id } } } projects(first: 100) { edges { node { id } } }
		tasks(first: 100) { edges { node { id } } } labels(first: 100) { edges { node { id } } } taskLabels(first: 100) { edges { node { id } } } } }`, nil)
	var counts []string
	for _, name := range []string{"notes", "projects", "tasks", "labels", "taskLabels"} {
		counts = append(counts, fmt.Sprint(len(at(t, data, "viewer."+name+".edges").([]any))))
	}
	return strings.Join(counts, " ")
}

// TestTransaction makes objects that belong to one another in one write, and answers what is selected below
// them from the store.
func TestTransaction(t *testing.T) {
	a := newAPIWith(t, gql.Options{Dev: true, Limits: gql.DefaultLimits})
	project, task, label := newID("Project"), newID("Task"), newID("Label")
	answer := a.tell(t, a.token, `mutation Make($project: ID!, $task: ID!, $label: ID!, $no: Boolean = false) @transaction {
		__typename
		createProject(input: {id: $project, name: "One"}) { clientMutationId project { id version tasks { edges { node { title } } } owner { email } } projectEdge { cursor } }
		... on Mutation { a: createTask(input: {id: $task, projectId: $project, title: "first", clientMutationId: "x"}) { ...task } }
		...more
		left: createNote(input: {title: "out"}) @include(if: $no) { note { id } }
		note: createNote(input: {title: "  by hand  "}) { note { title } }
	}
	fragment task on CreateTaskPayload { clientMutationId task { id project { name } labels { edges { node { name } by } } } }
	fragment more on Mutation {
		createLabel(input: {id: $label, name: "red"}) { label { name } }
		createTaskLabel(input: {taskId: $task, labelId: $label, by: "me"}) { taskLabel { task { title } label { id } } }
		several: createTasks(input: {tasks: [{title: "second", projectId: $project}, {title: "third", projectId: $project}]}) { tasks { title project { id } } }
	}`, map[string]any{"project": project, "task": task, "label": label})
	if len(answer.Errors) > 0 {
		t.Fatalf("%+v", answer.Errors)
	}
	for path, want := range map[string]any{
		"__typename":               "Mutation",
		"createProject.project.id": project, "createProject.project.version": 1.0, "createProject.project.owner.email": "ada@example.com",
		"a.task.id": task, "a.clientMutationId": "x", "a.task.project.name": "One",
		"a.task.labels.edges.0.node.name": "red", "a.task.labels.edges.0.by": "me",
		"createTaskLabel.taskLabel.task.title": "first", "createTaskLabel.taskLabel.label.id": label,
		"several.tasks.1.title": "third", "several.tasks.0.project.id": project,
		"note.note.title": "by hand",
	} {
		if got := at(t, answer.Data, path); got != want {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
	}
	if tasks := at(t, answer.Data, "createProject.project.tasks.edges").([]any); len(tasks) != 3 {
		t.Errorf("the project's tasks are %v", tasks)
	}
	if _, isThere := answer.Data["left"]; isThere {
		t.Error("what @include leaves out is carried out")
	}
	calls := a.client.taken()
	if strings.Count(calls, "TransactWriteItems") != 1 {
		t.Errorf("calls %s", calls)
	}
	if kept := a.kept(t); kept != "1 1 3 1 1" {
		t.Errorf("kept: %s", kept)
	}
}

// TestTransactionCost has one write cost twice, as a transaction does.
func TestTransactionCost(t *testing.T) {
	a := newAPIWith(t, gql.Options{Dev: true, Limits: gql.DefaultLimits})
	units := func(directive string) float64 {
		answer := a.tell(t, a.token, `mutation `+directive+` { createNote(input: {title: "n"}) { note { id } } }`, nil)
		return answer.Extensions.Cost["writeUnits"].(float64)
	}
	if alone, together := units(""), units("@transaction"); together != 2*alone {
		t.Errorf("%v units, and %v in a transaction", alone, together)
	}
}

// TestTransactionNotCarriedOut wants each field to be null, the error to be that of the field, with the code
// that it has by itself, and nothing to be written.
func TestTransactionNotCarriedOut(t *testing.T) {
	a := newAPI(t)
	_, eve := a.signUp(t, "eve@example.com")
	theirs := newID("Project")
	if answer := a.tell(t, eve, `mutation ($id: ID!) { createProject(input: {id: $id, name: "Eve's"}) { project { id } } }`, map[string]any{"id": theirs}); len(answer.Errors) > 0 {
		t.Fatalf("%+v", answer.Errors)
	}
	data := a.done(t, `mutation ($project: ID!, $label: ID!, $task: ID!) @transaction {
		createProject(input: {id: $project, name: "Mine"}) { project { id } }
		createLabel(input: {id: $label, name: "red"}) { label { id } }
		createTask(input: {id: $task, projectId: $project, title: "t"}) { task { id } }
		createTaskLabel(input: {taskId: $task, labelId: $label}) { taskLabel { id } }
	}`, map[string]any{"project": newID("Project"), "label": newID("Label"), "task": newID("Task")})
	mine, task, label := at(t, data, "createProject.project.id"), at(t, data, "createTask.task.id"), at(t, data, "createLabel.label.id")
	before := a.kept(t)

	const project, tooOld, tooNew = `createProject(input: {id: %q, name: "New"}) { project { id } }`, -25 * time.Hour, 25 * time.Hour
	tasks := func(of any, count int) string {
		return fmt.Sprintf(`createTasks(input: {tasks: [%s]}) { tasks { id } }`, strings.Repeat(fmt.Sprintf(`{title: "t", projectId: %q}`, of), count))
	}
	made := newID("Project")
	newProject := fmt.Sprintf(project, made)
	bulk := strings.Join([]string{newProject, tasks(made, 33), "b: " + tasks(made, 33), "c: " + tasks(made, 32)}, " ")
	for _, test := range []struct {
		name, fields          string
		path, code, field, is string
	}{
		{"a parent that another may not see", `bad: createTask(input: {title: "t", projectId: "` + theirs + `"}) { task { id } }`, "bad", "NOT_FOUND", "projectId", "there is no such object to belong to"},
		{"a parent that nobody has", `bad: createTask(input: {title: "t", projectId: "` + newID("Project") + `"}) { task { id } }`, "bad", "NOT_FOUND", "projectId", "there is no such object to belong to"},
		{"an id that is one's own", "bad: " + fmt.Sprintf(project, mine), "bad", "CONFLICT", "id", "this id is taken, or was: make another"},
		{"an id that is another's", "bad: " + fmt.Sprintf(project, theirs), "bad", "CONFLICT", "id", "this id is taken, or was: make another"},
		{"an id that is another's, with a value that is none", fmt.Sprintf(`bad: createProject(input: {id: %q, name: "n", budget: "-1"}) { project { id } }`, theirs), "bad", "BAD_USER_INPUT", "budget", ""},
		{"an id that is taken, of what may not be made", fmt.Sprintf(`bad: createTask(input: {id: %q, title: "t", projectId: %q}) { task { id } }`, task, theirs), "bad", "NOT_FOUND", "projectId", ""},
		{"an id twice", newProject + " bad: " + newProject, "bad", "CONFLICT", "id", "this id is taken, or was: make another"},
		{"an id twice in one bulk", fmt.Sprintf(`bad: createTasks(input: {tasks: [{id: %[1]q, title: "a", projectId: %[2]q}, {id: %[1]q, title: "b", projectId: %[2]q}]}) { tasks { id } }`, newID("Task"), mine), "bad", "CONFLICT", "tasks[1].id", ""},
		{"an id of another type", "bad: " + fmt.Sprintf(project, newID("Task")), "bad", "BAD_USER_INPUT", "id", ""},
		{"an id without its type", "bad: " + fmt.Sprintf(project, model.NewID()), "bad", "BAD_USER_INPUT", "id", ""},
		{"no UUIDv7", "bad: " + fmt.Sprintf(project, model.GlobalID("Project", uuid.NewString())), "bad", "BAD_USER_INPUT", "id", ""},
		{"an id in capitals", "bad: " + fmt.Sprintf(project, model.GlobalID("Project", strings.ToUpper(model.NewID()))), "bad", "BAD_USER_INPUT", "id", ""},
		{"an id of yesterday's yesterday", "bad: " + fmt.Sprintf(project, idOf("Project", time.Now().Add(tooOld))), "bad", "BAD_USER_INPUT", "id", "id: its UUIDv7 is to be of a time within a day of now"},
		{"an id of the future", "bad: " + fmt.Sprintf(project, idOf("Project", time.Now().Add(tooNew))), "bad", "BAD_USER_INPUT", "id", "id: its UUIDv7 is to be of a time within a day of now"},
		{"an empty id", "bad: " + fmt.Sprintf(project, ""), "bad", "BAD_USER_INPUT", "id", ""},
		{"a unique value that another object has", fmt.Sprintf(`bad: createTaskLabel(input: {taskId: %q, labelId: %q}) { taskLabel { id } }`, task, label), "bad", "CONFLICT", "taskId", ""},
		{"a unique value twice", fmt.Sprintf(`label: createLabel(input: {id: %[1]q, name: "l"}) { label { id } } good: createTaskLabel(input: {taskId: %[2]q, labelId: %[1]q}) { taskLabel { id } } bad: createTaskLabel(input: {taskId: %[2]q, labelId: %[1]q}) { taskLabel { id } }`, newID("Label"), task), "bad", "CONFLICT", "taskId", ""},
		{"a version that it has no more", fmt.Sprintf(`bad: updateProject(input: {id: %q, expectedVersion: 7}) { project { id } }`, mine), "bad", "CONFLICT", "", ""},
		{"a value that is none", fmt.Sprintf(`bad: createTask(input: {title: "t", projectId: %q, minutes: -1}) { task { id } }`, mine), "bad", "BAD_USER_INPUT", "minutes", ""},
		{"a value that Go refuses", `bad: createProject(input: {name: "n", color: "red"}) { project { id } }`, "bad", "BAD_USER_INPUT", "color", ""},
		{"a change of what goes", fmt.Sprintf(`deleteTask(input: {id: %[1]q}) { deletedTaskId } bad: updateTask(input: {id: %[1]q, title: "u"}) { task { id } }`, task), "bad", "NOT_FOUND", "", ""},
		{"a deletion twice", fmt.Sprintf(`deleteTask(input: {id: %[1]q}) { deletedTaskId } bad: deleteTask(input: {id: %[1]q}) { deletedTaskId }`, task), "bad", "NOT_FOUND", "", ""},
		{"a child of what went before", fmt.Sprintf(`deleteProject(input: {id: %[1]q}) { deletedProjectId } bad: createTask(input: {title: "t", projectId: %[1]q}) { task { id } }`, mine), "bad", "NOT_FOUND", "projectId", ""},
		{"a child of what goes after", fmt.Sprintf(`bad: createTask(input: {title: "t", projectId: %[1]q}) { task { id } } deleteProject(input: {id: %[1]q}) { deletedProjectId }`, mine), "bad", "NOT_FOUND", "projectId", ""},
		{"a mutation of accounts", newProject + ` bad: updateViewer(input: {lastName: "King"}) { user { lastName } }`, "bad", "BAD_USER_INPUT", "", "updateViewer cannot be part of a transaction: send it by itself, without @transaction"},
		{"more than a transaction takes", bulk + ` bad: createNote(input: {title: "one more"}) { note { id } }`, "bad", "QUERY_TOO_COMPLEX", "", "this is more than one transaction takes: 102 actions, and at most 100 are allowed; nothing was written"},
		{"more of one bulk than it takes", newProject + " bad: " + tasks(made, 34), "bad", "BAD_USER_INPUT", "tasks", ""},
		{"what is of one field by two keys", fmt.Sprintf(`first: createNote(input: {title: "a", clientMutationId: %[1]q}) { note { id } } bad: createNote(input: {title: "b", clientMutationId: %[1]q}) { note { id } }`, model.NewID()), "bad", "CONFLICT", "clientMutationId", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := a.tell(t, a.token, `mutation @transaction { first: createNote(input: {title: "before"}) { note { id } } `+strings.Replace(test.fields, "first: createNote", "second: createNote", 1)+` last: createNote(input: {title: "after"}) { note { id } } }`, nil)
			if len(answer.Errors) != 1 {
				t.Fatalf("%+v", answer)
			}
			err := answer.Errors[0]
			if fmt.Sprint(err.Path) != "["+test.path+"]" || err.Extensions.Code != test.code || err.Extensions.Field != test.field || test.is != "" && err.Message != test.is || len(err.Locations) != 1 {
				t.Errorf("%+v", err)
			}
			for name, is := range answer.Data {
				if is != nil {
					t.Errorf("%s is %v", name, is)
				}
			}
			if _, isThere := answer.Data["last"]; !isThere {
				t.Errorf("the data is %v", answer.Data)
			}
			if after := a.kept(t); after != before {
				t.Errorf("kept: %s, before that %s", after, before)
			}
		})
	}
	if answer := a.tell(t, eve, `query ($id: ID!) { node(id: $id) { ... on Project { name } } }`, map[string]any{"id": theirs}); at(t, answer.Data, "node.name") != "Eve's" {
		t.Errorf("%+v", answer)
	}
	a.done(t, `mutation @transaction { createNote(input: {title: "n"}) { note { id } } `+bulk+" }", nil) // what is just not too much
}

// TestTransactionOfOneObject: what is written to one object becomes one write, and each field answers what
// has become of it.
func TestTransactionOfOneObject(t *testing.T) {
	a := newAPI(t)
	id := newID("Project")
	data := a.done(t, `mutation ($id: ID!) @transaction {
		createProject(input: {id: $id, name: "One", budget: "1"}) { project { name budget version } }
		updateProject(input: {id: $id, name: "Two"}) { project { name budget version } }
	}`, map[string]any{"id": id})
	want := "map[budget:1 name:Two version:1]"
	for _, field := range []string{"createProject", "updateProject"} {
		if got := fmt.Sprint(at(t, data, field+".project")); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
	data = a.done(t, `mutation ($id: ID!) @transaction {
		a: updateProject(input: {id: $id, name: "Three", expectedVersion: 1}) { project { name budget version } }
		b: updateProject(input: {id: $id, budget: "7", expectedVersion: 1}) { project { name budget version } }
		gone: createProject(input: {id: "`+newID("Project")+`", name: "x"}) { project { id } }
	}`, map[string]any{"id": id})
	want = "map[budget:7 name:Three version:2]"
	for _, field := range []string{"a", "b"} {
		if got := fmt.Sprint(at(t, data, field+".project")); got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
	gone := newID("Project")
	a.done(t, `mutation ($id: ID!, $gone: ID!) @transaction {
		deleteProject(input: {id: $id}) { deletedProjectId project { name } }
		createProject(input: {id: $gone, name: "x"}) { project { id } }
		b: deleteProject(input: {id: $gone}) { deletedProjectId }
	}`, map[string]any{"id": id, "gone": gone})
	data = a.done(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": []string{id, gone}})
	if got := fmt.Sprint(data["nodes"]); got != "[<nil> <nil>]" {
		t.Errorf("there are %s", got)
	}
}

// TestTransactionDeletes: what belongs to what a transaction deletes goes with it.
func TestTransactionDeletes(t *testing.T) {
	a := newAPI(t)
	id := newID("Project")
	tasks := strings.Repeat(`{title: "t", projectId: "`+id+`"}`, 33)
	make := `mutation @transaction { createProject(input: {id: "` + id + `", name: "One"}) { project { id } }`
	for i := range 3 {
		make += fmt.Sprintf(` t%d: createTasks(input: {tasks: [%s]}) { tasks { id } }`, i, tasks)
	}
	a.done(t, make+` }`, nil)
	for range 2 {
		a.done(t, `mutation { createTasks(input: {tasks: [`+tasks+`]}) { tasks { id } } }`, nil)
	}
	data := a.done(t, `mutation @transaction { deleteProject(input: {id: "`+id+`"}) { deletedProjectId } createNote(input: {title: "gone"}) { note { id } } }`, nil)
	if at(t, data, "deleteProject.deletedProjectId") != id {
		t.Errorf("%v", data)
	}
	if kept := a.kept(t); kept != "1 0 0 0 0" {
		t.Errorf("kept: %s", kept)
	}
}

// TestTransactionByHand has mutations of the project's own be part of one.
func TestTransactionByHand(t *testing.T) {
	a := newAPI(t)
	id := newID("Project")
	a.done(t, `mutation ($id: ID!) { createProject(input: {id: $id, name: "One"}) { project { id } } createTask(input: {title: "t", projectId: $id}) { task { id } } }`, map[string]any{"id": id})
	answer := a.tell(t, a.token, `mutation ($id: ID!) @transaction {
		archiveProject(id: $id) { archivedAt }
		createTask(input: {title: "late", projectId: $id}) { task { id } }
	}`, map[string]any{"id": id})
	if len(answer.Errors) != 1 || answer.Errors[0].Path[0] != "createTask" || answer.Errors[0].Extensions.Code != "CONFLICT" {
		t.Errorf("a hook does not see what is written: %+v", answer)
	}
	data := a.done(t, `mutation ($id: ID!) @transaction {
		archiveProject(id: $id) { archivedAt tasks { edges { node { archivedAt } } } }
		createNote(input: {title: "archived it"}) { note { title } }
	}`, map[string]any{"id": id})
	if at(t, data, "archiveProject.archivedAt") == nil || at(t, data, "archiveProject.tasks.edges.0.node.archivedAt") == nil {
		t.Errorf("%v", data)
	}
}

// TestTransactionAgain sends one again whose answer was lost.
func TestTransactionAgain(t *testing.T) {
	a := newAPI(t)
	project, note := newID("Project"), model.NewID()
	creates := `mutation ($project: ID!, $note: String) @transaction {
		createProject(input: {id: $project, name: "One"}) { project { id version } }
		createTask(input: {id: "` + newID("Task") + `", title: "t", projectId: $project}) { task { id } }
		createNote(input: {title: "n", clientMutationId: $note}) { note { id } }
	}`
	variables := map[string]any{"project": project, "note": note}
	first := a.done(t, creates, variables)
	if again := a.done(t, creates, variables); fmt.Sprint(first) != fmt.Sprint(again) {
		t.Errorf("again it is %v, at first %v", again, first)
	}
	counting := `mutation ($note: String) @transaction {
		createNote(input: {title: "counted", clientMutationId: $note}) { note { id } }
		updateTask(input: {id: "` + at(t, first, "createTask.task.id").(string) + `", increment: {minutes: 1}}) { task { minutes } }
	}`
	key := model.NewID()
	if got := at(t, a.done(t, counting, map[string]any{"note": key}), "updateTask.task.minutes"); got != 1.0 {
		t.Errorf("%v minutes", got)
	}
	answer := a.tell(t, a.token, counting, map[string]any{"note": key})
	if len(answer.Errors) != 1 || answer.Errors[0].Path[0] != "createNote" || answer.Errors[0].Extensions.Code != "CONFLICT" {
		t.Errorf("%+v", answer)
	}
	if kept := a.kept(t); kept != "2 1 1 0 0" {
		t.Errorf("kept: %s", kept)
	}
	// Another's, of whom it is to tell nothing.
	_, eve := a.signUp(t, "eve@example.com")
	answer = a.tell(t, eve, creates, variables)
	if len(answer.Errors) != 1 || answer.Errors[0].Path[0] != "createProject" || answer.Errors[0].Extensions.Field != "id" {
		t.Errorf("%+v", answer)
	}
}

// TestIDAlone gives an id outside of a transaction.
func TestIDAlone(t *testing.T) {
	a := newAPI(t)
	id := newID("Note")
	create := `mutation ($title: String!) { createNote(input: {id: "` + id + `", title: $title}) { note { id title } } }`
	for range 2 {
		if data := a.done(t, create, map[string]any{"title": "one"}); at(t, data, "createNote.note.id") != id {
			t.Errorf("%v", data)
		}
	}
	for title, token := range map[string]string{"two": a.token, "one": second(a.signUp(t, "eve@example.com"))} {
		answer := a.tell(t, token, create, map[string]any{"title": title})
		if len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != "CONFLICT" || answer.Errors[0].Message != "this id is taken, or was: make another" {
			t.Errorf("%+v", answer)
		}
	}
}

// TestIDTellsNothing asks for an object under an id that another has, where it could not be made anyway: the answer
// is as for any id.
func TestIDTellsNothing(t *testing.T) {
	a := newAPI(t)
	_, eve := a.signUp(t, "eve@example.com")
	project, task := newID("Project"), newID("Task")
	a.done(t, `mutation ($p: ID!, $t: ID!) @transaction { createProject(input: {id: $p, name: "One"}) { project { id } } createTask(input: {id: $t, title: "t", projectId: $p}) { task { id } } }`, map[string]any{"p": project, "t": task})
	for _, directive := range []string{"", "@transaction"} {
		for input, want := range map[string]string{`projectId: "` + project + `"`: "NOT_FOUND", `projectId: "` + project + `", minutes: -1`: "BAD_USER_INPUT"} {
			for _, id := range []string{task, newID("Task")} {
				answer := a.tell(t, eve, `mutation `+directive+` { createTask(input: {id: "`+id+`", title: "t", `+input+`}) { task { id } } }`, nil)
				if len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != want {
					t.Errorf("%s %s: %+v", directive, input, answer)
				}
			}
		}
	}
}

// TestTransactional refuses a name that is of no mutation.
func TestTransactional(t *testing.T) {
	accounts := account.New(model.Open(nil, ""))
	signIn := auth.New(accounts, auth.Options{Keys: auth.NewSecretKeys(secret), Issuer: "ownql"})
	schema := graph.New(store.New(accounts), signIn.Accounts).Transactional("archiveProjects")
	if _, err := gql.NewHandler(schema, signIn.Accounts, gql.Options{Limits: gql.DefaultLimits}); err == nil || !strings.Contains(err.Error(), "archiveProjects") {
		t.Errorf("%v", err)
	}
}

func second[A, B any](_ A, b B) B { return b }

// TestTransactionsAtOnce has several change the same objects at once: each is carried out whole, or not at all.
func TestTransactionsAtOnce(t *testing.T) {
	a := newAPI(t)
	ids := []string{newID("Task"), newID("Task")}
	project := newID("Project")
	a.done(t, `mutation ($project: ID!) @transaction { createProject(input: {id: $project, name: "One"}) { project { id } }
		a: createTask(input: {id: "`+ids[0]+`", title: "a", projectId: $project}) { task { id } } b: createTask(input: {id: "`+ids[1]+`", title: "b", projectId: $project}) { task { id } } }`,
		map[string]any{"project": project})
	const clients, times = 4, 5
	var working sync.WaitGroup
	for client := range clients {
		working.Go(func() {
			order := slices.Clone(ids)
			if client%2 == 1 {
				slices.Reverse(order)
			}
			for range times {
				answer := a.tell(t, a.token, `mutation ($a: ID!, $b: ID!) @transaction {
					x: updateTask(input: {id: $a, increment: {minutes: 1}}) { task { minutes } }
					y: updateTask(input: {id: $b, increment: {minutes: 1}}) { task { minutes } }
					createNote(input: {title: "counted"}) { note { id } }
				}`, map[string]any{"a": order[0], "b": order[1]})
				if len(answer.Errors) > 0 {
					t.Errorf("%+v", answer.Errors)
					return
				}
				if x, y := at(t, answer.Data, "x.task.minutes"), at(t, answer.Data, "y.task.minutes"); x != y {
					t.Errorf("%v and %v minutes", x, y)
				}
			}
		})
	}
	working.Wait()
	data := a.done(t, `query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { minutes version } } }`, map[string]any{"ids": ids})
	if got, want := fmt.Sprint(data["nodes"]), fmt.Sprintf("[map[minutes:%[1]d version:%[2]d] map[minutes:%[1]d version:%[2]d]]", clients*times, clients*times+1); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if kept := a.kept(t); kept != fmt.Sprintf("%d 1 2 0 0", clients*times) {
		t.Errorf("kept: %s", kept)
	}
}

// TestTransactionDirective is where the directive may stand.
func TestTransactionDirective(t *testing.T) {
	a := newAPI(t)
	const note = `createNote(input: {title: "n"}) { note { id } }`
	for _, test := range []struct{ document, code string }{
		{`mutation @transaction { ` + note + ` }`, ""},
		{`query @transaction { viewer { id } }`, "GRAPHQL_VALIDATION_FAILED"},
		{`mutation { createNote(input: {title: "n"}) @transaction { note { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{`mutation @transaction @transaction { ` + note + ` }`, "GRAPHQL_VALIDATION_FAILED"},
		{`mutation @transaction(of: 2) { ` + note + ` }`, "GRAPHQL_VALIDATION_FAILED"},
		{`mutation @transaction { __typename }`, ""},
	} {
		answer := a.tell(t, a.token, test.document, nil)
		code := ""
		if len(answer.Errors) > 0 {
			code = answer.Errors[0].Extensions.Code
		}
		if code != test.code {
			t.Errorf("%s: %+v", test.document, answer)
		}
	}
	a = newAPIWith(t, gql.Options{Anonymous: true, Limits: gql.DefaultLimits})
	if answer := a.tell(t, "", `mutation @transaction { createProject(input: {name: "n"}) { project { id } } }`, nil); len(answer.Errors) != 1 || answer.Errors[0].Extensions.Code != "UNAUTHENTICATED" {
		t.Errorf("%+v", answer)
	}
}
