package account_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/model"
)

func TestUpdateUser(t *testing.T) {
	s, db, prefix := open(t)
	user, _ := signUp(t, s, "ada@example.com")
	name, empty, nobody := "Augusta", "", model.NewID()

	// What another version of ownql knows of a user stays.
	if err := db.Table(prefix+"users").Update("id", user.ID).Set("shoeSize", 38).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	one := 1
	got, err := s.UpdateUser(t.Context(), user.Caller(), user.ID, account.UserUpdate{FirstName: &name, LastName: &empty, ExpectedVersion: &one})
	if err != nil {
		t.Fatal(err)
	}
	want := *user
	want.FirstName, want.Version, want.UpdatedAt = name, 2, got.UpdatedAt
	if diff := cmp.Diff(&want, got, compareKept); diff != "" {
		t.Errorf("the user after the change (-want +got):\n%s", diff)
	}
	var item map[string]any
	if err := db.Table(prefix+"users").Get("id", user.ID).One(t.Context(), &item); err != nil || fmt.Sprint(item["shoeSize"]) != "38" {
		t.Errorf("shoeSize is %v, %v; want 38", item["shoeSize"], err)
	}

	same, err := s.UpdateUser(t.Context(), user.Caller(), user.ID, account.UserUpdate{})
	if err != nil || same.Version != 2 || same.UpdatedAt != got.UpdatedAt {
		t.Errorf("a change of nothing gives %+v, %v; want what there was", same, err)
	}
	if _, err := s.UpdateUser(t.Context(), model.Caller{ID: nobody}, nobody, account.UserUpdate{}); !errors.Is(err, model.ErrNotFound) {
		t.Errorf("a change of nobody: %v, want ErrNotFound", err)
	}

	_, err = s.UpdateUser(t.Context(), user.Caller(), user.ID, account.UserUpdate{FirstName: &name, ExpectedVersion: &one})
	if !errors.Is(err, model.ErrConflict) {
		t.Errorf("a change of the first version: %v, want ErrConflict", err)
	}
	for _, caller := range []model.Caller{{}, {ID: model.NewID()}} {
		if _, err := s.UpdateUser(t.Context(), caller, user.ID, account.UserUpdate{FirstName: &name}); !errors.Is(err, model.ErrNotFound) {
			t.Errorf("a change by %+v: %v, want ErrNotFound", caller, err)
		}
	}
}

func TestUsersByID(t *testing.T) {
	s, _, _ := open(t)
	ada, _ := signUp(t, s, "ada@example.com")
	eve, _ := signUp(t, s, "eve@example.com")
	ids := []string{eve.ID, ada.ID, ada.ID, model.NewID()}
	got, err := s.UsersByID(t.Context(), ada.Caller(), ids)
	if err != nil || len(got) != 1 || got[ada.ID] == nil || got[ada.ID].Email != "ada@example.com" {
		t.Errorf("ada sees %v, %v; want herself alone", got, err)
	}
	if got, err := s.UsersByID(t.Context(), model.Caller{}, ids); err != nil || len(got) != 0 {
		t.Errorf("nobody sees %v, %v; want nothing", got, err)
	}
	if got, err := s.UsersByID(t.Context(), model.Caller{ID: ids[3]}, ids); err != nil || len(got) != 0 {
		t.Errorf("a user who is gone sees %v, %v; want nothing", got, err)
	}
}
