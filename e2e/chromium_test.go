//go:build chromium

package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// cdnFiles holds the npm packages that the CDN serves, put there by `npm ci`.
const cdnFiles = "testdata/chromium/node_modules"

// cdnURL is where the page looks for them: NAME@VERSION/PATH follows.
const cdnURL = "https://cdn.jsdelivr.net/npm/"

// signUp is what the tests send to POST /signup, by page and by hand.
type signUp struct {
	Email     string `json:"email"`
	Password  string `json:"password"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// credentials is what they send to POST /login.
type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

var viewerQuery = map[string]string{"query": "{ viewer { id } }"}

var ada = signUp{"ada@example.com", "difference engine no. 2", "Ada", "Lovelace"}

func TestPlaygroundInChromium(t *testing.T) {
	origin := startForChromium(t)
	ctx := startChromium(t)

	t.Run("from signing up to signing in again", func(t *testing.T) {
		p := openPlayground(t, ctx, origin, npmFile)

		// The schema comes without a token: GraphiQL knows it while nobody is signed in.
		p.see(".graphiql-query-editor .CodeMirror")
		p.until("nothing but a font has moved", "window.jumped < 0.001")
		p.click("button[aria-label='Show Documentation Explorer']")
		p.see(".graphiql-doc-explorer-content")
		p.until("the documentation names the root types",
			`document.querySelector(".graphiql-doc-explorer-content").innerText.includes("Mutation")`)
		p.click("button[aria-label='Hide Documentation Explorer']")
		p.until("every field has its label",
			`[...document.querySelectorAll("form input")].every((input) => input.labels.length === 1)`)

		// Without a session the starting query is refused, and the bar says why.
		p.run()
		p.until("the bar asks for a session", `document.querySelector("#notice").textContent.startsWith("Sign in or sign up")`)
		p.expectRefusal("/graphql", http.StatusUnauthorized)

		// Sign up, at first with a password that the server refuses.
		p.click("button[popovertarget=sign-up]")
		p.until("the first field has the focus", `document.activeElement.name === "firstName"`)
		short := ada
		short.Password = "short"
		p.fill("sign-up", short)
		p.press(kb.Enter)
		if got, want := p.alarm("sign-up"), refusal(t, origin+"/signup", short); got != want {
			t.Errorf("the form says %q, the server %q", got, want)
		}
		p.expectRefusal("/signup", http.StatusBadRequest)
		p.fill("sign-up", ada)
		p.click("#sign-up button")
		p.until("the bar shows who it is", `document.querySelector("#who").innerText === "Ada Lovelace ada@example.com"`)
		p.until("the card is gone", `!document.querySelector("#sign-up").matches(":popover-open")`)
		p.until("the password is gone", `document.querySelector("#sign-up input[name=password]").value === ""`)

		// The token goes along by itself.
		p.run()
		want := map[string]string{"email": ada.Email, "firstName": "Ada", "lastName": "Lovelace"}
		viewer := p.viewer()
		delete(viewer, "id")
		if !maps.Equal(viewer, want) {
			t.Errorf("viewer is %v, want %v", viewer, want)
		}
		p.screenshots("playground")

		// At 800 pixels nothing leaves the page or the bar.
		p.do("narrow the window", chromedp.EmulateViewport(800, 600))
		p.until("everything is within 800 pixels", `document.documentElement.scrollWidth <= 800 &&
			[...document.querySelectorAll("header *")].every((e) => {
				const box = e.getBoundingClientRect();
				return box.left >= 0 && box.right <= 800 && box.bottom <= 48;
			})`)
		p.do("widen it", chromedp.EmulateViewport(1280, 800))

		// A reload keeps the session; signing out ends it at the server too.
		p.do("reload", chromedp.Reload())
		p.until("the bar still shows who it is", `document.querySelector("#who").innerText === "Ada Lovelace ada@example.com"`)
		token := p.token()
		p.openAccount()
		p.click("#sign-out")
		p.until("the bar says so", `document.querySelector("#notice").textContent === "You are signed out."`)
		p.until("the focus is on sign-in", `document.activeElement.textContent === "Sign in"`)
		if status, _ := postJSON(t, origin+"/graphql", token, viewerQuery); status != http.StatusUnauthorized {
			t.Errorf("after signing out the token gets %d, want 401", status)
		}

		// Sign in, by keyboard alone, at first with a wrong password.
		p.press(kb.Enter)
		p.until("the email has the focus", `document.activeElement === document.querySelector("#sign-in input[name=email]")`)
		wrong := ada
		wrong.Password = "difference engine no. 3"
		p.press(ada.Email + kb.Tab + wrong.Password + kb.Enter)
		if got, want := p.alarm("sign-in"), refusal(t, origin+"/login", credentials{wrong.Email, wrong.Password}); got != want {
			t.Errorf("the form says %q, the server %q", got, want)
		}
		p.expectRefusal("/login", http.StatusUnauthorized)
		p.retype("#sign-in input[name=password]", ada.Password)
		p.press(kb.Enter)
		p.until("the bar shows who it is", `document.querySelector("#who").innerText === "Ada Lovelace ada@example.com"`)

		// A session that ends elsewhere ends here with the next request.
		p.see(".graphiql-query-editor .CodeMirror")
		if status, answer := postJSON(t, origin+"/logout", p.token(), nil); status != http.StatusNoContent {
			t.Fatalf("POST /logout answers %d %s", status, answer)
		}
		p.run()
		p.until("the bar says that it ended", `document.querySelector("#notice").textContent.startsWith("Your session has ended")`)
		p.see("#signed-out")
		p.expectRefusal("/graphql", http.StatusUnauthorized)
		p.expectRefusal("/refresh", http.StatusUnauthorized)
		if token := p.token(); token != "" {
			t.Error("the ended session's token is still kept")
		}

		p.quiet()
	})

	t.Run("all of GraphiQL runs under the policy", func(t *testing.T) {
		p := openPlayground(t, ctx, origin, npmFile)
		p.see(".graphiql-query-editor .CodeMirror")

		// The dialogs lock the page's scrolling with a style element of their own.
		p.click("button[aria-label='Open short keys dialog']")
		p.see(".graphiql-dialog")
		p.until("the dialog locks the scrolling", `getComputedStyle(document.body).getPropertyValue("pointer-events") === "none" &&
			[...document.querySelectorAll("head style")].some((e) => e.textContent.includes("data-scroll-locked"))`)
		p.press(kb.Escape)
		p.miss(".graphiql-dialog")
		p.click("button[aria-label='Open settings dialog']")
		p.click(".graphiql-dialog button[data-theme=dark]")
		p.until("the bar is dark too", `getComputedStyle(document.querySelector("header")).colorScheme === "dark"`)
		p.press(kb.Escape)
		p.miss(".graphiql-dialog")

		p.click("button[aria-label='Show Documentation Explorer']")
		p.click(".graphiql-doc-explorer-search-input")
		p.press("firstN")
		p.see(".graphiql-doc-explorer-search [role=option]")
		p.press(kb.Enter)
		p.see(".graphiql-doc-explorer-back")
		p.click("button[aria-label='Show History']")
		p.see(".graphiql-history")
		p.click("button[aria-label='Hide History']")
		p.click("button[data-name=variables]")
		p.click("button[data-name=headers]")

		p.click(".graphiql-tab-add")
		p.see("#graphiql-session-tab-1")
		p.click(".graphiql-query-editor .CodeMirror")
		p.pressWith(chromedp.ModifierCtrl, "a")
		p.press("{ no")
		p.see(".CodeMirror-hints")
		p.press(kb.Enter)
		p.until("the hint is taken", `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue().includes("node")`)
		p.press(" wrong")
		p.hover(".CodeMirror-lint-mark-error")
		p.see(".CodeMirror-lint-tooltip")
		p.click(".graphiql-query-editor .CodeMirror")
		p.pressWith(chromedp.ModifierCtrl, "f")
		p.see(".CodeMirror-dialog")
		p.press(kb.Escape)
		p.hover("button[aria-label^='Prettify query']")
		p.see(".graphiql-tooltip")
		p.click("button[aria-label^='Prettify query']")
		p.click("button[aria-label^='Merge fragments']")
		p.click("button[aria-label^='Copy query']")
		p.click("button[aria-label='Re-fetch GraphQL schema']")
		p.until("the schema came again", `!document.querySelector('button[aria-label="Re-fetch GraphQL schema"]').disabled`)
		for range 2 {
			p.expect("what GraphiQL has to say about its own dialogs", func(m chromedp.ConsoleMessage) bool {
				return m.Type == chromedp.ConsoleWarning && strings.Contains(m.Text, "{DialogContent}")
			})
		}
		p.quiet()
	})

	for _, test := range []struct {
		name    string
		cdn     func(string) ([]byte, error)
		console string // what is said there, if anything
	}{
		{"a tampered script is refused", tampered("graphiql.min.js"), "integrity"},
		{"a tampered library is refused", tampered("react-dom.production.min.js"), "integrity"},
		{"a tampered style sheet is refused", tampered("graphiql.min.css"), "integrity"},
		{"the CDN cannot be reached", func(string) ([]byte, error) { return nil, errors.New("no network") }, "ERR_INTERNET_DISCONNECTED"},
		{"the CDN hangs", func(string) ([]byte, error) { <-t.Context().Done(); return nil, t.Context().Err() }, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := openPlayground(t, ctx, origin, test.cdn)
			who := ada
			who.Email = strings.ToLower(strings.ReplaceAll(test.name, " ", "-")) + "@example.com"
			p.click("button[popovertarget=sign-up]")
			p.fill("sign-up", who)
			p.press(kb.Enter)
			p.until("the bar shows who it is", `document.querySelector("#who").innerText.endsWith("`+who.Email+`")`)
			if status, _ := postJSON(t, origin+"/graphql", p.token(), viewerQuery); status != http.StatusOK {
				t.Errorf("the new token gets %d, want 200", status)
			}

			p.see("#fallback")
			p.until("the commands name this server",
				`document.querySelector("#fallback pre").innerText.includes("curl `+origin+`/graphql")`)
			if test.console != "" {
				p.until("nothing is being loaded", `document.readyState === "complete"`)
				p.expect(test.console, func(m chromedp.ConsoleMessage) bool { return strings.Contains(m.Text, test.console) })
			}
			p.until("GraphiQL is not there", `document.querySelector(".graphiql-container") === null`)
		})
	}
}

// startForChromium serves with the real binary on a free port of the loopback,
// and returns its origin.
func startForChromium(t *testing.T) string {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	server := exec.Command(filepath.Join(binary, "ownql"), "--addr", "127.0.0.1:0", "--store", filepath.Join(t.TempDir(), "data"))
	server.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "OWNQL_") || strings.HasPrefix(v, "PORT=")
	}), "XDG_CACHE_HOME="+t.TempDir()) // where no GraphiQL is kept, which comes from the CDN
	var log bytes.Buffer
	server.Stderr = &log
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(20*time.Second, func() { server.Process.Kill() })
		defer late.Stop()
		if err := server.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
		if t.Failed() {
			t.Logf("the server's log:\n%s", log.String())
		}
	})

	lines := bufio.NewReader(stdout)
	first, err := lines.ReadString('\n')
	at := servesAt.FindStringSubmatch(strings.TrimSpace(first))
	if at == nil {
		t.Fatalf("the server printed %q, %v", first, err)
	}
	go io.Copy(io.Discard, lines)
	return "http://" + at[1]
}

// startChromium starts a headless Chromium with a profile of its own, and more options.
func startChromium(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	if _, err := os.Stat(cdnFiles); err != nil {
		t.Fatalf("the CDN's files are missing; run: npm ci --prefix e2e/%s", filepath.Dir(cdnFiles))
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.NoSandbox,
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.WindowSize(1280, 800),
	)
	options = append(options, more...)
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	version, err := chromedp.CallBrowser(ctx, browser.GetVersion, cdp.Empty{})
	if err != nil {
		t.Fatal(err)
	}
	t.Log(version.Product)
	return ctx
}

// npmFile is the CDN: the file at NAME@VERSION/PATH, of the package that npm
// installed, which must be of that version.
func npmFile(at string) ([]byte, error) {
	at, isScoped := strings.CutPrefix(at, "@")
	name, rest, _ := strings.Cut(at, "@")
	if isScoped {
		name = "@" + name
	}
	version, path, _ := strings.Cut(rest, "/")
	manifest, err := os.ReadFile(filepath.Join(cdnFiles, name, "package.json"))
	if err != nil {
		return nil, err
	}
	var installed struct{ Version string }
	if err := json.Unmarshal(manifest, &installed); err != nil {
		return nil, err
	}
	if installed.Version != version {
		return nil, errors.New("npm installed " + name + " " + installed.Version + ", the page wants " + version)
	}
	return os.ReadFile(filepath.Join(cdnFiles, name, filepath.FromSlash(path)))
}

// tampered is the CDN, but for one byte at the end of the named file.
func tampered(name string) func(string) ([]byte, error) {
	return func(at string) ([]byte, error) {
		file, err := npmFile(at)
		if err == nil && strings.HasSuffix(at, "/"+name) {
			file = append(file, '\n')
		}
		return file, err
	}
}

// playground is one tab that has the page open, with storage of its own.
type playground struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	console []chromedp.ConsoleMessage // errors and warnings that no one has expected yet
	strays  []string                  // requests to anywhere but the server and the CDN's files
	held    chan struct{}             // what asks GraphQL waits until it is closed; nil: for nothing
}

// openPlayground opens the page in a tab whose requests to the CDN are answered
// by cdn, and whose requests to anywhere else but the origin are refused.
func openPlayground(t *testing.T, browser context.Context, origin string, cdn func(string) ([]byte, error)) *playground {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	return openTab(t, ctx, cancel, origin, cdn)
}

// openTab opens the page in the tab of a context.
func openTab(t *testing.T, ctx context.Context, cancel context.CancelFunc, origin string, cdn func(string) ([]byte, error)) *playground {
	t.Helper()
	p := &playground{t: t, ctx: ctx}
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}

	go p.listen(chromedp.Console(ctx))
	paused := chromedp.Events(ctx, fetch.RequestPaused)
	go func() {
		for event, err := range paused {
			if err != nil {
				return
			}
			go p.answer(event, origin, cdn)
		}
	}()
	if _, err := chromedp.Call(ctx, fetch.Enable, fetch.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	// What the policy refuses is an error, however quietly the page takes it. What
	// moves by itself is summed up.
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `addEventListener("securitypolicyviolation", (e) =>
			console.error("policy violation:", e.violatedDirective, e.blockedURI, e.sourceFile, e.sample));
			window.jumped = 0;
			new PerformanceObserver((list) => list.getEntries().forEach((shift) => {
				window.jumped += shift.hadRecentInput ? 0 : shift.value;
			})).observe({ type: "layout-shift", buffered: true })`,
	}); err != nil {
		t.Fatal(err)
	}
	// Not chromedp.Navigate: that waits for all that the page loads, and a CDN may hang.
	p.do("size the window", chromedp.EmulateViewport(1280, 800))
	if _, err := chromedp.Call(ctx, page.Navigate, page.NavigateParams{URL: origin + "/"}); err != nil {
		t.Fatalf("open the page: %v", err)
	}
	p.until("the page's script has run", "window.__webpack_nonce__ !== undefined")
	return p
}

// answer lets a request through to the server, answers it in the CDN's place, or
// refuses it.
func (p *playground) answer(event fetch.EventRequestPaused, origin string, cdn func(string) ([]byte, error)) {
	if strings.HasPrefix(event.Request.URL, origin+"/") || strings.HasPrefix(event.Request.URL, "data:") {
		p.mu.Lock()
		held := p.held
		p.mu.Unlock()
		if held != nil && event.Request.URL == origin+"/graphql" {
			<-held
		}
		chromedp.Call(p.ctx, fetch.ContinueRequest, fetch.ContinueRequestParams{RequestID: event.RequestID})
		return
	}
	err := errors.New("neither the server nor the CDN")
	if at, toCDN := strings.CutPrefix(event.Request.URL, cdnURL); toCDN {
		var file []byte
		if file, err = cdn(at); err == nil {
			kind := "text/javascript"
			if strings.HasSuffix(at, ".css") {
				kind = "text/css"
			}
			chromedp.Call(p.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{
				RequestID:    event.RequestID,
				ResponseCode: http.StatusOK,
				ResponseHeaders: []*fetch.HeaderEntry{
					{Name: "Access-Control-Allow-Origin", Value: "*"},
					{Name: "Content-Type", Value: kind + "; charset=utf-8"},
				},
				Body: file,
			})
			return
		}
	}
	p.mu.Lock()
	p.strays = append(p.strays, event.Request.URL+": "+err.Error())
	p.mu.Unlock()
	chromedp.Call(p.ctx, fetch.FailRequest, fetch.FailRequestParams{
		RequestID:   event.RequestID,
		ErrorReason: network.ErrorReasonInternetDisconnected,
	})
}

// listen keeps what the console shows as an error or a warning.
func (p *playground) listen(messages iter.Seq2[chromedp.ConsoleMessage, error]) {
	for message, err := range messages {
		if err != nil {
			return
		}
		switch message.Type {
		case chromedp.ConsoleError, chromedp.ConsoleWarning, chromedp.ConsoleException:
			p.mu.Lock()
			p.console = append(p.console, message)
			p.mu.Unlock()
		}
	}
}

// do runs the steps, or ends the test with what they were for.
func (p *playground) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.fatal(what, err)
	}
}

// until waits for a JavaScript condition, in whichever document is there: one that goes takes along what is asked of it.
func (p *playground) until(what, condition string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](condition, chromedp.WithPollingInterval(20*time.Millisecond)))
		if err == nil {
			return
		}
		isGone := strings.Contains(err.Error(), "Cannot find context with specified id") || strings.Contains(err.Error(), "Inspected target navigated or closed")
		if ctx.Err() != nil || !isGone {
			p.fatal(what, err)
		}
	}
}

func (p *playground) fatal(what string, err error) {
	p.t.Helper()
	text := p.read("document.body.innerText")
	p.mu.Lock()
	defer p.mu.Unlock()
	p.t.Fatalf("%s: %v\nconsole: %q\nrefused: %q\npage:\n%s", what, err, p.console, p.strays, text)
}

// read evaluates a JavaScript string; null is the empty one.
func (p *playground) read(expression string) string {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, 30*time.Second)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[string](`String((`+expression+`) ?? "")`))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

// press types keys at whatever has the focus.
func (p *playground) press(keys string) {
	p.t.Helper()
	p.do("type", chromedp.KeyEvent(keys))
}

func (p *playground) pressWith(modifier chromedp.Modifier, key string) {
	p.t.Helper()
	p.do("type", chromedp.KeyEvent(key, chromedp.KeyModifiers(modifier)))
}

// open leads the tab to an address.
func (p *playground) open(address string) {
	p.t.Helper()
	p.do("open "+address, chromedp.Navigate(address))
}

// openMail opens the mailbox of dev.
func (p *playground) openMail(origin string) {
	p.t.Helper()
	p.open(origin + "/dev/mail")
	p.until("the mailbox is there", `document.title === "Mail · ownql"`)
}

// follow opens in this tab what a link leads to.
func (p *playground) follow(link string) {
	p.t.Helper()
	p.see(link)
	p.open(p.read("document.querySelector(`" + link + "`).href"))
}

// fill types over a form's fields, in their order, and stays in the last.
func (p *playground) fill(form string, with signUp) {
	p.t.Helper()
	for _, field := range [][2]string{
		{"firstName", with.FirstName}, {"lastName", with.LastName}, {"email", with.Email}, {"password", with.Password},
	} {
		p.retype("#"+form+" input[name="+field[0]+"]", field[1])
	}
}

// retype types over one field.
func (p *playground) retype(input, text string) {
	p.t.Helper()
	p.do("fill in "+input,
		chromedp.Evaluate[chromedp.Void](`document.querySelector("`+input+`").select()`),
		chromedp.KeyEvent(text))
}

// The elements are found by JavaScript, and not as chromedp's nodes, which are
// lost when the browser sends the document anew while the page is still loading.

// see waits until an element is there and visible.
func (p *playground) see(css string) {
	p.t.Helper()
	p.until("see "+css, "document.querySelector(`"+css+"`)?.checkVisibility({ visibilityProperty: true })")
}

// miss waits until an element is not there or not visible.
func (p *playground) miss(css string) {
	p.t.Helper()
	p.until("miss "+css, "!document.querySelector(`"+css+"`)?.checkVisibility({ visibilityProperty: true })")
}

// click clicks in the middle of an element.
func (p *playground) click(css string) {
	p.t.Helper()
	x, y := p.middle(css)
	p.do("click "+css, chromedp.MouseClickXY(x, y))
}

// hover moves the mouse onto an element.
func (p *playground) hover(css string) {
	p.t.Helper()
	x, y := p.middle(css)
	p.do("hover over "+css, chromedp.MouseEvent(chromedp.MouseMoved, x-1, y), chromedp.MouseEvent(chromedp.MouseMoved, x, y))
}

func (p *playground) middle(css string) (x, y float64) {
	p.t.Helper()
	p.see(css)
	var box struct{ X, Y, Width, Height float64 }
	if err := json.Unmarshal([]byte(p.read("JSON.stringify(document.querySelector(`"+css+"`).getBoundingClientRect())")), &box); err != nil {
		p.t.Fatal(err)
	}
	return box.X + box.Width/2, box.Y + box.Height/2
}

// alarm waits for a form's error and returns it.
func (p *playground) alarm(form string) string {
	p.t.Helper()
	message := `document.querySelector("#` + form + ` [role=alert]").textContent`
	p.until("the form shows an error", message+` !== ""`)
	return p.read(message)
}

// run presses GraphiQL's button and waits for an answer.
func (p *playground) run() {
	p.t.Helper()
	const answer = `document.querySelector(".result-window .CodeMirror").CodeMirror.getValue()`
	p.see(".graphiql-execute-button")
	p.do("empty the answer",
		chromedp.Evaluate[chromedp.Void](`document.querySelector(".result-window .CodeMirror").CodeMirror.setValue("")`))
	p.click(".graphiql-execute-button")
	p.until("there is an answer", answer+` !== ""`)
}

// viewer is the viewer in the answer that GraphiQL shows.
func (p *playground) viewer() map[string]string {
	p.t.Helper()
	shown := p.read(`document.querySelector(".result-window .CodeMirror").CodeMirror.getValue()`)
	var answer struct {
		Data struct{ Viewer map[string]string }
	}
	if err := json.Unmarshal([]byte(shown), &answer); err != nil || answer.Data.Viewer == nil {
		p.t.Fatalf("GraphiQL shows no viewer: %s", shown)
	}
	return answer.Data.Viewer
}

// token is the access token that the page asks by; empty: nobody is signed in in the tab. No cookie is set.
func (p *playground) token() string {
	p.t.Helper()
	found, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{})
	if err != nil {
		p.fatal("read the cookies", err)
	}
	for _, cookie := range found.Cookies {
		p.t.Errorf("there is the cookie %s", cookie.Name)
	}
	return p.read(`(() => {
		const name = "ownql." + document.documentElement.dataset.store;
		const tokens = localStorage.getItem(name + ".tokens." + sessionStorage.getItem(name + ".account"));
		return JSON.parse(tokens)?.access;
	})()`)
}

// screenshots saves the page, in the light and in the dark: to a.png, a name and whether it is dark added, where
// OWNQL_SCREENSHOT is a.png.
func (p *playground) screenshots(name string) {
	p.t.Helper()
	file := os.Getenv("OWNQL_SCREENSHOT")
	if file == "" {
		return
	}
	extension := filepath.Ext(file)
	for _, scheme := range []string{"light", "dark", ""} {
		if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		}); err != nil {
			p.t.Fatal(err)
		}
		if scheme == "" { // as it was
			return
		}
		image, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
		if err != nil {
			p.t.Fatal(err)
		}
		to := strings.TrimSuffix(file, extension) + "-" + name + "-" + scheme + extension
		if err := os.WriteFile(to, image, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
}

// expect takes from the console one error or warning that belongs there.
func (p *playground) expect(what string, match func(chromedp.ConsoleMessage) bool) {
	p.t.Helper()
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.console, match)
	if i < 0 {
		p.t.Errorf("the console does not show %s: %q", what, p.console)
		return
	}
	p.console = slices.Delete(p.console, i, i+1)
}

// expectRefusal expects what Chromium itself notes about one answer of the
// server's that is an error.
func (p *playground) expectRefusal(path string, status int) {
	p.t.Helper()
	code := strconv.Itoa(status)
	p.expect(path+" answering "+code, func(m chromedp.ConsoleMessage) bool {
		return m.Source == "network" && strings.HasSuffix(m.URL, path) && strings.Contains(m.Text, code)
	})
}

// quiet fails the test if the console shows an error or a warning that was not
// expected, or if the page asked for anything but what the server and the CDN have.
func (p *playground) quiet() {
	p.t.Helper()
	p.settle()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, message := range p.console {
		p.t.Errorf("console: %s (%s)", message, message.URL)
	}
	for _, stray := range p.strays {
		p.t.Errorf("the page asked %s", stray)
	}
}

// settle waits until all that the console has shown so far is kept.
func (p *playground) settle() {
	p.t.Helper()
	const mark = "all of the console up to here"
	p.do("mark the console", chromedp.Evaluate[chromedp.Void](`console.error("`+mark+`")`))
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		p.mu.Lock()
		i := slices.IndexFunc(p.console, func(m chromedp.ConsoleMessage) bool { return m.Text == mark })
		if i >= 0 {
			p.console = slices.Delete(p.console, i, i+1)
		}
		p.mu.Unlock()
		if i >= 0 {
			return
		}
	}
	p.t.Fatal("the console does not show what the test wrote there")
}

// postJSON posts by hand, with the token if there is one, and returns the
// status and the body.
func postJSON(t *testing.T, address, token string, content any) (int, []byte) {
	t.Helper()
	body, err := json.Marshal(content)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, answer
}

// refusal is the message with which the server refuses a sign-up or a login.
func refusal(t *testing.T, address string, content any) string {
	t.Helper()
	_, body := postJSON(t, address, "", content)
	var answer struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Error.Message == "" {
		t.Fatalf("POST %s gives no reason: %s", address, body)
	}
	return answer.Error.Message
}
