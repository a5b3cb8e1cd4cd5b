package auth

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// newTestRoutes returns routes on an engine of their own, and a session in it.
func newTestRoutes(t *testing.T) (routes *Routes, session *account.Session, token string) {
	t.Helper()
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { engine.Close() })
	s := account.New(model.Open(engine, ""))
	if _, err := s.DB().CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	cookies := NewCookies(NewCredentials(NewSecretKeys(testSecret), "cookie"), "")
	authenticator := NewAuthenticator(s, NewVerifier(NewSecretKeys(testSecret), "ownql"), cookies, nil)
	routes = NewRoutes(NewAccounts(s, NewPasswords(), NewPost(s, nil, ""), nil, false, Hooks{}), NewIssuer(NewSecretKeys(testSecret), "ownql"), NewCredentials(NewSecretKeys(testSecret), "refresh"), authenticator, false)

	secret := newSecret()
	session = account.NewSession(SessionLife, "")
	session.Secret = secret.hash()
	if _, err := s.CreateUser(t.Context(), account.Signup{Email: "ada@example.com", PasswordHash: "old"}, session); err != nil {
		t.Fatal(err)
	}
	token, err = routes.refreshTokens.of(session, secret)
	if err != nil {
		t.Fatal(err)
	}
	return routes, session, token
}

// next refreshes by the token, and returns the token that follows.
func next(t *testing.T, routes *Routes, token string) (string, error) {
	session, secret, _, err := routes.refresh(t.Context(), token)
	if err != nil {
		return "", err
	}
	return routes.refreshTokens.of(session, secret)
}

func TestRefreshAtOnceGivesOneToken(t *testing.T) {
	routes, session, token := newTestRoutes(t)
	var (
		group sync.WaitGroup
		mu    sync.Mutex
		given = map[string]int{}
	)
	for range 20 {
		group.Go(func() {
			text, err := next(t, routes, token)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			given[text]++
		})
	}
	group.Wait()
	if len(given) != 1 || given[token] > 0 {
		t.Errorf("%d tokens were given for one, the same again %d times", len(given), given[token])
	}
	if _, _, err := routes.store.Session(t.Context(), session.UserID, session.ID); err != nil {
		t.Errorf("the session: %v", err)
	}
}

func TestRefreshEnds(t *testing.T) {
	tests := map[string]func(*testing.T, *Routes, *account.Session, string){
		"when the token was used before the last one": func(t *testing.T, routes *Routes, session *account.Session, token string) {
			second, err := next(t, routes, token)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := next(t, routes, second); err != nil {
				t.Fatal(err)
			}
		},
		"when the token was used more than 10 s ago": func(t *testing.T, routes *Routes, session *account.Session, token string) {
			_, secret, _, err := routes.refresh(t.Context(), token)
			if err != nil {
				t.Fatal(err)
			}
			// As if that had been then.
			former := *session
			former.FormerSecret, former.Secret = session.Secret, secret.hash()
			former.LastUsedAt = model.NewDateTime(time.Now().Add(-refreshRetry - time.Second))
			login := &account.Login{UserID: session.UserID}
			if err := routes.store.OpenSession(t.Context(), login, &former, account.NewAttemptKey("ada@example.com", "")); err != nil {
				t.Fatal(err)
			}
		},
		"when the session's time is over": func(t *testing.T, routes *Routes, session *account.Session, token string) {
			if err := routes.store.ProlongSession(t.Context(), session, -time.Second); err != nil {
				t.Fatal(err)
			}
		},
		"when the password was changed": func(t *testing.T, routes *Routes, session *account.Session, token string) {
			user, _, err := routes.store.Session(t.Context(), session.UserID, session.ID)
			if err != nil {
				t.Fatal(err)
			}
			login, err := routes.store.Login(t.Context(), "ada@example.com")
			if err != nil {
				t.Fatal(err)
			}
			other := account.NewSession(SessionLife, "")
			if err := routes.store.OpenSession(t.Context(), login, other, account.NewAttemptKey("ada@example.com", "")); err != nil {
				t.Fatal(err)
			}
			if _, err := routes.store.ChangePassword(t.Context(), user, login, other, "$", ""); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, end := range tests {
		t.Run(name, func(t *testing.T) {
			routes, session, token := newTestRoutes(t)
			end(t, routes, session, token)
			if _, err := next(t, routes, token); !errors.Is(err, ErrInvalidToken) {
				t.Errorf("%v, want ErrInvalidToken", err)
			}
			if _, _, err := routes.store.Session(t.Context(), session.UserID, session.ID); !errors.Is(err, model.ErrNotFound) {
				t.Errorf("the session goes on: %v", err)
			}
		})
	}
}

// TestRefreshWithoutClaims: while a project's own claims are not to be had, no refresh token is
// used up.
func TestRefreshWithoutClaims(t *testing.T) {
	routes, _, token := newTestRoutes(t)
	isDown := true
	routes.issuer.more = func(context.Context, string) (map[string]any, error) {
		if isDown {
			return nil, errors.New("the directory is down")
		}
		return map[string]any{"plan": "free"}, nil
	}
	if _, err := next(t, routes, token); err == nil {
		t.Fatal("it is refreshed without claims")
	}
	isDown = false
	if _, err := next(t, routes, token); err != nil {
		t.Errorf("the token is used up: %v", err)
	}
}
