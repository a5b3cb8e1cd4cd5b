package command

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// notes is a project of ownql's own tests.
var notes = App[*store.Store]{Store: store.New, Schema: graph.New}

// BenchmarkSeeing measures the viewer query, without a network, as it is served, beside the
// same without what counts, logs and traces it. They take turns, and of each counts the best
// turn, since another's load can only add; the ratios are to the bare one. `untraced` has the
// wiring of traces and counts, with the variables of tracing unset; `served` is that with the
// log's line, `traced` that with every request's spans sent to a receiver in this process.
//
//	go test ./command -run xxx -bench Seeing -benchtime 40x
func BenchmarkSeeing(b *testing.B) {
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.NewJSONHandler(io.Discard, nil)))
	engine, err := dynamolocal.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	off, err := newTracing(b.Context(), func(string) string { return "" })
	if err != nil {
		b.Fatal(err)
	}
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	defer receiver.Close()
	on, err := newTracing(b.Context(), func(name string) string {
		return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.URL}[name]
	})
	if err != nil {
		b.Fatal(err)
	}
	defer on.close()
	served := config{
		issuer: "ownql", keys: auth.NewSecretKeys([]byte("Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")),
		maxRequests: 1000, limits: gql.DefaultLimits, tracing: noop.NewTracerProvider(),
	}
	bareConfig, traced := served, served
	bareConfig.tracing = nil
	traced.tracing = on.provider

	newHandler := func(client dynamodbiface.DynamoDBAPI, config config) (*opened, http.Handler) {
		o := notes.project().on(client, "")
		site, err := newSite(o, config, nil, nil, "")
		if err != nil {
			b.Fatal(err)
		}
		return o, site
	}
	bare, bareHandler := newHandler(engine, bareConfig)
	if _, err := bare.db.CreateTables(b.Context()); err != nil {
		b.Fatal(err)
	}
	token := newToken(b, bare.accounts, served.keys)
	_, counted := newHandler(model.Observe(engine, off.provider), served)
	_, seen := newHandler(model.Observe(engine, on.provider), traced)
	handlers := []struct {
		name    string
		handler http.Handler
	}{
		{"bare", bareHandler},
		{"untraced", off.handler(counted, nil)},
		{"served", off.handler(web.WithLog(counted), nil)},
		{"traced", on.handler(web.WithLog(seen), nil)},
	}
	const requests = 200
	best := make([]time.Duration, len(handlers))
	for round := 0; b.Loop(); round++ {
		for i := range handlers {
			i = (i + round) % len(handlers) // none always runs after the same
			start := time.Now()
			for range requests {
				askViewer(b, handlers[i].handler, token)
			}
			if took := time.Since(start); best[i] == 0 || took < best[i] {
				best[i] = took
			}
		}
	}
	for i, h := range handlers {
		b.ReportMetric(float64(best[i].Nanoseconds())/1000/requests, h.name+"-µs")
		b.ReportMetric(best[i].Seconds()/best[0].Seconds(), h.name+"/bare")
	}
}

func newToken(b *testing.B, s *account.Store, keys *auth.Keys) string {
	b.Helper()
	session := account.NewSession(time.Hour, "")
	user, err := s.CreateUser(context.Background(), account.Signup{Email: "ada@example.com", FirstName: "Ada"}, session)
	if err != nil {
		b.Fatal(err)
	}
	token, err := auth.NewIssuer(keys, "ownql").Issue(b.Context(), auth.Claims{UserID: user.ID, SessionID: session.ID})
	if err != nil {
		b.Fatal(err)
	}
	return token
}

func askViewer(b *testing.B, handler http.Handler, token string) {
	b.Helper()
	r := httptest.NewRequest(http.MethodPost, "/graphql", strings.NewReader(`{"query":"query Me { viewer { id firstName lastName email } }"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Body.String(), `{"data":{"viewer":{"id":`) {
		b.Fatalf("%d %s", w.Code, w.Body)
	}
}
