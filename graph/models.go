package graph

import (
	"context"
	"errors"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// The resolvers of the schema's own types are one line each, in these words.

// caller returns who is asking, as the store wants to know it.
func caller(ctx context.Context) store.Caller { return auth.CallerFromContext(ctx) }

// page returns the page that a list field's arguments ask for.
func page(first *int, after *string, last *int, before *string, sortDirection *store.SortDirection) store.Page {
	return store.NewPage(first, after, last, before, sortDirection)
}

// orNull makes null of what is not there, or may not be known to be.
func orNull[T any](value *T, err error) (*T, error) {
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return value, err
}
