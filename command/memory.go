package command

import (
	"math"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// How much memory `serve` is to have, in bytes: defaultMemory, or less where the machine has less
// for it, of which Go's runtime needs a part itself; or what GOMEMLIMIT says. Of that, requests
// together may hold requestShare: the rest is for caches, connections, passwords that are being
// hashed, and what is no longer used and not yet collected.
const (
	defaultMemory = 320 << 20
	runtimeShare  = 0.9
	requestShare  = 0.35
)

// A reserve is memory that nobody writes to, so that it has no pages, only a size. The garbage collector begins when the heap has
// doubled, the reserve counted in: a server with 4 MB in use would collect 50 times a second under load, for a fifth of its
// time. A percentage (GOGC) would let the memory of passwords that are being hashed count three times, too.
const (
	maxReserve   = 8 << 20
	reserveShare = 1.0 / 16 // of the limit
)

//lint:ignore U1000 nobody is to use it
var reserve []byte

// setReserve has the garbage collector begin later, by as much as a limit, which may be none, has room for.
func setReserve(limit int64) {
	reserve = make([]byte, int(min(maxReserve, reserveShare*float64(limit))))
}

// startTime is how long Go's garbage collector does not run once a process begins to serve, unless the memory limit wants it.
// Most of what a start allocates is kept, and to look at it would take a tenth of the start.
const startTime = time.Second

// suspendCollector has the collector not run for so long, unless somebody sets it meanwhile.
func suspendCollector(long time.Duration) {
	percent := debug.SetGCPercent(-1)
	time.AfterFunc(long, func() {
		if own := debug.SetGCPercent(percent); own != -1 {
			debug.SetGCPercent(own)
		}
	})
}

// collectLater suspends the collector once: it is the process's.
var collectLater = sync.OnceFunc(func() { suspendCollector(startTime) })

// limitMemory has Go's runtime keep to the memory that it is to have, by collecting more often, and until then less often. It
// returns how many bytes requests may hold.
func limitMemory(getenv func(string) string) int {
	limit, most := debug.SetMemoryLimit(-1), memoryLimit(getenv, memlimit.FromCgroup) // the runtime has read GOMEMLIMIT
	if getenv("GOMEMLIMIT") == "" {
		limit = most
		debug.SetMemoryLimit(limit)
	}
	if limit <= most { // and so holds meanwhile
		collectLater()
	}
	setReserve(limit)
	return heldByRequests(limit)
}

// memoryLimit returns the limit for a process in a container, whose limit is containers', or in an
// AWS Lambda function. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func memoryLimit(getenv func(string) string, container memlimit.Provider) int64 {
	limit := int64(defaultMemory)
	if bytes, err := container(); err == nil && bytes > 0 {
		limit = int64(min(float64(limit), runtimeShare*float64(bytes)))
	}
	if megabytes, err := strconv.ParseInt(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 32); err == nil && megabytes > 0 {
		limit = int64(min(float64(limit), runtimeShare*float64(megabytes<<20)))
	}
	return limit
}

// heldByRequests returns how many bytes requests may hold where Go's runtime keeps to a limit, which
// may be none.
func heldByRequests(limit int64) int {
	if limit == math.MaxInt64 {
		limit = defaultMemory
	}
	return int(requestShare * float64(limit))
}
