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
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
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
	Keys   keysCommand   `cmd:"" help:"Print a new key to sign tokens with, for OWNQL_JWKS."`
	Tables tablesCommand `cmd:"" help:"Make the DynamoDB tables what the schema needs, and wait until they are ACTIVE."`
	Sweep  sweepCommand  `cmd:"" help:"Finish the deletions that were interrupted, and delete what they overlooked."`
	Health healthCommand `cmd:"" help:"Ask the server on this machine whether it is alive, for a container's health check."`

	Export   exportCommand   `cmd:"" help:"Write the data into files, in the layout of DynamoDB's export to S3."`
	Import   importCommand   `cmd:"" help:"Read the data from files that 'ownql export' or DynamoDB's export to S3 made."`
	DynamoDB dynamodbCommand `cmd:"" name:"dynamodb" help:"Serve a data directory over the DynamoDB protocol, for the AWS CLI and other tools."`
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
	slog.SetDefault(slog.New(newLogHandler(stderr, getenv)))
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
