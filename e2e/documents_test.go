package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDocumentCommands runs the commands of several documents, in their order, beside a server of the tracker, which is then
// stopped for those that want that.
func TestDocumentCommands(t *testing.T) {
	t.Parallel()
	dir, addr := t.TempDir(), freeAddr(t)
	if err := goBuild(inRepository("examples/tracker"), filepath.Join(dir, "ownql"), os.Environ()); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+curlDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	stop := startServer(t, dir, env, "exec ./ownql serve --addr "+addr)
	const ada = `"email":"ada@example.com"`
	request(t, http.MethodPost, "http://"+addr+"/signup", "", `{`+ada+`,"password":"correct horse","firstName":"Ada"}`)
	request(t, http.MethodPost, "http://"+addr+"/login", "", `{`+ada+`,"password":"a wrong one"}`)
	token := runShell(t, dir, env, "./ownql token add ada@example.com --name test --scopes read:User")
	at := strings.NewReplacer("localhost:8080", addr, "own_…", token)
	run := func(document, want string) {
		blocks := fencedBlocks(t, document, "sh")
		if len(blocks) == 0 {
			t.Fatalf("%s has no commands", document)
		}
		out := runShell(t, dir, env, at.Replace(strings.Join(blocks, "")))
		if strings.Contains(out, `"error`) || !strings.Contains(out, want) {
			t.Errorf("the commands of %s print no %q, or an error:\n%s", document, want, out)
		}
	}
	run("docs/rules.md", "editor")
	run("docs/accounts.md", `{"data":{"viewer":{"id":`)
	run("docs/audit.md", "authn_login_fail")

	shown := fencedBlocks(t, "docs/audit.md", "json")
	if len(shown) != 1 {
		t.Fatalf("docs/audit.md has %d lines of the record", len(shown))
	}
	line, _, _ := strings.Cut(runShell(t, dir, env, "./ownql audit --event authn_login_fail --json"), "\n")
	if got, want := fieldsOf(t, line), fieldsOf(t, shown[0]); !slices.Equal(got, want) {
		t.Errorf("a line of the record has %q, and docs/audit.md shows %q", got, want)
	}
	stop()
	run("docs/data.md", "")
	if people := runShell(t, dir, env, "./ownql user list --store restored"); !strings.Contains(people, "ada@example.com") {
		t.Errorf("what was saved has only\n%s", people)
	}
}

// fieldsOf returns the names of the fields of a JSON object, in their order.
func fieldsOf(t *testing.T, object string) (fields []string) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(object))
	for {
		token, err := decoder.Token()
		if err != nil {
			return fields
		}
		name, isText := token.(string)
		if isText && decoder.More() {
			fields = append(fields, name)
			if _, err := decoder.Token(); err != nil {
				t.Fatalf("%v in %s", err, object)
			}
		}
	}
}
