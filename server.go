// Command ownql serves the GraphQL backend that schema.graphqls describes.
//
// This package holds the commands, their configuration and the wiring; graph, auth
// and store decide everything else.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/ownql/ownql/auth"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	unsetEmptyVariables()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "ownql:", err)
		os.Exit(1)
	}
}

// unsetEmptyVariables makes an empty OWNQL_ variable, such as a compose file leaves, one
// that is not set: kong would take it for a value.
func unsetEmptyVariables() {
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if strings.HasPrefix(name, "OWNQL_") && value == "" {
			os.Unsetenv(name)
		}
	}
}

// commands is the command line. https://github.com/alecthomas/kong
type commands struct {
	Serve  serveCommand  `cmd:"" default:"withargs" help:"Serve the GraphQL API (what ownql does unless told otherwise)."`
	User   userCommands  `cmd:"" help:"Look after accounts."`
	Tables tablesCommand `cmd:"" help:"Create the DynamoDB tables that are missing, and wait until they are ACTIVE."`
}

// environment is what a command touches beside its flags.
type environment struct {
	getenv func(string) string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// run carries out a command line. kong reads the flags' variables from the process's
// own environment; getenv gives the rest, the secrets among them.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	var (
		line     commands
		isAnswer bool // --help has printed what was asked for
	)
	parser, err := kong.New(&line,
		kong.Name("ownql"),
		kong.Description("A GraphQL backend that you own. 'ownql' alone is 'ownql serve': on this machine, with its data in ./data."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { isAnswer = true }),
		kong.Vars{"defaultStore": defaultStore(getenv)},
		limitDefaults(),
		kong.ConfigureHelp(helpOptions),
	)
	if err != nil {
		return err
	}
	if slices.Equal(args, []string{"--help"}) || slices.Equal(args, []string{"-h"}) {
		return printHelp(parser)
	}
	slog.SetDefault(slog.New(slog.NewTextHandler(stderr, nil)))
	command, err := parser.Parse(args)
	switch {
	case isAnswer:
		return nil
	case err != nil:
		return err
	}
	command.BindTo(ctx, (*context.Context)(nil))
	err = command.Run(&environment{getenv, stdin, stdout, stderr})
	if errors.Is(err, context.Canceled) && command.Command() == "serve" {
		return nil // told to stop before it served
	}
	return err
}

var helpOptions = kong.HelpOptions{Compact: true, WrapUpperBound: 100, ValueFormatter: kong.DefaultHelpValueFormatter}

// printHelp lists the commands. (kong alone would show the default one's flags.)
func printHelp(parser *kong.Kong) error {
	line, err := kong.Trace(parser, nil)
	if err != nil {
		return err
	}
	line.Path = line.Path[:1]
	return kong.DefaultHelpPrinter(helpOptions, line)
}

// serveCommand is `ownql serve`.
type serveCommand struct {
	storeFlags
	serveFlags
}

// Timeouts of the HTTP server. A client that sends its headers or its body too slowly
// is cut off; requests in flight at SIGTERM have shutdownTimeout to finish, which is more
// than any may take.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 30 * time.Second
	requestTimeout  = 10 * time.Second
	writeTimeout    = 60 * time.Second
	idleTimeout     = 30 * time.Second
	shutdownTimeout = 12 * time.Second
	maxHeaderBytes  = 64 << 10
)

// Run serves until ctx is done, then drains.
func (c *serveCommand) Run(ctx context.Context, env *environment) (err error) {
	config, err := c.config(env.getenv)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", config.addr)
	if err != nil {
		return fmt.Errorf("--addr %s: %w", config.addr, err)
	}
	defer listener.Close()
	s, closeStore, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	if c.isEmbedded() {
		if _, err := s.CreateTables(ctx); err != nil {
			return err
		}
	}
	if config.secret == nil {
		if config.secret, err = devSecret(filepath.Join(c.Store, "secret")); err != nil {
			return fmt.Errorf("--store %s: %w", c.Store, err)
		}
	}
	server := &http.Server{
		Handler:           newRoutes(s, config),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	c.greet(env.stdout, listener.Addr(), config)

	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return server.Close()
}

// greet prints where everything is and, in dev, the way to the first answer.
func (c *serveCommand) greet(w io.Writer, addr net.Addr, config config) {
	fmt.Fprintf(w, "ownql serves GraphQL at http://%s/graphql\n", addr)
	if config.dev {
		fmt.Fprintf(w, "playground: http://%s/\n", addr)
	}
	if c.isEmbedded() {
		fmt.Fprintf(w, "data:       %s\n", c.Store)
	} else {
		fmt.Fprintf(w, "data:       DynamoDB, tables %s*\n", c.TablePrefix)
	}
	if config.dev && !config.signupClosed {
		fmt.Fprintf(w, firstQuery, addr)
	}
}

const firstQuery = `
Sign up, sign in, query:

curl http://%[1]s/signup -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}'
TOKEN=$(curl -s http://%[1]s/login -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"correct horse"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
curl http://%[1]s/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"query":"{ viewer { id firstName lastName email } }"}'

`

// tablesCommand is `ownql tables`.
type tablesCommand struct {
	storeFlags
}

// Run creates the tables that are missing.
func (c *tablesCommand) Run(ctx context.Context, env *environment) error {
	s, closeStore, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	created, err := s.CreateTables(ctx)
	for _, name := range created {
		fmt.Fprintf(env.stdout, "created %s\n", name)
	}
	if err == nil && len(created) == 0 {
		fmt.Fprintln(env.stdout, "every table is there")
	}
	return err
}

// userCommands are `ownql user …`.
type userCommands struct {
	Add userAddCommand `cmd:"" help:"Make an account. The password is asked for, or read from standard input."`
}

// userAddCommand is `ownql user add`.
type userAddCommand struct {
	storeFlags
	Email     string `arg:"" help:"The address to sign in with."`
	FirstName string `required:"" help:"The given name."`
	LastName  string `help:"The family name."`
}

// Run makes an account.
func (c *userAddCommand) Run(ctx context.Context, env *environment) error {
	if _, err := auth.CanonicalEmail(c.Email); err != nil {
		return fmt.Errorf("user add %s: %w", c.Email, err)
	}
	password, err := readPassword(ctx, env.stdin, env.stderr)
	if err != nil {
		return err
	}
	s, closeStore, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	if c.isEmbedded() {
		if _, err := s.CreateTables(ctx); err != nil {
			return err
		}
	}
	user, err := auth.NewAccounts(s, auth.NewPasswords()).Create(ctx, auth.SignupInput{
		Email:     c.Email,
		Password:  password,
		FirstName: c.FirstName,
		LastName:  c.LastName,
	}, nil)
	if err != nil {
		return fmt.Errorf("user add %s: %w", c.Email, err)
	}
	fmt.Fprintf(env.stdout, "added %s, id %s\n", user.Email, user.GlobalID())
	return nil
}
