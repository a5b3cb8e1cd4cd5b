package command

import (
	"errors"
	"math"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"testing/synctest"
	"time"
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

// collectorPercent is GOGC, -1 where the collector does not run.
func collectorPercent() int64 {
	sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(sample)
	if percent := sample[0].Value.Uint64(); percent <= math.MaxInt32 {
		return int64(percent)
	}
	return -1
}

// awaitCollector waits for the collector that a server of another test has suspended.
func awaitCollector() {
	for collectorPercent() == -1 {
		time.Sleep(10 * time.Millisecond)
	}
}

func TestSuspendCollector(t *testing.T) {
	awaitCollector()
	synctest.Test(t, func(t *testing.T) {
		defer debug.SetGCPercent(debug.SetGCPercent(77))
		suspendCollector(time.Second)
		if percent := collectorPercent(); percent != -1 {
			t.Errorf("it is %d while it is suspended", percent)
		}
		time.Sleep(2 * time.Second)
		if percent := collectorPercent(); percent != 77 {
			t.Errorf("it is %d afterwards", percent)
		}
	})
}

// TestSuspendCollectorThatIsSet: what a project sets stays.
func TestSuspendCollectorThatIsSet(t *testing.T) {
	awaitCollector()
	synctest.Test(t, func(t *testing.T) {
		defer debug.SetGCPercent(debug.SetGCPercent(77))
		suspendCollector(time.Second)
		debug.SetGCPercent(55)
		time.Sleep(2 * time.Second)
		if percent := collectorPercent(); percent != 55 {
			t.Errorf("it is %d", percent)
		}
	})
}
