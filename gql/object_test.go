package gql

import (
	"encoding/json"
	"reflect"
	"testing"
)

// TestTextsArgument takes what variables and literals of lists of texts are, and leaves the rest to gqlgen.
func TestTextsArgument(t *testing.T) {
	for _, test := range []struct {
		name  string
		given map[string]any
		want  []string // nil: it is left to gqlgen
	}{
		{"a list", map[string]any{"ids": []any{"a", "", "a"}}, []string{"a", "", "a"}},
		{"an empty list", map[string]any{"ids": []any{}}, []string{}},
		{"a text alone", map[string]any{"ids": "a"}, nil},
		{"a number", map[string]any{"ids": []any{"a", json.Number("1")}}, nil},
		{"a null", map[string]any{"ids": []any{"a", nil}}, nil},
		{"a list in a list", map[string]any{"ids": []any{[]any{"a"}}}, nil},
		{"null", map[string]any{"ids": nil}, nil},
		{"nothing", map[string]any{}, nil},
		{"another argument", map[string]any{"names": []any{"a"}}, nil},
		{"another beside", map[string]any{"ids": []any{"a"}, "names": []any{"a"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := TextsArgument(test.given, "ids")
			if want := map[string]any{"ids": test.want}; test.want == nil && got != nil || test.want != nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%v", got)
			}
		})
	}
}
