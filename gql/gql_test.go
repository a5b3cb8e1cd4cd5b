package gql_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

var secret = []byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")

// countingClient passes everything on to the engine and keeps the names of the reads
// and writes. With err set, it passes nothing on.
type countingClient struct {
	dynamodbiface.DynamoDBAPI
	mu    sync.Mutex
	calls []string
	err   error
}

func (c *countingClient) count(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, name)
	return c.err
}

// taken returns the calls since it was last asked.
func (c *countingClient) taken() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	calls := strings.Join(c.calls, " ")
	c.calls = nil
	return calls
}

func (c *countingClient) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if err := c.count("BatchGetItem"); err != nil {
		return nil, err
	}
	return c.DynamoDBAPI.BatchGetItem(ctx, in, options...)
}

func (c *countingClient) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if err := c.count("GetItem"); err != nil {
		return nil, err
	}
	return c.DynamoDBAPI.GetItem(ctx, in, options...)
}

func (c *countingClient) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if err := c.count("UpdateItem"); err != nil {
		return nil, err
	}
	return c.DynamoDBAPI.UpdateItem(ctx, in, options...)
}

func (c *countingClient) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if err := c.count("BatchWriteItem"); err != nil {
		return nil, err
	}
	return c.DynamoDBAPI.BatchWriteItem(ctx, in, options...)
}

func (c *countingClient) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if err := c.count("TransactWriteItems"); err != nil {
		return nil, err
	}
	return c.DynamoDBAPI.TransactWriteItems(ctx, in, options...)
}

// api is /graphql behind its middleware, and one signed-in user.
type api struct {
	http.Handler
	client   *countingClient
	accounts *account.Store
	user     *account.User
	token    string
}

func newAPI(t testing.TB) *api {
	t.Helper()
	return newAPIWith(t, gql.Options{Introspection: true, Limits: gql.DefaultLimits})
}

func newAPIWith(t testing.TB, options gql.Options) *api {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	a := &api{client: &countingClient{DynamoDBAPI: engine}}
	a.accounts = account.New(model.Open(model.Observe(a.client, noop.NewTracerProvider()), ""))
	notes := store.New(a.accounts)
	if _, err := a.accounts.DB().CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	a.user, a.token = a.signUp(t, "ada@example.com")
	signIn := auth.New(a.accounts, auth.Options{Keys: auth.NewSecretKeys(secret), Issuer: "ownql"})
	handler, err := gql.NewHandler(graph.New(notes, signIn.Accounts), signIn.Accounts, options)
	if err != nil {
		t.Fatal(err)
	}
	a.Handler = web.WithLog(web.WithRequestID(signIn.Middleware(handler, gql.Refuse)))
	a.client.taken()
	return a
}

func (a *api) signUp(t testing.TB, email string) (*account.User, string) {
	t.Helper()
	session := account.NewSession(time.Hour, "")
	user, err := a.accounts.CreateUser(t.Context(), account.Signup{Email: email, FirstName: "Ada", LastName: "Lovelace"}, session)
	if err != nil {
		t.Fatal(err)
	}
	token, err := auth.NewIssuer(auth.NewSecretKeys(secret), "ownql").Issue(t.Context(), auth.Claims{UserID: user.ID, SessionID: session.ID})
	if err != nil {
		t.Fatal(err)
	}
	return user, token
}

// post sends a query as the user and returns the status and the body.
func (a *api) post(t testing.TB, query string, variables map[string]any) (status int, body string) {
	t.Helper()
	return a.postAs(t, a.token, query, variables)
}

// postAs sends a query with a token, anonymously where that is empty.
func (a *api) postAs(t testing.TB, token, query string, variables map[string]any) (status int, body string) {
	t.Helper()
	request, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(request))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestCallsARequest holds what a request costs in DynamoDB round trips, and that the answer
// tells the same, with the items and the units of capacity. The user and the session are
// read strongly consistent, a unit each.
func TestCallsARequest(t *testing.T) {
	a := newAPIWith(t, gql.Options{Dev: true, Limits: gql.DefaultLimits})
	other, _ := a.signUp(t, "eve@example.com")
	a.client.taken()
	hundred := make([]string, 100)
	for i := range hundred {
		hundred[i] = (&account.Session{ID: model.NewID()}).GlobalID()
	}
	own := slices.Clone(hundred)
	own[7], own[50], own[99] = a.user.GlobalID(), other.GlobalID(), a.user.GlobalID()
	var aliases strings.Builder
	for i := range 30 {
		fmt.Fprintf(&aliases, "a%d: node(id: $id) { id } ", i)
	}

	for _, test := range []struct {
		name      string
		query     string
		variables map[string]any
		want      string
		cost      string
	}{
		{"a document that is not valid costs its authentication", `{ nobody }`, nil,
			"BatchGetItem", `{"calls":1,"items":2,"readUnits":2,"writeUnits":0}`},
		{"viewer costs nothing more than that", `{ viewer { id email } }`, nil,
			"BatchGetItem", `{"calls":1,"items":2,"readUnits":2,"writeUnits":0}`},
		{"repeated under aliases too", `{ a: viewer { id } b: viewer { email } }`, nil,
			"BatchGetItem", `{"calls":1,"items":2,"readUnits":2,"writeUnits":0}`},
		{"what gives null costs no read", `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": other.GlobalID()},
			"BatchGetItem", `{"calls":1,"items":2,"readUnits":2,"writeUnits":0}`},
		{"a node is one read", `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": a.user.GlobalID()},
			"BatchGetItem BatchGetItem", `{"calls":2,"items":3,"readUnits":3,"writeUnits":0}`},
		{"one that is not there costs the same", `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": hundred[0]},
			"BatchGetItem BatchGetItem", `{"calls":2,"items":3,"readUnits":3,"writeUnits":0}`},
		{"the same node under aliases is one read", `query ($id: ID!) { ` + aliases.String() + ` }`, map[string]any{"id": a.user.GlobalID()},
			"BatchGetItem BatchGetItem", `{"calls":2,"items":3,"readUnits":3,"writeUnits":0}`},
		{"a hundred nodes are one read", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": hundred},
			"BatchGetItem BatchGetItem", `{"calls":2,"items":102,"readUnits":102,"writeUnits":0}`},
		{"of two types too", `query ($ids: [ID!]!) { nodes(ids: $ids) { id } }`, map[string]any{"ids": own},
			"BatchGetItem BatchGetItem", `{"calls":2,"items":100,"readUnits":100,"writeUnits":0}`},
		{"each field of a mutation after the first reads who is asking anew",
			`mutation { a: updateViewer(input: {lastName: "King"}) { user { lastName } } b: updateViewer(input: {lastName: "Byron"}) { user { lastName } } }`, nil,
			"BatchGetItem UpdateItem BatchGetItem UpdateItem", `{"calls":4,"items":6,"readUnits":4,"writeUnits":2}`},
		{"an update is one write", `mutation { updateViewer(input: {lastName: "King"}) { user { lastName } } }`, nil,
			"BatchGetItem UpdateItem", `{"calls":2,"items":3,"readUnits":2,"writeUnits":1}`},
		{"so is one of a field of the project's own", `mutation { updateViewer(input: {bio: "a mathematician"}) { user { bio } } }`, nil,
			"BatchGetItem UpdateItem", `{"calls":2,"items":3,"readUnits":2,"writeUnits":1}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body := a.post(t, test.query, test.variables)
			if calls := a.client.taken(); calls != test.want {
				t.Errorf("calls %q, want %q", calls, test.want)
			}
			if cost := `"extensions":{"cost":` + test.cost + "}}\n"; !strings.HasSuffix(body, cost) {
				t.Errorf("%s does not end in %s", body, cost)
			}
			if status != http.StatusOK || strings.Contains(body, "errors") != (test.query == `{ nobody }`) {
				t.Errorf("status %d, %s", status, body)
			}
		})
	}
}

// TestNoCostOutsideDev: nobody else is told what a request costs.
func TestNoCostOutsideDev(t *testing.T) {
	if _, body := newAPI(t).post(t, `{ viewer { email } }`, nil); body != `{"data":{"viewer":{"email":"ada@example.com"}}}`+"\n" {
		t.Errorf("the answer is %s", body)
	}
}

// TestErrors shows what a client sees of the errors that a story cannot cause.
func TestErrors(t *testing.T) {
	for _, test := range []struct {
		name   string
		err    error
		status int
		want   string
	}{
		{"DynamoDB does not answer in time", fmt.Errorf("GetItem: %w", context.DeadlineExceeded), http.StatusServiceUnavailable, "UNAVAILABLE"},
		{"the disk is full", fmt.Errorf("PutItem: %w", syscall.ENOSPC), http.StatusServiceUnavailable, "UNAVAILABLE"},
		{"a bug", fmt.Errorf("table users-of-secret-prefix has no key"), http.StatusInternalServerError, "INTERNAL_SERVER_ERROR"},
	} {
		t.Run(test.name, func(t *testing.T) {
			a := newAPI(t)
			a.client.err = test.err
			status, body := a.post(t, `{ viewer { id } }`, nil)
			var response struct {
				Errors []struct {
					Message    string
					Extensions struct{ Code string }
				}
				Data json.RawMessage
			}
			if err := json.Unmarshal([]byte(body), &response); err != nil || len(response.Errors) != 1 {
				t.Fatalf("%s, %v", body, err)
			}
			if got := response.Errors[0].Extensions.Code; status != test.status || got != test.want || response.Data != nil {
				t.Errorf("status %d, %s; want %d, %s, and no data", status, body, test.status, test.want)
			}
			if strings.Contains(body, "users") || strings.Contains(body, "GetItem") {
				t.Errorf("the store shows in %s", body)
			}
		})
	}
}
