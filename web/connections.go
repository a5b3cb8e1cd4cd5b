package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// answeredGrace is how much later a connection by which a request has been answered is closed
// than one by which none has: its next request may be there already, and not be read yet while
// thousands of connections are being opened.
const answeredGrace = time.Second

// Connections bounds how many connections a server has: see [Connections.Bound]. Each costs
// memory, up to that of its headers, before anything of its request is known.
type Connections struct {
	most int

	mu   sync.Mutex
	open map[net.Conn]*connection
}

// A connection is one of a client's.
type connection struct {
	net.Conn
	client   netip.Prefix
	waits    atomic.Int64 // for the client, since then, in nanoseconds of Unix; 0: a request is being served
	answered atomic.Bool  // a request, to the end
}

// NewConnections returns none, of which there may be so many.
func NewConnections(most int) *Connections {
	return &Connections{most: most, open: map[net.Conn]*connection{}}
}

// Bound has the server, which is not serving yet, close a connection for each that comes while
// there are the most already: of those that wait for their client, to send a request or to take
// an answer, the one that has waited longest of the client with the most; see [answeredGrace].
// So whoever opens thousands closes their own.
func (c *Connections) Bound(server *http.Server) {
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		return context.WithValue(ctx, connectionKey{}, c.add(conn))
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if state == http.StateClosed || state == http.StateHijacked {
			c.mu.Lock()
			defer c.mu.Unlock()
			delete(c.open, conn)
		}
	}
}

// add notes a new connection, and makes room for it.
func (c *Connections) add(conn net.Conn) *connection {
	address, _ := parseAddress(conn.RemoteAddr().String())
	added := &connection{Conn: conn, client: ClientPrefix(address)}
	added.setServing(false)
	c.mu.Lock()
	c.open[conn] = added
	surplus := c.surplus()
	delete(c.open, surplus)
	c.mu.Unlock()
	if surplus != nil {
		surplus.Close()
	}
	return added
}

// surplus returns the connection to close; nil: none.
func (c *Connections) surplus() (found net.Conn) {
	if len(c.open) <= c.most {
		return nil
	}
	var (
		waiting = map[netip.Prefix]int{}
		since   = make(map[net.Conn]int64, len(c.open))
	)
	for conn, connection := range c.open {
		if waits := connection.waits.Load(); waits != 0 {
			waiting[connection.client]++
			since[conn] = waits
			if connection.answered.Load() {
				since[conn] += answeredGrace.Nanoseconds()
			}
		}
	}
	for conn := range since {
		if found == nil {
			found = conn
			continue
		}
		more := waiting[c.open[conn].client] - waiting[c.open[found].client]
		if more > 0 || more == 0 && since[conn] < since[found] {
			found = conn
		}
	}
	return found
}

type connectionKey struct{}

// connectionFrom returns the connection that a request came by; nil: nobody counts those.
func connectionFrom(ctx context.Context) *connection {
	connection, _ := ctx.Value(connectionKey{}).(*connection)
	return connection
}

// setServing notes whether the server is at work, or waits for the client.
func (c *connection) setServing(isServing bool) {
	switch {
	case c == nil:
	case isServing:
		c.waits.Store(0)
	default:
		c.waits.Store(time.Now().UnixNano())
	}
}

// setAnswered notes that a request has been answered, to the end.
func (c *connection) setAnswered() {
	if c != nil {
		c.answered.Store(true)
	}
}

// hasWaited tells whether the client is being waited for, that long already.
func (c *connection) hasWaited(patience time.Duration) bool {
	if c == nil {
		return false
	}
	since := c.waits.Load()
	return since != 0 && time.Since(time.Unix(0, since)) > patience
}
