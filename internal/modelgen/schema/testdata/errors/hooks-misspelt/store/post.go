package store

import (
	"context"

	"github.com/ownql/ownql/model"
)

// BeforeCreatPost is a hook, misspelt.
func (s *Store) BeforeCreatPost(ctx context.Context, caller model.Caller, post *Post) error {
	return nil
}

// PostRulez are rules, misspelt.
func (s *Store) PostRulez(rules []model.Rule) []model.Rule { return rules }

// AfterGone is the hook of a type that is no more.
func (s *Store) AfterDeleteDiary(ctx context.Context, caller model.Caller, diary *Post) error {
	return nil
}

// BeforeNoon is a method like others.
func (s *Store) BeforeNoon(ctx context.Context) error { return nil }
