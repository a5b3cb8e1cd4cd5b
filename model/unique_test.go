package model

import (
	"testing"
)

// claimFor keeps a claim of a slug by hand.
func (b *blog) claimFor(t testing.TB, slug, owner string) {
	t.Helper()
	put(t, b.uniques, []unique{{"Post#slug#" + slug, owner}})
}

func wantClaimant(t testing.TB, b *blog, slug, want string) {
	t.Helper()
	if got, err := b.posts.claimant(t.Context(), "slug", slug); got != want || err != nil {
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
			return b.RemoveOwned(t.Context(), ada.ID)
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
		{"of an item that is half deleted", func(t *testing.T, b *blog) {
			p := b.newPost(t, editor, "one")
			b.newComment(t, editor, p)
			if _, err := b.posts.mark(t.Context(), p); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"of an item that is half deleted, and held", func(t *testing.T, b *blog) {
			p := b.newPost(t, editor, "one")
			made[receipt](t)(b.receipts.Create(t.Context(), editor, as(receipt{PostID: p.ID})))
			if _, err := b.posts.mark(t.Context(), p); err != nil {
				t.Fatal(err)
			}
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
					_, err = b.posts.ByUnique(t.Context(), editor, "slug", "one")
					if err != nil {
						t.Errorf("whoever had it has it no more: %v", err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got, err := b.posts.ByUnique(t.Context(), ada, "slug", "one"); err != nil || got.OwnerID != ada.ID {
					t.Errorf("%+v, %v", got, err)
				}
				wantCount(t, b.comments.table, 0)
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
	wantCount(t, b.posts.table, 1)
}

func TestNoParentComesBeforeATakenValue(t *testing.T) {
	b := newBlog(t)
	ctx := t.Context()
	b.newPost(t, ada, "one")
	f := b.newFolder(t, "in", nil)
	b.client.AtFirst("TransactWriteItems", func() {
		if _, err := b.folders.mark(ctx, f); err != nil {
			t.Error(err)
		}
	})
	_, err := b.posts.Create(ctx, ada, as(post{Slug: "one", FolderID: f.ID}))
	wantErrorOf(t, err, ErrNoParent, "folderId")
	wantError(t, err, ErrNotFound)
}
