package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/rs/cors"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/graph"
	"github.com/ownql/ownql/mail"
	"github.com/ownql/ownql/store"
)

// newRoutes returns everything that ownql answers. It writes to users by post; mailbox is
// where that ends up in dev, or nil.
func newRoutes(s *store.Store, post *auth.Post, mailbox *mail.Mailbox, config config) http.Handler {
	cookies := auth.NewCookies(auth.NewCredentials(config.keys, "cookie"), config.origin)
	authenticator := auth.NewAuthenticator(s, auth.NewVerifier(config.keys, config.issuer), cookies)
	accounts := auth.NewAccounts(s, auth.NewPasswords(), post, config.needVerified)
	routes := auth.NewRoutes(
		accounts,
		auth.NewIssuer(config.keys, config.issuer),
		auth.NewCredentials(config.keys, "refresh"),
		authenticator,
		config.signupClosed,
	)
	recovery := auth.NewRecovery(accounts)
	handler := graph.NewHandler(s, accounts, graph.Options{
		Anonymous:     config.anonymous,
		Introspection: config.introspection,
		Dev:           config.dev,
		Limits:        config.limits,
		Trusted:       config.trusted,
		Tracing:       config.tracing,
	})
	limit := func(next func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
		return next
	}
	if config.rateLimit {
		limit = auth.NewRateLimit(config.proxies).Limit
	}

	mux := http.NewServeMux()
	mux.Handle("/graphql", authenticator.Middleware(handler, graph.RefuseGraphQL))
	mux.Handle("/graphql-schema", authenticator.Middleware(graph.REST("GET", handler.Introspection), graph.RefuseREST))
	mux.Handle("/schema.graphql", authenticator.Middleware(graph.REST("GET", handler.SDL), graph.RefuseREST))
	mux.Handle("/signup", graph.REST("POST", limit(routes.Signup)))
	mux.Handle("/login", graph.REST("POST", limit(routes.Login)))
	mux.Handle("/refresh", graph.REST("POST", routes.Refresh))
	mux.Handle("/logout", graph.REST("POST", routes.Logout))
	mux.Handle("/.well-known/jwks.json", graph.REST("GET", config.keys.ServePublic))
	mux.Handle("/openapi.json", graph.REST("GET", serveOpenAPI))
	mux.Handle("/password/forgot", graph.REST("POST", limit(recovery.Forgot)))
	mux.Handle("/password/reset", graph.REST("POST", limit(recovery.Reset)))
	mux.HandleFunc("GET /password/reset", recovery.ResetPage)
	mux.Handle("/email/verify", graph.REST("POST", limit(recovery.Verify)))
	mux.HandleFunc("GET /email/verify", recovery.VerifyPage)
	mux.Handle("/healthz", graph.REST("GET", alive))
	mux.Handle("/readyz", graph.REST("GET", ready(s)))
	mux.HandleFunc("/", graph.NotFound)
	if config.dev {
		mux.Handle("GET /{$}", onlyLocal(graph.NewPlayground(mailbox != nil)))
	}
	if mailbox != nil {
		mux.Handle("GET /dev/mail", onlyLocal(settled(post, mailbox)))
	}
	return graph.WithRequestID(withDeadline(withSortedPreflight(newCORS(config).Handler(noSniff(withShedding(config.maxRequests, nameSpan(mux)))))))
}

// newCORS lets pages of the configured origins call the API, and in dev, where none
// is configured, those of loopback. Credentials stay out: tokens are sent by hand.
func newCORS(config config) *cors.Cors {
	isAllowed := func(origin string) bool { return slices.Contains(config.corsOrigins, origin) }
	if config.dev && len(config.corsOrigins) == 0 {
		isAllowed = func(origin string) bool {
			u, err := url.Parse(origin)
			return err == nil && auth.IsLoopbackHost(u.Host)
		}
	}
	return cors.New(cors.Options{
		AllowOriginFunc: isAllowed,
		AllowedMethods:  []string{http.MethodGet, http.MethodPost},
		AllowedHeaders: []string{"Authorization", "Content-Type",
			// W3C Trace Context, as browsers' OpenTelemetry sends it.
			"Traceparent", "Tracestate",
			// Apollo's clients send these.
			"Apollo-Require-Preflight", "Apollographql-Client-Name", "Apollographql-Client-Version", "X-Apollo-Operation-Name"},
		ExposedHeaders: []string{"Retry-After", "WWW-Authenticate", "X-Request-Id"},
		MaxAge:         600,
	})
}

// withSortedPreflight brings the headers that a preflight asks for into the form in which
// browsers send them, and package cors takes them: others, as `curl`, send any.
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
func withSortedPreflight(next http.Handler) http.Handler {
	const asked = "Access-Control-Request-Headers"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions && len(r.Header[asked]) > 0 {
			names := strings.Split(strings.ToLower(strings.Join(r.Header[asked], ",")), ",")
			for i, name := range names {
				names[i] = strings.TrimSpace(name)
			}
			slices.Sort(names)
			r.Header[asked] = []string{strings.Join(slices.Compact(names), ",")}
		}
		next.ServeHTTP(w, r)
	})
}

// withDeadline bounds a request, what it asks of DynamoDB included.
func withDeadline(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), requestTimeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// withShedding turns away what comes while so many requests are being served, so that
// those get their answers. /healthz, which asks whether the process lives, always gets one.
func withShedding(maxRequests int, next http.Handler) http.Handler {
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
			graph.RefuseREST(w, r, &auth.BusyError{RetryAfter: retryAfter})
		}
	})
}

func noSniff(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// onlyLocal answers 404 to what does not come straight from this machine's own browser.
func onlyLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !auth.IsLocal(r) {
			graph.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// settled has next wait for the mail that is under way, for those who look for it at once.
func settled(post *auth.Post, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := post.Wait(r.Context()); err != nil {
			graph.RefuseREST(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func alive(w http.ResponseWriter, r *http.Request) error {
	_, err := fmt.Fprintln(w, "ok")
	return err
}

// ready answers whether the store does.
func ready(s *store.Store) func(http.ResponseWriter, *http.Request) error {
	const patience = 2 * time.Second
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		if err := s.Ready(ctx); err != nil {
			return fmt.Errorf("%w: %w", graph.ErrNotReady, err)
		}
		return alive(w, r)
	}
}
