package graph

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
)

var (
	//go:embed playground/index.html
	playgroundPage string
	//go:embed playground/playground.css
	playgroundStyle string
	//go:embed playground/playground.js
	playgroundScript string
	//go:embed playground/account.js
	accountScript string
)

// playgroundPolicy is the strictest Content-Security-Policy that GraphiQL 4.1.2
// runs under; %[1]s is the response's nonce. Scripts and style sheets run by
// nonce alone, wherever they come from, and the page's integrity attributes say
// what those from the CDN must be. GraphiQL's style sheet holds its fonts and
// its icons as data: URLs. Nothing is ever navigated to by a form: the page's
// script sends them, and without it a password must not end up in a URL.
const playgroundPolicy = "default-src 'none'; " +
	"script-src 'nonce-%[1]s'; " +
	"style-src 'nonce-%[1]s'; " +
	"connect-src 'self'; " +
	"font-src data:; " +
	"img-src data:; " +
	"object-src 'none'; " +
	"base-uri 'none'; " +
	"form-action 'none'; " +
	"frame-ancestors 'none'"

// NewPlayground answers every request with the playground: GraphiQL under a bar
// in which one signs up, in and out, and has the account in hand. With hasMailbox,
// it leads to the mails at /dev/mail. Who may ask for it, and at which path, is
// the router's to decide.
func NewPlayground(hasMailbox bool) http.Handler {
	page := template.Must(template.New("playground").Parse(playgroundPage))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		nonce := rand.Text()
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", fmt.Sprintf(playgroundPolicy, nonce))
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cache-Control", "no-store")
		// An error here is the connection's: nobody is left to tell.
		_ = page.Execute(w, struct {
			Nonce   string
			Style   template.CSS
			Account template.JS
			Script  template.JS
			Mailbox bool
		}{nonce, template.CSS(playgroundStyle), template.JS(accountScript), template.JS(playgroundScript), hasMailbox})
	})
}
