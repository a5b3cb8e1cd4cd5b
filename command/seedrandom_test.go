package command

import (
	"bytes"
	"context"
	"os"
	"testing"

	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
)

// runSeed carries out a command line of the tracker, and returns what it prints.
func runTracker(t testing.TB, args ...string) (string, error) {
	t.Helper()
	var out, errs bytes.Buffer
	app := App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}
	err := Run(context.Background(), app, args, os.Getenv, bytes.NewReader(nil), &out, &errs)
	return out.String() + errs.String(), err
}

func TestSeedRandom(t *testing.T) {
	out, err := runTracker(t, "seed", "--random", "10000", "--store", t.TempDir()+"/data")
	t.Log(out, err)
}
