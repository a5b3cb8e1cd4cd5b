//go:build relay

package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A person works with the tracker through a client of its own, in a process of its own.
type person struct {
	name string
	to   io.Writer
	from *bufio.Scanner
}

// personWork is what a person sees: all organizations with who is in them, and all issues, the last changed first.
type personWork struct {
	Organizations, Issues []string
}

// TestClientsPeople has three people work in two organizations, one through Relay, one through Apollo Client and one
// through urql: they invite, join, write, comment, close, are refused and are removed, and each sees what is theirs.
func TestClientsPeople(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "tracker")
	tracker := inRepository("examples/tracker")
	if err := goBuild(tracker, binary, os.Environ()); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	startServer(t, ".", append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir()), binary)
	artifacts := compileRelay(t, clientsFiles, filepath.Join(tracker, "graph/schema.graphqls"))
	ada := newPerson(t, addr, artifacts, "Ada", "relay")
	eve := newPerson(t, addr, artifacts, "Eve", "apollo")
	mallory := newPerson(t, addr, artifacts, "Mallory", "urql")

	engines := ada.creates(t, "Organization", map[string]any{"name": "Engines"})
	difference := ada.creates(t, "Project", map[string]any{"name": "Difference", "organizationId": engines})
	carry := ada.creates(t, "Issue", map[string]any{"title": "Carry", "projectId": difference})
	company := mallory.creates(t, "Organization", map[string]any{"name": "Company"})
	plans := mallory.creates(t, "Project", map[string]any{"name": "Plans", "organizationId": company})
	mallory.creates(t, "Issue", map[string]any{"title": "Plan", "projectId": plans})
	ada.creates(t, "Invitation", map[string]any{"organizationId": engines, "email": "eve@example.com", "note": "Do come."})
	mallory.creates(t, "Invitation", map[string]any{"organizationId": company, "email": "eve@example.com"})
	verifyByMail(t, addr, "eve@example.com")
	for _, id := range eve.invitations(t) {
		eve.does(t, "acceptInvitation", map[string]any{"id": id})
	}

	eve.creates(t, "Comment", map[string]any{"issueId": carry, "body": "Which way?"})
	eve.does(t, "updateIssue", map[string]any{"id": carry, "status": "DONE"})
	adas := personWork{
		Organizations: []string{"Engines: Ada ADMIN ada@example.com, Eve MEMBER"},
		Issues:        []string{"Carry DONE in Difference: Eve: Which way?"},
	}
	ada.sees(t, adas)
	eve.sees(t, personWork{
		Organizations: []string{"Engines: Ada ADMIN, Eve MEMBER eve@example.com", "Company: Mallory ADMIN, Eve MEMBER eve@example.com"},
		Issues:        []string{"Carry DONE in Difference: Eve: Which way?", "Plan OPEN in Plans"},
	})
	mallorys := personWork{
		Organizations: []string{"Company: Mallory ADMIN mallory@example.com, Eve MEMBER"},
		Issues:        []string{"Plan OPEN in Plans"},
	}
	mallory.sees(t, mallorys)

	// What a mutation answers is in what the client has of the list, without another request.
	eve.does(t, "updateIssue", map[string]any{"id": carry, "title": "Carry on"})
	adas.Issues = []string{"Carry on DONE in Difference: Eve: Which way?"}
	if got := eve.recalls(t).Issues[0]; got != adas.Issues[0] {
		t.Errorf("Apollo Client has %q of what it changed", got)
	}
	ada.does(t, "updateIssue", map[string]any{"id": carry, "status": "IN_PROGRESS"})
	adas.Issues = []string{"Carry on IN_PROGRESS in Difference: Eve: Which way?"}
	if got := ada.recalls(t).Issues[0]; got != adas.Issues[0] {
		t.Errorf("Relay has %q of what it changed", got)
	}

	mallory.isRefused(t, "createComment", map[string]any{"issueId": carry, "body": "Mine."}, "not found|no such|there is no")
	mallory.isRefused(t, "updateIssue", map[string]any{"id": carry, "title": "Mine"}, "not found|no such|there is no")
	eve.isRefused(t, "createProject", map[string]any{"name": "Hers", "organizationId": engines}, "not allowed|may not")

	ada.does(t, "deleteMembership", map[string]any{"id": ada.membershipOf(t, "Eve")})
	adas.Organizations = []string{"Engines: Ada ADMIN ada@example.com"}
	adas.Issues = []string{"Carry on IN_PROGRESS in Difference: : Which way?"} // whom Ada sees no more
	ada.sees(t, adas)
	eve.sees(t, personWork{
		Organizations: []string{"Company: Mallory ADMIN, Eve MEMBER eve@example.com"},
		Issues:        []string{"Plan OPEN in Plans"},
	})
	mallory.sees(t, mallorys)
}

// newPerson signs somebody up, and starts the client that they work through.
func newPerson(t *testing.T, addr, artifacts, name, client string) *person {
	t.Helper()
	server := clientsServer{addr: addr}
	server.signUp(t, name)
	node := exec.Command("node", filepath.Join(clientsFiles, "src/people", client+".js"))
	node.Stderr = os.Stderr
	to, err := node.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	from, err := node.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := node.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		to.Close()
		node.Wait()
	})
	p := &person{name, to, bufio.NewScanner(from)}
	p.from.Buffer(nil, 1<<20)
	p.say(t, map[string]any{"url": "http://" + addr + "/graphql", "token": server.token, "artifacts": artifacts})
	return p
}

func (p *person) say(t *testing.T, what map[string]any) {
	t.Helper()
	line, err := json.Marshal(what)
	if err == nil {
		_, err = p.to.Write(append(line, '\n'))
	}
	if err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
}

// answers returns what the client gives for a document, and the message of an error of it.
func (p *person) answers(t *testing.T, said map[string]any, data any) (failure string) {
	t.Helper()
	p.say(t, said)
	if !p.from.Scan() {
		t.Fatalf("%s: the client has ended: %v (`npm ci --prefix e2e/%s` installs the clients)", p.name, p.from.Err(), clientsFiles)
	}
	var answer struct {
		Data  json.RawMessage
		Error string
	}
	if err := json.Unmarshal(p.from.Bytes(), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.Error == "" && data != nil {
		if err := json.Unmarshal(answer.Data, data); err != nil {
			t.Fatalf("%s: %v in %s", p.name, err, answer.Data)
		}
	}
	return answer.Error
}

// does carries a mutation out.
func (p *person) does(t *testing.T, mutation string, input map[string]any) (data map[string]map[string]any) {
	t.Helper()
	if failure := p.answers(t, map[string]any{"document": mutation, "variables": map[string]any{"input": input}}, &data); failure != "" {
		t.Fatalf("%s: %s of %v: %s", p.name, mutation, input, failure)
	}
	return data
}

// creates makes an object and returns its id.
func (p *person) creates(t *testing.T, typeName string, input map[string]any) (id string) {
	t.Helper()
	made := p.does(t, "create"+typeName, input)["create"+typeName][strings.ToLower(typeName)]
	return made.(map[string]any)["id"].(string)
}

// isRefused wants a mutation to be an error of the client's.
func (p *person) isRefused(t *testing.T, mutation string, input map[string]any, want string) {
	t.Helper()
	failure := p.answers(t, map[string]any{"document": mutation, "variables": map[string]any{"input": input}}, nil)
	if !regexp.MustCompile(want).MatchString(failure) {
		t.Errorf("%s: %s of %v: the client says %q, want %q", p.name, mutation, input, failure, want)
	}
}

// A workAnswer is the data of the document work.
type workAnswer struct {
	Viewer struct {
		Invitations connectionOf[struct{ ID string }]
	}
	Organizations connectionOf[struct {
		Name        string
		Memberships connectionOf[struct {
			ID, Role string
			User     struct{ FirstName, Email string }
		}]
	}]
	Issues connectionOf[struct {
		Title, Status string
		Project       struct{ Name string }
		Comments      connectionOf[struct {
			Body  string
			Owner *struct{ FirstName string }
		}]
	}]
}

type connectionOf[T any] struct{ Edges []struct{ Node T } }

func (p *person) work(t *testing.T, isRecalled bool) (answer workAnswer) {
	t.Helper()
	if failure := p.answers(t, map[string]any{"document": "work", "isRecalled": isRecalled}, &answer); failure != "" {
		t.Fatalf("%s: %s", p.name, failure)
	}
	return answer
}

// recalls returns what the client has kept of the work.
func (p *person) recalls(t *testing.T) personWork {
	t.Helper()
	return p.work(t, true).inWords()
}

// sees wants the server to give that work.
func (p *person) sees(t *testing.T, want personWork) {
	t.Helper()
	if diff := cmp.Diff(want, p.work(t, false).inWords()); diff != "" {
		t.Errorf("%s: -want +got: %s", p.name, diff)
	}
}

func (a workAnswer) inWords() (w personWork) {
	for _, edge := range a.Organizations.Edges {
		var members []string
		for _, edge := range edge.Node.Memberships.Edges {
			members = append(members, strings.TrimSpace(fmt.Sprintf("%s %s %s", edge.Node.User.FirstName, edge.Node.Role, edge.Node.User.Email)))
		}
		w.Organizations = append(w.Organizations, edge.Node.Name+": "+strings.Join(members, ", "))
	}
	for _, edge := range a.Issues.Edges {
		issue := fmt.Sprintf("%s %s in %s", edge.Node.Title, edge.Node.Status, edge.Node.Project.Name)
		for _, edge := range edge.Node.Comments.Edges {
			author := ""
			if edge.Node.Owner != nil {
				author = edge.Node.Owner.FirstName
			}
			issue += ": " + author + ": " + edge.Node.Body
		}
		w.Issues = append(w.Issues, issue)
	}
	return w
}

func (p *person) invitations(t *testing.T) (ids []string) {
	t.Helper()
	for _, edge := range p.work(t, false).Viewer.Invitations.Edges {
		ids = append(ids, edge.Node.ID)
	}
	return ids
}

// membershipOf returns the id of somebody's membership in the one organization that the person sees.
func (p *person) membershipOf(t *testing.T, name string) string {
	t.Helper()
	for _, edge := range p.work(t, false).Organizations.Edges[0].Node.Memberships.Edges {
		if edge.Node.User.FirstName == name {
			return edge.Node.ID
		}
	}
	t.Fatalf("%s sees no %s", p.name, name)
	return ""
}

// verifyByMail follows the link by which an address is verified, in its mail.
func verifyByMail(t *testing.T, addr, email string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, "http://"+addr+"/dev/mail", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	type mail struct{ To, Link string }
	var box struct{ Mails []mail }
	if err := json.NewDecoder(response.Body).Decode(&box); err != nil {
		t.Fatal(err)
	}
	const verifies = "/email/verify#token="
	i := slices.IndexFunc(box.Mails, func(m mail) bool { return m.To == email && strings.Contains(m.Link, verifies) })
	if i < 0 {
		t.Fatalf("no mail to %s verifies it: %v", email, box.Mails)
	}
	_, token, _ := strings.Cut(box.Mails[i].Link, verifies)
	server := clientsServer{addr: addr}
	server.post(t, "/email/verify", map[string]any{"token": token, "password": "correct horse"}, nil)
}
