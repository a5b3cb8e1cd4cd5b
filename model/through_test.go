package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// tag is what posts are found by, and tagging one on a post.
type tag struct {
	Object
	Name string `dynamo:"name,allowempty"`
}

type tagging struct {
	Object
	PostID string `dynamo:"postId"`
	TagID  string `dynamo:"tagId"`
}

func (*tag) IsNode()     {}
func (*tagging) IsNode() {}

func (x *tag) GlobalID() string     { return GlobalID("Tag", x.ID) }
func (x *tagging) GlobalID() string { return GlobalID("Tagging", x.ID) }

// taggedEdge is what a generated edge is.
type taggedEdge struct {
	Cursor string
	Node   *tag
	Link   *tagging
}

// tagged is a blog with tags. Everybody who is signed in reads a tagging that is not hidden, and whoever
// has made a tag reads it, or an editor.
type tagged struct {
	*blog
	tags     *Model[tag]
	taggings *Model[tagging]
	ofPosts  Through[tagging, tag, taggedEdge]
}

func newTagged(t testing.TB) *tagged {
	t.Helper()
	b := newBlog(t)
	b.register(t, ada, eve, editor)
	x := &tagged{blog: b, tags: New[tag](b.DB, "Tag", "tags"), taggings: New[tagging](b.DB, "Tagging", "taggings")}
	Define(x.tags, Definition[tag]{
		Fields: []Field{{Name: "name"}},
		Rules:  []Rule{Allow(OnCreate|OnRead, Owner), Allow(OnRead, Groups("editor"))},
	})
	Define(x.taggings, Definition[tagging]{
		Parents: []Parent[tagging]{
			{b.posts, "postId", func(x *tagging) string { return x.PostID }, Cascade, false},
			{x.tags, "tagId", func(x *tagging) string { return x.TagID }, Cascade, false},
		},
		Uniques: []Unique[tagging]{{
			Field: "tag+post", Together: []string{"tagId", "postId"},
			Value: func(x *tagging) string { return UniqueKey(x.TagID, x.PostID) },
		}},
		Rules: []Rule{Allow(OnCreate|OnRead|OnDelete, Owner), Allow(OnRead, Groups("reader"))},
	})
	b.posts.core.definition.Fields = []Field{{Name: "title"}, {Name: "tags", Type: LinkField}}
	b.posts.core.definition.Links = []Link{{
		Field: "tags", By: x.taggings, From: "postId", To: "tagId", Unique: "tag+post",
		Key: func(from, to string) string { return UniqueKey(to, from) },
	}}
	x.ofPosts = Through[tagging, tag, taggedEdge]{
		Links: x.taggings, From: "postId", Targets: x.tags, To: "tagId",
		Edge: func(cursor string, node *tag, link *tagging) *taggedEdge { return &taggedEdge{cursor, node, link} },
	}
	if _, err := b.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

// tag has a post tagged by somebody, with a tag of another's perhaps.
func (x *tagged) tag(t testing.TB, by Caller, on *post, name string, of Caller) *tagging {
	t.Helper()
	made := tag{Object: Object{ID: NewID(), OwnerID: of.ID, Version: 1}, Name: name}
	put(t, x.tags.core.table, []tag{made})
	return x.link(t, by, on, &made)
}

func (x *tagged) link(t testing.TB, by Caller, on *post, with *tag) *tagging {
	t.Helper()
	link := tagging{Object: Object{ID: NewID(), OwnerID: by.ID, Version: 1}, PostID: on.ID, TagID: with.ID}
	if err := x.taggings.core.put(t.Context(), &link); err != nil {
		t.Fatal(err)
	}
	return &link
}

// TestThrough walks lists of what is linked with a post, of which the caller may not read some, and not
// some of the links.
func TestThrough(t *testing.T) {
	x := newTagged(t)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	on := x.newPost(t, ada, "a")
	type known struct{ name, by, of string }
	var all []known
	for i := range 60 {
		by, of := []Caller{ada, eve}[random.IntN(2)], []Caller{ada, eve}[random.IntN(2)]
		name := fmt.Sprintf("%d of %d", random.IntN(3), i)
		x.tag(t, by, on, name, of)
		all = append(all, known{name, by.ID, of.ID})
	}
	for _, caller := range []Caller{ada, eve, editor, anonymous} {
		isEditor := slices.Contains(caller.Roles, "editor")
		for _, prefix := range []string{"", "1"} {
			var want []string
			for _, k := range all {
				if (isEditor || k.by == caller.ID && k.of == caller.ID) && k.name >= prefix && (prefix == "" || k.name[:1] == prefix) {
					want = append(want, k.name)
				}
			}
			for _, isBackward := range []bool{false, true} {
				var got []string
				size := 1 + random.IntN(12)
				for page := (Page{First: &size}); ; {
					if isBackward {
						page.First, page.Last = nil, &size
					}
					if prefix != "" {
						page.Filter = &Filter{given: map[string]any{"name": map[string]any{"beginsWith": prefix}}}
					}
					found, err := x.ofPosts.List(t.Context(), caller, on.ID, page)
					if err != nil {
						t.Fatal(err)
					}
					var names []string
					for _, edge := range found.Edges {
						if edge.Link.TagID != edge.Node.ID {
							t.Fatalf("the edge of %s has the link of another", edge.Node.Name)
						}
						names = append(names, edge.Node.Name)
					}
					hasMore := found.PageInfo.HasNextPage
					page.After = found.PageInfo.EndCursor
					if isBackward {
						hasMore, page.After, page.Before = found.PageInfo.HasPreviousPage, nil, found.PageInfo.StartCursor
						got = append(names, got...)
					} else {
						got = append(got, names...)
					}
					if hasMore && len(names) < size {
						t.Errorf("a page of %d, which is not the last", len(names))
					}
					if !hasMore {
						break
					}
				}
				if !slices.Equal(got, want) {
					t.Errorf("seed %d, %s, backward %v, %q: %v, want %v", seed, caller.ID, isBackward, prefix, got, want)
				}
			}
		}
	}
	_, err := x.ofPosts.List(t.Context(), ada, on.ID, Page{First: new(101)})
	wantBadInput(t, "a page of 101", err, "first")
}

// TestThroughCosts a Query and a BatchGetItem.
func TestThroughCosts(t *testing.T) {
	x := newTagged(t)
	on := x.newPost(t, ada, "a")
	for i := range 30 {
		x.tag(t, ada, on, fmt.Sprint(i), ada)
	}
	for name, ctx := range map[string]func() (calls map[string]int){
		"alone": func() map[string]int {
			return x.client.Counted(func() { x.ofPosts.List(t.Context(), ada, on.ID, Page{First: new(25)}) })
		},
		"in a query": func() map[string]int {
			ctx := WithReads(t.Context(), true)
			return x.client.Counted(func() { x.ofPosts.List(ctx, ada, on.ID, Page{First: new(25)}) })
		},
	} {
		if calls := ctx(); calls["Query"] != 1 || calls["BatchGetItem"] != 1 || len(calls) != 2 {
			t.Errorf("%s: %v", name, calls)
		}
	}
}

// TestFilterByLinks: a post has the tags that the caller may read, by links that the caller may read.
func TestFilterByLinks(t *testing.T) {
	x := newTagged(t)
	var posts []*post
	for _, slug := range []string{"a", "b", "c"} {
		posts = append(posts, x.newPost(t, ada, slug))
	}
	adas, eves := x.tag(t, ada, posts[0], "ada's", ada), x.tag(t, ada, posts[1], "eve's", eve)
	x.link(t, eve, posts[1], &tag{Object: Object{ID: adas.TagID}}) // which ada may not read
	gone := x.link(t, ada, posts[2], &tag{Object: Object{ID: adas.TagID}})
	if _, err := x.taggings.Delete(t.Context(), ada, gone.GlobalID(), nil); err != nil {
		t.Fatal(err)
	}
	if err := x.uniquesOf(t, gone); err != nil { // what a version before may have left
		t.Fatal(err)
	}
	has := func(link *tagging) map[string]any {
		return map[string]any{"tags": map[string]any{"contains": GlobalID("Tag", link.TagID)}}
	}
	many := []any{}
	for range maxFilterLinks + 1 {
		many = append(many, has(adas))
	}
	_, err := x.posts.ByOwner(t.Context(), ada, ada.ID, Page{Filter: NewFilter(map[string]any{"or": many})})
	wantBadInput(t, "more tags than a filter has", err, "filter.or[5].tags.contains")
	for _, test := range []struct {
		name   string
		by     Caller
		filter map[string]any
		want   string
	}{
		{"by a tag", ada, has(adas), "a"},
		{"by a tag that the caller may not read", ada, has(eves), ""},
		{"without a tag", ada, map[string]any{"not": has(adas)}, "bc"},
		{"without one that the caller may not read", ada, map[string]any{"not": has(eves)}, "abc"},
		{"one of two", editor, map[string]any{"or": []any{has(adas), has(eves)}}, "ab"},
		{"both", editor, map[string]any{"and": []any{has(adas), has(eves)}}, "b"},
		{"no tag", ada, map[string]any{"tags": map[string]any{"contains": "none"}}, ""},
		{"a tag, and a title", ada, map[string]any{"tags": has(adas)["tags"], "title": map[string]any{"eq": "On b"}}, ""},
	} {
		for _, last := range []bool{false, true} {
			page := Page{Filter: &Filter{given: test.filter}}
			if last {
				page.Last = new(10)
			}
			found, err := x.posts.ByOwner(t.Context(), test.by, ada.ID, page)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			var slugs string
			for _, edge := range found.Edges {
				slugs += edge.Node.Slug
			}
			if slugs != test.want {
				t.Errorf("%s: %q, want %q", test.name, slugs, test.want)
			}
		}
	}
}

// uniquesOf claims for a link that is gone.
func (x *tagged) uniquesOf(t *testing.T, link *tagging) error {
	id := x.taggings.core.uniqueID("tag+post", UniqueKey(link.TagID, link.PostID))
	return x.uniques.Put(unique{id, link.ID}).Run(t.Context())
}
