package dynamolocal

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// fullDirEnv makes a test the process that fills the disk under this directory.
const fullDirEnv = "DYNAMOLOCAL_FULL_DIR"

// TestFullDisk lets the data file grow no more, as any user can: to the engine that is a full disk.
func TestFullDisk(t *testing.T) {
	dir := os.Getenv(fullDirEnv)
	if dir == "" {
		runAlone(t, os.Args[0], "-test.run=^TestFullDisk$")
		return
	}
	fillUp(t, dir, func(room int64) {
		if room >= 0 {
			room += sizeOf(t, filepath.Join(dir, fileName))
		}
		limitFiles(t, room)
	})
}

// runAlone runs a test of this binary in a process of its own, on a data directory, and returns what it prints.
func runAlone(t *testing.T, command ...string) string {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(os.Environ(), fullDirEnv+"="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}

// fillUp writes by many at once until nothing more fits, and again once there is room: what was acknowledged is there,
// of what was refused there is nothing, and reads are served all the time. setRoom leaves that many bytes for the file,
// or lifts the limit, where it is negative.
func fillUp(t *testing.T, dir string, setRoom func(bytes int64)) {
	t.Helper()
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := db.CreateTable(ctx, pairsTable()); err != nil {
		t.Fatal(err)
	}
	const writers, perWriter, rounds = 8, 50, 4
	w := &fullWriter{db: db, acknowledged: map[int]bool{}, refused: map[int]error{}}
	w.write(writers, perWriter)
	if len(w.refused) > 0 {
		t.Fatalf("there is room, and %v is refused", w.refused)
	}
	for round := range rounds {
		setRoom(int64(round) * 96 << 10)
		for len(w.refused) < (round+1)*writers*perWriter {
			w.write(writers, perWriter)
			w.wantRead(t)
		}
		for _, err := range w.refused {
			wantFull(t, dir, err)
		}
		setRoom(-1)
		refused := len(w.refused)
		w.write(writers, perWriter)
		if len(w.refused) > refused {
			t.Fatal("there is room again, and a write is refused")
		}
		w.wantRead(t)
	}
	if report, err := db.Check(ctx); err != nil || len(report.Problems) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	checkPairs(t, dir, w.acknowledged)
}

// A fullWriter puts pairs of items that are large enough to fill something.
type fullWriter struct {
	db           *DB
	mu           sync.Mutex
	next         int
	acknowledged map[int]bool
	refused      map[int]error
}

var fullText = &types.AttributeValueMemberS{Value: strings.Repeat("full ", 100)}

func (w *fullWriter) write(writers, each int) {
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range each {
				w.mu.Lock()
				n := w.next
				w.next++
				w.mu.Unlock()
				left, right := pair("left", n), pair("right", n)
				left["text"], right["text"] = fullText, fullText
				_, err := w.db.TransactWriteItems(context.Background(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
					{Put: &types.Put{TableName: aws.String("pairs"), Item: left}},
					{Put: &types.Put{TableName: aws.String("pairs"), Item: right}},
				}})
				w.mu.Lock()
				if err == nil {
					w.acknowledged[n] = true
				} else {
					w.refused[n] = err
				}
				w.mu.Unlock()
			}
		})
	}
	group.Wait()
}

// wantRead wants what was acknowledged, and nothing else, to be read.
func (w *fullWriter) wantRead(t *testing.T) {
	t.Helper()
	for n := range w.next {
		for _, side := range []string{"left", "right"} {
			got, err := w.db.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: aws.String("pairs"), Key: pairKey(side, n)})
			if err != nil {
				t.Fatal(err)
			}
			if (len(got.Item) > 0) != w.acknowledged[n] {
				t.Fatalf("of %s%d, which is acknowledged: %v, there is %v", side, n, w.acknowledged[n], got.Item)
			}
		}
	}
}

func wantFull(t *testing.T, dir string, err error) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != "ServiceUnavailable" || !errors.Is(err, syscall.ENOSPC) ||
		!strings.Contains(api.ErrorMessage(), "the disk is full") || !strings.Contains(api.ErrorMessage(), filepath.Join(dir, fileName)) {
		t.Fatalf("a write that does not fit: %v", err)
	}
}

// TestFullDiskOverHTTP wants a status at which the SDKs try again.
func TestFullDiskOverHTTP(t *testing.T) {
	dir := os.Getenv(fullDirEnv)
	if dir == "" {
		runAlone(t, os.Args[0], "-test.run=^TestFullDiskOverHTTP$")
		return
	}
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.CreateTable(t.Context(), pairsTable()); err != nil {
		t.Fatal(err)
	}
	limitFiles(t, 0)
	put := `{"TableName":"pairs","Item":{"id":{"S":"x"},"text":{"S":"` + strings.Repeat("x", 300<<10) + `"}}}`
	request := httptest.NewRequest(http.MethodPost, "http://localhost/", strings.NewReader(put))
	request.Header.Set("X-Amz-Target", targetPrefix+"PutItem")
	answer := httptest.NewRecorder()
	db.Handler().ServeHTTP(answer, request)
	if body := answer.Body.String(); answer.Code != http.StatusServiceUnavailable || !strings.Contains(body, "#ServiceUnavailable") || !strings.Contains(body, "the disk is full") {
		t.Errorf("%d %s", answer.Code, body)
	}
}

// TestCompactFullDisk wants a copy that does not fit to leave the file as it is.
func TestCompactFullDisk(t *testing.T) {
	dir := os.Getenv(fullDirEnv)
	if dir == "" {
		runAlone(t, os.Args[0], "-test.run=^TestCompactFullDisk$")
		return
	}
	dir = compactable(t)
	path := filepath.Join(dir, fileName)
	before, want := sizeOf(t, path), contents(t, path)
	for _, room := range []int64{0, 1 << 10, 30 << 10, 100 << 10} {
		limitFiles(t, room)
		done, err := Compact(t.Context(), dir, noProgress)
		if err == nil {
			t.Fatalf("it fits into %d bytes: %+v", room, done)
		}
		if !isFull(err) {
			t.Errorf("%d bytes: %v", room, err)
		}
		limitFiles(t, -1)
		if got := contents(t, path); !maps.Equal(got, want) || sizeOf(t, path) != before {
			t.Errorf("%d bytes: it has other contents: %v", room, got)
		}
		entries, err := os.ReadDir(dir)
		if err != nil || slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == fileName+compactSuffix }) {
			t.Errorf("%d bytes: there are %v, %v", room, entries, err)
		}
	}
	if done, err := Compact(t.Context(), dir, noProgress); err != nil || done.After >= before {
		t.Errorf("with room: %+v, %v", done, err)
	}
}

// limitFiles bounds the size of the files that this process writes, in bytes; a negative one lifts the limit.
func limitFiles(t *testing.T, size int64) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
	if limit.Cur = limit.Max; size >= 0 {
		limit.Cur = uint64(size)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		t.Fatal(err)
	}
}
