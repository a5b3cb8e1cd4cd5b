package gql

import (
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// A documentCache keeps the latest documents that were asked for, as many as fit into its bytes:
// who sends many different ones fills it, and no more than it.
type documentCache[D any] struct {
	most int

	mu    sync.Mutex
	bytes int
	kept  *simplelru.LRU[string, sized[D]]
}

// sized is a document, and about how many bytes of memory it has.
type sized[D any] struct {
	document D
	bytes    int
}

// newDocumentCache returns an empty cache of so many bytes.
func newDocumentCache[D any](most int) *documentCache[D] {
	c := &documentCache[D]{most: most}
	const unbounded = 1 << 30 // the bytes bound it
	kept, err := simplelru.NewLRU(unbounded, func(_ string, left sized[D]) { c.bytes -= left.bytes })
	if err != nil {
		panic(err) // the size is not positive
	}
	c.kept = kept
	return c
}

// get returns the document of a text.
func (c *documentCache[D]) get(text string) (document D, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.kept.Get(text)
	return found.document, ok
}

// add keeps the document of a text, and forgets those that were asked for longest ago.
func (c *documentCache[D]) add(text string, document D, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Remove(text)
	c.kept.Add(text, sized[D]{document, bytes})
	c.bytes += bytes
	for c.bytes > c.most {
		c.kept.RemoveOldest()
	}
}

// grow tells that the document of a text has become larger.
func (c *documentCache[D]) grow(text string, bytes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.kept.Peek(text)
	if !ok {
		return
	}
	kept.bytes += bytes
	c.kept.Add(text, kept)
	c.bytes += bytes
	for c.bytes > c.most {
		c.kept.RemoveOldest()
	}
}
