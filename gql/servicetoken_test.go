package gql_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ownql/ownql/gql"
)

// tokenOf makes a service token of ada's by the mutation, and returns its id and its secret.
func (a *api) tokenOf(t *testing.T, scopes ...string) (id, secret string) {
	t.Helper()
	_, body := a.post(t, `mutation ($input: CreateTokenInput!) { createToken(input: $input) { secret token { id } } }`,
		map[string]any{"input": map[string]any{"name": "ci", "scopes": scopes}})
	var answer struct {
		Data struct {
			CreateToken struct {
				Secret string
				Token  struct{ ID string }
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.Data.CreateToken.Secret == "" {
		t.Fatal(body)
	}
	return answer.Data.CreateToken.Token.ID, answer.Data.CreateToken.Secret
}

// makeID carries out a mutation of ada's, and returns the one id that it answers.
func (a *api) makeID(t *testing.T, mutation string, args ...any) string {
	t.Helper()
	_, body := a.post(t, fmt.Sprintf(mutation, args...), nil)
	_, id, isThere := strings.Cut(body, `"id":"`)
	if !isThere {
		t.Fatal(body)
	}
	id, _, _ = strings.Cut(id, `"`)
	return id
}

// TestServiceTokenAsks holds what a token is answered by every path that leads from what it may read to what
// it may not.
func TestServiceTokenAsks(t *testing.T) {
	a := newAPI(t)
	project := a.makeID(t, `mutation { createProject(input: {name: "engine"}) { project { id } } }`)
	task := a.makeID(t, `mutation { createTask(input: {title: "wheels", projectId: %q, assigneeId: %q}) { task { id } } }`, project, a.user.GlobalID())
	label := a.makeID(t, `mutation { createLabel(input: {name: "brass"}) { label { id } } }`)
	a.makeID(t, `mutation { createTaskLabel(input: {taskId: %q, labelId: %q}) { taskLabel { id } } }`, task, label)
	note := a.makeID(t, `mutation { createNote(input: {title: "hers"}) { note { id } } }`)
	_, session := a.post(t, `{ viewer { sessions { edges { node { id } } } } }`, nil)
	session, _, _ = strings.Cut(strings.SplitN(session, `"id":"`, 2)[1], `"`)

	for _, test := range []struct {
		scopes []string
		query  string
		want   string // the answer; or the code of its error
	}{
		{[]string{"read:Task"}, `{ tasks { edges { node { title project { name } assignee { email } owner { email } labels { edges { node { name } } } } } } }`,
			`{"tasks":{"edges":[{"node":{"title":"wheels","project":null,"assignee":null,"owner":null,"labels":{"edges":[]}}}]}}`},
		{[]string{"read:Task", "read:TaskLabel"}, `{ tasks { edges { node { labels { edges { node { name } } } } } } }`, `{"tasks":{"edges":[{"node":{"labels":{"edges":[]}}}]}}`},
		{[]string{"read:Task", "read:TaskLabel", "read:Label"}, `{ tasks { edges { node { labels { edges { node { name } } } } } } }`,
			`{"tasks":{"edges":[{"node":{"labels":{"edges":[{"node":{"name":"brass"}}]}}}]}}`},
		{[]string{"read:Task"}, `{ tasks(filter: {labels: {contains: "` + label + `"}}) { edges { node { title } } } }`, `{"tasks":{"edges":[]}}`},
		{[]string{"read:Task"}, `{ tasks(filter: {project: {eq: "` + project + `"}}) { edges { node { title } } } }`, `{"tasks":{"edges":[]}}`},
		{[]string{"read:Task"}, `{ tasks(filter: {assignee: {exists: true}}) { edges { node { title } } } }`, `{"tasks":{"edges":[]}}`},
		{[]string{"read:Task", "read:Project"}, `{ tasks(filter: {project: {eq: "` + project + `"}}) { edges { node { title } } } }`, `{"tasks":{"edges":[{"node":{"title":"wheels"}}]}}`},
		{[]string{"read:Project"}, `{ viewer { projects { edges { node { name tasks { edges { node { title } } } } } } } }`,
			`{"viewer":{"projects":{"edges":[{"node":{"name":"engine","tasks":{"edges":[]}}}]}}}`},
		{[]string{"read:Note"}, `{ node(id: "` + task + `") { id } nodes(ids: ["` + task + `", "` + note + `"]) { id } }`, `{"node":null,"nodes":[null,{"id":"` + note + `"}]}`},
		{[]string{"read:Note"}, `{ notes { totalCount edges { node { title } } } tasks { edges { cursor } } }`, `{"notes":{"totalCount":1,"edges":[{"node":{"title":"hers"}}]},"tasks":{"edges":[]}}`},
		{[]string{"read:Task"}, `{ notes { totalCount edges { node { title } } } }`, `{"notes":{"totalCount":null,"edges":[]}}`},

		{[]string{"read:Note"}, `{ viewer { __typename id ... on Node { id } notes { edges { node { title } } } tasks { edges { cursor } } } }`,
			`{"viewer":{"__typename":"User","id":"` + a.user.GlobalID() + `","notes":{"edges":[{"node":{"title":"hers"}}]},"tasks":{"edges":[]}}}`},
		{[]string{"read:Note"}, `{ viewer { id email } }`, "FORBIDDEN"},
		{[]string{"read:Note"}, `{ viewer { ... { mail: email } } }`, "FORBIDDEN"},
		{[]string{"read:Note"}, `{ viewer { bio } }`, "FORBIDDEN"},
		{[]string{"read:Note"}, `{ node(id: "` + a.user.GlobalID() + `") { id } }`, `{"node":null}`},
		{[]string{"read:User"}, `{ viewer { email } node(id: "` + a.user.GlobalID() + `") { ... on User { firstName } } }`, `{"viewer":{"email":"ada@example.com"},"node":{"firstName":"Ada"}}`},
		{[]string{"read:User"}, `{ viewer { sessions { edges { cursor } } } }`, "FORBIDDEN"},
		{[]string{"read:User"}, `{ viewer { tokens { edges { cursor } } } }`, "FORBIDDEN"},
		{[]string{"read:User"}, `{ node(id: "` + session + `") { id } }`, `{"node":null}`},

		{[]string{"create:Task"}, `mutation { createTask(input: {title: "levers", projectId: "` + project + `"}) { task { title project { name } owner { email } } taskEdge { node { title } } } }`,
			`{"createTask":{"task":{"title":"levers","project":null,"owner":null},"taskEdge":{"node":{"title":"levers"}}}}`},
		{[]string{"create:Task"}, `mutation { createTasks(input: {tasks: [{title: "cogs", projectId: "` + project + `"}]}) { tasks { title } } }`, `{"createTasks":{"tasks":[{"title":"cogs"}]}}`},
		{[]string{"create:Task"}, `mutation { createProject(input: {name: "other"}) { project { id } } }`, "FORBIDDEN"},
		{[]string{"create:Task"}, `mutation { updateTask(input: {id: "` + task + `"}) { task { title } } }`, "FORBIDDEN"},
		{[]string{"create:Task"}, `mutation { deleteTask(input: {id: "` + task + `"}) { task { title } } }`, "FORBIDDEN"},
		{[]string{"create:Task"}, `mutation { deleteTasks(input: {ids: ["` + task + `"]}) { tasks { title } } }`, "FORBIDDEN"},
		{[]string{"read:Task", "update:Task"}, `mutation { updateTask(input: {id: "` + task + `", done: true, increment: {minutes: 2}}) { task { minutes } } }`, `{"updateTask":{"task":{"minutes":2}}}`},
		{[]string{"read:Project"}, `mutation { archiveProject(id: "` + project + `") { name } }`, "FORBIDDEN"},

		{[]string{"read:User"}, `mutation { updateViewer(input: {firstName: "Eve"}) { user { id } } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { updateViewer(input: {bio: "of numbers"}) { user { bio } } }`, `{"updateViewer":{"user":{"bio":"of numbers"}}}`},
		{[]string{"read:User", "update:User"}, `mutation { changePassword(input: {currentPassword: "x", newPassword: "battery staple nine"}) { user { id } } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { changeEmail(input: {password: "correct horse", email: "eve@example.com"}) { user { id } } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { deleteViewer(input: {password: "correct horse"}) { isComplete } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { sendVerificationEmail(input: {}) { user { id } } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { revokeOtherSessions(input: {}) { user { id } } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { revokeSession(input: {sessionId: "` + session + `"}) { revokedSessionId } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { createToken(input: {name: "more", scopes: ["read:Note"]}) { secret } }`, "FORBIDDEN"},
		{[]string{"read:User", "update:User"}, `mutation { revokeToken(input: {tokenId: "` + session + `"}) { revokedTokenId } }`, "FORBIDDEN"},
	} {
		_, secret := a.tokenOf(t, test.scopes...)
		_, body := a.postAs(t, secret, test.query, nil)
		var answer struct {
			Data   json.RawMessage
			Errors []struct{ Extensions struct{ Code string } }
		}
		if err := json.Unmarshal([]byte(body), &answer); err != nil {
			t.Fatal(body)
		}
		got := string(answer.Data)
		if len(answer.Errors) > 0 {
			got = answer.Errors[0].Extensions.Code
		}
		if got != test.want {
			t.Errorf("%s: %s\nanswers %s\nwant %s", test.scopes, test.query, body, test.want)
		}
		if strings.Contains(body, "own_") || strings.Contains(body, secret) {
			t.Errorf("it answers the secret: %s", body)
		}
	}
}

// TestServiceTokenCalls holds that a request by a token costs what one by a session does.
func TestServiceTokenCalls(t *testing.T) {
	a := newAPIWith(t, gql.Options{Dev: true, Limits: gql.DefaultLimits})
	id, secret := a.tokenOf(t, "read:User", "update:User", "create:Note")
	a.postAs(t, secret, `{ viewer { id } }`, nil) // notes its use, behind the answer
	for calls := ""; !strings.Contains(calls, "UpdateItem"); time.Sleep(time.Millisecond) {
		calls += a.client.taken()
	}
	for _, query := range []string{
		`{ viewer { id email } }`,
		`mutation { a: createNote(input: {title: "1"}) { note { id } } b: createNote(input: {title: "2"}) { note { id } } }`,
		`mutation { a: updateViewer(input: {bio: "of numbers"}) { user { bio } } b: updateViewer(input: {bio: "a mathematician"}) { user { bio } } }`,
	} {
		if status, body := a.post(t, query, nil); status != http.StatusOK || strings.Contains(body, "errors") {
			t.Errorf("%d %s", status, body)
		}
		bySession := a.client.taken()
		if status, body := a.postAs(t, secret, query, nil); status != http.StatusOK || strings.Contains(body, "errors") {
			t.Errorf("%d %s", status, body)
		}
		if calls := a.client.taken(); calls != bySession || !strings.HasPrefix(calls, "BatchGetItem") {
			t.Errorf("%s: %q, and by a session %q", query, calls, bySession)
		}
	}

	// It is a Node, to its user alone, and one that is revoked is refused, whatever else it asks.
	_, body := a.post(t, `query ($id: ID!) { node(id: $id) { id ... on Token { name scopes expiresAt } } }`, map[string]any{"id": id})
	if !strings.HasPrefix(body, `{"data":{"node":{"id":"`+id+`","name":"ci","scopes":["read:User","update:User","create:Note"],"expiresAt":null}}`) {
		t.Error(body)
	}
	_, eve := a.signUp(t, "eve@example.com")
	for name, token := range map[string]string{"another": eve, "the token": secret} {
		if _, body := a.postAs(t, token, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": id}); !strings.HasPrefix(body, `{"data":{"node":null}`) {
			t.Errorf("to %s: %s", name, body)
		}
	}
	if _, body := a.postAs(t, eve, `mutation ($id: ID!) { revokeToken(input: {tokenId: $id}) { revokedTokenId } }`, map[string]any{"id": id}); !strings.Contains(body, `"NOT_FOUND"`) {
		t.Error(body)
	}
	if _, body := a.post(t, `mutation ($id: ID!) { revokeToken(input: {tokenId: $id, clientMutationId: "m"}) { revokedTokenId clientMutationId } }`, map[string]any{"id": id}); !strings.Contains(body, `{"revokedTokenId":"`+id+`","clientMutationId":"m"}`) {
		t.Error(body)
	}
	if status, body := a.postAs(t, secret, `{ viewer { id } }`, nil); status != http.StatusUnauthorized {
		t.Errorf("revoked: %d %s", status, body)
	}
}
