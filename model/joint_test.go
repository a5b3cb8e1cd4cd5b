package model

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/uuid"
	"github.com/guregu/dynamo/v2"

	"github.com/ownql/ownql/internal/itembytes"
	"github.com/ownql/ownql/internal/testclient"
)

// TestLoadersReadTogether has loaders of several types begin at once: their first reads are one BatchGetItem, and none
// waits for ever for another that reads nothing, fails, or waits for it.
func TestLoadersReadTogether(t *testing.T) {
	client := &testclient.Client{DynamoDBAPI: testclient.Open(t, NewDynamoDB)}
	db := Open(client, "test-"+uuid.NewString()+"-")
	posts, folders := New[post](db, "Post", "posts"), New[folder](db, "Folder", "folders")
	Define(posts, Definition[post]{Rules: []Rule{Allow(OnRead, Anyone)}})
	Define(folders, Definition[folder]{Rules: []Rule{Allow(OnRead, Anyone)}})
	if _, err := db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	a, err := posts.Create(t.Context(), System, func(p *post) { p.Title = "a" })
	if err != nil {
		t.Fatal(err)
	}
	b, err := folders.Create(t.Context(), System, func(f *folder) { f.Name = "b" })
	if err != nil {
		t.Fatal(err)
	}

	type waits = func() error
	load := func(ctx context.Context, typeName, id string, isThere bool) waits {
		wait := db.LoadNodes(ctx, Caller{}, typeName, id)
		return func() error {
			node, err := wait(0)
			if (node != nil) != isThere {
				t.Errorf("%s %s is %v", typeName, id, node)
			}
			return err
		}
	}
	for _, test := range []struct {
		name  string
		asks  []func(ctx context.Context) waits
		calls int // of BatchGetItem
	}{
		{"of two types", []func(context.Context) waits{
			func(ctx context.Context) waits { return load(ctx, "Post", a.ID, true) },
			func(ctx context.Context) waits { return load(ctx, "Folder", b.ID, true) },
			func(ctx context.Context) waits { return load(ctx, "Post", b.ID, false) },
			func(ctx context.Context) waits { return load(ctx, "Nothing", b.ID, false) },
		}, 1},
		{"of one", []func(context.Context) waits{func(ctx context.Context) waits { return load(ctx, "Post", a.ID, true) }}, 1},
		{"of none", []func(context.Context) waits{func(ctx context.Context) waits { return load(ctx, "Nothing", a.ID, false) }}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := client.Counted(func() {
				ctx := WithReads(t.Context(), true)
				ExpectLoads(ctx, len(test.asks))
				var all []waits
				for _, ask := range test.asks {
					all = append(all, ask(ctx))
					time.Sleep(2 * loadWait) // for which who expects nothing would not wait
					Asked(ctx)
				}
				for _, wait := range all {
					if err := wait(); err != nil {
						t.Error(err)
					}
				}
			})
			if calls["BatchGetItem"] != test.calls {
				t.Errorf("%v, want %d", calls, test.calls)
			}
		})
	}

	t.Run("one that waits for another", func(t *testing.T) {
		ctx := WithReads(t.Context(), true)
		ExpectLoads(ctx, 3)
		waitForPost := load(ctx, "Post", a.ID, true)
		waiting := Loader(ctx, "waiting", func(ctx context.Context, _ []string) (map[string]*post, error) {
			found, err := posts.Load(ctx, Caller{}, a.ID)
			return map[string]*post{"x": found}, err
		}).Load(ctx, "x")
		silent := Loader(ctx, "silent", func(context.Context, []string) (map[string]*post, error) { panic("at the disco") }).Load(ctx, "x")
		for range 3 {
			Asked(ctx)
		}
		if found, err := waiting(); err != nil || found == nil || found.ID != a.ID {
			t.Errorf("%v, %v", found, err)
		}
		if err := waitForPost(); err != nil {
			t.Error(err)
		}
		if _, err := silent(); err == nil {
			t.Error("what panics is no error")
		}
	})
	t.Run("a read that fails fails all", func(t *testing.T) {
		ctx := WithReads(t.Context(), true)
		ExpectLoads(ctx, 2)
		post, folder := load(ctx, "Post", a.ID, false), load(ctx, "Folder", b.ID, false)
		client.FailAfter(0)
		defer func() { client.Before = nil }()
		Asked(ctx)
		Asked(ctx)
		if post() == nil || folder() == nil {
			t.Error("there is no error")
		}
	})
	t.Run("what one reads alone is missing", func(t *testing.T) {
		strange := New[folder](db, "Strange", "strange") // of no table
		Define(strange, Definition[folder]{Rules: []Rule{Allow(OnRead, Anyone)}})
		ctx := WithReads(t.Context(), true)
		ExpectLoads(ctx, 2)
		post, none := load(ctx, "Post", a.ID, true), load(ctx, "Strange", b.ID, false)
		Asked(ctx)
		Asked(ctx)
		if err := post(); err != nil {
			t.Error(err)
		}
		if none() == nil {
			t.Error("a table that is not there is no error")
		}
	})
	t.Run("a read that panics", func(t *testing.T) {
		ctx := WithReads(t.Context(), true)
		ExpectLoads(ctx, 3)
		ofPost, ofFolder := load(ctx, "Post", a.ID, false), load(ctx, "Folder", b.ID, false)
		// It reads nothing itself, and comes last.
		silent := Loader(ctx, "late", func(context.Context, []string) (map[string]*post, error) {
			time.Sleep(20 * time.Millisecond)
			return nil, nil
		}).Load(ctx, "x")
		client.Before = func(string) error { panic("at the disco") }
		defer func() { client.Before = nil }()
		for range 3 {
			Asked(ctx)
		}
		if ofPost() == nil || ofFolder() == nil {
			t.Error("there is no error")
		}
		if _, err := silent(); err != nil {
			t.Error(err)
		}
	})
	for _, test := range []struct {
		name   string
		others int // who are expected beside
		come   int // of whom so many do
		ids    int
		calls  int // of BatchGetItem
	}{
		{"as many as are one call", 0, 1, maxPageSize, 1},
		{"more than are one call", 0, 1, maxPageSize + 1, 2},
		{"as many as are one call, and another field", 1, 2, maxPageSize, 1},
		{"as many as are one call, and who does not come", 1, 1, maxPageSize, 1},
		{"as many as are one call, and nobody comes", 0, 0, maxPageSize, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			ids := make([]string, test.ids)
			for i := range ids {
				ids[i] = NewID()
			}
			ids[test.ids-1] = a.ID
			calls := client.Counted(func() {
				ctx := WithReads(t.Context(), true)
				ExpectLoads(ctx, 1+test.others)
				var wait func(int) (Node, error)
				AskTogether(ctx, func() { wait = db.LoadNodes(ctx, Caller{}, "Post", ids...) })
				for range test.come {
					Asked(ctx)
				}
				for i := range ids {
					if node, err := wait(i); err != nil || (node != nil) != (i == test.ids-1) {
						t.Errorf("%d is %v, %v", i, node, err)
					}
				}
			})
			if calls["BatchGetItem"] != test.calls {
				t.Errorf("%v, want %d", calls, test.calls)
			}
		})
	}
	t.Run("who does not come is not waited for", func(t *testing.T) {
		ctx := WithReads(t.Context(), true)
		ExpectLoads(ctx, 2)
		wait := load(ctx, "Post", a.ID, true)
		Asked(ctx)
		if err := wait(); err != nil {
			t.Error(err)
		}
	})
	if err := db.ReadByID(t.Context(), ItemIDs{Table: posts.core.table.Name(), IDs: []string{a.ID, a.ID}}, func(itembytes.Found) error { return nil }); err != nil {
		t.Errorf("the same id twice: %v", err)
	}
}

// TestDecodeFound: an item that is decoded stays as it is, since others may have found the same.
func TestDecodeFound(t *testing.T) {
	db := Open(testclient.Open(t, NewDynamoDB), "test-"+uuid.NewString()+"-")
	posts := New[post](db, "Post", "posts")
	Define(posts, Definition[post]{Rules: []Rule{Allow(OnRead, Anyone)}, Renames: []Rename{{From: "heading", To: "title"}}})
	item := dynamo.Item{"id": &types.AttributeValueMemberS{Value: NewID()}, "heading": &types.AttributeValueMemberS{Value: "a"}}
	found, before := itembytes.FoundItem(item), maps.Clone(item)
	decoded, err := posts.core.decodeFound(found)
	if err != nil {
		t.Fatal(err)
	}
	if title := decoded.(*post).Title; title != "a" {
		t.Errorf("its title is %q", title)
	}
	if of := posts.core.attributesOf(found); of["title"] == nil {
		t.Errorf("its attributes are %v", of)
	}
	if !maps.Equal(item, before) {
		t.Errorf("it is %v, and was %v", item, before)
	}
}
