package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// A contestant is a kind of server that is measured. Each has a file of its own.
type contestant struct {
	name string // as the table has it
	dir  string // of its data, in the directory of all; empty: as name
	// start keeps the issues, and starts what serves them, as processes of their own.
	start func(context.Context, *place, []issue) (*server, error)
}

// A server is a contestant that answers.
type server struct {
	*place
	name     string
	question func(page) question
	titles   func(answer []byte) ([]string, error) // the titles of the issues in an answer

	questions []question // one for each page
	sizes     []int      // of the answers, in bytes
}

// A question is a request, as the client sends it again and again.
type question struct {
	method, url string
	header      http.Header
	body        []byte
}

// verify asks for every page, and wants the issues that it has.
func (s *server) verify(ctx context.Context, pages []page) error {
	for _, page := range pages {
		q := s.question(page)
		answer, err := ask(ctx, http.DefaultClient, q)
		if err != nil {
			return err
		}
		titles, err := s.titles(answer)
		if err != nil {
			return fmt.Errorf("the answer to %s %s: %w: %.500s", q.url, q.body, err, answer)
		}
		if !slices.Equal(titles, page.titles) {
			return fmt.Errorf("the answer to %s %s has %q, want %q", q.url, q.body, titles, page.titles)
		}
		s.questions, s.sizes = append(s.questions, q), append(s.sizes, len(answer))
	}
	return nil
}

// A place is where a contestant's data is, and its processes are.
type place struct {
	dir   string
	cpus  string
	stops []func() error
}

// serveArgument is how this program is told to serve.
const serveArgument = "serve"

// serve starts this program as the server of that name, and returns its URL once it answers.
func (p *place) serve(ctx context.Context, name string, env ...string) (url string, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	addr, err := freeAddress()
	if err != nil {
		return "", err
	}
	serving := p.command(program, serveArgument, name, p.dir, addr)
	serving.Env = append(os.Environ(), env...)
	if err := p.start(serving, syscall.SIGTERM); err != nil {
		return "", err
	}
	url = "http://" + addr
	return url, p.wait(ctx, func() error {
		answer, err := http.Get(url)
		if err == nil {
			answer.Body.Close()
		}
		return err
	})
}

// command is exec.Command on the processors of servers.
func (p *place) command(name string, args ...string) *exec.Cmd {
	if p.cpus == "" {
		return exec.Command(name, args...)
	}
	return exec.Command("taskset", append([]string{"-c", p.cpus, name}, args...)...)
}

// start starts a process, which the signal ends. What it says is in a file beside the data.
func (p *place) start(process *exec.Cmd, signal os.Signal) error {
	log, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	process.Stdout, process.Stderr = log, log
	if err := process.Start(); err != nil {
		return err
	}
	p.stops = append(p.stops, func() error {
		if err := process.Process.Signal(signal); err != nil {
			return fmt.Errorf("end %s: %w", process, err)
		}
		return process.Wait()
	})
	return nil
}

func (p *place) log() string { return filepath.Clean(p.dir) + ".log" }

// wait tries until there is no error, for a minute.
func (p *place) wait(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			said, _ := os.ReadFile(p.log())
			return fmt.Errorf("it does not answer: %w\n%s", err, said)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// stop ends the processes, the last first.
func (p *place) stop() (err error) {
	for _, stop := range slices.Backward(p.stops) {
		err = errors.Join(err, stop())
	}
	p.stops = nil
	return err
}

// freeAddress returns an address of this machine at which nothing listens.
func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// serveHTTP serves until ctx is done.
func serveHTTP(ctx context.Context, addr string, handler http.Handler) error {
	serving := &http.Server{Addr: addr, Handler: handler}
	defer context.AfterFunc(ctx, func() { serving.Close() })()
	if err := serving.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// readAll is io.ReadAll of an answer that must have that status.
func readAll(answer *http.Response) ([]byte, error) {
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %.500s", answer.Status, body)
	}
	return body, err
}
