package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/google/uuid"
)

const requestIDHeader = "X-Request-Id"

// WithRequestID gives each request an id, which the client sees in X-Request-Id and
// the log names with every error. A panic that reaches it is answered as one.
func WithRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, r := exchangeOf(w, r)
		x.id = uuid.NewString()
		x.Header().Set(requestIDHeader, x.id)
		defer func() {
			if value := recover(); value != nil && value != http.ErrAbortHandler {
				Refuse(x, r, Recovered(r.Context(), value))
			} else if value != nil {
				panic(value)
			}
		}()
		next.ServeHTTP(x, r)
	})
}

// RequestID returns the request's id, empty outside of one.
func RequestID(ctx context.Context) string {
	if x := exchangeFrom(ctx); x != nil {
		return x.id
	}
	return ""
}

// Recovered puts a panic into the log, and returns it as an error that wraps [ErrPanic].
func Recovered(ctx context.Context, value any) error {
	slog.ErrorContext(ctx, "panic", "value", value, "request", RequestID(ctx), "stack", string(debug.Stack()))
	return fmt.Errorf("%w: %v", ErrPanic, value)
}
