package model

import (
	"fmt"
	"testing"
)

// BenchmarkDelete deletes trees, and what a user who leaves owns, to the end, and says how many
// calls of DynamoDB that takes.
func BenchmarkDelete(b *testing.B) {
	for _, what := range []struct {
		name   string
		remove func(t testing.TB, blog *blog) func() error
	}{
		{"a chain of 12000 folders", func(t testing.TB, blog *blog) func() error {
			root := blog.chain(t, 12000)
			return func() error {
				_, err := blog.folders.Delete(t.Context(), ada, root.GlobalID(), nil)
				return err
			}
		}},
		{"15000 folders in one", func(t testing.TB, blog *blog) func() error {
			root := blog.wide(t, 15000)
			return func() error {
				_, err := blog.folders.Delete(t.Context(), ada, root.GlobalID(), nil)
				return err
			}
		}},
		{"15000 comments of who leaves", func(t testing.TB, blog *blog) func() error {
			comments := manyComments(&post{Object: Object{ID: NewID()}}, 15000)
			put(t, blog.comments.core.table, comments)
			return func() error {
				leaving := blog.Leave(eve.ID)
				if err := leaving.Promise(blog.WriteTx()).Run(t.Context()); err != nil {
					return err
				}
				_, err := leaving.Begin(t.Context())
				return err
			}
		}},
	} {
		for _, isRestricted := range []bool{false, true} {
			b.Run(fmt.Sprintf("%s/RESTRICT %v", what.name, isRestricted), func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					blog := newBlog(b)
					if !isRestricted {
						blog.restrictNothing()
					}
					remove := what.remove(b, blog)
					b.StartTimer()
					calls := blog.client.Counted(func() {
						if err := remove(); err != nil {
							b.Fatal(err)
						}
					})
					total := 0
					for _, count := range calls {
						total += count
					}
					b.ReportMetric(float64(total), "calls/op")
				}
			})
		}
	}
}
