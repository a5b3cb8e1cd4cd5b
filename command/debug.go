package command

import (
	"expvar"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"

	"github.com/ownql/ownql/web"
)

// checkDebugAddr returns an error unless addr is empty or of this machine alone.
func checkDebugAddr(addr string) error {
	if addr == "" {
		return nil
	}
	if _, err := listenAddr(addr, ""); err != nil || !web.IsLoopbackHost(addr) {
		return fmt.Errorf("--debug-addr %q: want HOST:PORT of this machine alone, such as 127.0.0.1:6060", addr)
	}
	return nil
}

// serveDebug serves net/http/pprof, expvar and the metrics at addr, on a listener and a mux of their own:
// the public server has neither. Requests must name a loopback Host, as a web page that has
// its own name point at this machine cannot.
func serveDebug(addr string, metrics *web.Metrics) (at net.Addr, stop func(), err error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, nil, fmt.Errorf("--debug-addr %s: %w", addr, err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.Handle("/debug/vars", expvar.Handler())
	mux.Handle("/metrics", metrics)
	server := &http.Server{
		Handler:           web.OnlyLocal(mux),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn),
	}
	go server.Serve(listener)
	return listener.Addr(), func() { server.Close() }, nil
}
