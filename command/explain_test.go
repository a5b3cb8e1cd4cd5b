package command

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// TestExplainIsWhatIsMeasured carries out what it explains, on objects that fill every page, and holds
// what that uses to what explain says that it uses at least and at most.
func TestExplainIsWhatIsMeasured(t *testing.T) {
	server := newMeasuredServer(t, false)
	project, label, task, link := "", "", "", ""
	for i := range 6 {
		server.create(t, "Note", fmt.Sprintf(`title: "note %d"`, i))
		project = server.create(t, "Project", fmt.Sprintf(`name: "project %d"`, i))
		label = server.create(t, "Label", fmt.Sprintf(`name: "label %d"`, i))
		for j := range 6 {
			task = server.create(t, "Task", fmt.Sprintf(`title: "task %d" done: %t projectId: %q`, j, j%2 == 0, project))
			link = server.create(t, "TaskLabel", fmt.Sprintf(`taskId: %q labelId: %q`, task, label))
		}
	}
	otherLabel := server.create(t, "Label", `name: "other"`)
	schema := server.opened.schema(nil)
	server.opened.db.Users().SetFieldRules(map[string][]model.Rule{"firstName": {model.Allow(model.OnRead, model.Authenticated)}})
	for _, test := range []struct {
		document string
		isExact  bool // what it uses at least is what it uses
	}{
		{`{ viewer { id } }`, true},
		{`{ viewer { notes(first: 5) { edges { node { title } } } } }`, true},
		{`{ viewer { notes(first: 5, filter: { done: { eq: false } }) { edges { node { title } } } } }`, false},
		{`{ viewer { notes(first: 5, filter: { title: { contains: "note 5" } }) { totalCount edges { node { title } } } } }`, false},
		{`{ node(id: "` + project + `") { ... on Project { name } } }`, true},
		{`{ nodes(ids: ["` + project + `", "` + label + `"]) { ... on Project { name } ... on Label { name } } }`, false},
		{`{ node(id: "` + project + `") { ... on Project { tasks(first: 5) { edges { node { title } } } } } }`, true},
		{`{ node(id: "` + project + `") { ... on Project { tasks(first: 5) { edges { node { project { name } labels(first: 2) { edges { node { name } taskLabel { by } } } } } } } } }`, false},
		{`{ viewer { projects(first: 5) { edges { node { tasks(first: 5) { edges { node { title project { name } } } } } } } } }`, false},
		{`{ tasks(first: 5, orderBy: { field: DONE_CREATED_AT_DESC }) { edges { node { title } } } }`, false},
		{`{ tasks(first: 5) { edges { node { title owner { firstName } assignee { firstName } } } } }`, false},
		{`mutation { createProject(input: { name: "another" }) { project { id name } } }`, false},
		{`mutation { updateProject(input: { id: "` + project + `", name: "other" }) { project { id } } }`, false},
		{`mutation { createLabel(input: { name: "another" }) { labelEdge { node { id } } } }`, false},
		{`mutation { createTaskLabel(input: { taskId: "` + task + `", labelId: "` + otherLabel + `" }) { taskLabel { task { title } label { name } } } }`, false},
		{`mutation { deleteTaskLabel(input: { id: "` + link + `" }) { deletedTaskLabelId } }`, false},
	} {
		t.Run(test.document, func(t *testing.T) {
			explanations, err := gql.Explain(schema, test.document, gql.Assumptions{Caller: model.Caller{ID: "ada"}, ItemBytes: 500})
			if err != nil {
				t.Fatal(err)
			}
			server.send(t, "/graphql", query(test.document))
			least, most, used := explanations[0].Least, explanations[0].Most, server.usage
			if !isWithin(least, used, most) {
				t.Errorf("it uses %+v, and is to use from %+v to %+v", used, least, most)
			}
			if test.isExact && (used != least || least != most) {
				t.Errorf("it uses %+v, and is to use just %+v, and %+v at most", used, least, most)
			}
		})
	}
}

// isWithin tells whether no more is used than most, and no fewer calls than least.
func isWithin(least, used, most model.Usage) bool {
	return least.Calls <= used.Calls && used.Calls <= most.Calls && used.Items <= most.Items && used.ReadUnits <= most.ReadUnits && used.WriteUnits <= most.WriteUnits
}

// TestExplain explains documents, as they are and trusted ones, and refuses what uses too much.
func TestExplain(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	document := file("tasks.graphql", `query Tasks($id: ID!, $filter: TaskFilter, $first: Int!) {
		node(id: $id) { ... on Project { progress tasks(filter: $filter, first: $first) { edges { node { title } } } } }
	}`)
	trusted := file("trusted.json", `{"1": "{ viewer { id } }", "2": "{ viewer { notes(first: 100) { edges { node { id } } } } }"}`)
	filter := file("filter.json", `{"first": 10, "filter": {"minutes": {"eq": 5}, "title": {"beginsWith": "a"}}}`)
	deep := file("deep.graphql", "{ viewer {"+strings.Repeat("projects(first: 100) { edges { node { owner {", 30)+" id "+strings.Repeat("} } } }", 30)+"} }")
	for _, test := range []struct {
		name      string
		arguments []string
		want      []string
		err       string
	}{
		{"a document", []string{document}, []string{"Tasks\n", "objects by id", "a list by project: tasks.projectId-id", "without a value: $id, $filter, $first", "not counted: Project.progress, which Go of yours answers"}, ""},
		{"with variables", []string{document, "--variables", filter}, []string{`examines what it reads for minutes, title: add @index(fields: ["project", "minutes"])`, "without a value: $id\n"}, ""},
		{"trusted documents", []string{trusted}, []string{"a list by owner: notes.ownerId-id", "a million of them: $0.25"}, ""},
		{"within the units", []string{trusted, "--max-units", "100"}, nil, ""},
		{"beyond the units", []string{trusted, "--max-units", "10"}, nil, "--max-units 10: the operation without a name may use 15 units"},
		{"no more than an operation may examine", []string{deep, "--max-units", "9999"}, []string{"20000"}, "may use 20000 units"},
		{"of another schema", []string{file("bad.graphql", "{ nobody }")}, nil, `bad.graphql: input:1:3: Cannot query field "nobody" on type "Query".`},
		{"too large a page", []string{file("page.graphql", "{ viewer { notes(first: 101) { edges { cursor } } } }")}, nil, "viewer.notes: first is a number from 0 to 100"},
		{"variables that are none", []string{document, "--variables", file("none.json", "[]")}, nil, "none.json: want the variables as one JSON object"},
		{"a variable of another type", []string{document, "--variables", file("type.json", `{"first": "many"}`)}, nil, "variable $first"},
		{"no such file", []string{filepath.Join(dir, "nothing.graphql")}, nil, "no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := Run(t.Context(), notes, append([]string{"explain"}, test.arguments...), os.Getenv, strings.NewReader(""), &stdout, &stderr)
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("the error is %v, want %q", err, test.err)
			}
			for _, want := range test.want {
				if !strings.Contains(stdout.String(), want) {
					t.Errorf("it has no %q:\n%s", want, stdout.String())
				}
			}
		})
	}
}

// TestCostOfLists has each list say what it has cost, in dev, and which @index would serve it.
func TestCostOfLists(t *testing.T) {
	server := newMeasuredServer(t, true)
	for i := range 40 {
		server.send(t, "/graphql", query(fmt.Sprintf(`mutation { createNote(input: { title: "note %d", done: %t }) { note { id } } }`, i, i == 7)))
		if i < 3 {
			server.send(t, "/graphql", query(`mutation { createProject(input: { name: "p" }) { project { id } } }`))
		}
	}
	answer, _ := server.send(t, "/graphql", query(`{ me: viewer {
		one: notes(first: 1, filter: { done: { eq: true } }) { totalCount edges { node { title } } }
		notes(first: 10) { edges { node { title } } }
		projects { edges { node { tasks { edges { node { title } } } } } }
	} }`))
	const byOwner, advice = "ownerId-id", `@index(fields: ["owner", "done"])`
	var got []string
	for _, list := range answer["extensions"].(map[string]any)["cost"].(map[string]any)["lists"].([]any) {
		l := list.(map[string]any)
		got = append(got, fmt.Sprint(l["path"], " ", l["index"], " ", l["lists"], " ", l["examined"], " ", l["returned"], " ", l["advice"]))
	}
	want := []string{
		"me.one notes." + byOwner + " 1 40 1 " + advice,
		"me.one.totalCount notes." + byOwner + " 1 40 1 " + advice,
		"me.notes notes." + byOwner + " 1 11 10 <nil>",
		"me.projects projects." + byOwner + " 1 3 3 <nil>",
		"me.projects.edges.node.tasks tasks.projectId-id 3 0 0 <nil>",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the lists cost\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
