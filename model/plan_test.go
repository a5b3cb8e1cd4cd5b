package model

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// plan returns the plan, a step a line, with the tables' names as they are without
// prefix.
func (b *blog) plan(t *testing.T) string {
	t.Helper()
	steps, err := b.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, step := range steps {
		what, _, _ := strings.Cut(strings.ReplaceAll(step.String(), b.prefix, ""), ":")
		text.WriteString(what + "\n")
	}
	return text.String()
}

func wantPlan(t *testing.T, b *blog, want ...string) {
	t.Helper()
	if got := b.plan(t); got != strings.Join(append(want, ""), "\n") {
		t.Errorf("planned:\n%swant:\n%s", got, strings.Join(want, "\n"))
	}
}

func TestPlan(t *testing.T) {
	ctx := t.Context()
	b := newBlog(t)
	wantPlan(t, b)

	t.Run("a missing table", func(t *testing.T) {
		if err := b.receipts.core.table.DeleteTable().Wait(ctx); err != nil {
			t.Fatal(err)
		}
		wantPlan(t, b, "create table receipts")
		created, err := b.CreateTables(ctx)
		if want := []string{b.receipts.core.table.Name()}; err != nil || !slices.Equal(created, want) {
			t.Errorf("created %q, %v; want %q", created, err, want)
		}
		wantPlan(t, b)
	})
	t.Run("a new index of live data", func(t *testing.T) {
		for _, slug := range []string{"c", "a", "b"} {
			p := b.newPost(t, ada, slug)
			p.Likes = len(slug)
		}
		byTitle := Index{"status", "title"}
		b.posts.core.definition.Indexes = append(b.posts.core.definition.Indexes, byTitle, Index{"status", "likes"})
		wantPlan(t, b, "create index status-title of table posts", "create index status-likes of table posts")
		created, err := b.CreateTables(ctx)
		if err != nil || len(created) != 2 {
			t.Fatalf("created %q, %v", created, err)
		}
		wantPlan(t, b)
		var titles []string
		for _, edge := range everyEdge(t, b.posts, ada, byTitle, draft, Page{}) {
			titles = append(titles, edge.Node.Title)
		}
		if want := []string{"On a", "On b", "On c"}; !slices.Equal(titles, want) {
			t.Errorf("listed %q, want %q", titles, want)
		}
	})
	t.Run("an index that is not used any more", func(t *testing.T) {
		b.posts.core.definition.Indexes = slices.DeleteFunc(b.posts.core.definition.Indexes, func(x Index) bool { return x.Sort == "likes" })
		wantPlan(t, b, "leave index status-likes of table posts")
		if created, err := b.CreateTables(ctx); err != nil || len(created) > 0 {
			t.Errorf("created %q, %v", created, err)
		}
		if _, err := b.posts.core.table.UpdateTable().DeleteIndex("status-likes").Run(ctx); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a new index on what old items read as its default", func(t *testing.T) {
		p := b.newPost(t, ada, "old")
		if err := b.posts.core.table.Update("id", p.ID).Remove("likes").Run(ctx); err != nil {
			t.Fatal(err)
		}
		byLikes := Index{"status", "likes"}
		b.posts.core.definition.Indexes = append(b.posts.core.definition.Indexes, byLikes)
		wantPlan(t, b, "fill likes of table posts", "create index status-likes of table posts")
		if created, err := b.CreateTables(ctx); err == nil {
			t.Errorf("created %q, and old items are not in it", created)
		}
		steps, err := b.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			if err := b.Do(ctx, step); err != nil {
				t.Error(err)
			}
		}
		wantPlan(t, b)
		if all := everyEdge(t, b.posts, ada, byLikes, draft, Page{}); len(all) != 4 || all[3].Node.Version != 1 {
			t.Errorf("%d posts are in the index, want 4, of the version they had", len(all))
		}
	})
	t.Run("a new field that old items have not", func(t *testing.T) {
		b.posts.core.definition.Required = append(b.posts.core.definition.Required, "summary")
		wantPlan(t, b, "refuse summary of table posts")
		steps, err := b.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Do(ctx, steps[0]); err == nil {
			t.Error("what is refused was done")
		}
		b.posts.core.definition.Required = b.posts.core.definition.Required[:2]
	})
	t.Run("a new index on text that is empty", func(t *testing.T) {
		p := b.newPost(t, ada, "untitled")
		untitled := b.posts.core.table.Update("id", p.ID).Set("title", &types.AttributeValueMemberS{})
		if _, err := b.posts.core.table.UpdateTable().DeleteIndex("status-title").Run(ctx); err != nil {
			t.Fatal(err)
		}
		if err := b.posts.core.table.Wait(ctx, dynamo.ActiveStatus); err != nil {
			t.Fatal(err)
		}
		if err := untitled.Run(ctx); err != nil {
			t.Fatal(err)
		}
		wantPlan(t, b, "refuse title of index status-title of table posts")
		if err := b.posts.core.table.Update("id", p.ID).Set("title", "Titled").Run(ctx); err != nil {
			t.Fatal(err)
		}
		wantPlan(t, b, "create index status-title of table posts")
		if _, err := b.CreateTables(ctx); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a new field of an object inside", func(t *testing.T) {
		n := made[notice](t)(b.notices.Create(ctx, ada, as(notice{Board: "a", Places: &[]place{{Room: "Hall"}, {}}})))
		wantPlan(t, b)
		if err := b.notices.core.table.Update("id", n.ID).Remove("places[1].room").Run(ctx); err != nil {
			t.Fatal(err)
		}
		wantPlan(t, b, "refuse table notices")
		steps, err := b.Plan(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if want := "(it has no places.room)"; !strings.Contains(steps[0].Why, want) {
			t.Errorf("refused because %q, want %q in it", steps[0].Why, want)
		}
		if err := b.notices.core.removeBatch(ctx, []string{n.ID}); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a field that changes its type", func(t *testing.T) {
		n := made[notice](t)(b.notices.Create(ctx, ada, as(notice{Board: "a"})))
		if err := b.notices.core.table.Update("id", n.ID).Set("version", "first").Run(ctx); err != nil {
			t.Fatal(err)
		}
		wantPlan(t, b, "refuse table notices")
		if err := b.notices.core.removeBatch(ctx, []string{n.ID}); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a type that is no more", func(t *testing.T) {
		all := b.models
		b.models = slices.DeleteFunc(slices.Clone(b.models), func(m anyModel) bool { return m == anyModel(b.notices.core) || m == anyModel(b.posts.core) })
		wantPlan(t, b, "leave table notices", "orphan table posts")
		b.models = all
	})
	t.Run("a key of another type", func(t *testing.T) {
		// As if rank had been text.
		if err := b.notices.core.table.DeleteTable().Wait(ctx); err != nil {
			t.Fatal(err)
		}
		type oldNotice struct {
			ID      string `dynamo:"id,hash"`
			OwnerID string `dynamo:"ownerId"`
			Board   string `dynamo:"board"`
			Rank    string `dynamo:"rank"`
		}
		old := layout{Table: b.notices.core.table, item: oldNotice{}, indexes: []Index{ByOwner, onBoard}}
		if _, err := b.createTable(ctx, old); err != nil {
			t.Fatal(err)
		}
		wantPlan(t, b, "refuse index board-rank of table notices")
		if _, err := b.CreateTables(ctx); err == nil {
			t.Error("CreateTables is content")
		}
	})
	t.Run("another key", func(t *testing.T) {
		if err := b.notices.core.table.DeleteTable().Wait(ctx); err != nil {
			t.Fatal(err)
		}
		type oldNotice struct {
			Board string `dynamo:"board,hash"`
		}
		if _, err := b.createTable(ctx, layout{Table: b.notices.core.table, item: oldNotice{}}); err != nil {
			t.Fatal(err)
		}
		wantPlan(t, b, "refuse table notices")
	})
}
