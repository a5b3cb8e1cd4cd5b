//go:build chromium

package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestAccountInChromium leads an account through its whole life, by the playground and the
// mails of dev.
func TestAccountInChromium(t *testing.T) {
	origin := startForChromium(t)
	p := openPlayground(t, startChromium(t), origin, npmFile)
	p.see(".graphiql-query-editor .CodeMirror")
	const mailbox = "a[href='/dev/mail']"
	playground := func() {
		t.Helper()
		p.open(origin + "/")
		p.see("#who")
	}
	// The card, with one of its sections, named by the mutation that it is for, open.
	openCard := func(section string) {
		t.Helper()
		p.click("#who")
		p.until("the account is shown", `document.querySelector("#address").innerText !== ""`)
		if section != "" {
			p.click("details:has([data-mutation=" + section + "]) summary")
			p.see("button[data-mutation=" + section + "]")
		}
	}
	closeCard := func() {
		t.Helper()
		p.press(kb.Escape)
		p.miss("#account")
		p.until("the focus is back", `document.activeElement.id === "who"`)
	}
	// What the card says of the section that is open.
	says := func(what, kind, text string) {
		t.Helper()
		p.until(what, `[...document.querySelectorAll("#account `+kind+`")].some((e) => e.checkVisibility() && e.textContent.startsWith("`+text+`"))`)
	}

	// A sign-up says where the mail is that verifies the email.
	p.click("button[popovertarget=sign-up]")
	p.fill("sign-up", ada)
	p.press(kb.Enter)
	p.until("the bar shows who it is", `document.querySelector("#who").innerText === "Ada Lovelace ada@example.com"`)
	p.see("#notice " + mailbox)
	openCard("")
	p.until("every field has its label", `[...document.querySelectorAll("form input")].every((input) => input.labels.length === 1)`)
	p.until("the email is not verified", `document.querySelector("#address").innerText === "ada@example.com · not verified yet"`)
	p.click("#verification button")
	says("another mail is sent", ".done", "A mail is on its way: see /dev/mail")
	p.follow("#verification " + mailbox)
	p.follow(`article a[href*="/email/verify#token="]`)
	p.click("form button") // which has no session of the page's
	p.see("#proof")
	p.expectRefusal("/email/verify", http.StatusUnauthorized)
	p.press(ada.Password + kb.Enter)
	p.see("#done")
	playground()
	openCard("")
	p.until("the email is verified", `document.querySelector("#address").innerText === "ada@example.com · verified"`)
	p.miss("#verification")
	closeCard()

	// Another session is there, until it is ended.
	logIn := func(password string) (token string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, origin+"/login",
			strings.NewReader(`{"email":"`+ada.Email+`","password":"`+password+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("User-Agent", "Jacquard loom")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var answer struct {
			AccessToken string `json:"access_token"`
		}
		if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.AccessToken == "" {
			t.Fatalf("POST /login answers %s, %v", response.Status, err)
		}
		return answer.AccessToken
	}
	wantStatus := func(what, token string, want int) {
		t.Helper()
		if status, _ := postJSON(t, origin+"/graphql", token, viewerQuery); status != want {
			t.Errorf("%s gets %d, want %d", what, status, want)
		}
	}
	other := logIn(ada.Password)
	wantStatus("the other session", other, http.StatusOK)
	openCard("revokeOtherSessions")
	p.until("two sessions are listed", `document.querySelectorAll("#sessions li").length === 2`)
	p.until("the newest is the other", `document.querySelector("#sessions .agent").innerText === "Jacquard loom"`)
	p.until("one is this one, and the other can be ended", `[...document.querySelectorAll("#sessions li")]
		.every((item, i) => item.querySelector("button").hidden === (i === 1) && item.querySelector("b").hidden === (i === 0))`)
	p.screenshots("account")
	p.do("narrow the window", chromedp.EmulateViewport(360, 600))
	p.until("the card fits a telephone", `(() => {
		const box = document.querySelector("#account").getBoundingClientRect();
		return box.left >= 0 && box.right <= 360 && box.bottom <= 600;
	})()`)
	p.do("widen it", chromedp.EmulateViewport(1280, 800))
	p.click("#sessions button")
	says("the session has ended", ".done", "The session has ended.")
	p.until("one session is left", `document.querySelectorAll("#sessions li").length === 1`)
	p.until("the focus is still in the card", `document.activeElement.innerText === "Sessions"`)
	wantStatus("the ended session", other, http.StatusUnauthorized)
	others := []string{logIn(ada.Password), logIn(ada.Password)}
	p.click("button[data-mutation=revokeOtherSessions]")
	says("the others have ended", ".done", "The other sessions have ended.")
	for _, other := range others {
		wantStatus("an ended session", other, http.StatusUnauthorized)
	}
	closeCard()

	// Another password, at first with a wrong one, and with one that is too short.
	other = logIn(ada.Password)
	const second = "analytical engine no. 1"
	openCard("changePassword")
	p.click("#account input[name=currentPassword]")
	p.press("a wrong one" + kb.Tab + second + kb.Enter)
	says("what is wrong is shown", ".error", "the password is wrong")
	p.until("the wrong field has the focus", `document.activeElement.name === "currentPassword" && document.activeElement.ariaInvalid === "true"`)
	p.press(ada.Password + kb.Tab + "short" + kb.Enter)
	says("what is wrong is shown", ".error", "a password has at least 8 characters")
	p.until("the wrong field has the focus", `document.activeElement.name === "newPassword"`)
	p.press(second + kb.Enter)
	says("the password is changed", ".done", "The password is changed")
	p.until("nothing is wrong any more", `document.querySelector("#account [aria-invalid]") === null`)
	p.until("the passwords are gone", `[...document.querySelectorAll("#account input")].every((input) => input.value === "")`)
	wantStatus("a session from before the change", other, http.StatusUnauthorized)
	wantStatus("the page's session", p.token(), http.StatusOK)

	// Another email, which has to be verified.
	p.click("details:has([data-mutation=changeEmail]) summary")
	p.miss("button[data-mutation=changePassword]")
	p.click("#account input[name=email]")
	p.press("nowhere" + kb.Tab + second + kb.Enter)
	p.until("the wrong field has the focus", `document.activeElement.name === "email" && document.activeElement.ariaInvalid === "true"`)
	p.press("Countess@example.com" + kb.Enter)
	says("the email waits", ".done", "Follow the link that is on its way to the new email, which counts from then on: see /dev/mail")
	p.until("the card shows it", `document.querySelector("#address").innerText === "ada@example.com · verified · countess@example.com is waiting for its link"`)
	p.until("the bar shows the old one", `document.querySelector("#who").innerText === "Ada Lovelace ada@example.com"`)
	p.open(origin + "/dev/mail")
	p.follow(`article a[href*="/email/verify#token="]`)
	p.click("form button")
	p.see("#proof")
	p.expectRefusal("/email/verify", http.StatusUnauthorized)
	p.press(second + kb.Enter)
	p.see("#done")
	playground()
	p.until("the bar shows the new one", `document.querySelector("#who").innerText === "Ada Lovelace countess@example.com"`)

	// The password is forgotten: another one ends every session.
	before := p.token()
	openCard("")
	p.click("#sign-out")
	p.see("#signed-out")
	p.click("button[popovertarget=sign-in]")
	p.press("countess@example.com")
	p.click("#forgotten")
	p.miss("#sign-in")
	p.until("the email need not be typed again", `document.activeElement === document.querySelector("#forgot input") && document.activeElement.value === "countess@example.com"`)
	p.press("@" + kb.Enter)
	p.alarm("forgot")
	p.expectRefusal("/password/forgot", http.StatusBadRequest)
	p.press("countess@example.com" + kb.Enter)
	p.see("#forgot " + mailbox)
	p.follow("#forgot " + mailbox)
	p.follow(`article a[href*="/password/reset#token="]`)
	const third = "notes by the translator"
	p.until("the password has the focus", `document.activeElement.name === "password"`)
	p.press(third + kb.Enter)
	p.see("#done")
	wantStatus("a session from before the reset", before, http.StatusUnauthorized)
	p.open(origin + "/")
	p.click("button[popovertarget=sign-in]")
	p.press("countess@example.com" + kb.Tab + third + kb.Enter)
	p.until("the bar shows who it is", `document.querySelector("#who").innerText === "Ada Lovelace countess@example.com"`)

	// The end takes the password; then the account is not there any more.
	openCard("deleteViewer")
	p.click("details:has([data-mutation=deleteViewer]) input[name=password]")
	p.press(second + kb.Enter)
	says("what is wrong is shown", ".error", "the password is wrong")
	token := p.token()
	p.press(third + kb.Enter)
	p.until("the bar says that it is gone", `document.querySelector("#notice").textContent === "The account is deleted."`)
	p.miss("#account")
	p.until("the focus is on sign-in", `document.activeElement.textContent === "Sign in"`)
	wantStatus("the deleted user's session", token, http.StatusUnauthorized)
	if status, _ := postJSON(t, origin+"/login", "", credentials{"countess@example.com", third}); status != http.StatusUnauthorized {
		t.Errorf("POST /login of the deleted account answers %d, want 401", status)
	}
	p.quiet()
}
