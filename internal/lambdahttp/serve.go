// Package lambdahttp serves an http.Handler on AWS Lambda, for API Gateway (HTTP and REST
// APIs), function URLs and Application Load Balancers: their events become requests, and
// what the handler writes becomes the answer that the service expects.
//
// It does so itself because no adapter that we found carries all of this: the address of a
// load balancer's client that the client cannot choose, load balancers with single values,
// query strings as each service encodes them, bodies that are not text, cookies without
// duplicates, and work that goes on behind an answer.
package lambdahttp

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

// reserve is how long before the invocation's deadline, at which Lambda kills the process,
// a request's context ends: time to answer that it has, on a sixteenth of a core.
const reserve = 500 * time.Millisecond

// A TooLarge answers a request whose answer has more bytes than the service takes. It finds the
// header that was to go with that one.
type TooLarge func(w http.ResponseWriter, r *http.Request, maxBytes int)

// Serve answers the function's invocations by handler, or tooLarge, until ctx is done, and those of a
// schedule by scheduled. After each answer behind does the work that goes on without it: Lambda stops
// the process until the next invocation, but not before it has asked for that one.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func Serve(ctx context.Context, handler http.Handler, tooLarge TooLarge, scheduled, behind func(context.Context) error) error {
	go lambda.Start((&function{handler, tooLarge, scheduled, behind}).invoke) // ends the process where the Runtime API fails
	<-ctx.Done()
	return nil
}

type function struct {
	handler   http.Handler
	tooLarge  TooLarge
	scheduled func(context.Context) error
	behind    func(context.Context) error
}

// invoke answers an event. An error, which says that it is no request, has the service answer
// 502; one of a schedule's work has Lambda count it.
func (f *function) invoke(ctx context.Context, e event) (io.Reader, error) {
	cancel := context.CancelFunc(func() {})
	if deadline, ok := ctx.Deadline(); ok {
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
	}
	if e.isScheduled() {
		defer cancel()
		return strings.NewReader("null"), f.scheduled(ctx)
	}
	r, err := e.request(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	w := recorder{header: http.Header{}}
	f.handler.ServeHTTP(&w, r)
	body, err := w.answer(&e, r).encode()
	if limit := e.maxAnswer(); len(body) > limit {
		w = recorder{header: w.sent}
		f.tooLarge(&w, r, limit)
		body, err = w.answer(&e, r).encode()
	}
	if err != nil {
		cancel()
		return nil, err
	}
	return &reply{bytes.NewReader(body), func() {
		defer cancel()
		if err := f.behind(ctx); err != nil {
			slog.WarnContext(ctx, "an invocation ends before all is done", "err", err)
		}
	}}, nil
}

// reply is the answer's JSON. The Runtime API's client closes it once it has been sent, and
// asks for the next invocation after that.
type reply struct {
	*bytes.Reader
	sent func()
}

func (*reply) ContentType() string { return "application/json" }

func (r *reply) Close() error {
	r.sent()
	return nil
}
