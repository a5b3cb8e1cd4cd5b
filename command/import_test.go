package command

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
)

// TestImportOfWhatIsKept imports into a store that is new but for what is noted of the types whose objects outlive their
// owner, and not into one that has somebody.
func TestImportOfWhatIsKept(t *testing.T) {
	app, dir := App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}, t.TempDir()
	run := func(input string, args ...string) error {
		return Run(t.Context(), app, args, func(string) string { return "" }, strings.NewReader(input), new(bytes.Buffer), new(bytes.Buffer))
	}
	from, to, files := filepath.Join(dir, "from"), filepath.Join(dir, "to"), filepath.Join(dir, "files")
	if err := run("nanoseconds, please\n", "user", "add", "grace@example.com", "--first-name", "Grace", "--store", from); err != nil {
		t.Fatal(err)
	}
	if err := run("", "export", files, "--store", from); err != nil {
		t.Fatal(err)
	}
	if err := run("", "import", files, "--store", to); err != nil {
		t.Fatal(err)
	}
	if err := run("", "import", files, "--store", to); err == nil || !strings.Contains(err.Error(), "is not empty") {
		t.Errorf("once more it says %v", err)
	}
}
