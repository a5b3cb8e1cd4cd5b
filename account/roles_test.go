package account_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

func TestChangeRoles(t *testing.T) {
	s, _, _ := open(t)
	ada, session := signUp(t, s, "ada@example.com")
	version := ada.Version
	for _, test := range []struct {
		name        string
		add, remove []string
		want        []string
		isChange    bool
	}{
		{"the first", []string{"editor"}, nil, []string{"editor"}, true},
		{"one that is there", []string{"editor"}, nil, []string{"editor"}, false},
		{"one that is not there", nil, []string{"admin"}, []string{"editor"}, false},
		{"both at once", []string{"reader", "admin", "reader"}, []string{"editor"}, []string{"admin", "reader"}, true},
		{"the last", nil, []string{"reader", "admin"}, nil, true},
		{"of none", nil, []string{"reader"}, nil, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			user, err := s.ChangeRoles(t.Context(), ada.ID, test.add, test.remove)
			if err != nil {
				t.Fatal(err)
			}
			if test.isChange {
				version++
			}
			kept, _, err := s.Session(t.Context(), ada.ID, session.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, user := range []*account.User{user, kept} {
				slices.Sort(user.Roles)
				if !slices.Equal(user.Roles, test.want) || user.Version != version || user.FirstName != "Ada" {
					t.Errorf("%q in version %d; want %q in version %d", user.Roles, user.Version, test.want, version)
				}
			}
		})
	}
	if _, err := s.ChangeRoles(t.Context(), model.NewID(), []string{"editor"}, nil); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("of a user who is not there: %v, want ErrNotFound", err)
	}
}

// TestConcurrentChangesOfRolesAllCount has several operators give a role each.
func TestConcurrentChangesOfRolesAllCount(t *testing.T) {
	s, _, _ := open(t)
	ada, session := signUp(t, s, "ada@example.com")
	var (
		wg   sync.WaitGroup
		want []string
	)
	for i := range 4 {
		role := fmt.Sprintf("role-%d", i)
		want = append(want, role)
		wg.Go(func() {
			if _, err := s.ChangeRoles(t.Context(), ada.ID, []string{role}, nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	user, _, err := s.Session(t.Context(), ada.ID, session.ID)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(user.Roles)
	if diff := cmp.Diff(want, user.Roles); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

// TestUsers reads more than DynamoDB puts on one page, which is 1 MB.
func TestUsers(t *testing.T) {
	s, db, prefix := open(t)
	users := db.Table(prefix + "users")
	put := users.Batch("id").Write()
	want := map[string]bool{}
	for range 300 {
		user := account.User{ID: model.NewID(), Email: "ada@example.com", FirstName: strings.Repeat("x", 8000)}
		put.Put(user)
		want[user.ID] = true
	}
	if _, err := put.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	for user, err := range s.Users(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !want[user.ID] {
			t.Errorf("user %s comes twice, or is not one", user.ID)
		}
		delete(want, user.ID)
	}
	if len(want) > 0 {
		t.Errorf("%d of 300 users are missing", len(want))
	}
	for range s.Users(t.Context()) {
		break // early
	}
}
