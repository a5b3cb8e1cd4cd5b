package command

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestSocket goes through the socket of a data directory, near and far, and finds nothing of
// it afterwards.
func TestSocket(t *testing.T) {
	for name, dir := range map[string]string{
		"in the directory":    "data",
		"elsewhere":           strings.Repeat("x", maxSocketPath),
		"through a long name": strings.Repeat("x", maxSocketPath) + "/../data",
	} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			dir := filepath.Join(temp, dir)
			engine, err := openEngine(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer engine.Close()
			path, err := socketPath(dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := dialSocket(t.Context(), dir); err == nil {
				t.Error("something answers before it is served")
			}
			if err := os.WriteFile(path, []byte("left over"), 0o600); err != nil {
				t.Fatal(err)
			}
			stop, err := serveSocket(dir, engine.Handler())
			if err != nil {
				t.Fatal(err)
			}
			at, err := filepath.EvalSymlinks(path)
			if err != nil {
				t.Fatal(err)
			}
			isHere := at == path
			if isHere != (len(path) <= maxSocketPath) {
				t.Errorf("the socket of %s is at %s", path, at)
			}
			wantMode(t, at, 0o600|os.ModeSocket)
			wantMode(t, filepath.Dir(at), 0o700|os.ModeDir)

			client, err := dialSocket(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.ListTables(t.Context(), &dynamodb.ListTablesInput{}); err != nil {
				t.Error(err)
			}
			client.close()
			if got := statusOverSocket(t, dir, "example.com"); got != http.StatusForbidden {
				t.Errorf("a foreign Host is answered %d, want 403", got)
			}

			stop()
			if _, err := dialSocket(context.Background(), dir); err == nil {
				t.Error("something answers after it has stopped")
			}
			if _, err := os.Lstat(path); !os.IsNotExist(err) {
				t.Errorf("%s is left: %v", path, err)
			}
			if _, err := os.Lstat(filepath.Dir(at)); isHere != (err == nil) {
				t.Errorf("%s: %v", filepath.Dir(at), err)
			}
		})
	}
}

// TestSocketOfAnotherUser leads a data directory's link to what another user can have made in
// the directory of temporary files once its server was killed.
func TestSocketOfAnotherUser(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	dir := filepath.Join(temp, strings.Repeat("x", maxSocketPath))
	engine, err := openEngine(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	stop, err := serveSocket(dir, engine.Handler())
	if err != nil {
		t.Fatal(err)
	}
	path, err := socketPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	at, err := os.Readlink(path)
	if err != nil {
		t.Fatal(err)
	}
	wantAnswer := func(want bool) {
		t.Helper()
		if _, err := dialSocket(t.Context(), dir); (err == nil) != want {
			t.Errorf("dialSocket: %v, want it to succeed: %v", err, want)
		}
	}
	wantAnswer(true)
	t.Run("whose directory others can write to", func(t *testing.T) {
		if err := os.Chmod(filepath.Dir(at), 0o777); err != nil {
			t.Fatal(err)
		}
		wantAnswer(false)
		if err := os.Chmod(filepath.Dir(at), 0o700); err != nil {
			t.Fatal(err)
		}
		wantAnswer(true)
	})
	t.Run("whose directory is a link", func(t *testing.T) {
		moved := filepath.Dir(at) + "-moved"
		if err := os.Rename(filepath.Dir(at), moved); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(moved, filepath.Dir(at)); err != nil {
			t.Fatal(err)
		}
		wantAnswer(false)
		stop() // removes nothing through the link
		if _, err := os.Lstat(moved); err != nil {
			t.Error(err)
		}
	})
	t.Run("who is no owner", func(t *testing.T) {
		nobody := owners{uint32(os.Geteuid()) + 1}
		private, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := nobody.checkLinked(filepath.Join(private, socketName)); err == nil {
			t.Error("another's directory is trusted")
		}
		if err := trusted(path).checkLinked(filepath.Join(private, socketName)); err != nil {
			t.Error(err)
		}
		if runtime.GOOS != "linux" {
			return // the directory is all that tells
		}
		listener, err := listenElsewhere(filepath.Join(t.TempDir(), socketName))
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		conn, err := net.Dial("unix", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := nobody.checkPeer(conn); err == nil {
			t.Error("another's server is trusted")
		}
		if err := trusted(path).checkPeer(conn); err != nil {
			t.Error(err)
		}
	})
}

func wantMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != want {
		t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
	}
}

func statusOverSocket(t *testing.T, dir, host string) int {
	t.Helper()
	transport, err := socketTransport(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+host, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.ListTables")
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
	return response.StatusCode
}
