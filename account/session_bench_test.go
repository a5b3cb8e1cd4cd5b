package account_test

import (
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// BenchmarkSession is what each request of a signed-in user reads first.
func BenchmarkSession(b *testing.B) {
	engine, err := dynamolocal.Open(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	defer engine.Close()
	s := account.New(model.Open(model.ObserveEngine(engine, noop.NewTracerProvider(), 2), ""))
	if _, err := s.DB().CreateTables(b.Context()); err != nil {
		b.Fatal(err)
	}
	session := account.NewSession(time.Hour, "bench")
	user, err := s.CreateUser(b.Context(), account.Signup{Email: "ada@example.com", PasswordHash: "hash", FirstName: "Ada", LastName: "Lovelace"}, session)
	if err != nil {
		b.Fatal(err)
	}
	ctx := model.WithRequest(b.Context(), new(model.Request))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Session(ctx, user.ID, session.ID); err != nil {
			b.Fatal(err)
		}
	}
}
