package gql_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/99designs/gqlgen/graphql/handler/transport"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
)

const viewerQuery = `{"query":"{ viewer { id firstName lastName email } }"}`

// BenchmarkViewer measures the viewer query, over loopback from 16 connections, beside
// gqlgen's own server with the same schema that answers it from memory, without a
// token and without a store. The two take turns; `ratio` is ownql's share.
//
//	go test ./gql -run xxx -bench Viewer -benchtime 10x
func BenchmarkViewer(b *testing.B) {
	a := newAPI(b)
	ownql := httptest.NewServer(a)
	defer ownql.Close()
	plain := httptest.NewServer(plainServer(a.user))
	defer plain.Close()

	var ownqlTime, plainTime time.Duration
	const requests = 2000
	load(b, ownql.URL, a.token, requests)
	load(b, plain.URL, "", requests)
	for b.Loop() {
		ownqlTime += load(b, ownql.URL, a.token, requests)
		plainTime += load(b, plain.URL, "", requests)
	}
	perSecond := func(d time.Duration) float64 { return float64(b.N*requests) / d.Seconds() }
	b.ReportMetric(perSecond(ownqlTime), "ownql/s")
	b.ReportMetric(perSecond(plainTime), "plain/s")
	b.ReportMetric(perSecond(ownqlTime)/perSecond(plainTime), "ratio")
}

// plainServer is gqlgen's server as its own documentation sets it up.
func plainServer(user *account.User) http.Handler {
	schema := graph.New(store.New(account.New(model.Open(nil, ""))), nil)
	server := handler.New(schema.Executable(schema.Parsed))
	server.AddTransport(transport.POST{})
	server.SetQueryCache(lru.New[*ast.QueryDocument](1000))
	identity := &auth.Identity{User: user, Session: &account.Session{}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server.ServeHTTP(w, r.WithContext(auth.NewContext(r.Context(), identity)))
	})
}

// load sends that many viewer queries and returns how long it took.
func load(b *testing.B, url, token string, requests int64) time.Duration {
	b.Helper()
	const connections = 16
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	var (
		wg   sync.WaitGroup
		sent atomic.Int64
	)
	start := time.Now()
	for range connections {
		wg.Go(func() {
			for sent.Add(1) <= requests {
				if err := sendViewer(b.Context(), client, url, token); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}

func sendViewer(ctx context.Context, client *http.Client, url, token string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(viewerQuery))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && !strings.HasPrefix(string(body), `{"data":{"viewer":{"id":`) {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return err
}
