package model

import (
	"testing"

	"github.com/guregu/dynamo/v2"
)

// TestSeedMarkOfLostAnswer sets a mark, and takes it back, by writes that are carried out and whose answers are lost: the
// SDK sends them again. Another's mark stays another's.
func TestSeedMarkOfLostAnswer(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	begun := SeedMark{Of: "people", At: Now()}
	again := func(id string) { // as if the first try had been carried out
		if err := b.uniques.Put(seedMark{ID: seedMarkID(begun.Of), At: begun.At, Write: id}).Run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.SetSeedMark(ctx, nil, begun); err != nil {
		t.Fatal(err)
	}
	is, err := b.seedMark(ctx, begun.Of)
	if err != nil || is.Write == "" {
		t.Fatalf("%+v, %v", is, err)
	}
	again("another's")
	wantError(t, b.SetSeedMark(ctx, nil, begun), ErrSeedMarked)
	if err := b.DeleteSeedMark(ctx, begun); err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteSeedMark(ctx, begun); err != nil {
		t.Errorf("taken back again: %v", err)
	}
	if err := b.uniques.Get("id", seedMarkID(begun.Of)).One(ctx, new(seedMark)); err != dynamo.ErrNotFound {
		t.Errorf("it is there: %v", err)
	}
}
