package gql

import (
	_ "embed"
	"html/template"
	"net/http"
	"strings"

	"github.com/ownql/ownql/internal/page"
)

var (
	//go:embed playground/index.html
	playgroundPage string
	//go:embed playground/playground.css
	playgroundStyle string
	//go:embed playground/playground.js
	playgroundScript string
	//go:embed playground/accounts.js
	accountsScript string
	//go:embed playground/account.js
	accountScript string
	//go:embed playground/starts.js
	startsScript string
	//go:embed playground/graphiql.js
	graphiqlScript string
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

// Playground says what the playground has beside GraphiQL and accounts.
type Playground struct {
	Store   string // names what the server's data is, so that the browser keeps the accounts of each apart
	Mailbox bool   // it leads to the mails at /dev/mail
	Status  bool   // it shows what is wrong with the project, and has GraphiQL read the schema of each new server, by /dev/status

	// KeptGraphiQL returns the path below which this server has GraphiQL's script and style sheet, and the directory where they are; empty,
	// or no function: it has not, and they come from the CDN.
	KeptGraphiQL func() (path, dir string)
}

// NewPlayground answers every request with the playground: GraphiQL under a bar in which one signs up, in and out, goes from
// one account to another, and has each in hand. Who may ask for it, and at which path, is the router's to decide.
func NewPlayground(p Playground) http.Handler {
	playground := page.New(playgroundPage, playgroundPolicy)
	scripts := template.JS(strings.Join([]string{accountsScript, accountScript, startsScript, graphiqlScript, playgroundScript}, "\n"))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var kept, keptIn string
		if p.KeptGraphiQL != nil {
			kept, keptIn = p.KeptGraphiQL()
		}
		playground.Serve(w, func(nonce string) any {
			return struct {
				Nonce, Store    string
				Style           template.CSS
				Script, Dev     template.JS
				Mailbox, Status bool
				Kept, KeptIn    string
			}{nonce, p.Store, template.CSS(playgroundStyle), scripts, template.JS(devScript), p.Mailbox, p.Status, kept, keptIn}
		})
	})
}
