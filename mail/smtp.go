package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/web"
)

// smtpTimeout bounds each part of what a mail takes: to connect, to sign in, to hand it over.
const smtpTimeout = 10 * time.Second

// SMTP sends mail by a server that takes it in (RFC 6409), on a connection for each.
type SMTP struct {
	templates *Templates
	from      *netmail.Address
	host      string
	tls       *tls.Config // nil: it begins without TLS
	options   []gomail.Option
}

var errSMTPURL = errors.New("want smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465")

// NewSMTP returns what sends by the server that address names: `smtp://user:password@host:587`,
// which has to speak STARTTLS, or `smtps://user:password@host:465`. On loopback, where nobody
// listens in, a server needs no TLS, and no certificate that is worth anything. An error never
// repeats the address, which is a secret.
func NewSMTP(address string, from *netmail.Address, templates *Templates) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" ||
		strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errSMTPURL
	}
	port := 587
	if u.Scheme == "smtps" {
		port = 465
	}
	if text := u.Port(); text != "" {
		number, err := strconv.ParseUint(text, 10, 16)
		if err != nil || number == 0 {
			return nil, errSMTPURL
		}
		port = int(number)
	}
	host := u.Hostname()
	s := &SMTP{templates: templates, from: from, host: host}
	config := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, InsecureSkipVerify: web.IsLoopbackHost(host)}
	options := []gomail.Option{
		gomail.WithPort(port),
		gomail.WithTimeout(smtpTimeout),
		gomail.WithTLSConfig(config),
	}
	switch {
	case u.Scheme == "smtps":
		s.tls = config
		options = append(options, gomail.WithSSL())
	case web.IsLoopbackHost(host):
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if u.User != nil {
		password, ok := u.User.Password()
		if !ok || u.User.Username() == "" {
			return nil, errSMTPURL
		}
		options = append(options,
			gomail.WithUsername(u.User.Username()),
			gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(mechanisms(web.IsLoopbackHost(host))...),
		)
	}
	if _, err := gomail.NewClient(host, options...); err != nil {
		return nil, errSMTPURL
	}
	s.options = options
	return s, nil
}

// mechanisms are the ways to sign in, the best first.
func mechanisms(withoutTLS bool) []gomail.SMTPAuthType {
	if withoutTLS {
		return []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc}
	}
	return []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
}

// Send sends the mail, and returns when the server has taken it, or ctx is done.
func (s *SMTP) Send(ctx context.Context, mail auth.Mail) error {
	letter, err := s.templates.write(mail)
	if err != nil {
		return err
	}
	message, err := s.message(letter)
	if err != nil {
		return err
	}
	// A client remembers what it found out about the server it spoke to, so each mail has its own.
	client, err := gomail.NewClient(s.host, append([]gomail.Option{gomail.WithDialContextFunc(s.dialUntil(ctx))}, s.options...)...)
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return errors.Join(ctx.Err(), err)
	}
	return nil
}

// dialUntil connects to the server, and hangs up when ctx is done: the library heeds a
// context only until it is connected.
func (s *SMTP) dialUntil(ctx context.Context) gomail.DialContextFunc {
	return func(dialCtx context.Context, network, address string) (net.Conn, error) {
		dial := new(net.Dialer).DialContext
		if s.tls != nil {
			dial = (&tls.Dialer{Config: s.tls}).DialContext
		}
		conn, err := dial(dialCtx, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { conn.Close() })
		}
		return conn, err
	}
}

// message returns the letter as a message of RFC 5322.
func (s *SMTP) message(letter Letter) (*gomail.Msg, error) {
	to, err := mailAddress(letter.To)
	if err != nil {
		return nil, err
	}
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(s.from)
	message.ToMailAddress(to)
	message.Subject(letter.Subject)
	message.SetDate()
	_, domain, _ := strings.Cut(s.from.Address, "@")
	message.SetMessageIDWithValue(rand.Text() + "@" + domain)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, section 5: nobody is to answer it by machine
	message.SetBodyString(gomail.TypeTextPlain, letter.Text)
	if letter.HTML != "" {
		message.AddAlternativeString(gomail.TypeTextHTML, letter.HTML)
	}
	return message, nil
}

// mailAddress returns a canonical email as SMTP takes it, its domain in ASCII. An error: it is
// more, or less, than the one address that it seems, as `a,b@example.com` and `a<b@example.com`.
func mailAddress(email string) (*netmail.Address, error) {
	local, domain, _ := strings.Cut(email, "@")
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil {
		return nil, fmt.Errorf("no mail can be sent to the domain of the address: %w", err)
	}
	address, err := netmail.ParseAddress(local + "@" + ascii)
	if err != nil || address.Address != local+"@"+ascii || address.Name != "" || strings.ContainsAny(address.Address, " \r\n\t<>,;:()[]\\\"") {
		return nil, errors.New("no mail can be sent to an address of this form")
	}
	return address, nil
}

// ParseFrom returns whom mails come from: an address, or a name and an address in <>.
func ParseFrom(text string) (*netmail.Address, error) {
	address, err := netmail.ParseAddress(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, errors.New("want an address, such as no-reply@example.com or 'Example <no-reply@example.com>'")
	}
	return address, nil
}
