package dynamolocal

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"
)

// compactDirEnv makes the test binary a process that compacts this directory, of which it prints the progress.
const compactDirEnv = "DYNAMOLOCAL_COMPACT_DIR"

func printCompact(dir string) error {
	done, err := Compact(context.Background(), dir, func(done, total int64) { fmt.Println(done, total) })
	if err != nil {
		return err
	}
	fmt.Println("compacted", done.Before, done.After)
	return nil
}

// TestCompact wants the space of deleted items back, and everything else as it was.
func TestCompact(t *testing.T) {
	dir := compactable(t)
	path, other := filepath.Join(dir, fileName), filepath.Join(dir, "other")
	if err := errors.Join(os.Chmod(path, 0o640), os.WriteFile(other, []byte("other"), 0o600), os.WriteFile(path+compactSuffix, []byte("left behind"), 0o600)); err != nil {
		t.Fatal(err)
	}
	before, want := sizeOf(t, path), contents(t, path)
	done, err := Compact(t.Context(), dir, noProgress)
	if err != nil {
		t.Fatal(err)
	}
	if len(done.Problems) > 0 || done.Tables["pairs"] != 100 {
		t.Errorf("it found %+v", done.Report)
	}
	if done.Before != before || done.After != sizeOf(t, path) || done.After > before/10 {
		t.Errorf("it tells of %d bytes before and %d after; there were %d, and are %d", done.Before, done.After, before, sizeOf(t, path))
	}
	if got := contents(t, path); !maps.Equal(got, want) {
		t.Errorf("it has other contents: %v, want %v", got, want)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}
	if b, err := os.ReadFile(other); err != nil || string(b) != "other" {
		t.Errorf("another file of the directory: %q, %v", b, err)
	}
	if _, err := os.Stat(path + compactSuffix); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the copy is still there: %v", err)
	}
	again, err := Compact(t.Context(), dir, noProgress)
	if err != nil || again.After != done.After {
		t.Errorf("a second time: %+v, %v", again, err)
	}
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	use(t, db)
	if report, err := db.Check(t.Context()); err != nil || len(report.Problems) > 0 {
		t.Errorf("after more writes: %+v, %v", report, err)
	}
}

// TestCompactFollowsALink leaves a data file that is a link one.
func TestCompactFollowsALink(t *testing.T) {
	dir, elsewhere := compactable(t), t.TempDir()
	path, at := filepath.Join(dir, fileName), filepath.Join(elsewhere, "data")
	if err := errors.Join(os.Rename(path, at), os.Symlink(at, path)); err != nil {
		t.Fatal(err)
	}
	done, err := Compact(t.Context(), dir, noProgress)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != fs.ModeSymlink || sizeOf(t, at) != done.After {
		t.Errorf("the link is %v, %v, and what it leads to has %d bytes of %d", info.Mode(), err, sizeOf(t, at), done.After)
	}
}

// TestCompactRefuses wants nothing changed where it cannot be done.
func TestCompactRefuses(t *testing.T) {
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	file, err := os.ReadFile(filepath.Join(compactable(t), fileName))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		ctx    context.Context
		change func(t *testing.T, dir string)
		want   error // nil for problems
	}{
		"another has it open": {t.Context(), func(t *testing.T, dir string) {
			db, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
		}, ErrLocked},
		"it is interrupted": {canceled, func(*testing.T, string) {}, context.Canceled},
		"there is none": {t.Context(), func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, fileName)); err != nil {
				t.Fatal(err)
			}
		}, fs.ErrNotExist},
		"it does not open": {t.Context(), func(t *testing.T, dir string) {
			if err := os.Truncate(filepath.Join(dir, fileName), int64(2*pageSize)); err != nil {
				t.Fatal(err)
			}
		}, ErrDamaged},
		"an index is not whole": {t.Context(), func(t *testing.T, dir string) {
			bolt, err := bbolt.Open(filepath.Join(dir, fileName), 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer bolt.Close()
			err = bolt.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("index/pairs/by-n")).Put([]byte("xy"), []byte("y")) })
			if err != nil {
				t.Fatal(err)
			}
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, fileName)
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			test.change(t, dir)
			before, _ := os.ReadFile(path)
			done, err := Compact(test.ctx, dir, noProgress)
			if !errors.Is(err, test.want) {
				t.Errorf("it is %v, want %v", err, test.want)
			}
			if test.want == nil && (err != nil || len(done.Problems) == 0 || done.Before != done.After) {
				t.Errorf("it is %+v, %v; want problems", done, err)
			}
			if after, _ := os.ReadFile(path); string(after) != string(before) {
				t.Error("the file is another")
			}
			if _, err := os.Stat(path + compactSuffix); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("a copy is there: %v", err)
			}
		})
	}
}

// TestCompactKilled kills the process at moments of all kinds: what is in the data directory is there, whole.
func TestCompactKilled(t *testing.T) {
	dir := compactable(t)
	path := filepath.Join(dir, fileName)
	grown, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := contents(t, path)
	begun := time.Now()
	if out := compactUntil(t, dir, time.Hour); !strings.HasPrefix(out, "compacted") {
		t.Fatalf("it ended by %q", out)
	}
	whole := time.Since(begun)
	const rounds = 15
	for range rounds {
		if err := os.WriteFile(path, grown, 0o600); err != nil {
			t.Fatal(err)
		}
		compactUntil(t, dir, time.Duration(rand.Int64N(int64(whole))))
		if report, err := Check(dir); err != nil || len(report.Problems) > 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		db, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + compactSuffix); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the copy is still there after Open: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if got := contents(t, path); !maps.Equal(got, want) {
			t.Fatalf("it has other contents: %v, want %v", got, want)
		}
	}
}

// compactUntil compacts in another process, which it kills after a time, and returns the last line that it printed.
func compactUntil(t *testing.T, dir string, after time.Duration) (last string) {
	t.Helper()
	cmd, stdout, stderr := startSelf(t, compactDirEnv+"="+dir)
	timer := time.AfterFunc(after, func() { cmd.Process.Kill() })
	defer timer.Stop()
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		last = lines.Text()
	}
	cmd.Wait() // killed, or done
	if stderr.Len() > 0 {
		t.Fatal(stderr.String())
	}
	return last
}

func noProgress(int64, int64) {}

// compactable returns a data directory of which most was deleted: 100 items are left of 2000.
func compactable(t *testing.T) (dir string) {
	t.Helper()
	ctx := t.Context()
	dir = t.TempDir()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.CreateTable(ctx, streamedPairs()); err != nil {
		t.Fatal(err)
	}
	text := &types.AttributeValueMemberS{Value: strings.Repeat("text ", 200)}
	for i := 0; i < 2000; i += 25 {
		var writes []types.WriteRequest
		for n := i; n < i+25; n++ {
			it := pair("key", n)
			it["text"] = text
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"pairs": writes}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := 0; i < 1900; i += 25 {
		var writes []types.WriteRequest
		for n := i; n < i+25; n++ {
			writes = append(writes, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: pairKey("key", n)}})
		}
		if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"pairs": writes}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tagged(ctx, db), db.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// tagged gives the table what is in buckets of other kinds.
func tagged(ctx context.Context, db *DB) error {
	table, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("pairs")})
	if err != nil {
		return err
	}
	_, err = db.TagResource(ctx, &dynamodb.TagResourceInput{ResourceArn: table.Table.TableArn, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
	if err != nil {
		return err
	}
	_, err = db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String("token"),
		TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: aws.String("pairs"), Item: pair("key", 1999)}}}})
	return err
}

// contents returns a sum of each bucket's entries and sequence.
func contents(t *testing.T, path string) map[string]string {
	t.Helper()
	bolt, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer bolt.Close()
	sums := map[string]string{}
	err = bolt.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			h, n := sha256.New(), 0
			fmt.Fprintf(h, "%d\n", b.Sequence())
			err := b.ForEach(func(k, v []byte) error {
				n++
				fmt.Fprintf(h, "%q %q\n", k, v)
				return nil
			})
			sums[string(name)] = fmt.Sprintf("%d entries %x", n, h.Sum(nil))
			return err
		})
	})
	if err != nil || len(sums) < 3 {
		t.Fatalf("%d buckets, %v", len(sums), err)
	}
	return sums
}

func sizeOf(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
