package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// transact carries out write on a blog, and returns its error and what was called.
func (b *blog) transact(t testing.TB, write func(tx *Tx) error) (calls map[string]int, err error) {
	t.Helper()
	calls = b.client.Counted(func() { err = b.Transact(t.Context(), write) })
	return calls, err
}

func (b *blog) inFolder(slug string, f *folder) func(*post) {
	return func(p *post) { p.Slug, p.Title, p.FolderID = slug, "On "+slug, f.ID }
}

// topic is what replies belong to, and go with: nothing holds either.
type topic struct{ Object }

func (*topic) IsNode()            {}
func (t *topic) GlobalID() string { return GlobalID("Topic", t.ID) }

type reply struct {
	Object
	TopicID string `dynamo:"topicId"`
}

func (*reply) IsNode()            {}
func (r *reply) GlobalID() string { return GlobalID("Reply", r.ID) }

// forum adds these types to a blog.
func (b *blog) forum(t testing.TB) (topics *Model[topic], replies *Model[reply]) {
	t.Helper()
	topics, replies = New[topic](b.DB, "Topic", "topics"), New[reply](b.DB, "Reply", "replies")
	all := []Rule{Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner)}
	Define(topics, Definition[topic]{Rules: all, Bulk: Bulk{List: "topics", Create: 100, Delete: 99}})
	Define(replies, Definition[reply]{
		Parents: []Parent[reply]{{topics, "topicId", func(r *reply) string { return r.TopicID }, Cascade, false}},
		Rules:   all,
	})
	if _, err := b.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return topics, replies
}

func TestTransactTogether(t *testing.T) {
	b := newBlog(t)
	old := b.newPost(t, ada, "old")
	var f *folder
	var p *post
	calls, err := b.transact(t, func(tx *Tx) (err error) {
		if f, err = b.folders.In(tx).Create(t.Context(), ada, as(folder{Name: "Letters"})); err != nil {
			return err
		}
		// Its parent is written by the same transaction, which DynamoDB names once.
		if p, err = b.posts.In(tx).Create(t.Context(), ada, b.inFolder("new", f)); err != nil {
			return err
		}
		// Two writes to one item are one, of one version more.
		for _, title := range []string{"One", "Two"} {
			if _, err = b.posts.In(tx).Update(t.Context(), ada, old.GlobalID(), nil, func(p *post) { p.Title += title }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls["TransactWriteItems"] != 1 || calls["PutItem"]+calls["UpdateItem"] != 0 {
		t.Errorf("calls %v, want one transaction", calls)
	}
	found := made[post](t)(b.posts.Get(t.Context(), ada, old.ID))
	if found.Title != "On oldOneTwo" || found.Version != 2 {
		t.Errorf("the old post is %q of version %d", found.Title, found.Version)
	}
	if again := made[post](t)(b.posts.ByUnique(t.Context(), ada, "slug", "new")); again.ID != p.ID || again.FolderID != f.ID {
		t.Errorf("the new post is %v", again)
	}
}

func TestTransactNothing(t *testing.T) {
	for _, test := range []struct {
		name  string
		write func(b *blog, tx *Tx, p *post, f *folder) error
		want  error
		field string
	}{
		{"what another may not change", func(b *blog, tx *Tx, p *post, f *folder) error {
			_, err := b.posts.In(tx).Update(t.Context(), eve, p.GlobalID(), nil, func(p *post) { p.Title = "Mine" })
			return err
		}, ErrNotFound, ""},
		{"a unique value twice", func(b *blog, tx *Tx, p *post, f *folder) error {
			for range 2 {
				if _, err := b.posts.In(tx).Create(t.Context(), ada, as(post{Slug: "same", Title: "T"})); err != nil {
					return err
				}
			}
			return nil
		}, ErrTaken, "slug"},
		{"a unique value that another has", func(b *blog, tx *Tx, p *post, f *folder) error {
			_, err := b.posts.In(tx).Create(t.Context(), ada, as(post{Slug: p.Slug, Title: "T"}))
			return err
		}, ErrTaken, "slug"},
		{"a version that it has no more", func(b *blog, tx *Tx, p *post, f *folder) error {
			stale := 7
			_, err := b.posts.In(tx).Update(t.Context(), ada, p.GlobalID(), &stale, func(p *post) { p.Title = "Late" })
			return err
		}, ErrConflict, ""},
		{"what something holds with RESTRICT", func(b *blog, tx *Tx, p *post, f *folder) error {
			_, err := b.posts.In(tx).Delete(t.Context(), ada, p.GlobalID(), nil)
			return err
		}, ErrHeld, ""},
		{"an error of the function's own", func(b *blog, tx *Tx, p *post, f *folder) error { return errMeant }, errMeant, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlog(t)
			p, f := b.newPost(t, ada, "first"), b.newFolder(t, "Letters", nil)
			made[receipt](t)(b.receipts.Create(t.Context(), ada, as(receipt{PostID: p.ID})))
			err := b.Transact(t.Context(), func(tx *Tx) error {
				// What comes before must not be written either.
				if _, err := b.notices.In(tx).Create(t.Context(), ada, as(notice{Board: "all", Rank: 1})); err != nil {
					return err
				}
				return test.write(b, tx, p, f)
			})
			if test.field != "" {
				wantErrorOf(t, err, test.want, test.field)
			} else {
				wantError(t, err, test.want)
			}
			wantCount(t, b.notices.core.table, 0)
			wantCount(t, b.posts.core.table, 1)
			wantCount(t, b.folders.core.table, 1)
			wantCount(t, b.uniques, 2)
			if found := made[post](t)(b.posts.Get(t.Context(), ada, p.ID)); found.Version != 1 {
				t.Errorf("the post is of version %d", found.Version)
			}
		})
	}
}

var errMeant = errors.New("it is meant")

// TestTransactMovesUniques gives a value to another object in the transaction that gives it up.
func TestTransactMovesUniques(t *testing.T) {
	b := newBlog(t)
	first, second := b.newFolder(t, "A", nil), b.newFolder(t, "B", nil)
	rename := func(tx *Tx, f *folder, name string) error {
		_, err := b.folders.In(tx).Update(t.Context(), ada, f.GlobalID(), nil, func(f *folder) { f.Name = name })
		return err
	}
	err := b.Transact(t.Context(), func(tx *Tx) error {
		return errors.Join(rename(tx, first, "B"), rename(tx, second, "A"))
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]*folder{"A": second, "B": first} {
		if found := made[folder](t)(b.folders.ByUnique(t.Context(), ada, "name", name)); found.ID != want.ID {
			t.Errorf("%s is not the other's", name)
		}
	}
	wantCount(t, b.uniques, 2)
}

// TestTransactAgain has others come between, once and for ever.
func TestTransactAgain(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "busy")
	change := func(by string) {
		made[post](t)(b.posts.Update(t.Context(), ada, p.GlobalID(), nil, func(p *post) { p.Title += by }))
	}
	append1 := func(tx *Tx) error {
		_, err := b.posts.In(tx).Update(t.Context(), ada, p.GlobalID(), nil, func(p *post) { p.Title += "!" })
		return err
	}
	b.client.AtFirst("TransactWriteItems", func() { change("?") })
	if err := b.Transact(t.Context(), append1); err != nil {
		t.Fatal(err)
	}
	if found := made[post](t)(b.posts.Get(t.Context(), ada, p.ID)); found.Title != "On busy?!" {
		t.Errorf("the title is %q", found.Title)
	}
	b.client.Before = func(operation string) error {
		if operation == "TransactWriteItems" {
			before := b.client.Before
			b.client.Before = nil
			change(".")
			b.client.Before = before
		}
		return nil
	}
	wantError(t, b.Transact(t.Context(), append1), ErrConflict)
}

// TestTransactGivesUpWhatIsAnothers has an item that lost its unique value to another give it up.
func TestTransactGivesUpWhatIsAnothers(t *testing.T) {
	b := newBlog(t)
	f := b.newFolder(t, "A", nil)
	put(t, b.uniques, []unique{{"Folder#name#A", "another"}})
	err := b.Transact(t.Context(), func(tx *Tx) error {
		_, err := b.folders.In(tx).Update(t.Context(), ada, f.GlobalID(), nil, func(f *folder) { f.Name = "B" })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	made[folder](t)(b.folders.ByUnique(t.Context(), ada, "name", "B"))
}

// TestTransactLimits holds that what is too much for one transaction is told before anything is
// written, with the figure, counted after merging.
func TestTransactLimits(t *testing.T) {
	b := newBlog(t)
	create := func(tx *Tx, n int, board string) error {
		for i := range n {
			if _, err := b.notices.In(tx).Create(t.Context(), ada, as(notice{Board: board, Rank: float64(i)})); err != nil {
				return err
			}
		}
		return nil
	}
	refused := func(figure string, write func(tx *Tx) error) {
		t.Helper()
		calls, err := b.transact(t, write)
		told := new(Error)
		if !errors.As(err, &told) || told.Code != CodeTooComplex || !strings.Contains(told.Message, figure) {
			t.Errorf("%v, want QUERY_TOO_COMPLEX with %s", err, figure)
		}
		if calls["TransactWriteItems"] != 0 {
			t.Errorf("it was tried: %v", calls)
		}
	}
	refused("101 actions, and at most 100", func(tx *Tx) error { return create(tx, 101, "all") })
	large := strings.Repeat("x", 380<<10)
	refused("and at most 4194304", func(tx *Tx) error {
		for i := range 12 {
			if _, err := b.posts.In(tx).Create(t.Context(), ada, as(post{Slug: fmt.Sprint(i), Title: "T", Status: status(large)})); err != nil {
				return err
			}
		}
		return nil
	})
	wantCount(t, b.notices.core.table, 0)
	wantCount(t, b.posts.core.table, 0)
	if _, err := b.transact(t, func(tx *Tx) error { return create(tx, 100, "all") }); err != nil {
		t.Error(err)
	}
	wantCount(t, b.notices.core.table, 100)
}

// TestTransactDelete takes along what CASCADE says, what is made at that moment too, and nothing
// comes of what is made and deleted.
func TestTransactDelete(t *testing.T) {
	b := newBlog(t)
	topics, replies := b.forum(t)
	create := func(on *topic) *reply {
		return made[reply](t)(replies.Create(t.Context(), ada, func(r *reply) { r.TopicID = on.ID }))
	}
	top := made[topic](t)(topics.Create(t.Context(), ada, func(*topic) {}))
	create(top)
	create(top)
	b.client.AtFirst("TransactWriteItems", func() { create(top) })
	calls, err := b.transact(t, func(tx *Tx) error {
		passing, err := b.notices.In(tx).Create(t.Context(), editor, as(notice{Board: "all", Rank: 1}))
		if err != nil {
			return err
		}
		if _, err := b.notices.In(tx).Delete(t.Context(), editor, passing.GlobalID(), nil); err != nil {
			return err
		}
		_, err = topics.In(tx).Delete(t.Context(), ada, top.GlobalID(), nil)
		return err
	})
	if err != nil || calls["TransactWriteItems"] != 2 { // one is the reply's
		t.Fatalf("%v, %v", calls, err)
	}
	wantCount(t, topics.core.table, 0)
	wantCount(t, replies.core.table, 0)
	wantCount(t, b.notices.core.table, 0)

	lost := made[topic](t)(topics.Create(t.Context(), ada, func(*topic) {}))
	err = b.Transact(t.Context(), func(tx *Tx) error {
		if _, err := topics.In(tx).Delete(t.Context(), ada, lost.GlobalID(), nil); err != nil {
			return err
		}
		_, err := replies.In(tx).Create(t.Context(), ada, func(r *reply) { r.TopicID = lost.ID })
		return err
	})
	wantErrorOf(t, err, ErrNoParent, "topicId")
	wantCount(t, topics.core.table, 1)
}

// TestTransactChecksWhatItLeaves has another delete what the transaction updates by nothing, and
// makes something belong to.
func TestTransactChecksWhatItLeaves(t *testing.T) {
	b := newBlog(t)
	topics, replies := b.forum(t)
	top := made[topic](t)(topics.Create(t.Context(), ada, func(*topic) {}))
	b.client.AtFirst("TransactWriteItems", func() {
		made[topic](t)(topics.Delete(t.Context(), ada, top.GlobalID(), nil))
	})
	err := b.Transact(t.Context(), func(tx *Tx) error {
		if _, err := topics.In(tx).Update(t.Context(), ada, top.GlobalID(), nil, func(*topic) {}); err != nil {
			return err
		}
		_, err := replies.In(tx).Create(t.Context(), ada, func(r *reply) { r.TopicID = top.ID })
		return err
	})
	wantError(t, err, ErrNotFound)
	wantCount(t, replies.core.table, 0)
}

// TestTransactHalfDeleted finds what a crash has left half deleted not to be there.
func TestTransactHalfDeleted(t *testing.T) {
	b := newBlog(t)
	topics, replies := b.forum(t)
	top := made[topic](t)(topics.Create(t.Context(), ada, func(*topic) {}))
	made[reply](t)(replies.Create(t.Context(), ada, func(r *reply) { r.TopicID = top.ID }))
	if err := topics.core.table.Update("id", top.ID).Set("deleting", NewID()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := b.Transact(t.Context(), func(tx *Tx) error {
		_, err := topics.In(tx).Update(t.Context(), ada, top.GlobalID(), nil, func(*topic) {})
		return err
	})
	wantError(t, err, ErrNotFound)
	wantCount(t, topics.core.table, 1)
	wantCount(t, replies.core.table, 1)
}

// TestTransactRefusesATree that is deeper and wider than a transaction, before it has read it whole.
func TestTransactRefusesATree(t *testing.T) {
	b := newBlog(t)
	b.restrictNothing()
	first := b.chain(t, 1000)
	calls, err := b.transact(t, func(tx *Tx) error {
		_, err := b.folders.In(tx).Delete(t.Context(), ada, first.GlobalID(), nil)
		return err
	})
	if refusal := new(Error); !errors.As(err, &refusal) || refusal.Code != CodeTooComplex {
		t.Errorf("%v, want code QUERY_TOO_COMPLEX", err)
	}
	if calls["Query"] > 3*maxTxActions {
		t.Errorf("%v, for a transaction of %d actions", calls, maxTxActions)
	}
	wantCount(t, b.folders.core.table, 1000)
}

// TestWritesWithinAQuery: what an operation remembers is of no account to a write, which it has
// read anew afterwards.
func TestWritesWithinAQuery(t *testing.T) {
	for _, remembers := range []bool{true, false} {
		b := newBlog(t)
		ctx := WithReads(t.Context(), remembers)
		p := b.newPost(t, ada, "a")
		b.newComment(t, ada, p)
		made[post](t)(b.posts.Load(ctx, ada, p.ID))
		for _, title := range []string{"One", "Two"} {
			made[post](t)(b.posts.Update(ctx, ada, p.GlobalID(), nil, func(p *post) { p.Title = title }))
			if found := made[post](t)(b.posts.Load(ctx, ada, p.ID)); found.Title != title {
				t.Errorf("it loads %q, want %q", found.Title, title)
			}
		}
		made[post](t)(b.posts.Delete(ctx, ada, p.GlobalID(), nil))
		if found, err := b.posts.Load(ctx, ada, p.ID); found != nil || err != nil {
			t.Errorf("it loads %v, %v", found, err)
		}
		wantCount(t, b.comments.core.table, 0)
	}
}

// TestLoadForSeveral: what one caller may read by a role, another of the same id does not get.
func TestLoadForSeveral(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "ada's")
	ctx := WithReads(t.Context(), true)
	elevated := Caller{ID: eve.ID, Roles: []string{"editor"}}
	for range 2 {
		made[post](t)(b.posts.Load(ctx, elevated, p.ID))
		if found, err := b.posts.Load(ctx, eve, p.ID); found != nil || err != nil {
			t.Errorf("eve loads %v, %v", found, err)
		}
	}
}

// TestHooks holds when hooks run, by which order, and what becomes of their errors.
func TestHooks(t *testing.T) {
	var ran []string
	note := func(name string) func(context.Context, Caller, *post) error {
		return func(_ context.Context, caller Caller, p *post) error {
			ran = append(ran, name+" "+p.Title)
			if p.Title == "refused" {
				return errMeant
			}
			return nil
		}
	}
	b := newBlog(t)
	hooks := Hooks[post]{
		BeforeCreate: func(ctx context.Context, caller Caller, p *post) error {
			p.Title = strings.TrimSpace(p.Title)
			return note("before create")(ctx, caller, p)
		},
		AfterCreate: note("after create"),
		BeforeUpdate: func(ctx context.Context, caller Caller, before, after *post) error {
			return note("before update "+before.Title+" to")(ctx, caller, after)
		},
		AfterUpdate: func(ctx context.Context, caller Caller, before, after *post) error {
			return note("after update "+before.Title+" to")(ctx, caller, after)
		},
		BeforeDelete: note("before delete"),
		AfterDelete:  note("after delete"),
	}
	redefine(b.posts, func(d *Definition[post]) { d.Hooks = hooks })
	want := func(names ...string) {
		t.Helper()
		if !slices.Equal(ran, names) {
			t.Errorf("%q ran, want %q", ran, names)
		}
		ran = nil
	}

	p := made[post](t)(b.posts.Create(t.Context(), ada, as(post{Slug: "a", Title: "  one "})))
	want("before create one", "after create one")
	made[post](t)(b.posts.Update(t.Context(), ada, p.GlobalID(), nil, func(p *post) { p.Title = "two" }))
	want("before update one to two", "after update one to two")
	_, err := b.posts.Update(t.Context(), ada, p.GlobalID(), nil, func(p *post) { p.Title = "refused" })
	wantError(t, err, errMeant)
	want("before update two to refused")
	if _, err := b.posts.Update(t.Context(), eve, p.GlobalID(), nil, func(p *post) { p.Title = "three" }); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	want()

	// In a transaction what comes after waits for its end, and does not come where there is none.
	write := func(last error) error {
		return b.Transact(t.Context(), func(tx *Tx) error {
			if _, err := b.posts.In(tx).Create(t.Context(), ada, as(post{Slug: "b", Title: "four"})); err != nil {
				return err
			}
			ran = append(ran, "end")
			return last
		})
	}
	wantError(t, write(errMeant), errMeant)
	want("before create four", "end")
	if err := write(nil); err != nil {
		t.Error(err)
	}
	want("before create four", "end", "after create four")
	if _, err := b.posts.Delete(t.Context(), ada, p.GlobalID(), nil); err != nil {
		t.Error(err)
	}
	want("before delete two", "after delete two")
}

// TestSystem: the project itself may do everything, and what it makes has no owner.
func TestSystem(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "ada's")
	made[post](t)(b.posts.Update(t.Context(), System, p.GlobalID(), nil, func(p *post) { p.Title = "By the system" }))
	c := b.newComment(t, System, p)
	if c.OwnerID != "" {
		t.Errorf("its owner is %q", c.OwnerID)
	}
	if found := made[comment](t)(b.comments.Get(t.Context(), System, c.ID)); found.ID != c.ID {
		t.Errorf("it finds %v", found)
	}
}
