package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// A Seeder is what an App's Seed makes data by, see [App.Seed].
type Seeder[S any] struct {
	Store S

	seeding *seeding
}

// ID returns the global id of what the last mutation of the files under an alias has made; empty: there is none.
func (s *Seeder[S]) ID(alias string) string {
	for _, file := range slices.Backward(s.seeding.files) {
		for _, step := range slices.Backward(file.steps) {
			if ids := step.made[alias]; len(ids) > 0 {
				return ids[0]
			}
		}
	}
	return ""
}

// User returns the account of an address, which is made if it is not there: verified, with the password of the
// seed, and with these roles. name is the first and the last one, and may be empty.
func (s *Seeder[S]) User(ctx context.Context, email, name string, roles ...string) (*SeedUser, error) {
	email, err := account.CanonicalEmail(email)
	if err != nil {
		return nil, err
	}
	person := s.seeding.person(email)
	if person == nil {
		person = &seededPerson{seedPerson: seedPerson{place: place{file: "Seed"}, email: email, roles: roles}}
		if person.firstName, person.lastName, _ = strings.Cut(name, " "); name == "" {
			person.firstName, person.lastName = nameOf(email)
		}
		s.seeding.people = append(s.seeding.people, person)
	}
	if person.id == "" {
		if err := s.seeding.ensure(ctx, person, true); err != nil {
			return nil, err
		}
	}
	user, err := s.seeding.opened.accounts.User(ctx, person.id)
	if err != nil {
		return nil, err
	}
	return &SeedUser{user, s.seeding, person}, nil
}

// A SeedUser is somebody whom a Seed acts as: by Caller with the store, or by Query.
type SeedUser struct {
	*account.User

	seeding *seeding
	person  *seededPerson
}

// Query executes a document with one operation as the user, and decodes its data into the value that into points
// to; nil: nowhere.
func (u *SeedUser) Query(ctx context.Context, text string, variables map[string]any, into any) error {
	document, errs := u.seeding.handler.Document(text)
	if len(errs) > 0 {
		return errs
	}
	if len(document.Operations) != 1 {
		return fmt.Errorf("the document has %d operations, and Query wants one", len(document.Operations))
	}
	values, err := asJSON(variables)
	if err != nil {
		return err
	}
	if ctx, err = u.seeding.as(ctx, u.person); err != nil {
		return err
	}
	operation := document.Operations[0]
	response := document.Execute(ctx, gql.Part{Of: operation, Selections: operation.SelectionSet}, values)
	if len(response.Errors) > 0 {
		return response.Errors
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(response.Data, into)
}

// asJSON returns variables as a client would have sent them.
func asJSON(variables map[string]any) (values map[string]any, err error) {
	text, err := json.Marshal(variables)
	if err != nil {
		return nil, fmt.Errorf("the variables: %w", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	return values, decoder.Decode(&values)
}

// partOfGo is the name of the mark of an App's Seed.
const partOfGo = "App.Seed"

// markOfGo returns the mark of the App's Seed; nil: it has not been called.
func (s *seeding) markOfGo(ctx context.Context) (*model.SeedMark, error) {
	marks, err := s.opened.db.SeedMarks(ctx, partOfGo)
	return marks[partOfGo], err
}

// runGo calls the App's Seed, unless it has been done.
func (s *seeding) runGo(ctx context.Context, mark *model.SeedMark, stdout io.Writer) error {
	if mark != nil && mark.IsDone {
		fmt.Fprintln(stdout, "Seed in Go: done before")
		return nil
	}
	begun := model.SeedMark{Of: partOfGo, At: model.Now()}
	if err := s.opened.db.SetSeedMark(ctx, mark, begun); err != nil {
		return fmt.Errorf("seed: the function Seed: %w", err)
	}
	if err := s.opened.seed(ctx, s); err != nil {
		return errors.Join(fmt.Errorf("seed: the function Seed: %w", err),
			errors.New("it is called again, from its beginning, when seed is run again"))
	}
	done := begun
	done.IsDone = true
	if err := s.opened.db.SetSeedMark(ctx, &begun, done); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "Seed in Go: done")
	return nil
}
