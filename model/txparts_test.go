package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// together carries out parts, which are named by their places, and returns which of them has failed; -1: none
// that is known.
func (b *blog) together(ctx context.Context, parts ...func(ctx context.Context) error) (failed int, err error) {
	after, err := b.TransactParts(ctx, func(ctx context.Context, tx *Tx) error {
		for i, part := range parts {
			tx.Begin(fmt.Sprint(i))
			if err := part(ctx); err != nil {
				return inPart(err, fmt.Sprint(i))
			}
		}
		return nil
	})
	for _, failed := range after {
		err = errors.Join(err, failed)
	}
	failed = -1
	if of := (*PartError)(nil); errors.As(err, &of) {
		fmt.Sscan(of.Part, &failed)
	}
	return failed, err
}

// ignoring returns what calls a method, and leaves what it returns.
func ignoring[T any](call func(ctx context.Context) (*T, error)) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := call(ctx)
		return err
	}
}

func (b *blog) making(p post) func(context.Context) error {
	return ignoring(func(ctx context.Context) (*post, error) { return b.posts.Create(ctx, ada, as(p)) })
}

func (b *blog) retitling(id, slug string) func(context.Context) error {
	return ignoring(func(ctx context.Context) (*post, error) {
		return b.posts.Update(ctx, ada, id, nil, func(p *post) { p.Slug = slug })
	})
}

func (b *blog) deleting(id string) func(context.Context) error {
	return ignoring(func(ctx context.Context) (*post, error) { return b.posts.Delete(ctx, ada, id, nil) })
}

// TestTransactPartsUnique has a unique value be given up by one part and taken by another, and names the part
// that takes what is taken.
func TestTransactPartsUnique(t *testing.T) {
	b := newBlog(t)
	one, other := b.newPost(t, ada, "one"), b.newPost(t, ada, "other")
	if _, err := b.together(t.Context(), b.retitling(one.GlobalID(), "free"), b.making(post{Slug: "one", Title: "T"}), b.retitling(other.GlobalID(), "two"), b.deleting(one.GlobalID())); err != nil {
		t.Fatal(err)
	}
	for slug, isThere := range map[string]bool{"one": true, "two": true, "other": false, "free": false} {
		if _, err := b.posts.ByUnique(t.Context(), ada, "slug", slug); (err == nil) != isThere {
			t.Errorf("%s: %v", slug, err)
		}
	}
	for name, test := range map[string]struct {
		parts []func(context.Context) error
		want  int
	}{
		"of another's":           {[]func(context.Context) error{b.making(post{Slug: "x", Title: "T"}), b.making(post{Slug: "two", Title: "T"}), b.making(post{Slug: "y", Title: "T"})}, 1},
		"twice":                  {[]func(context.Context) error{b.making(post{Slug: "x", Title: "T"}), b.making(post{Slug: "y", Title: "T"}), b.making(post{Slug: "x", Title: "T"})}, 2},
		"of what changes before": {[]func(context.Context) error{b.making(post{Slug: "x", Title: "T"}), b.retitling(other.GlobalID(), "x")}, 1},
	} {
		if failed, err := b.together(t.Context(), test.parts...); failed != test.want || !errors.Is(err, ErrTaken) {
			t.Errorf("%s: part %d, %v", name, failed, err)
		}
	}
	wantCount(t, b.posts.core.table, 2)
	wantCount(t, b.uniques, 2)
}

// TestTransactPartsHeld deletes what RESTRICT may hold: not while something holds it that stays, and together with
// that.
func TestTransactPartsHeld(t *testing.T) {
	b := newBlog(t)
	p, other := b.newPost(t, ada, "held"), b.newPost(t, ada, "other")
	b.newComment(t, ada, p)
	r := made[receipt](t)(b.receipts.Create(t.Context(), ada, as(receipt{PostID: p.ID})))
	failed, err := b.together(t.Context(), b.retitling(other.GlobalID(), "changed"), b.deleting(p.GlobalID()))
	if failed != 1 || !errors.Is(err, ErrHeld) {
		t.Errorf("part %d, %v", failed, err)
	}
	if found := made[post](t)(b.posts.Get(t.Context(), ada, p.ID)); found.Version != 1 {
		t.Errorf("the post is of version %d", found.Version)
	}
	if found := made[post](t)(b.posts.Get(t.Context(), ada, other.ID)); found.Slug != "other" {
		t.Errorf("the other is %q", found.Slug)
	}
	wantCount(t, b.outbox.table, 0)
	_, err = b.together(t.Context(), b.deleting(other.GlobalID()), ignoring(func(ctx context.Context) (*receipt, error) {
		return b.receipts.Delete(ctx, ada, r.GlobalID(), nil)
	}), b.deleting(p.GlobalID()))
	if err != nil {
		t.Fatal(err)
	}
	for name, table := range map[string]interface{ Name() string }{"posts": b.posts.core.table, "comments": b.comments.core.table, "receipts": b.receipts.core.table, "uniques": b.uniques, "outbox": b.outbox.table} {
		t.Run(name, func(t *testing.T) { wantCount(t, b.dynamo.Table(table.Name()), 0) })
	}
}

// TestTransactPartsCut cuts the connection after each call of a transaction in turn: all of it is there, or
// nothing is, and what was marked is as it was once the outbox has been at it.
func TestTransactPartsCut(t *testing.T) {
	for calls := 0; ; calls++ {
		b := newBlog(t)
		p := b.newPost(t, ada, "goes")
		b.newComment(t, ada, p)
		f := b.newFolder(t, "f", nil)
		b.client.FailAfter(calls)
		_, err := b.together(t.Context(), b.deleting(p.GlobalID()), b.making(post{Slug: "comes", Title: "T", FolderID: f.ID}))
		b.client.Before = nil
		messages, failed := b.outbox.read(t.Context())
		if failed != nil {
			t.Fatal(failed)
		}
		for _, message := range messages { // as when its lease is over
			if failed := b.outbox.table.Update("id", message.ID).Set("dueAt", NewDateTime(time.Now().Add(-time.Second))).Run(t.Context()); failed != nil {
				t.Fatal(failed)
			}
		}
		for range 3 {
			if _, failed := b.WorkOutbox(t.Context()); failed != nil {
				t.Fatal(failed)
			}
		}
		wantCount(t, b.outbox.table, 0)
		wantCount(t, b.posts.core.table, 1)
		_, gone := b.posts.Get(t.Context(), ada, p.ID)
		_, missing := b.posts.ByUnique(t.Context(), ada, "slug", "comes")
		switch {
		case errors.Is(gone, ErrNotFound) && missing == nil:
			wantCount(t, b.comments.core.table, 0)
		case gone == nil && errors.Is(missing, ErrNotFound):
			wantCount(t, b.comments.core.table, 1)
		default:
			t.Errorf("after %d calls: %v, %v", calls, gone, missing)
		}
		if err == nil {
			if calls < 5 {
				t.Errorf("it takes %d calls: where was it cut?", calls)
			}
			return
		}
	}
}

// TestTransactPartsHooks runs what is before for each try, and what is after once all is written; what hooks
// write is part of the transaction.
func TestTransactPartsHooks(t *testing.T) {
	b := newBlog(t)
	var ran []string
	failing := errors.New("the hook fails")
	redefine(b.posts, func(d *Definition[post]) {
		d.Hooks = Hooks[post]{
			BeforeCreate: func(ctx context.Context, caller Caller, p *post) error {
				ran = append(ran, "before "+p.Slug)
				_, err := b.notices.Create(ctx, caller, as(notice{Board: p.Slug}))
				return err
			},
			AfterCreate: func(ctx context.Context, caller Caller, p *post) error {
				if _, err := b.posts.Get(ctx, caller, p.ID); err != nil {
					t.Errorf("%s is not there yet: %v", p.Slug, err)
				}
				ran = append(ran, "after "+p.Slug)
				if p.Slug == "b" {
					return failing
				}
				return nil
			},
		}
	})
	after, err := b.TransactParts(t.Context(), func(ctx context.Context, tx *Tx) error {
		for _, slug := range []string{"a", "b"} {
			tx.Begin("part " + slug)
			if err := b.making(post{Slug: slug, Title: "T"})(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil || len(after) != 1 || !errors.Is(after["part b"], failing) {
		t.Errorf("%v, %v", after, err)
	}
	if want := []string{"before a", "before b", "after a", "after b"}; !slices.Equal(ran, want) {
		t.Errorf("%v, want %v", ran, want)
	}
	wantCount(t, b.notices.core.table, 2)
	ran = nil
	if failed, err := b.together(t.Context(), b.making(post{Slug: "c", Title: "T"}), b.making(post{Slug: "a", Title: "T"})); failed != 1 || !errors.Is(err, ErrTaken) {
		t.Errorf("part %d, %v", failed, err)
	}
	if want := []string{"before c", "before a"}; !slices.Equal(ran, want) {
		t.Errorf("%v, want %v", ran, want)
	}
	wantCount(t, b.notices.core.table, 2)
}

// TestTransactPartsJoin has DB.Transact be part of one, and what comes too late write by itself.
func TestTransactPartsJoin(t *testing.T) {
	b := newBlog(t)
	late := context.Context(nil)
	calls := b.client.Counted(func() {
		_, err := b.together(t.Context(), b.making(post{Slug: "a", Title: "T"}), func(ctx context.Context) error {
			late = ctx
			return b.Transact(ctx, func(tx *Tx) error {
				_, err := b.posts.In(tx).Create(ctx, ada, as(post{Slug: "b", Title: "T"}))
				return err
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	if calls["TransactWriteItems"] != 1 {
		t.Errorf("calls %v", calls)
	}
	if err := b.making(post{Slug: "late", Title: "T"})(late); err != nil {
		t.Fatal(err)
	}
	wantCount(t, b.posts.core.table, 3)
}

// TestTransactPartsAtOnce has two move one unique value over and over: it is always one's.
func TestTransactPartsAtOnce(t *testing.T) {
	b := newBlog(t)
	var working sync.WaitGroup
	for i := range 2 {
		own := b.newPost(t, ada, fmt.Sprint("own", i))
		working.Go(func() {
			for range 10 {
				failed, err := b.together(t.Context(), b.making(post{Slug: "wanted", Title: "T"}), b.retitling(own.GlobalID(), "wanted"+fmt.Sprint(i)))
				if err != nil {
					if !errors.Is(err, ErrConflict) || failed < 0 {
						t.Errorf("part %d, %v", failed, err)
					}
					continue
				}
				p, err := b.posts.ByUnique(t.Context(), ada, "slug", "wanted")
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := b.together(t.Context(), b.deleting(p.GlobalID()), b.retitling(own.GlobalID(), "own"+fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	working.Wait()
	wantCount(t, b.posts.core.table, 2)
	wantCount(t, b.uniques, 2)
}

// TestGiveID refuses the id of what is gone as long as something belongs to it: whoever took it would own that.
func TestGiveID(t *testing.T) {
	b := newBlog(t)
	topics, replies := b.forum(t)
	root := made[topic](t)(topics.Create(t.Context(), ada, as(topic{})))
	reply := made[reply](t)(replies.Create(t.Context(), ada, as(reply{TopicID: root.ID})))
	if err := topics.core.table.Delete("id", root.ID).Run(t.Context()); err != nil { // and the reply is to go yet
		t.Fatal(err)
	}
	again := func(caller Caller) error {
		global := root.GlobalID()
		_, err := topics.Create(t.Context(), caller, func(t *topic) { GiveID(t, &global) })
		return err
	}
	for _, caller := range []Caller{ada, eve} {
		if err := again(caller); err != errIDTaken {
			t.Errorf("%v", err)
		}
	}
	if err := replies.core.table.Delete("id", reply.ID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := again(ada); err != nil {
		t.Error(err)
	}
	for _, caller := range []Caller{ada, eve} {
		if err := again(caller); !errors.Is(err, errIDTaken) {
			t.Errorf("%v", err)
		}
	}
}
