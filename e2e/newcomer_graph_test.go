//go:build newcomer

package e2e

import "testing"

// ownTests runs the tests that come with ownql on the newcomer's types, and one of what
// comments cost, which none of the types that come with ownql can show.
func (s *story) ownTests(t *testing.T) {
	const file = "graph/comments_test.go"
	s.write(t, file, commentsTest)
	s.shell(t, "go test ./graph; rm "+file)
}

const commentsTest = `package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ownql/ownql/store"
)

// TestComments holds what it costs in reads by id to list the comments of many posts,
// which are to be read by whoever may read the post.
func TestComments(t *testing.T) {
	const many = 50
	a := newAPI(t)
	ada := store.Caller{ID: a.user.ID}
	ids := make([]string, many)
	for i := range ids {
		post, err := a.store.CreatePost(t.Context(), ada, store.CreatePostInput{Slug: fmt.Sprint(i), Title: "Title"})
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = post.GlobalID()
		if _, err := a.store.CreateComment(t.Context(), ada, store.CreateCommentInput{Body: "Body", PostID: ids[i]}); err != nil {
			t.Fatal(err)
		}
	}
	a.client.taken()
	const comments = "comments(first: 1) { edges { node { body post { title } } } }"
	for _, test := range []struct {
		name, query string
		most        int // beside the session's
	}{
		{"of posts that were read by id", "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { " + comments + " } } }", 1},
		{"of posts of a list", "{ viewer { posts(first: 50) { edges { node { " + comments + " } } } } }", many / 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, body := a.post(t, test.query, map[string]any{"ids": ids})
			if found := strings.Count(body, "Body"); found != many || strings.Count(body, "Title") != many {
				t.Errorf("%d comments, want %d: %s", found, many, body)
			}
			if reads := strings.Count(a.client.taken(), "BatchGetItem") - 1; reads > test.most {
				t.Errorf("%d reads by id, want at most %d", reads, test.most)
			} else {
				t.Log(reads, "reads by id")
			}
		})
	}
}
`
