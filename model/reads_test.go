package model

import (
	"context"
	"sync"
	"testing"

	"github.com/ownql/ownql/internal/testclient"
)

// TestMemory holds what the rules of many lists cost, where each asks whether the caller
// may read another post.
func TestMemory(t *testing.T) {
	const many = 100
	b := newBlog(t)
	posts := somePosts(many, func(int, *post) {})
	put(t, b.posts.core.table, posts)
	var comments []comment
	ids := make([]string, many)
	for i, p := range posts {
		ids[i] = p.ID
		for range 2 {
			comments = append(comments, comment{Object: Object{ID: NewID(), OwnerID: eve.ID, Version: 1}, PostID: p.ID})
		}
	}
	put(t, b.comments.core.table, comments)

	// listed lists the comments of a post, of which there are to be so many.
	listed := func(t *testing.T, ctx context.Context, caller Caller, postID string, want int) {
		page, err := b.comments.List(ctx, caller, commentsOn, postID, Page{})
		if err != nil || len(page.Edges) != want {
			t.Errorf("%d comments, %v; want %d", len(page.Edges), err, want)
		}
	}
	for _, test := range []struct {
		name        string
		least, most int // reads by id
		lists       func(*testing.T)
	}{
		{"without a memory, each list reads its post", many, many, func(t *testing.T) {
			for _, id := range ids {
				listed(t, t.Context(), ada, id, 2)
			}
		}},
		{"posts that were read before are not read again", 1, 1, func(t *testing.T) {
			ctx := WithReads(t.Context(), true)
			if found, err := b.posts.ByID(ctx, ada, ids); err != nil || len(found) != many {
				t.Errorf("%d posts, %v", len(found), err)
			}
			for _, id := range ids {
				listed(t, ctx, ada, id, 2)
			}
		}},
		{"nor is a post that a list has asked for", 1, 1, func(t *testing.T) {
			ctx := WithReads(t.Context(), true)
			for range many {
				listed(t, ctx, ada, ids[0], 2)
			}
			if found, err := b.posts.ByID(ctx, ada, ids[:1]); err != nil || len(found) != 1 {
				t.Errorf("%d posts, %v", len(found), err)
			}
		}},
		{"lists at once read their posts together", 1, many / 2, func(t *testing.T) {
			ctx := WithReads(t.Context(), true)
			var wg sync.WaitGroup
			for _, id := range ids {
				wg.Go(func() { listed(t, ctx, ada, id, 2) })
			}
			wg.Wait()
		}},
		{"what one caller may read, another may not", 1, 1, func(t *testing.T) {
			ctx := WithReads(t.Context(), true)
			listed(t, ctx, ada, ids[0], 2)
			listed(t, ctx, eve, ids[0], 0)
			listed(t, ctx, editor, ids[0], 2)
		}},
		{"that a post has gone is known as well", 1, 1, func(t *testing.T) {
			gone := NewID()
			put(t, b.comments.core.table, []comment{{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1}, PostID: gone}})
			ctx := WithReads(t.Context(), true)
			for range many {
				listed(t, ctx, ada, gone, 0)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := b.client.Counted(func() { test.lists(t) })
			if reads := calls["BatchGetItem"]; reads < test.least || reads > test.most {
				t.Errorf("%d reads by id, want %d to %d", reads, test.least, test.most)
			}
		})
	}

	t.Run("a read that fails gives no list", func(t *testing.T) {
		ctx := WithReads(t.Context(), true)
		b.client.FailAfter(1)
		defer func() { b.client.Before = nil }()
		_, err := b.comments.List(ctx, ada, commentsOn, ids[0], Page{})
		wantError(t, err, testclient.ErrLost)
	})
}
