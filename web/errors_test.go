package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// TestErrors holds what a client of REST is told of each error, and what the log is.
func TestErrors(t *testing.T) {
	const (
		internal    = `{"error":{"code":"INTERNAL_SERVER_ERROR","message":"something went wrong on the server"}}`
		unavailable = `{"error":{"code":"UNAVAILABLE","message":"the store does not answer, try again shortly"}}`
		full        = `{"error":{"code":"UNAVAILABLE","message":"the server's disk is full: nothing can be changed until whoever runs it has made room; reading goes on"}}`
		busy        = `{"error":{"code":"UNAVAILABLE","message":"too many requests at once, try again shortly"}}`
	)
	for _, test := range []struct {
		name       string
		err        error
		status     int
		retryAfter string
		want       string
		isLogged   bool
	}{
		{"a value", model.BadInput("title", "title is too long"), 400, "", `{"error":{"code":"BAD_USER_INPUT","message":"title is too long","field":"title"}}`, false},
		{"a request", web.BadRequest(415, "the body must be JSON"), 415, "", `{"error":{"code":"BAD_USER_INPUT","message":"the body must be JSON"}}`, false},
		{"nobody", auth.ErrUnauthenticated, 401, "", "{\"error\":{\"code\":\"UNAUTHENTICATED\",\"message\":\"sign in first: send `Authorization: Bearer` and the token\"}}", false},
		{"a wrong token", auth.ErrInvalidToken, 401, "", `{"error":{"code":"UNAUTHENTICATED","message":"the token is not valid, or its session has ended: sign in again"}}`, false},
		{"a wrong password", auth.ErrCredentials, 401, "", `{"error":{"code":"UNAUTHENTICATED","message":"email or password is wrong"}}`, false},
		{"another's page", auth.ErrCrossOrigin, 403, "", "{\"error\":{\"code\":\"FORBIDDEN\",\"message\":\"a page of another origin cannot use the session cookie: send a token by `Authorization: Bearer`\"}}", false},
		{"no sign-up", auth.ErrSignupClosed, 403, "", `{"error":{"code":"FORBIDDEN","message":"sign-up is closed, ask the operator for an account"}}`, false},
		{"no proof", auth.ErrUnverified, 403, "", `{"error":{"code":"FORBIDDEN","message":"this email is not verified yet: follow the link in the mail that was sent to it, then sign in","field":"email"}}`, false},
		{"a taken email", account.ErrEmailTaken, 409, "", `{"error":{"code":"CONFLICT","message":"this email has an account already, sign in with it","field":"email"}}`, false},
		{"nothing there", model.ErrNotFound, 404, "", `{"error":{"code":"NOT_FOUND","message":"there is no such object"}}`, false},
		{"no parent", model.ErrNoParent, 404, "", `{"error":{"code":"NOT_FOUND","message":"there is no such object to belong to"}}`, false},
		{"not allowed", model.ErrForbidden, 403, "", `{"error":{"code":"FORBIDDEN","message":"you may not do this to the object"}}`, false},
		{"held", model.ErrHeld, 409, "", `{"error":{"code":"CONFLICT","message":"other objects belong to this one: delete them first"}}`, false},
		{"a conflict", fmt.Errorf("delete user: %w", model.ErrConflict), 409, "", `{"error":{"code":"CONFLICT","message":"the object has been changed meanwhile: read it again, then decide"}}`, false},
		{"no mail", auth.ErrNoMail, 503, "", `{"error":{"code":"UNAVAILABLE","message":"this server cannot send mail"}}`, false},
		{"no mail, by a way", fmt.Errorf("viewer: %w", auth.ErrNoMail), 503, "", `{"error":{"code":"UNAVAILABLE","message":"this server cannot send mail"}}`, false},
		{"busy", web.Busy(1500 * time.Millisecond), 503, "2", busy, false},
		{"busy, and nothing beside", errors.Join(web.Busy(time.Second), nil), 503, "1", busy, false},
		{"no such address", web.ErrNoSuchAddress, 404, "", `{"error":{"code":"NOT_FOUND","message":"there is nothing at this address"}}`, false},
		{"not ready", fmt.Errorf("%w: %w", web.ErrNotReady, errors.New("secret")), 503, "1", `{"error":{"code":"UNAVAILABLE","message":"the store does not answer"}}`, true},
		{"no answer in time", fmt.Errorf("secret: %w", context.DeadlineExceeded), 503, "1", unavailable, true},
		{"a full disk", fmt.Errorf("secret: %w", syscall.ENOSPC), 503, "60", full, true},
		{"a bug", errors.New("secret"), 500, "", internal, true},
		{"the client has gone", fmt.Errorf("secret: %w", context.Canceled), 500, "", internal, false},
		{"a panic, which is in the log already", fmt.Errorf("%w: secret", web.ErrPanic), 500, "", internal, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var log bytes.Buffer
			defer slog.SetDefault(slog.Default())
			slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
			handler := web.WithRequestID(web.REST("GET", func(http.ResponseWriter, *http.Request) error { return test.err }))
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))

			if w.Code != test.status || strings.TrimSpace(w.Body.String()) != test.want {
				t.Errorf("%d %s\nwant %d %s", w.Code, w.Body, test.status, test.want)
			}
			if got := w.Header().Get("Retry-After"); got != test.retryAfter {
				t.Errorf("Retry-After: %q, want %q", got, test.retryAfter)
			}
			if got := w.Header().Get("WWW-Authenticate"); (got == `Bearer realm="ownql"`) != (test.status == 401) {
				t.Errorf("WWW-Authenticate: %q", got)
			}
			if w.Header().Get("Content-Type") != "application/json" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("headers %v", w.Header())
			}
			id := w.Header().Get("X-Request-Id")
			if isLogged := log.Len() > 0; isLogged != test.isLogged || isLogged && (!strings.Contains(log.String(), "secret") && !errors.Is(test.err, context.DeadlineExceeded) || !strings.Contains(log.String(), id)) {
				t.Errorf("the log is %q; want one of request %s: %v", log.String(), id, test.isLogged)
			}
		})
	}
}

func TestRESTTakesOneMethod(t *testing.T) {
	answer := func(w http.ResponseWriter, _ *http.Request) error {
		return web.WriteJSON(w, http.StatusCreated, "done")
	}
	for _, test := range []struct {
		takes, method string
		status        int
	}{
		{"GET", "GET", 201}, {"GET", "HEAD", 201}, {"GET", "POST", 405},
		{"POST", "POST", 201}, {"POST", "GET", 405}, {"POST", "HEAD", 405}, {"POST", "OPTIONS", 405},
	} {
		w := httptest.NewRecorder()
		web.REST(test.takes, answer).ServeHTTP(w, httptest.NewRequest(test.method, "/", nil))
		if allow := w.Header().Get("Allow"); w.Code != test.status || (allow == test.takes) != (w.Code == 405) {
			t.Errorf("%s where %s is taken: %d, Allow: %q", test.method, test.takes, w.Code, allow)
		}
	}
}

func TestPanicIsAnswered(t *testing.T) {
	var log bytes.Buffer
	defer slog.SetDefault(slog.Default())
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	w := httptest.NewRecorder()
	web.WithRequestID(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("secret") })).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))

	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") || !strings.Contains(w.Body.String(), "INTERNAL_SERVER_ERROR") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if n := strings.Count(log.String(), "level=ERROR"); n != 1 || !strings.Contains(log.String(), w.Header().Get("X-Request-Id")) || !strings.Contains(log.String(), "errors_test.go") {
		t.Errorf("%d errors in the log, want 1 with the request and the stack: %s", n, log.String())
	}
}
