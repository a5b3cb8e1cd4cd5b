// Command ownql is a GraphQL backend: schema.graphqls is its contract, and this file what it is
// assembled of. See docs/extend.md for what else an App may have.
package main

import (
	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/graph"
	"github.com/ownql/ownql/store"
)

func main() {
	command.Main(command.App[*store.Store]{
		Store:  store.New,
		Schema: graph.New,
	})
}
