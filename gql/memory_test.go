package gql_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

// allocated returns how many bytes do allocates.
func allocated(do func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// createTask makes a task with a title.
func (a *api) createTask(t testing.TB, title string) (id string) {
	t.Helper()
	_, body := a.post(t, `mutation { createProject(input: {name: "p"}) { project { id } } }`, nil)
	project := firstID(t, body)
	_, body = a.post(t, `mutation ($title: String!, $project: ID!) { createTask(input: {title: $title, projectId: $project}) { task { id } } }`,
		map[string]any{"title": title, "project": project})
	return firstID(t, body)
}

// firstID returns the first id in an answer.
func firstID(t testing.TB, body string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, `"id":"`)
	id, _, closed := strings.Cut(rest, `"`)
	if !ok || !closed {
		t.Fatalf("no id in %.500s", body)
	}
	return id
}

// aliased returns n selections of a field under different aliases.
func aliased(n int, field string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, " a%d: %s", i, field)
	}
	return b.String()
}

// TestLargeAnswers holds that writing stops at the first byte that is too much: one object in
// memory can be written thousands of times, and JSON escapes what it is made of.
func TestLargeAnswers(t *testing.T) {
	const limit = 8 << 20
	a := newAPI(t)
	ids := func(id string, n int) string { return strings.Repeat(`"`+id+`" `, n) }
	long := a.createTask(t, strings.Repeat("x", 390_000))
	escaped := a.createTask(t, strings.Repeat(`"`, 390_000))
	short := a.createTask(t, "short")
	nodes := func(ids, selection string) string {
		return "{ nodes(ids: [" + ids + "]) { ... on Task {" + selection + "} } }"
	}
	for _, test := range []struct {
		name, query string
		isTooLarge  bool
	}{
		{"20 times the text, below the limit", nodes(ids(long, 20), "title"), false},
		{"100 objects of 29 aliases", nodes(ids(long, 100), aliased(29, "title")), true},
		{"30 aliases of node", "{" + aliased(30, `node(id: "`+long+`") { ... on Task { title } }`) + "}", true},
		{"a root field below the limit, and one above", "{ node(id: \"" + short + "\") { id } " + aliased(1, "nodes(ids: ["+ids(long, 30)+"]) { ... on Task { title } }") + "}", true},
		{"what JSON escapes", nodes(ids(escaped, 12), "title"), true},
		{"a mutation's echo", `mutation { updateTask(input: {id: "` + long + `", done: true}) { task {` + aliased(29, "title") + "} } }", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var (
				status int
				body   string
			)
			took := allocated(func() { status, body = a.post(t, test.query, nil) })
			if took > 16*limit { // the race detector has its part of it
				t.Errorf("it takes %d MB", took>>20)
			}
			isRefused := strings.HasPrefix(body, `{"errors":[{"message":"the document is too complex: more than 8388608 bytes of answer`) &&
				strings.HasSuffix(body, `"extensions":{"code":"QUERY_TOO_COMPLEX"}}],"data":null}`+"\n")
			if status != http.StatusOK || isRefused != test.isTooLarge {
				t.Errorf("%d %.300s", status, body)
			}
			if !test.isTooLarge && strings.Contains(body, "errors") {
				t.Errorf("%.300s", body)
			}
		})
	}
	if _, body := a.post(t, `{ node(id: "`+long+`") { ... on Task { done } } }`, nil); body != `{"data":{"node":{"done":true}}}`+"\n" {
		t.Errorf("after the mutation: %s", body)
	}
}

// TestOneObjectManyTimes holds that an id that stands a hundred times is read once.
func TestOneObjectManyTimes(t *testing.T) {
	a := newAPI(t)
	id := a.createTask(t, strings.Repeat("x", 60_000))
	a.client.taken()
	took := allocated(func() {
		_, body := a.post(t, `{ nodes(ids: [`+strings.Repeat(`"`+id+`" `, 100)+`]) { id } again: node(id: "`+id+`") { id } }`, nil)
		if strings.Count(body, id) != 101 {
			t.Errorf("%.300s", body)
		}
	})
	if calls := a.client.taken(); calls != "BatchGetItem BatchGetItem BatchGetItem" { // who asks, the task, its project
		t.Errorf("calls %q", calls)
	}
	if took > 3<<20 {
		t.Errorf("it takes %d KB, as if it stood there more than once", took>>10)
	}
}

// TestLongMutationIDs holds that a clientMutationId is not repeated whatever its length.
func TestLongMutationIDs(t *testing.T) {
	a := newAPI(t)
	for length, want := range map[int]string{1: "", 1000: "", 1001: "BAD_USER_INPUT", 500_000: "BAD_USER_INPUT"} {
		id := strings.Repeat("é", length)
		for name, request := range map[string]struct {
			query     string
			variables map[string]any
		}{
			"in a variable":        {`mutation ($id: String) { updateViewer(input: {clientMutationId: $id}) { clientMutationId } }`, map[string]any{"id": id}},
			"in an input variable": {`mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { clientMutationId } }`, map[string]any{"input": map[string]any{"clientMutationId": id}}},
			"in the document":      {`mutation { ...f } fragment f on Mutation { b: updateViewer(input: {}) { user { id } } a: updateViewer(input: {clientMutationId: "` + id + `"}) { clientMutationId } }`, nil},
		} {
			_, body := a.post(t, request.query, request.variables)
			if want == "" && !strings.Contains(body, id) || want != "" && (!strings.Contains(body, want) || len(body) > 1000) {
				t.Errorf("%d characters %s: %.200s", length, name, body)
			}
		}
	}
}

// TestErrorsAreShort holds that no error repeats much of what was sent, and that making it takes
// little.
func TestErrorsAreShort(t *testing.T) {
	a := newAPI(t)
	long := strings.Repeat("x", 500_000)
	for name, request := range map[string]struct {
		query     string
		variables map[string]any
	}{
		"a field":                 {"{ " + long + " }", nil},
		"an operation's name":     {"query " + long + "{ " + strings.Repeat("viewer(a: $a) { id } ", 100) + " }", nil},
		"a fragment's name":       {"{ viewer { ..." + long + " } }", nil},
		"a string":                {`{ nodes(ids: {a: "` + long + `"}) { id } }`, nil},
		"a variable's value":      {`query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": map[string]any{long: long}}},
		"an input's unknown name": {`mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { user { id } } }`, map[string]any{"input": map[string]any{long: 1}}},
	} {
		var body string
		took := allocated(func() { _, body = a.post(t, request.query, request.variables) })
		if !strings.Contains(body, `"errors"`) || len(body) > 100_000 || took > 32<<20 {
			t.Errorf("%s: %d bytes, for which it took %d MB: %.200s", name, len(body), took>>20, body)
		}
	}
}

// TestManyDocuments holds that the documents that are kept have a bound in bytes.
func TestManyDocuments(t *testing.T) {
	a := newAPI(t)
	heap := func() int {
		runtime.GC()
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int(stats.HeapAlloc)
	}
	before := heap()
	for i := range 300 {
		// Of dense documents: each has some 930 tokens in 4 KB.
		query := fmt.Sprintf(`{ t%d: __typename `, i) + strings.Repeat("...@skip(if:false){__typename}", 40) + strings.Repeat("viewer{id email firstName}", 80) + "}"
		if _, body := a.post(t, query, nil); strings.Contains(body, "errors") {
			t.Fatalf("%.300s", body)
		}
	}
	if grown := heap() - before; grown > 24<<20 {
		t.Errorf("300 documents are kept in %d MB", grown>>20)
	}
}
