package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"

	"github.com/ownql/ownql/model"
)

// preparedFile is, in the data directory, the fingerprint of the schema for which the
// data was last found to be right. Whoever serves by that schema keeps it so.
const preparedFile = "prepared"

// prepare makes the embedded engine's tables what the schema needs, as `ownql tables`
// does, and refuses what that refuses, but for tables of types that are gone: those only
// go into the log. The keys of indexes it fills in itself, and begins to keep what outlives its owner: no
// other server writes here.
//
// It reads the tables whole, and so only where another schema was served last, a table
// or an index was missing, or `ownql import` has written. What was written by hand,
// through `ownql dynamodb`, it does not look at.
func prepare(ctx context.Context, db *model.DB, dir string) error {
	file := filepath.Join(dir, preparedFile)
	fingerprint := db.Fingerprint()
	if prepared, err := os.ReadFile(file); err == nil && string(prepared) == fingerprint {
		// An error is for the plan to explain.
		if created, err := db.CreateTables(ctx); err == nil && len(created) == 0 {
			return nil
		}
	}
	if err := forgetPrepared(dir); err != nil {
		return fmt.Errorf("--store %s: %w", dir, err)
	}
	steps, err := db.Plan(ctx)
	if err != nil {
		return err
	}
	isDone := func(step model.TableStep) bool { return isOrphan(step) || db.IsOfKeys(step) }
	if err := refusals(slices.DeleteFunc(slices.Clone(steps), isDone), false); err != nil {
		return err
	}
	for _, step := range steps {
		if isOrphan(step) || step.Action == model.StepStray {
			slog.Warn(step.String())
		}
	}
	if _, err := db.CreateTables(ctx); err != nil {
		return err
	}
	for _, step := range steps {
		if db.IsOfKeys(step) || db.IsOfKeeping(step) {
			if err := db.Do(ctx, step); err != nil {
				return err
			}
		}
	}
	if err := writeWhole(file, []byte(fingerprint)); err != nil {
		return fmt.Errorf("--store %s: %w", dir, err)
	}
	return nil
}

func isOrphan(step model.TableStep) bool { return step.Action == model.StepOrphan }

// forgetPrepared has the next server look at the data again.
func forgetPrepared(dir string) error {
	err := os.Remove(filepath.Join(dir, preparedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
