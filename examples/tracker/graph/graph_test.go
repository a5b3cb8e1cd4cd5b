package graph_test

import (
	"testing"

	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/examples/tracker/graph"
	"github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/ownqltest"
)

// app is the project as server.go has it, as far as these tests go.
var app = command.App[*store.Store]{Store: store.New, Schema: graph.New}

// TestPolicy asks the server, as each kind of user, for each type in every way that there is,
// and wants the answers that testdata/policy has: who may do what.
func TestPolicy(t *testing.T) { ownqltest.Policy(t, app) }

// TestConnections holds the lists of each type to Relay's rules.
func TestConnections(t *testing.T) { ownqltest.Connections(t, app) }

// TestViewer shows how to ask a running server; your own tests go beside it.
func TestViewer(t *testing.T) {
	server := ownqltest.Start(t, app)
	ada := server.SignUp(t, "ada@example.com")
	var data struct{ Viewer struct{ Email string } }
	server.QueryInto(t, ada, `{ viewer { email } }`, nil, &data)
	if data.Viewer.Email != "ada@example.com" {
		t.Errorf("the viewer is %q", data.Viewer.Email)
	}
}
