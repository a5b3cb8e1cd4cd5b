package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
)

// seedPassword is that of the people whom a seed makes, on the machine of who develops.
const seedPassword = "correct horse"

// seedCommand is `ownql seed`.
type seedCommand struct {
	storeFlags
	Dir      string `default:"seed" placeholder:"DIR" help:"Where the files with mutations are (default ${default})."`
	Reset    bool   `help:"Begin anew: what the data directory has is moved into a directory inside, and nothing of it is deleted."`
	Random   int    `placeholder:"N" help:"Make so many objects that are plausible by the schema, in place of what the files say."`
	Seed     uint64 `default:"1" placeholder:"N" help:"With --random: the same number makes the same data (default ${default})."`
	Password string `env:"OWNQL_SEED_PASSWORD" placeholder:"TEXT" help:"What the people whom it makes sign in with (${env}, default '${seedPassword}')."`
	Force    bool   `help:"Seed a store that is not one of dev: on AWS, or with a secret of its own. Wants --password."`
}

// Help is shown by `ownql seed --help`.
func (seedCommand) Help() string {
	return "Carries out the mutations of seed/*.graphql, in the order of the files' names, as the users that comments above them name, " +
		"'# as ada@example.com', and then the function Seed of the project's App. What has been carried out is remembered beside the data, and not done again."
}

// Run seeds the store, and says who can sign in.
func (c *seedCommand) Run(ctx context.Context, env *environment) (err error) {
	if err := c.check(env); err != nil {
		return err
	}
	if err := auth.CheckPassword(c.password()); err != nil {
		return fmt.Errorf("--password: %w", err)
	}
	if c.Reset {
		if err := c.checkCanBegin(env); err != nil {
			return fmt.Errorf("%w\nnothing was done", err)
		}
		if err := c.reset(ctx, env); err != nil {
			return err
		}
	}
	o, closeStore, err := c.openMade(ctx, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	if err := c.checkIsOfDev(ctx, o); err != nil {
		return err
	}
	unlock, err := c.lock()
	if err != nil {
		return err
	}
	defer unlock()
	s, err := newSeeding(o, c.password())
	if err != nil {
		return err
	}
	s.isForced = c.Force
	defer s.end(ctx)
	o.administered(ctx, "seed")
	if c.Random > 0 {
		err = c.makeRandom(ctx, env, s)
	} else {
		err = c.carryOut(ctx, env, s)
	}
	if err != nil {
		return err
	}
	return s.printPeople(env.stdout)
}

// check refuses flags that say nothing, and, unless it is forced, a store that is not of dev.
func (c *seedCommand) check(env *environment) error {
	switch {
	case c.Random < 0 || c.Random > maxRandom:
		return fmt.Errorf("--random %d: want 1 to %d", c.Random, maxRandom)
	case c.Reset && !c.isEmbedded():
		return fmt.Errorf("--reset: the tables of --store %s are not emptied: seed others, by --table-prefix", c.Store)
	case c.Force && (c.Password == "" || c.Password == seedPassword):
		return errors.New("--force: want a --password, since everybody knows the one that is used otherwise")
	case c.Force:
		return nil
	}
	if !c.isEmbedded() && !isLocalEndpoint(env.getenv) {
		return fmt.Errorf("--store %s: it is not on this machine: --force seeds it all the same", c.Store)
	}
	for _, name := range []string{"OWNQL_SECRET", "OWNQL_JWKS", "OWNQL_SECRET_ARN"} {
		if env.getenv(name) != "" && c.isEmbedded() {
			return fmt.Errorf("--store %s: %s is set, so it is not a store of dev: --force seeds it all the same", c.Store, name)
		}
	}
	return nil
}

func (c *seedCommand) password() string {
	if c.Password != "" {
		return c.Password
	}
	return seedPassword
}

// checkCanBegin looks at what is to be carried out, and at no data: all that can be told before the store is moved.
func (c *seedCommand) checkCanBegin(env *environment) error {
	s, err := newSeeding(c.opened(env, nil), c.password())
	if err != nil {
		return err
	}
	if c.Random > 0 {
		return newRandomSeeding(c, env, s).readTypes(c.Random)
	}
	files, err := c.readFiles(s)
	if err != nil {
		return err
	}
	if err := bind(files); err != nil {
		return err
	}
	_, err = peopleOf(files)
	return err
}

// readFiles reads the files, and refuses that there is nothing to do.
func (c *seedCommand) readFiles(s *seeding) ([]*seedFile, error) {
	files, err := readSeedFiles(c.Dir, s.handler)
	if err != nil && !(errors.Is(err, fs.ErrNotExist) && isMissing(c.Dir)) {
		return nil, err
	}
	if len(files) == 0 && s.opened.seed == nil {
		return nil, fmt.Errorf("--dir %s: there is no file with mutations in it, such as %[1]s/people.graphql, and the App has no Seed: see docs/seed.md, or make data by --random", c.Dir)
	}
	return files, nil
}

// carryOut does what the files and the project's Go say, as far as it is not done.
func (c *seedCommand) carryOut(ctx context.Context, env *environment, s *seeding) error {
	files, err := c.readFiles(s)
	if err != nil {
		return fmt.Errorf("%w\nnothing was carried out", err)
	}
	if err := s.plan(ctx, files); err != nil {
		return fmt.Errorf("%w\nnothing was carried out", err)
	}
	return s.run(ctx, env.stdout)
}

// isMissing tells whether there is no directory of that name.
func isMissing(dir string) bool {
	_, err := os.Stat(dir)
	return errors.Is(err, fs.ErrNotExist)
}

// newSeedHandler returns what executes a project's documents without the limits that clients have, and without a
// mailer: nobody is mailed anything.
func newSeedHandler(o *opened) (*gql.Handler, error) {
	accounts := newAccounts(o)
	return gql.NewHandler(o.schema(accounts), accounts, gql.Options{
		Dev: true, Introspection: true, Limits: gql.Unlimited, Tracing: noop.NewTracerProvider(),
	})
}
