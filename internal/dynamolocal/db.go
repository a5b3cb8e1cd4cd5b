package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/guregu/dynamo/v2/dynamodbiface"
	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

var _ dynamodbiface.DynamoDBAPI = (*DB)(nil)

// fileName is the data file's name in the data directory.
const fileName = "dynamodb.bolt"

// A DB is the DynamoDB API on one data directory. It is safe for concurrent use.
type DB struct {
	bolt   *bbolt.DB
	path   string // of the file
	tables tableCache
	latest latest
	feed   feed
	moment *moment // where it is a Snapshot's; nil reads what was written last

	damage    atomic.Pointer[error] // the first that was found; nil while there is none
	beginning sync.Mutex            // held while a transaction begins
	stuck     chan struct{}         // closed once bbolt holds a lock that nobody gives back
	getsStuck sync.Once

	closing sync.RWMutex // held for reading while something is put into the queue
	closed  bool
	queue   chan *writeRequest
	writing sync.Mutex   // held while a group is written
	company atomic.Bool  // whether the last group had more than one request
	writers atomic.Int32 // who wait for a write of theirs

	stop       context.CancelFunc // ends the background work, and readers of streams
	stopping   <-chan struct{}    // closed by stop
	background sync.WaitGroup
	wake       chan struct{} // tells the background work of an index to fill
	writer     sync.WaitGroup
}

// Open opens the data directory, and creates it (0700) and the file in it (0600) where they are
// missing. If another process has it open, the error is ErrLocked, within a second.
func Open(dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	path := filepath.Join(dir, fileName)
	before, _ := os.Stat(path)
	bolt, err := openFile(path)
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, fmt.Errorf("data directory %s: %w", dir, ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	if err := settleFile(path, before); err != nil {
		bolt.Close()
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	ctx, stop := context.WithCancel(context.Background())
	db := &DB{
		bolt:     bolt,
		path:     path,
		queue:    make(chan *writeRequest, queueLength),
		stop:     stop,
		stopping: ctx.Done(),
		wake:     make(chan struct{}, 1),
		stuck:    make(chan struct{}),
	}
	db.writer.Go(db.writeGroups)
	db.startStreams(ctx)
	db.background.Go(func() { db.tend(ctx) })
	return db, nil
}

// settleFile has the name of a file that is locked be on the disk before anything is written: whoever made it, or put it
// there, may have ended too early. before is what had the name; nil: nothing. What a Compact has left behind goes.
func settleFile(path string, before os.FileInfo) error {
	after, err := os.Stat(path)
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	directories := []string{filepath.Dir(real)}
	if before == nil || !os.SameFile(before, after) { // and the data directory may be new
		directories = append(directories, filepath.Dir(path), filepath.Join(filepath.Dir(path), ".."))
	}
	if err := syncDirectories(directories...); err != nil {
		return err
	}
	return removeCompact(real)
}

// openFile opens the file, and looks at as much of it as leads to the rest: what bbolt panics or
// runs in circles at is an ErrDamaged.
func openFile(path string) (bolt *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = damaged(path, p)
		}
	}()
	var file *os.File
	for range 10 {
		bolt, err = bbolt.Open(path, 0o600, &bbolt.Options{
			Timeout:      time.Second,
			FreelistType: bbolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (opened *os.File, err error) {
				file, err = os.OpenFile(name, flag, mode)
				return file, err
			},
		})
		if err != nil || !isMoved(file, path) { // by MoveAside or Compact, while this process waited for the lock
			break
		}
		if err := bolt.Close(); err != nil {
			return nil, err
		}
		bolt, err = nil, bolterrors.ErrTimeout
	}
	if errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrChecksum) || errors.Is(err, bolterrors.ErrVersionMismatch) {
		return nil, damaged(path, err)
	}
	if err != nil && isCutShort(path) {
		return nil, damaged(path, err)
	}
	if err != nil {
		return nil, err
	}
	if err := checkBranches(path); err != nil {
		bolt.Close()
		return nil, err
	}
	if err := syncMeta(bolt, file); err != nil {
		bolt.Close()
		return nil, err
	}
	return bolt, nil
}

// syncMeta has the meta pages be on the disk as they are read. A process before may have written one, and ended, or been
// refused by the disk, before it was there: then the system reads it, and the disk has the one before, over whose pages the
// next transaction would write. A full disk takes no other write either.
func syncMeta(bolt *bbolt.DB, file *os.File) error {
	pages := make([]byte, 2*bolt.Info().PageSize)
	if _, err := file.ReadAt(pages, 0); err != nil {
		return err
	}
	if _, err := file.WriteAt(pages, 0); err != nil {
		if isFull(err) {
			return nil
		}
		return err
	}
	return bolt.Sync()
}

// isMoved tells whether another file than this one has the path by now, or none.
func isMoved(file *os.File, path string) bool {
	opened, err := file.Stat()
	if err != nil {
		return false
	}
	is, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(opened, is)
}

// isCutShort tells whether the file has something in it, and not the two pages that every such file
// begins with.
func isCutShort(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0 && info.Size() < int64(2*os.Getpagesize())
}

// checkBranches is the damage that shows without reading the leaves.
func checkBranches(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	problem := ""
	p, err := readPages(file, 0, func(page uint64, what string) {
		if problem == "" {
			problem = pageProblem(page, what)
		}
	})
	if err != nil {
		return damaged(path, err)
	}
	if p.checkBranches(); problem != "" {
		return damaged(path, problem)
	}
	return nil
}

// syncDirectories makes the names in directories as durable as what is written into files. Windows cannot, and
// need not.
func syncDirectories(directories ...string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, name := range directories {
		d, err := os.Open(name)
		if err != nil {
			return err
		}
		err = d.Sync()
		d.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

// Close waits for the writes that have begun, refuses any other, and closes the file. A second
// Close does nothing.
func (db *DB) Close() error {
	db.stop()
	db.latest.close()
	return db.unlessStuck(func() error {
		db.background.Wait()
		db.closing.Lock()
		if db.closed {
			db.closing.Unlock()
			return nil
		}
		db.closed = true
		close(db.queue)
		db.closing.Unlock()
		db.writer.Wait()
		return db.bolt.Close()
	})
}
