// This program asks several servers for the same page of the same issues, and prints how many such
// requests each answers: see README.md.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// contestants are what is measured, ownql first: the ratios are to it.
var contestants = []contestant{ownqlServer, pocketBaseServer, postgresServer}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures; with the arguments that start gives to processes of this program, it serves.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) == 4 && args[0] == serveArgument {
		return serve(ctx, args[1], args[2], args[3], getenv, stdin, stdout, stderr)
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var (
		objects = flags.Int("objects", 100_000, "how many issues there are")
		rounds  = flags.Int("rounds", 7, "how often each server has its turn, for each number of connections")
		turn    = flags.Duration("turn", 2*time.Second, "how long a turn is")
		cpus    = flags.String("cpus", "", "the processors that the servers run on, as taskset takes them: 0, or 0-3 (default all)")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *objects < minIssues || *rounds < 1 || *turn <= 0 || flags.NArg() > 0 {
		return fmt.Errorf("want -objects of at least %d, -rounds of at least 1, a -turn, and nothing else", minIssues)
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // Postgres runs as another user
		return err
	}

	issues := newIssues(*objects)
	pages := pagesOf(issues)
	var servers []*server
	defer func() {
		for _, s := range servers {
			if err := s.stop(); err != nil {
				fmt.Fprintf(stderr, "%s: %v\n", s.name, err)
			}
		}
	}()
	for _, c := range contestants {
		began := time.Now()
		place := &place{dir: filepath.Join(dir, cmp.Or(c.dir, c.name)), cpus: *cpus}
		s, err := c.start(ctx, place, issues)
		if err != nil {
			place.stop()
			return fmt.Errorf("%s: %w", c.name, err)
		}
		s.name, s.place = c.name, place
		servers = append(servers, s)
		if err := s.verify(ctx, pages); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(stderr, "%s has %d issues, and answers %d pages rightly, after %v\n", c.name, len(issues), len(pages), time.Since(began).Round(time.Second))
	}
	for _, connections := range []int{1, 32} {
		results, err := takeTurns(ctx, servers, pages, *rounds, *turn, connections)
		if err != nil {
			return err
		}
		printTable(stdout, results, connections)
	}
	return nil
}

// serve serves what is in a directory, until ctx is done.
func serve(ctx context.Context, name, dir, addr string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	switch name {
	case "ownql":
		return serveOwnql(ctx, dir, addr, getenv, stdin, stdout, stderr)
	case "pocketbase":
		return servePocketBase(ctx, dir, addr)
	case "postgres":
		return servePostgres(ctx, dir, addr)
	}
	return fmt.Errorf("serve %q: there is no such server", name)
}
