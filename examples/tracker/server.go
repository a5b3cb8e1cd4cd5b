// This program serves what schema.graphqls says. An App may have more than its types and their
// resolvers: routes, commands, hooks, see docs/extend.md.
package main

import (
	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/examples/tracker/graph"
	"github.com/ownql/ownql/examples/tracker/store"
)

var app = command.App[*store.Store]{
	Store:  store.New,
	Schema: graph.New,
}

func main() { command.Main(app) }
