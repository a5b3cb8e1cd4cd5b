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

// TestComingFrom runs the commands of docs/coming-from.md, in their order, beside a server of the starter: the people
// are there, a mail goes to each, and the objects are those of their owner.
func TestComingFrom(t *testing.T) {
	t.Parallel()
	dir, addr, dynamodb := t.TempDir(), freeAddr(t), freeAddr(t)
	if err := noteSources(); err != nil {
		t.Fatal(err)
	}
	if err := goBuild(repositoryDir, filepath.Join(dir, "ownql"), os.Environ()); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+curlDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	startServer(t, dir, env, "exec ./ownql serve --addr "+addr)
	startServer(t, dir, env, "exec ./ownql dynamodb --addr "+dynamodb)
	blocks := fencedBlocks(t, "docs/coming-from.md", "sh")
	if len(blocks) != 5 {
		t.Fatalf("docs/coming-from.md has %d blocks of commands", len(blocks))
	}
	at := strings.NewReplacer("localhost:8080", addr, "localhost:8000", dynamodb)
	var printed []string
	for _, block := range blocks {
		out := runShell(t, dir, env, at.Replace(block))
		if strings.Contains(out, `"error`) || strings.Contains(out, `"__type"`) {
			t.Errorf("%s\nanswers %s", block, out)
		}
		printed = append(printed, out)
	}
	if people := printed[0]; !strings.Contains(people, "Ada Lovelace") || !strings.Contains(people, "Grace Hopper") {
		t.Errorf("the people are\n%s", people)
	}
	if session := printed[2]; !strings.Contains(session, `"access_token"`) {
		t.Errorf("the hash of before signs in as %s", session)
	}
	if plan := printed[4]; !strings.HasSuffix(plan, "every table is there, as the schema needs it") {
		t.Errorf("tables --plan says\n%s", plan)
	}

	mails := runShell(t, dir, env, "curl http://"+addr+"/dev/mail -H 'Accept: application/json'")
	for _, address := range []string{"ada@example.com", "grace@example.com"} {
		if !strings.Contains(mails, address) {
			t.Errorf("no mail went to %s: %s", address, mails)
		}
	}

	token := runShell(t, dir, env, "./ownql token add ada@example.com --name reader --scopes read:Todo")
	response, body := request(t, http.MethodPost, "http://"+addr+"/graphql", token, `{"query":"{ viewer { todos { edges { node { title } } } } }"}`)
	var answer struct {
		Data struct {
			Viewer struct {
				Todos struct {
					Edges []struct{ Node struct{ Title string } }
				}
			}
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("%s %s: %v", response.Status, body, err)
	}
	var titles []string
	for _, edge := range answer.Data.Viewer.Todos.Edges {
		titles = append(titles, edge.Node.Title)
	}
	slices.Sort(titles)
	if want := []string{"Card", "Spin", "Weave"}; !slices.Equal(titles, want) {
		t.Errorf("the owner has %q, want %q: %s", titles, want, body)
	}
}
