package web

import (
	"context"
	"net/http"
	"time"
)

// WithDeadline bounds how long a request takes, what it asks of DynamoDB included.
func WithDeadline(timeout time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// OnlyLocal answers 404 to what does not come straight from this machine's own browser.
func OnlyLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !IsLocal(r) {
			NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
