package command

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// healthTimeout bounds the question; /readyz gives the store two seconds.
const healthTimeout = 4 * time.Second

// healthCommand is `ownql health`, for a container's health check: there is no shell in it,
// and no curl.
type healthCommand struct {
	Addr  string `env:"OWNQL_ADDR" placeholder:"HOST:PORT" help:"Where the server listens, as 'ownql serve' is told (${env}, default 127.0.0.1:8080; with PORT set, that port)."`
	Ready bool   `help:"Ask whether the store answers, too."`
}

// Run asks a server of this machine whether it is alive.
func (c *healthCommand) Run(ctx context.Context, env *environment) error {
	addr, err := listenAddr(c.Addr, env.getenv("PORT"))
	if err != nil {
		return err
	}
	path := "/healthz"
	if c.Ready {
		path = "/readyz"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+reachable(addr)+path, nil)
	if err != nil {
		return err
	}
	client := http.Client{Transport: new(http.Transport), Timeout: healthTimeout} // by no proxy
	response, err := client.Do(r)
	if err != nil {
		return fmt.Errorf("health: %w", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Errorf("health: %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("health: %s answers %s", path, response.Status)
	}
	fmt.Fprintln(env.stdout, "ok")
	return nil
}

// reachable returns an address at which this machine reaches a server that listens at addr,
// which may be every interface. It asks no resolver: a container may lack /etc/hosts.
func reachable(addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	switch host {
	case "", "0.0.0.0":
		return net.JoinHostPort("127.0.0.1", port)
	case "::":
		return net.JoinHostPort("::1", port)
	default:
		return addr
	}
}
