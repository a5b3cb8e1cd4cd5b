package auth_test

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// adasToken signs ada up, and returns a token of hers that reads users, its text, and the access token of a
// session of hers.
func adasToken(t *testing.T, a *auth.Auth, store *account.Store, handler http.Handler) (token *account.Token, text, access string) {
	t.Helper()
	access, _, claims := tokensOf(t, ask(t, handler, "POST", "/signup", "", signupOfAda))
	user, err := store.User(t.Context(), claims["sub"].(string))
	if err != nil {
		t.Fatal(err)
	}
	token, text, err = a.Accounts.MakeToken(t.Context(), user, auth.TokenInput{Name: "ci", Scopes: []string{"read:User"}})
	if err != nil {
		t.Fatal(err)
	}
	return token, text, access
}

// asked sends a request as it is.
func asked(to http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	return w
}

func TestServiceTokenIdentifies(t *testing.T) {
	a, store, handler := newAuth(t, auth.Options{})
	token, text, _ := adasToken(t, a, store, handler)
	var identity *auth.Identity
	known := a.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity = auth.FromContext(r.Context())
		caller := auth.CallerFromContext(r.Context())
		if !caller.HasScope(model.OnRead, "User") || caller.HasScope(model.OnUpdate, "User") {
			t.Errorf("the caller is %+v", caller)
		}
	}), web.Refuse)
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		identity = nil
		asked(known, "GET", "/", "", "Authorization", scheme+" "+text)
		if identity == nil || identity.User.ID != token.UserID || identity.Session != nil || identity.Token == nil || identity.Token.ID != token.ID {
			t.Fatalf("%s: %+v", scheme, identity)
		}
	}

	// That it was used is kept behind the answer, and not once more within five minutes.
	used := func() *model.DateTime {
		if err := a.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, is, err := store.Token(t.Context(), token.UserID, token.ID)
		if err != nil {
			t.Fatal(err)
		}
		return is.LastUsedAt
	}
	first := used()
	if first == nil || time.Since(first.Time()) > time.Minute {
		t.Fatalf("used last at %v", first)
	}
	time.Sleep(2 * time.Millisecond)
	asked(known, "GET", "/", "", "Authorization", "Bearer "+text)
	if again := used(); *again != *first {
		t.Errorf("used last at %s, then %s", first, again)
	}
	if err := store.NoteTokenUse(t.Context(), token, model.NewDateTime(time.Now().Add(time.Hour))); err != nil {
		t.Fatal(err)
	}

	// In a request that does several things, it is read anew: revoked meanwhile, it is nobody's.
	ctx := auth.NewContext(t.Context(), identity)
	if renewed, err := a.Accounts.Renew(ctx); err != nil || auth.FromContext(renewed).Token.ID != token.ID {
		t.Fatal(err)
	}
	if err := a.Accounts.EndToken(t.Context(), identity.User, token.GlobalID(), "revoked in a test"); err != nil {
		t.Fatal(err)
	}
	if renewed, err := a.Accounts.Renew(ctx); err != nil || auth.FromContext(renewed) != nil {
		t.Errorf("revoked meanwhile: %+v, %v", auth.FromContext(renewed), err)
	}
}

// TestHostileServiceTokens: none of these gives anything.
func TestHostileServiceTokens(t *testing.T) {
	a, store, handler := newAuth(t, auth.Options{})
	token, text, access := adasToken(t, a, store, handler)
	user, err := store.User(t.Context(), token.UserID)
	if err != nil {
		t.Fatal(err)
	}
	_, revoked, err := a.Accounts.MakeToken(t.Context(), user, auth.TokenInput{Name: "revoked", Scopes: []string{"read:User"}})
	if err != nil {
		t.Fatal(err)
	}
	page, err := store.Tokens(t.Context(), user.Caller(), user, model.Page{})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Accounts.EndToken(t.Context(), user, page.Edges[0].Node.GlobalID(), "revoked in a test"); err != nil {
		t.Fatal(err)
	}
	soon := model.NewDateTime(time.Now().Add(20 * time.Millisecond))
	_, expired, err := a.Accounts.MakeToken(t.Context(), user, auth.TokenInput{Name: "soon", Scopes: []string{"read:User"}, ExpiresAt: &soon})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(30 * time.Millisecond)
	if w := ask(t, handler, "GET", "/whoami", text, ""); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), user.ID) {
		t.Fatalf("a good one: %d %s", w.Code, w.Body)
	}
	invalid := ask(t, handler, "GET", "/whoami", "x.y.z", "")
	for name, headers := range map[string][]string{
		"expired":                {"Authorization", "Bearer " + expired},
		"revoked":                {"Authorization", "Bearer " + revoked},
		"cut":                    {"Authorization", "Bearer " + text[:90]},
		"the prefix alone":       {"Authorization", "Bearer own_"},
		"the older scheme":       {"Authorization", "JWT " + text},
		"as a password":          {"Authorization", "Basic " + text},
		"in two headers":         {"Authorization", "Bearer " + text, "Authorization", "Bearer " + text},
		"beside a session":       {"Authorization", "Bearer " + access, "Authorization", "Bearer " + text},
		"two in one header":      {"Authorization", "Bearer " + text + " " + text},
		"with a comma":           {"Authorization", "Bearer " + text + "," + text},
		"of another user's name": {"Authorization", "Bearer " + text[:24] + "AAAAAAAA" + text[32:]},
	} {
		w := asked(handler, "GET", "/whoami", "", headers...)
		if w.Code != http.StatusUnauthorized || w.Body.String() != invalid.Body.String() || w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"in the cookie":          asked(handler, "GET", "/whoami", "", "Cookie", "ownql="+text),
		"in the cookie by TLS":   asked(handler, "GET", "/whoami", "", "Cookie", "__Host-ownql="+text),
		"in the query":           asked(handler, "GET", "/whoami?access_token="+text+"&token="+text, ""),
		"in a header of its own": asked(handler, "GET", "/whoami", "", "X-Api-Key", text),
	} {
		if w.Code != http.StatusOK || w.Body.String() != "\"\"\n" {
			t.Errorf("%s it is known: %d %s", name, w.Code, w.Body)
		}
	}

	// What signs in, or is for who has signed in, refuses it before it looks at anything else.
	for path, body := range map[string]string{
		"/signup": `{"email":"new@example.com","password":"correct horse","firstName":"New"}`, "/login": loginOfAda, "/refresh": `{"refresh_token":"` + text + `"}`,
		"/logout": "", "/password/forgot": `{"email":"ada@example.com"}`, "/password/reset": `{"token":"x","password":"battery staple"}`,
		"/email/verify": `{"token":"x"}`, "/account/undo": `{"token":"x","password":"battery staple"}`,
	} {
		if w := ask(t, handler, "POST", path, text, body); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), `"FORBIDDEN"`) {
			t.Errorf("%s by a token: %d %s", path, w.Code, w.Body)
		}
	}
	if w := ask(t, handler, "POST", "/refresh", "", `{"refresh_token":"`+text+`"}`); w.Code != http.StatusUnauthorized {
		t.Errorf("as a refresh token: %d %s", w.Code, w.Body)
	}
	if w := ask(t, handler, "POST", "/logout", revoked, ""); w.Code != http.StatusUnauthorized {
		t.Errorf("/logout by one that was revoked: %d %s", w.Code, w.Body)
	}
	if w := ask(t, handler, "GET", "/whoami", access, ""); w.Code != http.StatusOK {
		t.Errorf("the session has ended: %d", w.Code)
	}
}

// TestServiceTokenMayNot holds what Go code gets that asks as a token for what only who has signed in may do.
func TestServiceTokenMayNot(t *testing.T) {
	var record bytes.Buffer
	log := audit.New(&record, nil, "")
	a, store, handler := newAuth(t, auth.Options{Record: log})
	token, text, _ := adasToken(t, a, store, handler)
	is := identify(t, a, handler, text, "192.0.2.1")
	ctx := t.Context()
	tried := map[string]error{}
	_, tried["changePassword"] = a.Accounts.ChangePassword(ctx, is, "correct horse", "battery staple nine")
	_, tried["changeEmail"] = a.Accounts.ChangeEmail(ctx, is, "correct horse", "countess@example.com")
	_, tried["deleteViewer"] = a.Accounts.Delete(ctx, is, "correct horse")
	tried["revokeSession"] = a.Accounts.RevokeSession(ctx, is, model.GlobalID("Session", model.NewID()))
	_, tried["revokeOtherSessions"] = a.Accounts.RevokeOtherSessions(ctx, is)
	tried["sendVerificationEmail"] = a.Accounts.SendVerificationEmail(ctx, is)
	_, _, tried["createToken"] = a.Accounts.CreateToken(ctx, is, auth.TokenInput{Name: "more", Scopes: []string{"read:User"}})
	tried["revokeToken"] = a.Accounts.RevokeToken(ctx, is, token.GlobalID())
	for operation, err := range tried {
		if !errors.Is(err, auth.ErrByToken) || !errors.Is(err, model.ErrForbidden) {
			t.Errorf("%s: %v", operation, err)
		}
	}
	if found, err := a.Accounts.TokensByID(ctx, is, []string{token.ID}); err != nil || len(found) > 0 {
		t.Errorf("it reads %v, %v", found, err)
	}
	if w := ask(t, handler, "POST", "/login", "", loginOfAda); w.Code != http.StatusOK {
		t.Errorf("the password is another: %d", w.Code)
	}
	if err := a.Accounts.EndToken(ctx, is.User, token.GlobalID(), "the test is over"); err != nil {
		t.Fatal(err)
	}
	ask(t, handler, "GET", "/whoami", text, "")
	if err := log.Close(ctx); err != nil {
		t.Fatal(err)
	}
	lines := record.String()
	for _, want := range []string{
		`"event":"authn_token_created"`, `"event":"authn_token_delete"`, `"event":"authn_token_fail"`, `"operation":"createToken"`, `"operation":"deleteViewer"`,
		`"token":"` + token.ID + `"`, `"to":"read:User"`,
	} {
		if !strings.Contains(lines, want) {
			t.Errorf("the record has no %s:\n%s", want, lines)
		}
	}
	if strings.Contains(lines, "own_") || strings.Contains(lines, text[30:60]) {
		t.Errorf("the record has the token:\n%s", lines)
	}
}

// TestServiceTokenRate: each token has a measure of its own.
func TestServiceTokenRate(t *testing.T) {
	var logged bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	const perMinute = 30
	a, store, handler := newAuth(t, auth.Options{TokenRate: perMinute})
	token, text, access := adasToken(t, a, store, handler)
	user, err := store.User(t.Context(), token.UserID)
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := a.Accounts.MakeToken(t.Context(), user, auth.TokenInput{Name: "other", Scopes: []string{"read:User"}})
	if err != nil {
		t.Fatal(err)
	}
	codes := map[int]int{}
	for range 2 * perMinute {
		w := ask(t, handler, "GET", "/whoami", text, "")
		codes[w.Code]++
		if w.Code == http.StatusTooManyRequests && (w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), `"RATE_LIMITED"`)) {
			t.Fatalf("%v %s", w.Header(), w.Body)
		}
	}
	if codes[http.StatusOK] < perMinute || codes[http.StatusOK] > perMinute+5 || codes[http.StatusOK]+codes[http.StatusTooManyRequests] != 2*perMinute {
		t.Errorf("of %d requests %v", 2*perMinute, codes)
	}
	for name, good := range map[string]string{"another token": other, "a session": access} {
		if w := ask(t, handler, "GET", "/whoami", good, ""); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if strings.Contains(logged.String(), "own_") {
		t.Errorf("the log has a token: %s", logged.String())
	}
}

// TestServiceTokensThatAreNoneByAddress: who tries out tokens from an address is stopped, and keeps nobody there
// from a token that this server knows, or from signing in.
func TestServiceTokensThatAreNoneByAddress(t *testing.T) {
	a, store, handler := newAuth(t, auth.Options{RateLimited: true})
	token, text, _ := adasToken(t, a, store, handler)
	handler = web.WithClientAddress(web.TrustedProxies{}, handler)
	if w := ask(t, handler, "GET", "/whoami", text, ""); w.Code != http.StatusOK {
		t.Fatal(w.Code)
	}
	user, err := store.User(t.Context(), token.UserID)
	if err != nil {
		t.Fatal(err)
	}
	gone, made, err := a.Accounts.MakeToken(t.Context(), user, auth.TokenInput{Name: "gone", Scopes: []string{"read:User"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Accounts.EndToken(t.Context(), user, gone.GlobalID(), "for the test"); err != nil {
		t.Fatal(err)
	}
	tries, w := 0, ask(t, handler, "GET", "/whoami", made, "")
	for ; w.Code == http.StatusUnauthorized && tries < 5000; tries++ {
		w = ask(t, handler, "GET", "/whoami", made, "")
	}
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || tries < 500 {
		t.Errorf("after %d tries: %d %v", tries, w.Code, w.Header())
	}
	for name, w := range map[string]*httptest.ResponseRecorder{
		"the known one": ask(t, handler, "GET", "/whoami", text, ""), "a sign-in": ask(t, handler, "POST", "/login", "", loginOfAda),
	} {
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestTokenInput(t *testing.T) {
	a, store, handler := newAuth(t, auth.Options{})
	token, _, access := adasToken(t, a, store, handler)
	is := identify(t, a, handler, access, "192.0.2.1")
	past := model.NewDateTime(time.Now().Add(-time.Second))
	for field, input := range map[string]auth.TokenInput{
		"name":      {Name: "  ", Scopes: []string{"read:User"}},
		"scopes":    {Name: "ci"},
		"scopes[0]": {Name: "ci", Scopes: []string{"read:Nothing"}},
		"expiresAt": {Name: "ci", Scopes: []string{"read:User"}, ExpiresAt: &past},
	} {
		_, text, err := a.Accounts.CreateToken(t.Context(), is, input)
		told := new(model.Error)
		if !errors.As(err, &told) || told.Code != model.CodeBadUserInput || told.Field != field || text != "" {
			t.Errorf("%s: %q, %v", field, text, err)
		}
	}
	if live, err := store.AllTokens(t.Context(), is.User); err != nil || len(live) != 1 || live[0].ID != token.ID {
		t.Errorf("%v, %v", live, err)
	}
}
