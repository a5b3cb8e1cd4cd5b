// Command ownql is the tool of a project: it makes one, and turns its schema.graphqls into Go.
// It imports nothing of the project, so that it runs when that does not compile.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// commands is the command line. https://github.com/alecthomas/kong
type commands struct {
	New      newCommand      `cmd:"" help:"Make a project in a new directory."`
	Generate generateCommand `cmd:"" help:"Write the Go, the public schema and the tables that schema.graphqls asks for."`
	Dev      devCommand      `cmd:"" help:"Serve the project, and generate, build and start it again whenever a file changes."`
	Seed     seedCommand     `cmd:"" help:"Make the data that one develops with: go run . seed in the project."`
	Schema   schemaCommand   `cmd:"" help:"Print the public schema, or tell how it differs from another."`
	Review   reviewCommand   `cmd:"" help:"Tell in Markdown what a change comes to: API, rules, data, cost."`
}

// environment is what a command touches beside its flags.
type environment struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run carries out a command line, and returns what the process exits with: 2 for a command line
// that is none.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var (
		line     commands
		isAnswer bool // --help has printed what was asked for
	)
	parser, err := kong.New(&line,
		kong.Name("ownql"),
		kong.Description("Makes a GraphQL backend, and turns its schema into Go. What serves it is the project's own program: go run ."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { isAnswer = true }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	command, err := parser.Parse(args)
	switch {
	case isAnswer:
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "ownql: %v; ownql --help lists the commands\n", err)
		return 2
	}
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(&environment{stdin, stdout, stderr}); err != nil {
		if err != errFailed {
			fmt.Fprintln(stderr, err)
		}
		return 1
	}
	return 0
}
