package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDev says in plain words why it cannot begin.
func TestDev(t *testing.T) {
	project, noModule, none := t.TempDir(), t.TempDir(), t.TempDir()
	for _, dir := range []string{project, noModule} {
		for _, name := range projectFiles {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(project, "go.mod"), []byte("module example.com/shop\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	for _, test := range []struct{ what, dir, says string }{
		{"no go command", project, "there is no go command on the PATH"},
		{"no module", noModule, "run go mod init"},
		{"no project", none, "there is no project in " + none},
	} {
		t.Run(test.what, func(t *testing.T) {
			var out strings.Builder
			if code := run(t.Context(), []string{"dev", "-C", test.dir, "--", "--addr", "127.0.0.1:0"}, strings.NewReader(""), &out, &out); code != 1 || !strings.Contains(out.String(), test.says) {
				t.Errorf("exit code %d, %q; want 1, %q", code, out.String(), test.says)
			}
		})
	}
}
