package graph

import (
	"context"
	"math/big"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
)

// ArchiveProject is the resolver for the archiveProject field.
func (r *mutationResolver) ArchiveProject(ctx context.Context, id string) (*store.Project, error) {
	return r.Store.ArchiveProject(ctx, gql.Caller(ctx), id)
}

// Progress is the resolver for the progress field.
func (r *projectResolver) Progress(ctx context.Context, obj *store.Project) (float64, error) {
	return r.Store.Progress(ctx, gql.Caller(ctx), obj)
}

// Slogan is the resolver for the slogan field.
func (r *queryResolver) Slogan(ctx context.Context) (string, error) {
	return r.resolver.Slogan, nil
}

// Rest is the resolver for the rest field.
func (r *offerResolver) Rest(ctx context.Context, obj *store.Offer) (*model.Decimal, error) {
	rest, err := model.DecimalOf(big.NewRat(int64(1000-obj.Price), 1))
	return &rest, err
}
