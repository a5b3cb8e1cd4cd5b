package command

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
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
