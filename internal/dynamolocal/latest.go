package dynamolocal

import (
	"sync"

	"github.com/ownql/ownql/internal/itembytes"
)

// latestBytes bounds what is kept at hand.
const latestBytes = 4 << 20

// latest is what items were when they were read last, for those that are read again and again. A transaction
// that changes an item has it forgotten before it is committed, and what is read is kept only by a transaction
// that has seen the last one which changed anything of the table: so what is at hand is what a read would find.
type latest struct {
	mu         sync.Mutex
	young, old map[string]latestItem // by appendLatestKey
	size       int                   // of the young, in bytes
	changed    map[string]int        // by table, the last transaction that has changed anything of it
	since      int                   // the last transaction that has changed any other
	isClosed   bool
}

// A latestItem is an item as it is kept; without bytes there is none.
type latestItem struct {
	bytes   string
	measure itembytes.Measure
}

// besideLatest is about what an item at hand takes beside its bytes and its key.
const besideLatest = 256

// latestKeySize is as much as most keys have.
const latestKeySize = 160

// appendLatestKey appends the table's name and the encoded key, as keySchema has it.
func appendLatestKey(b []byte, key itembytes.TextKey) []byte {
	b = append(append(b, key.Table...), 0)
	b = appendKeyText(b, key.Hash.Value)
	if key.Range.Name != "" {
		b = appendKeyText(b, key.Range.Value)
	}
	return b
}

// get appends the items of these keys; false: it has not all of them.
func (l *latest) get(items []latestItem, keys []itembytes.TextKey) ([]latestItem, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, key := range keys {
		encoded := appendLatestKey(make([]byte, 0, latestKeySize), key)
		one, isYoung := l.young[string(encoded)]
		if !isYoung {
			if one = l.old[string(encoded)]; one.bytes == "" {
				return items, false
			}
			l.add(string(encoded), one)
		}
		items = append(items, one)
	}
	return items, true
}

// put keeps what a transaction has read, unless another may have changed it since. That there is no item is not kept.
func (l *latest) put(transaction int, keys []itembytes.TextKey, items []latestItem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, key := range keys {
		if items[i].bytes != "" && !l.isClosed && transaction >= max(l.since, l.changed[key.Table]) {
			l.add(string(appendLatestKey(nil, key)), items[i])
		}
	}
}

func (l *latest) add(key string, one latestItem) {
	l.drop(key)
	size := sizeOfLatest(key, one)
	if l.size+size > latestBytes/2 {
		l.old, l.young, l.size = l.young, nil, 0
	}
	if l.young == nil {
		l.young = map[string]latestItem{}
	}
	l.young[key] = one
	l.size += size
}

// drop takes an item away.
func (l *latest) drop(key string) {
	if one, isThere := l.young[key]; isThere {
		l.size -= sizeOfLatest(key, one)
		delete(l.young, key)
	}
	delete(l.old, key)
}

func sizeOfLatest(key string, one latestItem) int { return len(key) + len(one.bytes) + besideLatest }

// forget has a transaction change the item of the encoded key.
func (l *latest) forget(transaction int, table string, key []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = map[string]int{}
	}
	l.changed[table] = transaction
	encoded := append(append(append(make([]byte, 0, latestKeySize), table...), 0), key...)
	l.drop(string(encoded))
}

// forgetAll has a transaction change all.
func (l *latest) forgetAll(transaction int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.young, l.old, l.size = nil, nil, 0
	l.changed, l.since = nil, transaction
}

// close forgets all, for good.
func (l *latest) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.young, l.old, l.isClosed = nil, nil, true
}
