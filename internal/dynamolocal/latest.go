package dynamolocal

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"

	"github.com/ownql/ownql/internal/itembytes"
)

// ReadTexts is a BatchGetItem whose items nothing but their keys chooses, without what that builds around each. What
// was read so before, and is not changed since, it has at hand.
func (db *DB) ReadTexts(ctx context.Context, in *itembytes.TextRead) (*itembytes.TextAnswer, error) {
	return invoke(ctx, "BatchGetItem", in, db.readTexts)
}

func (db *DB) readTexts(ctx context.Context, in *itembytes.TextRead) (*itembytes.TextAnswer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var room [2]latestItem // as many as a request is checked by
	items, isKnown := room[:0], false
	if db.moment == nil {
		items, isKnown = db.latest.get(items, in.Keys)
	}
	if !isKnown {
		err := db.view(ctx, func(tx *bbolt.Tx) (err error) {
			items, err = db.readTextsOf(tx, items[:0], in.Keys)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	answer := &itembytes.TextAnswer{}
	for i, one := range items {
		answer.ReadUnits += readUnits(one.measure.Size, true)
		if one.bytes == "" {
			continue
		}
		answer.Memory += one.measure.Memory
		if err := in.Take(in.Keys[i].Table, one.bytes); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// readTextsOf appends what a transaction has of these keys.
func (db *DB) readTextsOf(tx *bbolt.Tx, items []latestItem, keys []itembytes.TextKey) ([]latestItem, error) {
	for _, key := range keys {
		t, err := db.open(tx, key.Table)
		if err != nil {
			return nil, err
		}
		attributes := item{key.Hash.Name: &types.AttributeValueMemberS{Value: key.Hash.Value}}
		if key.Range.Name != "" {
			attributes[key.Range.Name] = &types.AttributeValueMemberS{Value: key.Range.Value}
		}
		encoded, err := t.encodedKey(attributes)
		if err != nil {
			return nil, err
		}
		var one latestItem
		if one.bytes, one.measure, err = t.getBytes(encoded); err != nil {
			return nil, err
		}
		if one.bytes != "" && db.moment == nil {
			db.latest.put(tx.ID(), key, one)
		}
		items = append(items, one)
	}
	return items, nil
}

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
	b = append(appendEscaped(b, key.Hash.Value), 0, 0)
	if key.Range.Name != "" {
		b = append(appendEscaped(b, key.Range.Value), 0, 0)
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

// put keeps what a transaction has read, unless another may have changed it since.
func (l *latest) put(transaction int, key itembytes.TextKey, one latestItem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.isClosed && transaction >= l.changed[key.Table] {
		l.add(string(appendLatestKey(nil, key)), one)
	}
}

func (l *latest) add(key string, one latestItem) {
	if l.size += len(key) + len(one.bytes) + besideLatest; l.size > latestBytes/2 {
		l.old, l.young, l.size = l.young, nil, len(key)+len(one.bytes)+besideLatest
	}
	if l.young == nil {
		l.young = map[string]latestItem{}
	}
	l.young[key] = one
}

// forget has a transaction change the item of the encoded key.
func (l *latest) forget(transaction int, table string, key []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.change(transaction, table)
	encoded := append(append(append(make([]byte, 0, latestKeySize), table...), 0), key...)
	delete(l.young, string(encoded))
	delete(l.old, string(encoded))
}

// forgetAll has a transaction change all of a table.
func (l *latest) forgetAll(transaction int, table string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.change(transaction, table)
	l.young, l.old, l.size = nil, nil, 0
}

func (l *latest) change(transaction int, table string) {
	if l.changed == nil {
		l.changed = map[string]int{}
	}
	l.changed[table] = transaction
}

// close forgets all, for good.
func (l *latest) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.young, l.old, l.isClosed = nil, nil, true
}
