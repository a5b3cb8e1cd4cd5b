package store

import (
	"context"

	"github.com/ownql/ownql/model"
)

// Length is how many bytes the text has.
func (n *Note) Length() int { return len(n.Text) }

// Half is of the count.
func (s *Stats) Half() float64 { return float64(s.Count) / 2 }

// Label is the street.
func (p *Place) Label() string { return p.Street }

// Name is the user's whole name.
func (u *User) Name() string { return u.FirstName + " " + u.LastName }

// NoteByText looks nothing up.
func (s *Store) NoteByText(ctx context.Context, caller model.Caller, text string) (*Note, error) {
	return nil, model.ErrNotFound
}

// NotesByKind lists nothing.
func (s *Store) NotesByKind(ctx context.Context, caller model.Caller, kind Level, page model.Page) (*NoteConnection, error) {
	return nil, model.ErrNotFound
}

// AllNotes lists nothing.
func (s *Store) AllNotes(ctx context.Context, caller model.Caller, page model.Page) (*NoteConnection, error) {
	return nil, model.ErrNotFound
}

// PagesByNote lists nothing.
func (s *Store) PagesByNote(ctx context.Context, caller model.Caller, id string, page model.Page) (*PageConnection, error) {
	return nil, model.ErrNotFound
}

// UpdateNote changes nothing.
func (s *Store) UpdateNote(ctx context.Context, caller model.Caller, input UpdateNoteInput) (*Note, error) {
	return nil, model.ErrForbidden
}

// BeforeCreateNote counts the first revision.
func (s *Store) BeforeCreateNote(ctx context.Context, caller model.Caller, note *Note) error {
	note.Revisions = 1
	return nil
}

// BeforeUpdateNote counts revisions.
func (s *Store) BeforeUpdateNote(ctx context.Context, caller model.Caller, note *Note) error {
	note.Revisions++
	return nil
}

// AfterUpdateNote looks at both.
func (s *Store) AfterUpdateNote(ctx context.Context, caller model.Caller, before, after *Note) error {
	return nil
}

// SuccessorOfNote names nobody.
func (s *Store) SuccessorOfNote(ctx context.Context, note *Note) (userID string, err error) {
	return "", nil
}

// PageRules lets anybody read.
func (s *Store) PageRules(rules []model.Rule) []model.Rule {
	return append(rules, model.Allow(model.OnRead, model.Anyone))
}
