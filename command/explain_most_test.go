package command

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// A costly is an operation that uses more than it seems to.
type costly struct {
	name, text string
	vars       map[string]any
	unsaid     bool // explain is not given the variables
}

// testMost holds what operations use to what explain says that they use at most.
func (m *measuredServer) testMost(t *testing.T, operations []costly) {
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			assumptions := gql.Assumptions{Caller: model.Caller{ID: "ada"}, ItemBytes: 500, Variables: o.vars}
			if o.unsaid {
				assumptions.Variables = nil
			}
			explanations, err := gql.Explain(m.opened.schema(nil), o.text, assumptions)
			if err != nil {
				t.Fatal(err)
			}
			body, err := json.Marshal(map[string]any{"query": o.text, "variables": o.vars})
			if err != nil {
				t.Fatal(err)
			}
			m.send(t, "/graphql", string(body))
			if most := explanations[0].Most; !isWithin(model.Usage{}, m.usage, most) {
				t.Errorf("it uses %+v, and at most %+v", m.usage, most)
			}
		})
	}
}

// create makes an object, and returns its global id.
func (m *measuredServer) create(t *testing.T, typeName, input string) string {
	t.Helper()
	field := strings.ToLower(typeName[:1]) + typeName[1:]
	answer, _ := m.send(t, "/graphql", query(fmt.Sprintf("mutation { create%s(input: {%s}) { %s { id } } }", typeName, input, field)))
	return answer["data"].(map[string]any)["create"+typeName].(map[string]any)[field].(map[string]any)["id"].(string)
}

// viewer returns the global id of who asks.
func (m *measuredServer) viewer(t *testing.T) string {
	t.Helper()
	answer, _ := m.send(t, "/graphql", query(`{ viewer { id } }`))
	return answer["data"].(map[string]any)["viewer"].(map[string]any)["id"].(string)
}

// newID returns a global id as a client makes one.
func newID(typeName string) string { return model.GlobalID(typeName, model.NewID()) }

func TestExplainsTheMost(t *testing.T) {
	s := newMeasuredServer(t, false)
	project, label, task := "", "", ""
	for i := range 60 {
		project = s.create(t, "Project", fmt.Sprintf(`name: "project %d"`, i))
		for j := range 2 {
			task = s.create(t, "Task", fmt.Sprintf(`title: "task %d" projectId: %q`, j, project))
		}
	}
	for i := range 5 {
		label = s.create(t, "Label", fmt.Sprintf(`name: "l%d"`, i))
		s.create(t, "TaskLabel", fmt.Sprintf(`taskId: %q labelId: %q`, task, label))
		s.create(t, "Note", fmt.Sprintf(`title: "n%d"`, i))
	}
	bulk, many := []any{}, []any{}
	for i := range 50 {
		labelled := s.create(t, "Task", fmt.Sprintf(`title: "more %d" projectId: %q`, i, project))
		s.create(t, "TaskLabel", fmt.Sprintf(`taskId: %q labelId: %q`, labelled, label))
		many = append(many, s.create(t, "Project", fmt.Sprintf(`name: "x%d"`, i)))
		if i < 25 {
			bulk = append(bulk, map[string]any{"title": fmt.Sprint("b", i), "projectId": project})
		}
	}
	answer, _ := s.send(t, "/graphql", query(`{ viewer { notes(last: 1) { pageInfo { endCursor } } } }`))
	cursor := answer["data"].(map[string]any)["viewer"].(map[string]any)["notes"].(map[string]any)["pageInfo"].(map[string]any)["endCursor"].(string)
	s.testMost(t, []costly{
		{name: "node id only", text: `{ node(id: "` + project + `") { id } }`},
		{name: "node typename", text: `{ node(id: "` + project + `") { __typename } }`},
		{name: "node through Node fragment", text: `query { node(id: "` + task + `") { ...F } } fragment F on Node { id ... on Task { title } }`},
		{name: "node nested untyped", text: `{ node(id: "` + task + `") { ... @include(if: true) { ... on Task { title } } } }`},
		{name: "node of another type", text: `{ node(id: "` + task + `") { ... on Project { name } } }`},
		{name: "nodes of two types with alias", text: `{ nodes(ids: ["` + label + `", "` + project + `"]) { ... on Label { x: tasks(first: 1) { edges { node { title } } } } ... on Project { x: tasks(first: 50) { edges { node { title } } } } } }`},
		{name: "nodes unsaid ids", text: `query($ids: [ID!]!) { nodes(ids: $ids) { ... on Project { name } } }`, vars: map[string]any{"ids": many}, unsaid: true},
		{name: "two mutations", text: `mutation { a: updateProject(input: {id: "` + project + `", name: "a"}) { project { id } } b: updateProject(input: {id: "` + project + `", name: "b"}) { project { id } } c: updateProject(input: {id: "` + project + `", name: "c"}) { project { id } } d: updateProject(input: {id: "` + project + `", name: "d"}) { project { id } } }`},
		{name: "two creates", text: `mutation { a: createLabel(input: {name: "a"}) { label { id } } b: createLabel(input: {name: "b"}) { label { id } } }`},
		{name: "bulk without list", text: `mutation($i: CreateTasksInput!) { createTasks(input: $i) { clientMutationId } }`, vars: map[string]any{"i": map[string]any{"tasks": bulk}}},
		{name: "bulk with list", text: `mutation($i: CreateTasksInput!) { createTasks(input: $i) { tasks { id } } }`, vars: map[string]any{"i": map[string]any{"tasks": bulk}}},
		{name: "bulk unsaid", text: `mutation($i: CreateTasksInput!) { createTasks(input: $i) { tasks { id } } }`, vars: map[string]any{"i": map[string]any{"tasks": bulk}}, unsaid: true},
		{name: "id of the client's", text: `mutation { createProject(input: {id: "` + newID("Project") + `", name: "own"}) { project { id } } }`},
		{name: "transaction of one", text: `mutation @transaction { createLabel(input: {name: "n"}) { label { id } } }`},
		{name: "transaction of what belongs together", text: `mutation($p: ID!, $t: ID!, $key: String) @transaction { createProject(input: {id: $p, name: "o"}) { project { id tasks { edges { node { title } } } } } createTask(input: {id: $t, title: "t", projectId: $p}) { task { project { name } } }
			createTaskLabel(input: {taskId: $t, labelId: "` + label + `"}) { taskLabel { task { title } } } createLabel(input: {name: "l", clientMutationId: $key}) { label { id } } updateProject(input: {id: "` + project + `", name: "p"}) { project { name } } }`,
			vars: map[string]any{"p": newID("Project"), "t": newID("Task"), "key": model.NewID()}},
		{name: "list of all, rules", text: `{ tasks(first: 1, filter: {title: {contains: "zzz"}}) { edges { node { title } } } }`},
		{name: "link filter", text: `{ node(id: "` + project + `") { ... on Project { tasks(first: 50, filter: {labels: {contains: "` + label + `"}}) { edges { node { title } } } } } }`},
		{name: "filter of parents", text: `query($p: [ID!]) { viewer { assignments(first: 1, filter: {project: {in: $p}}) { edges { node { title } } } } }`, vars: map[string]any{"p": many}},
		{name: "manyToMany filter", text: `{ node(id: "` + label + `") { ... on Label { tasks(first: 1, filter: {title: {eq: "zz"}}) { edges { node { title } } } } } }`},
		{name: "contradictory filter", text: `{ node(id: "` + project + `") { ... on Project { tasks(first: 1, filter: {project: {eq: "` + many[0].(string) + `"}}) { edges { node { title } } } } } }`},
		{name: "first unsaid", text: `query($n: Int) { viewer { tasks(first: $n) { edges { node { title } } } } }`, vars: map[string]any{"n": 100}, unsaid: true},
		{name: "filter unsaid", text: `query($f: NoteFilter) { viewer { projects(first: 100) { edges { node { name } } } notes(first: 1, filter: $f) { edges { node { title } } } } }`, vars: map[string]any{"f": map[string]any{"title": map[string]any{"contains": "zz"}}}, unsaid: true},
		{name: "assignments rules", text: `{ viewer { tasks(first: 1, filter: {title: {contains: "zzz"}}) { edges { node { title } } } } }`},
		{name: "manyToMany filter rules", text: `{ node(id: "` + label + `") { ... on Label { tasks(first: 1, filter: {title: {eq: "zz"}}) { edges { node { title } } } } } }`},
		{name: "before", text: `{ viewer { notes(first: 4, before: "` + cursor + `") { edges { node { title } } } } }`},
		{name: "two paths", text: `{ nodes(ids: ["` + label + `", "` + project + `"]) { ... on Project { x: tasks(first: 1) { edges { node { title } } } } ... on Label { x: tasks(first: 100) { edges { node { title } } } } } }`},
	})
}

func TestExplainsTheMostOfTheTracker(t *testing.T) {
	s := newMeasuredServerOf(t, false, App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}.project())
	org := s.create(t, "Organization", `name: "o"`)
	org2 := s.create(t, "Organization", `name: "o2"`)
	project := s.create(t, "Project", fmt.Sprintf(`name: "p" organizationId: %q`, org))
	label := s.create(t, "Label", fmt.Sprintf(`name: "l" organizationId: %q`, org))
	for i := range 120 {
		s.create(t, "Project", fmt.Sprintf(`name: "p%d" organizationId: %q`, i, org2))
	}
	issue := ""
	for i := range 130 {
		issue = s.create(t, "Issue", fmt.Sprintf(`title: "i%d" projectId: %q status: OPEN estimate: %d`, i, project, i))
	}
	s.create(t, "IssueLabel", fmt.Sprintf(`issueId: %q labelId: %q`, issue, label))
	comment := s.create(t, "Comment", fmt.Sprintf(`body: "x" issueId: %q`, issue))
	s.testMost(t, []costly{
		{name: "same path, two types", text: `{ nodes(ids: ["` + project + `", "` + org2 + `"]) { ... on Project { x: issues(first: 1) { edges { node { title } } } } ... on Organization { x: projects(first: 100) { edges { node { name } } } } } }`},
		{name: "same path, two types, in node", text: `{ node(id: "` + org2 + `") { ... on Project { x: issues(first: 1) { edges { node { id } } } } ... on Organization { x: projects(first: 100) { edges { node { id } } } } } }`},
		{name: "node of comment", text: `{ node(id: "` + comment + `") { ... on Project { name } } }`},
		{name: "comment", text: `{ node(id: "` + comment + `") { ... on Comment { body issue { project { organization { name } } } } } }`},
		{name: "two statuses", text: `query($p: ID!, $s: [IssueStatus!]!) { node(id: $p) { ... on Project { issues(first: 1, orderBy: {field: PRIORITY_DESC_DUE_DATE, direction: ASC}, filter: {status: {in: $s}, title: {beginsWith: "i"}}) { edges { node { title } } } } } }`, vars: map[string]any{"p": project, "s": []any{"DONE", "IN_PROGRESS"}}, unsaid: true},
		{name: "contradiction", text: `{ node(id: "` + project + `") { ... on Project { issues(first: 1, orderBy: {field: PRIORITY_DESC_DUE_DATE, direction: ASC}, filter: {and: [{status: {eq: OPEN}}, {status: {eq: DONE}}]}) { edges { node { title } } } } } }`},
		{name: "link filter", text: `{ node(id: "` + project + `") { ... on Project { issues(first: 1, filter: {labels: {contains: "` + label + `"}}) { edges { node { title } } } } } }`},
		{name: "link filter count", text: `{ node(id: "` + project + `") { ... on Project { issues(first: 0, filter: {labels: {contains: "` + label + `"}}) { totalCount } } } }`},
		{name: "two links filter", text: `{ node(id: "` + project + `") { ... on Project { issues(first: 10, filter: {and: [{labels: {contains: "` + label + `"}}, {not: {labels: {contains: "` + label + `"}}}]}) { totalCount edges { node { title } } } } } }`},
		{name: "create labels", text: `mutation { a: createLabel(input: {name: "q", organizationId: "` + org + `"}) { label { organization { name } } } b: createLabel(input: {name: "q2", organizationId: "` + org + `"}) { label { name } } }`},
		{name: "update label", text: `mutation { updateLabel(input: {id: "` + label + `", name: "zz"}) { label { id } } }`},
		{name: "create issue", text: `mutation { createIssue(input: {title: "zz", projectId: "` + project + `", dueDate: "2026-01-01", estimate: 1}) { issue { id } } }`},
		{name: "update issue", text: `mutation { updateIssue(input: {id: "` + issue + `", title: "zz", dueDate: "2026-01-02", status: DONE, priority: HIGH}) { issue { id } } }`},
		{name: "create comment", text: `mutation { createComment(input: {body: "zz", issueId: "` + issue + `"}) { comment { id } } }`},
		{name: "create notification", text: `mutation { createNotification(input: {text: "zz", issueId: "` + issue + `", recipientId: "` + s.viewer(t) + `"}) { notification { text } } }`},
		{name: "unread", text: `{ viewer { inbox(first: 1, filter: {readAt: {exists: false}}, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount edges { node { text } } } } }`},
		{name: "give a project away", text: `mutation { transferProject(input: {id: "` + project + `", to: "` + s.viewer(t) + `"}) { project { name } } }`},
		{name: "give a project away, together", text: `mutation @transaction { transferProject(input: {id: "` + project + `", to: "` + s.viewer(t) + `"}) { project { name } } }`},
		{name: "delete comment", text: `mutation { deleteComment(input: {id: "` + comment + `"}) { deletedCommentId } }`},
		{name: "transaction of what is below", text: `mutation($i: ID!) @transaction { createIssue(input: {id: $i, title: "new", projectId: "` + project + `"}) { issue { id } } createComment(input: {body: "c", issueId: $i}) { comment { issue { project { organization { name } } } } } createOrganization(input: {name: "new"}) { organization { name } } }`, vars: map[string]any{"i": newID("Issue")}},
		{name: "transaction that deletes", text: `mutation @transaction { deleteLabel(input: {id: "` + s.create(t, "Label", fmt.Sprintf(`name: "gone" organizationId: %q`, org)) + `"}) { deletedLabelId } updateLabel(input: {id: "` + label + `", name: "z3"}) { label { id } } }`},
	})
}
