package model

import (
	"testing"
)

// BenchmarkFilter reads pages of 25 of a list of 10,000: without a filter, by bounds of the sort key,
// where one in ten matches.
func BenchmarkFilter(b *testing.B) {
	blog := newBlog(b)
	const size = 10_000
	notices := make([]notice, 0, 25)
	for i := range size {
		board := notice{Object: Object{ID: NewID(), OwnerID: []string{eve.ID, ada.ID}[min(1, i%10)]}, Board: "b", Rank: float64(i)}
		if notices = append(notices, board); len(notices) == cap(notices) {
			put(b, blog.notices.core.table, notices)
			notices = notices[:0]
		}
	}
	blog.notices.core.definition.Fields = []Field{{Name: "rank", Type: NumberField}, {Name: "maker", Attribute: "ownerId"}}
	for _, bench := range []struct{ name, filter string }{
		{"none", `{}`},
		{"bounds", `{"rank": {"ge": 5000, "le": 9000}}`},
		{"every one matches", `{"maker": {"exists": true}}`},
		{"one in ten matches", `{"maker": {"eq": "` + eve.ID + `"}}`},
		{"none matches", `{"maker": {"eq": "nobody"}}`},
	} {
		b.Run(bench.name, func(b *testing.B) {
			size, filter := 25, filterOf(b, bench.filter)
			blog.client.Listed = 0
			for b.Loop() {
				if _, err := blog.notices.List(b.Context(), anonymous, onBoard, "b", Page{First: &size, Filter: filter}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(blog.client.Listed)/float64(b.N), "examined/op")
		})
	}
}
