package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/testclient"
)

// creationIn is that of a post with this slug, in a folder if there is one.
func creationIn(f *folder, slug string) Creation[post] {
	return Creation[post]{Set: func(p *post) {
		p.Slug, p.Title = slug, "On "+slug
		if f != nil {
			p.FolderID = f.ID
		}
	}}
}

func creationsOf(slugs ...string) (creations []Creation[post]) {
	for _, slug := range slugs {
		creations = append(creations, creationIn(nil, slug))
	}
	return creations
}

func numbered(n int) (slugs []string) {
	for i := range n {
		slugs = append(slugs, fmt.Sprint("slug ", i))
	}
	return slugs
}

func titled(p *post, title string) Change[post] {
	return Change[post]{ID: p.GlobalID(), Set: func(p *post) { p.Title = title }}
}

func TestCreateAll(t *testing.T) {
	b := newBlog(t)
	f := b.newFolder(t, "Letters", nil)
	var posts []*post
	calls := b.client.Counted(func() {
		var err error
		posts, err = b.posts.CreateAll(t.Context(), ada, nil, []Creation[post]{creationIn(f, "a"), creationIn(f, "b"), creationIn(nil, "c")})
		if err != nil {
			t.Fatal(err)
		}
	})
	if calls["TransactWriteItems"] != 1 || calls["PutItem"] != 0 {
		t.Errorf("calls %v, want one transaction", calls)
	}
	for i, slug := range []string{"a", "b", "c"} {
		if found := made[post](t)(b.posts.ByUnique(t.Context(), ada, "slug", slug)); found.ID != posts[i].ID || found.OwnerID != ada.ID || found.Version != 1 {
			t.Errorf("%s is %+v, and %+v was answered", slug, found, posts[i])
		}
	}
	if none, err := b.posts.CreateAll(t.Context(), ada, nil, nil); err != nil || none == nil || len(none) != 0 {
		t.Errorf("of none: %v, %v", none, err)
	}
}

// TestBulkLimits writes as many at once as the limits say, of the worst there are, and no more.
func TestBulkLimits(t *testing.T) {
	b := newBlog(t)
	var creations []Creation[post]
	for _, slug := range numbered(34) {
		creations = append(creations, creationIn(b.newFolder(t, "in "+slug, nil), slug))
	}
	wantRefused := func(err error, figures ...string) {
		t.Helper()
		wantBadInput(t, "one more", err, "posts")
		for _, figure := range figures {
			if !strings.Contains(err.Error(), figure) {
				t.Errorf("%v, want %s in it", err, figure)
			}
		}
	}
	calls := b.client.Counted(func() {
		_, err := b.posts.CreateAll(t.Context(), ada, nil, creations)
		wantRefused(err, "34 posts", "at most 33")
	})
	if len(calls) != 0 {
		t.Errorf("calls %v, want none", calls)
	}
	posts, err := b.posts.CreateAll(t.Context(), ada, nil, creations[:33])
	if err != nil {
		t.Fatal(err)
	}
	changes := make([]Change[post], len(posts))
	for i, p := range posts {
		changes[i] = Change[post]{ID: p.GlobalID(), Set: func(p *post) { p.Slug += " anew" }}
	}
	_, err = b.posts.ApplyAll(t.Context(), ada, append(changes, titled(b.newPost(t, ada, "more"), "T")))
	wantRefused(err, "34", "33")
	if _, err := b.posts.ApplyAll(t.Context(), ada, changes); err != nil {
		t.Error(err)
	}
	_, err = b.folders.CreateAll(t.Context(), ada, nil, make([]Creation[folder], 1))
	wantBadInput(t, "a type without such mutations", err, "")

	large := strings.Repeat("x", 380<<10)
	_, err = b.posts.ApplyAll(t.Context(), ada, func() (changes []Change[post]) {
		for _, p := range posts[:12] {
			changes = append(changes, Change[post]{ID: p.GlobalID(), Set: func(p *post) { p.Status = status(large) }})
		}
		return changes
	}())
	if told := new(Error); !errors.As(err, &told) || told.Code != CodeTooComplex {
		t.Errorf("more than 4 MB: %v", err)
	}
}

// TestBulkNothing holds that nothing is written where one of several is refused, and that the error names it.
func TestBulkNothing(t *testing.T) {
	for _, test := range []struct {
		name  string
		write func(b *blog, p, other *post) error
		want  error // nil: code BAD_USER_INPUT
		field string
	}{
		{"a value that is none", func(b *blog, p, _ *post) error {
			_, err := b.posts.CreateAll(t.Context(), ada, nil, append(creationsOf("a", "b"), Creation[post]{Set: as(post{Slug: "c", Title: strings.Repeat("x", 201)})}))
			return err
		}, nil, "posts[2].title"},
		{"a unique value twice", func(b *blog, p, _ *post) error {
			_, err := b.posts.CreateAll(t.Context(), ada, nil, creationsOf("a", "b", "a"))
			return err
		}, ErrTaken, "posts[2].slug"},
		{"a unique value that another has", func(b *blog, p, _ *post) error {
			_, err := b.posts.CreateAll(t.Context(), ada, nil, creationsOf("a", p.Slug))
			return err
		}, ErrTaken, "posts[1].slug"},
		{"a unique value too long for a key", func(b *blog, p, _ *post) error {
			_, err := b.posts.CreateAll(t.Context(), ada, nil, append(creationsOf("a"), Creation[post]{Set: as(post{Slug: strings.Repeat("x", 2048), Title: "T"})}))
			return err
		}, nil, "posts[1].slug"},
		{"a parent that another owns", func(b *blog, p, _ *post) error {
			f := made[folder](t)(b.folders.Create(t.Context(), eve, as(folder{Name: "Hers"})))
			_, err := b.posts.CreateAll(t.Context(), ada, nil, []Creation[post]{creationIn(nil, "a"), creationIn(f, "b")})
			return err
		}, ErrNoParent, "posts[1].folderId"},
		{"a parent that goes at that moment", func(b *blog, p, _ *post) error {
			f := b.newFolder(t, "Going", nil)
			b.client.AtFirst("TransactWriteItems", func() {
				if err := b.folders.core.table.Delete("id", f.ID).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
			_, err := b.posts.CreateAll(t.Context(), ada, nil, []Creation[post]{creationIn(nil, "a"), creationIn(f, "b")})
			return err
		}, ErrNoParent, "posts[1].folderId"},
		{"one who may not create", func(b *blog, p, _ *post) error {
			_, err := b.posts.CreateAll(t.Context(), anonymous, nil, creationsOf("a"))
			return err
		}, ErrForbidden, "posts[0]"},
		{"a clientMutationId of one", func(b *blog, p, _ *post) error {
			creations := creationsOf("a", "b")
			creations[1].ClientMutationID = keyMadeAt(time.Now())
			_, err := b.posts.CreateAll(t.Context(), ada, nil, creations)
			return err
		}, nil, "posts[1].clientMutationId"},
		{"a change of another's", func(b *blog, p, other *post) error {
			_, err := b.posts.ApplyAll(t.Context(), ada, []Change[post]{titled(p, "Mine"), titled(other, "Mine")})
			return err
		}, ErrNotFound, "posts[1]"},
		{"a change of one twice", func(b *blog, p, other *post) error {
			_, err := b.posts.ApplyAll(t.Context(), ada, []Change[post]{titled(p, "One"), titled(p, "Two")})
			return err
		}, nil, "posts[1].id"},
		{"a change of another version", func(b *blog, p, _ *post) error {
			change := titled(b.newPost(t, ada, "more"), "T")
			change.ExpectedVersion = new(7)
			_, err := b.posts.ApplyAll(t.Context(), ada, []Change[post]{titled(p, "T"), change})
			return err
		}, ErrConflict, "posts[1]"},
		{"two changes that take one value", func(b *blog, p, _ *post) error {
			slug := func(p *post) Change[post] {
				return Change[post]{ID: p.GlobalID(), Set: func(p *post) { p.Slug = "same" }}
			}
			_, err := b.posts.ApplyAll(t.Context(), ada, []Change[post]{slug(p), slug(b.newPost(t, ada, "more"))})
			return err
		}, ErrTaken, "posts[1].slug"},
		{"a clientMutationId of one change", func(b *blog, p, _ *post) error {
			change := titled(p, "T")
			change.ClientMutationID = new("x")
			_, err := b.posts.ApplyAll(t.Context(), ada, []Change[post]{change})
			return err
		}, nil, "posts[0].clientMutationId"},
		{"deleting what may only be read", func(b *blog, p, _ *post) error {
			mine, others := b.newComment(t, ada, p), b.newComment(t, ada, p)
			if err := b.comments.core.table.Update("id", others.ID).Set("ownerId", eve.ID).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			_, err := b.comments.DeleteAll(t.Context(), ada, []string{mine.GlobalID(), others.GlobalID()})
			wantCount(t, b.comments.core.table, 2)
			return err
		}, ErrForbidden, "ids[1]"},
		{"deleting one twice", func(b *blog, p, _ *post) error {
			c := b.newComment(t, ada, p)
			_, err := b.comments.DeleteAll(t.Context(), ada, []string{c.GlobalID(), c.GlobalID()})
			wantCount(t, b.comments.core.table, 1)
			return err
		}, nil, "ids[1]"},
		{"deleting what is no id", func(b *blog, p, _ *post) error {
			_, err := b.comments.DeleteAll(t.Context(), ada, []string{"x", "y"})
			return err
		}, ErrNotFound, "ids[0]"},
		{"deleting those of another type", func(b *blog, p, other *post) error {
			_, err := b.comments.DeleteAll(t.Context(), ada, []string{p.GlobalID(), other.GlobalID()})
			return err
		}, ErrNotFound, "ids[0]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			ran := 0
			count := func(context.Context, Caller, *post) error { ran++; return nil }
			redefine(b.posts, func(d *Definition[post]) {
				d.Hooks = Hooks[post]{AfterCreate: count, AfterUpdate: func(ctx context.Context, c Caller, _, p *post) error { return count(ctx, c, p) }}
			})
			p, other := b.newPost(t, ada, "first"), b.newPost(t, eve, "hers")
			ran = 0
			before := itemsIn(t, b.posts.core.table)
			err := test.write(b, p, other)
			if test.want == nil {
				wantBadInput(t, test.name, err, test.field)
			} else {
				wantErrorOf(t, err, test.want, test.field)
			}
			after := itemsIn(t, b.posts.core.table)
			for id, version := range before {
				if after[id] != version {
					t.Errorf("a post of version %s is of version %s", version, after[id])
				}
			}
			made := len(after) - len(before)
			if made != ran { // of a case that makes another post at first
				t.Errorf("%d posts were made, and %d hooks ran", made, ran)
			}
		})
	}
}

// itemsIn returns the versions of a table's items by id.
func itemsIn(t testing.TB, table dynamo.Table) map[string]string {
	t.Helper()
	var items []Object
	if err := table.Scan().Consistent(true).All(t.Context(), &items); err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, item := range items {
		versions[item.ID] = fmt.Sprint(item.Version)
	}
	return versions
}

func TestApplyAll(t *testing.T) {
	b := newBlog(t)
	first, second := b.newPost(t, ada, "a"), b.newPost(t, ada, "b")
	// The two swap their unique values, and others come between.
	swap := func(p *post, slug string) Change[post] {
		return Change[post]{ID: p.GlobalID(), ExpectedVersion: nil, Set: func(p *post) { p.Slug = slug }}
	}
	b.client.AtFirst("TransactWriteItems", func() {
		made[post](t)(b.posts.Update(t.Context(), ada, first.GlobalID(), nil, func(p *post) { p.Title = "Between" }))
	})
	posts, err := b.posts.ApplyAll(t.Context(), ada, []Change[post]{swap(first, "b"), swap(second, "a")})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		post    *post
		slug    string
		version int
	}{{first, "b", 3}, {second, "a", 2}} {
		found := made[post](t)(b.posts.ByUnique(t.Context(), ada, "slug", want.slug))
		if found.ID != want.post.ID || found.Version != want.version || posts[i].Version != want.version || posts[i].ID != want.post.ID {
			t.Errorf("%s is %+v, and %+v was answered", want.slug, found, posts[i])
		}
	}
}

// TestApplyAllLeavesJoinedKeys holds that an update of several that leaves an index's fields alone leaves the
// objects at their places.
func TestApplyAllLeavesJoinedKeys(t *testing.T) {
	m := newArticles(t, func(d *Definition[article]) { d.Bulk = Bulk{List: "articles", Create: 10, Update: 10} })
	items, err := m.CreateAll(t.Context(), ada, nil, []Creation[article]{
		{Set: func(a *article) { a.Topic, a.Views = "looms", 1 }}, {Set: func(a *article) { a.Topic, a.Views = "looms", 2 }},
	})
	if err != nil {
		t.Fatal(err)
	}
	keys := func() string {
		var all []dynamo.Item
		if err := m.core.table.Scan().Consistent(true).All(t.Context(), &all); err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, item := range all {
			text += fmt.Sprintln(item["id"], item[mostViewed.Index().Hash], item[mostViewed.Index().Sort])
		}
		return text
	}
	before := keys()
	retitle := func(a *article) Change[article] {
		return Change[article]{ID: a.GlobalID(), Set: func(a *article) { a.Topic = "yarn" }}
	}
	if _, err := m.ApplyAll(t.Context(), ada, []Change[article]{retitle(items[0]), retitle(items[1])}); err != nil {
		t.Fatal(err)
	}
	if after := keys(); after != before {
		t.Errorf("the keys were\n%sand are\n%s", before, after)
	}
	// An increment moves them, at once with what others increment.
	errs := atOnce(func(int) error {
		_, err := m.ApplyAll(t.Context(), ada, []Change[article]{items[0].by(map[string]any{"views": 2}), items[1].by(map[string]any{"views": 1})})
		return err
	})
	if won := won(t, errs, nil); won != len(errs) {
		t.Errorf("%d of %d succeed", won, len(errs))
	}
	page, err := m.List(t.Context(), ada, mostViewed.Index(), JoinedKey(ada.ID), Page{})
	if err != nil || len(page.Edges) != 2 || page.Edges[0].Node.Views != 33 || page.Edges[1].Node.Views != 18 {
		t.Errorf("the list has %v, %v", page, err)
	}
}

// TestCreateAllOnce sends a bulk again by its key.
func TestCreateAllOnce(t *testing.T) {
	b := newBlog(t)
	key := keyMadeAt(time.Now())
	first, err := b.posts.CreateAll(t.Context(), ada, key, creationsOf("a", "b", "c"))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.posts.core.table.Delete("id", first[1].ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	again, err := b.posts.CreateAll(t.Context(), ada, key, creationsOf("a", "b", "c"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		if again[i].ID != first[i].ID {
			t.Errorf("%d is another", i)
		}
	}
	wantCount(t, b.posts.core.table, 3)
	for name, creations := range map[string][]Creation[post]{"fewer": creationsOf("a", "b"), "another": creationsOf("a", "b", "d"), "more": creationsOf("a", "b", "c", "d")} {
		_, err := b.posts.CreateAll(t.Context(), ada, key, creations)
		if told := new(Error); !errors.As(err, &told) || told.Code != CodeConflict || !strings.HasSuffix(told.Field, "clientMutationId") {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantCount(t, b.posts.core.table, 3)
	key = keyMadeAt(time.Now())
	ids := make([]string, 16)
	errs := atOnce(func(i int) error {
		posts, err := b.posts.CreateAll(t.Context(), ada, key, creationsOf("x", "y"))
		if err == nil {
			ids[i] = posts[0].ID + posts[1].ID
		}
		return err
	})
	if won := won(t, errs, nil); won != len(errs) {
		t.Errorf("%d of %d succeed", won, len(errs))
	}
	for _, id := range ids {
		if id != ids[0] {
			t.Error("two tries answer different posts")
		}
	}
	wantCount(t, b.posts.core.table, 5)
}

// TestDeleteAll deletes several with more below them than a transaction takes, and runs their hooks.
func TestDeleteAll(t *testing.T) {
	b := newBlog(t)
	topics, replies := b.forum(t)
	hooked := 0
	redefine(topics, func(d *Definition[topic]) {
		d.Hooks.AfterDelete = func(context.Context, Caller, *topic) error { hooked++; return nil }
	})
	creation := Creation[topic]{Set: func(*topic) {}}
	items, err := topics.CreateAll(t.Context(), ada, nil, []Creation[topic]{creation, creation, creation})
	if err != nil {
		t.Fatal(err)
	}
	var below []reply
	for i := range 120 {
		below = append(below, reply{Object{ID: NewID(), OwnerID: eve.ID, Version: 1}, items[i%2].ID})
	}
	for len(below) > 0 {
		n := min(25, len(below))
		put(t, replies.core.table, below[:n])
		below = below[n:]
	}
	gone, err := topics.DeleteAll(t.Context(), ada, []string{items[1].GlobalID(), items[0].GlobalID()})
	if err != nil || gone[0].ID != items[1].ID || gone[1].ID != items[0].ID {
		t.Fatalf("%v, %v", gone, err)
	}
	wantCount(t, topics.core.table, 1)
	wantCount(t, replies.core.table, 0)
	wantCount(t, b.outbox.table, 0)
	if hooked != 2 {
		t.Errorf("%d hooks ran", hooked)
	}
	payload := topics.BulkPayload(gone, new("x"))
	if len(payload.DeletedIDs) != 2 || payload.DeletedIDs[0] != items[1].GlobalID() || *payload.ClientMutationID != "x" {
		t.Errorf("the payload is %+v", payload)
	}
}

// TestDeleteAllHeld deletes several of which something may hold one, all or none.
func TestDeleteAllHeld(t *testing.T) {
	b := newBlog(t)
	hooked := 0
	redefine(b.posts, func(d *Definition[post]) {
		d.Hooks.AfterDelete = func(_ context.Context, caller Caller, p *post) error {
			if hooked++; caller.ID != ada.ID || p.deleting != "" {
				t.Errorf("the hook gets %v, %+v", caller, p)
			}
			return nil
		}
	})
	var posts []*post
	for _, slug := range numbered(49) {
		posts = append(posts, b.newPost(t, ada, slug))
		b.newComment(t, ada, posts[len(posts)-1])
	}
	ids := make([]string, len(posts))
	for i, p := range posts {
		ids[i] = p.GlobalID()
	}
	holder := made[receipt](t)(b.receipts.Create(t.Context(), ada, as(receipt{PostID: posts[7].ID})))
	_, err := b.posts.DeleteAll(t.Context(), ada, ids)
	wantErrorOf(t, err, ErrHeld, "ids[7]")
	_, err = b.posts.DeleteAll(t.Context(), ada, ids[:8])
	wantErrorOf(t, err, ErrHeld, "ids[7]")
	for _, p := range posts {
		if found := made[post](t)(b.posts.Get(t.Context(), ada, p.ID)); found.Version != 1 {
			t.Errorf("%s is of version %d", p.Slug, found.Version)
		}
	}
	wantCount(t, b.comments.core.table, len(posts))
	wantCount(t, b.outbox.table, 0)
	if hooked != 0 {
		t.Errorf("%d hooks ran", hooked)
	}

	made[receipt](t)(b.receipts.Delete(t.Context(), ada, holder.GlobalID(), nil))
	gone, err := b.posts.DeleteAll(t.Context(), ada, ids)
	if err != nil || len(gone) != len(posts) || gone[7].ID != posts[7].ID {
		t.Fatalf("%d, %v", len(gone), err)
	}
	wantCount(t, b.posts.core.table, 0)
	wantCount(t, b.comments.core.table, 0)
	wantCount(t, b.uniques, 0)
	wantCount(t, b.outbox.table, 0)
	if hooked != len(posts) {
		t.Errorf("%d hooks ran", hooked)
	}
}

// TestDeleteAllInterrupted cuts a deletion of several after each call, and has the outbox go on: all go, or
// all stay.
func TestDeleteAllInterrupted(t *testing.T) {
	for _, isHeld := range []bool{false, true} {
		for calls := 0; ; calls++ {
			b := newBlog(t)
			b.register(t, ada)
			first, second := b.newPost(t, ada, "a"), b.newPost(t, ada, "b")
			b.newComment(t, ada, first)
			if isHeld {
				made[receipt](t)(b.receipts.Create(t.Context(), ada, as(receipt{PostID: second.ID})))
			}
			b.client.FailAfter(calls)
			_, err := b.posts.DeleteAll(t.Context(), ada, []string{first.GlobalID(), second.GlobalID()})
			b.client.Before = nil
			isCut := errors.Is(err, testclient.ErrLost)
			if _, err := b.Sweep(t.Context()); err != nil { // which leaves it alone
				t.Fatal(err)
			}
			b.drain(t)
			left := itemsIn(t, b.posts.core.table)
			there, err := b.posts.ByID(t.Context(), ada, []string{first.ID, second.ID})
			if len(left) != len(there) || len(left) != 0 && len(left) != 2 || isHeld && len(left) != 2 || err != nil {
				t.Errorf("cut after %d calls: %d are kept, and %d are there, %v", calls, len(left), len(there), err)
			}
			want := 1
			if len(left) == 0 {
				want = 0
			}
			wantCount(t, b.comments.core.table, want)
			if !isCut && err == nil && calls > 15 {
				break
			}
		}
	}
}

// TestDeleteAllIsWhole cuts the restoring of what is held after each call, and takes away what held it:
// what was to be deleted together is there together, or gone.
func TestDeleteAllIsWhole(t *testing.T) {
	torn := 0
	for calls := range 25 {
		b := newBlog(t)
		b.register(t, ada)
		first, second := b.newPost(t, ada, "a"), b.newPost(t, ada, "b")
		holder := made[receipt](t)(b.receipts.Create(t.Context(), ada, as(receipt{PostID: first.ID})))
		b.client.FailAfter(calls)
		_, err := b.posts.DeleteAll(t.Context(), ada, []string{first.GlobalID(), second.GlobalID()})
		b.client.Before = nil
		there, _ := b.posts.ByID(t.Context(), ada, []string{first.ID, second.ID})
		if len(there) == 1 {
			torn++
			if _, err := b.receipts.Delete(t.Context(), ada, holder.GlobalID(), nil); err != nil {
				t.Fatal(err)
			}
		}
		b.drain(t)
		there, _ = b.posts.ByID(t.Context(), ada, []string{first.ID, second.ID})
		kept, countErr := b.posts.core.table.Scan().Consistent(true).Count(t.Context())
		if countErr != nil || len(there) == 1 || int(kept) != len(there) {
			t.Errorf("cut after %d calls (%v): %d there, %d kept, %v", calls, err, len(there), kept, countErr)
		}
		if errors.Is(err, ErrHeld) {
			break // nothing is cut any more
		}
	}
	if torn == 0 {
		t.Error("it was never cut between the two")
	}
}
