package modelgen

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCompiles builds the project's package store with the Go files of each directory
// of testdata instead of those that it has from its own schema.
func TestCompiles(t *testing.T) {
	store, err := filepath.Abs("../../" + storeDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range cases(t, "testdata/*/schema.graphqls") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			root, err := filepath.Abs(dir)
			if err != nil {
				t.Fatal(err)
			}
			replace := map[string]string{}
			for path, content := range tree(t, store) {
				if isGenerated([]byte(content)) {
					replace[filepath.Join(store, path)] = "" // is not there
				}
			}
			for path := range tree(t, filepath.Join(root, storeDir)) {
				replace[filepath.Join(store, path)] = filepath.Join(root, storeDir, path)
			}
			overlay, err := json.Marshal(map[string]any{"Replace": replace})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "overlay.json")
			if err := os.WriteFile(file, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := exec.Command("go", "build", "-overlay", file, store).CombinedOutput()
			if err != nil {
				t.Errorf("go build: %v\n%s", err, strings.TrimSpace(string(out)))
			}
		})
	}
}
