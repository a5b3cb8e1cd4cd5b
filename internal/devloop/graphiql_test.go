package devloop

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/ownql/ownql/internal/graphiql"
	"github.com/ownql/ownql/internal/lockfile"
)

// newCache gives the test a user's cache directory of its own.
func newCache(t *testing.T) {
	t.Helper()
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir()) // os.UserCacheDir, on macOS
}

// TestKeepGraphiQLWithoutNPM says so, and that the CDN has it.
func TestKeepGraphiQLWithoutNPM(t *testing.T) {
	newCache(t)
	t.Setenv("PATH", "")
	var said bytes.Buffer
	l := &loop{Options: Options{Stderr: &said}}
	l.keepGraphiQL(t.Context())
	const want = "ownql dev: the playground takes GraphiQL from the CDN, as it could not be kept for work without a network: there is no npm on the PATH\n"
	if got := said.String(); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	nothingIsLeft(t)
}

// TestKeepGraphiQLWaits has one that comes second wait for the first, and do nothing once GraphiQL is there.
func TestKeepGraphiQLWaits(t *testing.T) {
	newCache(t)
	t.Setenv("PATH", "")
	dir := graphiql.Dir()
	write(t, dir, graphiql.Script, "") // not whole
	first, err := lockfile.Lock(filepath.Join(filepath.Dir(dir), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	second := make(chan struct{})
	go func() {
		defer close(second)
		(&loop{Options: Options{Stderr: &said}}).keepGraphiQL(t.Context())
	}()
	write(t, dir, graphiql.Script, "script")
	write(t, dir, graphiql.Style, "style")
	if err := graphiql.Seal(dir); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	<-second
	if said.Len() > 0 {
		t.Errorf("it says %q", said.String())
	}
}

// TestKeepGraphiQLAnew takes away a build that is not what it was, which is built anew.
func TestKeepGraphiQLAnew(t *testing.T) {
	newCache(t)
	t.Setenv("PATH", "")
	dir := graphiql.Dir()
	write(t, dir, graphiql.Script, "script")
	write(t, dir, graphiql.Style, "style")
	if err := graphiql.Seal(dir); err != nil {
		t.Fatal(err)
	}
	if isNew, err := buildGraphiQL(t.Context()); isNew || err != nil {
		t.Fatalf("what is whole is built: %v, %v", isNew, err)
	}
	write(t, dir, graphiql.Script, "scr")
	if _, err := buildGraphiQL(t.Context()); err == nil {
		t.Error("what is cut off is not built anew")
	}
	nothingIsLeft(t)
}

// nothingIsLeft wants no build in the cache, and no part of one.
func nothingIsLeft(t *testing.T) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(graphiql.Dir()), "*")); len(left) > 1 || len(left) == 1 && filepath.Base(left[0]) != "lock" {
		t.Errorf("%q are left", left)
	}
	if _, err := os.Stat(graphiql.Dir()); err == nil {
		t.Error("a build is there")
	}
}
