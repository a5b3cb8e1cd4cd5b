// Package page serves the HTML pages that ownql has itself, each under the strictest
// Content-Security-Policy that it runs under.
package page

import (
	"crypto/rand"
	"fmt"
	"html/template"
	"net/http"
	"sync"
)

// A Page is a template and what it may do.
type Page struct {
	parse  func() *template.Template
	policy string
}

// New returns a page of an html/template. policy is its Content-Security-Policy but for what
// no page may: %[1]s in it is the nonce by which its scripts and styles run. Nothing is ever
// navigated to by a form: the scripts send them, and without those a password must not end
// up in a URL.
func New(html, policy string) *Page {
	return &Page{
		parse:  sync.OnceValue(func() *template.Template { return template.Must(template.New("page").Parse(html)) }),
		policy: "default-src 'none'; " + policy + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
	}
}

// Serve answers with the page of what data returns for the answer's nonce.
func (p *Page) Serve(w http.ResponseWriter, data func(nonce string) any) {
	nonce := rand.Text()
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Security-Policy", fmt.Sprintf(p.policy, nonce))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cache-Control", "no-store")
	// An error here is the connection's: nobody is left to tell.
	_ = p.parse().Execute(w, data(nonce))
}
