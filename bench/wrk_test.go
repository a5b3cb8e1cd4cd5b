package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestWrk wants a turn refused in which something else was answered than while each answer was looked at. It needs wrk.
func TestWrk(t *testing.T) {
	const right = `{"data":{"viewer":{"id":"1"}}}`
	for name, test := range map[string]struct {
		status        int
		first, others string // the answers while each is looked at, and after
		want          string // of the error; empty: none
	}{
		"the same":                           {200, right, right, ""},
		"a status":                           {500, right, right, "a status other"},
		"an error of GraphQL, looked at":     {200, `{"errors":[{"message":"no"}],"data":null}`, right, "an error of GraphQL"},
		"an error of GraphQL, not looked at": {200, right, `{"errors":[{"message":"no"}],"data":null}`, "bytes in the mean"},
	} {
		t.Run(name, func(t *testing.T) {
			var looked atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				answer := test.first
				if looked.Load() {
					answer = test.others
				}
				w.WriteHeader(test.status)
				fmt.Fprint(w, answer)
			}))
			defer server.Close()
			load, err := newWrk(filepath.Join(t.TempDir(), "load"), []question{{method: http.MethodPost, url: server.URL, body: []byte("{}")}})
			if err != nil {
				t.Fatal(err)
			}
			err = load.warm(t.Context(), time.Second, 2)
			looked.Store(true)
			if err == nil {
				_, err = load.take(t.Context(), time.Second, 2)
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("the error is %v, want one with %q", err, test.want)
			}
		})
	}
}
