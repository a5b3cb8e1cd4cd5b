package store

import (
	"context"
	"strings"

	"github.com/ownql/ownql/model"
)

// CreateNote keeps a new note, without the spaces around its title. It takes the place of the
// method that would be generated.
func (s *Store) CreateNote(ctx context.Context, caller model.Caller, input CreateNoteInput) (*Note, error) {
	return s.Notes.CreateOnce(ctx, caller, input.ClientMutationID, func(item *Note) {
		model.GiveID(item, input.ID)
		item.Title = strings.TrimSpace(input.Title)
		model.SetIfGiven(&item.Done, input.Done)
	})
}
