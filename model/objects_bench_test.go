package model

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
)

// BenchmarkObjects reads objects by id, one and 100, and pages of 50, and creates objects, 16 at once, in
// tables of 1,000 and of 100,000 objects, and with -objects of more: a table that is larger is to cost hardly more.
//
//	go test ./model -run xxx -bench Objects -benchtime 2000x
//	go test ./model -run xxx -bench Objects -benchtime 2000x -timeout 30m -objects 1000000
func BenchmarkObjects(b *testing.B) {
	sizes := []int{1000, 100_000}
	if *benchObjects > sizes[1] {
		sizes = append(sizes, *benchObjects)
	}
	for _, size := range sizes {
		m := newBenchTickets(b, "tickets", size)
		var ids [][]string // of each owner, those of pages anywhere in the list
		for _, owner := range m.owners {
			page, some := Page{First: new(100)}, []string(nil)
			for len(some) < 1000 {
				found, err := m.List(b.Context(), owner, ByOwner, owner.ID, page)
				if err != nil {
					b.Fatal(err)
				}
				for _, edge := range found.Edges {
					some = append(some, edge.Node.ID)
				}
				if page.After = found.PageInfo.EndCursor; !found.PageInfo.HasNextPage {
					break
				}
			}
			ids = append(ids, some)
		}
		measure := func(name string, ask func(owner Caller, ids []string) error) {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					i := rand.IntN(len(m.owners))
					if err := ask(m.owners[i], ids[i]); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		measure("one", func(owner Caller, ids []string) error {
			_, err := m.Get(b.Context(), owner, ids[rand.IntN(len(ids))])
			return err
		})
		measure("nodes", func(owner Caller, ids []string) error {
			some := ids[rand.IntN(max(1, len(ids)-100)):]
			found, err := m.ByID(b.Context(), owner, some[:min(100, len(some))])
			if err == nil && len(found) == 0 {
				err = ErrNotFound
			}
			return err
		})
		measure("page", func(owner Caller, ids []string) error {
			_, err := m.List(b.Context(), owner, ByOwner, owner.ID, Page{First: new(50)})
			return err
		})
		b.Run(fmt.Sprintf("create/%d", size), func(b *testing.B) {
			var left atomic.Int64
			left.Store(int64(b.N))
			var writers sync.WaitGroup
			for range 16 {
				writers.Go(func() {
					for left.Add(-1) >= 0 {
						_, err := m.Create(b.Context(), System, func(t *ticket) { t.Title, t.Status = "what is to be done", draft })
						if err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			writers.Wait()
		})
	}
}
