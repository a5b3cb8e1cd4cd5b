package graph

import (
	"context"
	"net/http"
	"time"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"github.com/vikstrous/dataloadgen"
)

type callerKey struct{}

// CallerFrom returns the subject of the request's token.
func CallerFrom(ctx context.Context) string {
	id, _ := ctx.Value(callerKey{}).(string)
	return id
}

// WithCaller verifies the token of each request. Without a good one, a request is refused.
func WithCaller(secret []byte, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := jwt.ParseRequest(r, jwt.WithKey(jwa.HS256, secret))
		if err != nil {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), callerKey{}, token.Subject())))
	})
}

type nodesKey struct{}

type nodeLoader = dataloadgen.Loader[string, Node]

func nodesFrom(ctx context.Context) *nodeLoader { return ctx.Value(nodesKey{}).(*nodeLoader) }

// WithLoaders gives each request a loader of its own.
func WithLoaders(data *Data, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		loader := dataloadgen.NewLoader(data.nodes, dataloadgen.WithWait(time.Millisecond), dataloadgen.WithBatchCapacity(100))
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), nodesKey{}, loader)))
	})
}
