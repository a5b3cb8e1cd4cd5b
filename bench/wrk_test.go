package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestWrk wants a turn refused in which something wrong is answered. It needs wrk.
func TestWrk(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		answer string
		want   string // of the error; empty: none
	}{
		"right":               {200, `{"data":{"viewer":{"id":"1"}}}`, ""},
		"another status":      {500, `{"data":{"viewer":{"id":"1"}}}`, "a status other than 200"},
		"another good status": {201, `{"data":{"viewer":{"id":"1"}}}`, "a status other than 200"},
		"an error of GraphQL": {200, `{"errors":[{"message":"no"}],"data":null}`, "an error of GraphQL"},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.answer)
			}))
			defer server.Close()
			load, err := newWrk(filepath.Join(t.TempDir(), "load"), []question{{method: http.MethodPost, url: server.URL, body: []byte("{}")}})
			if err != nil {
				t.Fatal(err)
			}
			took, err := load.take(t.Context(), time.Second, 2)
			if test.want == "" && (err != nil || took.requests == 0) || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%d requests, error %v, want one with %q", took.requests, err, test.want)
			}
		})
	}
}
