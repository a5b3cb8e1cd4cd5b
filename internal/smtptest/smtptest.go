// Package smtptest is a mail server on loopback, for tests: what it is handed, it hands on.
package smtptest

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The one who may sign in.
const (
	User     = "postmaster"
	Password = "p:ss/w@rd"
)

// A Mail is one that the server has taken.
type Mail struct {
	User string // who signed in; empty where nobody did
	TLS  bool   // it came encrypted
	From string // of the envelope
	To   []string
	Data []byte
}

// Server is a running mail server.
type Server struct {
	Addr  string         // HOST:PORT
	Roots *x509.CertPool // what its certificate, of 127.0.0.1 and example.com, is good by
	Mails chan Mail      // what it has taken
	Asked chan string    // the recipients, before it answers
}

// Options are what a server is like.
type Options struct {
	NoTLS    bool            // it does not speak TLS
	ByTLS    bool            // it speaks nothing else, from the first byte on
	NeedAuth bool            // only who has signed in may send
	Refuse   *smtp.SMTPError // what it says to every recipient
	Hold     <-chan struct{} // until it is closed, it says nothing to a recipient
}

// Start starts a server, which stops when the test ends.
func Start(t testing.TB, options Options) *Server {
	t.Helper()
	certified := httptest.NewTLSServer(nil) // for its certificate
	defer certified.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: listener.Addr().String(), Roots: x509.NewCertPool(), Mails: make(chan Mail, 100), Asked: make(chan string, 100)}
	s.Roots.AddCert(certified.Certificate())
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &session{server: s, conn: c, options: options}, nil
	}))
	server.Domain = "localhost"
	server.AllowInsecureAuth = options.NoTLS
	server.EnableSMTPUTF8 = true
	server.ErrorLog = log.New(io.Discard, "", 0)
	config := &tls.Config{Certificates: certified.TLS.Certificates}
	switch {
	case options.ByTLS:
		listener = tls.NewListener(listener, config)
	case !options.NoTLS:
		server.TLSConfig = config
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return s
}

// session is a client's connection.
type session struct {
	server  *Server
	conn    *smtp.Conn
	options Options
	mail    Mail
	user    string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		s.user = user
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.options.NeedAuth && s.user == "" {
		return smtp.ErrAuthRequired
	}
	_, isTLS := s.conn.TLSConnectionState()
	s.mail = Mail{User: s.user, TLS: isTLS, From: from}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.Asked <- to
	if s.options.Hold != nil {
		<-s.options.Hold
	}
	if s.options.Refuse != nil {
		return s.options.Refuse
	}
	s.mail.To = append(s.mail.To, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	var data bytes.Buffer
	if _, err := data.ReadFrom(r); err != nil {
		return err
	}
	s.mail.Data = data.Bytes()
	s.server.Mails <- s.mail
	return nil
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }
