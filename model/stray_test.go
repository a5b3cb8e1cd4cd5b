package model

import (
	"strings"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
)

// TestPlanTellsStrays leaves items with attributes of fields that were renamed, in objects too, and
// with values that an enum has no more.
func TestPlanTellsStrays(t *testing.T) {
	ctx := t.Context()
	b := newBlog(t)
	b.posts.core.definition.Enums = map[string][]string{"status": {string(draft), "PUBLISHED"}}
	b.notices.core.definition.Enums = map[string][]string{"places.room": {"Hall"}}
	one, two, three := b.newPost(t, ada, "one"), b.newPost(t, ada, "two"), b.newPost(t, ada, "three")
	if _, err := b.posts.CreateOnce(ctx, ada, keyMadeAt(time.Now()), func(p *post) { p.Slug = "again" }); err != nil {
		t.Fatal(err)
	}
	n := made[notice](t)(b.notices.Create(ctx, ada, as(notice{Board: "a", Places: &[]place{{Room: "Hall"}, {Room: "Hall"}}})))
	wantPlan(t, b)
	for _, change := range []*dynamo.Update{
		b.posts.core.table.Update("id", one.ID).Set("headline", "An older title").SetExpr("$ = ?", "renamed-headline", "of a rename that was never finished"),
		b.posts.core.table.Update("id", two.ID).Set("headline", "").Set("status", "ARCHIVED"),
		b.posts.core.table.Update("id", three.ID).Set("status", "archived"),
		b.notices.core.table.Update("id", n.ID).Set("places[1].room", "Attic").Set("places[0].door", "left"),
	} {
		if err := change.Run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	steps, err := b.Plan(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, step := range steps {
		got = append(got, strings.ReplaceAll(step.String(), b.prefix, ""))
	}
	for i, want := range [][]string{
		{"stray headline of table posts", `@renamed(from: "headline")`},
		{"stray status of table posts", two.ID, `"ARCHIVED"`},
		{"stray status of table posts", three.ID, `"archived"`},
		{"stray places.door of table notices", n.ID},
		{"stray places.room of table notices", n.ID, `"Attic"`},
	} {
		if i >= len(got) {
			t.Fatalf("planned %q", got)
		}
		for _, part := range want {
			if !strings.Contains(got[i], part) {
				t.Errorf("step %d is %q, want it to tell %q", i, got[i], part)
			}
		}
	}
	if len(got) != 5 {
		t.Errorf("planned %q", got)
	}
}
