package auth_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// newAuth returns what New assembles on an engine of its own, its accounts, and its routes
// with /whoami, which answers with the user's id.
func newAuth(t *testing.T, options auth.Options) (*auth.Auth, *account.Store, http.Handler) {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	store := account.New(model.Open(engine, ""))
	if _, err := store.DB().CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	options.Keys, options.Issuer = auth.NewSecretKeys(testSecret), "ownql"
	a := auth.New(store, options)
	mux := http.NewServeMux()
	a.Handle(mux)
	mux.Handle("/whoami", a.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		web.WriteJSON(w, http.StatusOK, auth.CallerFromContext(r.Context()).ID)
	}), web.Refuse))
	return a, store, mux
}

// ask sends a request, with a token where there is one.
func ask(t *testing.T, to http.Handler, method, path, token, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	return w
}

const (
	signupOfAda = `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`
	loginOfAda  = `{"email":"ada@example.com","password":"correct horse"}`
)

// tokensOf returns the tokens of an answer, and the claims of the first.
func tokensOf(t *testing.T, w *httptest.ResponseRecorder) (access, refresh string, claims map[string]any) {
	t.Helper()
	var answer struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || answer.Access == "" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(answer.Access, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		t.Fatal(err)
	}
	return answer.Access, answer.Refresh, claims
}

func TestNewAssembles(t *testing.T) {
	var signedUp, deleted []string
	a, store, handler := newAuth(t, auth.Options{
		Claims: func(_ context.Context, userID string) (map[string]any, error) {
			return map[string]any{"tenant": "of " + userID}, nil
		},
		Hooks: auth.Hooks{
			SignedUp: func(_ context.Context, user *account.User) error {
				signedUp = append(signedUp, user.ID)
				return errors.New("which undoes nothing")
			},
			Deleted: func(_ context.Context, user *account.User) error {
				deleted = append(deleted, user.ID)
				return errors.New("which undoes nothing")
			},
		},
	})
	w := ask(t, handler, "POST", "/signup", "", signupOfAda)
	if w.Code != http.StatusCreated {
		t.Fatalf("sign-up: %d %s", w.Code, w.Body)
	}
	access, refresh, claims := tokensOf(t, w)
	id, _ := claims["sub"].(string)
	user, err := store.User(t.Context(), id)
	if err != nil || user.Email != "ada@example.com" || len(signedUp) != 1 || signedUp[0] != id {
		t.Errorf("%+v, %v; the hook was told of %q", user, err, signedUp)
	}
	if w := ask(t, handler, "POST", "/signup", "", signupOfAda); w.Code != http.StatusCreated || len(signedUp) != 1 {
		t.Errorf("once more: %d %s; the hook was told of %q", w.Code, w.Body, signedUp)
	}

	login := ask(t, handler, "POST", "/login", "", loginOfAda)
	again := ask(t, handler, "POST", "/refresh", "", `{"refresh_token":"`+refresh+`"}`)
	for name, w := range map[string]*httptest.ResponseRecorder{"sign-up": w, "login": login, "refresh": again} {
		if _, _, claims := tokensOf(t, w); claims["tenant"] != "of "+id || claims["sub"] != id {
			t.Errorf("%s: the token claims %v", name, claims)
		}
	}
	if w := ask(t, handler, "GET", "/whoami", access, ""); w.Body.String() != `"`+id+`"`+"\n" {
		t.Errorf("by the token one is %s", w.Body)
	}
	if w := ask(t, handler, "GET", "/whoami", "", ""); w.Body.String() != `""`+"\n" {
		t.Errorf("without one is %s", w.Body)
	}
	for path, status := range map[string]int{
		"GET /.well-known/jwks.json": 200, "GET /signup": 405, "GET /login": 405, "GET /logout": 405,
		"POST /password/forgot": 202, "POST /nowhere": 404, "GET /password/reset": 200, "GET /email/verify": 200,
	} {
		method, path, _ := strings.Cut(path, " ")
		if w := ask(t, handler, method, path, "", `{"email":"ada@example.com"}`); w.Code != status {
			t.Errorf("%s %s: %d %s, want %d", method, path, w.Code, w.Body, status)
		}
	}

	if isComplete, err := a.Accounts.Remove(t.Context(), user); !isComplete || err != nil || len(deleted) != 1 || deleted[0] != id {
		t.Errorf("removed: %v; the hook was told of %q", err, deleted)
	}
	if _, err := a.Accounts.Remove(t.Context(), user); !errors.Is(err, model.ErrNotFound) || len(deleted) != 1 {
		t.Errorf("removed twice: %v; the hook was told of %q", err, deleted)
	}
	if w := ask(t, handler, "GET", "/whoami", access, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("by the token of one who is gone: %d %s", w.Code, w.Body)
	}
}

func TestNewWhereSignUpIsClosed(t *testing.T) {
	a, _, handler := newAuth(t, auth.Options{SignupClosed: true})
	if w := ask(t, handler, "POST", "/signup", "", signupOfAda); w.Code != http.StatusForbidden {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if _, err := a.Accounts.Create(t.Context(), auth.SignupInput{Email: "ada@example.com", Password: "correct horse", FirstName: "Ada"}, nil); err != nil {
		t.Fatal(err)
	}
	if w := ask(t, handler, "POST", "/login", "", loginOfAda); w.Code != http.StatusOK && w.Code != http.StatusCreated {
		t.Errorf("login: %d %s", w.Code, w.Body)
	}
}

func TestNewLimitsByAddress(t *testing.T) {
	for _, isLimited := range []bool{false, true} {
		_, _, handler := newAuth(t, auth.Options{RateLimited: isLimited})
		refused := 0
		for range 620 {
			if w := ask(t, handler, "POST", "/login", "", `{}`); w.Code == http.StatusTooManyRequests {
				refused++
				if w.Header().Get("Retry-After") == "" {
					t.Errorf("%s says not when", w.Body)
				}
			}
		}
		if isLimited != (refused > 0) {
			t.Errorf("limited: %v; %d of 620 were refused", isLimited, refused)
		}
	}
}

// TestClaimsOfAProject cannot say who is asking.
func TestClaimsOfAProject(t *testing.T) {
	for _, test := range []struct {
		name   string
		claims map[string]any
		err    error
		status int
	}{
		{"none", nil, nil, http.StatusCreated},
		{"its own", map[string]any{"roles": []string{"a"}}, nil, http.StatusCreated},
		{"another user", map[string]any{"sub": "eve"}, nil, http.StatusInternalServerError},
		{"another session", map[string]any{"sid": "eve"}, nil, http.StatusInternalServerError},
		{"a longer life", map[string]any{"exp": 4e9}, nil, http.StatusInternalServerError},
		{"an error", nil, errors.New("secret"), http.StatusInternalServerError},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, handler := newAuth(t, auth.Options{Claims: func(context.Context, string) (map[string]any, error) { return test.claims, test.err }})
			w := ask(t, handler, "POST", "/signup", "", signupOfAda)
			if w.Code != test.status || strings.Contains(w.Body.String(), "secret") {
				t.Fatalf("%d %s, want %d", w.Code, w.Body, test.status)
			}
			if test.status != http.StatusCreated {
				return
			}
			access, _, claims := tokensOf(t, w)
			if w := ask(t, handler, "GET", "/whoami", access, ""); w.Code != http.StatusOK || w.Body.String() != `"`+claims["sub"].(string)+`"`+"\n" {
				t.Errorf("by the token: %d %s", w.Code, w.Body)
			}
		})
	}
}
