//go:build relay

package e2e

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// clientsFiles holds what npm puts there by `npm ci`.
const clientsFiles = "testdata/clients"

// clientsPage is how many issues the clients ask for at once.
const clientsPage = 10

// A clientsIssue is an issue of the test's, as it was made.
type clientsIssue struct {
	title, status, priority string
	due                     string // empty: none
}

var (
	clientsStatuses   = []string{"OPEN", "IN_PROGRESS", "DONE"}
	clientsPriorities = []string{"LOW", "MEDIUM", "HIGH", "URGENT"}
)

// byUrgency has the highest priority first, then what is due first, with what is never due last.
func byUrgency(a, b clientsIssue) int {
	return cmp.Or(
		cmp.Compare(slices.Index(clientsPriorities, b.priority), slices.Index(clientsPriorities, a.priority)),
		byDueDate(a, b))
}

func byDueDate(a, b clientsIssue) int { return cmp.Compare(cmp.Or(a.due, "9"), cmp.Or(b.due, "9")) }

// A clientsList is a list that the clients are to show.
type clientsList struct {
	Name string `json:"name"`
	// All arguments but the cursors. What is not given is null: Relay's refetch takes what it lacks from the first list.
	Variables   clientsVariables `json:"variables"`
	IsBackwards bool             `json:"isBackwards"` // whether it is read from its end
	Pages       int              `json:"pages"`       // how often it is looked at, at most: at first, and with each further page

	want []string // the titles of all issues of the list
	kept int      // how many pages the client has kept, at most, from when it showed the list before
}

type clientsVariables struct {
	Filter        map[string]any    `json:"filter"`
	OrderBy       map[string]string `json:"orderBy"`
	SortDirection *string           `json:"sortDirection"`
	First         *int              `json:"first"`
	Last          *int              `json:"last"`
}

// clientsFound is what a client has found in a list.
type clientsFound struct {
	Name       string     `json:"name"`
	Pages      [][]string `json:"pages"` // the titles that were shown, from the first page on, then with each further page
	HasMore    bool       `json:"hasMore"`
	TotalCount int        `json:"totalCount"`
	Requests   int        `json:"requests"`
}

// found returns what a client must find in the list.
func (l clientsList) found() clientsFound {
	found := clientsFound{Name: l.Name, TotalCount: len(l.want)}
	for pages := max(l.kept, 1); ; pages++ {
		n := min(pages*clientsPage, len(l.want))
		page := l.want[:n]
		if l.IsBackwards {
			page = l.want[len(l.want)-n:]
		}
		found.Pages = append(found.Pages, page)
		found.HasMore = n < len(l.want)
		if !found.HasMore || len(found.Pages) == l.Pages {
			break
		}
	}
	found.Requests = len(found.Pages)
	if l.kept > 0 {
		found.Requests--
	}
	return found
}

// TestClients has Relay, Apollo Client and urql page through filtered lists of the tracker, each by its own means
// for it, and change between lists.
func TestClients(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	binary := filepath.Join(t.TempDir(), "tracker")
	tracker := inRepository("examples/tracker")
	if err := goBuild(tracker, binary, os.Environ()); err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	startServer(t, ".", append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir()), binary)
	server := clientsServer{addr: addr}
	server.signUp(t, "Ada")
	organization := server.create(t, "Organization", map[string]any{"name": "Analytical Engines"})
	project := server.create(t, "Project", map[string]any{"name": "Difference", "organizationId": organization})
	issues := make([]clientsIssue, 60)
	for i := range issues {
		issue := clientsIssue{
			title: fmt.Sprint("issue ", i), status: clientsStatuses[i%3], priority: clientsPriorities[random.IntN(4)],
		}
		input := map[string]any{"projectId": project, "title": issue.title, "status": issue.status, "priority": issue.priority}
		if random.IntN(4) > 0 {
			issue.due = fmt.Sprintf("2026-12-%02d", 1+random.IntN(20))
			input["dueDate"] = issue.due
		}
		server.create(t, "Issue", input)
		issues[i] = issue
	}
	input, err := json.Marshal(map[string]any{
		"url": "http://" + addr + "/graphql", "token": server.token, "project": project, "lists": clientsLists(issues),
		"artifacts": compileRelay(t, clientsFiles, filepath.Join(tracker, "graph/schema.graphqls")),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, client := range []string{"relay", "apollo", "urql"} {
		t.Run(client, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			node := exec.CommandContext(ctx, "node", filepath.Join(clientsFiles, "src", client+".js"))
			var stderr bytes.Buffer
			node.Stdin, node.Stderr = bytes.NewReader(input), &stderr
			out, err := node.Output()
			if err != nil {
				t.Fatalf("%v (`npm ci --prefix e2e/%s` installs the clients)\n%s", err, clientsFiles, stderr.String())
			}
			var found []clientsFound
			if err := json.Unmarshal(out, &found); err != nil {
				t.Fatalf("%v in %s", err, out)
			}
			compareClients(t, found, clientsLists(issues))
		})
	}
}

// TestClientsDocument finds each block of JavaScript that docs/clients.md shows in the client's file, as lines one
// after the other, whatever their indent.
func TestClientsDocument(t *testing.T) {
	indent := regexp.MustCompile(`(?m)^\s+`)
	var sources []string
	for _, client := range []string{"relay", "apollo", "urql"} {
		source, err := os.ReadFile(filepath.Join(clientsFiles, "src", client+".js"))
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, "\n"+indent.ReplaceAllString(string(source), ""))
	}
	blocks := fencedBlocks(t, "docs/clients.md", "js")
	if len(blocks) < 5 {
		t.Fatalf("docs/clients.md has %d blocks of JavaScript", len(blocks))
	}
	for _, block := range blocks {
		lines := "\n" + indent.ReplaceAllString(block, "")
		if !slices.ContainsFunc(sources, func(source string) bool { return strings.Contains(source, lines) }) {
			t.Errorf("no file of %s has these lines of docs/clients.md:\n%s", clientsFiles, block)
		}
	}
}

// clientsLists returns the lists that the clients show, one after another. For each argument there are two lists that
// differ in nothing else, with a way back to the first.
func clientsLists(issues []clientsIssue) []clientsList {
	is := func(operator string, value any) map[string]any { return map[string]any{operator: value} }
	order := func(field, direction string) map[string]string {
		return map[string]string{"field": field, "direction": direction}
	}
	first := new(clientsPage)
	isOpen := func(i clientsIssue) bool { return i.status != "DONE" }
	isAny := func(clientsIssue) bool { return true }
	byAge := func(a, b clientsIssue) int { return 0 }

	open := clientsList{
		Name: "what is open",
		Variables: clientsVariables{
			Filter: is("status", is("in", []string{"OPEN", "IN_PROGRESS"})), OrderBy: order("PRIORITY_DESC_DUE_DATE", "ASC"), First: first},
		want: titles(issues, isOpen, byUrgency),
	}
	due := clientsList{
		Name: "what is due, under another filter",
		Variables: clientsVariables{
			Filter:  map[string]any{"status": is("in", []string{"OPEN", "DONE"}), "dueDate": is("exists", true)},
			OrderBy: order("PRIORITY_DESC_DUE_DATE", "ASC"), First: first},
		want: titles(issues, func(i clientsIssue) bool { return i.status != "IN_PROGRESS" && i.due != "" }, byUrgency),
	}
	openByDueDate := clientsList{
		Name:      "what is open, in another order",
		Variables: clientsVariables{Filter: open.Variables.Filter, OrderBy: order("DUE_DATE", "DESC"), First: first},
		want:      reversed(titles(issues, isOpen, byDueDate)),
	}
	newest := clientsList{
		Name:      "all, the newest first",
		Variables: clientsVariables{SortDirection: new("DESC"), First: first},
		want:      reversed(titles(issues, isAny, byAge)),
	}
	oldest := clientsList{
		Name:      "all, the oldest first",
		Variables: clientsVariables{SortDirection: new("ASC"), First: first},
		want:      titles(issues, isAny, byAge),
	}
	urgent := clientsList{
		Name: "what is urgent, from the end", IsBackwards: true,
		Variables: clientsVariables{
			Filter: is("priority", is("in", []string{"HIGH", "URGENT"})), OrderBy: order("PRIORITY_DESC_DUE_DATE", "ASC"), Last: new(clientsPage)},
		want: titles(issues, func(i clientsIssue) bool { return i.priority == "HIGH" || i.priority == "URGENT" }, byUrgency),
	}
	return []clientsList{
		open.pages(2), due.pages(toTheEnd), open.back(2, toTheEnd),
		openByDueDate.pages(toTheEnd), open.back(toTheEnd, 1), due.back(toTheEnd, 1),
		newest.pages(toTheEnd), oldest.pages(3), newest.back(toTheEnd, 1), oldest.back(3, toTheEnd),
		urgent.pages(2), openByDueDate.back(toTheEnd, 1), urgent.back(2, toTheEnd),
	}
}

// toTheEnd is more pages than any list has.
const toTheEnd = 100

// pages returns the list as it is shown for the first time, with so many pages.
func (l clientsList) pages(n int) clientsList {
	l.Pages = n
	return l
}

// back returns the list as it is shown once more, at first with the pages that the client has kept.
func (l clientsList) back(kept, n int) clientsList {
	l.Name, l.kept, l.Pages = "back to "+l.Name, kept, n
	return l
}

// titles returns those of the issues that a list has, in its order, with the older first of what is equal.
func titles(issues []clientsIssue, has func(clientsIssue) bool, order func(a, b clientsIssue) int) []string {
	list := slices.DeleteFunc(slices.Clone(issues), func(i clientsIssue) bool { return !has(i) })
	slices.SortStableFunc(list, order)
	titles := make([]string, len(list))
	for i, issue := range list {
		titles[i] = issue.title
	}
	return titles
}

func reversed(titles []string) []string {
	slices.Reverse(titles)
	return titles
}

// compareClients says where a client has shown something else than the lists.
func compareClients(t *testing.T, found []clientsFound, lists []clientsList) {
	t.Helper()
	if len(found) != len(lists) {
		t.Fatalf("it has shown %d lists, want %d", len(found), len(lists))
	}
	for i, list := range lists {
		found, want := found[i], list.found()
		if found.Name != want.Name {
			t.Fatalf("list %d is %q, want %q", i, found.Name, want.Name)
		}
		for page := range max(len(found.Pages), len(want.Pages)) {
			var shown, toBeShown []string
			if page < len(found.Pages) {
				shown = found.Pages[page]
			}
			if page < len(want.Pages) {
				toBeShown = want.Pages[page]
			}
			if !slices.Equal(shown, toBeShown) {
				t.Errorf("%s: after %d pages it shows\n%q, want\n%q", list.Name, page+1, shown, toBeShown)
				break
			}
		}
		if found.HasMore != want.HasMore {
			t.Errorf("%s: whether it has more is %t", list.Name, found.HasMore)
		}
		if found.TotalCount != want.TotalCount {
			t.Errorf("%s: the count is %d, want %d", list.Name, found.TotalCount, want.TotalCount)
		}
		if found.Requests != want.Requests {
			t.Errorf("%s: it makes %d requests, want %d", list.Name, found.Requests, want.Requests)
		}
	}
}

// A clientsServer is a running server, and who is signed in.
type clientsServer struct{ addr, token string }

// signUp makes somebody an account, whose session it is from then on.
func (s *clientsServer) signUp(t *testing.T, name string) {
	t.Helper()
	var answer struct {
		Token string `json:"access_token"`
	}
	s.post(t, "/signup", map[string]any{"email": strings.ToLower(name) + "@example.com", "password": "correct horse", "firstName": name}, &answer)
	s.token = answer.Token
}

// create makes an object and returns its id.
func (s *clientsServer) create(t *testing.T, typeName string, input map[string]any) (id string) {
	t.Helper()
	var answer struct {
		Data struct {
			Payload struct{ Object struct{ ID string } }
		}
		Errors any
	}
	query := fmt.Sprintf("mutation ($input: Create%[1]sInput!) { payload: create%[1]s(input: $input) { object: %[2]s { id } } }",
		typeName, strings.ToLower(typeName))
	s.post(t, "/graphql", map[string]any{"query": query, "variables": map[string]any{"input": input}}, &answer)
	if answer.Errors != nil {
		t.Fatalf("to create %v: %v", input, answer.Errors)
	}
	return answer.Data.Payload.Object.ID
}

func (s *clientsServer) post(t *testing.T, path string, body, answer any) {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequest(http.MethodPost, "http://"+s.addr+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if s.token != "" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if answer != nil {
		err = json.NewDecoder(response.Body).Decode(answer)
	}
	if err != nil || response.StatusCode/100 != 2 {
		t.Fatalf("%s: %s, %v", path, response.Status, err)
	}
}
