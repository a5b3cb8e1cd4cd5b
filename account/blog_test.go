package account

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/testclient"
	"github.com/ownql/ownql/model"
)

// The types of this file are a project's: post, which has a unique value, comment, which goes
// with a post, and receipt, which holds one.

type post struct {
	model.Object
	Slug string `dynamo:"slug,allowempty"`
}

type comment struct {
	model.Object
	PostID string `dynamo:"postId"`
}

type receipt struct {
	model.Object
	PostID string `dynamo:"postId"`
}

func (*post) IsNode()    {}
func (*comment) IsNode() {}
func (*receipt) IsNode() {}

func (p *post) GlobalID() string    { return model.GlobalID("Post", p.ID) }
func (c *comment) GlobalID() string { return model.GlobalID("Comment", c.ID) }
func (r *receipt) GlobalID() string { return model.GlobalID("Receipt", r.ID) }

// blog is accounts, and what their users own.
type blog struct {
	*Store
	posts    *model.Model[post]
	comments *model.Model[comment]
	receipts *model.Model[receipt]
	client   *testclient.Client
	dynamo   *dynamo.DB // the same tables, past the client
	prefix   string
}

// newBlog returns a blog with its tables, under a prefix of its own.
func newBlog(t testing.TB) *blog {
	t.Helper()
	direct := testclient.Open(t, model.NewDynamoDB)
	client := &testclient.Client{DynamoDBAPI: direct}
	prefix := "test-" + uuid.NewString() + "-"
	db := model.Open(client, prefix)
	b := &blog{
		Store:    New(db),
		posts:    model.New[post](db, "Post", "posts"),
		comments: model.New[comment](db, "Comment", "comments"),
		receipts: model.New[receipt](db, "Receipt", "receipts"),
		client:   client,
		dynamo:   dynamo.NewFromIface(direct),
		prefix:   prefix,
	}
	model.Define(b.posts, model.Definition[post]{
		Uniques: []model.Unique[post]{{Field: "slug", Value: func(p *post) string { return p.Slug }}},
		Rules: []model.Rule{
			model.Allow(model.OnCreate|model.OnRead|model.OnUpdate|model.OnDelete, model.Owner),
			model.Allow(model.OnRead|model.OnUpdate, model.Groups("editor")),
		},
	})
	model.Define(b.comments, model.Definition[comment]{
		Parents: []model.Parent[comment]{{Of: b.posts, Field: "postId", ID: func(c *comment) string { return c.PostID }, OnDelete: model.Cascade}},
		Rules:   []model.Rule{model.Allow(model.OnCreate, model.Owner, model.Via("postId", model.OnRead))},
	})
	model.Define(b.receipts, model.Definition[receipt]{
		Parents: []model.Parent[receipt]{{Of: b.posts, Field: "postId", ID: func(r *receipt) string { return r.PostID }, OnDelete: model.Restrict}},
		Rules: []model.Rule{
			model.Allow(model.OnCreate|model.OnRead, model.Authenticated, model.Via("postId", model.OnUpdate)),
			model.Allow(model.OnDelete, model.Owner),
		},
	})
	created, err := db.CreateTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, name := range created {
			if err := b.dynamo.Table(name).DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return b
}

var editor = model.Caller{ID: "01934b6e-7c00-7000-8000-0000000ed170", Roles: []string{"reader", "editor"}}

// made returns what Create returns, which must succeed.
func made[T any](t testing.TB) func(*T, error) *T {
	return func(item *T, err error) *T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return item
	}
}

func (b *blog) newPost(t testing.TB, owner model.Caller, slug string) *post {
	t.Helper()
	return made[post](t)(b.posts.Create(t.Context(), owner, func(p *post) { p.Slug = slug }))
}

func (b *blog) newComment(t testing.TB, owner model.Caller, on *post) *comment {
	t.Helper()
	return made[comment](t)(b.comments.Create(t.Context(), owner, func(c *comment) { c.PostID = on.ID }))
}

func (b *blog) newReceipt(t testing.TB, owner model.Caller, of *post) *receipt {
	t.Helper()
	return made[receipt](t)(b.receipts.Create(t.Context(), owner, func(r *receipt) { r.PostID = of.ID }))
}

// register makes users of the callers, whose items a sweep deletes else.
func (b *blog) register(t testing.TB, callers ...model.Caller) {
	t.Helper()
	for _, caller := range callers {
		user := User{ID: caller.ID, Email: caller.ID + "@example.com", Version: 1}
		if err := b.users.Put(user).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// wantCount wants so many items in a table, whose name is without the prefix.
func (b *blog) wantCount(t testing.TB, table string, want int) {
	t.Helper()
	if count, err := b.dynamo.Table(b.prefix + table).Scan().Consistent(true).Count(t.Context()); err != nil || count != want {
		t.Errorf("%d items in %s, %v; want %d", count, table, err, want)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}
