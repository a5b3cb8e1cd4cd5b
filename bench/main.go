// This program measures ownql beside other servers, and prints tables of Markdown: see README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

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
	b := &bench{stdout: stdout, stderr: stderr, binaries: map[string]string{}, datasets: map[int]*dataset{}}
	servers, client := "", ""
	if runtime.NumCPU() > 1 {
		servers, client = "0", "1"
	}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	names := flags.String("work", strings.Join(defaultWorks(), ","), "what is measured, with commas between: "+strings.Join(workNames(), ", "))
	flags.IntVar(&b.rounds, "rounds", 5, "how often each server has its turn, for each number of connections")
	flags.DurationVar(&b.turn, "turn", 3*time.Second, "how long a turn is")
	flags.IntVar(&b.objects, "objects", 100_000, "how many objects there are")
	flags.BoolVar(&b.million, "million", false, "have the work scale go on to 1,000,000 objects")
	flags.BoolVar(&b.dev, "dev", false, "serve ownql in dev, where each answer tells what it cost")
	flags.Func("build", "a flag of `go build` for ownql, such as -pgo=cpu.pprof; may be given several times", func(text string) error {
		b.buildFlags = append(b.buildFlags, text)
		return nil
	})
	flags.StringVar(&b.servers, "servers", servers, "the processors that the servers run on, as taskset takes them: 0, or 0-3; empty: all")
	flags.StringVar(&client, "client", client, "the processors of wrk, and of all else that is no server")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.rounds < 1 || b.turn < time.Second || b.objects < minObjects || flags.NArg() > 0 {
		return fmt.Errorf("want -rounds of at least 1, a -turn of at least 1s, -objects of at least %d, and nothing else", minObjects)
	}
	var chosen []work
	for name := range strings.SplitSeq(*names, ",") {
		i := slices.IndexFunc(works, func(w work) bool { return w.name == name })
		if i < 0 {
			return fmt.Errorf("-work %s: want one of %s", name, strings.Join(workNames(), ", "))
		}
		chosen = append(chosen, works[i])
	}
	if _, err := os.Stat("plaingqlgen"); err != nil {
		return fmt.Errorf("run it in the directory bench: %w", err)
	}
	if err := keepTo(client, args); err != nil {
		return err
	}
	var err error
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if err := os.Chmod(b.dir, 0o711); err != nil { // Postgres runs as another user
		return err
	}
	for _, w := range chosen {
		fmt.Fprintf(stdout, "### %s: %s\n\n", w.name, w.what)
		if err := w.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

// serve serves what is in a directory, until ctx is done.
func serve(ctx context.Context, name, dir, addr string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	switch name {
	case "tracker":
		return serveTracker(ctx, dir, addr, getenv, stdin, stdout, stderr)
	case "pocketbase":
		return servePocketBase(ctx, dir, addr)
	case "postgres":
		return servePostgres(ctx, dir, addr)
	case "stub":
		return serveStub(ctx, dir, addr)
	case "puts":
		return servePuts(ctx, dir, addr)
	}
	return errors.New("serve " + name + ": there is no such server")
}
