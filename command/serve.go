package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// serveCommand is `ownql serve`.
type serveCommand struct {
	storeFlags
	serveFlags
}

// Help is shown by `ownql serve --help`. What is secret has no flag.
func (serveCommand) Help() string {
	return "Tokens are signed with OWNQL_SECRET, at least 32 random bytes, " +
		"or with the keys of OWNQL_JWKS, a JSON Web Key Set as 'ownql keys' makes it, or the name of a file with one. " +
		"OWNQL_SECRET_ARN names a secret of AWS Secrets Manager that is one of the two, OWNQL_SMTP_URL_ARN one that is OWNQL_SMTP_URL."
}

// Timeouts of the HTTP server. A client that sends its headers or its body too slowly
// is cut off; requests in flight at SIGTERM have shutdownTimeout to finish, which is more
// than any may take.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 30 * time.Second
	requestTimeout  = 10 * time.Second
	writeTimeout    = 60 * time.Second
	idleTimeout     = 30 * time.Second
	shutdownTimeout = 12 * time.Second
	maxHeaderBytes  = 64 << 10

	readsEach       = 2 // of the engine at once, for each processor
	connectionsEach = 2 // of the requests that are served at once: as many may wait for their clients
	minConnections  = 100
)

// Run serves until ctx is done, then drains. On AWS Lambda it listens nowhere.
func (c *serveCommand) Run(ctx context.Context, env *environment) (err error) {
	getenv, err := withStoredSecrets(ctx, env.getenv)
	if err != nil {
		return err
	}
	config, err := c.config(env.project.templates, getenv)
	if err != nil {
		return err
	}
	tracing, err := newTracing(ctx, env.getenv)
	if err != nil {
		return err
	}
	defer tracing.close()
	config.tracing = tracing.provider
	config.memory = limitMemory(env.getenv)
	config.loop = newDevLoop(env.getenv)
	if isLambda(env.getenv) {
		return c.serveLambda(ctx, env, config, tracing)
	}
	listener, err := net.Listen("tcp", config.addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("--addr %s: another program listens there: stop that one, or name another port: %w", config.addr, err)
	}
	if err != nil {
		return fmt.Errorf("--addr %s: %w", config.addr, err)
	}
	defer listener.Close()
	data, err := c.hold(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.close()) }()
	if config.keys == nil {
		secret, err := devSecret(filepath.Join(c.Store, "secret"))
		if err != nil {
			return fmt.Errorf("--store %s: %w", c.Store, err)
		}
		config.keys = auth.NewSecretKeys(secret)
	}
	if c.isEmbedded() && !config.dev {
		if err := noteIsNotOfDev(c.Store); err != nil {
			return fmt.Errorf("--store %s: %w", c.Store, err)
		}
	}
	var metrics *web.Metrics
	if c.DebugAddr != "" {
		metrics = web.NewMetrics()
	}
	o := c.observed(env, data, config, tracing, metrics)
	if c.isEmbedded() {
		if err := prepare(ctx, o.db, c.Store); err != nil {
			return err
		}
	}
	if o.record, err = c.newRecord(env, o.table, "stdout", ""); err != nil {
		return err
	}
	defer closeRecord(ctx, o.record)
	handler, signIn, err := c.assemble(env, o, config, tracing, metrics, listener.Addr())
	if err != nil {
		return err
	}
	if c.DebugAddr != "" {
		at, stop, err := serveDebug(c.DebugAddr, metrics)
		if err != nil {
			return err
		}
		defer stop()
		slog.Info("pprof, expvar and metrics", "at", "http://"+at.String()+"/debug/pprof/")
	}
	working, stopWork := context.WithCancel(ctx)
	background := startBackground(working, append(o.background, o.db.RunOutbox))
	defer func() {
		stopWork()
		drain, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
		defer cancel()
		err = errors.Join(err, background.wait(drain)) // it needs the data, which is closed after this
	}()
	if config.loop.serving(listener.Addr()) {
		c.greet(env.stdout, listener.Addr(), config)
	}
	return serveUntil(ctx, newServer(handler, config.maxRequests), listener, signIn.Wait, background.wait)
}

// observed returns the project with its store on the data, whose calls are counted and traced. metrics may be nil.
func (c *serveCommand) observed(env *environment, data *connection, config config, tracing *tracing, metrics *web.Metrics) *opened {
	var observers []func(model.Call)
	if metrics != nil {
		observers = append(observers, metrics.Call)
	}
	client := model.Observe(data, tracing.provider, observers...)
	if data.engine != nil {
		client = model.ObserveEngine(data.engine, tracing.provider, readsEach*runtime.GOMAXPROCS(0), observers...)
	}
	return c.opened(env, client, model.WithCursorKeys(config.keys.CursorKeys()))
}

// assemble returns what answers the project's requests. addr is where the server listens; nil:
// nowhere.
func (c *serveCommand) assemble(env *environment, o *opened, config config, tracing *tracing, metrics *web.Metrics, addr net.Addr) (http.Handler, *auth.Auth, error) {
	mailer, mailbox := newMailer(config, env.stderr)
	site, err := newSite(o, config, mailer, mailbox, linkURL(config, addr))
	if err != nil {
		return nil, nil, err
	}
	handler := tracing.handler(web.WithLog(web.WithMetrics(metrics, site)), config.proxies)
	if config.dev {
		handler = config.loop.handler(handler)
	}
	return handler, site.signIn, nil
}

// newServer returns a server that gives up on clients that are too slow.
func newServer(handler http.Handler, maxRequests int) *http.Server {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	web.NewConnections(max(minConnections, connectionsEach*maxRequests)).Bound(server)
	return server
}

// serveUntil serves until ctx is done, then drains: the requests, and what each of behind
// waits for, which goes on behind the answers.
func serveUntil(ctx context.Context, server *http.Server, listener net.Listener, behind ...func(context.Context) error) error {
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	for _, wait := range behind {
		if err := wait(drain); err != nil {
			slog.Warn("stopped before all was done", "error", err)
		}
	}
	return server.Close()
}

// greet prints where everything is and, in dev, the way to the first answer.
func (c *serveCommand) greet(w io.Writer, addr net.Addr, config config) {
	fmt.Fprintf(w, "ownql serves GraphQL at http://%s/graphql\n", addr)
	if config.dev {
		fmt.Fprintf(w, "playground: http://%s/\n", addr)
		if config.mail.smtp == nil {
			fmt.Fprintf(w, "mail:       http://%s/dev/mail\n", addr)
		}
	}
	if c.isEmbedded() {
		fmt.Fprintf(w, "data:       %s\n", c.Store)
	} else {
		fmt.Fprintf(w, "data:       DynamoDB, tables %s*\n", c.TablePrefix)
	}
	if config.dev && !config.signupClosed {
		fmt.Fprintf(w, firstQuery, addr)
	}
}

const firstQuery = `
Sign up, sign in, query:

curl http://%[1]s/signup -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}'
TOKEN=$(curl -s http://%[1]s/login -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"correct horse"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
curl http://%[1]s/graphql -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' -d '{"query":"{ viewer { id firstName lastName email } }"}'

`
