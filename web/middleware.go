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

// WithShedding turns away what comes while so many requests are being served, so that
// those get their answers. /healthz, which asks whether the process lives, always gets one.
func WithShedding(maxRequests int, next http.Handler) http.Handler {
	const retryAfter = time.Second
	serving := make(chan struct{}, maxRequests)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			next.ServeHTTP(w, r)
			return
		}
		select {
		case serving <- struct{}{}:
			defer func() { <-serving }()
			next.ServeHTTP(w, r)
		default:
			Refuse(w, r, Busy(retryAfter))
		}
	})
}

// NoSniff has browsers take every answer for what its Content-Type says.
func NoSniff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
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
