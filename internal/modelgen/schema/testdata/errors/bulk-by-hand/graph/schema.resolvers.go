package graph

import (
	"context"

	"example.com/store"
)

func (r *mutationResolver) UpdateNote(ctx context.Context, input store.UpdateNoteInput) (*store.UpdateNotePayload, error) {
	return nil, nil
}
