//go:build chromium

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestInvitationInChromium has whoever has no account follow the link of an invitation to the tracker, from the
// mailbox of dev, sign up there, and be a member.
func TestInvitationInChromium(t *testing.T) {
	origin := startTracker(t)
	ask := func(token, query string) string {
		content, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			t.Fatal(err)
		}
		_, answer := request(t, "POST", origin+"/graphql", token, string(content))
		return string(answer)
	}
	tokenOf := func(path string, body any) string {
		status, answer := postJSON(t, origin+path, "", body)
		var tokens struct {
			AccessToken string `json:"access_token"`
		}
		if err := json.Unmarshal([]byte(answer), &tokens); err != nil || tokens.AccessToken == "" {
			t.Fatalf("POST %s answers %d %s", path, status, answer)
		}
		return tokens.AccessToken
	}
	token := tokenOf("/signup", ada)
	var made struct {
		Data struct {
			CreateOrganization struct{ Organization struct{ ID string } }
		}
	}
	if err := json.Unmarshal([]byte(ask(token, `mutation { createOrganization(input: { name: "Engines" }) { organization { id } } }`)), &made); err != nil {
		t.Fatal(err)
	}
	invited := ask(token, fmt.Sprintf(`mutation { createInvitation(input: { organizationId: %q, email: "grace@example.com" }) { invitation { id } } }`, made.Data.CreateOrganization.Organization.ID))
	if strings.Contains(invited, "errors") {
		t.Fatal(invited)
	}

	p := openPlayground(t, startChromium(t), origin, npmFile)
	p.openMail(origin)
	p.follow(`article a[href*="/invitation#token="]`)
	p.miss("#signup")
	p.miss("#proof")
	p.click("form button")
	p.see("#signup")
	p.expectRefusal("/invitation", http.StatusBadRequest)
	p.until("the first name has the focus", `document.activeElement.name === "firstName"`)
	p.screenshots("invitation")
	p.retype("input[name=firstName]", "Grace")
	p.retype("#signup input[name=password]", "short"+kb.Enter)
	p.until("the page says what is wrong", `document.querySelector("#error").textContent === "a password has at least 8 characters"`)
	p.expectRefusal("/invitation", http.StatusBadRequest)
	const password = "nanoseconds, please"
	p.retype("#signup input[name=password]", password+kb.Enter)
	p.see("#done")
	p.miss("form")
	p.quiet()
	grace := tokenOf("/login", credentials{"grace@example.com", password})
	if got := ask(grace, `{ viewer { emailVerified memberships { edges { node { role organization { name } } } } } }`); !strings.Contains(got, `{"viewer":{"emailVerified":true,"memberships":{"edges":[{"node":{"role":"MEMBER","organization":{"name":"Engines"}}}]}}}`) {
		t.Errorf("who signed up has %s", got)
	}
}

// startTracker serves the tracker in dev, on a free port of the loopback, and returns its origin.
func startTracker(t *testing.T) (origin string) {
	t.Helper()
	binary, err := buildTracker()
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	// The cache has no GraphiQL, which comes from the CDN.
	startServer(t, ".", append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir(), "XDG_CACHE_HOME="+t.TempDir()), binary)
	return "http://" + addr
}

// buildTracker builds it, once.
var buildTracker = sync.OnceValues(func() (binary string, err error) {
	dir, err := os.MkdirTemp("", "ownql-tracker-")
	if err != nil {
		return "", err
	}
	removeAtEnd(dir)
	binary = filepath.Join(dir, "tracker")
	return binary, goBuild(inRepository("examples/tracker"), binary, os.Environ())
})
