package model

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// TestByID holds what is read together, on a machine however busy.
func TestByID(t *testing.T) {
	type thing struct{ id string }
	errRead := errors.New("the read failed")
	var (
		mu    sync.Mutex
		calls [][]string
	)
	fetch := func(_ context.Context, ids []string) (map[string]*thing, error) {
		mu.Lock()
		calls = append(calls, ids)
		mu.Unlock()
		found := map[string]*thing{}
		for _, id := range ids {
			switch id {
			case "fails":
				return nil, errRead
			case "panics":
				panic("at the disco")
			case "gone":
			default:
				found[id] = &thing{id}
			}
		}
		return found, nil
	}
	ids := make([]string, 2*maxPageSize+1)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}

	for _, test := range []struct {
		name  string
		ids   []string
		pause time.Duration // before each load but the first
		sizes []int         // of the calls, sorted
	}{
		{"as many as are one call", ids[:maxPageSize], 0, []int{maxPageSize}},
		{"more than a call takes", ids, 0, []int{1, maxPageSize, maxPageSize}},
		{"longer than a batch waits", ids[:3], 5 * loadWait, []int{3}},
		{"the same again", []string{"a", "a", "b", "a"}, 0, []int{2}},
		{"what is not there", []string{"gone", "a"}, 0, []int{2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls = nil
			ctx := WithReads(t.Context(), true)
			loader := Loader(ctx, "things", fetch)
			var waits []func() (*thing, error)
			AskTogether(ctx, func() {
				for i, id := range test.ids {
					if i > 0 {
						time.Sleep(test.pause)
					}
					waits = append(waits, loader.Load(ctx, id))
				}
			})
			for i, wait := range waits {
				found, err := wait()
				if err != nil || (found == nil) != (test.ids[i] == "gone") || found != nil && found.id != test.ids[i] {
					t.Errorf("%s is %v, %v", test.ids[i], found, err)
				}
			}
			var sizes []int
			for _, call := range calls {
				sizes = append(sizes, len(call))
			}
			slices.Sort(sizes)
			if !slices.Equal(sizes, test.sizes) {
				t.Errorf("calls of %d, want %d", sizes, test.sizes)
			}
			if _, err := loader.Load(ctx, test.ids[0])(); err != nil || len(calls) != len(sizes) {
				t.Errorf("what is known is read again: %v, %d calls", err, len(calls))
			}
		})
	}

	for _, id := range []string{"fails", "panics"} {
		t.Run("one that "+id, func(t *testing.T) {
			loader := Loader(WithReads(t.Context(), true), "things", fetch)
			if _, err := loader.Load(t.Context(), id)(); err == nil || id == "fails" && !errors.Is(err, errRead) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
