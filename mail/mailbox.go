package mail

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/internal/page"
)

// maxKept is how many letters a Mailbox keeps: the newest.
const maxKept = 100

// Mailbox is where the mails of dev end up: it prints them, and shows them to a browser.
type Mailbox struct {
	templates *Templates
	print     io.Writer
	page      *page.Page

	mu   sync.Mutex
	kept []kept // the newest first
}

// kept is a letter in a mailbox.
type kept struct {
	Letter
	Kind auth.MailKind `json:"kind"`
	At   time.Time     `json:"at"`
	Link string        `json:"link,omitempty"`
}

// NewMailbox returns an empty mailbox that prints to w.
func NewMailbox(w io.Writer, templates *Templates) *Mailbox {
	return &Mailbox{templates: templates, print: w, page: page.New(mailboxPage, mailboxPolicy)}
}

// Send prints the mail, and keeps it.
func (m *Mailbox) Send(_ context.Context, mail auth.Mail) error {
	letter, err := m.templates.write(mail)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept = slices.Insert(m.kept, 0, kept{letter, mail.Kind, time.Now().UTC(), mail.Link})
	if len(m.kept) > maxKept {
		m.kept = m.kept[:maxKept]
	}
	_, err = io.WriteString(m.print, letter.String())
	return err
}

// String returns the letter for a terminal.
func (l Letter) String() string {
	var text strings.Builder
	fmt.Fprintf(&text, "\n  To: %s\n  Subject: %s\n\n", l.To, l.Subject)
	for line := range strings.Lines(l.Text) {
		fmt.Fprintf(&text, "  %s", line)
	}
	return text.String() + "\n"
}

//go:embed mailbox.html
var mailboxPage string

// mailboxPolicy lets the page have its style, and the HTML of mails, in a frame of their own,
// the style of their elements. Nothing runs, and nothing is fetched.
const mailboxPolicy = "style-src 'nonce-%[1]s'; style-src-attr 'unsafe-inline'; img-src data:"

// ServeHTTP answers with the mails, the newest first: a page, or for those who accept
// application/json `{"mails":[{"to","subject","text","html","kind","at","link"}]}`.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.mu.Lock()
	mails := append([]kept{}, m.kept...)
	m.mu.Unlock()
	w.Header().Set("Vary", "Accept")
	if strings.Contains(r.Header.Get("Accept"), "application/json") {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		json.NewEncoder(w).Encode(map[string][]kept{"mails": mails})
		return
	}
	m.page.Serve(w, func(nonce string) any {
		return struct {
			Nonce string
			Max   int
			Mails []shown
		}{nonce, maxKept, show(mails)}
	})
}

// shown is a letter on the page, its text cut at the link.
type shown struct {
	kept
	Before, After string // all of the text is Before where it has no link
}

func show(mails []kept) []shown {
	list := make([]shown, len(mails))
	for i, mail := range mails {
		list[i] = shown{kept: mail, Before: mail.Text}
		if before, after, ok := strings.Cut(mail.Text, mail.Link); ok && mail.Link != "" {
			list[i].Before, list[i].After = before, after
		} else {
			list[i].Link = ""
		}
	}
	return list
}
