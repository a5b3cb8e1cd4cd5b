// Package graph is the GraphQL side of ownql's test project.
package graph

import (
	"context"
	"fmt"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/notes/store"
)

// Resolver is what every resolver has at hand.
type Resolver struct {
	Store    *store.Store
	Accounts *auth.Accounts
	Slogan   string
}

// New returns the schema with its resolvers.
func New(s *store.Store, accounts *auth.Accounts) gql.Schema {
	return newSchema(
		&Resolver{Store: s, Accounts: accounts, Slogan: "write it down"},
		DirectiveRoot{Loud: loud},
	).Transactional("createNote", "archiveProject")
}

// loud carries out @loud.
func loud(ctx context.Context, obj any, next graphql.Resolver) (any, error) {
	value, err := next(ctx)
	if err != nil {
		return nil, err
	}
	text, ok := value.(string)
	if !ok {
		return nil, fmt.Errorf("@loud is for text, not for %T", value)
	}
	return strings.ToUpper(text), nil
}
