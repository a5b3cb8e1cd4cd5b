package model

import (
	"strings"
	"testing"
)

// claimFor keeps a claim of a slug by hand.
func (b *blog) claimFor(t testing.TB, slug, owner string) {
	t.Helper()
	put(t, b.uniques, []unique{{"Post#slug#" + slug, owner}})
}

func wantClaimant(t testing.TB, b *blog, slug, want string) {
	t.Helper()
	if got, err := b.posts.core.claimant(t.Context(), "slug", slug); got != want || err != nil {
		t.Errorf("%s is claimed by %q, %v; want %q", slug, got, err, want)
	}
}

func (b *blog) reslug(t testing.TB, p *post, slug string) error {
	t.Helper()
	_, err := b.posts.Update(t.Context(), ada, GlobalID("Post", p.ID), nil, func(p *post) { p.Slug = slug })
	return err
}

// TestGivingUpWhatIsAnothers: an item whose value is another's claim can change and go,
// and that claim stays.
func TestGivingUpWhatIsAnothers(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(t *testing.T, b *blog, p *post) error
		want int // claims
	}{
		{"by another value", func(t *testing.T, b *blog, p *post) error { return b.reslug(t, p, "two") }, 2},
		{"by none", func(t *testing.T, b *blog, p *post) error { return b.reslug(t, p, "") }, 1},
		{"by a delete", func(t *testing.T, b *blog, p *post) error {
			_, err := b.posts.Delete(t.Context(), ada, GlobalID("Post", p.ID), nil)
			return err
		}, 1},
		{"by a delete with its owner", func(t *testing.T, b *blog, p *post) error {
			b.leave(t, ada)
			return nil
		}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			p, other := b.newPost(t, ada, "one"), b.newPost(t, eve, "")
			b.claimFor(t, "one", other.ID)
			if err := test.do(t, b, p); err != nil {
				t.Fatal(err)
			}
			wantClaimant(t, b, "one", other.ID)
			wantCount(t, b.uniques, test.want)
		})
	}
}

// TestClaimsThatSayNothing do not keep a value taken, for a new post or a changed one.
func TestClaimsThatSayNothing(t *testing.T) {
	for _, test := range []struct {
		name  string
		claim func(t *testing.T, b *blog) // of the slug "one"
		taken bool
	}{
		{"of an item that is gone", func(t *testing.T, b *blog) { b.claimFor(t, "one", NewID()) }, false},
		{"of an item that has another value", func(t *testing.T, b *blog) {
			b.claimFor(t, "one", b.newPost(t, eve, "other").ID)
		}, false},
		{"of an item that has it", func(t *testing.T, b *blog) { b.newPost(t, eve, "one") }, true},
		{"of an item that is being deleted, and may come back", func(t *testing.T, b *blog) {
			b.markUnpromised(t, b.posts.core.table, b.newPost(t, editor, "one").ID)
		}, true},
	} {
		for _, way := range []struct {
			name string
			take func(*testing.T, *blog, *post) error
		}{
			{"by a create", func(t *testing.T, b *blog, _ *post) error {
				_, err := b.posts.Create(t.Context(), ada, as(post{Slug: "one"}))
				return err
			}},
			{"by an update", func(t *testing.T, b *blog, p *post) error { return b.reslug(t, p, "one") }},
		} {
			t.Run(test.name+" "+way.name, func(t *testing.T) {
				b := newBlog(t)
				p := b.newPost(t, ada, "mine")
				test.claim(t, b)
				err := way.take(t, b, p)
				if test.taken {
					wantErrorOf(t, err, ErrTaken, "slug")
					owner, err := b.posts.core.claimant(t.Context(), "slug", "one")
					if found, readErr := b.posts.core.read(t.Context(), []string{owner}); len(found) != 1 {
						t.Errorf("whoever had it has it no more: %v, %v", err, readErr)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got, err := b.posts.ByUnique(t.Context(), ada, "slug", "one"); err != nil || got.OwnerID != ada.ID {
					t.Errorf("%+v, %v", got, err)
				}
				wantCount(t, b.comments.core.table, 0)
			})
		}
	}
	t.Run("of the item itself", func(t *testing.T) {
		b := newBlog(t)
		p := b.newPost(t, ada, "one")
		b.claimFor(t, "earlier", p.ID)
		if err := b.reslug(t, p, "earlier"); err != nil {
			t.Fatal(err)
		}
		wantClaimant(t, b, "earlier", p.ID)
		wantCount(t, b.uniques, 1)
	})
}

// TestClaimComesAlive: the owner of a claim that said nothing takes the value again, just
// before it would be released.
func TestClaimComesAlive(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, eve, "other")
	b.claimFor(t, "one", p.ID)
	b.client.AtFirst("BatchGetItem", func() { // of the claim's owner
		b.client.AtFirst("TransactWriteItems", func() { // the release
			_, err := b.posts.Update(t.Context(), eve, GlobalID("Post", p.ID), nil, func(p *post) { p.Slug = "one" })
			if err != nil {
				t.Error(err)
			}
		})
	})
	_, err := b.posts.Create(t.Context(), ada, as(post{Slug: "one"}))
	wantError(t, err, ErrConflict)
	wantClaimant(t, b, "one", p.ID)
}

// TestClaimsAtOnce: one of many takes over a claim that says nothing.
func TestClaimsAtOnce(t *testing.T) {
	b := newBlog(t)
	b.claimFor(t, "one", NewID())
	errs := atOnce(func(int) error {
		_, err := b.posts.Create(t.Context(), ada, as(post{Slug: "one"}))
		return err
	})
	if won := won(t, errs, ErrConflict); won != 1 {
		t.Errorf("%d posts of one slug were made", won)
	}
	wantCount(t, b.posts.core.table, 1)
}

func TestNoParentComesBeforeATakenValue(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	b.newPost(t, ada, "one")
	f := b.newFolder(t, "in", nil)
	b.client.AtFirst("TransactWriteItems", func() {
		b.markUnpromised(t, b.folders.core.table, f.ID)
	})
	_, err := b.posts.Create(ctx, ada, as(post{Slug: "one", FolderID: f.ID}))
	wantErrorOf(t, err, ErrNoParent, "folderId")
	wantError(t, err, ErrNotFound)
}

// TestUniqueTogether wants no two comments of one body on one post, and any number without a body.
func TestUniqueTogether(t *testing.T) {
	ctx := t.Context()
	b := newBlog(t)
	redefine(b.comments, func(d *Definition[comment]) {
		d.Uniques = []Unique[comment]{{
			Field: "body+post", Together: []string{"body", "postId"},
			Value: func(c *comment) string { return UniqueKey(c.Body, c.PostID) },
		}}
	})
	one, two := b.newPost(t, ada, "one"), b.newPost(t, ada, "two")
	create := func(body string, on *post) (*comment, error) {
		return b.comments.Create(ctx, ada, as(comment{Body: body, PostID: on.ID}))
	}
	first := made[comment](t)(create("Well", one))
	made[comment](t)(create("Well", two))
	made[comment](t)(create("", one))
	made[comment](t)(create("", one))
	_, err := create("Well", one)
	wantErrorOf(t, err, ErrTaken, "body")
	if err == nil || !strings.Contains(err.Error(), "body and postId") {
		t.Errorf("%v, want it to name both", err)
	}
	other := made[comment](t)(create("Hm", one))
	_, err = b.comments.Update(ctx, ada, other.GlobalID(), nil, func(c *comment) { c.Body = "Well" })
	wantErrorOf(t, err, ErrTaken, "body")
	err = b.Transact(ctx, func(tx *Tx) error {
		for range 2 {
			if _, err := b.comments.In(tx).Create(ctx, ada, as(comment{Body: "Twice", PostID: one.ID})); err != nil {
				return err
			}
		}
		return nil
	})
	wantErrorOf(t, err, ErrTaken, "body")
	if _, err := b.comments.Delete(ctx, ada, first.GlobalID(), nil); err != nil {
		t.Fatal(err)
	}
	made[comment](t)(create("Well", one))
	if errs := atOnce(func(int) error { _, err := create("At once", two); return err }); won(t, errs, ErrTaken) != 1 {
		t.Errorf("%v, want one to win", errs)
	}
}
