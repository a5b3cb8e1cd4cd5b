package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

// A seededPerson is somebody whom the seed acts as.
type seededPerson struct {
	seedPerson
	id      string // of the account; empty: it is not there yet
	isOurs  bool   // a seed has made it
	isNew   bool   // this one has
	session *account.Session

	hasRoles []string // the account's own
}

// person returns somebody whom a file names.
func (s *seeding) person(email string) *seededPerson {
	for _, person := range s.people {
		if person.email == email {
			return person
		}
	}
	return nil
}

// markOfPerson is the name of the mark of somebody's account.
func markOfPerson(email string) string { return "user " + email }

// ensure makes somebody's account, unless it is there. One that the seed has made, and that has been deleted
// since, it does not make again where something is to be done: what it owned is gone, too.
func (s *seeding) ensure(ctx context.Context, person *seededPerson, isPending bool) error {
	of := markOfPerson(person.email)
	marks, err := s.opened.db.SeedMarks(ctx, of)
	if err != nil {
		return err
	}
	login, err := s.opened.accounts.Login(ctx, person.email)
	isThere := err == nil
	if err != nil && !errors.Is(err, model.ErrNotFound) {
		return err
	}
	mark := marks[of]
	switch {
	case mark != nil && mark.IsDone && isThere && slices.Contains(mark.IDs, login.UserID):
		person.id, person.isOurs = login.UserID, true
		if err := s.checkIsNotOfDev(ctx, login, person); err != nil {
			return err
		}
		return s.checkRolesOf(ctx, person)
	case mark != nil && mark.IsDone && !isPending:
		return nil
	case mark != nil && mark.IsDone:
		return person.errorf("%s was made by the seed, and has been deleted since, with what it owned: take it out of the files, or begin anew by --reset", person.email)
	case isThere && mark == nil:
		person.id = login.UserID
		return s.checkRolesOf(ctx, person)
	}
	begun := model.SeedMark{Of: of, At: model.Now()}
	if err := s.opened.db.SetSeedMark(ctx, mark, begun); err != nil {
		return person.errorf("make the account of %s: %w", person.email, err)
	}
	if !isThere {
		user, err := s.accounts.CreateVerified(ctx, auth.SignupInput{
			Email: person.email, Password: s.password, FirstName: person.firstName, LastName: person.lastName, Roles: person.roles,
		})
		if errors.Is(err, account.ErrEmailTaken) { // which it was not a moment ago
			err = model.ErrSeedMarked
		}
		if err != nil {
			return person.errorf("make the account of %s: %w", person.email, err)
		}
		person.id, person.isNew, person.hasRoles = user.ID, true, user.Roles
	} else {
		person.id = login.UserID // a run before has made it, and ended then
		if err := s.checkIsNotOfDev(ctx, login, person); err != nil {
			return err
		}
		if err := s.checkRolesOf(ctx, person); err != nil {
			return err
		}
	}
	person.isOurs = true
	return s.opened.db.SetSeedMark(ctx, &begun, model.SeedMark{Of: of, At: begun.At, IDs: []string{person.id}, IsDone: true})
}

// checkIsNotOfDev refuses, where the seed is forced, an account that anybody can sign in to.
func (s *seeding) checkIsNotOfDev(ctx context.Context, login *account.Login, person *seededPerson) error {
	if !s.isForced {
		return nil
	}
	isOpen, err := s.accounts.HasPassword(ctx, login, seedPassword)
	if err == nil && isOpen {
		err = person.errorf("%s was made by a seed before, with the password that everybody knows: `user password %[1]s` sets another", person.email)
	}
	return err
}

// checkRolesOf refuses an account from before that lacks a role which the files want.
func (s *seeding) checkRolesOf(ctx context.Context, person *seededPerson) error {
	user, err := s.opened.accounts.User(ctx, person.id)
	if err != nil {
		return err
	}
	person.hasRoles = user.Roles
	for _, role := range person.roles {
		if !slices.Contains(user.Roles, role) {
			return person.errorf("%s had an account before, which has not the role %s: `user role %[1]s --add %[2]s` gives it", person.email, role)
		}
	}
	return nil
}

// as returns a context in which somebody asks, as they are now.
func (s *seeding) as(ctx context.Context, person *seededPerson) (context.Context, error) {
	for range 2 {
		if person.session != nil {
			user, session, err := s.opened.accounts.Session(ctx, person.id, person.session.ID)
			if err == nil {
				return auth.NewContext(ctx, &auth.Identity{User: user, Session: session}), nil
			}
			if !errors.Is(err, model.ErrNotFound) {
				return nil, err
			}
		}
		login, err := s.opened.accounts.Login(ctx, person.email)
		if err != nil {
			return nil, fmt.Errorf("the account is gone: %w", err)
		}
		person.session = account.NewSession(seedSession, "ownql seed")
		if err := s.opened.accounts.OpenSession(ctx, login, person.session, account.NewAttemptKey(person.email, "seed")); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("its sessions end at once")
}

// printPeople says who can sign in.
func (s *seeding) printPeople(to io.Writer) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	with := "sign in with the password that you have given as"
	if s.password == seedPassword {
		with = fmt.Sprintf("sign in with the password %q as", s.password)
	}
	s.printSome(table, with, func(p *seededPerson) bool { return p.isNew })
	s.printSome(table, "made before, password unchanged", func(p *seededPerson) bool { return p.isOurs && !p.isNew })
	for _, person := range s.people {
		if !person.isOurs && person.id != "" {
			fmt.Fprintf(table, "%s had an account before, and has its own password\n", person.email)
		}
	}
	return table.Flush()
}

// printSome prints some of the people below a title, if there are any.
func (s *seeding) printSome(table io.Writer, title string, isOne func(*seededPerson) bool) {
	const most = 10 // lines
	shown := 0
	for _, person := range s.people {
		if !isOne(person) {
			continue
		}
		if shown == 0 {
			fmt.Fprintf(table, "\n%s\n", title)
		}
		if shown++; shown <= most {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", person.email, strings.TrimSpace(person.firstName+" "+person.lastName), strings.Join(person.hasRoles, ","))
		}
	}
	if shown > most {
		fmt.Fprintf(table, "  and %d more\n", shown-most)
	}
}
