package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/auth"
	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/mail"
	"github.com/ownql/ownql/model"
)

// An office is a server of the tracker, and the mails that it sends.
type office struct {
	*httptest.Server
	opened *opened
	mails  *mailbag
}

// A mailbag has the mails as they are printed, by several goroutines.
type mailbag struct {
	lock sync.Mutex
	text strings.Builder
}

func (b *mailbag) Write(text []byte) (int, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.text.Write(text)
}

func (b *mailbag) String() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.text.String()
}

// empty throws away what there is.
func (b *mailbag) empty() {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.text.Reset()
}

func newOffice(t *testing.T) *office {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	o := &office{mails: &mailbag{}}
	o.opened = App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}.project().on(model.Observe(engine, noop.NewTracerProvider()), "")
	if _, err := o.opened.db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.serve(t, false)
	return o
}

// serve begins to serve, as another server may have done before.
func (o *office) serve(t *testing.T, signupClosed bool) {
	t.Helper()
	templates, err := mail.ReadTemplates(nil)
	if err != nil {
		t.Fatal(err)
	}
	site, err := newSite(o.opened, config{
		issuer: "ownql", keys: auth.NewSecretKeys([]byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")), signupClosed: signupClosed,
		maxRequests: 4, limits: gql.DefaultLimits, tracing: noop.NewTracerProvider(),
	}, mail.NewMailbox(o.mails, templates), nil, "https://tracker.example")
	if err != nil {
		t.Fatal(err)
	}
	o.Server = httptest.NewServer(site)
	t.Cleanup(o.Close)
}

// post sends JSON, and returns the status and the answer.
func (o *office) post(t *testing.T, path, token string, body any) (status int, answer map[string]any) {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.URL+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	_ = json.NewDecoder(response.Body).Decode(&answer) // 204 has none
	return response.StatusCode, answer
}

// signUp returns the access token of a new account.
func (o *office) signUp(t *testing.T, email string) string {
	t.Helper()
	status, answer := o.post(t, "/signup", "", map[string]string{"email": email, "password": "correct horse", "firstName": "Ada"})
	if status != http.StatusCreated {
		t.Fatal(status, answer)
	}
	return answer["access_token"].(string)
}

// ask returns the answer to a query, as JSON.
func (o *office) ask(t *testing.T, token, query string) string {
	t.Helper()
	_, answer := o.post(t, "/graphql", token, map[string]string{"query": query})
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var (
	globalID   = regexp.MustCompile(`"id":"([^"]+)"`)
	mailedLink = regexp.MustCompile(`https://tracker\.example/invitation#token=([\w-]+)`)
)

// invite has a user make an organization and invite an address to it, and returns the token of the mail.
func (o *office) invite(t *testing.T, token, email string) (organization, mailed string) {
	t.Helper()
	made := globalID.FindStringSubmatch(o.ask(t, token, `mutation { createOrganization(input: { name: "Engines" }) { organization { id } } }`))
	if made == nil {
		t.Fatal("no organization")
	}
	if answer := o.ask(t, token, fmt.Sprintf(`mutation { createInvitation(input: { organizationId: %q, email: %q, role: ADMIN }) { invitation { id } } }`, made[1], email)); strings.Contains(answer, "errors") {
		t.Fatal(answer)
	}
	o.mails.empty()
	if _, err := o.opened.db.WorkOutbox(t.Context()); err != nil {
		t.Fatal(err)
	}
	link := mailedLink.FindStringSubmatch(o.mails.String())
	if link == nil || !strings.Contains(o.mails.String(), "To: "+email) {
		t.Fatalf("no mail to %s in %s", email, o.mails)
	}
	return made[1], link[1]
}

const organizations = `{ viewer { emailVerified memberships { edges { node { role organization { name } } } } invitations { edges { node { id } } } } }`

// TestInvitationMails has those who are mailed an invitation accept it: who has no account yet, and who has one.
func TestInvitationMails(t *testing.T) {
	o := newOffice(t)
	ada := o.signUp(t, "ada@example.com")
	_, mailed := o.invite(t, ada, "grace@example.com")
	for name, test := range map[string]struct {
		body   map[string]any
		status int
		field  string
	}{
		"no token":        {map[string]any{}, 400, "token"},
		"a forged token":  {map[string]any{"token": strings.Repeat("A", len(mailed))}, 400, "token"},
		"nothing else":    {map[string]any{"token": mailed}, 400, "firstName"},
		"a weak password": {map[string]any{"token": mailed, "firstName": "Grace", "password": "short"}, 400, "password"},
		"no name":         {map[string]any{"token": mailed, "firstName": " ", "password": "correct horse"}, 400, "firstName"},
	} {
		status, answer := o.post(t, "/invitation", "", test.body)
		if problem, _ := answer["error"].(map[string]any); status != test.status || problem["field"] != test.field {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	if status, answer := o.post(t, "/invitation", ada, map[string]any{"token": mailed, "firstName": "Grace", "password": "battery staple"}); status != http.StatusNoContent {
		t.Fatal(status, answer)
	}
	if status, answer := o.post(t, "/invitation", "", map[string]any{"token": mailed, "password": "battery staple"}); status != http.StatusBadRequest {
		t.Errorf("once more: %d %v", status, answer)
	}
	_, answer := o.post(t, "/login", "", map[string]any{"email": "grace@example.com", "password": "battery staple"})
	grace, _ := answer["access_token"].(string)
	if got := o.ask(t, grace, organizations); !strings.Contains(got, `"emailVerified":true`) || !strings.Contains(got, `{"organization":{"name":"Engines"},"role":"ADMIN"}`) {
		t.Errorf("who signed up has %s", got)
	}

	eve := o.signUp(t, "eve@example.com")
	_, mailed = o.invite(t, grace, "eve@example.com")
	if !strings.Contains(o.mails.String(), "grace@example.com invites you") {
		t.Errorf("the mail of a sender with a verified address: %s", o.mails)
	}
	if got := o.ask(t, eve, organizations); !strings.Contains(got, `"invitations":{"edges":[]}`) {
		t.Errorf("who has not verified the address has %s", got)
	}
	for _, body := range []map[string]any{{"token": mailed}, {"token": mailed, "password": "battery staple"}} {
		if status, answer := o.post(t, "/invitation", ada, body); status != http.StatusUnauthorized && status != http.StatusBadRequest {
			t.Errorf("by somebody else, with %v: %d %v", body, status, answer)
		}
	}
	if status, answer := o.post(t, "/invitation", eve, map[string]any{"token": mailed}); status != http.StatusNoContent {
		t.Fatal(status, answer)
	}
	if got := o.ask(t, eve, organizations); !strings.Contains(got, `"emailVerified":true`) || !strings.Contains(got, `"name":"Engines"`) {
		t.Errorf("who accepted has %s", got)
	}

	_, mailed = o.invite(t, ada, "eve@example.com")
	got := o.ask(t, eve, organizations)
	received := globalID.FindStringSubmatch(got)
	if received == nil {
		t.Fatalf("nothing was received: %s", got)
	}
	if got := o.ask(t, eve, fmt.Sprintf(`mutation { acceptInvitation(input: { id: %q, clientMutationId: "x" }) { membership { role organization { name } } clientMutationId } }`, received[1])); !strings.Contains(got, `"role":"ADMIN"`) || !strings.Contains(got, `"x"`) {
		t.Errorf("accepted in the app: %s", got)
	}
	if status, answer := o.post(t, "/invitation", "", map[string]any{"token": mailed, "password": "correct horse"}); status != http.StatusBadRequest {
		t.Errorf("accepted already: %d %v", status, answer)
	}
	if got := o.ask(t, ada, fmt.Sprintf(`mutation @transaction { acceptInvitation(input: { id: %q }) { clientMutationId } }`, received[1])); !strings.Contains(got, "BAD_USER_INPUT") {
		t.Errorf("in a transaction: %s", got)
	}
}

// TestInvitationMailsAreBounded has somebody mail an address again and again.
func TestInvitationMailsAreBounded(t *testing.T) {
	o := newOffice(t)
	ada := o.signUp(t, "ada@example.com")
	for range 2 {
		o.invite(t, ada, "grace@example.com")
	}
	made := globalID.FindStringSubmatch(o.ask(t, ada, `mutation { createOrganization(input: { name: "Engines" }) { organization { id } } }`))
	o.ask(t, ada, fmt.Sprintf(`mutation { createInvitation(input: { organizationId: %q, email: "grace@example.com" }) { invitation { id } } }`, made[1]))
	o.mails.empty()
	if next, err := o.opened.db.WorkOutbox(t.Context()); err != nil || next.IsZero() || mailedLink.MatchString(o.mails.String()) {
		t.Errorf("the third is mailed: %s, %v, %v", o.mails, next, err)
	}
}

// TestInvitationTokenIsOfOneAddress has somebody make an invitation under an id whose token they were mailed,
// for whom they are not.
func TestInvitationTokenIsOfOneAddress(t *testing.T) {
	o := newOffice(t)
	mallory := o.signUp(t, "mallory@example.com")
	made := globalID.FindStringSubmatch(o.ask(t, mallory, `mutation { createOrganization(input: { name: "Engines" }) { organization { id } } }`))
	id := model.GlobalID("Invitation", model.NewID())
	invite := func(email string) string {
		return o.ask(t, mallory, fmt.Sprintf(`mutation { createInvitation(input: { id: %q, organizationId: %q, email: %q }) { invitation { id email } } }`, id, made[1], email))
	}
	if got := invite("own@example.com"); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	if _, err := o.opened.db.WorkOutbox(t.Context()); err != nil {
		t.Fatal(err)
	}
	token := mailedLink.FindStringSubmatch(o.mails.String())[1]
	if got := o.ask(t, mallory, fmt.Sprintf(`mutation { deleteInvitation(input: { id: %q }) { deletedInvitationId } }`, id)); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	for _, email := range []string{"victim@example.com", "own@example.com"} {
		if got := invite(email); !strings.Contains(got, email) {
			t.Fatal(got)
		}
		if status, answer := o.post(t, "/invitation", "", map[string]any{"token": token, "firstName": "Eve", "password": "correct horse"}); status != http.StatusBadRequest {
			t.Errorf("the token of the one before is good for that to %s: %d %v", email, status, answer)
		}
		o.ask(t, mallory, fmt.Sprintf(`mutation { deleteInvitation(input: { id: %q }) { deletedInvitationId } }`, id))
	}
	if status, _ := o.post(t, "/login", "", map[string]any{"email": "victim@example.com", "password": "correct horse"}); status != http.StatusUnauthorized {
		t.Error("there is an account of the victim's address")
	}
}

// TestInvitationOfWhoMayNoMore has somebody guess at the token of an invitation that is good for nothing any more.
func TestInvitationOfWhoMayNoMore(t *testing.T) {
	o := newOffice(t)
	ada, eve := o.signUp(t, "ada@example.com"), o.signUp(t, "eve@example.com")
	organization, mailed := o.invite(t, ada, "eve@example.com")
	if status, answer := o.post(t, "/invitation", eve, map[string]any{"token": mailed}); status != http.StatusNoContent {
		t.Fatal(status, answer)
	}
	if got := o.ask(t, eve, fmt.Sprintf(`mutation { createInvitation(input: { organizationId: %q, email: "grace@example.com" }) { invitation { id } } }`, organization)); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	o.mails.empty()
	if _, err := o.opened.db.WorkOutbox(t.Context()); err != nil {
		t.Fatal(err)
	}
	mailed = mailedLink.FindStringSubmatch(o.mails.String())[1]
	seat := globalID.FindStringSubmatch(o.ask(t, eve, `{ viewer { memberships { edges { node { id } } } } }`))[1]
	if got := o.ask(t, ada, fmt.Sprintf(`mutation { deleteMembership(input: { id: %q }) { deletedMembershipId } }`, seat)); strings.Contains(got, "errors") {
		t.Fatal(got)
	}
	forged := mailed[:len(mailed)-8] + strings.Repeat("A", 8)
	for token, want := range map[string]int{forged: http.StatusBadRequest, mailed: http.StatusForbidden} {
		if status, answer := o.post(t, "/invitation", "", map[string]any{"token": token, "firstName": "Grace", "password": "correct horse"}); status != want {
			t.Errorf("%d %v, want %d", status, answer, want)
		}
	}
}

// TestInvitationsAreCounted has somebody invite without end.
func TestInvitationsAreCounted(t *testing.T) {
	o := newOffice(t)
	ada := o.signUp(t, "ada@example.com")
	made := globalID.FindStringSubmatch(o.ask(t, ada, `mutation { createOrganization(input: { name: "Engines" }) { organization { id } } }`))
	for i := range 51 {
		got := o.ask(t, ada, fmt.Sprintf(`mutation { createInvitation(input: { organizationId: %q, email: "guest%d@example.com" }) { invitation { id } } }`, made[1], i))
		if isLimited := strings.Contains(got, "RATE_LIMITED"); isLimited != (i == 50) {
			t.Fatalf("the one after %d: %s", i, got)
		}
	}
}

// TestInvitationSignupClosed has an invitation be for those who have an account, where the operator makes these.
func TestInvitationSignupClosed(t *testing.T) {
	o := newOffice(t)
	ada := o.signUp(t, "ada@example.com")
	o.signUp(t, "eve@example.com")
	_, toNobody := o.invite(t, ada, "grace@example.com")
	_, toEve := o.invite(t, ada, "eve@example.com")
	o.serve(t, true)
	for token, want := range map[string]int{toNobody: http.StatusForbidden, toEve: http.StatusNoContent} {
		if status, answer := o.post(t, "/invitation", "", map[string]any{"token": token, "firstName": "Grace", "password": "correct horse"}); status != want {
			t.Errorf("%d %v, want %d", status, answer, want)
		}
	}
}
