package account_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/internal/testclient"
	"github.com/ownql/ownql/model"
)

// note is a type of a project's.
type note struct{ model.Object }

func (*note) IsNode()            {}
func (n *note) GlobalID() string { return model.GlobalID("Note", n.ID) }

// open returns a store with its tables, and that of a project's type, under a prefix of its own, and the prefix.
func open(t testing.TB) (*account.Store, *dynamo.DB, string) {
	t.Helper()
	client := testclient.Open(t, model.NewDynamoDB)
	prefix := "test-" + uuid.NewString() + "-"
	s := account.New(model.Open(client, prefix))
	model.New[note](s.DB(), "Note", "notes")
	created, err := s.DB().CreateTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	db := dynamo.NewFromIface(client)
	t.Cleanup(func() {
		for _, name := range created {
			if err := db.Table(name).DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return s, db, prefix
}

func signUp(t testing.TB, s *account.Store, email string) (*account.User, *account.Session) {
	t.Helper()
	session := account.NewSession(time.Hour, "test")
	user, err := s.CreateUser(t.Context(), account.Signup{Email: email, PasswordHash: "hash", FirstName: "Ada"}, session)
	if err != nil {
		t.Fatal(err)
	}
	return user, session
}

// compareKept compares what is kept of users and sessions.
var compareKept = cmp.Options{
	cmp.Comparer(func(a, b model.DateTime) bool { return a.String() == b.String() }),
	cmpopts.IgnoreUnexported(account.User{}),
}

func TestCreateTables(t *testing.T) {
	s, db, prefix := open(t)
	names, err := db.ListTables().All(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	for _, name := range names {
		have[name] = true
	}
	for _, name := range []string{"users", "logins", "sessions", "attempts", "uniques", "notes"} {
		if !have[prefix+name] {
			t.Errorf("no table %s among %q", prefix+name, names)
		}
	}
	for _, name := range []string{"sessions", "attempts"} {
		ttl, err := db.Table(prefix + name).DescribeTTL().Run(t.Context())
		if err != nil || ttl.Attribute != "ttl" || ttl.Status != dynamo.TTLEnabled && ttl.Status != dynamo.TTLEnabling {
			t.Errorf("time to live of %s: %+v, %v", name, ttl, err)
		}
	}
	created, err := s.DB().CreateTables(t.Context())
	if err != nil || len(created) != 0 {
		t.Errorf("a second CreateTables created %q, %v", created, err)
	}
	if err := s.DB().Ready(t.Context()); err != nil {
		t.Errorf("not ready: %v", err)
	}
	if err := model.Open(testclient.Open(t, model.NewDynamoDB), "no-such-").Ready(t.Context()); err == nil {
		t.Error("ready without tables")
	}
}
