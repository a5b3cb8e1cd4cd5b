package gql_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestIntHas32Bits gives Ints as versions that the viewer does not have.
func TestIntHas32Bits(t *testing.T) {
	a := newAPI(t)
	for _, test := range []struct{ given, want string }{
		{"2147483647", "CONFLICT"},
		{"-2147483648", "CONFLICT"},
		{"2147483648", "BAD_USER_INPUT"},
		{"-2147483649", "BAD_USER_INPUT"},
		{"99999999999999999999", "BAD_USER_INPUT"},
		{"1.5", "GRAPHQL_VALIDATION_FAILED"},
	} {
		for way, request := range map[string]struct {
			document  string
			variables map[string]any
		}{
			"literal":  {`mutation { updateViewer(input: {expectedVersion: ` + test.given + `}) { user { id } } }`, nil},
			"variable": {`mutation ($v: Int!) { updateViewer(input: {expectedVersion: $v}) { user { id } } }`, map[string]any{"v": json.Number(test.given)}},
		} {
			t.Run(test.given+" as a "+way, func(t *testing.T) {
				if _, body := a.post(t, request.document, request.variables); !strings.Contains(body, `"code":"`+test.want+`"`) {
					t.Errorf("%s, want %s", body, test.want)
				}
			})
		}
	}
}
