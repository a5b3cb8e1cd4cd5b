package gql

import (
	_ "embed"
	"html/template"
	"net/http"

	"github.com/ownql/ownql/internal/page"
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
	//go:embed playground/dev.js
	devScript string
)

// playgroundPolicy is what GraphiQL 4.1.2 needs: scripts and style sheets by nonce alone,
// wherever they come from, of which the page's integrity attributes say what those from
// the CDN must be. GraphiQL's style sheet holds its fonts and its icons as data: URLs.
const playgroundPolicy = "script-src 'nonce-%[1]s'; " +
	"style-src 'nonce-%[1]s'; " +
	"connect-src 'self'; " +
	"font-src data:; " +
	"img-src data:; " +
	"object-src 'none'"

// NewPlayground answers every request with the playground: GraphiQL under a bar
// in which one signs up, in and out, and has the account in hand. With hasMailbox,
// it leads to the mails at /dev/mail; with hasStatus, it shows what is wrong with the project,
// and has GraphiQL read the schema of each new server, by /dev/status. Who may ask for it, and at which path, is
// the router's to decide.
func NewPlayground(hasMailbox, hasStatus bool) http.Handler {
	playground := page.New(playgroundPage, playgroundPolicy)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		playground.Serve(w, func(nonce string) any {
			return struct {
				Nonce   string
				Style   template.CSS
				Account template.JS
				Script  template.JS
				Dev     template.JS
				Mailbox bool
				Status  bool
			}{nonce, template.CSS(playgroundStyle), template.JS(accountScript), template.JS(playgroundScript), template.JS(devScript), hasMailbox, hasStatus}
		})
	})
}
