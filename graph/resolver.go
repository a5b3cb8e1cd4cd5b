// Package graph is the GraphQL side: resolvers, the HTTP handler, errors, loaders,
// and the playground. generated.go and models_gen.go come from schema.graphqls by
// `go generate ./...`.
package graph

import "github.com/ownql/ownql/store"

//go:generate go run github.com/99designs/gqlgen generate

// Resolver holds what resolvers delegate to.
type Resolver struct {
	Store *store.Store
}
