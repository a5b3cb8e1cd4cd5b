package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

// A place is where a server's data is, and its processes are.
type place struct {
	dir   string // exists
	cpus  string // that its processes run on; empty: those of this process
	pids  []int
	stops []func() error
}

// serveArgument is how this program is told to serve.
const serveArgument = "serve"

// serveSelf starts this program as the server of that name, and returns its URL once it answers.
func (p *place) serveSelf(ctx context.Context, name string, env ...string) (url string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	addr, err := freeAddress()
	if err != nil {
		return "", err
	}
	return p.serve(ctx, addr, program{env, []string{self, serveArgument, name, p.dir, addr}})
}

// serve starts a server that listens at an address, and returns its URL once it answers.
func (p *place) serve(ctx context.Context, addr string, serves program) (url string, err error) {
	if err := p.start(p.command(serves), syscall.SIGTERM); err != nil {
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

// command returns a process on the place's processors. taskset becomes the program.
func (p *place) command(of program) *exec.Cmd {
	args := of.args
	if p.cpus != "" {
		args = append([]string{"taskset", "-c", p.cpus}, args...)
	}
	process := exec.Command(args[0], args[1:]...)
	process.Env = append(os.Environ(), of.env...)
	return process
}

// start starts a process, which the signal ends. What it says is in a file beside the data.
func (p *place) start(process *exec.Cmd, signal os.Signal) error {
	log, err := os.OpenFile(p.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	process.Stdout, process.Stderr = log, log
	if process.SysProcAttr == nil {
		process.SysProcAttr = &syscall.SysProcAttr{}
	}
	process.SysProcAttr.Pdeathsig = syscall.SIGTERM // where this process is killed
	if err := process.Start(); err != nil {
		return err
	}
	p.pids = append(p.pids, process.Process.Pid)
	p.stops = append(p.stops, func() error {
		if err := process.Process.Signal(signal); err != nil {
			return fmt.Errorf("end %s: %w", process, err)
		}
		err := process.Wait()
		if exit := (*exec.ExitError)(nil); errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signaled() {
			return nil // it has no handler of its own
		}
		return err
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

// stop ends the processes, and removes what they have written.
func (p *place) stop() error {
	return errors.Join(p.end(), os.RemoveAll(p.dir), os.RemoveAll(p.log()))
}

// end ends the processes, the last first.
func (p *place) end() (err error) {
	for _, stop := range slices.Backward(p.stops) {
		err = errors.Join(err, stop())
	}
	p.stops, p.pids = nil, nil
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
