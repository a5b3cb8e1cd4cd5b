//go:build chromium

package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ownql/ownql/internal/graphiql"
)

// TestPlaygroundWithoutNetworkInChromium has `ownql dev` build GraphiQL, while a browser that reaches this machine alone has
// the page open already, and then works in it.
func TestPlaygroundWithoutNetworkInChromium(t *testing.T) {
	tool, cache, addr := filepath.Join(t.TempDir(), "ownql"), t.TempDir(), freeAddr(t)
	if err := goBuild(inRepository("cmd/ownql"), tool, os.Environ()); err != nil {
		t.Fatal(err)
	}
	goCache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "OWNQL_") || strings.HasPrefix(v, "PORT=") })
	env = append(env, "XDG_CACHE_HOME="+cache, "GOCACHE="+strings.TrimSpace(string(goCache)), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir())
	// What one that was killed has left is in nobody's way.
	for _, name := range []string{"building-1/package.json", graphiql.Key() + "/" + graphiql.Script} {
		path := filepath.Join(cache, "ownql", "graphiql", name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("{"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	dev := exec.Command(tool, "dev")
	dev.Dir, dev.Env = copyRepository(t), env
	said := filepath.Join(t.TempDir(), "said")
	out, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	dev.Stdout, dev.Stderr = out, out
	if err := dev.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- dev.Wait() }()
	t.Cleanup(func() {
		dev.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("ownql dev ends with %v", err)
		}
	})
	says := func(text string) string {
		t.Helper()
		for begun := time.Now(); ; time.Sleep(50 * time.Millisecond) {
			content, err := os.ReadFile(said)
			if err != nil {
				t.Fatal(err)
			}
			if _, after, isSaid := strings.Cut(string(content), text); isSaid {
				line, _, _ := strings.Cut(after, "\n")
				return line
			}
			if time.Since(begun) > 5*time.Minute {
				t.Fatalf("ownql dev does not say %q but\n%s", text, content)
			}
		}
	}
	says("playground: http://" + addr + "/")

	alone := startChromium(t, chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"))
	noCDN := func(string) ([]byte, error) { return nil, errors.New("no network") }
	before := openPlayground(t, alone, "http://"+addr, noCDN)
	t.Log("GraphiQL is kept in" + says("GraphiQL is kept in"))
	// The page loads it by itself, which may be in the midst of a look at it.
	before.until("the page has GraphiQL", `document.querySelector(".graphiql-query-editor .CodeMirror") !== null`)

	p := openAsAda(t, alone, "http://"+addr, noCDN)
	p.run()
	if viewer := p.viewer(); viewer["email"] != ada.Email {
		t.Errorf("Ada is answered as %v", viewer)
	}
	p.until("the line says what it cost", cost+`.includes("DynamoDB call")`)
	p.click("button[aria-label='Show GraphiQL Explorer']")
	p.see(".graphiql-explorer-root")
	p.click("button[aria-label='Show Documentation Explorer']")
	p.see(".graphiql-doc-explorer-content")
	p.click("#start")
	p.click("#starts button[aria-label='You: Who is signed in']")
	p.until("the tab is there", `document.querySelectorAll(".graphiql-tab").length === 2`)
	p.until("which has no answer yet", cost+` === "What an answer costs stands here."`)
	p.screenshots("offline")
	p.quiet() // neither the CDN nor anything else was asked for
}
