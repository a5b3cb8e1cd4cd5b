package web_test

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// TestReadJSONOfManyValues holds that what is small as text, and large in memory, is refused.
func TestReadJSONOfManyValues(t *testing.T) {
	const limit = 1 << 20
	for _, test := range []struct {
		name, variables string
		status          int // 0: it is taken
	}{
		{"a list of 10,000 objects", "[" + strings.Repeat(`{"a":1},`, 10_000) + "0]", 0},
		{"a long text of what separates values", `"` + strings.Repeat(`{[,:]}\"`, 100_000) + `"`, 0},
		{"a backslash at a string's end", `["\\",` + strings.Repeat("0,", 40_000) + `"\\"]`, 0},
		{"a list of 100,000 objects", "[" + strings.Repeat("{},", 100_000) + "0]", 413},
		{"a list of 100,000 lists", "[" + strings.Repeat("[],", 100_000) + "0]", 413},
		{"an object of 100,000 members", `{"a":0` + strings.Repeat(`,"a":0`, 100_000) + "}", 413},
		{"a list of 500,000 numbers", "[" + strings.Repeat("0,", 500_000) + "0]", 413},
		{"100 levels", strings.Repeat("[", 100) + strings.Repeat(" ", 1000) + strings.Repeat("]", 100), 0},
		{"1,000 levels", strings.Repeat("[", 1000) + strings.Repeat("]", 1000), 400},
		{"500,000 levels of objects", strings.Repeat(`{"":`, 250_000), 413},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/", strings.NewReader(`{"variables":`+test.variables+`}`))
			r.Header.Set("Content-Type", "application/json")
			var input struct {
				Variables any `json:"variables"`
			}
			err := web.ReadJSON(httptest.NewRecorder(), r, limit, &input)
			if test.status == 0 {
				if err != nil || input.Variables == nil {
					t.Errorf("%v", err)
				}
				return
			}
			if err == nil || statusOf(err) != test.status {
				t.Errorf("%v, want status %d", err, test.status)
			}
		})
	}
}

func statusOf(err error) int {
	told := new(model.Error)
	if errors.As(err, &told) {
		return web.StatusOf(told)
	}
	return 0
}
