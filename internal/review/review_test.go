package review

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

var update = flag.Bool("update", false, "write what the reports are into testdata")

// TestMarkdown compares the two schemas of each archive, and wants its report.
func TestMarkdown(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d archives, %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			report, err := Compare(parsed(t, archive.Files[0]), parsed(t, archive.Files[1]))
			if err != nil {
				t.Fatal(err)
			}
			got := report.Markdown("`main` (1a2b3c4)")
			if *update {
				archive.Files[2].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(archive.Files[2].Data), got); diff != "" {
				t.Errorf("another report (-want +got); -update writes it:\n%s", diff)
			}
		})
	}
}

func parsed(t *testing.T, file txtar.File) *schema.Schema {
	t.Helper()
	s, err := schema.Parse(string(file.Data))
	if err != nil {
		t.Fatalf("%s: %v", file.Name, err)
	}
	return s
}
