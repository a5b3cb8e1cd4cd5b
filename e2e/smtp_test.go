package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/ownql/ownql/internal/smtptest"
)

// mailing is an ownql that sends mail by SMTP.
type mailing struct {
	*exec.Cmd
	addr string

	mu  sync.Mutex
	log bytes.Buffer
}

func (m *mailing) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.log.Write(p)
}

func (m *mailing) logged() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.log.String()
}

// startMailing serves outside dev, with mail by server.
func startMailing(t *testing.T, server *smtptest.Server) *mailing {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	m := &mailing{Cmd: exec.Command(filepath.Join(binary, "ownql"), "--addr", "127.0.0.1:0",
		"--store", t.TempDir(), "--url", "https://api.example.com", "--mail-from", "Example <no-reply@example.com>")}
	m.Env = []string{
		"OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s",
		"OWNQL_SMTP_URL=smtp://" + smtptest.User + ":p%3Ass%2Fw%40rd@" + server.Addr,
	}
	m.Stderr = m
	stdout, err := m.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Process.Kill() })
	first, err := bufio.NewReader(stdout).ReadString('\n')
	at := servesAt.FindStringSubmatch(strings.TrimSpace(first))
	if at == nil {
		t.Fatalf("it printed %q, %v\n%s", first, err, m.logged())
	}
	m.addr = at[1]
	return m
}

// post sends JSON, and fails unless it is answered with that status.
func (m *mailing) post(t *testing.T, path, body string, status int) {
	t.Helper()
	response, err := http.Post("http://"+m.addr+path, "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != status {
		content, _ := io.ReadAll(response.Body)
		t.Fatalf("%s is answered %s, want %d: %s", path, response.Status, status, content)
	}
}

// drain ends it by SIGTERM; done is called once it takes no more connections.
func (m *mailing) drain(t *testing.T, done func()) {
	t.Helper()
	if err := m.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for {
		conn, err := net.Dial("tcp", m.addr)
		if err != nil {
			break
		}
		conn.Close()
	}
	done()
	if err := m.Wait(); err != nil {
		t.Errorf("it ended with %v\n%s", err, m.logged())
	}
}

const (
	signupAda = `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`
	forgetAda = `{"email":"ada@example.com"}`
)

var tokenInMail = regexp.MustCompile(`https://api\.example\.com/[a-z/]+#token=3D([A-Za-z0-9_=\r\n-]+)`)

// tokenIn returns the token of the link in a mail, in quoted-printable.
func tokenIn(t *testing.T, mail smtptest.Mail) string {
	t.Helper()
	match := tokenInMail.FindSubmatch(mail.Data)
	if match == nil {
		t.Fatalf("no link in %s", mail.Data)
	}
	return strings.TrimSpace(strings.ReplaceAll(string(match[1]), "=\r\n", ""))[:64]
}

func TestMailBySMTP(t *testing.T) {
	server := smtptest.Start(t, smtptest.Options{NeedAuth: true})
	m := startMailing(t, server)
	m.post(t, "/signup", signupAda, http.StatusCreated)
	verify := <-server.Mails
	if verify.User != smtptest.User || !verify.TLS || verify.From != "no-reply@example.com" || strings.Join(verify.To, " ") != "ada@example.com" {
		t.Errorf("it came as %+v", verify)
	}
	m.post(t, "/email/verify", `{"token":"`+tokenIn(t, verify)+`","password":"correct horse"}`, http.StatusNoContent)
	m.post(t, "/password/forgot", forgetAda, http.StatusAccepted)
	m.post(t, "/password/reset", `{"token":"`+tokenIn(t, <-server.Mails)+`","password":"another horse"}`, http.StatusNoContent)
	if notice := <-server.Mails; !bytes.Contains(notice.Data, []byte("Subject: Your password was changed")) {
		t.Errorf("after the reset came\n%s", notice.Data)
	}
	m.drain(t, func() {})
	if log := m.logged(); strings.Contains(log, "not sent") || strings.Contains(log, "ss/w@rd") {
		t.Errorf("it logged\n%s", log)
	}
}

// No answer waits for a mail server, and the log tells what came of it.
func TestMailServerThatHangs(t *testing.T) {
	hold := make(chan struct{})
	server := smtptest.Start(t, smtptest.Options{NeedAuth: true, Hold: hold, Refuse: &smtp.SMTPError{Code: 452, Message: "no room for <Ada@example.com>, ada"}})
	m := startMailing(t, server)
	m.post(t, "/signup", signupAda, http.StatusCreated)
	<-server.Asked
	m.post(t, "/password/forgot", forgetAda, http.StatusAccepted)
	<-server.Asked
	if log := m.logged(); strings.Contains(log, "not sent") {
		t.Errorf("before the mail server has answered, it logged\n%s", log)
	}
	m.drain(t, func() { close(hold) })
	log := m.logged()
	for _, want := range []string{`"kind":"verify-email"`, `"kind":"reset-password"`, "452"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not tell of %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, "ss/w@rd") || strings.Contains(log, "token=") || regexp.MustCompile(`(?i)\bada\b`).MatchString(log) {
		t.Errorf("the log tells a secret, or whom the mails are for:\n%s", log)
	}
}

// A mail that is under way at SIGTERM is sent.
func TestMailIsDrained(t *testing.T) {
	hold := make(chan struct{})
	server := smtptest.Start(t, smtptest.Options{NeedAuth: true, Hold: hold})
	m := startMailing(t, server)
	m.post(t, "/signup", signupAda, http.StatusCreated)
	<-server.Asked
	m.drain(t, func() { close(hold) })
	select {
	case mail := <-server.Mails:
		tokenIn(t, mail)
	default:
		t.Errorf("the mail is lost:\n%s", m.logged())
	}
}

// However many ask for mails while the mail server hangs, the notice of a change is sent.
func TestNoticesAreNotCrowdedOut(t *testing.T) {
	hold := make(chan struct{})
	server := smtptest.Start(t, smtptest.Options{NeedAuth: true, Hold: hold})
	go func() {
		for range server.Asked { // by more than it remembers
		}
	}()
	m := startMailing(t, server)
	m.post(t, "/signup", signupAda, http.StatusCreated)
	for i := range 80 {
		email := fmt.Sprintf(`"u%d@example.com"`, i)
		m.post(t, "/signup", `{"email":`+email+`,"password":"correct horse","firstName":"U"}`, http.StatusCreated)
		response, err := http.Post("http://"+m.addr+"/password/forgot", "application/json", strings.NewReader(`{"email":`+email+`}`))
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close() // 202, or 503 once too many wait
	}
	response, answer := request(t, "POST", "http://"+m.addr+"/login", "", `{"email":"ada@example.com","password":"correct horse"}`)
	token := between(string(answer), `"access_token":"`, `"`)
	if token == "" {
		t.Fatalf("sign-in: %s %s", response.Status, answer)
	}
	_, answer = request(t, "POST", "http://"+m.addr+"/graphql", token,
		`{"query":"mutation { changePassword(input: {currentPassword: \"correct horse\", newPassword: \"analytical engine\"}) { user { email } } }"}`)
	if bytes.Contains(answer, []byte("errors")) {
		t.Fatalf("changePassword: %s", answer)
	}
	close(hold)
	late := time.After(30 * time.Second)
	for {
		select {
		case mail := <-server.Mails:
			if bytes.Contains(mail.Data, []byte("Subject: Your password was changed")) {
				tokenIn(t, mail)
				return
			}
		case <-late:
			t.Fatal("the notice is lost")
		}
	}
}
