package model

import (
	"context"
	"errors"
	"testing"
)

// limitOf is a TakenLimit that lets a caller be told so often.
type limitOf struct{ left int }

var errTold = errors.New("told too often")

func (l *limitOf) Before(context.Context, Caller) error {
	if l.left == 0 {
		return errTold
	}
	return nil
}

func (l *limitOf) Count(context.Context, Caller) error {
	l.left--
	return nil
}

// TestTakenLimit counts those refusals alone that tell of what the caller may not read, in each way
// in which a value is taken, and then lets nothing be found out by what is free either.
func TestTakenLimit(t *testing.T) {
	for name, take := range map[string]func(b *blog, caller Caller, slug string) error{
		"create": func(b *blog, caller Caller, slug string) error {
			_, err := b.posts.Create(t.Context(), caller, func(p *post) { p.Slug = slug })
			return err
		},
		"create that is known again": func(b *blog, caller Caller, slug string) error {
			_, err := b.posts.CreateOnce(t.Context(), caller, keyMadeAt(Now().Time()), func(p *post) { p.Slug = slug })
			return err
		},
		"update": func(b *blog, caller Caller, slug string) error {
			p := b.newPost(t, caller, NewID())
			_, err := b.posts.Update(t.Context(), caller, p.GlobalID(), nil, func(p *post) { p.Slug = slug })
			return err
		},
		"transaction": func(b *blog, caller Caller, slug string) error {
			return b.Transact(t.Context(), func(tx *Tx) error {
				_, err := b.posts.In(tx).Create(t.Context(), caller, func(p *post) { p.Slug = slug })
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBlog(t)
			b.newPost(t, ada, "hidden")
			b.newPost(t, eve, "own")
			limit := &limitOf{left: 2}
			b.LimitTaken(limit)
			wantError(t, take(b, eve, "own"), ErrTaken)
			wantError(t, take(b, editor, "hidden"), ErrTaken)
			if limit.left != 2 {
				t.Errorf("what may be read counts: %d left", limit.left)
			}
			for range 2 {
				wantError(t, take(b, eve, "hidden"), ErrTaken)
			}
			if limit.left != 0 {
				t.Fatalf("%d left, want both counted", limit.left)
			}
			if name != "update" { // which makes a post, with a value of its own
				wantError(t, take(b, eve, "hidden"), errTold)
				wantError(t, take(b, eve, "free"), errTold)
			}
			p, err := b.posts.ByUnique(t.Context(), eve, "slug", "own")
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.posts.Update(t.Context(), eve, p.GlobalID(), nil, func(p *post) { p.Slug = "free" })
			wantError(t, err, errTold)
			if _, err := b.posts.Update(t.Context(), eve, p.GlobalID(), nil, func(p *post) { p.Title = "other" }); err != nil {
				t.Errorf("what takes no value: %v", err)
			}
			if _, err := b.posts.Create(t.Context(), System, func(p *post) { p.Slug = "free" }); err != nil {
				t.Errorf("by the project itself: %v", err)
			}
		})
	}
}
