package auth

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// TestTakenLimit: two instances share the count of an account, and each lets it try no more once it
// knows; an address has a limit of its own, whatever the accounts.
func TestTakenLimit(t *testing.T) {
	routes, _, _ := newTestRoutes(t)
	store := routes.accounts.store
	first, second := newTakenLimit(store, nil), newTakenLimit(store, nil)
	wantLimited := func(what string, err error) {
		t.Helper()
		told := new(model.Error)
		if !errors.As(err, &told) || told.Code != model.CodeRateLimited || told.RetryAfter <= 0 || told.RetryAfter > account.TakenWindow {
			t.Errorf("%s: %v, want RATE_LIMITED for a minute at most", what, err)
		}
	}
	caller := model.Caller{ID: model.NewID()}
	for i := range account.MaxTaken {
		instance := []*takenLimit{first, second}[i%2]
		if err := errors.Join(instance.Before(t.Context(), caller), instance.Count(t.Context(), caller)); err != nil {
			t.Fatalf("time %d: %v", i+1, err)
		}
	}
	wantLimited("before the next, where the last was counted", second.Before(t.Context(), caller))
	wantLimited("the next, elsewhere", first.Count(t.Context(), caller))
	wantLimited("and before the one behind it", first.Before(t.Context(), caller))
	if err := first.Before(t.Context(), model.Caller{ID: model.NewID()}); err != nil {
		t.Errorf("another account: %v", err)
	}

	limit := newTakenLimit(store, NewRateLimit(nil, 3, 1))
	// told has a caller told once more, from an address.
	told := func(address string, caller model.Caller) (before, count error) {
		r := httptest.NewRequest(http.MethodPost, "/graphql", nil)
		r.RemoteAddr = address + ":1"
		web.WithClientAddress(nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			before, count = limit.Before(r.Context(), caller), limit.Count(r.Context(), caller)
		})).ServeHTTP(httptest.NewRecorder(), r)
		return before, count
	}
	nobody, someone := model.Caller{}, func() model.Caller { return model.Caller{ID: model.NewID()} }
	for _, caller := range []model.Caller{someone(), nobody, someone()} {
		if before, count := told("192.0.2.1", caller); before != nil || count != nil {
			t.Fatal(before, count)
		}
	}
	before, count := told("192.0.2.1", someone())
	wantLimited("before an address with many accounts is told", before)
	wantLimited("when it is", count)
	if before, count := told("192.0.2.2", nobody); before != nil || count != nil {
		t.Errorf("another address: %v, %v", before, count)
	}
}
