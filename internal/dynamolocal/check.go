package dynamolocal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// A Report is what Check found of a data file.
type Report struct {
	Tables   map[string]int64 // how many items of each can be read
	Problems []string         // the first 100, each with its page or its table; none if the file is whole
	More     int              // how many problems more there are
}

const maxProblems = 100

func (r *Report) problem(format string, args ...any) {
	if len(r.Problems) >= maxProblems {
		r.More++
		return
	}
	r.Problems = append(r.Problems, fmt.Sprintf(format, args...))
}

// Check reads all of the data directory's file, which no process may have open: the error is
// ErrLocked then. It changes nothing.
func Check(dir string) (*Report, error) {
	path := filepath.Join(dir, fileName)
	// It is opened for its lock; what is wrong with it, the pages tell.
	bolt, err := lockFile(path)
	if bolt != nil {
		defer bolt.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	return checkFile(context.Background(), path, 0)
}

// lockFile keeps other processes from writing the file, where bbolt can open it at all.
func lockFile(path string) (bolt *bbolt.DB, err error) {
	defer func() {
		if p := recover(); p != nil {
			bolt, err = nil, nil
		}
	}()
	if _, err := os.Stat(path); err != nil {
		return nil, err
	}
	var file *os.File
	bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second,
		OpenFile: func(name string, flag int, mode os.FileMode) (opened *os.File, err error) {
			file, err = os.OpenFile(name, flag, mode)
			return file, err
		}})
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if err == nil && isMoved(file, path) { // by MoveAside or Compact, while this process waited for the lock
		bolt.Close()
		return lockFile(path)
	}
	return bolt, nil
}

// Check reads all of the file as it is now, beside reads and writes.
func (db *DB) Check(ctx context.Context) (*Report, error) {
	// The pages of a transaction stay as they are until it ends; its meta page may be written
	// over by the second write after it.
	db.writing.Lock()
	tx, err := db.begin(false)
	if err != nil {
		db.writing.Unlock()
		return nil, err
	}
	defer db.rollback(tx)
	return checkFile(ctx, db.path, uint64(tx.ID()), db.writing.Unlock)
}

// checkFile checks the file from the meta page of a transaction on, the newest if it is 0.
func checkFile(ctx context.Context, path string, txid uint64, opened ...func()) (*Report, error) {
	r := &Report{Tables: map[string]int64{}}
	file, err := os.Open(path)
	var p *pages
	if err == nil {
		defer file.Close()
		p, err = readPages(file, txid, func(page uint64, what string) { r.problem("%s", pageProblem(page, what)) })
	}
	for _, done := range opened {
		done()
	}
	if err != nil {
		if file == nil {
			return nil, err
		}
		r.problem("%v", err)
		return r, nil
	}
	buckets := p.buckets()
	for _, name := range sortedNames(buckets) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if table, ok := strings.CutPrefix(name, tablePrefix); ok {
			r.checkTable(p, buckets, table)
		} else if !belongs(buckets, name) {
			r.problem("the bucket %q belongs to no table", name)
		} else if strings.HasPrefix(name, "tokens") || strings.HasPrefix(name, "expiries") ||
			strings.HasPrefix(name, tagsPrefix) || strings.HasPrefix(name, policyPrefix) || name == string(streamsKey) {
			p.each(buckets[name], true, func(element) {})
		} else if strings.HasPrefix(name, streamPrefix) {
			r.checkStream(p, buckets, streamOf([]byte(name)))
		}
	}
	p.checkFree()
	return r, nil
}

// belongs is whether a bucket is that of tokens, of streams, or of a table or a stream that is there.
func belongs(buckets map[string]rawBucket, name string) bool {
	if name == string(tokensKey) || name == string(expiriesKey) || name == string(streamsKey) || strings.HasPrefix(name, streamPrefix) {
		return true
	}
	kind, rest, _ := strings.Cut(name, "/")
	if kind+"/" == recordsPrefix {
		_, ok := buckets[streamPrefix+rest]
		return ok
	}
	if kind == "index" {
		rest, _, _ = strings.Cut(rest, "/")
	}
	_, ok := buckets[tablePrefix+rest]
	return ok
}

// A tally is of a set: how many there are, and a sum of their hashes, which is that of the same
// set in any order.
type tally struct {
	count uint64
	sum   uint64
}

func (t *tally) add(seed maphash.Seed, key []byte) {
	t.count++
	t.sum += maphash.Bytes(seed, key)
}

// checkTable holds a table's items against its definition, and its indexes against its items.
func (r *Report) checkTable(p *pages, buckets map[string]rawBucket, name string) {
	t, sizes, err := p.definition(buckets[tablePrefix+name])
	if err != nil {
		r.problem("table %s: its definition: %v", name, err)
		return
	}
	items, ok := buckets[itemsPrefix+name]
	if !ok {
		r.problem("table %s: its items are not there", name)
		return
	}
	seed := maphash.MakeSeed()
	indexes := t.allIndexes()
	want, wantSizes := make([]tally, len(indexes)), make([]uint64, len(indexes))
	size, count := uint64(0), uint64(0)
	whole := p.each(items, true, func(e element) {
		it, err := t.decode(e)
		if err != nil {
			r.problem("table %s: the item under %q: %v", name, e.key, err)
			return
		}
		count++
		size += uint64(itemSize(it))
		for i, x := range indexes {
			if entry := t.entry(x, it, e.key); entry != nil {
				want[i].add(seed, entry)
				wantSizes[i] += uint64(t.entrySize(x, it))
			}
		}
	})
	r.Tables[name] = int64(count)
	if whole && count != items.sequence {
		r.problem("table %s: it has %d items, and counts %d", name, count, items.sequence)
	}
	if counted := buckets[tablePrefix+name].sequence; whole && count == items.sequence && size != counted {
		r.problem("table %s: its items have %d bytes, and it counts %d", name, size, counted)
	}
	for i, x := range indexes {
		bucket, ok := buckets[string(t.indexKey(x))]
		if !ok {
			r.problem("table %s: %s is not there", name, x.title())
			continue
		}
		var got tally
		wholeIndex := p.each(bucket, true, func(e element) {
			if !bytes.HasSuffix(e.key, e.value) {
				r.problem("table %s: %s: the entry %q leads elsewhere", name, x.title(), e.key)
			}
			got.add(seed, e.key)
		})
		switch {
		case !whole || !wholeIndex || x.Backfilling:
		case got != want[i]:
			r.problem("table %s: %s does not agree with the items: it has %d entries, of %d", name, x.title(), got.count, want[i].count)
		case got.count != bucket.sequence:
			r.problem("table %s: %s has %d entries, and counts %d", name, x.title(), got.count, bucket.sequence)
		case x.Local && wantSizes[i] != sizes[x.Name]:
			r.problem("table %s: the entries of %s have %d bytes, and it counts %d", name, x.title(), wantSizes[i], sizes[x.Name])
		}
	}
}

func (x *index) title() string {
	if x.Name == "" {
		return "the index of the time to live"
	}
	return "the index " + x.Name
}

// definition reads a table's definition, and what is counted of its local indexes' bytes.
func (p *pages) definition(b rawBucket) (t *table, sizes map[string]uint64, err error) {
	err = errors.New("it is not there")
	sizes = map[string]uint64{}
	p.each(b, true, func(e element) {
		if name, ok := strings.CutPrefix(string(e.key), sizePrefix); ok {
			sizes[name] = decodeSize(e.value)
		}
		if bytes.Equal(e.key, definitionKey) {
			t = &table{}
			err = json.Unmarshal(e.value, t)
		}
	})
	if err == nil && (len(t.Key.Hash) == 0 || slices.ContainsFunc(t.Key.attributes(), func(a string) bool { return t.AttributeTypes[a] == "" })) {
		err = errors.New("it has no key")
	}
	return t, sizes, err
}

// decode reads an item, which must be one that the table can hold, under its key.
func (t *table) decode(e element) (item, error) {
	if e.isBucket {
		return nil, errors.New("it is none")
	}
	it, err := decodeItem(e.value)
	if err == nil {
		err = t.matchItem(it)
	}
	if err == nil && !bytes.Equal(t.Key.encode(nil, it), e.key) {
		err = errors.New("it has another key")
	}
	if err == nil {
		_, err = normalizeItem(it)
	}
	return it, err
}
