// Package graph is a server as gqlgen's guide has one written: what is generated, and the resolvers.
package graph

import "context"

// Resolver has what the resolvers read.
type Resolver struct {
	Data *Data
	// FindUser returns the user of that id. Nil where there is none.
	FindUser func(ctx context.Context, id string) (*User, error)
}
