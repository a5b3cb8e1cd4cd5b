package gql_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestAtMost100Errors has a hundred errors and more, of a document, of variables, and of fields.
func TestAtMost100Errors(t *testing.T) {
	a := newAPI(t)
	var unknown strings.Builder
	for i := range 200 {
		fmt.Fprintf(&unknown, "none%d ", i)
	}
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = a.user.GlobalID()
	}
	const fields = `query ($ids: [ID!]!, $is: Boolean!) { nodes(ids: $ids) { ... on User { sessions(first: 101) { edges { cursor } } b: notes(first: 101) @include(if: $is) { edges { cursor } } } } }`
	for _, test := range []struct {
		name      string
		document  string
		variables map[string]any
		want      int
		more      bool
	}{
		{"200 unknown fields", `{ ` + unknown.String() + `}`, nil, 100, true},
		{"200 items that are no text", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": make([]bool, 200)}, 100, true},
		{"200 unknown fields of an input", `mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { user { id } } }`, map[string]any{"input": unknownFields(200)}, 100, true},
		{"just 100 errors", `mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { user { id } } }`, map[string]any{"input": unknownFields(100)}, 100, false},
		{"100 errors of fields", fields, map[string]any{"ids": ids, "is": false}, 100, false},
		{"200 errors of fields", fields, map[string]any{"ids": ids, "is": true}, 100, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, body := a.post(t, test.document, test.variables)
			var answer struct {
				Errors []struct {
					Message    string
					Extensions struct{ Code string }
				}
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil || len(answer.Errors) != test.want {
				t.Fatalf("%d errors, %v, want %d", len(answer.Errors), err, test.want)
			}
			last := answer.Errors[len(answer.Errors)-1]
			if more := strings.Contains(last.Message, "there are more errors"); more != test.more || last.Extensions.Code == "" {
				t.Errorf("the last is %+v, want that there are more: %t", last, test.more)
			}
		})
	}
}

func unknownFields(n int) map[string]any {
	fields := map[string]any{}
	for i := range n {
		fields[fmt.Sprintf("none%d", i)] = i
	}
	return fields
}
