// Package graph is this project's GraphQL side: its resolvers, and what is generated beside
// them. This file and schema.resolvers.go are yours.
package graph

import (
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/gql"
)

// Resolver is what every resolver has at hand. Add what yours need, and set it in New.
type Resolver struct {
	Store    *store.Store
	Accounts *auth.Accounts
}

// New returns the schema with its resolvers. Directives of your own go into DirectiveRoot.
func New(s *store.Store, accounts *auth.Accounts) gql.Schema {
	return newSchema(&Resolver{Store: s, Accounts: accounts}, DirectiveRoot{})
}
