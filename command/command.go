// Package command is a project's command line: what [Main] carries out, one file a command.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
)

// Main carries out the process's command line for a project, and ends the process.
func Main[S any](app App[S]) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	unsetEmptyVariables()
	if err := Run(ctx, app, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", programName(), err)
		os.Exit(1)
	}
}

// programName is how the program was called.
func programName() string {
	return strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe")
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
	Token  tokenCommands `cmd:"" help:"Look after service tokens, by which programs ask."`
	Audit  auditCommand  `cmd:"" help:"Read the record: sign-ins, refusals, and changes of accounts, the newest first."`
	Keys   keysCommand   `cmd:"" help:"Print a new key to sign tokens with, for OWNQL_JWKS."`
	Seed   seedCommand   `cmd:"" help:"Make the data that one develops with: by the mutations of seed/*.graphql, or by chance."`
	Tables tablesCommand `cmd:"" help:"Make the DynamoDB tables what the schema needs, and wait until they are ACTIVE."`
	Sweep  sweepCommand  `cmd:"" help:"Finish the deletions that were interrupted, and delete what they overlooked."`
	Health healthCommand `cmd:"" help:"Ask the server on this machine whether it is alive, for a container's health check."`

	Explain  explainCommand  `cmd:"" help:"Say what the operations of a document would ask of DynamoDB, and what that costs, without carrying them out."`
	Check    checkCommand    `cmd:"" help:"Read all of the data directory, and say whether it is whole; beside a server, too."`
	Compact  compactCommand  `cmd:"" help:"Make the data directory's file as small as what is in it. No server may run."`
	Export   exportCommand   `cmd:"" help:"Write the data into files, in the layout of DynamoDB's export to S3."`
	Import   importCommand   `cmd:"" help:"Read the data from files that 'ownql export' or DynamoDB's export to S3 made."`
	DynamoDB dynamodbCommand `cmd:"" name:"dynamodb" help:"Serve a data directory over the DynamoDB protocol, for the AWS CLI and other tools."`
}

// environment is what a command touches beside its flags.
type environment struct {
	project project
	getenv  func(string) string
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
}

// Run carries out a command line for a project. kong reads the flags' variables from the
// process's own environment; getenv gives the rest, the secrets among them.
func Run[S any](ctx context.Context, app App[S], args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	var (
		line     commands
		env      = &environment{app.project(), getenv, stdin, stdout, stderr}
		vars     = kong.Vars{"defaultStore": defaultStore(getenv), "seedPassword": seedPassword}
		isAnswer bool // --help has printed what was asked for
		name     = programName()
	)
	if command := parseServe(args, vars); command != nil {
		return env.run(ctx, command)
	}
	options := []kong.Option{
		kong.Name(name),
		kong.Description(fmt.Sprintf("A GraphQL backend that you own. '%s' alone is '%[1]s serve': on this machine, with its data in ./data.", name)),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { isAnswer = true }),
		vars,
		kong.ConfigureHelp(helpOptions),
	}
	for _, command := range env.project.commands {
		options = append(options, kong.DynamicCommand(command.name, command.help, "", &ownCommand{command: command}))
	}
	parser, err := kong.New(&line, options...)
	if err != nil {
		return err
	}
	if slices.Equal(args, []string{"--help"}) || slices.Equal(args, []string{"-h"}) {
		return printHelp(parser)
	}
	command, err := parser.Parse(args)
	switch {
	case isAnswer:
		return nil
	case err != nil:
		return err
	}
	return env.run(ctx, command)
}

// parseServe returns the command line where it is `serve`, spelled out or not, without a mistake and without --help; nil
// otherwise. To know of all commands takes longer than all else of a start.
func parseServe(args []string, vars kong.Vars) *kong.Context {
	if len(args) > 0 && args[0] != "serve" && !strings.HasPrefix(args[0], "-") {
		return nil
	}
	var line struct {
		Serve serveCommand `cmd:"" default:"withargs"`
	}
	parser, err := kong.New(&line, vars, kong.NoDefaultHelp())
	if err != nil {
		return nil
	}
	command, err := parser.Parse(args)
	if err != nil {
		return nil
	}
	return command
}

// run carries out a command.
func (e *environment) run(ctx context.Context, command *kong.Context) error {
	slog.SetDefault(slog.New(newLogHandler(e.stderr, e.getenv)))
	command.BindTo(ctx, (*context.Context)(nil))
	err := command.Run(e)
	if errors.Is(err, context.Canceled) && command.Command() == "serve" {
		return nil // told to stop before it served
	}
	return err
}

// ownCommand is a command of the project's own.
type ownCommand struct {
	storeFlags
	Args []string `arg:"" optional:"" help:"What the command takes."`

	command projectCommand
}

// Run opens the store, and runs the command.
func (c *ownCommand) Run(ctx context.Context, env *environment) (err error) {
	o, closeStore, err := c.openMade(ctx, env)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	o.administered(ctx, c.command.name)
	return c.command.run(ctx, o, c.Args, env.stdout)
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
