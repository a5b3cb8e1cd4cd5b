package devloop

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/ownql/ownql/internal/devstatus"
)

// How long a server may take to begin to serve, and to end what it does.
const (
	startTimeout = 60 * time.Second
	stopTimeout  = 15 * time.Second
	lookEvery    = 5 * time.Millisecond
)

// A server is the project's program, which runs.
type server struct {
	program string
	process *os.Process
	ended   chan struct{} // closed once it has
	state   *os.ProcessState
	words   *tail // what it said last on stderr
}

// startServer starts a program, and returns once it serves. The error is that it ended instead, in its own
// words.
func startServer(ctx context.Context, program string, o Options, status devstatus.Dir) (*server, error) {
	s := &server{program: program, ended: make(chan struct{}), words: &tail{}}
	command := exec.Command(program, o.Args...)
	command.Args[0] = o.Name
	command.Dir = o.Dir
	command.Env = append(os.Environ(), devstatus.Variable+"="+string(status))
	command.Stdout, command.Stderr = o.Stdout, io.MultiWriter(o.Stderr, s.words)
	command.WaitDelay = time.Second // for what it has started itself, which may hold stderr after it
	setApart(command)
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // see dieWithParent
		defer runtime.UnlockOSThread()
		err := command.Start()
		s.process = command.Process
		started <- err
		if err == nil {
			_ = command.Wait() // its state says how it ended
			s.state = command.ProcessState
			close(s.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	timeout, look := time.NewTimer(startTimeout), time.NewTicker(lookEvery)
	defer timeout.Stop()
	defer look.Stop()
	for {
		select {
		case <-look.C:
			if status.ServingAt(s.process.Pid) != "" {
				return s, nil
			}
		case <-s.ended:
			return nil, s.failure()
		case <-timeout.C:
			s.stop()
			return nil, fmt.Errorf("the server did not begin to serve within %s", startTimeout)
		case <-ctx.Done():
			s.stop()
			return nil, ctx.Err()
		}
	}
}

// hasEnded tells whether it has.
func (s *server) hasEnded() bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// stop has the server end what it does, and returns once it is gone.
func (s *server) stop() {
	if terminate(s.process) != nil { // it is gone already
		<-s.ended
		return
	}
	select {
	case <-s.ended:
	case <-time.After(stopTimeout):
		_ = s.process.Kill() // or it is gone by itself
		<-s.ended
	}
}

// failure says how a server ended by itself.
func (s *server) failure() error {
	if words := s.words.String(); words != "" {
		return &lastWords{words}
	}
	return fmt.Errorf("the server ended: %s", s.state)
}

// lastWords are those of a server that ended, which were seen on stderr.
type lastWords struct{ text string }

func (e *lastWords) Error() string { return e.text }

// tail keeps the end of what is written to it.
type tail struct {
	mutex sync.Mutex
	text  []byte
}

const tailBytes = 8 << 10

func (t *tail) Write(text []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.text = append(t.text, text...)
	if cut := len(t.text) - tailBytes; cut > 0 {
		t.text = bytes.Clone(t.text[cut:])
	}
	return len(text), nil
}

// String returns it but for the lines of the server's log.
func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	var said []string
	for line := range strings.Lines(string(t.text)) {
		isOfLog := strings.HasPrefix(line, "time=") || strings.HasPrefix(line, `{"time":`)
		if !isOfLog && strings.TrimSpace(line) != "" {
			said = append(said, strings.TrimRight(line, "\r\n"))
		}
	}
	return strings.Join(said, "\n")
}
