package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/mail"
	"github.com/ownql/ownql/store"
)

// mailConfig is how mail is written and sent.
type mailConfig struct {
	templates *mail.Templates
	smtp      *mail.SMTP // nil: into the mailbox of dev, or not at all
}

// mailConfig reads the flags that mail has; dev and url are decided. smtpURL is
// OWNQL_SMTP_URL, which no error repeats.
func (f *serveFlags) mailConfig(smtpURL string, dev bool) (c mailConfig, err error) {
	if c.templates, err = readTemplates(f.MailTemplates); err != nil {
		return c, err
	}
	if smtpURL == "" {
		if bool(f.RequireVerified) && !dev {
			err = errors.New("--require-verified-email: OWNQL_SMTP_URL is not set, and without mail nobody could verify an email")
		}
		return c, err
	}
	if f.URL == "" && !dev {
		return c, errors.New("OWNQL_SMTP_URL is set, but --url is not: want the public address, such as https://api.example.com, for the links in mails")
	}
	if f.MailFrom == "" {
		return c, errors.New("OWNQL_SMTP_URL is set, but --mail-from is not: want an address, such as no-reply@example.com or 'Example <no-reply@example.com>'")
	}
	from, err := mail.ParseFrom(f.MailFrom)
	if err != nil {
		return c, fmt.Errorf("--mail-from %q: %w", f.MailFrom, err)
	}
	if c.smtp, err = mail.NewSMTP(smtpURL, from, c.templates); err != nil {
		return c, fmt.Errorf("OWNQL_SMTP_URL: %w", err)
	}
	return c, nil
}

// readTemplates returns the templates in dir, or those of ownql where that is empty.
func readTemplates(dir string) (*mail.Templates, error) {
	if dir == "" {
		return mail.ReadTemplates(nil)
	}
	templates, err := mail.ReadTemplates(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("--mail-templates %s: %w", dir, err)
	}
	return templates, nil
}

// newPost returns what writes to users, and the mailbox that it fills, where it does. addr
// is where the server listens, which in dev is what links lead to unless --url says
// otherwise; nil: nowhere.
func newPost(s *store.Store, config config, addr net.Addr, stderr io.Writer) (*auth.Post, *mail.Mailbox) {
	url := config.url
	if url == "" && addr != nil {
		url = "http://" + reachable(addr.String())
	}
	switch {
	case config.mail.smtp != nil:
		return auth.NewPost(s, config.mail.smtp, url), nil
	case config.dev:
		mailbox := mail.NewMailbox(stderr, config.mail.templates)
		return auth.NewPost(s, mailbox, url), mailbox
	}
	slog.Warn("OWNQL_SMTP_URL is not set: no mail is sent, and who forgets a password needs the operator")
	return auth.NewPost(s, nil, url), nil
}
