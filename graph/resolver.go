// Package graph is the GraphQL side: resolvers, the HTTP handler, errors, loaders,
// and the playground. schema.graphqls, generated.go, the files whose names end in
// _gen.go, and testdata/policy come from schema.graphqls at the root, by
// `go generate ./...`.
package graph

import (
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// Resolver holds what resolvers delegate to.
type Resolver struct {
	Store    *store.Store
	Accounts *auth.Accounts
}
