package store

import (
	"context"

	m "github.com/ownql/ownql/model"
)

func (s *Store) BeforeCreatePost(ctx context.Context, caller m.Caller, post *Post) error { return nil }

func (s *Store) AfterCreatePost(ctx context.Context, post *Post) error { return nil }

func (s *Store) BeforeUpdatePost(ctx context.Context, caller m.Caller, before, after *Post) error {
	return nil
}

func (s *Store) BeforeDeletePost(ctx context.Context, caller m.Caller, post *Post) {}

func (s *Store) AfterDeletePost(ctx context.Context, caller m.Caller, before, after *Post) error {
	return nil
}

func (s *Store) CommentRules() []m.Rule { return nil }
