//go:build chromium

package e2e

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// TestMailInChromium follows the links in mails, from the mailbox of dev.
func TestMailInChromium(t *testing.T) {
	origin := startForChromium(t)
	p := openPlayground(t, startChromium(t), origin, npmFile)
	p.openMail(origin)
	p.until("it is empty", `document.body.innerText.includes("There is none yet")`)

	if status, answer := postJSON(t, origin+"/signup", "", ada); status != http.StatusCreated {
		t.Fatalf("POST /signup answers %d %s", status, answer)
	}
	p.follow("p a") // look again
	p.follow(`article a[href*="/email/verify#token="]`)
	p.see("form button")
	p.miss("#done")
	p.miss("#proof")

	// This browser has no session of the account, so the page asks for its password.
	p.click("form button")
	p.see("#proof")
	p.until("the password has the focus", `document.activeElement.name === "password"`)
	p.expectRefusal("/email/verify", http.StatusUnauthorized)
	p.press("a wrong one" + kb.Enter)
	p.until("the page says what is wrong", `document.querySelector("#error").textContent === "the password is wrong"`)
	p.expectRefusal("/email/verify", http.StatusBadRequest)
	p.retype("input[name=password]", ada.Password)
	p.press(kb.Enter)
	p.see("#done")
	p.miss("form")
	p.until("the address has no token any more", `location.pathname === "/email/verify" && location.hash === ""`)

	if status, answer := postJSON(t, origin+"/password/forgot", "", map[string]string{"email": ada.Email}); status != http.StatusAccepted {
		t.Fatalf("POST /password/forgot answers %d %s", status, answer)
	}
	p.openMail(origin)
	p.screenshots("mail")
	p.follow(`article a[href*="/password/reset#token="]`)
	p.until("the password has the focus", `document.activeElement.name === "password"`)
	p.press("short" + kb.Enter)
	p.until("the page says what is wrong", `document.querySelector("#error").textContent === "a password has at least 8 characters"`)
	p.expectRefusal("/password/reset", http.StatusBadRequest)
	const password = "analytical engine no. 1"
	p.retype("input[name=password]", password)
	p.press(kb.Enter)
	p.see("#done")
	if status, answer := postJSON(t, origin+"/login", "", credentials{ada.Email, password}); status != http.StatusOK {
		t.Errorf("POST /login answers %d %s", status, answer)
	}

	// The link again, from the history or the mail.
	p.openMail(origin)
	p.follow(`article a[href*="/password/reset#token="]`)
	p.until("the password has the focus", `document.activeElement.name === "password"`)
	p.press(password + kb.Enter)
	p.until("the page says that the link is used", `document.querySelector("#error").textContent.startsWith("the token is wrong, used")`)
	p.expectRefusal("/password/reset", http.StatusBadRequest)

	// What somebody else did is undone: an account with one's address, and another password.
	eve := ada
	eve.Email = "charles@example.com"
	if status, answer := postJSON(t, origin+"/signup", "", eve); status != http.StatusCreated {
		t.Fatalf("POST /signup answers %d %s", status, answer)
	}
	p.openMail(origin)
	p.follow(`article a[href*="/email/verify#token="]`)
	p.click("button[name=notMe]")
	p.see("#disowned")
	if status, _ := postJSON(t, origin+"/login", "", credentials{eve.Email, eve.Password}); status != http.StatusUnauthorized {
		t.Errorf("POST /login to the disowned account answers %d, want 401", status)
	}
	p.openMail(origin)
	p.follow(`article a[href*="/account/undo#token="]`)
	p.until("the password has the focus", `document.activeElement.name === "password"`)
	const third = "notes by the translator"
	p.press(third + kb.Enter)
	p.see("#done")
	if status, answer := postJSON(t, origin+"/login", "", credentials{ada.Email, third}); status != http.StatusOK {
		t.Errorf("POST /login answers %d %s", status, answer)
	}
	p.quiet()
}
