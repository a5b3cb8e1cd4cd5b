package model

import (
	"reflect"
	"slices"
	"testing"
)

// TestFingerprint: it is the same for the same schema, and another for each change that
// Plan may have something to say of.
func TestFingerprint(t *testing.T) {
	newBlogOf := func(prefix string) *blog { return blogOn(nil, prefix) }
	seen := map[string]string{newBlogOf("p-").Fingerprint(): "the schema as it was"}
	if _, ok := seen[newBlogOf("p-").Fingerprint()]; !ok {
		t.Error("the same schema has two fingerprints")
	}
	for _, test := range []struct {
		name   string
		prefix string
		change func(*blog)
	}{
		{"another prefix", "q-", func(*blog) {}},
		{"another table", "p-", func(b *blog) { b.posts.core.table = b.dynamo.Table("p-articles") }},
		{"a type less", "p-", func(b *blog) { b.models = b.models[1:] }},
		{"an index more", "p-", func(b *blog) {
			b.posts.core.definition.Indexes = append(b.posts.core.definition.Indexes, Index{"status", "likes"})
		}},
		{"an index in another order", "p-", func(b *blog) { b.posts.core.definition.Indexes[0].Sort = "updatedAt" }},
		{"a field that items must have", "p-", func(b *blog) { b.posts.core.definition.Required = append(b.posts.core.definition.Required, "summary") }},
		{"a field that is unique", "p-", func(b *blog) {
			redefine(b.notices, func(d *Definition[notice]) {
				d.Uniques = []Unique[notice]{{Field: "board", Value: func(n *notice) string { return n.Board }}}
			})
		}},
		{"a type of unique values that has another name", "p-", func(b *blog) { b.posts.core.typeName = "Article" }},
		{"another default", "p-", func(b *blog) {
			redefine(b.posts, func(d *Definition[post]) { d.Defaults = func(p *post) { p.Status = published } })
		}},
		{"a field that items may lack", "p-", func(b *blog) { b.posts.core.definition.Required = []string{"slug"} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBlogOf(test.prefix)
			test.change(b)
			fingerprint := b.Fingerprint()
			if same, ok := seen[fingerprint]; ok {
				t.Errorf("it has the fingerprint of %s", same)
			}
			seen[fingerprint] = test.name
		})
	}
}

// TestFingerprintOfObjectsInside: of two types that differ in an object inside alone, what
// is kept differs.
func TestFingerprintOfObjectsInside(t *testing.T) {
	was := func() reflect.Type {
		type address struct{ Street string }
		return reflect.TypeFor[struct{ Addresses *[]address }]()
	}()
	is := func() reflect.Type {
		type address struct{ Street, City string }
		return reflect.TypeFor[struct{ Addresses *[]address }]()
	}()
	before, after := attributeTypes(was, map[reflect.Type]bool{}), attributeTypes(is, map[reflect.Type]bool{})
	if slices.Equal(before, after) {
		t.Errorf("both keep %q", before)
	}
}
