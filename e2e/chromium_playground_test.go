//go:build chromium

package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var grace = signUp{"grace@example.com", "nanoseconds, please", "Grace", "Hopper"}

// answered is what GraphiQL shows of an answer.
const answered = `document.querySelector(".result-window .CodeMirror").CodeMirror.getValue()`

// cost is the line under it.
const cost = `document.querySelector("#cost").innerText`

// runOut has every access token that the browser keeps be good no more.
const runOut = `for (const name of Object.keys(localStorage).filter((name) => name.includes(".tokens."))) {
	const tokens = JSON.parse(localStorage.getItem(name));
	localStorage.setItem(name, JSON.stringify({ ...tokens, access: tokens.access.slice(0, -8) + "AAAAAAAA" }));
}`

// signUpBy fills the card that is open, and has the bar show who it is.
func (p *playground) signUpBy(who signUp) {
	p.t.Helper()
	p.fill("sign-up", who)
	p.press(kb.Enter)
	p.isAs(who)
}

// isAs waits until the bar shows who it is.
func (p *playground) isAs(who signUp) {
	p.t.Helper()
	p.until("the bar shows "+who.Email, `document.querySelector("#who").innerText === "`+who.FirstName+" "+who.LastName+" "+who.Email+`"`)
}

// openAccount opens the card of the account.
func (p *playground) openAccount() {
	p.t.Helper()
	p.click("#who")
	p.until("the account is shown", `document.querySelector("#address").innerText !== ""`)
}

// openAsAda opens the playground, where Ada signs up.
func openAsAda(t *testing.T, browser context.Context, origin string, cdn func(string) ([]byte, error)) *playground {
	t.Helper()
	p := openPlayground(t, browser, origin, cdn)
	p.see("#start")
	p.click("button[popovertarget=sign-up]")
	p.signUpBy(ada)
	return p
}

// TestAccountsInChromium has two people in one page, in two tabs of it, and each ask as themselves.
func TestAccountsInChromium(t *testing.T) {
	t.Parallel()
	origin := startTracker(t)
	p := openAsAda(t, startChromium(t), origin, npmFile)
	p.run()
	p.until("the line says who asked", cost+`.endsWith(" · as ada@example.com")`)
	adas := p.token()

	// Another, by keyboard alone.
	p.openAccount()
	p.miss("#account .accounts")
	p.do("go to the button", chromedp.Evaluate[chromedp.Void](`document.querySelector("#add").focus()`))
	p.press(kb.Enter)
	p.until("the email has the focus", `document.activeElement === document.querySelector("#sign-in [name=email]")`)
	p.press("grace@example.com")
	p.do("go to the button", chromedp.Evaluate[chromedp.Void](`document.querySelector("#unknown").focus()`))
	p.press(kb.Enter)
	p.until("the email is taken along", `document.querySelector("#sign-up [name=email]").value === "grace@example.com"`)
	p.signUpBy(grace)
	p.run()
	p.until("the line says who asked", cost+`.endsWith(" · as grace@example.com")`)
	if viewer := p.viewer(); viewer["email"] != grace.Email {
		t.Errorf("Grace is answered as %v", viewer)
	}
	graces := p.token()
	p.openAccount()
	p.see("#account .accounts button[aria-label='Switch to Ada Lovelace ada@example.com']")
	p.screenshots("accounts")

	// What was asked before the switch is nothing of the next one's.
	p.press(kb.Escape)
	p.miss("#account")
	held := p.hold()
	p.click(".graphiql-execute-button")
	p.openAccountUnanswered()
	p.click("#account .accounts button")
	p.until("the answer is that there is none", answered+`.includes("You have switched accounts before this was answered")`)
	p.until("the bar shows the next one", `document.querySelector("#who").innerText.endsWith("ada@example.com")`)
	p.until("the line is of nothing", cost+` === "What an answer costs stands here."`)
	held()
	p.isAs(ada)
	p.run()
	if viewer := p.viewer(); viewer["email"] != ada.Email {
		t.Errorf("Ada is answered as %v", viewer)
	}
	p.until("the line says who asked", cost+`.endsWith(" · as ada@example.com")`)
	if p.token() != adas {
		t.Error("Ada's session is another")
	}

	// Another tab is of whom it says, whoever this one is.
	ctx, cancel := chromedp.NewContext(p.ctx)
	other := openTab(t, ctx, cancel, origin, npmFile)
	other.isAs(ada)
	other.see(".graphiql-query-editor .CodeMirror")
	other.openAccount()
	other.click("#account .accounts button")
	other.isAs(grace)
	p.run()
	if viewer := p.viewer(); viewer["email"] != ada.Email {
		t.Errorf("beside Grace in another tab Ada is answered as %v", viewer)
	}

	// A token that has run out is renewed without a word, once, however many ask at once.
	p.do("have the tokens run out", chromedp.Evaluate[chromedp.Void](runOut))
	other.run()
	other.expectRefusal("/graphql", http.StatusUnauthorized)
	if viewer := other.viewer(); viewer["email"] != grace.Email {
		t.Errorf("after it is renewed Grace is answered as %v", viewer)
	}
	if again := other.token(); again == graces || again == "" {
		t.Error("Grace's token is not another")
	}
	p.do("ask twice", chromedp.Evaluate[chromedp.Void](`document.querySelector("#notice").replaceChildren();
		document.querySelector("button[aria-label='Re-fetch GraphQL schema']").click();
		document.querySelector(".graphiql-execute-button").click(); document.querySelector("#who").click()`))
	p.until("all is answered", `document.querySelector("#address").innerText.startsWith("ada@example.com")`)
	p.until("without a word", `document.querySelector("#notice").innerText === "" && document.querySelector("#account > .error").innerText === ""`)
	p.expectRefusal("/graphql", http.StatusUnauthorized)
	p.expectRefusal("/graphql", http.StatusUnauthorized)
	if status, _ := postJSON(t, origin+"/graphql", p.token(), viewerQuery); status != http.StatusOK || p.token() == adas {
		t.Errorf("Ada's next token gets %d", status)
	}

	// Who signs out in one tab is out in all, and the others are still in.
	gracesNext := other.token()
	other.openAccount()
	other.click("#sign-out")
	other.see("#signed-out")
	p.until("this tab knows", `document.querySelectorAll("#account .accounts button").length === 0`)
	if status, _ := postJSON(t, origin+"/graphql", gracesNext, viewerQuery); status != http.StatusUnauthorized {
		t.Errorf("after signing out Grace's token gets %d, want 401", status)
	}
	other.click("button[popovertarget=sign-in]")
	other.click("#sign-in .accounts button")
	other.isAs(ada)

	// Who signs in again, after the token has run out, has one session, in the other tab, too.
	p.do("go to the button", chromedp.Evaluate[chromedp.Void](`document.querySelector("#add").click()`))
	p.see("#sign-in")
	p.do("have the tokens run out", chromedp.Evaluate[chromedp.Void](runOut))
	p.retype("#sign-in input[name=email]", ada.Email)
	p.retype("#sign-in input[name=password]", ada.Password)
	p.press(kb.Enter)
	p.miss("#sign-in")
	p.isAs(ada)
	p.until("one session's tokens are kept", `Object.keys(localStorage).filter((name) => name.includes(".tokens.")).length === 1`)
	p.expectRefusal("/logout", http.StatusUnauthorized)
	other.isAs(ada)
	if other.token() != p.token() {
		t.Error("the other tab has not followed")
	}
	_, sessions := postJSON(t, origin+"/graphql", p.token(), map[string]any{"query": "{ viewer { sessions(first: 10) { edges { node { current } } } } }"})
	if strings.Count(string(sessions), "current") != 1 {
		t.Errorf("the sessions are %s", sessions)
	}
	p.until("all is kept under the store's name", `Object.keys(localStorage).every((name) =>
		!name.startsWith("ownql.") || name.startsWith("ownql." + document.documentElement.dataset.store + "."))`)

	// What is stored there by something else is no list of accounts.
	p.do("store something else", chromedp.Evaluate[chromedp.Void](`localStorage.setItem("ownql." + document.documentElement.dataset.store + ".accounts", "{}")`))
	p.do("reload", chromedp.Reload())
	p.see("#signed-out")
	p.quiet()
	other.quiet()
}

// hold has what asks GraphQL from now on wait until it is let go.
func (p *playground) hold() (letGo func()) {
	held := make(chan struct{})
	p.mu.Lock()
	p.held = held
	p.mu.Unlock()
	return func() {
		p.mu.Lock()
		p.held = nil
		p.mu.Unlock()
		close(held)
	}
}

// openAccountUnanswered opens the card of the account, which is not answered.
func (p *playground) openAccountUnanswered() {
	p.t.Helper()
	p.click("#who")
	p.see("#account .accounts button")
}

// TestStartsInChromium begins with what the page has for each type, and adds to it by the explorer.
func TestStartsInChromium(t *testing.T) {
	t.Parallel()
	origin := startTracker(t)
	p := openAsAda(t, startChromium(t), origin, npmFile)

	p.click("#start")
	p.until("each type is there", `["Comment", "Issue", "Label", "Organization", "Project"].every((type) =>
		[...document.querySelectorAll("#starts dt")].some((term) => term.innerText === type))`)
	p.screenshots("starts")
	p.press(kb.Tab + kb.Tab)
	p.until("the keyboard reaches them", `document.querySelector("#starts dd").parentElement.contains(document.activeElement)`)

	// To create one, the values are of the right shape.
	start := func(label, title string) string {
		return `#starts button[aria-label="` + label + `: ` + title + `"]`
	}
	p.click(start("Create", "Create one Organization"))
	p.miss("#starts")
	p.until("there are variables", `document.querySelector(".graphiql-editor-tool .CodeMirror").CodeMirror.getValue() === '{\n  "input": {\n    "name": "name"\n  }\n}'`)
	p.run()
	p.until("it is made", answered+`.includes('"name": "name"') && !`+answered+`.includes("errors")`)
	p.until("the line says what it cost", `/^\d+ DynamoDB calls · \d+ items · [\d.]+ read units? · [\d.]+ write units? · [\d.]+ ms · as ada@example.com$/.test(`+cost+`)`)
	p.screenshots("cost")

	// The list has it; the same start again is the same tab.
	for range 2 {
		p.click("#start")
		p.click(start("List", "Organizations"))
		p.until("the tab is there", `document.querySelectorAll(".graphiql-tab").length === 3 &&
			document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue().startsWith("query Organizations {\n  organizations(first: 10) {\n    edges {\n      node {\n        id\n")`)
		p.run()
		p.until("the list has it", answered+`.includes('"name": "name"') && `+answered+`.includes("hasNextPage")`)
	}

	// The explorer adds a field to it.
	p.click("button[aria-label='Show GraphiQL Explorer']")
	p.see(".graphiql-explorer-root")
	const field = ".graphiql-explorer-root .graphiql-explorer-cursor .graphiql-explorer-field-view"
	p.see(field)
	p.do("scroll to it", chromedp.Evaluate[chromedp.Void](`document.querySelector("`+field+`").scrollIntoView({ block: "center" })`))
	p.screenshots("explorer")
	p.click(field)
	p.until("the query has it", `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue().match(/\n +cursor\n/) !== null`)
	p.click("button[aria-label='Hide GraphiQL Explorer']")

	buttons, err := strconv.Atoi(p.read(`document.querySelectorAll("#starts dd button").length`))
	if err != nil || buttons < 20 {
		t.Fatalf("there are %d starts, %v", buttons, err)
	}
	// Every start is a document of the schema, and its variables are of its types.
	const query = `document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.getValue()`
	for i := range buttons {
		before := p.read("JSON.stringify(" + query + ")")
		p.do("open it", chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("#starts dd button")[`+strconv.Itoa(i)+`].click()`))
		p.until("it is open", query+" !== "+before+" && "+query+` !== "" && !`+query+`.startsWith("#")`) // as a new tab begins
	}
	const tabs = `JSON.parse(localStorage.getItem("ownql:graphiql:tabState") ?? "{}").tabs`
	p.until("all are kept", tabs+`.length === `+strconv.Itoa(buttons+2)+` && `+tabs+`.every((tab) => tab.query)`) // with the first tab, and the explorer's
	var documents []struct{ Title, Query, Variables string }
	if err := json.Unmarshal([]byte(p.read("JSON.stringify("+tabs+")")), &documents); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(documents, func(d struct{ Title, Query, Variables string }) bool {
		return strings.Contains(d.Query, "createToken(") && strings.Contains(d.Query, "\n    secret\n")
	}) {
		t.Error("no start makes a token and shows its secret")
	}
	for _, document := range documents {
		params := map[string]any{"query": document.Query}
		if document.Variables != "" {
			params["variables"] = json.RawMessage(document.Variables)
		}
		status, body := postJSON(t, origin+"/graphql", p.token(), params)
		var answer struct {
			Errors []struct {
				Message    string
				Extensions struct{ Code, Field string }
			}
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			t.Fatal(err)
		}
		for _, e := range answer.Errors {
			// Objects that are named by no id are not there; all else is.
			if e.Extensions.Code != "BAD_USER_INPUT" && e.Extensions.Code != "NOT_FOUND" && e.Extensions.Code != "FORBIDDEN" || status != http.StatusOK || !strings.Contains(document.Query, "$") {
				t.Errorf("%s answers %d %s\n%s%s", document.Title, status, body, document.Query, document.Variables)
			}
		}
	}
	p.quiet()
}

// TestThemeInChromium has GraphiQL and the bar be of one theme, which lasts, and all fit a telephone.
func TestThemeInChromium(t *testing.T) {
	t.Parallel()
	origin := startTracker(t)
	p := openAsAda(t, startChromium(t), origin, npmFile)
	p.run()

	isDark := `["header", ".graphiql-container"].every((css) => {
		const [r, g, b] = getComputedStyle(document.querySelector(css)).color.match(/[\d.]+/g).map(Number);
		return r + g + b > 380; // of the ink
	})`
	choose := func(theme string) {
		t.Helper()
		p.click("button[aria-label='Open settings dialog']")
		if theme == "" {
			p.click(".graphiql-dialog button:not([data-theme]).active, .graphiql-dialog .graphiql-button-group button:first-child")
		} else {
			p.click(".graphiql-dialog button[data-theme=" + theme + "]")
		}
		p.press(kb.Escape)
		p.miss(".graphiql-dialog")
		p.expect("what GraphiQL has to say about its own dialogs", func(m chromedp.ConsoleMessage) bool {
			return m.Type == chromedp.ConsoleWarning && strings.Contains(m.Text, "{DialogContent}")
		})
	}
	p.until("both are light", "!("+isDark+")")
	choose("dark")
	p.until("both are dark", isDark)
	p.do("reload", chromedp.Reload())
	p.see("#start")
	p.until("both are dark still", isDark)
	ctx, cancel := chromedp.NewContext(p.ctx)
	early := openTab(t, ctx, cancel, origin, func(string) ([]byte, error) { <-t.Context().Done(); return nil, t.Context().Err() })
	early.until("the bar is dark before GraphiQL is there", `getComputedStyle(document.querySelector("header")).colorScheme === "dark"`)
	cancel()
	choose("")
	p.until("both are as the system is", "!("+isDark+")")

	p.do("narrow the window", chromedp.EmulateViewport(360, 740))
	p.run()
	p.until("the line is there", cost+`.includes("DynamoDB call")`)
	p.screenshots("narrow")
	p.until("everything is within 360 pixels", `document.documentElement.scrollWidth <= 360 &&
		[...document.querySelectorAll("header button, .graphiql-sidebar, .graphiql-query-editor, .graphiql-response, .graphiql-execute-button, #cost")]
			.filter((e) => e.checkVisibility()).every((e) => {
				const box = e.getBoundingClientRect();
				return box.left >= 0 && box.right <= 360 && box.bottom <= 740 && box.width > 0 && box.height > 0;
			})`)
	p.until("there is room for query and answer", `[".graphiql-query-editor", ".result-window"].every((css) => {
		const box = document.querySelector(css).getBoundingClientRect();
		return box.width >= 180 && box.height >= 120;
	})`)
	for _, card := range []string{"#who", "#start"} {
		p.click(card)
		p.see("[popover]:popover-open")
		p.until("the card is within", `(() => {
			const box = document.querySelector(":popover-open").getBoundingClientRect();
			return box.left >= 0 && box.right <= 360 && box.bottom <= 740;
		})()`)
		p.screenshots("narrow-" + strings.TrimPrefix(card, "#"))
		p.press(kb.Escape)
	}
	p.quiet()
}
