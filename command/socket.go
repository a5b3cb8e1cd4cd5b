package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// socketName is, in a data directory, the unix socket at which the process that has it open
// serves the DynamoDB protocol to others; or a link to it, where its own path is longer than a
// socket's may be.
const socketName = "dynamodb.sock"

// maxSocketPath is how long a socket's path may be, in bytes: macOS has room for 104 with
// the NUL, Linux for 108. https://man7.org/linux/man-pages/man7/unix.7.html
const maxSocketPath = 103

// socketTimeout is how long requests in flight may take when the socket is closed, after
// shutdownTimeout for those of HTTP.
const socketTimeout = 2 * time.Second

// serveSocket serves handler at the socket of a data directory, which this process must have
// locked: a socket that is there is left over, and replaced. Only this user can connect.
func serveSocket(dir string, handler http.Handler) (stop func(), err error) {
	listener, remove, err := listenSocket(dir)
	if err != nil {
		return nil, fmt.Errorf("listen at %s: %w", socketName, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout}
	go server.Serve(listener)
	return func() {
		drain, cancel := context.WithTimeout(context.Background(), socketTimeout)
		defer cancel()
		if err := server.Shutdown(drain); err != nil {
			server.Close()
		}
		remove()
	}, nil
}

// listenSocket returns the listener, and what removes every trace of it once it is closed.
func listenSocket(dir string) (listener net.Listener, remove func(), err error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, nil, err
	}
	removeSocket(path)
	if len(path) <= maxSocketPath {
		listener, err = listenPrivately(path)
	}
	if listener == nil { // too long, or not a file system for sockets
		listener, err = listenElsewhere(path)
	}
	if err != nil {
		removeSocket(path)
		return nil, nil, err
	}
	return listener, func() { removeSocket(path) }, nil
}

// listenElsewhere listens at a short path, to which path becomes a link.
func listenElsewhere(path string) (net.Listener, error) {
	// The directory is this user's alone, and nobody else knew its name before.
	short, err := os.MkdirTemp("", "ownql-")
	if err != nil {
		return nil, err
	}
	at := filepath.Join(short, socketName)
	if err := os.Symlink(at, path); err != nil {
		return nil, errors.Join(err, os.Remove(short))
	}
	return listenPrivately(at)
}

// listenPrivately listens at a path that only this user can connect to.
func listenPrivately(path string) (net.Listener, error) {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	return listener, nil
}

// removeSocket removes what listenSocket made, some of which may be gone already. What it
// cannot remove is in the way of the next listener, whose error tells.
func removeSocket(path string) {
	if at, err := os.Readlink(path); err == nil && filepath.Base(at) == socketName && trusted(path).checkLinked(at) == nil {
		os.Remove(at)
		os.Remove(filepath.Dir(at))
	}
	os.Remove(path)
}

// owners are the users whose socket a client believes.
type owners []uint32

// trusted returns the owners of a data directory's socket: whom the directory belongs to, this
// process's user, and root. It is nil where files have no owners.
func trusted(path string) owners {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return nil
	}
	uid, ok := ownerOf(info)
	if !ok {
		return nil
	}
	return owners{uid, uint32(os.Geteuid()), 0}
}

// checkLinked refuses a socket outside the data directory that somebody else can have put there:
// a link outlives the server that made it, and what it led to in the directory of temporary
// files may be another user's by now. Nobody but an owner can change what lies in a directory
// that is this private.
func (o owners) checkLinked(at string) error {
	dir := filepath.Dir(at)
	info, err := os.Lstat(dir)
	if err != nil || o == nil {
		return err
	}
	uid, _ := ownerOf(info)
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 || !slices.Contains(o, uid) {
		return fmt.Errorf("the socket's directory %s is not this user's own, or not a directory, or open to others", dir)
	}
	return nil
}

// checkPeer refuses a server that another user runs, where the system tells.
func (o owners) checkPeer(conn net.Conn) error {
	if uid, ok := peerOf(conn); ok && o != nil && !slices.Contains(o, uid) {
		return fmt.Errorf("user %d serves the socket, and not whom the data belongs to", uid)
	}
	return nil
}

// socketPath is the same for every name that a data directory has.
func socketPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	return filepath.Join(dir, socketName), err
}

// socketTransport returns what reaches the process that serves the data directory. The error
// tells that none does that is this user's, or whom the data belongs to.
func socketTransport(ctx context.Context, dir string) (*http.Transport, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	owners := trusted(path)
	if at, err := os.Readlink(path); err == nil {
		if err := owners.checkLinked(at); err != nil {
			return nil, err
		}
		path = at
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if err != nil {
			return nil, err
		}
		if err := owners.checkPeer(conn); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
		return conn, nil
	}
	try, err := dial(ctx, "", "")
	if err != nil {
		return nil, err
	}
	try.Close()
	return &http.Transport{DialContext: dial, IdleConnTimeout: idleTimeout}, nil
}

// dialSocket returns a client of the process that serves the data directory. The error tells
// that none does.
func dialSocket(ctx context.Context, dir string) (*connection, error) {
	transport, err := socketTransport(ctx, dir)
	if err != nil {
		return nil, err
	}
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String("http://localhost"),
		Region:       "local",
		Credentials:  aws.AnonymousCredentials{},
		HTTPClient:   &http.Client{Transport: transport},
		// A connection may be lost under load after the answer has begun, as to AWS.
		Retryer: retry.NewStandard(),
	})
	return &connection{client, nil, func() error { transport.CloseIdleConnections(); return nil }}, nil
}
