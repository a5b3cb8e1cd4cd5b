//go:build faults && dynamodblocal

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

// TestFaultsInStories runs testdata/script with a proxy before DynamoDB Local, which
// puts a fault into the first try of every call. Nobody is to notice, unless they count
// calls, as testdata/script/counted does.
func TestFaultsInStories(t *testing.T) {
	for _, test := range []struct {
		name   string
		faults []fault
	}{
		{"answers are lost", []fault{lost, cut(false), lost, cut(true), lost}},
		{"calls are turned away", slices.Concat(throttling, []fault{unprocessed, reset}, serverErrors, conflicts)},
	} {
		t.Run(test.name, func(t *testing.T) {
			proxy := newFaultyProxy(t, os.Getenv("AWS_ENDPOINT_URL_DYNAMODB"))
			proxy.follow(firstTries(test.faults...))
			t.Cleanup(func() { // the stories run in parallel, until then
				calls := proxy.seen()
				if repeated(calls) < len(calls)/4 {
					t.Errorf("of %d calls, %d were repeated: where are the faults?", len(calls), repeated(calls))
				}
			})
			storiesOnDynamoDBLocal(t, "testdata/script", func(variables map[string]string) {
				variables["AWS_ENDPOINT_URL_DYNAMODB"] = "http://" + proxy.addr
			})
		})
	}
}

// repeated returns how many of the calls are no first tries.
func repeated(calls []call) (n int) {
	for _, c := range calls {
		if c.try > 1 {
			n++
		}
	}
	return n
}

// TestFaultsAtSignup has many sign up while three calls in ten fail, each address by two
// of them at once (requirement 21). At least 95 % of the addresses get their account, and
// no fault leaves a trace: a duplicate, or half an account.
func TestFaultsAtSignup(t *testing.T) {
	const (
		addresses = 100
		clients   = 8
		rate      = 0.3
		atLeast   = 0.95
	)
	for _, test := range []struct {
		name   string
		faults []fault
	}{
		{"throttling and server errors", slices.Concat(throttling, serverErrors)},
		{"and lost answers, resets and conflicts", slices.Concat(throttling, serverErrors, brokenConnections, conflicts)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := startFaulty(t)
			random := rand.New(rand.NewPCG(1, 2))
			s.proxy.follow(func(call) fault {
				if random.Float64() >= rate {
					return nil
				}
				return test.faults[random.IntN(len(test.faults))]
			})

			type outcome struct {
				status int
				took   time.Duration
			}
			outcomes := make([][2]outcome, addresses)
			var wg sync.WaitGroup
			for client := range clients {
				for second := range 2 {
					wg.Go(func() {
						for i := client; i < addresses; i += clients {
							start := time.Now()
							answer := s.post(t, "/signup", signupBody(i, second))
							outcomes[i][second] = outcome{answer.status, time.Since(start)}
						}
					})
				}
			}
			wg.Wait()
			calls := s.proxy.seen()
			s.proxy.follow(nil)

			made, statuses, durations := 0, map[int]int{}, []time.Duration{}
			for i, pair := range outcomes {
				won := 0
				for second, outcome := range pair {
					statuses[outcome.status]++
					durations = append(durations, outcome.took)
					if outcome.status != http.StatusCreated {
						continue
					}
					won++
					if answer := s.post(t, "/login", signupBody(i, second)); answer.status != http.StatusOK {
						t.Errorf("address %d was told 201, and cannot sign in: %d %s", i, answer.status, answer.body)
					}
				}
				if won > 1 {
					t.Errorf("address %d was given to two", i)
				}
				made += won
			}
			t.Logf("%d of %d addresses have an account; answers %v; %d calls, of which %d repeat another; half of the sign-ups took %.0f ms, all but 1%% %.0f ms",
				made, addresses, statuses, len(calls), repeated(calls), milliseconds(quantile(durations, 50)), milliseconds(quantile(durations, 99)))
			if float64(made) < atLeast*addresses {
				t.Errorf("want at least %.0f", float64(atLeast*addresses))
			}
			for status := range statuses {
				if !slices.Contains([]int{http.StatusCreated, http.StatusConflict, http.StatusServiceUnavailable}, status) {
					t.Errorf("%d were answered %d", statuses[status], status)
				}
			}
			s.wantWholeAccounts(t, made)
		})
	}
}

func signupBody(i, second int) string {
	return fmt.Sprintf(`{"email":"user%d@example.com","password":"correct horse %d","firstName":"U"}`, i, second)
}

// wantWholeAccounts looks into the tables: every user has a login, and the reverse, and
// every session a user. There may be more accounts than were acknowledged.
func (s *faultyServer) wantWholeAccounts(t *testing.T, atLeast int) {
	t.Helper()
	for name, value := range s.variables {
		t.Setenv(name, value)
	}
	client, err := model.NewDynamoDB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db, prefix := dynamo.NewFromIface(client), s.variables["OWNQL_TABLE_PREFIX"]
	var (
		users    []account.User
		logins   []account.Login
		sessions []account.Session
	)
	for table, all := range map[string]any{"users": &users, "logins": &logins, "sessions": &sessions} {
		if err := db.Table(prefix+table).Scan().Consistent(true).All(t.Context(), all); err != nil {
			t.Fatal(err)
		}
	}
	byEmail, byID := map[string]string{}, map[string]bool{}
	for _, user := range users {
		if byEmail[user.Email] != "" {
			t.Errorf("%s has two users", user.Email)
		}
		byEmail[user.Email], byID[user.ID] = user.ID, true
	}
	for _, login := range logins {
		if byEmail[login.Email] != login.UserID {
			t.Errorf("the login of %s is of user %q, whose email it is has %q", login.Email, login.UserID, byEmail[login.Email])
		}
	}
	for _, session := range sessions {
		if !byID[session.UserID] {
			t.Errorf("session %s is of no user", session.ID)
		}
	}
	if len(users) != len(logins) || len(users) < atLeast {
		t.Errorf("%d users, %d logins, %d acknowledged", len(users), len(logins), atLeast)
	}
}

// TestFaultsInMutations has every write fail, as often as it is tried. The client is told
// that the store does not answer, and no more; then, without the fault, all is well.
func TestFaultsInMutations(t *testing.T) {
	s := startFaulty(t)
	s.signUp(t)
	id := s.createNote(t)
	want := answer200(`"code":"UNAVAILABLE"`)
	for _, test := range []struct {
		name   string
		faults []fault
	}{
		{"throttling", throttling},
		{"server errors", serverErrors},
		{"resets", []fault{reset}},
		{"cut answers", []fault{cut(false), cut(true)}},
		{"conflicts", []fault{inConflict}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.proxy.follow(always(test.faults, "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"))
			defer s.proxy.follow(nil)
			for _, mutation := range []string{
				`createNote(input: {title: "T"}) { note { id } }`,
				`updateNote(input: {id: "` + id + `", title: "` + test.name + `"}) { note { id } }`,
				`updateViewer(input: {lastName: "T"}) { user { id } }`,
			} {
				s.wants(t, mutation, want)
			}
		})
	}
	// Whether the writes whose answers were cut were carried out, nobody could say. What
	// is certain is that each was, or was not.
	s.wants(t, `updateNote(input: {id: "`+id+`", done: false, title: "Weave"}) { note { done title } }`, answer200(`"done":false,"title":"Weave"`))

	t.Run("a deletion", func(t *testing.T) {
		for _, test := range []struct {
			name   string
			faults []fault
		}{{"throttled", throttling}, {"turned away", serverErrors}, {"reset", []fault{reset}}, {"in conflict", []fault{inConflict}}} {
			t.Run(test.name, func(t *testing.T) {
				s.proxy.follow(always(test.faults, "DeleteItem", "UpdateItem", "TransactWriteItems"))
				defer s.proxy.follow(nil)
				s.wants(t, `deleteNote(input: {id: "`+id+`"}) { deletedNoteId }`, want)
			})
		}
		s.wants(t, `deleteNote(input: {id: "`+id+`"}) { note { title } }`, answer200(`"title":"Weave"`))
	})
}

// TestFaultsOfLostAnswers has mutations carried out and their answers lost, each once.
// Each takes effect once, and the client gets its answer.
func TestFaultsOfLostAnswers(t *testing.T) {
	t.Parallel() // it waits, mostly
	s := startFaulty(t)
	for name, losing := range map[string]fault{"lost": lost, "cut": cut(false), "silent": silent} {
		t.Run(name, func(t *testing.T) {
			isWrite := func(c call) bool {
				return slices.Contains([]string{"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}, c.operation)
			}
			s.proxy.follow(func(c call) fault {
				if c.try == 1 && isWrite(c) && !strings.HasSuffix(c.table, "attempts") {
					return losing
				}
				return nil
			})
			defer s.proxy.follow(nil)
			email := `"email":"` + name + `@example.com","password":"correct horse"`
			if answer := s.post(t, "/signup", `{`+email+`,"firstName":"Ada"}`); answer.status != http.StatusCreated {
				t.Errorf("a sign-up is answered %d %s", answer.status, answer.body)
			}
			answer := s.post(t, "/login", `{`+email+`}`)
			if answer.status != http.StatusOK {
				t.Fatalf("a sign-in is answered %d %s", answer.status, answer.body)
			}
			s.token = answer.token(t)
			defer func() { s.token = "" }()
			s.wants(t, `updateViewer(input: {lastName: "Lovelace", expectedVersion: 1}) { user { lastName version } }`, answer200(`"lastName":"Lovelace","version":2`))
			id := s.createNote(t)
			s.wants(t, `updateNote(input: {id: "`+id+`", done: true, expectedVersion: 1}) { note { done version } }`, answer200(`"done":true,"version":2`))
			s.wants(t, `updateNote(input: {id: "`+id+`", done: false, expectedVersion: 1}) { note { version } }`, answer200(`"code":"CONFLICT"`))
			s.wants(t, `deleteNote(input: {id: "`+id+`", expectedVersion: 2}) { note { version } }`, answer200(`"version":2`))
			s.wants(t, `deleteNote(input: {id: "`+id+`"}) { note { version } }`, answer200(`"code":"NOT_FOUND"`))
		})
	}
}

// TestFaultsOfAStoreThatIsDown holds requirement 21's other half, for the ways to be down;
// then the store is up again, and the server needs nobody to tell it.
func TestFaultsOfAStoreThatIsDown(t *testing.T) {
	t.Parallel() // it waits, mostly
	s := startFaulty(t)
	s.signUp(t)
	const login = `{"email":"ada@example.com","password":"correct horse"}`
	for _, test := range []struct {
		name     string
		down, up func()
	}{
		{"connections are refused", s.proxy.close, func() { s.proxy.open(t) }},
		{"connections are reset", func() { s.proxy.follow(always([]fault{reset})) }, func() { s.proxy.follow(nil) }},
		{"nothing is answered", func() { s.proxy.follow(always([]fault{silent})) }, func() { s.proxy.follow(nil) }},
		{"server errors", func() { s.proxy.follow(always(serverErrors)) }, func() { s.proxy.follow(nil) }},
		{"throttling", func() { s.proxy.follow(always(throttling)) }, func() { s.proxy.follow(nil) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.down()
			defer func() {
				test.up()
				for path, want := range map[string]int{"/login": http.StatusOK, "/graphql": http.StatusOK} {
					body := map[string]string{"/login": login, "/graphql": `{"query":"{ viewer { id } }"}`}[path]
					if answer := s.post(t, path, body); answer.status != want {
						t.Errorf("once it is up: POST %s is answered %d %s, want %d", path, answer.status, answer.body, want)
					}
				}
				if answer := s.send(t, "GET", "/readyz", ""); answer.status != http.StatusOK {
					t.Errorf("once it is up: /readyz is answered %d %s", answer.status, answer.body)
				}
			}()
			for _, request := range []struct {
				method, path, body string
				status             int
			}{
				{"GET", "/healthz", "", http.StatusOK},
				{"GET", "/readyz", "", http.StatusServiceUnavailable},
				{"POST", "/login", login, http.StatusServiceUnavailable},
				{"POST", "/graphql", `{"query":"{ viewer { id } }"}`, http.StatusServiceUnavailable},
			} {
				start := time.Now()
				answer := s.send(t, request.method, request.path, request.body)
				for request.path == "/readyz" && answer.status == http.StatusOK && time.Since(start) < 2*time.Second {
					answer = s.send(t, request.method, request.path, request.body) // a good answer counts for a second
				}
				t.Logf("%s %s: %d after %s", request.method, request.path, answer.status, time.Since(start).Round(10*time.Millisecond))
				if answer.status != request.status {
					t.Errorf("want %d: %s", request.status, answer.body)
				}
				if answer.status == http.StatusServiceUnavailable &&
					(!strings.Contains(answer.body, `"code":"UNAVAILABLE"`) || answer.header.Get("Retry-After") == "" || strings.Contains(answer.body, s.proxy.addr)) {
					t.Errorf("%v %s: want UNAVAILABLE, Retry-After, and nothing of the store", answer.header, answer.body)
				}
			}
		})
	}
}

// TestFaultsOfUnprocessedKeys gives all keys back, however often they are asked for.
func TestFaultsOfUnprocessedKeys(t *testing.T) {
	t.Parallel() // it waits, mostly
	s := startFaulty(t)
	s.signUp(t)
	const viewer = `{"query":"{ viewer { id } }"}`
	s.proxy.follow(always([]fault{allUnprocessed}))
	answer := s.post(t, "/graphql", viewer)
	if answer.status != http.StatusServiceUnavailable || !strings.Contains(answer.body, `"code":"UNAVAILABLE"`) {
		t.Errorf("%d %s, want 503 UNAVAILABLE", answer.status, answer.body)
	}
	if calls := s.proxy.seen(); len(calls) < 4 {
		t.Errorf("%v: the keys were not asked for again", calls)
	}
	s.proxy.follow(nil)
	if answer := s.post(t, "/graphql", viewer); answer.status != http.StatusOK {
		t.Errorf("afterwards: %d %s", answer.status, answer.body)
	}
}

// TestFaultsOfHalfBatches has nine batches of ten answer half of what they are asked for: a
// hundred nodes are there long before the request's deadline.
func TestFaultsOfHalfBatches(t *testing.T) {
	t.Parallel() // it waits, mostly
	s := startFaulty(t)
	s.signUp(t)
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = s.createNote(t)
	}
	batches := 0
	s.proxy.follow(func(c call) fault {
		if batches++; batches%10 == 0 {
			return nil
		}
		return unprocessed
	})
	nodes, err := json.Marshal(map[string]any{"query": `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, "variables": map[string]any{"ids": ids}})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	answer := s.post(t, "/graphql", string(nodes))
	t.Logf("%d after %s and %d calls", answer.status, time.Since(start).Round(10*time.Millisecond), len(s.proxy.seen()))
	for _, id := range ids {
		if !strings.Contains(answer.body, id) {
			t.Fatalf("%s is missing: %s", id, answer.body)
		}
	}
	if len(s.proxy.seen()) < 7 {
		t.Errorf("%v: where are the halves?", s.proxy.seen())
	}
}

// TestFaultsOfASlowStore counts the calls of the standard requests while each takes its
// time: nothing is tried again, so a request takes that long for each of its calls and
// little more, however many come at once. How long they took is printed.
func TestFaultsOfASlowStore(t *testing.T) {
	const (
		delay  = 300 * time.Millisecond
		atOnce = 10
	)
	s := startFaulty(t)
	s.signUp(t)
	id := s.createNote(t)
	s.proxy.follow(always([]fault{slow(delay)}))
	query := func(document string) string {
		body, err := json.Marshal(map[string]string{"query": document})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for _, test := range []struct {
		name, path, body string
		want             []string // operations
	}{
		{"viewer", "/graphql", query(`{ viewer { id } }`), []string{"BatchGetItem"}},
		{"node, twice", "/graphql", query(`{ a: node(id: "` + id + `") { id } b: node(id: "` + id + `") { id } }`), []string{"BatchGetItem", "BatchGetItem"}},
		{"a list", "/graphql", query(`{ viewer { notes { edges { node { id } } } } }`), []string{"BatchGetItem", "Query"}},
		{"createNote", "/graphql", query(`mutation { createNote(input: {title: "T"}) { note { id } } }`), []string{"BatchGetItem", "PutItem"}},
		{"login", "/login", `{"email":"ada@example.com","password":"correct horse"}`, []string{"GetItem", "UpdateItem", "BatchWriteItem"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s.proxy.follow(always([]fault{slow(delay)}))
			durations := make([]time.Duration, atOnce)
			var wg sync.WaitGroup
			for i := range durations {
				wg.Go(func() {
					start := time.Now()
					if answer := s.post(t, test.path, test.body); answer.status != http.StatusOK || strings.Contains(answer.body, `"errors"`) {
						t.Errorf("%d %s", answer.status, answer.body)
					}
					durations[i] = time.Since(start)
				})
			}
			wg.Wait()
			counts := map[string]int{}
			for _, c := range s.proxy.seen() {
				counts[c.operation]++
			}
			want := map[string]int{}
			for _, operation := range test.want {
				want[operation] += atOnce
			}
			if diff := cmp.Diff(want, counts); diff != "" {
				t.Errorf("calls of %d requests (-want +got):\n%s", atOnce, diff)
			}
			fault := delay * time.Duration(len(test.want))
			t.Logf("%d at once, %d calls each, %s a call: half took %.0f ms, all but 1%% %.0f ms, %.2f times the calls' own delay",
				atOnce, len(test.want), delay, milliseconds(quantile(durations, 50)), milliseconds(quantile(durations, 99)), float64(quantile(durations, 99))/float64(fault))
		})
	}
}

// A faultyServer is the real binary behind a proxy.
type faultyServer struct {
	addr      string
	token     string
	proxy     *faultyProxy
	variables map[string]string // that lead to the DynamoDB past the proxy
}

func startFaulty(t *testing.T) *faultyServer {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	variables := serverOnDynamoDBLocal(t)
	s := &faultyServer{freeAddr(t), "", newFaultyProxy(t, variables["AWS_ENDPOINT_URL_DYNAMODB"]), variables}
	// The record is written behind the answers, and its calls would be counted with theirs.
	env := append(os.Environ(), "OWNQL_ADDR="+s.addr, "OWNQL_RATE_LIMIT=off", "OWNQL_AUDIT_DAYS=0")
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	runShell(t, ".", env, binary+"/ownql tables")
	startServer(t, ".", append(env, "AWS_ENDPOINT_URL_DYNAMODB=http://"+s.proxy.addr), "exec "+binary+"/ownql")
	return s
}

// httpAnswer is what a client gets.
type httpAnswer struct {
	status int
	header http.Header
	body   string
}

func (s *faultyServer) post(t *testing.T, path, body string) httpAnswer {
	t.Helper()
	return s.send(t, http.MethodPost, path, body)
}

// serverTimeout is the server's bound of a request.
const serverTimeout = 10 * time.Second

// send gives up a little after a request's deadline, of which it counts the time.
func (s *faultyServer) send(t *testing.T, method, path, body string) httpAnswer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.addr+path, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return httpAnswer{}
	}
	request.Header.Set("Content-Type", "application/json")
	if s.token != "" && path != "/login" {
		request.Header.Set("Authorization", "Bearer "+s.token)
	}
	response, err := (&http.Client{Timeout: serverTimeout + 5*time.Second}).Do(request)
	if err != nil {
		t.Errorf("%s %s: %v", method, path, err)
		return httpAnswer{}
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return httpAnswer{response.StatusCode, response.Header, string(content)}
}

func (a httpAnswer) token(t *testing.T) string {
	t.Helper()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(a.body), &answer); err != nil || answer.Token == "" {
		t.Fatalf("no token in %d %s", a.status, a.body)
	}
	return answer.Token
}

// signUp makes the account by which s sends what follows.
func (s *faultyServer) signUp(t *testing.T) {
	t.Helper()
	s.token = s.post(t, "/signup", `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`).token(t)
}

// createNote returns the id of a new one.
func (s *faultyServer) createNote(t *testing.T) string {
	t.Helper()
	var answer struct {
		Data struct {
			CreateNote struct{ Note struct{ ID string } }
		}
	}
	got := s.mutate(t, `createNote(input: {title: "T"}) { note { id } }`)
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil || answer.Data.CreateNote.Note.ID == "" {
		t.Fatalf("createNote is answered %d %s", got.status, got.body)
	}
	return answer.Data.CreateNote.Note.ID
}

// answer200 is what is in the body of an answer 200.
type answer200 string

// wants sends a mutation.
func (s *faultyServer) wants(t *testing.T, mutation string, want answer200) {
	t.Helper()
	got := s.mutate(t, mutation)
	if got.status != http.StatusOK || !strings.Contains(got.body, string(want)) {
		t.Errorf("%s is answered %d %s, want %s", mutation, got.status, got.body, want)
	}
}

func (s *faultyServer) mutate(t *testing.T, mutation string) httpAnswer {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": "mutation { " + mutation + " }"})
	if err != nil {
		t.Fatal(err)
	}
	return s.post(t, "/graphql", string(body))
}
