package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/emersion/go-smtp"
	gomail "github.com/wneessen/go-mail"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/internal/smtptest"
)

var from = &netmail.Address{Name: "Exämple", Address: "no-reply@example.com"}

const credentials = "postmaster:p%3Ass%2Fw%40rd@"

// templates are those of ownql, but for dir's.
func templates(t testing.TB, dir fstest.MapFS) *Templates {
	t.Helper()
	templates, err := ReadTemplates(nil)
	if dir != nil {
		templates, err = ReadTemplates(dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return templates
}

func verification(to string) auth.Mail {
	return auth.Mail{Kind: auth.MailVerifyEmail, To: to, Site: "api.example.com", Link: "https://api.example.com/email/verify#token=TOKEN", Token: "TOKEN"}
}

func TestSMTP(t *testing.T) {
	signIn := smtptest.Options{NeedAuth: true}
	for _, test := range []struct {
		name    string
		server  smtptest.Options
		url     string // HOST stands for the server; another host leads to it as well
		trusted bool   // its certificate is
		want    smtptest.Mail
		refused string // part of the error
	}{
		{"on loopback with STARTTLS", signIn, "smtp://" + credentials + "HOST", false, smtptest.Mail{User: smtptest.User, TLS: true}, ""},
		{"on loopback without TLS", smtptest.Options{NeedAuth: true, NoTLS: true}, "smtp://" + credentials + "HOST", false, smtptest.Mail{User: smtptest.User}, ""},
		{"on loopback without signing in", smtptest.Options{NoTLS: true}, "smtp://HOST", false, smtptest.Mail{}, ""},
		{"on loopback by TLS", smtptest.Options{NeedAuth: true, ByTLS: true}, "smtps://" + credentials + "HOST", false, smtptest.Mail{User: smtptest.User, TLS: true}, ""},
		{"elsewhere with STARTTLS", signIn, "smtp://" + credentials + "example.com", true, smtptest.Mail{User: smtptest.User, TLS: true}, ""},
		{"elsewhere without TLS", smtptest.Options{NoTLS: true}, "smtp://" + credentials + "example.com", true, smtptest.Mail{}, "STARTTLS"},
		{"elsewhere with a certificate that nobody vouches for", signIn, "smtp://" + credentials + "example.com", false, smtptest.Mail{}, "certificate"},
		{"elsewhere with another's certificate", signIn, "smtp://" + credentials + "mail.example.org", true, smtptest.Mail{}, "certificate"},
		{"a wrong password", signIn, "smtp://postmaster:wrong@HOST", false, smtptest.Mail{}, "Authentication failed"},
		{"no password where one is needed", signIn, "smtp://HOST", false, smtptest.Mail{}, "authenticate first"},
		{"a recipient refused for now", smtptest.Options{Refuse: &smtp.SMTPError{Code: 451, Message: "come back later"}}, "smtp://HOST", false, smtptest.Mail{}, "451"},
		{"a recipient refused", smtptest.Options{Refuse: &smtp.SMTPError{Code: 550, Message: "no such user"}}, "smtp://HOST", false, smtptest.Mail{}, "550"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := smtptest.Start(t, test.server)
			s, err := NewSMTP(strings.Replace(test.url, "HOST", server.Addr, 1), from, templates(t, nil))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(test.url, "HOST") {
				s.options = append(s.options, gomail.WithDialContextFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
					return new(net.Dialer).DialContext(ctx, network, server.Addr)
				}))
			}
			if test.trusted {
				s.options = append(s.options, gomail.WithTLSConfig(&tls.Config{ServerName: s.host, RootCAs: server.Roots}))
			}
			err = s.Send(t.Context(), verification("ada@bücher.example"))
			if test.refused != "" {
				if err == nil || !strings.Contains(err.Error(), test.refused) {
					t.Errorf("%v, want an error that says %q", err, test.refused)
				}
				if len(server.Mails) > 0 {
					t.Errorf("it took a mail")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := <-server.Mails
			if got.User != test.want.User || got.TLS != test.want.TLS {
				t.Errorf("user %q, TLS %t; want %q, %t", got.User, got.TLS, test.want.User, test.want.TLS)
			}
			if got.From != from.Address || !slices.Equal(got.To, []string{"ada@xn--bcher-kva.example"}) {
				t.Errorf("from %q to %q", got.From, got.To)
			}
		})
	}
}

// A server that says nothing is left when the context ends.
func TestSMTPGivesUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	s, err := NewSMTP("smtp://"+listener.Addr().String(), from, templates(t, nil))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	sent := make(chan error, 1)
	go func() { sent <- s.Send(ctx, verification("ada@example.com")) }()
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	cancel()
	if err := <-sent; !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
	if _, err := io.ReadAll(conn); err != nil { // to its end
		t.Error(err)
	}
}

func TestMessage(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s, err := NewSMTP("smtp://"+server.Addr, from, templates(t, fstest.MapFS{
		"verify-email.txt":  {Data: []byte("Subject: Grüße von {{.Site}}\r\n\r\nÄ: {{.Link}}\r\n.\r\nend\r\n")},
		"verify-email.html": {Data: []byte("<p>Ä: <a href=\"{{.Link}}\">{{.Site}}</a></p>")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), verification("ada@example.com")); err != nil {
		t.Fatal(err)
	}
	message, err := netmail.ReadMessage(bytes.NewReader((<-server.Mails).Data))
	if err != nil {
		t.Fatal(err)
	}
	decoder := new(mime.WordDecoder)
	for name, want := range map[string]string{
		"From":           `"Exämple" <no-reply@example.com>`,
		"To":             "<ada@example.com>",
		"Subject":        "Grüße von api.example.com",
		"Auto-Submitted": "auto-generated",
	} {
		if got, err := decoder.DecodeHeader(message.Header.Get(name)); err != nil || strings.ReplaceAll(got, `"`, "") != strings.ReplaceAll(want, `"`, "") {
			t.Errorf("%s: %q, %v; want %q", name, got, err, want)
		}
	}
	if id := message.Header.Get("Message-Id"); !strings.HasSuffix(id, "@example.com>") {
		t.Errorf("Message-ID %q", id)
	}
	if _, err := message.Header.Date(); err != nil {
		t.Error(err)
	}
	mediaType, parameters, err := mime.ParseMediaType(message.Header.Get("Content-Type"))
	if err != nil || mediaType != "multipart/alternative" {
		t.Fatalf("it is %s, %v", mediaType, err)
	}
	parts := multipart.NewReader(message.Body, parameters["boundary"])
	for _, want := range []string{
		"Ä: https://api.example.com/email/verify#token=TOKEN\n.\nend\n",
		`<p>Ä: <a href="https://api.example.com/email/verify#token=TOKEN">api.example.com</a></p>`,
	} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if got := strings.ReplaceAll(string(content), "\r\n", "\n"); err != nil || strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("a part is %q, %v; want %q", got, err, want)
		}
	}
}

// What would begin another header, or name another recipient, goes nowhere.
func TestNothingIsInjected(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{})
	s, err := NewSMTP("smtp://"+server.Addr, from, templates(t, fstest.MapFS{
		"password-changed.txt": {Data: []byte("Subject: News of {{.Site}}\n\nText.\n")},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{
		"ada@example.com\r\nBcc: eve@example.com",
		"ada@example.com\nBcc: eve@example.com",
		"ada@example.com>\r\nRCPT TO:<eve@example.com",
		"ada@example.com,eve@example.com",
		"ada,eve@example.com",
		"x<eve@example.com>",
		"<eve@example.com>",
		"eve@example.com(ada)",
		"ada eve@example.com",
		`"ada"@example.com`,
		"ada@",
		"@example.com",
		"ada@exa mple.com",
		"",
	} {
		if err := s.Send(t.Context(), verification(to)); err == nil {
			t.Errorf("to %q: it was sent", to)
		}
	}
	for _, site := range []string{"x\r\nBcc: eve@example.com", "x\nBcc: eve@example.com", "x\rBcc: eve@example.com", "x\r\n\r\nText"} {
		err := s.Send(t.Context(), auth.Mail{Kind: auth.MailPasswordChanged, To: "ada@example.com", Site: site})
		if err != nil {
			continue
		}
		message, err := netmail.ReadMessage(bytes.NewReader((<-server.Mails).Data))
		if err != nil || message.Header.Get("Bcc") != "" {
			t.Errorf("site %q: headers %v, %v", site, message.Header, err)
		}
	}
	if len(server.Mails) > 0 {
		t.Errorf("it took %+v", <-server.Mails)
	}
}

func TestNewSMTPRefuses(t *testing.T) {
	for _, address := range []string{
		"mail.example.com", "mail.example.com:587", "http://mail.example.com", "smtp://", "smtp://:587",
		"smtp://mail.example.com:0", "smtp://mail.example.com:smtp", "smtp://mail.example.com:70000",
		"smtp://user@mail.example.com", "smtp://:sesame@mail.example.com", "smtp://mail.example.com/path",
		"smtp://mail.example.com?tls=off", "smtp://user:ses%ame@mail.example.com", "smtp://mail example.com",
	} {
		_, err := NewSMTP(address, from, nil)
		if err == nil || strings.Contains(err.Error(), "ame") {
			t.Errorf("%s: %v, want an error that does not repeat it", address, err)
		}
	}
}

func TestParseFrom(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{ // want empty: refused
		{"an address", "no-reply@example.com", "<no-reply@example.com>"},
		{"a name and an address", "Example <no-reply@example.com>", `"Example" <no-reply@example.com>`},
		{"a line break", "no-reply@example.com\r\nBcc: eve@example.com", ""},
		{"two addresses", "a@example.com, b@example.com", ""},
		{"no address", "Example", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseFrom(test.text)
			if test.want == "" {
				if err == nil {
					t.Errorf("got %s", got)
				}
			} else if err != nil || got.String() != test.want {
				t.Errorf("got %v, %v; want %s", got, err, test.want)
			}
		})
	}
}
