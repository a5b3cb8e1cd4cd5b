package model

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/internal/testclient"
)

// The types of this file are what generated ones are, in short: between them they have
// every rule, unique values, defaults, indexes by time and by number, and what belongs
// to something else, cascading, restricting, optional and to its own type.

type post struct {
	Object
	Slug     string `dynamo:"slug,allowempty"`
	Title    string `dynamo:"title,allowempty"`
	Status   status `dynamo:"status"`
	Likes    int    `dynamo:"likes"`
	FolderID string `dynamo:"folderId"`
}

type status string

const (
	draft     status = "DRAFT"
	published status = "PUBLISHED"
)

// comment belongs to a post, and goes with it.
type comment struct {
	Object
	Body   string `dynamo:"body,allowempty"`
	PostID string `dynamo:"postId"`
}

// receipt belongs to a post, and holds it.
type receipt struct {
	Object
	PostID string `dynamo:"postId"`
}

// folder may belong to another, and goes with it.
type folder struct {
	Object
	Name     string `dynamo:"name,allowempty"`
	FolderID string `dynamo:"folderId"`
}

// notice is everyone's to read.
type notice struct {
	Object
	Board  string   `dynamo:"board"`
	Rank   float64  `dynamo:"rank"`
	Places *[]place `dynamo:"places"`
}

// place is an object inside a notice.
type place struct {
	Room  string `dynamo:"room,allowempty"`
	Floor *int   `dynamo:"floor"`
}

func (*post) IsNode()    {}
func (*comment) IsNode() {}
func (*receipt) IsNode() {}
func (*folder) IsNode()  {}
func (*notice) IsNode()  {}

func (p *post) GlobalID() string    { return GlobalID("Post", p.ID) }
func (c *comment) GlobalID() string { return GlobalID("Comment", c.ID) }
func (r *receipt) GlobalID() string { return GlobalID("Receipt", r.ID) }
func (f *folder) GlobalID() string  { return GlobalID("Folder", f.ID) }
func (n *notice) GlobalID() string  { return GlobalID("Notice", n.ID) }

// user is who package account keeps.
type user struct {
	ID string `dynamo:"id,hash"`
}

var (
	byStatus   = Index{"status", "createdAt"}
	commentsOn = Index{"postId", "id"}
	onBoard    = Index{"board", "rank"}
)

// blog is what a project's generated store is.
type blog struct {
	*DB
	posts    *Model[post]
	comments *Model[comment]
	receipts *Model[receipt]
	folders  *Model[folder]
	notices  *Model[notice]
	users    dynamo.Table
	client   *testclient.Client
}

// blogOn returns a blog, whose tables need not be there.
func blogOn(client dynamodbiface.DynamoDBAPI, prefix string) *blog {
	db := Open(client, prefix)
	b := &blog{
		DB:       db,
		posts:    New[post](db, "Post", "posts"),
		comments: New[comment](db, "Comment", "comments"),
		receipts: New[receipt](db, "Receipt", "receipts"),
		folders:  New[folder](db, "Folder", "folders"),
		notices:  New[notice](db, "Notice", "notices"),
		users:    db.AddTable("users", user{}, false),
	}
	db.SetUsers(Users{There: b.usersWith})
	b.define()
	return b
}

func (b *blog) define() {
	Define(b.folders, Definition[folder]{
		Required: []string{"name"},
		Uniques:  []Unique[folder]{{Field: "name", Value: func(f *folder) string { return f.Name }}},
		Parents:  []Parent[folder]{{b.folders, "folderId", func(f *folder) string { return f.FolderID }, Cascade, false}},
		Rules:    []Rule{Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner)},
	})
	Define(b.posts, Definition[post]{
		Required: []string{"slug", "title"},
		Defaults: func(p *post) { p.Status = draft },
		Validate: func(p *post) []*Error { return []*Error{MaxLength("title", p.Title, 200)} },
		Uniques:  []Unique[post]{{Field: "slug", Value: func(p *post) string { return p.Slug }}},
		Indexes:  []Index{byStatus},
		Parents:  []Parent[post]{{b.folders, "folderId", func(p *post) string { return p.FolderID }, Cascade, false}},
		Rules: []Rule{
			Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner),
			Allow(OnRead|OnUpdate, Groups("editor")),
		},
		Bulk: Bulk{List: "posts", Create: 33, Update: 33, Delete: 49},
	})
	Define(b.comments, Definition[comment]{
		Required: []string{"body", "postId"},
		Parents:  []Parent[comment]{{b.posts, "postId", func(c *comment) string { return c.PostID }, Cascade, false}},
		Rules: []Rule{
			Allow(OnCreate, Owner, Via("postId", OnRead)),
			Allow(OnUpdate|OnDelete, Owner),
			Allow(OnRead, Via("postId", OnRead)),
		},
		Bulk: Bulk{List: "comments", Create: 50, Update: 100, Delete: 100},
	})
	Define(b.receipts, Definition[receipt]{
		Required: []string{"postId"},
		Parents:  []Parent[receipt]{{b.posts, "postId", func(r *receipt) string { return r.PostID }, Restrict, false}},
		Rules: []Rule{
			Allow(OnCreate|OnRead, Authenticated, Via("postId", OnUpdate)),
			Allow(OnDelete, Owner),
		},
	})
	Define(b.notices, Definition[notice]{
		Required: []string{"board", "rank"},
		Indexes:  []Index{onBoard},
		Rules: []Rule{
			Allow(OnRead, Anyone),
			Allow(OnCreate, Authenticated),
			Allow(OnUpdate|OnDelete, Groups("editor", "admin")),
		},
	})
}

// newBlog returns a blog with its tables, under a prefix of its own.
func newBlog(t testing.TB) *blog {
	t.Helper()
	return newBlogWith(t, func(*blog) {})
}

// newBlogWith is newBlog of a blog that is changed before its tables are made.
func newBlogWith(t testing.TB, change func(*blog)) *blog {
	t.Helper()
	client := &testclient.Client{DynamoDBAPI: testclient.Open(t, NewDynamoDB)}
	b := blogOn(client, "test-"+uuid.NewString()+"-")
	b.client = client
	change(b)
	if _, err := b.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Before = nil
		for _, layout := range b.layouts() {
			if err := layout.DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return b
}

// usersWith tells which users there are, in one call, as package account does.
func (b *blog) usersWith(ctx context.Context, ids []string) (map[string]bool, error) {
	var keys []dynamo.Keyed
	for _, id := range slices.Compact(slices.Sorted(slices.Values(ids))) {
		if id != "" {
			keys = append(keys, dynamo.Keys{id})
		}
	}
	there := map[string]bool{}
	if len(keys) == 0 {
		return there, nil
	}
	var users []user
	err := b.users.Batch("id").Get(keys...).Consistent(true).All(ctx, &users)
	for _, user := range users {
		there[user.ID] = true
	}
	if errors.Is(err, dynamo.ErrNotFound) {
		err = nil
	}
	return there, err
}

// Who asks in these tests.
var (
	anonymous = Caller{}
	ada       = Caller{ID: "01934b6e-7c00-7000-8000-00000000ada0"}
	eve       = Caller{ID: "01934b6e-7c00-7000-8000-00000000e0e0"}
	editor    = Caller{ID: "01934b6e-7c00-7000-8000-0000000ed170", Roles: []string{"reader", "editor"}}
)

// as makes a new item this one, whatever its defaults.
func as[T any](item T) func(*T) {
	return func(made *T) { *made = item }
}

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

func (b *blog) newPost(t testing.TB, owner Caller, slug string) *post {
	t.Helper()
	return made[post](t)(b.posts.Create(t.Context(), owner, func(p *post) { p.Slug, p.Title = slug, "On "+slug }))
}

func (b *blog) newComment(t testing.TB, owner Caller, on *post) *comment {
	t.Helper()
	return made[comment](t)(b.comments.Create(t.Context(), owner, as(comment{Body: "Well", PostID: on.ID})))
}

func (b *blog) newFolder(t testing.TB, name string, in *folder) *folder {
	t.Helper()
	f := folder{Name: name}
	if in != nil {
		f.FolderID = in.ID
	}
	return made[folder](t)(b.folders.Create(t.Context(), ada, as(f)))
}

// register makes users of the callers, whose items Sweep deletes else.
func (b *blog) register(t testing.TB, callers ...Caller) {
	t.Helper()
	users := make([]user, len(callers))
	for i, caller := range callers {
		users[i] = user{caller.ID}
	}
	put(t, b.users, users)
}

// put keeps items as they are, 25 at a time, and not through a model.
func put[T any](t testing.TB, table dynamo.Table, items []T) {
	t.Helper()
	values := make([]any, len(items))
	for i, item := range items {
		values[i] = item
	}
	if _, err := table.Batch("id").Write().Put(values...).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func wantCount(t testing.TB, table dynamo.Table, want int) {
	t.Helper()
	if count, err := table.Scan().Consistent(true).Count(t.Context()); err != nil || count != want {
		t.Errorf("%d items in %s, %v; want %d", count, table.Name(), err, want)
	}
}

func wantError(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

// atOnce calls f 16 times at once, and returns the errors, nil ones included.
func atOnce(f func(i int) error) []error {
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() { errs[i] = f(i) })
	}
	wg.Wait()
	return errs
}

// won counts the nil errors; any other must be of want.
func won(t testing.TB, errs []error, want error) (won int) {
	t.Helper()
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			wantError(t, err, want)
		}
	}
	return won
}

// wantBadInput wants err to refuse what a field has; an empty one is any.
func wantBadInput(t testing.TB, what string, err error, field string) {
	t.Helper()
	if refusal := new(Error); !errors.As(err, &refusal) || refusal.Code != CodeBadUserInput || field != "" && refusal.Field != field {
		t.Errorf("%s: %v, want code BAD_USER_INPUT for field %q", what, err, field)
	}
}

// wantErrorOf wants err to be of a kind, and about a field.
func wantErrorOf(t testing.TB, err, want error, field string) {
	t.Helper()
	if told := new(Error); !errors.Is(err, want) || !errors.As(err, &told) || told.Field != field {
		t.Errorf("%v, want %v of %s", err, want, field)
	}
}
