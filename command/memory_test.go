package command

import (
	"errors"
	"math"
	"testing"
)

func TestMemoryLimit(t *testing.T) {
	for _, test := range []struct {
		name      string
		container uint64 // 0: it is not in one
		lambda    string
		limit     int64
		requests  int
	}{
		{"nobody says", 0, "", 320 << 20, 112 << 20},
		{"a large container", 8 << 30, "", 320 << 20, 112 << 20},
		{"a container without a limit", math.MaxUint64, "", 320 << 20, 112 << 20},
		{"a small container", 100 << 20, "", 90 << 20, 33030143},
		{"a small function", 0, "200", 180 << 20, 66060287},
		{"a large function", 0, "3008", 320 << 20, 112 << 20},
		{"what is no size", 0, "many", 320 << 20, 112 << 20},
	} {
		t.Run(test.name, func(t *testing.T) {
			limit := memoryLimit(func(string) string { return test.lambda }, func() (uint64, error) {
				if test.container == 0 {
					return 0, errors.New("no cgroup")
				}
				return test.container, nil
			})
			if limit != test.limit || heldByRequests(limit) != test.requests {
				t.Errorf("%d, of which requests hold %d; want %d, %d", limit, heldByRequests(limit), test.limit, test.requests)
			}
		})
	}
	if got := heldByRequests(math.MaxInt64); got != 112<<20 {
		t.Errorf("without a limit requests hold %d", got)
	}
}
