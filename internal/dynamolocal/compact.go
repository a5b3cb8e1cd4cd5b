package dynamolocal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	// compactSuffix ends the name of the copy that Compact makes, beside the data file.
	compactSuffix = ".compact"
	// compactBatch is how many bytes are written into the copy in a transaction.
	compactBatch = 16 << 20
	// compactFill is how full the copy's pages are: nearly, so that few writes have to split one.
	compactFill = 0.9
)

// A Compaction is what Compact found and did.
type Compaction struct {
	Report              // of the file as it was; where it has Problems, nothing was done
	Before, After int64 // the file's size, in bytes
}

// Compact gives back what deleted items took: it copies the data directory's file, and puts the copy in its place once
// that is on the disk and checked. Whenever the process ends, the file is the old one or the new one, whole; a copy that
// it leaves behind, the next Open or Compact removes. progress is told of the bytes of items and indexes. ErrLocked:
// another process has dir open. ErrDamaged: the file cannot be opened.
func Compact(ctx context.Context, dir string, progress func(done, total int64)) (*Compaction, error) {
	c, err := compact(ctx, filepath.Join(dir, fileName), progress)
	if err != nil {
		return nil, fmt.Errorf("data directory %s: %w", dir, err)
	}
	return c, nil
}

func compact(ctx context.Context, path string, progress func(done, total int64)) (c *Compaction, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return nil, err
	}
	from, err := openFile(path) // and so no other process does
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrLocked
	}
	if err != nil {
		return nil, err
	}
	defer from.Close()
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	found, err := checkFile(ctx, path, 0)
	if err != nil {
		return nil, err
	}
	c = &Compaction{Report: *found, Before: info.Size(), After: info.Size()}
	if len(c.Problems) > 0 {
		return c, nil
	}
	if err := removeCompact(path); err != nil {
		return nil, err
	}
	copied := path + compactSuffix
	if err := copyCompact(ctx, from, copied, info, progress); err != nil {
		return nil, errors.Join(fmt.Errorf("copy %s: %w; it is as it was", path, err), removeCompact(path))
	}
	if err := c.checkCopy(ctx, copied); err != nil {
		return nil, errors.Join(err, removeCompact(path))
	}
	if runtime.GOOS == "windows" { // which moves nothing over a file that is open; Open removes the copy, so what is written meanwhile stays
		if err := from.Close(); err != nil {
			return nil, err
		}
	}
	if err := os.Rename(copied, path); err != nil {
		return nil, errors.Join(fmt.Errorf("put the copy in the place of the data: %w", err), removeCompact(path))
	}
	if err := syncDirectories(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("the copy is in the place of the data, but may not be after a power cut: %w", err)
	}
	return c, nil
}

// removeCompact removes the copy that a Compact of the file at path left behind. Whoever calls it has locked that.
func removeCompact(path string) error {
	if err := os.Remove(path + compactSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// copyCompact makes the copy at path, with the mode and the owner of the file that it is of, and has it synced.
func copyCompact(ctx context.Context, from *bbolt.DB, path string, of os.FileInfo, progress func(done, total int64)) error {
	to, err := bbolt.Open(path, 0o600, &bbolt.Options{
		FreelistType: bbolt.FreelistMapType,
		PageSize:     from.Info().PageSize,
		NoSync:       true, // until all is written
		NoGrowSync:   true,
	})
	if err != nil {
		return err
	}
	size, err := copyBuckets(ctx, from, to, progress)
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	// bbolt has made it as long as what it mapped.
	err = errors.Join(file.Truncate(size), own(file, of), file.Chmod(of.Mode().Perm()), file.Sync())
	return errors.Join(err, file.Close())
}

// copyBuckets copies all that there is, and returns how many bytes of the new file that takes. What bbolt
// finds damaged is an error.
func copyBuckets(ctx context.Context, from, to *bbolt.DB, progress func(done, total int64)) (size int64, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			if !isDamage(p) {
				panic(p)
			}
			err = damaged(from.Path(), p)
		}
	}()
	err = from.View(func(tx *bbolt.Tx) error {
		c := &compacting{ctx: ctx, to: to, progress: progress, total: tx.Size()}
		return tx.ForEach(c.bucket)
	})
	if err != nil {
		return 0, err
	}
	err = to.View(func(tx *bbolt.Tx) error { size = tx.Size(); return nil })
	return size, err
}

// A compacting copies buckets.
type compacting struct {
	ctx         context.Context
	to          *bbolt.DB
	progress    func(done, total int64)
	done, total int64
}

// bucket copies one, with its sequence, which counts its entries or their bytes. The engine has none in another.
func (c *compacting) bucket(name []byte, from *bbolt.Bucket) error {
	err := c.to.Update(func(tx *bbolt.Tx) error {
		to, err := tx.CreateBucket(name)
		if err != nil {
			return err
		}
		return to.SetSequence(from.Sequence())
	})
	cursor := from.Cursor()
	key, value := cursor.First()
	for err == nil && key != nil {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		err = c.to.Update(func(tx *bbolt.Tx) error {
			to := tx.Bucket(name)
			to.FillPercent = compactFill
			for size := 0; key != nil && size < compactBatch; key, value = cursor.Next() {
				if value == nil {
					return fmt.Errorf("the bucket %q has a bucket %q", name, key)
				}
				if err := to.Put(key, value); err != nil {
					return err
				}
				size += len(key) + len(value)
				c.done += int64(len(key) + len(value))
			}
			return nil
		})
		c.progress(min(c.done, c.total), c.total)
	}
	return err
}

// checkCopy wants the copy to be whole, and of as many items, and tells its size.
func (c *Compaction) checkCopy(ctx context.Context, path string) error {
	copied, err := checkFile(ctx, path, 0)
	if err != nil {
		return err
	}
	if len(copied.Problems) > 0 || !maps.Equal(copied.Tables, c.Tables) {
		return fmt.Errorf("the copy is not what it was made of, and so the data is as it was: the disk or the memory may be faulty (%q)", copied.Problems)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	c.After = info.Size()
	return nil
}
