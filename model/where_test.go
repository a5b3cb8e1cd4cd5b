package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/otel/trace/noop"
)

// isStatus holds for posts of a status.
func isStatus(is status) Term {
	return Where(map[string]any{"status": map[string]any{"eq": string(is)}})
}

// postsByFolderAndStatus lists what a folder has of one status.
var postsByFolderAndStatus = Joined{Name: "inFolder", Hash: []string{"folderId", "status"}}

// postsByOwnerAndStatus lists what somebody owns of one status.
var postsByOwnerAndStatus = Joined{Name: "mine", Hash: []string{"ownerId", "status"}}

// draftingRules have everybody read what is published, and the owner and editors the rest.
var draftingRules = []Rule{
	Allow(OnCreate|OnRead|OnUpdate|OnDelete, Owner),
	Allow(OnRead, Anyone, isStatus(published)),
	Allow(OnRead|OnUpdate, Groups("editor")),
}

// newDraftingBlog returns a blog with these rules of posts; without any, with draftingRules.
func newDraftingBlog(t testing.TB, rules ...Rule) *blog {
	t.Helper()
	if rules == nil {
		rules = draftingRules
	}
	return newBlogWith(t, func(b *blog) { b.letDraft(rules) })
}

// letDraft has the blog be one of drafts, by these rules.
func (b *blog) letDraft(rules []Rule) {
	d := b.posts.core.definition
	d.Fields = []Field{
		{Name: "slug"}, {Name: "title"}, {Name: "status", Type: EnumField}, {Name: "likes", Type: NumberField},
		{Name: "folder", Attribute: "folderId", Type: ParentField, Nullable: true},
	}
	d.Joined = []Joined{postsByFolderAndStatus, postsByOwnerAndStatus}
	d.Rules = rules
	b.folders.core.definition.Rules = append(b.folders.core.definition.Rules, Allow(OnRead, Anyone))
	b.posts.core.definition = d
	b.posts.redefine()
}

// redefine has the model be what its definition says that was changed.
func (m *ModelOf[P]) redefine() {
	m.core.definition.Rules = m.core.scoped(m.core.understood(m.core.definition.Rules))
	m.core.definition.FieldRules = m.core.understoodByField(m.core.definition.FieldRules)
	m.core.joined = layout{joined: m.core.definition.Joined}.joinedAttributes()
}

// manyPosts keeps posts in a folder of Ada's, of which every third is published, and returns them and the folder.
func (b *blog) manyPosts(t testing.TB, count int) (in *folder, posts []post) {
	t.Helper()
	in = b.newFolder(t, "f"+NewID(), nil)
	for i := range count {
		p := post{Object: Object{ID: NewID(), OwnerID: ada.ID, Version: 1, CreatedAt: Now(), UpdatedAt: Now()}, Slug: fmt.Sprint("s", i), Title: fmt.Sprint("t", i%4), Status: draft, FolderID: in.ID}
		if i%3 == 0 {
			p.Status = published
		}
		posts = append(posts, p)
	}
	for i := range posts {
		item, err := b.posts.core.marshal(&posts[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := b.posts.core.table.Put(item).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return in, posts
}

// idsIn returns the ids of a page.
func idsIn[T any](m *Model[T], page *Connection[T]) (ids []string) {
	for _, edge := range page.Edges {
		ids = append(ids, untyped(edge.Node).base().ID)
	}
	return ids
}

// TestWhere asks for a draft and for what is published, as who may read both and who may not.
func TestWhere(t *testing.T) {
	b, ctx := newDraftingBlog(t), t.Context()
	hidden := b.newPost(t, ada, "hidden")
	shown := made[post](t)(b.posts.Create(ctx, ada, as(post{Slug: "shown", Title: "On it", Status: published})))
	for name, test := range map[string]struct {
		caller Caller
		sees   bool
	}{
		"nobody": {anonymous, false}, "another": {eve, false}, "the owner": {ada, true}, "an editor": {editor, true}, "the project": {System, true},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := b.posts.ByID(ctx, test.caller, []string{hidden.ID, shown.ID})
			if err != nil || (found[hidden.ID] != nil) != test.sees || found[shown.ID] == nil {
				t.Errorf("%v, %v; sees the draft: %t", found, err, test.sees)
			}
			page, err := b.posts.List(ctx, test.caller, ByOwner, ada.ID, Page{})
			want := []string{shown.ID}
			if test.sees {
				want = []string{hidden.ID, shown.ID}
			}
			if err != nil || !slices.Equal(idsIn(b.posts, page), want) {
				t.Errorf("the list has %v, %v; want %v", idsIn(b.posts, page), err, want)
			}
		})
	}
	if _, err := b.posts.Update(ctx, eve, hidden.GlobalID(), nil, func(*post) {}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an update of a hidden draft: %v", err)
	}
	if _, err := b.posts.Update(ctx, eve, shown.GlobalID(), nil, func(*post) {}); !errors.Is(err, ErrForbidden) {
		t.Errorf("an update of what one may read: %v", err)
	}
}

// TestWhereOfWrites changes and deletes what the rule is for, by what it is before, and makes it by what it is then.
func TestWhereOfWrites(t *testing.T) {
	b, ctx := newDraftingBlog(t,
		Allow(OnRead, Anyone),
		Allow(OnCreate, Authenticated, isStatus(draft)),
		Allow(OnUpdate|OnDelete, Authenticated, isStatus(draft)),
	), t.Context()
	publish := func(p *post) { p.Status = published }
	byDefault := b.newPost(t, ada, "by-default")
	if byDefault.Status != draft {
		t.Fatalf("a post by its default is %s", byDefault.Status)
	}
	_, err := b.posts.Create(ctx, ada, as(post{Slug: "ready", Title: "Ready", Status: published}))
	wantError(t, err, ErrForbidden)
	if err := b.Transact(ctx, func(tx *Tx) error {
		_, err := b.posts.In(tx).Create(ctx, ada, as(post{Slug: "ready", Title: "Ready", Status: published}))
		return err
	}); !errors.Is(err, ErrForbidden) {
		t.Errorf("in a transaction: %v", err)
	}
	_, err = b.posts.CreateAll(ctx, ada, nil, []Creation[post]{{Set: as(post{Slug: "one", Title: "One", Status: draft})}, {Set: as(post{Slug: "two", Title: "Two", Status: published})}})
	wantErrorOf(t, err, ErrForbidden, "posts[1]")

	if changed, err := b.posts.Update(ctx, eve, byDefault.GlobalID(), nil, publish); err != nil || changed.Status != published {
		t.Errorf("who may change drafts may publish: %v, %v", changed, err)
	}
	_, err = b.posts.Update(ctx, eve, byDefault.GlobalID(), nil, func(p *post) { p.Status = draft })
	wantError(t, err, ErrForbidden)
	_, err = b.posts.Delete(ctx, eve, byDefault.GlobalID(), nil)
	wantError(t, err, ErrForbidden)
	_, err = b.posts.ApplyAll(ctx, eve, []Change[post]{{ID: byDefault.GlobalID(), Set: func(p *post) { p.Title = "Late" }}})
	wantErrorOf(t, err, ErrForbidden, "posts[0]")
	_, err = b.posts.DeleteAll(ctx, eve, []string{byDefault.GlobalID()})
	wantErrorOf(t, err, ErrForbidden, "ids[0]")

	// A hook comes before the rules have their last word.
	redefine(b.posts, func(d *Definition[post]) {
		d.Hooks.BeforeCreate = func(_ context.Context, _ Caller, p *post) error { publish(p); return nil }
	})
	_, err = b.posts.Create(ctx, ada, as(post{Slug: "hooked", Title: "Hooked", Status: draft}))
	wantError(t, err, ErrForbidden)
	b.posts.core.definition.Hooks.BeforeCreate = nil

	// Whoever publishes it in between has the last word.
	again := b.newPost(t, ada, "again")
	b.client.AtFirst("UpdateItem", func() {
		made[post](t)(b.posts.Update(ctx, System, again.GlobalID(), nil, publish))
	})
	_, err = b.posts.Update(ctx, eve, again.GlobalID(), nil, func(p *post) { p.Title = "Late" })
	wantError(t, err, ErrForbidden)
	wantCount(t, b.posts.core.table, 2)
}

// TestWhereOfParents asks for comments by the rules of their posts.
func TestWhereOfParents(t *testing.T) {
	b, ctx := newDraftingBlog(t), t.Context()
	hidden := b.newPost(t, ada, "hidden")
	on := b.newComment(t, ada, hidden)
	_, err := b.comments.Create(ctx, eve, as(comment{Body: "Well", PostID: hidden.ID}))
	if !errors.Is(err, ErrNoParent) {
		t.Errorf("a comment on a hidden draft: %v", err)
	}
	for _, want := range []int{0, 1} {
		page, err := b.comments.List(ctx, eve, commentsOn, hidden.ID, Page{})
		if err != nil || len(page.Edges) != want {
			t.Errorf("%d comments, %v; want %d", len(page.Edges), err, want)
		}
		if found, err := b.comments.ByID(ctx, eve, []string{on.ID}); err != nil || len(found) != want {
			t.Errorf("%d comments by id, %v; want %d", len(found), err, want)
		}
		made[post](t)(b.posts.Update(ctx, ada, hidden.GlobalID(), nil, func(p *post) { p.Status = published }))
	}
}

// TestWhereTogether has a rule ask for several things, and another be of fields that are not the status.
func TestWhereTogether(t *testing.T) {
	b, ctx := newDraftingBlog(t,
		Allow(OnCreate, Owner),
		Allow(OnRead, Groups("editor"), isStatus(draft), Where(map[string]any{"likes": map[string]any{"ge": 2}})),
		Allow(OnRead, Authenticated, Where(map[string]any{
			"or":     []any{map[string]any{"title": map[string]any{"beginsWith": "Open"}}, map[string]any{"folder": map[string]any{"exists": true}}},
			"status": map[string]any{"ne": "DRAFT"},
		})),
	), t.Context()
	in := b.newFolder(t, "in", nil)
	posts := map[string]*post{}
	for slug, p := range map[string]post{
		"few":    {Title: "Few", Status: draft, Likes: 1},
		"liked":  {Title: "Liked", Status: draft, Likes: 2},
		"open":   {Title: "Open to all", Status: published},
		"closed": {Title: "Closed", Status: published, Likes: 9},
		"filed":  {Title: "Closed", Status: published, FolderID: in.ID},
	} {
		p.Slug = slug
		posts[slug] = made[post](t)(b.posts.Create(ctx, ada, as(p)))
	}
	for name, test := range map[string]struct {
		caller Caller
		want   []string
	}{
		"nobody": {anonymous, nil}, "somebody": {eve, []string{"filed", "open"}}, "an editor": {editor, []string{"filed", "liked", "open"}},
	} {
		t.Run(name, func(t *testing.T) {
			var byID, listed []string
			page, err := b.posts.List(ctx, test.caller, ByOwner, ada.ID, Page{})
			if err != nil {
				t.Fatal(err)
			}
			for _, edge := range page.Edges {
				listed = append(listed, edge.Node.Slug)
			}
			for slug, p := range posts {
				if found, err := b.posts.ByID(ctx, test.caller, []string{p.ID}); err != nil {
					t.Fatal(err)
				} else if found[p.ID] != nil {
					byID = append(byID, slug)
				}
			}
			slices.Sort(byID)
			slices.Sort(listed)
			if !slices.Equal(byID, test.want) || !slices.Equal(listed, test.want) {
				t.Errorf("by id %v, listed %v; want %v", byID, listed, test.want)
			}
		})
	}
}

// TestWhereMeansNothing wants a rule that no filter could be to be refused where the model is defined.
func TestWhereMeansNothing(t *testing.T) {
	for name, fields := range map[string]map[string]any{
		"no field of it": {"colour": map[string]any{"eq": "red"}}, "no such word": {"status": map[string]any{"is": "DRAFT"}},
		"another type": {"likes": map[string]any{"eq": "many"}}, "nothing": {}, "nothing within": {"and": []any{}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is taken")
				}
			}()
			newDraftingBlog(t, Allow(OnRead, Anyone, Where(fields)))
		})
	}
	b, ctx := newBlog(t), t.Context()
	p := b.newPost(t, ada, "of-no-model")
	b.posts.core.definition.Rules = []Rule{Allow(OnRead, Anyone, isStatus(draft))} // that no Define has read
	if found, err := b.posts.ByID(ctx, ada, []string{p.ID}); err != nil || len(found) > 0 {
		t.Errorf("a rule that means nothing gives %v, %v", found, err)
	}
	page, err := b.posts.List(ctx, ada, ByOwner, ada.ID, Page{})
	if err != nil || len(page.Edges) > 0 {
		t.Errorf("and a list of %d, %v", len(page.Edges), err)
	}
}

// TestWhereNarrows wants a list for which a rule is a condition to come upon nothing that is hidden, where an
// index serves that, and to cost what the same list costs under a filter, and one BatchGetItem.
func TestWhereNarrows(t *testing.T) {
	b := newDraftingBlog(t)
	in, _ := b.manyPosts(t, 60)
	filter := NewFilter(map[string]any{"status": map[string]any{"eq": "PUBLISHED"}})
	titled := NewFilter(map[string]any{"title": map[string]any{"eq": "t0"}})
	b.posts.core.definition.FieldRules = nil
	for name, test := range map[string]struct {
		caller        Caller
		page          Page
		examined      int
		calls         map[string]int
		edges         int
		isOtherFilter bool
	}{
		"nobody":                {anonymous, Page{First: new(5)}, 6, map[string]int{"Query": 1, "BatchGetItem": 1}, 5, false},
		"nobody, all":           {anonymous, Page{First: new(30)}, 20, map[string]int{"Query": 1, "BatchGetItem": 1}, 20, false},
		"nobody, under another": {anonymous, Page{First: new(30), Filter: titled}, 20, map[string]int{"Query": 1, "BatchGetItem": 1}, 5, true},
		"an editor, by filter":  {editor, Page{First: new(5), Filter: filter}, 6, map[string]int{"Query": 1}, 5, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, examined := examining(t.Context())
			var page *Connection[post]
			calls := b.client.Counted(func() {
				var err error
				if page, err = b.posts.List(ctx, test.caller, b.posts.ParentIndex("folderId"), in.ID, test.page); err != nil {
					t.Fatal(err)
				}
			})
			if len(page.Edges) != test.edges || *examined != test.examined {
				t.Errorf("%d edges of %d examined; want %d of %d", len(page.Edges), *examined, test.edges, test.examined)
			}
			if diff := cmp.Diff(test.calls, calls); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// examining returns a context in which lists add up how many items they examine.
func examining(ctx context.Context) (context.Context, *int) {
	examined := new(int)
	return WithListReports(ctx, func(_ context.Context, report ListReport) { *examined += report.Examined }), examined
}

// TestWhereLags wants what an index has as it was to be given as it is, or not at all: what has become a draft,
// is another's or in another folder, matches the filter no more, is gone or going.
func TestWhereLags(t *testing.T) {
	filter := NewFilter(map[string]any{"title": map[string]any{"beginsWith": "t"}})
	for name, test := range map[string]struct {
		change func(b *blog, p *post) error
		stays  bool
	}{
		"a draft again": {change: func(b *blog, p *post) error {
			_, err := b.posts.Update(context.Background(), ada, p.GlobalID(), nil, func(p *post) { p.Status = draft })
			return err
		}},
		"of another title": {change: func(b *blog, p *post) error {
			_, err := b.posts.Update(context.Background(), ada, p.GlobalID(), nil, func(p *post) { p.Title = "Another" })
			return err
		}},
		"of no folder": {change: func(b *blog, p *post) error {
			_, err := b.posts.Update(context.Background(), ada, p.GlobalID(), nil, func(p *post) { p.FolderID = "" })
			return err
		}},
		"deleted": {change: func(b *blog, p *post) error {
			return b.posts.core.table.Delete("id", p.ID).Run(context.Background())
		}},
		"being deleted": {change: func(b *blog, p *post) error {
			return b.posts.core.table.Update("id", p.ID).Set("deleting", newMark()).Run(context.Background())
		}},
		"liked": {stays: true, change: func(b *blog, p *post) error {
			_, err := b.posts.Update(context.Background(), ada, p.GlobalID(), nil, func(p *post) { p.Likes = 7 })
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newDraftingBlog(t)
			in, posts := b.manyPosts(t, 12)
			list := func(ctx context.Context) *Connection[post] {
				page, err := b.posts.List(ctx, anonymous, b.posts.ParentIndex("folderId"), in.ID, Page{Filter: filter})
				if err != nil {
					t.Fatal(err)
				}
				return page
			}
			count := func() int {
				total, err := list(t.Context()).TotalCount(t.Context())
				if err != nil || total == nil {
					t.Fatalf("%v, %v", total, err)
				}
				return *total
			}
			before, cursors := list(t.Context()), map[string]string{}
			for _, edge := range before.Edges {
				cursors[edge.Node.ID] = edge.Cursor
			}
			if len(before.Edges) != 4 || count() != 4 {
				t.Fatalf("%d posts, and %d in all", len(before.Edges), count())
			}
			b.client.AtFirst("BatchGetItem", func() {
				if err := test.change(b, &posts[3]); err != nil {
					t.Error(err)
				}
			})
			after := list(t.Context())
			want := 3
			if test.stays {
				want = 4
			}
			if len(after.Edges) != want || slices.Contains(idsIn(b.posts, after), posts[3].ID) != test.stays {
				t.Errorf("%d posts, want %d", len(after.Edges), want)
			}
			for _, edge := range after.Edges {
				if cursors[edge.Node.ID] != edge.Cursor {
					t.Error("a cursor is another")
				}
				if edge.Node.ID == posts[3].ID && edge.Node.Likes != 7 {
					t.Error("a post is given as it was")
				}
			}
			if count() != want {
				t.Errorf("%d in all, want %d", count(), want)
			}
		})
	}
}

// TestWhereCountsLag wants a count to be of what is there, too.
func TestWhereCountsLag(t *testing.T) {
	b := newDraftingBlog(t)
	in, posts := b.manyPosts(t, 12)
	page, err := b.posts.List(t.Context(), anonymous, b.posts.ParentIndex("folderId"), in.ID, Page{})
	if err != nil {
		t.Fatal(err)
	}
	b.client.AtFirst("BatchGetItem", func() {
		made[post](t)(b.posts.Update(t.Context(), ada, posts[0].GlobalID(), nil, func(p *post) { p.Status = draft }))
	})
	if total, err := page.TotalCount(t.Context()); err != nil || total == nil || *total != 3 {
		t.Errorf("%v, %v; want 3", total, err)
	}
}

// TestWhereCounts counts lists of which all that one may read has an index of its own, and no others.
func TestWhereCounts(t *testing.T) {
	b := newDraftingBlog(t)
	in, _ := b.manyPosts(t, 12)
	inFolder, byFilter := b.posts.ParentIndex("folderId"), func(is status) Page {
		return Page{Filter: NewFilter(map[string]any{"status": map[string]any{"eq": string(is)}})}
	}
	for name, test := range map[string]struct {
		caller Caller
		index  Index
		hash   any
		page   Page
		want   *int
	}{
		"nobody, of a folder":                         {anonymous, inFolder, in.ID, Page{}, new(4)},
		"nobody, of a folder, under a filter":         {anonymous, inFolder, in.ID, byFilter(published), new(4)},
		"nobody, of drafts":                           {anonymous, inFolder, in.ID, byFilter(draft), new(0)},
		"nobody, of what somebody owns":               {anonymous, ByOwner, ada.ID, Page{}, new(4)},
		"nobody, of what is published":                {anonymous, byStatus, published, Page{}, new(4)},
		"nobody, of all drafts":                       {anonymous, byStatus, draft, Page{}, nil},
		"somebody, of a folder, where some is theirs": {eve, inFolder, in.ID, Page{}, nil},
		"somebody, of what is published":              {eve, byStatus, published, Page{}, new(4)},
		"the owner, of their own":                     {ada, ByOwner, ada.ID, Page{}, new(12)},
		"an editor":                                   {editor, inFolder, in.ID, Page{}, new(12)},
	} {
		t.Run(name, func(t *testing.T) {
			page, err := b.posts.List(t.Context(), test.caller, test.index, test.hash, test.page)
			if err != nil {
				t.Fatal(err)
			}
			got, err := page.TotalCount(t.Context())
			if err != nil || (got == nil) != (test.want == nil) || got != nil && *got != *test.want {
				t.Errorf("%v, %v; want %v", got, err, test.want)
			}
		})
	}
}

// TestWhereRemembers wants nothing to be read twice in a query, and lists that ask at once to read together.
func TestWhereRemembers(t *testing.T) {
	b := newDraftingBlog(t)
	in, posts := b.manyPosts(t, 12)
	ctx := WithReads(t.Context(), true)
	list := func() {
		if page, err := b.posts.List(ctx, anonymous, b.posts.ParentIndex("folderId"), in.ID, Page{}); err != nil || len(page.Edges) != 4 {
			t.Errorf("%v, %v", page, err)
		}
	}
	for i, want := range []map[string]int{{"Query": 1, "BatchGetItem": 1}, {"Query": 1}} {
		if diff := cmp.Diff(want, b.client.Counted(list)); diff != "" {
			t.Errorf("time %d: %s", i+1, diff)
		}
	}
	calls := b.client.Counted(func() {
		if p, err := b.posts.Load(ctx, anonymous, posts[0].ID); err != nil || p == nil {
			t.Errorf("%v, %v", p, err)
		}
		if p, err := b.posts.Load(ctx, anonymous, posts[1].ID); err != nil || p != nil {
			t.Errorf("%v, %v", p, err)
		}
	})
	if diff := cmp.Diff(map[string]int{"BatchGetItem": 1}, calls); diff != "" {
		t.Errorf("a draft is none that was read: %s", diff)
	}
}

// TestWhereTellsNothing wants all that is told of lists to be the same whether hidden drafts have one value or
// another, or are not there: edges, cursors, ends, totals, and what was read for them beside the index itself.
func TestWhereTellsNothing(t *testing.T) {
	b := newDraftingBlog(t)
	in, posts := b.manyPosts(t, 60)
	observed := b.observed()
	observed.letDraft(draftingRules)
	type answer struct {
		IDs, Cursors []string
		Info         PageInfo
		Total        *int
		Examined     int
		Reads        float64 // units
	}
	answers := func(t *testing.T) (all []answer) {
		for _, caller := range []Caller{anonymous, eve} {
			for _, filter := range []*Filter{
				nil, NewFilter(map[string]any{"title": map[string]any{"eq": "t1"}}), NewFilter(map[string]any{"title": map[string]any{"eq": "secret"}}),
				NewFilter(map[string]any{"status": map[string]any{"eq": "DRAFT"}}), NewFilter(map[string]any{"likes": map[string]any{"gt": 3}}),
			} {
				for _, page := range []Page{{First: new(3)}, {First: new(100)}, {Last: new(3)}, {Last: new(100)}} {
					page.Filter = filter
					ctx, examined := examining(WithRequest(t.Context(), new(Request)))
					got, err := observed.posts.List(ctx, caller, b.posts.ParentIndex("folderId"), in.ID, page)
					if err != nil {
						t.Fatal(err)
					}
					told := answer{IDs: idsIn(b.posts, got), Info: *got.PageInfo}
					for _, edge := range got.Edges {
						told.Cursors = append(told.Cursors, edge.Cursor)
					}
					if told.Total, err = got.TotalCount(ctx); err != nil {
						t.Fatal(err)
					}
					told.Examined = *examined
					told.Reads = UsageOf(ctx).ReadUnits
					all = append(all, told)
				}
			}
		}
		return all
	}
	before := answers(t)
	change := func(what string, besides cmp.Option, change func(p *post) error) {
		for i := range posts {
			if posts[i].Status == draft {
				if err := change(&posts[i]); err != nil {
					t.Fatal(err)
				}
			}
		}
		if diff := cmp.Diff(before, answers(t), besides); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	change("other drafts", cmp.Options{}, func(p *post) error {
		_, err := b.posts.Update(t.Context(), ada, p.GlobalID(), nil, func(p *post) { p.Title, p.Likes = "secret", 9 })
		return err
	})
	// How far a list is read for a page depends on how much of it is hidden, where no index serves the rule.
	change("no drafts", cmpopts.IgnoreFields(answer{}, "Examined", "Reads"), func(p *post) error {
		_, err := b.posts.Delete(t.Context(), ada, p.GlobalID(), nil)
		return err
	})
}

// TestWhereOfFields wants a rule of a field to be of the item as it is.
func TestWhereOfFields(t *testing.T) {
	b := newDraftingBlog(t, Allow(OnCreate|OnRead|OnUpdate, Anyone))
	b.posts.core.definition.FieldRules = map[string][]Rule{"title": {Allow(OnCreate|OnUpdate, Anyone), Allow(OnRead, Anyone, isStatus(published))}}
	b.posts.redefine()
	in, posts := b.manyPosts(t, 6)
	ctx := t.Context()
	shown := func(filter *Filter) (titles []string) {
		page, err := b.posts.List(ctx, eve, b.posts.ParentIndex("folderId"), in.ID, Page{Filter: filter})
		if err != nil {
			t.Fatal(err)
		}
		for _, edge := range page.Edges {
			may, err := b.posts.MayReadField(ctx, eve, edge.Node, "title")
			if err != nil {
				t.Fatal(err)
			}
			if may {
				titles = append(titles, edge.Node.Title)
			}
		}
		return titles
	}
	if got := shown(nil); !slices.Equal(got, []string{"t0", "t3"}) {
		t.Errorf("shown are %v", got)
	}
	titled := NewFilter(map[string]any{"title": map[string]any{"in": []any{"t0", "t1", "t3"}}})
	if got := shown(titled); !slices.Equal(got, []string{"t0", "t3"}) {
		t.Errorf("found are %v", got)
	}
	b.client.AtFirst("BatchGetItem", func() {
		made[post](t)(b.posts.Update(ctx, System, posts[0].GlobalID(), nil, func(p *post) { p.Status = draft }))
	})
	if got := shown(titled); !slices.Equal(got, []string{"t3"}) {
		t.Errorf("found are %v, of which one is a draft again", got)
	}
	blind := Change[post]{ID: posts[1].GlobalID(), Given: Given{"title": true}, Set: func(p *post) { p.Title = "Another" }}
	if _, err := b.posts.Apply(ctx, eve, blind); err != nil {
		t.Errorf("who may not read a title may change it: %v", err)
	}
}

// TestWhereOfGivenFields wants what a rule of a field says of a new item to hold for it after its hook.
func TestWhereOfGivenFields(t *testing.T) {
	b := newDraftingBlog(t, Allow(OnCreate|OnRead, Anyone))
	b.posts.core.definition.FieldRules = map[string][]Rule{"title": {Allow(OnRead, Anyone), Allow(OnCreate, Anyone, isStatus(draft))}}
	redefine(b.posts, func(d *Definition[post]) {
		d.Hooks.BeforeCreate = func(_ context.Context, _ Caller, p *post) error {
			if p.Slug == "at-once" {
				p.Status = published
			}
			return nil
		}
	})
	b.posts.redefine()
	for slug, want := range map[string]error{"first": nil, "at-once": ErrForbidden} {
		_, err := b.posts.CreateOnceOf(t.Context(), ada, Creation[post]{
			Given: Given{"title": true},
			Set:   func(p *post) { p.Slug, p.Title, p.Status = slug, "Mine", draft },
		})
		if !errors.Is(err, want) {
			t.Errorf("%s is made: %v, want %v", slug, err, want)
		}
	}
}

// TestWhereByTokens wants scopes to hold beside what rules say of fields.
func TestWhereByTokens(t *testing.T) {
	b := newDraftingBlog(t)
	in, posts := b.manyPosts(t, 6)
	for scope, want := range map[string]int{"read:Post": 2, "create:Post": 0} {
		token := eve.Within(ScopesOf([]string{scope}))
		page, err := b.posts.List(t.Context(), token, b.posts.ParentIndex("folderId"), in.ID, Page{})
		if err != nil || len(page.Edges) != want {
			t.Errorf("%s: %d posts, %v; want %d", scope, len(page.Edges), err, want)
		}
		found, err := b.posts.ByID(t.Context(), token, []string{posts[0].ID, posts[1].ID})
		if err != nil || len(found) != want/2 {
			t.Errorf("%s: %d by id, %v; want %d", scope, len(found), err, want/2)
		}
	}
}

// observed returns the blog as one whose client counts what it asks for, with the same cursors.
func (b *blog) observed() *blog {
	observed := blogOn(Observe(b.client, noop.NewTracerProvider()), b.prefix)
	observed.sealer = b.sealer
	return observed
}

// TestWhereCosts measures what a page costs whose items are read again: docs/cost.md has it.
func TestWhereCosts(t *testing.T) {
	b := newDraftingBlog(t)
	in, _ := b.manyPosts(t, 60)
	observed := b.observed()
	observed.letDraft(draftingRules)
	for name, test := range map[string]struct {
		caller Caller
		want   Usage
	}{
		"nobody, who reads by a rule of fields": {anonymous, Usage{Calls: 2, Items: 22, ReadUnits: 11.5}},
		"an editor":                             {editor, Usage{Calls: 1, Items: 11, ReadUnits: 0.5}},
		"the owner":                             {ada, Usage{Calls: 1, Items: 11, ReadUnits: 0.5}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := WithRequest(t.Context(), new(Request))
			page, err := observed.posts.List(ctx, test.caller, observed.posts.ParentIndex("folderId"), in.ID, Page{First: new(10)})
			if err != nil || len(page.Edges) != 10 {
				t.Fatalf("%v, %v", page, err)
			}
			if diff := cmp.Diff(test.want, UsageOf(ctx)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhereExplained wants a plan to tell by which index a list is read, and whether that is read again.
func TestWhereExplained(t *testing.T) {
	b := newDraftingBlog(t)
	list := b.posts.ParentIndex("folderId")
	for name, test := range map[string]struct {
		caller            Caller
		index             string
		isAgain, isOwnNot bool
		isCounted         bool
	}{
		"nobody":    {caller: anonymous, index: "posts.by-folderId-status-id", isAgain: true, isCounted: true},
		"somebody":  {caller: eve, index: "posts.folderId-id", isAgain: true, isOwnNot: true},
		"an editor": {caller: editor, index: "posts.folderId-id", isCounted: true},
	} {
		t.Run(name, func(t *testing.T) {
			plan, err := b.posts.PlanOf(test.caller, list, Page{First: new(10)})
			if err != nil || plan.Index != test.index || plan.IsReadAgain != test.isAgain || plan.IsOwnNot != test.isOwnNot {
				t.Errorf("%+v, %v; want %+v", plan, err, test)
			}
			count, err := b.posts.PlanOfCount(test.caller, list, Page{})
			if err != nil || (count.Queries > 0) != test.isCounted || test.isCounted && count.IsReadAgain != test.isAgain {
				t.Errorf("a count %+v, %v; want %+v", count, err, test)
			}
		})
	}
}
