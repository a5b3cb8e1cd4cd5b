//go:build faults && linux

package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// TestFaultsFullDisk fills a small file system of its own, where the file is sparse: so it grows, and then what is
// written into it does not fit. It takes the right to mount in a namespace.
func TestFaultsFullDisk(t *testing.T) {
	dir := os.Getenv(fullDirEnv)
	if dir == "" {
		runAlone(t, "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
			`mount -t tmpfs -o size=16m tmpfs "$`+fullDirEnv+`" && exec "$0" -test.run='^TestFaultsFullDisk$'`, os.Args[0])
		return
	}
	ballast := filepath.Join(dir, "ballast")
	setRoom := func(room int64) {
		if room < 0 {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			return
		}
		var disk syscall.Statfs_t
		if err := syscall.Statfs(dir, &disk); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(ballast, make([]byte, int64(disk.Bavail)*disk.Bsize-room), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fillUp(t, dir, setRoom)

	want := contents(t, filepath.Join(dir, fileName))
	for _, room := range []int64{0, 64 << 10, 256 << 10} {
		setRoom(room)
		if done, err := Compact(t.Context(), dir, noProgress); err == nil || !isFull(err) {
			t.Errorf("a copy in %d bytes: %+v, %v", room, done, err)
		}
		setRoom(-1)
		if got := contents(t, filepath.Join(dir, fileName)); !maps.Equal(got, want) {
			t.Errorf("after a copy in %d bytes it has other contents: %v, want %v", room, got, want)
		}
	}
	if _, err := Compact(t.Context(), dir, noProgress); err != nil {
		t.Error(err)
	}
}

// TestFaultsSync has one sync after the other fail: where that is the pages', the write is refused and the next ones go on; where
// it is the meta page's, nobody knows what is on the disk, and no write goes on until the next Open. Nothing that was
// acknowledged is lost. It takes strace.
func TestFaultsSync(t *testing.T) {
	if dir := os.Getenv(fullDirEnv); dir != "" {
		writeAndFail(t, dir)
		return
	}
	printed := ""
	for _, nth := range []int{20, 21} { // a transaction has two
		printed += runAlone(t, "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync",
			"-e", fmt.Sprintf("inject=fdatasync:error=ENOSPC:when=%d", nth), os.Args[0], "-test.run=^TestFaultsSync$")
	}
	if !strings.Contains(printed, pagesFailed) || !strings.Contains(printed, metaFailed) {
		t.Errorf("not both failed: %s", printed)
	}
}

// What writeAndFail prints.
const (
	pagesFailed = "the pages' sync failed"
	metaFailed  = "the meta page's sync failed"
)

func writeAndFail(t *testing.T, dir string) {
	runtime.LockOSThread() // strace counts the calls of each thread, and a lone writer's are its own
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := db.CreateTable(ctx, streamedPairs()); err != nil {
		t.Fatal(err)
	}
	var recorded []string
	put := func(n int) error {
		for _, side := range []string{"left", "right"} {
			if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("pairs"), Item: pair(side, n)}); err != nil {
				return err
			}
			recorded = append(recorded, fmt.Sprint(side, n))
		}
		return nil
	}
	acknowledged := map[int]bool{}
	var failed []error
	for n := range 50 {
		if err := put(n); err != nil {
			failed = append(failed, err)
			continue
		}
		acknowledged[n] = true
	}
	switch {
	case len(failed) == 1:
		wantFull(t, dir, failed[0])
		fmt.Println(pagesFailed)
	case len(failed) > 20 && strings.Contains(failed[0].Error(), "on the disk or not"):
		if errors.Is(failed[0], syscall.ENOSPC) {
			t.Errorf("it may be sent again: %v", failed[0])
		}
		fmt.Println(metaFailed)
	default:
		t.Fatalf("%d writes failed: %v", len(failed), failed)
	}
	for n := range acknowledged {
		got, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("pairs"), Key: pairKey("left", n)})
		if err != nil || len(got.Item) == 0 {
			t.Errorf("pair %d: %v, %v", n, got, err)
		}
	}
	// Where the meta page's sync has failed, a read of the table may see what the disk has not; none of a stream does,
	// and who waits for more of that is told.
	reading, stop := context.WithCancel(ctx)
	var read []string
	var ended error
	time.AfterFunc(time.Second, stop)
	for r, err := range db.StreamRecords(reading, "pairs", 0) {
		if ended = err; err == nil {
			read = append(read, nameOf(r.Keys))
		}
	}
	if isTold := ended != nil && strings.Contains(ended.Error(), "on the disk or not"); isTold != (len(failed) > 1) || ended != nil && !isTold {
		t.Errorf("the stream ends by: %v", ended)
	}
	if !slices.Equal(read, recorded) {
		t.Errorf("the stream has %q; want %q", read, recorded)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if report, err := Check(dir); err != nil || len(report.Problems) > 0 {
		t.Errorf("%+v, %v", report, err)
	}
}
