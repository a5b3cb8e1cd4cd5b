package gql_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ownql/ownql/gql"
)

// playgroundAnswer is one answer of the playground's.
type playgroundAnswer struct {
	body     string
	header   http.Header
	policy   map[string]string // the Content-Security-Policy's directives
	nonce    string            // the nonce in it
	elements []playgroundElement
}

// playgroundElement is a start tag of the page.
type playgroundElement struct {
	name       string
	attributes map[string]string
}

var (
	startTag  = regexp.MustCompile(`<([a-z][a-z0-9]*)\b([^>]*)>`)
	attribute = regexp.MustCompile(`\s([a-z:-]+)(?:="([^"]*)")?`)
	embedded  = regexp.MustCompile(`(?s)(<(?:style|script)\b[^>]*>).*?(</(?:style|script)>)`)
)

// everything is the playground with all that it may have, and GraphiQL from the CDN.
var everything = gql.Playground{Mailbox: true, Status: true}

func openPlayground(t *testing.T, p gql.Playground) playgroundAnswer {
	t.Helper()
	recorder := httptest.NewRecorder()
	gql.NewPlayground(p).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("the playground answers %d", recorder.Code)
	}
	answer := playgroundAnswer{body: recorder.Body.String(), header: recorder.Header(), policy: map[string]string{}}
	for directive := range strings.SplitSeq(answer.header.Get("Content-Security-Policy"), "; ") {
		name, value, _ := strings.Cut(directive, " ")
		answer.policy[name] = value
	}
	answer.nonce = strings.TrimSuffix(strings.TrimPrefix(answer.policy["script-src"], "'nonce-"), "'")
	markup := embedded.ReplaceAllString(answer.body, "$1$2")
	for _, tag := range startTag.FindAllStringSubmatch(markup, -1) {
		e := playgroundElement{tag[1], map[string]string{}}
		for _, a := range attribute.FindAllStringSubmatch(tag[2], -1) {
			e.attributes[a[1]] = a[2]
		}
		answer.elements = append(answer.elements, e)
	}
	return answer
}

func TestPlaygroundHeaders(t *testing.T) {
	answer := openPlayground(t, everything)
	for name, want := range map[string]string{
		"Content-Type":           "text/html; charset=utf-8",
		"X-Content-Type-Options": "nosniff",
		"Referrer-Policy":        "no-referrer",
		"Cache-Control":          "no-store",
	} {
		if got := answer.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	want := map[string]string{
		"default-src":     "'none'",
		"script-src":      "'nonce-" + answer.nonce + "'",
		"style-src":       "'nonce-" + answer.nonce + "'",
		"connect-src":     "'self'",
		"font-src":        "data:",
		"img-src":         "data:",
		"object-src":      "'none'",
		"base-uri":        "'none'",
		"form-action":     "'none'",
		"frame-ancestors": "'none'",
	}
	if !maps.Equal(answer.policy, want) {
		t.Errorf("the policy is\n%v, want\n%v", answer.policy, want)
	}
}

// Of 26 letters of base32, a nonce has 130 bits.
func TestPlaygroundNonceIsFresh(t *testing.T) {
	first, second := openPlayground(t, everything).nonce, openPlayground(t, everything).nonce
	if len(first) < 26 || len(second) < 26 {
		t.Errorf("the nonces %q and %q are shorter than 26 letters", first, second)
	}
	if first == second {
		t.Errorf("two answers have the same nonce %q", first)
	}
}

// All that the page runs carries the nonce, all that it loads from elsewhere is
// of one version and one content, and nothing on it needs a laxer policy.
func TestPlaygroundElements(t *testing.T) {
	pinned := regexp.MustCompile(`^https://cdn\.jsdelivr\.net/npm/(@[a-z]+/)?[a-z-]+@\d+\.\d+\.\d+/[a-z./-]+\.(js|css)$`)
	answer := openPlayground(t, everything)
	loaded := 0
	for _, e := range answer.elements {
		a := e.attributes
		if runs := e.name == "script" || e.name == "style" || a["rel"] == "stylesheet"; runs && a["nonce"] != answer.nonce {
			t.Errorf("%v lacks the nonce", e)
		}
		address := a["src"] + a["href"]
		if loads := e.name == "script" || e.name == "link"; loads && address != "" && !strings.HasPrefix(address, "data:image/svg+xml,") {
			loaded++
			if !pinned.MatchString(address) {
				t.Errorf("%s is not one version of one package on the CDN", address)
			}
			if sum, ok := strings.CutPrefix(a["integrity"], "sha384-"); !ok {
				t.Errorf("%s has the integrity %q, want a sha384", address, a["integrity"])
			} else if raw, err := base64.StdEncoding.DecodeString(sum); err != nil || len(raw) != 48 {
				t.Errorf("%s has the integrity %q: %d bytes, %v", address, a["integrity"], len(raw), err)
			}
			if a["crossorigin"] != "anonymous" {
				t.Errorf("%s is loaded with credentials: %q", address, a["crossorigin"])
			}
		}
		for name := range a {
			if name == "style" || strings.HasPrefix(name, "on") {
				t.Errorf("%v has the attribute %s, which the policy refuses", e, name)
			}
		}
	}
	if loaded != 6 {
		t.Errorf("the page loads %d files, want React, ReactDOM, GraphiQL, its explorer, and a style sheet of each", loaded)
	}
}

// Where GraphiQL is kept on this machine, nothing comes from any other.
func TestPlaygroundOfKeptGraphiQL(t *testing.T) {
	answer := openPlayground(t, gql.Playground{KeptGraphiQL: func() (path, dir string) { return "/dev/graphiql/abc/", "/home/ada/abc" }})
	var loaded []string
	for _, e := range answer.elements {
		address := e.attributes["src"] + e.attributes["href"]
		if address == "" || strings.HasPrefix(address, "data:") {
			continue
		}
		loaded = append(loaded, address)
		if e.attributes["nonce"] != answer.nonce {
			t.Errorf("%v lacks the nonce", e)
		}
	}
	if want := []string{"/dev/graphiql/abc/graphiql.css", "/dev/graphiql/abc/graphiql.js"}; !slices.Equal(loaded, want) {
		t.Errorf("the page loads %q, want %q", loaded, want)
	}
	if !strings.Contains(answer.body, "<code>/home/ada/abc</code>") {
		t.Error("where it cannot be loaded, the page does not say where it is kept")
	}
	if strings.Contains(answer.body, "cdn.jsdelivr.net") {
		t.Error("the page names the CDN")
	}
}

// The mails are at /dev/mail only where they are not sent.
func TestPlaygroundLeadsToTheMailbox(t *testing.T) {
	for _, hasMailbox := range []bool{true, false} {
		leads := false
		for _, e := range openPlayground(t, gql.Playground{Mailbox: hasMailbox}).elements {
			leads = leads || e.attributes["href"] == "/dev/mail"
		}
		if leads != hasMailbox {
			t.Errorf("a mailbox: %v; a link to it: %v", hasMailbox, leads)
		}
	}
}

// The browser keeps the accounts of a store under its name.
func TestPlaygroundNamesTheStore(t *testing.T) {
	e := openPlayground(t, gql.Playground{Store: "0123abcd"}).elements[0]
	if e.name != "html" || e.attributes["data-store"] != "0123abcd" {
		t.Errorf("the page begins with %v, want the store's name", e)
	}
}

// Only with `ownql dev` does the page ask for what that says, and shows it.
func TestPlaygroundShowsMistakes(t *testing.T) {
	for _, hasStatus := range []bool{true, false} {
		body := openPlayground(t, gql.Playground{Status: hasStatus}).body
		if asks, shows := strings.Contains(body, `fetch("/dev/status"`), strings.Contains(body, `<pre id="dev"`); asks != hasStatus || shows != hasStatus {
			t.Errorf("with ownql dev: %v; it asks: %v, it has a place for the answer: %v", hasStatus, asks, shows)
		}
	}
}
