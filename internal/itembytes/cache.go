package itembytes

import "sync"

// A Cache keeps what items were decoded to, by their exact bytes: the same bytes are the same value,
// and changed ones are others. What has not been asked for of late goes. It is safe for concurrent use; the
// zero Cache with a Limit is empty.
type Cache[T any] struct {
	Limit int // of bytes, of items and values together

	mu         sync.Mutex
	young, old map[string]*T // by the item's bytes
	size       int           // of the young, in bytes
}

// besideItem is about what an entry takes beside its item's bytes, twice: its value may point into those that it was decoded
// from, and an entry that is asked for again stands under those that were read then.
const besideItem = 512

// sizeOf is about how many bytes an entry takes.
func sizeOf(item string) int { return 2*len(item) + besideItem }

// Get returns what was kept of an item; nil: nothing is. It is not to be changed.
func (c *Cache[T]) Get(item string) *T {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value := c.young[item]; value != nil {
		return value
	}
	value := c.old[item]
	if value != nil {
		c.put(item, value)
	}
	return value
}

// Put keeps what an item was decoded to, which is not to be changed any more.
func (c *Cache[T]) Put(item string, value *T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.put(item, value)
}

func (c *Cache[T]) put(item string, value *T) {
	if c.young[item] == nil {
		c.size += sizeOf(item)
	}
	if c.size > c.Limit/2 {
		c.old, c.young, c.size = c.young, nil, sizeOf(item)
	}
	if c.young == nil {
		c.young = map[string]*T{}
	}
	c.young[item] = value
}
