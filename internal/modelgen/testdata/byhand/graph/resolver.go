package graph

import (
	"context"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"

	"example.com/projects/byhand/store"
)

// Resolver is what every resolver has at hand.
type Resolver struct {
	Store    *store.Store
	Accounts *auth.Accounts
}

// New returns the schema with its resolvers.
func New(s *store.Store, accounts *auth.Accounts) gql.Schema {
	return newSchema(&Resolver{Store: s, Accounts: accounts}, DirectiveRoot{})
}

// DeleteNote deletes nothing.
func (r *mutationResolver) DeleteNote(ctx context.Context, input store.DeleteNoteInput) (*store.DeleteNotePayload, error) {
	return nil, gql.NotImplemented("Mutation.deleteNote")
}

// Kind answers a field that is kept.
func (r *noteResolver) Kind(ctx context.Context, obj *store.Note) (store.Level, error) {
	return obj.Kind, nil
}
