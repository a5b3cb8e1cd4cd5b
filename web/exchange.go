package web

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/ownql/ownql/model"
)

// An exchange is one request and its answer, of which each middleware here knows and notes its part. It is the request's
// ResponseWriter, and a value of its context.
type exchange struct {
	http.ResponseWriter
	begun  time.Time // when the request was read
	status int       // 0: nothing has been written yet

	id     string // empty: it has none
	client netip.Addr
	hold   Hold
	calls  model.Request // of DynamoDB
	slot   slot
	noted  noted

	isSecured bool // its answer has security headers
	isGuarded bool // those that depend on the answer are set
}

type exchangeKey struct{}

// exchangeOf returns the exchange that a request is of: the one that a middleware further out has begun, or a new one, of
// which the request that is returned knows.
func exchangeOf(w http.ResponseWriter, r *http.Request) (*exchange, *http.Request) {
	if begun, ok := w.(*exchange); ok {
		return begun, r
	}
	x := &exchange{ResponseWriter: w, begun: time.Now()}
	x.calls.Holder = &x.hold
	return x, r.WithContext(context.WithValue(model.WithRequest(r.Context(), &x.calls), exchangeKey{}, x))
}

// exchangeFrom returns the exchange of a context; nil: it has none.
func exchangeFrom(ctx context.Context) *exchange {
	x, _ := ctx.Value(exchangeKey{}).(*exchange)
	return x
}

// exchangeBehind returns the exchange that a handler's ResponseWriter is, or wraps; nil: none.
func exchangeBehind(w http.ResponseWriter) *exchange {
	for {
		switch writer := w.(type) {
		case *exchange:
			return writer
		case interface{ Unwrap() http.ResponseWriter }:
			w = writer.Unwrap()
		default:
			return nil
		}
	}
}

func (x *exchange) WriteHeader(status int) {
	if status >= http.StatusOK {
		if x.status == 0 {
			x.status = status
		}
		x.guard(nil)
	}
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(p []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	x.guard(p)
	if x.slot.slots == nil || len(p) < largeWrite {
		return x.ResponseWriter.Write(p)
	}
	allowWrite(x.ResponseWriter, len(p))
	x.slot.leave()
	defer x.slot.enterAnyway()
	return x.ResponseWriter.Write(p)
}

// Flush is for handlers that look for an [http.Flusher].
func (x *exchange) Flush() {
	x.guard(nil)
	if x.slot.slots != nil {
		x.slot.leave()
		defer x.slot.enterAnyway()
	}
	_ = http.NewResponseController(x.ResponseWriter).Flush() // what cannot be flushed is sent at the end
}

// Hijack is for handlers that look for an [http.Hijacker].
func (x *exchange) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(x.ResponseWriter).Hijack()
}

// Unwrap is for [http.ResponseController].
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }
