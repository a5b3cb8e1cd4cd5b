package store

import (
	"context"

	"github.com/ownql/ownql/model"
)

func (s *Store) CreateNote(ctx context.Context, caller model.Caller, input CreateNoteInput) (*Note, error) {
	return nil, nil
}

func (s *Store) CreateMemo(ctx context.Context, caller model.Caller, input CreateMemoInput) (*Memo, error) {
	return nil, nil
}

func (s *Store) CreateMemos(ctx context.Context, caller model.Caller, input CreateMemosInput) ([]*Memo, error) {
	return nil, nil
}

func (s *Store) CreatePages(ctx context.Context, number int) error { return nil }
