package dynamolocal

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.etcd.io/bbolt"
)

// TestOpenWhatIsMoved waits for the lock of a file that is moved aside meanwhile: it opens the one that is in its
// place then, and not the other.
func TestOpenWhatIsMoved(t *testing.T) {
	dir, to := t.TempDir(), t.TempDir()
	path := filepath.Join(dir, fileName)
	former, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	type outcome struct {
		db  *DB
		err error
	}
	opened := make(chan outcome)
	go func() {
		db, err := Open(dir)
		opened <- outcome{db, err}
	}()
	time.Sleep(100 * time.Millisecond) // it waits for the lock, or else opens what is there then: both are right
	if err := os.Rename(path, filepath.Join(to, fileName)); err != nil {
		t.Fatal(err)
	}
	if err := former.Close(); err != nil {
		t.Fatal(err)
	}
	got := <-opened
	if got.err != nil {
		t.Fatal(got.err)
	}
	defer got.db.Close()
	moved, err := Open(to)
	if err != nil {
		t.Fatalf("the moved file is held: %v", err)
	}
	defer moved.Close()
	if _, err := os.Stat(path); err != nil {
		t.Errorf("there is no file in its place: %v", err)
	}
}

// TestMoveAsideDamaged moves a file that cannot be opened, and none that another has open.
func TestMoveAsideDamaged(t *testing.T) {
	dir := t.TempDir()
	path, to := filepath.Join(dir, fileName), filepath.Join(dir, "before")
	db, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := MoveAside(dir, to); !errors.Is(err, ErrLocked) {
		t.Errorf("an open one: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	damaged := make([]byte, 1<<15)
	damaged[0] = 1
	if err := os.WriteFile(path, damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	if isMoved, err := MoveAside(dir, to); err != nil || !isMoved {
		t.Fatalf("a damaged one: %v, %v", isMoved, err)
	}
	if moved, err := os.ReadFile(filepath.Join(to, fileName)); err != nil || string(moved) != string(damaged) {
		t.Errorf("it is another then: %v", err)
	}
}
