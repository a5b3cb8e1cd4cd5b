package command

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/mail"
	"github.com/ownql/ownql/web"
)

// A site is everything that ownql answers for a project, over HTTP and on AWS Lambda alike.
type site struct {
	http.Handler
	signIn *auth.Auth
}

// newSite assembles the site. links is what the links in mails lead to.
func newSite(o *opened, config config, mailer auth.Mailer, mailbox *mail.Mailbox, links string) (*site, error) {
	o.recordRefusals()
	signIn := auth.New(o.accounts, auth.Options{
		Keys: config.keys, Issuer: config.issuer, Origin: config.origin,
		URL: links, Mailer: mailer,
		NeedVerified: config.needVerified, SignupClosed: config.signupClosed,
		RateLimited: config.rateLimit, TokenRate: config.tokenRate, Proxies: config.proxies,
		MaxSession: config.maxSession, Record: o.record,
		Claims: o.claims, Hooks: o.hooks,
	})
	handler, err := gql.NewHandler(o.schema(signIn.Accounts), signIn.Accounts, gql.Options{
		Anonymous:     config.anonymous,
		Introspection: config.introspection,
		Dev:           config.dev,
		Limits:        config.limits,
		Reads:         config.reads,
		Trusted:       config.trusted,
		Tracing:       config.tracing,
	})
	if err != nil {
		return nil, fmt.Errorf("--trusted-documents %s: %w", config.trustedFile, err)
	}
	return &site{chain(o, config, newMux(o, config, signIn, handler, mailbox)), signIn}, nil
}

// newMux returns every route. mailbox is where mails end up in dev, or nil.
func newMux(o *opened, config config, signIn *auth.Auth, handler *gql.Handler, mailbox *mail.Mailbox) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("/graphql", signIn.Middleware(handler, gql.Refuse))
	mux.Handle("/graphql-schema", signIn.Middleware(web.REST("GET", handler.Introspection), web.Refuse))
	mux.Handle("/schema.graphql", signIn.Middleware(web.REST("GET", handler.SDL), web.Refuse))
	mux.Handle("/openapi.json", web.REST("GET", signIn.Light(serveOpenAPI)))
	mux.Handle("/healthz", web.REST("GET", alive))
	mux.Handle("/readyz", web.REST("GET", newReadiness(o.db).ready))
	signIn.Handle(mux)
	if config.dev {
		mux.Handle("GET /{$}", web.OnlyLocal(gql.NewPlayground(gql.Playground{
			Store: config.keys.ID(), Mailbox: mailbox != nil, Status: config.loop.isThere(), KeptGraphiQL: keptGraphiQL,
		})))
		mux.Handle("GET "+graphiqlPath()+"{file}", web.OnlyLocal(http.HandlerFunc(serveGraphiQL)))
	}
	if mailbox != nil {
		mux.Handle("GET /dev/mail", web.OnlyOwner(settled(signIn.Post, mailbox)))
	}
	mux.Handle("/", ownRoutes(o, signIn))
	return mux
}

// ownRoutes returns the project's own routes, which know who is asking. What they do not have is
// not there, whoever asks.
func ownRoutes(o *opened, signIn *auth.Auth) http.Handler {
	own := http.NewServeMux()
	o.routes(own)
	known := signIn.Middleware(nameSpan(own), web.Refuse)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := own.Handler(r); pattern == "" {
			web.NotFound(w, r)
			return
		}
		known.ServeHTTP(w, r)
	})
}

// chain is the middleware, the outermost last.
func chain(o *opened, config config, mux *http.ServeMux) http.Handler {
	handler := o.middleware(nameSpan(mux))
	handler = web.WithShedding(config.maxRequests, handler)
	handler = web.WithMemory(web.NewMemory(cmp.Or(config.memory, heldByRequests(defaultMemory))), handler)
	handler = web.WithCORS(config.corsOrigins, config.dev && len(config.corsOrigins) == 0, config.corsHeaders, handler)
	handler = web.WithDeadline(requestTimeout, handler)
	handler = web.WithClientAddress(config.proxies, handler)
	return web.WithRequestID(guarded(config, handler))
}

// guarded returns a handler whose answers tell browsers what they may make of them.
func guarded(config config, handler http.Handler) http.Handler {
	return web.WithSecurityHeaders(strings.HasPrefix(config.origin, "https:"), handler)
}

// settled has next wait for the mail that is asked for, for those who look for it at once.
func settled(post *auth.Post, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := post.Settle(r.Context()); err != nil {
			web.Refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func alive(w http.ResponseWriter, r *http.Request) error {
	_, err := fmt.Fprintln(w, "ok")
	return err
}
