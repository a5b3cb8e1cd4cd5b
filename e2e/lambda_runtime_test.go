package e2e

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// runtimeAPI is AWS's Lambda Runtime API on loopback, for one function.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type runtimeAPI struct {
	*httptest.Server
	waiting chan *invocation
	asked   chan struct{} // for the next invocation; one that nobody takes note of is dropped

	mu       sync.Mutex
	underway map[string]*invocation
}

// An invocation is of a function with one event.
type invocation struct {
	event    []byte
	deadline time.Time
	outcome  chan outcome
}

// An outcome is what a function makes of an event.
type outcome struct {
	body    []byte
	isError bool
}

func newRuntimeAPI(t testing.TB) *runtimeAPI {
	t.Helper()
	api := &runtimeAPI{waiting: make(chan *invocation), asked: make(chan struct{}, 1), underway: map[string]*invocation{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", api.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", api.end(false))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", api.end(true))
	api.Server = httptest.NewServer(mux)
	t.Cleanup(api.Close)
	return api
}

func (api *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case api.asked <- struct{}{}:
	default:
	}
	select {
	case i := <-api.waiting:
		api.mu.Lock()
		id := "8476a536-e9f4-11e8-9739-" + fmt.Sprintf("%012d", len(api.underway))
		api.underway[id] = i
		api.mu.Unlock()
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", id)
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:111122223333:function:ownql")
		w.Header().Set("Lambda-Runtime-Trace-Id", "Root=1-68a5e2c1-4f0d9b1c2a3e4d5f60718293;Parent=0123456789abcdef;Sampled=0")
		w.Write(i.event)
	case <-r.Context().Done():
	}
}

func (api *runtimeAPI) end(isError bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		api.mu.Lock()
		i := api.underway[r.PathValue("id")]
		api.mu.Unlock()
		if err != nil || i == nil {
			http.Error(w, "no such invocation", http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		i.outcome <- outcome{body, isError}
	}
}

// invoke invokes the function, which gets so long, and waits somewhat longer.
func (api *runtimeAPI) invoke(t testing.TB, event []byte, timeout time.Duration) outcome {
	t.Helper()
	i := &invocation{event, time.Now().Add(timeout), make(chan outcome, 1)}
	late := time.After(timeout + 20*time.Second)
	select {
	case api.waiting <- i:
	case <-late:
		t.Fatal("the function does not ask for an invocation")
	}
	select {
	case o := <-i.outcome:
		return o
	case <-late:
		t.Fatal("the function does not answer an invocation")
	}
	panic("not reached")
}

// lambdaFunction is a function's process and the Runtime API that it speaks to.
type lambdaFunction struct {
	*runtimeAPI
	process *exec.Cmd
	log     bytes.Buffer // stderr, to read once it has ended
}

// startLambda starts a command as a function, with these variables and those of Lambda.
func startLambda(t testing.TB, command *exec.Cmd, variables ...string) *lambdaFunction {
	t.Helper()
	f := &lambdaFunction{runtimeAPI: newRuntimeAPI(t), process: command}
	command.Env = append(lambdaVariables(f.runtimeAPI), variables...)
	command.Dir = t.TempDir()
	command.Stdout, command.Stderr = &f.log, &f.log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.stop(t) })
	return f
}

// lambdaVariables are those that a function gets from Lambda.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func lambdaVariables(api *runtimeAPI) []string {
	return []string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(api.URL, "http://"),
		"AWS_LAMBDA_FUNCTION_NAME=ownql", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=256", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_EXECUTION_ENV=AWS_Lambda_provided.al2023", "_HANDLER=bootstrap", "LAMBDA_TASK_ROOT=/var/task",
		"AWS_REGION=eu-central-1", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"PATH=" + os.Getenv("PATH"), "OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s",
	}
}

// stop ends the process as Lambda does. It must exit with 0.
func (f *lambdaFunction) stop(t testing.TB) {
	t.Helper()
	if f.process.ProcessState != nil {
		return
	}
	f.process.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(20*time.Second, func() { f.process.Process.Kill() })
	defer kill.Stop()
	if err := f.process.Wait(); err != nil {
		t.Errorf("the function ended with %v\n%s", err, f.log.String())
	}
}
