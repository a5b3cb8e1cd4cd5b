package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/plausible"
	"github.com/ownql/ownql/model"
)

// maxRandom is how many objects `seed --random` makes at most.
const maxRandom = 1_000_000

// A randomSeeding makes objects up by the schema, through the same mutations as clients, as users of its own.
//
// What is made up depends on the seed, the schema and the day alone: each object has a source of chance of its own,
// by its type and its number, and what it belongs to was decided before it. Ids and the times at which objects are
// made are as ever.
type randomSeeding struct {
	*seeding
	schema *ast.Schema
	seed   uint64
	today  time.Time

	numbersFrom int // see takeNumbers

	people []*randomPerson
	types  []*randomType // what objects belong to comes before them
	byName map[string]*randomType
	stderr io.Writer
}

// A randomPerson is one of the users as whom objects are made.
type randomPerson struct {
	*seededPerson
	ctx context.Context // in which they ask
}

// globalID is the user's.
func (p *randomPerson) globalID() string { return model.GlobalID("User", p.id) }

// How many people there are: one for so many objects, and no fewer or more than that.
const (
	objectsOfPerson = 20
	leastPeople     = 4
	mostPeople      = 100
)

func newRandomSeeding(c *seedCommand, env *environment, s *seeding) *randomSeeding {
	return &randomSeeding{seeding: s, seed: c.Seed, today: time.Now().UTC().Truncate(24 * time.Hour), byName: map[string]*randomType{}, stderr: env.stderr}
}

// makeRandom is `ownql seed --random`.
func (c *seedCommand) makeRandom(ctx context.Context, env *environment, s *seeding) error {
	random := newRandomSeeding(c, env, s)
	if err := random.readTypes(c.Random); err != nil {
		return err
	}
	mark := model.SeedMark{Of: fmt.Sprintf("--random of --seed %d", c.Seed), Text: fmt.Sprint(c.Random), At: model.Now()}
	marks, err := s.opened.db.SeedMarks(ctx, mark.Of)
	if err != nil {
		return err
	}
	if former := marks[mark.Of]; former != nil {
		what := fmt.Sprintf("has made %s objects already", former.Text)
		if !former.IsDone {
			what = "has begun, and has not come to its end"
		}
		return fmt.Errorf("--seed %d %s: name another number to make more, or begin anew by --reset", c.Seed, what)
	}
	if err := random.addPeople(ctx, c.Random); err != nil {
		return err
	}
	if err := random.takeNumbers(ctx, c.Random); err != nil {
		return err
	}
	if err := s.opened.db.SetSeedMark(ctx, nil, mark); err != nil {
		return err
	}
	begun := time.Now()
	made, err := random.run(ctx, env.stdout)
	if err != nil {
		return err
	}
	done := mark
	done.IsDone = true
	if err := s.opened.db.SetSeedMark(ctx, &mark, done); err != nil {
		return err
	}
	took := time.Since(begun)
	fmt.Fprintf(env.stdout, "%d objects in %.1f s, %.0f a second\n", made, took.Seconds(), float64(made)/took.Seconds())
	return nil
}

// takeNumbers takes the numbers that make unique values different, beyond those that another seed has taken.
func (s *randomSeeding) takeNumbers(ctx context.Context, objects int) error {
	const of = "--random"
	marks, err := s.opened.db.SeedMarks(ctx, of)
	if err != nil {
		return err
	}
	former := marks[of]
	if former != nil {
		fmt.Sscanf(former.Text, "%d", &s.numbersFrom)
	}
	return s.opened.db.SetSeedMark(ctx, former, model.SeedMark{Of: of, Text: fmt.Sprint(s.numbersFrom + objects), At: model.Now(), IsDone: true})
}

// chance returns a source of chance for the n-th of something.
func (s *randomSeeding) chance(of string, n int) *rand.Rand {
	hash := uint64(14695981039346656037) // FNV-1a
	for _, c := range []byte(of) {
		hash = (hash ^ uint64(c)) * 1099511628211
	}
	return rand.New(rand.NewPCG(s.seed, hash+uint64(n)*0x9e3779b97f4a7c15))
}

// addPeople makes the users, the last of whom is in all groups that rules name.
func (s *randomSeeding) addPeople(ctx context.Context, objects int) error {
	count := min(max(objects/objectsOfPerson, leastPeople), mostPeople)
	seen := map[string]bool{}
	for i := range count {
		r := s.chance("User", i)
		person := &seededPerson{seedPerson: seedPerson{place: place{file: "--random"}}}
		if i == count-1 {
			person.roles = s.opened.db.Groups()
		}
		for isTaken := true; isTaken; {
			person.firstName, person.lastName = plausible.FirstName(r), plausible.LastName(r)
			person.email = strings.ToLower(person.firstName+"."+person.lastName) + "@example.com"
			isTaken = seen[person.email]
			if !isTaken && len(person.roles) > 0 {
				var err error
				if isTaken, err = s.lacksRoles(ctx, person); err != nil {
					return err
				}
			}
		}
		seen[person.email] = true
		s.seeding.people = append(s.seeding.people, person)
		err := s.ensure(ctx, person, true)
		if err != nil {
			return err
		}
		asked, err := s.as(ctx, person)
		if err != nil {
			return err
		}
		s.people = append(s.people, &randomPerson{person, asked})
	}
	return nil
}

// lacksRoles tells whether there is such an account already, which has not all of the roles.
func (s *randomSeeding) lacksRoles(ctx context.Context, person *seededPerson) (bool, error) {
	login, err := s.opened.accounts.Login(ctx, person.email)
	if errors.Is(err, model.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	user, err := s.opened.accounts.User(ctx, login.UserID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(person.roles, func(role string) bool { return !slices.Contains(user.Roles, role) }), nil
}

// run makes the objects, one type after the other, and tells how many.
func (s *randomSeeding) run(ctx context.Context, stdout io.Writer) (made int, err error) {
	for _, t := range s.types {
		if err := s.make(ctx, t); err != nil {
			return made, fmt.Errorf("make objects of %s: %w", t.name, err)
		}
		made += len(t.objects)
		fmt.Fprintf(stdout, "%s: %d", t.name, len(t.objects))
		if len(t.objects) < t.count {
			fmt.Fprintf(stdout, " of %d", t.count)
			if t.why != "" {
				fmt.Fprintf(stdout, "; %s", t.why)
			}
		}
		fmt.Fprintln(stdout)
	}
	if made == 0 {
		return 0, errors.New("nothing could be made")
	}
	return made, nil
}
