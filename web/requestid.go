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

type requestIDKey struct{}

// WithRequestID gives each request an id, which the client sees in X-Request-Id and
// the log names with every error. A panic that reaches it is answered as one.
func WithRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		w.Header().Set(requestIDHeader, id)
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		defer func() {
			if value := recover(); value != nil && value != http.ErrAbortHandler {
				Refuse(w, r, Recovered(r.Context(), value))
			} else if value != nil {
				panic(value)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// RequestID returns the request's id, empty outside of one.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// Recovered puts a panic into the log, and returns it as an error that wraps [ErrPanic].
func Recovered(ctx context.Context, value any) error {
	slog.ErrorContext(ctx, "panic", "value", value, "request", RequestID(ctx), "stack", string(debug.Stack()))
	return fmt.Errorf("%w: %v", ErrPanic, value)
}
