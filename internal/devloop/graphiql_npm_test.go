//go:build newcomer

package devloop

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/ownql/ownql/internal/graphiql"
)

// TestNewcomerGraphiQLWithout says in plain words why there is none, and leaves nothing behind.
func TestNewcomerGraphiQLWithout(t *testing.T) {
	newCache(t)
	var said bytes.Buffer
	l := &loop{Options: Options{Stderr: &said}}
	t.Setenv("npm_config_registry", "http://127.0.0.1:1/")
	t.Setenv("npm_config_cache", t.TempDir()) // where nothing is of another time
	l.keepGraphiQL(t.Context())
	const want = "ownql dev: the playground takes GraphiQL from the CDN, as it could not be kept for work without a network: npm ci: it cannot reach its registry (ECONNREFUSED); the next start of ownql dev tries again\n"
	if got := said.String(); got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	nothingIsLeft(t)
}

// TestNewcomerGraphiQLEnds ends npm with `ownql dev`, without a word.
func TestNewcomerGraphiQLEnds(t *testing.T) {
	newCache(t)
	var said bytes.Buffer
	l := &loop{Options: Options{Stderr: &said}}
	ctx, end := context.WithCancel(t.Context())
	defer end()
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.keepGraphiQL(ctx)
	}()
	for modules := filepath.Join(filepath.Dir(graphiql.Dir()), building+"*", "node_modules"); ; {
		if found, _ := filepath.Glob(modules); len(found) > 0 {
			break
		}
		select {
		case <-done:
			t.Fatalf("it ended before: %s", said.String())
		case <-time.After(time.Millisecond):
		}
	}
	end()
	<-done
	if said.Len() > 0 {
		t.Errorf("it says %q", said.String())
	}
	if graphiql.IsBuilt(graphiql.Dir()) {
		t.Error("it was built nevertheless")
	}
}
