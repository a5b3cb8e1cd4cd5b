package model

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

// The types of this file are what generated ones are, in short: between them they have
// every rule, unique values, defaults, indexes by time and by number, and what belongs
// to something else, cascading, restricting, optional and to its own type.

type post struct {
	ID        string   `dynamo:"id,hash"`
	OwnerID   string   `dynamo:"ownerId"`
	Slug      string   `dynamo:"slug,allowempty"`
	Title     string   `dynamo:"title,allowempty"`
	Status    status   `dynamo:"status"`
	Likes     int      `dynamo:"likes"`
	FolderID  string   `dynamo:"folderId"`
	Version   int      `dynamo:"version"`
	CreatedAt DateTime `dynamo:"createdAt"`
	UpdatedAt DateTime `dynamo:"updatedAt"`
	Deleting  string   `dynamo:"deleting,omitempty"`
}

type status string

const (
	draft     status = "DRAFT"
	published status = "PUBLISHED"
)

func (p *post) record() record {
	return record{&p.ID, &p.OwnerID, &p.Version, &p.CreatedAt, &p.UpdatedAt, &p.Deleting}
}

// comment belongs to a post, and goes with it.
type comment struct {
	ID        string   `dynamo:"id,hash"`
	OwnerID   string   `dynamo:"ownerId"`
	Body      string   `dynamo:"body,allowempty"`
	PostID    string   `dynamo:"postId"`
	Version   int      `dynamo:"version"`
	CreatedAt DateTime `dynamo:"createdAt"`
	UpdatedAt DateTime `dynamo:"updatedAt"`
	Deleting  string   `dynamo:"deleting,omitempty"`
}

func (c *comment) record() record {
	return record{&c.ID, &c.OwnerID, &c.Version, &c.CreatedAt, &c.UpdatedAt, &c.Deleting}
}

// receipt belongs to a post, and holds it.
type receipt struct {
	ID        string   `dynamo:"id,hash"`
	OwnerID   string   `dynamo:"ownerId"`
	PostID    string   `dynamo:"postId"`
	Version   int      `dynamo:"version"`
	CreatedAt DateTime `dynamo:"createdAt"`
	UpdatedAt DateTime `dynamo:"updatedAt"`
	Deleting  string   `dynamo:"deleting,omitempty"`
}

func (r *receipt) record() record {
	return record{&r.ID, &r.OwnerID, &r.Version, &r.CreatedAt, &r.UpdatedAt, &r.Deleting}
}

// folder may belong to another, and goes with it.
type folder struct {
	ID        string   `dynamo:"id,hash"`
	OwnerID   string   `dynamo:"ownerId"`
	Name      string   `dynamo:"name,allowempty"`
	FolderID  string   `dynamo:"folderId"`
	Version   int      `dynamo:"version"`
	CreatedAt DateTime `dynamo:"createdAt"`
	UpdatedAt DateTime `dynamo:"updatedAt"`
	Deleting  string   `dynamo:"deleting,omitempty"`
}

func (f *folder) record() record {
	return record{&f.ID, &f.OwnerID, &f.Version, &f.CreatedAt, &f.UpdatedAt, &f.Deleting}
}

// notice is everyone's to read.
type notice struct {
	ID        string   `dynamo:"id,hash"`
	OwnerID   string   `dynamo:"ownerId"`
	Board     string   `dynamo:"board"`
	Rank      float64  `dynamo:"rank"`
	Places    *[]place `dynamo:"places"`
	Version   int      `dynamo:"version"`
	CreatedAt DateTime `dynamo:"createdAt"`
	UpdatedAt DateTime `dynamo:"updatedAt"`
	Deleting  string   `dynamo:"deleting,omitempty"`
}

// place is an object inside a notice.
type place struct {
	Room  string `dynamo:"room,allowempty"`
	Floor *int   `dynamo:"floor"`
}

func (n *notice) record() record {
	return record{&n.ID, &n.OwnerID, &n.Version, &n.CreatedAt, &n.UpdatedAt, &n.Deleting}
}

var (
	byStatus      = index{"status", "createdAt"}
	postsInFolder = index{"folderId", "id"}
	commentsOn    = index{"postId", "id"}
	receiptsFor   = index{"postId", "id"}
	foldersIn     = index{"folderId", "id"}
	onBoard       = index{"board", "rank"}
)

// blog is a store of these types instead of the schema's.
type blog struct {
	*Store
	posts    model[post, *post]
	comments model[comment, *comment]
	receipts model[receipt, *receipt]
	folders  model[folder, *folder]
	notices  model[notice, *notice]
	client   *client
}

func (b *blog) define() {
	b.posts = model[post, *post]{
		store:    b.Store,
		typeName: "Post",
		table:    b.db.Table(b.prefix + "posts"),
		required: []string{"slug", "title"},
		defaults: func(p *post) { p.Status = draft },
		validate: func(p *post) []*InputError { return []*InputError{maxLength("title", p.Title, 200)} },
		uniques:  []uniqueField[post]{{"slug", func(p *post) string { return p.Slug }}},
		indexes:  []index{byStatus, postsInFolder},
		parents:  []parent[post]{{&b.folders, "folderId", func(p *post) string { return p.FolderID }, cascade}},
		children: []child{{&b.comments, commentsOn, cascade}, {&b.receipts, receiptsFor, restrict}},
		rules: []rule[post]{
			allow(onCreate|onRead|onUpdate|onDelete, owner[post]()),
			allow(onRead|onUpdate, groups[post]("editor")),
		},
	}
	postID := func(c *comment) string { return c.PostID }
	b.comments = model[comment, *comment]{
		store:    b.Store,
		typeName: "Comment",
		table:    b.db.Table(b.prefix + "comments"),
		required: []string{"body", "postId"},
		indexes:  []index{commentsOn},
		parents:  []parent[comment]{{&b.posts, "postId", postID, cascade}},
		rules: []rule[comment]{
			allow(onCreate, owner[comment](), via(&b.posts, onRead, postID)),
			allow(onUpdate|onDelete, owner[comment]()),
			allow(onRead, via(&b.posts, onRead, postID)),
		},
	}
	b.receipts = model[receipt, *receipt]{
		store:    b.Store,
		typeName: "Receipt",
		table:    b.db.Table(b.prefix + "receipts"),
		required: []string{"postId"},
		indexes:  []index{receiptsFor},
		parents:  []parent[receipt]{{&b.posts, "postId", func(r *receipt) string { return r.PostID }, restrict}},
		rules: []rule[receipt]{
			allow(onCreate|onRead, authenticated[receipt](), via(&b.posts, onUpdate, func(r *receipt) string { return r.PostID })),
			allow(onDelete, owner[receipt]()),
		},
	}
	b.folders = model[folder, *folder]{
		store:    b.Store,
		typeName: "Folder",
		table:    b.db.Table(b.prefix + "folders"),
		required: []string{"name"},
		uniques:  []uniqueField[folder]{{"name", func(f *folder) string { return f.Name }}},
		indexes:  []index{foldersIn},
		parents:  []parent[folder]{{&b.folders, "folderId", func(f *folder) string { return f.FolderID }, cascade}},
		children: []child{{&b.folders, foldersIn, cascade}, {&b.posts, postsInFolder, cascade}},
		rules:    []rule[folder]{allow(onCreate|onRead|onUpdate|onDelete, owner[folder]())},
	}
	b.notices = model[notice, *notice]{
		store:    b.Store,
		typeName: "Notice",
		table:    b.db.Table(b.prefix + "notices"),
		required: []string{"board", "rank"},
		indexes:  []index{onBoard},
		rules: []rule[notice]{
			allow(onRead, anyone[notice]()),
			allow(onCreate, authenticated[notice]()),
			allow(onUpdate|onDelete, groups[notice]("editor", "admin")),
		},
	}
	b.all = []anyModel{&b.posts, &b.comments, &b.receipts, &b.folders, &b.notices}
}

// newBlog returns a blog with its tables, under a prefix of its own.
func newBlog(t testing.TB) *blog {
	t.Helper()
	client := &client{DynamoDBAPI: NewClient(t)}
	b := &blog{Store: New(client, "test-"+uuid.NewString()+"-"), client: client}
	b.define()
	if _, err := b.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.before = nil
		for _, layout := range b.layouts() {
			if err := layout.DeleteTable().Run(context.Background()); err != nil {
				t.Error(err)
			}
		}
	})
	return b
}

// Who asks in these tests.
var (
	anonymous = Caller{}
	ada       = Caller{ID: "01934b6e-7c00-7000-8000-00000000ada0"}
	eve       = Caller{ID: "01934b6e-7c00-7000-8000-00000000e0e0"}
	editor    = Caller{ID: "01934b6e-7c00-7000-8000-0000000ed170", Roles: []string{"reader", "editor"}}
)

// made returns what create returns, which must succeed.
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
	p := b.posts.new()
	p.Slug, p.Title = slug, "On "+slug
	return made[post](t)(b.posts.create(t.Context(), owner, p))
}

func (b *blog) newComment(t testing.TB, owner Caller, on *post) *comment {
	t.Helper()
	return made[comment](t)(b.comments.create(t.Context(), owner, &comment{Body: "Well", PostID: on.ID}))
}

func (b *blog) newFolder(t testing.TB, name string, in *folder) *folder {
	t.Helper()
	f := &folder{Name: name}
	if in != nil {
		f.FolderID = in.ID
	}
	return made[folder](t)(b.folders.create(t.Context(), ada, f))
}

// register makes users of the callers, whose items Sweep deletes else.
func (b *blog) register(t testing.TB, callers ...Caller) {
	t.Helper()
	users := make([]User, len(callers))
	for i, caller := range callers {
		users[i] = User{ID: caller.ID, Email: caller.ID + "@example.com", Version: 1}
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

// client counts the calls that reach DynamoDB's data, and lets a test come before them.
type client struct {
	dynamodbiface.DynamoDBAPI
	mu     sync.Mutex
	calls  map[string]int
	listed int                          // items, by Query
	before func(operation string) error // not nil: the call fails with its error
}

// counted returns how often f called what.
func (c *client) counted(f func()) map[string]int {
	c.mu.Lock()
	c.calls = map[string]int{}
	c.mu.Unlock()
	f()
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.calls)
}

// atFirst runs f before the first call of what.
func (c *client) atFirst(what string, f func()) {
	c.before = func(operation string) error {
		if operation == what {
			c.before = nil
			f()
		}
		return nil
	}
}

// failAfter lets n more calls through.
func (c *client) failAfter(n int) {
	c.before = func(string) error {
		if n--; n < 0 {
			return errLost
		}
		return nil
	}
}

var errLost = errors.New("the connection is lost")

func (c *client) arrive(operation string) error {
	c.mu.Lock()
	if c.calls != nil {
		c.calls[operation]++
	}
	c.mu.Unlock()
	if c.before == nil {
		return nil
	}
	return c.before(operation)
}

type options = func(*dynamodb.Options)

func pass[I, O any](c *client, operation string, ctx context.Context, in I, call func(context.Context, I, ...options) (O, error)) (out O, err error) {
	if err := c.arrive(operation); err != nil {
		return out, err
	}
	return call(ctx, in)
}

func (c *client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...options) (*dynamodb.BatchGetItemOutput, error) {
	return pass(c, "BatchGetItem", ctx, in, c.DynamoDBAPI.BatchGetItem)
}

func (c *client) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, _ ...options) (*dynamodb.BatchWriteItemOutput, error) {
	return pass(c, "BatchWriteItem", ctx, in, c.DynamoDBAPI.BatchWriteItem)
}

func (c *client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...options) (*dynamodb.GetItemOutput, error) {
	return pass(c, "GetItem", ctx, in, c.DynamoDBAPI.GetItem)
}

func (c *client) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...options) (*dynamodb.PutItemOutput, error) {
	return pass(c, "PutItem", ctx, in, c.DynamoDBAPI.PutItem)
}

func (c *client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...options) (*dynamodb.UpdateItemOutput, error) {
	return pass(c, "UpdateItem", ctx, in, c.DynamoDBAPI.UpdateItem)
}

func (c *client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, _ ...options) (*dynamodb.DeleteItemOutput, error) {
	return pass(c, "DeleteItem", ctx, in, c.DynamoDBAPI.DeleteItem)
}

func (c *client) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...options) (*dynamodb.QueryOutput, error) {
	out, err := pass(c, "Query", ctx, in, c.DynamoDBAPI.Query)
	if err == nil {
		c.mu.Lock()
		c.listed += int(out.ScannedCount)
		c.mu.Unlock()
	}
	return out, err
}

func (c *client) Scan(ctx context.Context, in *dynamodb.ScanInput, _ ...options) (*dynamodb.ScanOutput, error) {
	return pass(c, "Scan", ctx, in, c.DynamoDBAPI.Scan)
}

func (c *client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...options) (*dynamodb.TransactWriteItemsOutput, error) {
	return pass(c, "TransactWriteItems", ctx, in, c.DynamoDBAPI.TransactWriteItems)
}
