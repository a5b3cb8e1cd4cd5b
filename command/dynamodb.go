package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"

	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/web"
)

// dynamodbCommand is `ownql dynamodb`.
type dynamodbCommand struct {
	storeFlags
	Addr string `env:"OWNQL_DYNAMODB_ADDR" default:"127.0.0.1:8000" placeholder:"HOST:PORT" help:"Where to listen (${env}, default ${default}). Whoever can connect there can read and change everything."`
}

// Run serves the data directory over the DynamoDB protocol until ctx is done. Where another
// process has it open, this one goes between.
func (c *dynamodbCommand) Run(ctx context.Context, env *environment) (err error) {
	if !c.isEmbedded() {
		return fmt.Errorf("--store %s: want a directory; DynamoDB speaks for itself", c.Store)
	}
	addr, err := listenAddr(c.Addr, "")
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("--addr %s: %w", addr, err)
	}
	defer listener.Close()
	handler, closeStore, err := c.handler(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	record, err := c.commandRecord(env, nil)
	if err != nil {
		return err
	}
	record.Write(ctx, audit.Event{Name: audit.Administered, Operation: "dynamodb"})
	defer closeRecord(ctx, record)
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	fmt.Fprintf(env.stdout, "ownql serves DynamoDB at http://%s\n", listener.Addr())
	fmt.Fprintf(env.stdout, "data: %s\n", c.Store)
	if web.IsLoopbackHost(addr) {
		fmt.Fprintln(env.stdout, "no password is asked for: any program on this machine can read and change everything")
	} else {
		fmt.Fprintln(env.stdout, "no password is asked for: ANYONE who can connect can read and change everything; requests must name localhost as their Host")
	}
	return serveUntil(ctx, server, listener)
}

// handler returns the engine's handler, or one that passes requests on to the process that
// has the directory open. Both check Host and Origin.
func (c *dynamodbCommand) handler(ctx context.Context) (http.Handler, func() error, error) {
	data, err := c.hold(ctx)
	if err == nil {
		return data.engine.Handler(), data.close, nil
	}
	if !errors.Is(err, errInUse) {
		return nil, nil, err
	}
	transport, dialErr := socketTransport(ctx, c.Store)
	if dialErr != nil {
		return nil, nil, err
	}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "localhost"})
			r.Out.Host = r.In.Host
		},
		Transport: transport,
	}
	return proxy, func() error { transport.CloseIdleConnections(); return nil }, nil
}
