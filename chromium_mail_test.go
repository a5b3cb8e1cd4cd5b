//go:build chromium

package main

import (
	"net/http"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestMailInChromium follows the links in mails, from the mailbox of dev.
func TestMailInChromium(t *testing.T) {
	origin := startForChromium(t)
	p := openPlayground(t, startChromium(t), origin, npmFile)
	open := func(address string) {
		t.Helper()
		p.do("open "+address, chromedp.Navigate(address))
	}
	openMail := func() {
		t.Helper()
		open(origin + "/dev/mail")
		p.until("the mailbox is there", `document.title === "Mail · ownql"`)
	}
	follow := func(link string) {
		t.Helper()
		open(p.read("document.querySelector(`" + link + "`)?.href"))
	}
	openMail()
	p.until("it is empty", `document.body.innerText.includes("There is none yet")`)

	if status, answer := postJSON(t, origin+"/signup", "", ada); status != http.StatusCreated {
		t.Fatalf("POST /signup answers %d %s", status, answer)
	}
	follow("p a") // look again
	follow(`article a[href*="/email/verify#token="]`)
	p.see("form button")
	p.miss("#done")
	p.click("form button")
	p.see("#done")
	p.miss("form")
	p.until("the address has no token any more", `location.pathname === "/email/verify" && location.hash === ""`)

	if status, answer := postJSON(t, origin+"/password/forgot", "", map[string]string{"email": ada.Email}); status != http.StatusAccepted {
		t.Fatalf("POST /password/forgot answers %d %s", status, answer)
	}
	openMail()
	p.screenshots()
	follow(`article a[href*="/password/reset#token="]`)
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
	openMail()
	follow(`article a[href*="/password/reset#token="]`)
	p.until("the password has the focus", `document.activeElement.name === "password"`)
	p.press(password + kb.Enter)
	p.until("the page says that the link is used", `document.querySelector("#error").textContent.startsWith("the token is wrong, used")`)
	p.expectRefusal("/password/reset", http.StatusBadRequest)
	p.quiet()
}
