// Package mail writes and sends the mails of accounts: by SMTP, or, in dev, into a mailbox
// that a browser shows. What is in them, templates decide that an operator can replace.
package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"log/slog"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"

	"github.com/ownql/ownql/auth"
)

// A Letter is a mail as it is sent.
type Letter struct {
	To      string `json:"to"`
	Subject string `json:"subject"` // one line
	Text    string `json:"text"`
	HTML    string `json:"html,omitempty"` // the same for those who prefer it; may be empty
}

// Templates write letters. Each kind of mail has KIND.txt, a template of text/template
// that begins with a line `Subject: …` and an empty one, and may have KIND.html, one of
// html/template. Both are executed on an [auth.Mail].
type Templates struct {
	parsed func() (*parsedTemplates, error)
}

type parsedTemplates struct {
	texts map[auth.MailKind]*texttemplate.Template
	htmls map[auth.MailKind]*htmltemplate.Template
}

//go:embed templates
var defaults embed.FS

// samples are mails to try templates on, one of each kind.
var samples = map[auth.MailKind]auth.Mail{
	auth.MailVerifyEmail:     {Link: "https://api.example.com/email/verify#token=TOKEN", Token: "TOKEN"},
	auth.MailResetPassword:   {Link: "https://api.example.com/password/reset#token=TOKEN", Token: "TOKEN"},
	auth.MailPasswordChanged: {Link: "https://api.example.com/account/undo#token=TOKEN", Token: "TOKEN"},
	auth.MailEmailChanged:    {Link: "https://api.example.com/account/undo#token=TOKEN", Token: "TOKEN"},
	auth.MailInvitation:      {Link: "https://api.example.com/invitation#token=TOKEN", Token: "TOKEN", From: "ada@example.com"},
	auth.MailSignInAdded:     {Link: "https://api.example.com/account/undo#token=TOKEN", Token: "TOKEN"},
}

// ReadTemplates returns the templates in dir, and for the kinds of mail that have none
// there those that ownql brings along. It tries every template, so that one that is broken
// is found now. dir may be nil: those of ownql are not, and are read for the first mail,
// for which no start has to wait.
func ReadTemplates(dir fs.FS) (*Templates, error) {
	t := &Templates{sync.OnceValues(func() (*parsedTemplates, error) { return parseTemplates(dir) })}
	if dir == nil {
		return t, nil
	}
	_, err := t.parsed()
	return t, err
}

func parseTemplates(dir fs.FS) (*parsedTemplates, error) {
	embedded, err := fs.Sub(defaults, "templates")
	if err != nil {
		return nil, err
	}
	t := &parsedTemplates{map[auth.MailKind]*texttemplate.Template{}, map[auth.MailKind]*htmltemplate.Template{}}
	if err := t.read(embedded); err != nil {
		return nil, err
	}
	if dir == nil {
		return t, nil
	}
	return t, t.read(dir)
}

// read takes a directory's templates in the place of those of their kind.
func (t *parsedTemplates) read(dir fs.FS) error {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return err
	}
	found := 0
	for _, entry := range entries {
		name := entry.Name()
		extension := path.Ext(name)
		if extension != ".txt" && extension != ".html" {
			continue
		}
		kind := auth.MailKind(strings.TrimSuffix(name, extension))
		if _, ok := samples[kind]; !ok {
			return fmt.Errorf("%s is of no kind of mail: want %s, .txt or .html", name, kinds())
		}
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		if extension == ".txt" {
			t.texts[kind], err = texttemplate.New(name).Option("missingkey=error").Parse(string(content))
		} else {
			t.htmls[kind], err = htmltemplate.New(name).Option("missingkey=error").Parse(string(content))
		}
		if err != nil {
			return err
		}
		found++
	}
	if found == 0 {
		return fmt.Errorf("there are no templates: want %s, .txt or .html", kinds())
	}
	return t.try()
}

// kinds lists the kinds of mail.
func kinds() string {
	var names []string
	for _, kind := range slices.Sorted(maps.Keys(samples)) {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// try writes a letter of each kind.
func (t *parsedTemplates) try() error {
	for _, kind := range slices.Sorted(maps.Keys(samples)) {
		sample := samples[kind]
		sample.Kind, sample.To, sample.Site = kind, "ada@example.com", "api.example.com"
		letter, err := t.write(sample)
		if err != nil {
			return err
		}
		if kind.IsNotice() { // templates from before notices had links are taken as they are
			if !strings.Contains(letter.Text, sample.Token) {
				slog.Warn("a mail template has neither {{.Link}} nor {{.Token}}: its readers have no way back", "template", string(kind)+".txt")
			}
			continue
		}
		if !strings.Contains(letter.Text, sample.Token) {
			return fmt.Errorf("%s.txt has neither {{.Link}} nor {{.Token}}", kind)
		}
		if letter.HTML != "" && !strings.Contains(letter.HTML, sample.Token) {
			return fmt.Errorf("%s.html has neither {{.Link}} nor {{.Token}}", kind)
		}
	}
	return nil
}

// write returns the mail as a letter.
func (t *Templates) write(mail auth.Mail) (Letter, error) {
	parsed, err := t.parsed()
	if err != nil {
		return Letter{}, err
	}
	return parsed.write(mail)
}

func (t *parsedTemplates) write(mail auth.Mail) (Letter, error) {
	template, ok := t.texts[mail.Kind]
	if !ok {
		return Letter{}, fmt.Errorf("there is no template for %s", mail.Kind)
	}
	var text, html bytes.Buffer
	if err := template.Execute(&text, mail); err != nil {
		return Letter{}, err
	}
	subject, body, err := cutSubject(text.String())
	if err != nil {
		return Letter{}, fmt.Errorf("%s.txt: %w", mail.Kind, err)
	}
	if template, ok := t.htmls[mail.Kind]; ok {
		if err := template.Execute(&html, mail); err != nil {
			return Letter{}, err
		}
	}
	return Letter{To: mail.To, Subject: subject, Text: body, HTML: html.String()}, nil
}

var errNoSubject = errors.New("want a first line `Subject: …`, and an empty one after it")

// cutSubject takes a text that begins with its subject apart. The subject is one line.
func cutSubject(text string) (subject, body string, err error) {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	head, body, ok := strings.Cut(text, "\n\n")
	subject, isSubject := strings.CutPrefix(head, "Subject:")
	subject = strings.TrimSpace(subject)
	if !ok || !isSubject || subject == "" || strings.ContainsAny(subject, "\r\n") {
		return "", "", errNoSubject
	}
	return subject, body, nil
}
