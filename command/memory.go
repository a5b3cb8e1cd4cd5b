package command

import (
	"math"
	"runtime/debug"
	"strconv"

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

// collectAt is by how many percent the heap grows, from what is in use after a collection, until the next begins. At Go's own
// 100 a server with 4 MB in use collects 50 times a second under load, for a fifth of its time. The limit bounds what a large heap
// makes of it. https://go.dev/doc/gc-guide#GOGC
const collectAt = 200

// smallMemory is the limit, in bytes, below which Go's own percentage stays.
const smallMemory = 64 << 20

// limitMemory has Go's runtime keep to the memory that it is to have, by collecting more often, and until then less often. It
// returns how many bytes requests may hold.
func limitMemory(getenv func(string) string) int {
	if getenv("GOMEMLIMIT") != "" {
		return heldByRequests(debug.SetMemoryLimit(-1)) // the runtime has read it
	}
	limit := memoryLimit(getenv, memlimit.FromCgroup)
	debug.SetMemoryLimit(limit)
	if getenv("GOGC") == "" && limit >= smallMemory {
		debug.SetGCPercent(collectAt)
	}
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
