package dynamolocal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

var damagesFlag = flag.Int("damages", 28, "how many random damages to try")

var pageSize = os.Getpagesize()

// TestDamage damages a data file at random, in its kinds, and lets everything loose on it: no
// panic comes out, what is lost is told, and what is told to be whole is.
func TestDamage(t *testing.T) {
	file, items := damageable(t)
	kinds := []struct {
		name string
		// whether what is damaged cannot be taken for something that was written
		plain  bool
		damage func(g *rand.Rand, file []byte) []byte
	}{
		{"zeroed pages", true, func(g *rand.Rand, file []byte) []byte {
			from := g.IntN(len(file) / pageSize)
			clear(file[from*pageSize : min(len(file), (from+1+g.IntN(20))*pageSize)])
			return file
		}},
		{"one zeroed page", true, func(g *rand.Rand, file []byte) []byte {
			from := g.IntN(len(file) / pageSize)
			clear(file[from*pageSize : (from+1)*pageSize])
			return file
		}},
		{"pages of something else", true, func(g *rand.Rand, file []byte) []byte {
			from := g.IntN(len(file) / pageSize)
			for i := range file[from*pageSize : (from+1)*pageSize] {
				file[from*pageSize+i] = byte(g.Uint32())
			}
			return file
		}},
		{"swapped pages", true, func(g *rand.Rand, file []byte) []byte {
			a, b := g.IntN(len(file)/pageSize)*pageSize, g.IntN(len(file)/pageSize)*pageSize
			page := append([]byte{}, file[a:a+pageSize]...)
			copy(file[a:], file[b:b+pageSize])
			copy(file[b:], page)
			return file
		}},
		{"cut off", true, func(g *rand.Rand, file []byte) []byte { return file[:g.IntN(len(file))] }},
		{"random bytes", false, func(g *rand.Rand, file []byte) []byte {
			for range 1 + g.IntN(100) {
				file[g.IntN(len(file))] = byte(g.Uint32())
			}
			return file
		}},
		{"random words of headers", false, func(g *rand.Rand, file []byte) []byte {
			for range 1 + g.IntN(10) {
				at := g.IntN(len(file)/pageSize)*pageSize + 8*g.IntN(16)
				binary.NativeEndian.PutUint32(file[at:], g.Uint32N(uint32(len(file)/pageSize)))
			}
			return file
		}},
	}
	seed := uint64(time.Now().UnixNano())
	for i := range uint64(*damagesFlag) {
		kind := kinds[i%uint64(len(kinds))]
		damaged := kind.damage(rand.New(rand.NewPCG(seed+i, 0)), append([]byte{}, file...))
		t.Run(fmt.Sprintf("%s/%d", kind.name, seed+i), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, fileName), damaged, 0o600); err != nil {
				t.Fatal(err)
			}
			report, err := Check(dir)
			if err != nil {
				t.Fatal(err)
			}
			whole := len(report.Problems) == 0
			saved := salvage(t, dir)
			if kind.plain {
				isPart(t, saved, items)
			}
			if kind.plain && whole && len(saved) != len(items) {
				t.Errorf("it is said to be whole, and %d of %d items are there", len(saved), len(items))
			}
			db, err := Open(dir)
			if err != nil {
				if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), filepath.Join(dir, fileName)) {
					t.Errorf("it does not open: %v", err)
				}
				if whole {
					t.Errorf("it is said to be whole, and does not open: %v", err)
				}
				return
			}
			found := use(t, db)
			if kind.plain {
				isPart(t, found, items)
			}
			if kind.plain && whole && len(found) != len(items) {
				t.Errorf("it is said to be whole, and %d of %d items are found", len(found), len(items))
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDamageCutShort opens files that end before the two pages that each begins with.
func TestDamageCutShort(t *testing.T) {
	file, _ := damageable(t)
	for _, size := range []int{1, 16, 100, 3841, pageSize - 1, pageSize, pageSize + 1, 2*pageSize - 1, 2 * pageSize} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, fileName), file[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		if report, err := Check(dir); err != nil || len(report.Problems) == 0 {
			t.Errorf("of %d bytes: %v, %v; want a problem", size, report, err)
		}
		if _, err := Open(dir); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), filepath.Join(dir, fileName)) {
			t.Errorf("of %d bytes: %v, want that it is damaged", size, err)
		}
	}
}

// TestDamageMeanwhile damages the file of an engine that is open.
func TestDamageMeanwhile(t *testing.T) {
	file, items := damageable(t)
	pages := len(bytes.TrimRight(file, "\x00"))/pageSize + 1 // the file may have grown just before, and have nothing in its second half
	for _, from := range []int{0, 1, 2, pages / 4, pages / 2, pages - 20} {
		t.Run(fmt.Sprint("from page ", from), func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(path, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteAt(make([]byte, 20*pageSize), int64(from*pageSize)); err != nil {
				t.Fatal(err)
			}
			if found := use(t, db); len(found) == len(items) {
				t.Error("nothing was lost")
			}
			if db.damage.Load() == nil {
				t.Fatal("the damage was not noticed")
			}
			_, err = db.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: pair("after", 1)})
			if err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("a write after it: %v", err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestDamageStuck loses the metas, at which bbolt panics with its locks held, while transactions
// are begun and ended all the time: nobody waits for those locks.
func TestDamageStuck(t *testing.T) {
	file, _ := damageable(t)
	for range 20 {
		dir := t.TempDir()
		path := filepath.Join(dir, fileName)
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		snapshot, err := db.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, make([]byte, len(file)), 0o600); err != nil {
			t.Fatal(err)
		}
		for db.damage.Load() == nil {
			db.wakeUp()
			runtime.Gosched()
		}
		if err := snapshot.Close(); err != nil {
			t.Error(err)
		}
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: pair("after", 1)}); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("a write after it: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestDamageInCircles has a branch lead to itself, at which bbolt's recursion ends the process.
func TestDamageInCircles(t *testing.T) {
	file, _ := damageable(t)
	turned := 0
	for at := 2 * pageSize; at < len(file); at += pageSize {
		if binary.NativeEndian.Uint16(file[at+8:]) == branchPage {
			binary.NativeEndian.PutUint64(file[at+pageHeaderSize+8:], uint64(at/pageSize))
			turned++
		}
	}
	if turned == 0 {
		t.Fatal("the file has no branches")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), file, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); !errors.Is(err, ErrDamaged) {
		t.Errorf("Open: %v", err)
	}
	report, err := Check(dir)
	if err != nil || len(report.Problems) == 0 {
		t.Errorf("Check: %v, %v", report, err)
	}
	salvage(t, dir)
}

// TestSalvageBeforeTheLastWrite loses the page that leads to everything: what was there before the
// last write is saved.
func TestSalvageBeforeTheLastWrite(t *testing.T) {
	file, items := damageable(t)
	root := int(readMetas(bytes.NewReader(file))[0].root)
	clear(file[root*pageSize : (root+1)*pageSize])
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), file, 0o600); err != nil {
		t.Fatal(err)
	}
	saved := salvage(t, dir)
	if len(saved) < len(items) {
		t.Errorf("%d of %d items are saved", len(saved), len(items))
	}
}

// TestCheck finds what only the records tell, beside a server too.
func TestCheck(t *testing.T) {
	ctx := context.Background()
	file, _ := damageable(t)
	for name, test := range map[string]struct {
		change func(tx *bbolt.Tx) error
		want   string
	}{
		"nothing": {func(*bbolt.Tx) error { return nil }, ""},
		"an item that is none": {func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("items/pairs")).Put([]byte("x"), []byte{1, 2, 3})
		}, "table pairs: the item under"},
		"an item under another's key": {func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("items/pairs"))
			_, v := b.Cursor().First()
			return b.Put([]byte("x"), append([]byte{}, v...))
		}, "another key"},
		"an entry too few": {func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("index/pairs/by-n"))
			k, _ := b.Cursor().First()
			return b.Delete(k)
		}, "the index by-n does not agree"},
		"an entry too many": {func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("index/pairs/by-n")).Put([]byte("xy"), []byte("y"))
		}, "the index by-n does not agree"},
		"an item too few": {func(tx *bbolt.Tx) error {
			b := tx.Bucket([]byte("items/pairs"))
			k, _ := b.Cursor().First()
			return b.Delete(k)
		}, "counts"},
		"the time to live": {func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("ttl/pairs")).Put([]byte("xy"), []byte("y"))
		}, "the index of the time to live"},
		"a definition": {func(tx *bbolt.Tx) error {
			return tx.Bucket([]byte("table/pairs")).Put(definitionKey, []byte("{"))
		}, "its definition"},
		"a record that is none": {func(tx *bbolt.Tx) error {
			b := tx.Bucket(streams(tx, "pairs")[0].recordsName())
			k, v := b.Cursor().First()
			return b.Put(k, append([]byte{}, v[:len(v)-1]...))
		}, "the record 0000000000000002 cannot be read"},
		"a record with another key": {func(tx *bbolt.Tx) error {
			b := tx.Bucket(streams(tx, "pairs")[0].recordsName())
			return b.Put(SequenceNumber(2).key(), appendRecord(nil, insertEvent, time.Now(), item{"n": text("1")}, nil, nil))
		}, "the record 0000000000000002 cannot be read"},
		"a record behind the last": {func(tx *bbolt.Tx) error {
			b := tx.Bucket(streams(tx, "pairs")[0].recordsName())
			_, v := b.Cursor().First()
			return b.Put(SequenceNumber(1_000_000).key(), append([]byte{}, v...))
		}, "the record 1000000 comes after the last one"},
		"a record that was trimmed": {func(tx *bbolt.Tx) error {
			return tx.Bucket(streams(tx, "pairs")[0].recordsName()).SetSequence(2)
		}, "the record 2 was trimmed"},
		"a record of no shard": {func(tx *bbolt.Tx) error {
			s, err := openStream(tx, streams(tx, "pairs")[0])
			if err != nil {
				return err
			}
			s.Shards[0].First = 2
			return s.save(tx)
		}, "the record 2 is in no shard"},
		"a stream's definition": {func(tx *bbolt.Tx) error {
			return tx.Bucket(streams(tx, "pairs")[0].definitionName()).Put(definitionKey, []byte("{}"))
		}, "its definition"},
		"a stream without records": {func(tx *bbolt.Tx) error {
			return tx.DeleteBucket(streams(tx, "pairs")[0].recordsName())
		}, "its records are not there"},
		"records of no stream": {func(tx *bbolt.Tx) error {
			return tx.DeleteBucket(streams(tx, "pairs")[0].definitionName())
		}, "belongs to no table"},
		"a bucket of no table": {func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucket([]byte("index/nothing/x"))
			return err
		}, "belongs to no table"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, fileName), file, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.update(ctx, test.change); err != nil {
				t.Fatal(err)
			}
			beside, err := db.Check(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" { // once: it waits for a second
				if _, err := Check(dir); !errors.Is(err, ErrLocked) {
					t.Errorf("beside the server: %v", err)
				}
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			alone, err := Check(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []*Report{beside, alone} {
				got := strings.Join(r.Problems, "\n")
				if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
					t.Errorf("got %q, want %q", got, test.want)
				}
			}
		})
	}
}

// TestCheckBesideWrites checks again and again while others write.
func TestCheckBesideWrites(t *testing.T) {
	ctx := t.Context()
	db := openTemp(t)
	if _, err := db.CreateTable(ctx, pairsTable()); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		for i := range 2000 {
			if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: pair(fmt.Sprint(i%100), i)}); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for {
		report, err := db.Check(ctx)
		if err != nil || len(report.Problems) > 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return
		default:
		}
	}
}

// use reads and writes whatever there is, and returns the items that it finds. What fails fails by
// an error that tells of damage.
func use(t *testing.T, db *DB) map[string]item {
	t.Helper()
	ctx := context.Background()
	tell := func(what string, err error) {
		t.Helper()
		var missing *types.ResourceNotFoundException
		if err != nil && !strings.Contains(err.Error(), db.path+" is damaged") && !errors.As(err, &missing) && !strings.Contains(err.Error(), "does not have the specified index") {
			t.Errorf("%s: %v", what, err)
		}
		if err != nil && strings.Contains(err.Error(), "goroutine ") {
			t.Errorf("%s: a trace: %v", what, err)
		}
	}
	found := map[string]item{}
	pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String("pairs"), Limit: aws.Int32(100)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			tell("Scan", err)
			break
		}
		for _, it := range page.Items {
			found[nameOf(it)] = it
		}
	}
	for i := range 5 {
		_, err := db.Query(ctx, &dynamodb.QueryInput{TableName: aws.String("pairs"), IndexName: aws.String("by-n"),
			KeyConditionExpression:    aws.String("n = :n"),
			ExpressionAttributeValues: item{":n": &types.AttributeValueMemberN{Value: fmt.Sprint(i)}}})
		tell("Query", err)
		_, err = db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("pairs"), Key: pairKey(fmt.Sprint("key", i), i)})
		tell("GetItem", err)
		_, err = db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: pair(fmt.Sprint("new", i), i)})
		tell("PutItem", err)
		_, err = db.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String("pairs"), Key: pairKey(fmt.Sprint("new", i), i)})
		tell("DeleteItem", err)
	}
	tell("sweep", db.sweep(ctx, time.Now()))
	return found
}

func isPart(t *testing.T, found, items map[string]item) {
	t.Helper()
	for name, it := range found {
		if !reflect.DeepEqual(it, items[name]) {
			t.Errorf("%s is %v, and was %v", name, it, items[name])
		}
	}
}

// salvage returns the items that can be saved.
func salvage(t *testing.T, dir string) map[string]item {
	t.Helper()
	ctx := context.Background()
	db, report, err := Salvage(ctx, dir, filepath.Join(t.TempDir(), "saved"))
	if errors.Is(err, ErrDamaged) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	saved := map[string]item{}
	pages := dynamodb.NewScanPaginator(db, &dynamodb.ScanInput{TableName: aws.String("pairs")})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		var missing *types.ResourceNotFoundException
		if errors.As(err, &missing) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			saved[nameOf(it)] = it
		}
	}
	if n := report.Tables["pairs"]; n != int64(len(saved)) {
		t.Errorf("%d items are said to be saved, and %d are", n, len(saved))
	}
	return saved
}

func nameOf(it item) string { return it["id"].(*types.AttributeValueMemberS).Value }

// streamedPairs is pairsTable with a stream.
func streamedPairs() *dynamodb.CreateTableInput {
	in := pairsTable()
	in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeKeysOnly}
	return in
}

// damageable returns the file of a data directory with branches, overflow, an index, a time to
// live, a stream, tokens and free pages, and the items in its table.
func damageable(t *testing.T) (file []byte, items map[string]item) {
	t.Helper()
	ctx := context.Background()
	dir := t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.CreateTable(ctx, streamedPairs()); err != nil {
		t.Fatal(err)
	}
	_, err = db.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{TableName: aws.String("pairs"),
		TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)}})
	if err != nil {
		t.Fatal(err)
	}
	items = map[string]item{}
	for i := 0; i < 2000; i += 25 {
		var writes []types.WriteRequest
		for n := i; n < i+25; n++ {
			it := pair("key", n)
			it["expires"] = &types.AttributeValueMemberN{Value: fmt.Sprint(time.Now().Add(time.Hour).Unix())}
			it["text"] = &types.AttributeValueMemberS{Value: strings.Repeat("text ", 20)}
			items[nameOf(it)] = it
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"pairs": writes}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		it := pair("key", i)
		_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String(fmt.Sprint("token", i)),
			TransactItems: []types.TransactWriteItem{{Delete: &types.Delete{TableName: aws.String("pairs"), Key: pairKey("key", i)}}}})
		if err != nil {
			t.Fatal(err)
		}
		delete(items, nameOf(it))
	}
	// The state before the last write has the same items.
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: items["key9"]}); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if file, err = os.ReadFile(filepath.Join(dir, fileName)); err != nil {
		t.Fatal(err)
	}
	return file, items
}
