package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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
	if at, err := os.Readlink(path); err == nil && filepath.Base(at) == socketName {
		os.Remove(at)
		os.Remove(filepath.Dir(at))
	}
	os.Remove(path)
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
// tells that none does.
func socketTransport(ctx context.Context, dir string) (*http.Transport, error) {
	path, err := socketPath(dir)
	if err != nil {
		return nil, err
	}
	if at, err := os.Readlink(path); err == nil {
		path = at
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
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
		Retryer:      aws.NopRetryer{},
	})
	return &connection{client, nil, func() error { transport.CloseIdleConnections(); return nil }}, nil
}
