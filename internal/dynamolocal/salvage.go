package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// salvageBatch is how many items are written into the new file at once.
const salvageBatch = 1000

// Salvage copies what can be read of the data directory dir into an empty one, into, and returns
// that, opened, with what was found of dir: in Tables, how many items of each table there are now.
// The new tables have no indexes, tags, policies or streams; the sequence numbers of streams go on. Where a page is lost that led to others, these are looked for
// among those that nothing leads to, and taken if just one table lacks pages that they can be of. No process may have dir open: the error is ErrLocked then.
func Salvage(ctx context.Context, dir, into string) (*DB, *Report, error) {
	path := filepath.Join(dir, fileName)
	bolt, err := lockFile(path)
	if bolt != nil {
		defer bolt.Close()
	}
	if err != nil {
		return nil, nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	r := &Report{Tables: map[string]int64{}}
	txid, err := mostWhole(ctx, file)
	if err != nil {
		return nil, nil, err
	}
	if txid != 0 {
		r.problem("what was written last is damaged so badly that what it was before is read")
	}
	p, err := readPages(file, txid, func(page uint64, what string) { r.problem("%s", pageProblem(page, what)) })
	if err != nil {
		return nil, nil, damaged(path, err)
	}
	db, err := Open(into)
	if err != nil {
		return nil, nil, err
	}
	if err := r.salvage(ctx, p, db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, r, nil
}

// mostWhole is the meta page to read from: 0 for the newest, or the transaction of the one before,
// whose pages nothing writes over until the next write, if all can be read from there, or nothing
// from the newest.
func mostWhole(ctx context.Context, file *os.File) (txid uint64, err error) {
	var newest *Report
	for _, m := range readMetas(file) {
		report, err := checkFile(ctx, file.Name(), m.txid)
		switch {
		case err != nil:
			return 0, err
		case newest == nil && len(report.Problems) == 0:
			return 0, nil
		case newest == nil:
			newest = report
		case len(report.Problems) == 0 || len(newest.Tables) == 0:
			return m.txid, nil
		}
	}
	return 0, nil
}

// salvageGap is more than as many sequence numbers as may have been given and are not known any more.
const salvageGap = 1 << 32

// continueStreams has sequence numbers go on behind those of a file that had streams: no number is given twice.
func (db *DB) continueStreams(ctx context.Context, buckets map[string]rawBucket) error {
	isStreaming := false
	for name := range buckets {
		isStreaming = isStreaming || name == string(streamsKey) || strings.HasPrefix(name, streamPrefix) || strings.HasPrefix(name, recordsPrefix)
	}
	if !isStreaming {
		return nil
	}
	last := buckets[string(streamsKey)].sequence + salvageGap
	if err := db.update(ctx, func(tx *bbolt.Tx) error { return makeStreams(tx, last) }); err != nil {
		return err
	}
	db.feed.durable.Store(last)
	return nil
}

func (r *Report) salvage(ctx context.Context, p *pages, to *DB) error {
	buckets := p.buckets()
	if err := to.continueStreams(ctx, buckets); err != nil {
		return err
	}
	var broken []*copying // the tables that lack pages
	for _, name := range sortedNames(buckets) {
		table, isTable := strings.CutPrefix(name, tablePrefix)
		if !isTable {
			if !strings.HasPrefix(name, itemsPrefix) {
				p.each(buckets[name], false, func(element) {})
			}
			continue
		}
		t, _, err := p.definition(buckets[name])
		items, ok := buckets[itemsPrefix+table]
		if err == nil && !ok {
			err = errors.New("the items are not there")
		}
		if err != nil {
			r.problem("table %s: its definition: %v", table, err)
			continue
		}
		c := &copying{to: to, table: t, report: r}
		if err := c.create(ctx); err != nil {
			return err
		}
		var failed error
		whole := p.each(items, true, func(e element) {
			if c.take(e); failed == nil && len(c.batch) == salvageBatch {
				failed = c.write(ctx)
			}
		})
		if !whole {
			broken = append(broken, c)
		}
		if err := errors.Join(failed, c.write(ctx)); err != nil {
			return err
		}
	}
	for _, leaf := range p.orphans() {
		owner := slices.IndexFunc(broken, func(c *copying) bool { return c.fits(leaf) })
		if owner < 0 || slices.ContainsFunc(broken[owner+1:], func(c *copying) bool { return c.fits(leaf) }) {
			continue // none's, or anybody's
		}
		for _, e := range leaf {
			broken[owner].take(e)
		}
		if err := broken[owner].write(ctx); err != nil {
			return err
		}
	}
	return nil
}

// A copying is of one table's items.
type copying struct {
	to     *DB
	table  *table // without indexes
	report *Report
	batch  []element
	items  []item // of batch
}

func (c *copying) create(ctx context.Context) error {
	t := *c.table
	t.Indexes, t.TimeToLive, t.Stream = nil, nil, stream{}
	t.AttributeTypes = map[string]types.ScalarAttributeType{}
	for _, name := range t.Key.attributes() {
		t.AttributeTypes[name] = c.table.AttributeTypes[name]
	}
	c.table = &t
	c.report.Tables[t.Name] = 0
	return c.to.update(ctx, func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte(tablePrefix + t.Name))
		if err == nil {
			_, err = tx.CreateBucket([]byte(itemsPrefix + t.Name))
		}
		if err != nil {
			return storageError{err}
		}
		return t.save(bucket)
	})
}

// take remembers an item, if it can be read.
func (c *copying) take(e element) {
	it, err := c.table.decode(e)
	if err != nil {
		c.report.problem("table %s: the item under %q: %v", c.table.Name, e.key, err)
		return
	}
	c.batch, c.items = append(c.batch, e), append(c.items, it)
}

// write writes what was taken.
func (c *copying) write(ctx context.Context) error {
	err := c.to.update(ctx, func(tx *bbolt.Tx) error {
		t, err := c.to.open(tx, c.table.Name)
		if err != nil {
			return err
		}
		for i, e := range c.batch {
			old, err := t.get(e.key)
			if err != nil {
				return err
			}
			if err := t.replace(e.key, old, c.items[i]); err != nil {
				return err
			}
			if old == nil {
				c.report.Tables[t.Name]++
			}
		}
		return nil
	})
	c.batch, c.items = c.batch[:0], c.items[:0]
	return err
}

// fits is whether all that a leaf page holds are items of the table.
func (c *copying) fits(leaf []element) bool {
	return !slices.ContainsFunc(leaf, func(e element) bool { _, err := c.table.decode(e); return err != nil })
}
