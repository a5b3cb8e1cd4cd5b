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
	Password bool   // it asks for a new one
	Signup   bool   // it asks for what an account is made of, where the server wants that
	Proof    string // the field of the account's password, which is asked for where the server wants it
	Button   string
	Done     string
	NotMe    string // what the button says by which one disowns the address; empty: there is none
	Disowned string // what it says then
}

// VerifyPage answers GET /email/verify: a page whose button sends the token in its
// address, which the server does not see, by POST. The account's password goes along where the
// browser has no session of it.
func (recovery *Recovery) VerifyPage(w http.ResponseWriter, r *http.Request) error {
	recovery.servePage(w, linkPageText{
		Title:    "Verify your email address",
		Intro:    "If you have signed up with this address, or want your account to have it, verify it.",
		Proof:    "password",
		Button:   "Verify",
		Done:     "Your email address is verified. You can close this page.",
		NotMe:    "This was not me",
		Disowned: "Nobody has an account with your address any more, or can give it to theirs. You can close this page.",
	})
	return nil
}

// ResetPage answers GET /password/reset: the same, with a new password.
func (recovery *Recovery) ResetPage(w http.ResponseWriter, r *http.Request) error {
	recovery.servePage(w, linkPageText{
		Title:    "Choose a new password",
		Intro:    "It signs you out wherever you are signed in.",
		Password: true,
		Button:   "Set the password",
		Done:     "You have a new password. You can close this page, and sign in with it.",
	})
	return nil
}

// UndoPage answers GET /account/undo: the same, for an account that somebody else has changed.
func (recovery *Recovery) UndoPage(w http.ResponseWriter, r *http.Request) error {
	recovery.servePage(w, linkPageText{
		Title: "Take your account back",
		Intro: "Your account gets the address again that the mail came to, and the password that you choose. " +
			"Everybody who is signed in to it is signed out.",
		Password: true,
		Proof:    "formerPassword",
		Button:   "Take it back",
		Done:     "The account is yours again. You can close this page, and sign in with the address that the mail came to.",
	})
	return nil
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
