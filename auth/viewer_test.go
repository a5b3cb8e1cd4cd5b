package auth_test

import (
	"errors"
	"net/http"
	"net/netip"
	"testing"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

// identify returns who asks by the token, from an address.
func identify(t *testing.T, a *auth.Auth, handler http.Handler, token, address string) *auth.Identity {
	t.Helper()
	var identity *auth.Identity
	ask(t, a.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		identity = auth.FromContext(r.Context())
	}), nil), "GET", "/", token, "")
	if identity == nil || identity.Client != netip.MustParseAddr("192.0.2.1") {
		t.Fatalf("the request comes from %+v", identity)
	}
	identity.Client = netip.MustParseAddr(address)
	return identity
}

// Who is signed in and tries passwords uses up what the address may, of tries of that kind: neither
// its sign-ins, nor what others may from elsewhere.
func TestConfirmationsAreLimitedByAddress(t *testing.T) {
	a, _, handler := newAuth(t, auth.Options{RateLimited: true})
	token, _, _ := tokensOf(t, ask(t, handler, "POST", "/signup", "", signupOfAda))
	ada := identify(t, a, handler, token, "192.0.2.1")
	// Grace's tries are her own account's first.
	token, _, _ = tokensOf(t, ask(t, handler, "POST", "/signup", "", `{"email":"grace@example.com","password":"correct horse","firstName":"Grace"}`))
	near, far := identify(t, a, handler, token, "192.0.2.1"), identify(t, a, handler, token, "192.0.2.2")
	isLimited := func(err error) bool {
		told := new(model.Error)
		return errors.As(err, &told) && told.Code == model.CodeRateLimited && told.RetryAfter > 0 && !errors.Is(err, account.ErrTooManyAttempts)
	}
	tries := 0
	for err := error(nil); !isLimited(err); tries++ {
		_, err = a.Accounts.ChangeEmail(t.Context(), ada, "wrong horse", "countess@example.com")
		if err == nil || tries > 6000 {
			t.Fatalf("after %d tries: %v", tries, err)
		}
		if isLimited(err) { // before another is allowed again, which is a tenth of a second
			_, err = a.Accounts.Delete(t.Context(), near, "wrong horse")
		}
	}
	if tries < 600 {
		t.Errorf("%d tries were made, want at least 600", tries)
	}
	if _, err := a.Accounts.Delete(t.Context(), far, "wrong horse"); !model.IsBadInput(err) {
		t.Errorf("from elsewhere: %v, want that the password is wrong", err)
	}
	if w := ask(t, handler, "POST", "/login", "", loginOfAda); w.Code != http.StatusOK {
		t.Errorf("a sign-in from there: %d %s", w.Code, w.Body)
	}
}
