package schemadiff

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestCompare wants of each pair of schemas what the file says.
func TestCompare(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/pairs.txt")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+2 < len(archive.Files); i += 3 {
		name, old, new, want := archive.Files[i].Name, archive.Files[i], archive.Files[i+1], archive.Files[i+2]
		t.Run(name, func(t *testing.T) {
			before, err := Parse(name, string(old.Data))
			if err != nil {
				t.Fatal(err)
			}
			now, err := Parse(name, string(new.Data))
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			if err := Compare(before, now).Print(&out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want.Data), out.String()); diff != "" {
				t.Errorf("it says otherwise than is wanted (-want +got):\n%s", diff)
			}
			if changes := Compare(now, now); len(changes) > 0 {
				t.Errorf("a schema differs from itself: %v", changes)
			}
		})
	}
}

// TestReadOlder reads of older servers all that they tell.
func TestReadOlder(t *testing.T) {
	schema := func(args, inputs string) string {
		return `{"data":{"__schema":{"queryType":{"name":"Query"},"types":[{"kind":"OBJECT","name":"Query","fields":[{"name":"a","args":[` + args + `],"type":{"kind":"SCALAR","name":"Int"}}]},` +
			`{"kind":"INPUT_OBJECT","name":"P","inputFields":[{"name":"x","type":{"kind":"SCALAR","name":"Int"}}` + inputs + `]}]}}}`
	}
	const deprecated = `{"name":"old","type":{"kind":"SCALAR","name":"Int"},"isDeprecated":true,"deprecationReason":"why"}`
	for _, test := range []struct {
		what, refuses string
		asked         int
		has           []string
	}{
		{"of now", "nothing", 1, []string{"old", "x", "old"}},
		{"without @oneOf", "isOneOf", 2, []string{"old", "x", "old"}},
		{"without what is deprecated of inputs", "args(includeDeprecated", 3, []string{"x"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				body, _ := io.ReadAll(r.Body)
				answer := schema("", "")
				switch query := string(body); {
				case strings.Contains(query, test.refuses):
					answer = `{"errors":[{"message":"what is ` + test.refuses + `?"}]}`
				case strings.Contains(query, "args(includeDeprecated"):
					answer = schema(deprecated, ","+deprecated)
				}
				_, _ = w.Write([]byte(answer))
			}))
			t.Cleanup(server.Close)
			read, err := Read(t.Context(), server.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			var has []string
			for _, argument := range read.Query.Fields.ForName("a").Arguments {
				has = append(has, argument.Name)
			}
			for _, field := range read.Types["P"].Fields {
				has = append(has, field.Name)
			}
			if !slices.Equal(has, test.has) || asked != test.asked {
				t.Errorf("asked %d times, it has %v; want %d, %v", asked, has, test.asked, test.has)
			}
		})
	}
}

// TestRead wants of servers and files that are none what to do instead.
func TestRead(t *testing.T) {
	mux := http.NewServeMux()
	answers := func(path string, status int, text string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write([]byte(text))
		})
	}
	answers("/page", 200, "<html>")
	answers("/hidden", 200, `{"errors":[{"message":"introspection disabled\nby us"}],"data":null}`)
	answers("/empty", 200, `{"data":{}}`)
	answers("/secret", 401, "")
	answers("/broken", 502, "")
	answers("/odd", 200, `{"data":{"__schema":{"queryType":{"name":"Query"},"types":[{"kind":"OBJECT","name":"Query","fields":[{"name":"a","type":{"kind":"SCALAR","name":"Nothing"}}]}]}}}`)
	answers("/large", 200, strings.Repeat(" ", maxAnswer+1))
	answers("/sdl/schema.graphql", 200, "type Query { a: Int }")
	answers("/sdl/bad.graphql", 200, "type Query { a: }")
	mux.Handle("/away", http.RedirectHandler("/page", http.StatusFound))
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer abc" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = w.Write([]byte(`{"data":{"__schema":{"queryType":{"name":"Query"},"types":[{"kind":"OBJECT","name":"Query","fields":[{"name":"a","type":{"kind":"SCALAR","name":"Int"}}]}]}}}`))
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "bad.graphqls")
	if err := os.WriteFile(file, []byte("type Query { a: Integer }"), 0o600); err != nil {
		t.Fatal(err)
	}
	for from, says := range map[string]string{
		"/page":               "no JSON: name its GraphQL endpoint",
		"/hidden":             "introspection disabled): have it do so",
		"/empty":              "it does not show its schema",
		"/secret":             "--header",
		"/broken":             "502",
		"/missing":            "name its GraphQL endpoint",
		"/odd":                "no schema: undefined type Nothing",
		"/large":              "more than 32 MiB",
		"/away":               "it sends one on to /page",
		"/sdl/schema.graphql": "",
		"/sdl/bad.graphql":    "/sdl/bad.graphql:1:17",
		"/token":              "",
		file:                  "bad.graphqls:1:17: undefined type Integer",
		"missing.graphqls":    "no such file",
		"ftp://a/b":           "http:// or https://",
	} {
		if strings.HasPrefix(from, "/") && from != file {
			from = server.URL + from
		}
		_, err := Read(t.Context(), from, http.Header{"Authorization": {"Bearer abc"}})
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v; want %q", from, err, says)
		}
	}
}
