package web_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

func codeOf(err error) model.Code {
	told := new(model.Error)
	if errors.As(err, &told) {
		return told.Code
	}
	return ""
}

// TestMemory takes and gives back, as requests do.
func TestMemory(t *testing.T) {
	memory := web.NewMemory(1 << 20)
	inRequest := func(handle func(ctx context.Context, hold *web.Hold)) {
		web.WithMemory(memory, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			handle(r.Context(), web.HoldFrom(r.Context()))
		})).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	}
	inRequest(func(ctx context.Context, first *web.Hold) {
		if err := first.Take(ctx, 810<<10); codeOf(err) != model.CodeTooComplex {
			t.Errorf("more than three quarters of all: %v", err)
		}
		if err := first.Take(ctx, 500<<10); err != nil {
			t.Errorf("half of all, which the refused one is no part of: %v", err)
		}
		inRequest(func(ctx context.Context, second *web.Hold) {
			if err := second.Take(ctx, 500<<10); err != nil {
				t.Errorf("the other half: %v", err)
			}
			inRequest(func(ctx context.Context, third *web.Hold) {
				if err := third.Take(ctx, 32<<10); err != nil {
					t.Errorf("what is free for each: %v", err)
				}
				short, cancel := context.WithCancel(ctx)
				cancel()
				if err := third.Take(short, 400<<10); !errors.Is(err, context.Canceled) {
					t.Errorf("more than there is: %v", err)
				}
				if err := third.Take(ctx, 400<<10); codeOf(err) != model.CodeUnavailable {
					t.Errorf("more than there is, for a while: %v", err)
				}
				got := make(chan error)
				go func() { got <- third.Take(ctx, 400<<10) }()
				second.KeepOnly(10 << 10)
				if err := <-got; err != nil {
					t.Errorf("once another has given back: %v", err)
				}
			})
		})
		if err := first.Take(ctx, 10<<10); err != nil {
			t.Errorf("once the others are answered: %v", err)
		}
	})
	var over *web.Hold
	inRequest(func(_ context.Context, hold *web.Hold) { over = hold })
	for range 10 {
		if err := over.Take(t.Context(), 500<<10); err != nil {
			t.Errorf("behind the answer: %v", err)
		}
	}
	for range 10 { // nothing is left over
		inRequest(func(ctx context.Context, hold *web.Hold) {
			if err := hold.Take(ctx, 500<<10); err != nil {
				t.Error(err)
			}
		})
	}
	var nobody *web.Hold
	if err := nobody.Take(t.Context(), 1<<40); err != nil {
		t.Errorf("where nobody counts: %v", err)
	}
	nobody.KeepOnly(0)
}

// TestMemoryOfSlowClients has a client that does not take its answer lose it to one that does.
func TestMemoryOfSlowClients(t *testing.T) {
	const size = 48 << 20 // more than the sockets between hold
	large, reached := strings.Repeat("x", size), make(chan bool, 2)
	server := httptest.NewUnstartedServer(web.WithMemory(web.NewMemory(2*size), web.WithShedding(10, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := web.HoldFrom(r.Context()).Take(r.Context(), size); err != nil {
			web.Refuse(w, r, err)
			return
		}
		if r.URL.Path == "/slow" {
			reached <- true
		}
		io.WriteString(w, large)
	}))))
	web.NewConnections(10).Bound(server.Config)
	server.Start()
	t.Cleanup(server.Close)
	for range 2 {
		dial(t, server.URL, "GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
		<-reached
	}
	response, err := http.Get(server.URL + "/quick")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || len(body) != size {
		t.Errorf("the client that takes its answer gets %s with %d bytes, %v", response.Status, len(body), err)
	}
}
