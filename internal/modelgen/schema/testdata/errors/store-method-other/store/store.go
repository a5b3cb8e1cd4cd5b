package store

import (
	"context"

	"github.com/ownql/ownql/model"
)

func (s *Store) Plan(ctx context.Context) ([]TableStep, error) { return nil, nil }

func (s *Store) Sessions(ctx context.Context, caller model.Caller, user *User, page model.Page) (*SessionConnection, error) {
	return nil, nil
}

func (s *Store) CreateTables(ctx context.Context) ([]string, error) { return nil, nil }

func (s *Store) EventByKind(ctx context.Context, kind string) (*Event, error) { return nil, nil }

// EventsByTitle is meant.
func (s *Store) EventsByTitle(ctx context.Context, caller model.Caller, title string, page model.Page) (*EventConnection, error) {
	return nil, nil
}
