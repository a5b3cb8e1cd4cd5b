// Package ownqltest tests a project: by the tables of who may do what that are generated from
// its schema, by Relay's rules for its lists, and by whatever a test of its own asks of a
// running [Server]. All of it runs against the embedded engine.
package ownqltest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// secret is what the tokens of tests are signed with.
const secret = "Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s"

// A Server is a project that answers on this machine, with tables of its own, until the test
// ends.
type Server[S any] struct {
	Store S
	URL   string // http://127.0.0.1:PORT
	*server
}

// server is a Server whose store's type does not matter.
type server struct {
	handler  http.Handler
	accounts *account.Store
	tokens   *auth.Accounts // that makes service tokens
	issuer   *auth.Issuer
	schema   *ast.Schema
	scalars  []string // see gql.Schema
	tables   *dynamo.DB

	mayBePart func(mutation string) bool // of a transaction
}

// Start starts a project. Requests without a token are executed as nobody's.
func Start[S any](t testing.TB, app command.App[S]) *Server[S] {
	t.Helper()
	s := assemble(t, app)
	listening := httptest.NewServer(s.handler)
	t.Cleanup(listening.Close)
	s.URL = listening.URL
	return s
}

// assemble is Start without a listener.
func assemble[S any](t testing.TB, app command.App[S]) *Server[S] {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	keys := auth.NewSecretKeys([]byte(secret))
	assembled, err := command.Assemble(app, engine, keys, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := assembled.DB.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &Server[S]{Store: assembled.Store, server: &server{
		handler:  assembled.Handler,
		accounts: account.New(model.Open(engine, "")),
		tokens:   assembled.SignIn.Accounts,
		issuer:   auth.NewIssuer(keys, "ownql"),
		schema:   assembled.Schema.Parsed,
		scalars:  assembled.Schema.Scalars,
		tables:   dynamo.NewFromIface(engine),

		mayBePart: assembled.Schema.MayBePart,
	}}
}

// A User is one of a test's, signed in.
type User struct {
	*account.User
	Token string // for `Authorization: Bearer`
}

// SignUp makes a user who has these roles, and signs them in.
func (s *server) SignUp(t testing.TB, email string, roles ...string) *User {
	t.Helper()
	session := account.NewSession(time.Hour, "ownqltest")
	user, err := s.accounts.CreateUser(t.Context(), account.Signup{Email: email, FirstName: "Ada", LastName: "Lovelace", Roles: roles}, session)
	if err != nil {
		t.Fatal(err)
	}
	token, err := s.issuer.Issue(t.Context(), auth.Claims{UserID: user.ID, SessionID: session.ID})
	if err != nil {
		t.Fatal(err)
	}
	return &User{user, token}
}

// VerifyEmail has a user have proved to read the mail of their address, as whoever accepts an invitation has.
func (s *server) VerifyEmail(t testing.TB, user *User) {
	t.Helper()
	if err := s.accounts.ProveEmail(t.Context(), user.ID, user.Email); err != nil {
		t.Fatal(err)
	}
	user.EmailVerified = true
}

// ServiceToken makes a service token of a user's, with scopes such as `read:Issue`, and returns the user as one
// who comes by it.
func (s *server) ServiceToken(t testing.TB, of *User, name string, scopes ...string) *User {
	t.Helper()
	_, text, err := s.tokens.MakeToken(t.Context(), of.User, auth.TokenInput{Name: name, Scopes: scopes})
	if err != nil {
		t.Fatal(err)
	}
	return &User{of.User, text}
}

// Query asks the server as a user, nil for nobody, and returns the answer's body.
func (s *server) Query(t testing.TB, as *User, query string, variables map[string]any) string {
	t.Helper()
	token := ""
	if as != nil {
		token = as.Token
	}
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
	s.handler.ServeHTTP(w, r)
	return w.Body.String()
}

// QueryInto is Query into a value for its data. It fails the test where there are errors.
func (s *server) QueryInto(t testing.TB, as *User, query string, variables map[string]any, data any) {
	t.Helper()
	body := s.Query(t, as, query, variables)
	var response struct {
		Data   json.RawMessage
		Errors json.RawMessage
	}
	if err := json.Unmarshal([]byte(body), &response); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	if response.Errors != nil {
		t.Fatalf("%s answers %s", query, response.Errors)
	}
	if err := json.Unmarshal(response.Data, data); err != nil {
		t.Fatalf("%v: %s", err, response.Data)
	}
}
