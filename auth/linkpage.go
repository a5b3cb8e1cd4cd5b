package auth

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
)

var (
	//go:embed linkpage/index.html
	linkPage string
	//go:embed linkpage/linkpage.css
	linkPageStyle string
	//go:embed linkpage/linkpage.js
	linkPageScript string
)

// linkPagePolicy is the Content-Security-Policy of a link's page; %[1]s is the response's
// nonce. The page talks to its own server alone, by its script: without that, a password
// must not end up in a URL.
const linkPagePolicy = "default-src 'none'; " +
	"script-src 'nonce-%[1]s'; " +
	"style-src 'nonce-%[1]s'; " +
	"connect-src 'self'; " +
	"img-src data:; " +
	"base-uri 'none'; " +
	"form-action 'none'; " +
	"frame-ancestors 'none'"

// A linkPageText is what a link's page says.
type linkPageText struct {
	Title    string
	Intro    string
	Password bool // it asks for one
	Button   string
	Done     string
}

// VerifyPage answers GET /email/verify: a page whose button sends the token in its
// address, which the server does not see, by POST.
func (recovery *Recovery) VerifyPage(w http.ResponseWriter, r *http.Request) {
	serveLinkPage(w, linkPageText{
		Title:  "Verify your email address",
		Intro:  "One click, and this address is verified.",
		Button: "Verify",
		Done:   "Your email address is verified. You can close this page.",
	})
}

// ResetPage answers GET /password/reset: the same, with a new password.
func (recovery *Recovery) ResetPage(w http.ResponseWriter, r *http.Request) {
	serveLinkPage(w, linkPageText{
		Title:    "Choose a new password",
		Intro:    "It signs you out wherever you are signed in.",
		Password: true,
		Button:   "Set the password",
		Done:     "You have a new password. You can close this page, and sign in with it.",
	})
}

func serveLinkPage(w http.ResponseWriter, text linkPageText) {
	nonce := rand.Text()
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", fmt.Sprintf(linkPagePolicy, nonce))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	page := template.Must(template.New("linkpage").Parse(linkPage))
	// An error here is the connection's: nobody is left to tell.
	_ = page.Execute(w, struct {
		linkPageText
		Nonce  string
		Style  template.CSS
		Script template.JS
	}{text, nonce, template.CSS(linkPageStyle), template.JS(linkPageScript)})
}
