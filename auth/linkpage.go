package auth

import (
	_ "embed"
	"html/template"
	"net/http"

	"github.com/ownql/ownql/internal/page"
)

var (
	//go:embed linkpage/index.html
	linkPage string
	//go:embed linkpage/linkpage.css
	linkPageStyle string
	//go:embed linkpage/linkpage.js
	linkPageScript string
)

// newLinkPage returns the page that the links in mails lead to. It talks to its own server
// alone.
func newLinkPage() *page.Page {
	return page.New(linkPage, "script-src 'nonce-%[1]s'; style-src 'nonce-%[1]s'; connect-src 'self'; img-src data:")
}

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
	recovery.servePage(w, linkPageText{
		Title:  "Verify your email address",
		Intro:  "One click, and this address is verified.",
		Button: "Verify",
		Done:   "Your email address is verified. You can close this page.",
	})
}

// ResetPage answers GET /password/reset: the same, with a new password.
func (recovery *Recovery) ResetPage(w http.ResponseWriter, r *http.Request) {
	recovery.servePage(w, linkPageText{
		Title:    "Choose a new password",
		Intro:    "It signs you out wherever you are signed in.",
		Password: true,
		Button:   "Set the password",
		Done:     "You have a new password. You can close this page, and sign in with it.",
	})
}

func (recovery *Recovery) servePage(w http.ResponseWriter, text linkPageText) {
	recovery.page.Serve(w, func(nonce string) any {
		return struct {
			linkPageText
			Nonce  string
			Style  template.CSS
			Script template.JS
		}{text, nonce, template.CSS(linkPageStyle), template.JS(linkPageScript)}
	})
}
