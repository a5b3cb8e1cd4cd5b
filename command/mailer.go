package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/mail"
)

// mailConfig is how mail is written and sent.
type mailConfig struct {
	templates *mail.Templates
	smtp      *mail.SMTP // nil: into the mailbox of dev, or not at all
}

// mailConfig reads the flags that mail has; own are the project's templates, dev and url are decided. smtpURL is
// OWNQL_SMTP_URL, which no error repeats.
func (f *serveFlags) mailConfig(own fs.FS, smtpURL string, dev bool) (c mailConfig, err error) {
	if c.templates, err = readTemplates(f.MailTemplates, own); err != nil {
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

// readTemplates returns the templates in dir, or the project's own where that is empty, which
// may be nil.
func readTemplates(dir string, own fs.FS) (*mail.Templates, error) {
	if dir == "" {
		return mail.ReadTemplates(own)
	}
	templates, err := mail.ReadTemplates(os.DirFS(dir))
	if err != nil {
		return nil, fmt.Errorf("--mail-templates %s: %w", dir, err)
	}
	return templates, nil
}

// newMailer returns what sends mails, nil for nothing, and the mailbox that it is, where it is
// one.
func newMailer(config config, stderr io.Writer) (auth.Mailer, *mail.Mailbox) {
	switch {
	case config.mail.smtp != nil:
		return config.mail.smtp, nil
	case config.dev:
		mailbox := mail.NewMailbox(stderr, config.mail.templates)
		return mailbox, mailbox
	}
	slog.Warn("OWNQL_SMTP_URL is not set: no mail is sent, and who forgets a password needs the operator")
	return nil, nil
}

// linkURL returns what the links in mails lead to. addr is where the server listens, which in
// dev is reached by links unless --url says otherwise; nil: nowhere.
func linkURL(config config, addr net.Addr) string {
	if config.url == "" && addr != nil {
		return "http://" + reachable(addr.String())
	}
	return config.url
}
