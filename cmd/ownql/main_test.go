package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRun wants of each command what it prints, and of each mistake what is said of it.
func TestRun(t *testing.T) {
	alone, bad, none := t.TempDir(), t.TempDir(), t.TempDir()
	for root, sdl := range map[string]string{
		alone: "type Query { a: Int }\n",
		bad:   "type Query { a: Integer }\n",
	} {
		if err := os.WriteFile(filepath.Join(root, "schema.graphqls"), []byte(sdl), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		what string
		args []string
		code int
		says string
	}{
		{"the public schema", []string{"schema", alone}, 0, "type Query {\n  a: Int\n}\n"},
		{"a schema without a module", []string{"generate", alone}, 1, "go mod init"},
		{"a bad schema", []string{"generate", bad}, 1, "schema.graphqls:1:17: undefined type Integer"},
		{"no schema", []string{"generate", none}, 1, "no such file"},
		{"no command", nil, 2, "--help lists"},
		{"another command", []string{"generte"}, 2, "--help lists"},
		{"too many directories", []string{"generate", alone, bad}, 2, "--help lists"},
		{"help", []string{"--help"}, 0, "Usage: ownql"},
	} {
		t.Run(test.what, func(t *testing.T) {
			var out strings.Builder
			if code := run(t.Context(), test.args, strings.NewReader(""), &out, &out); code != test.code || !strings.Contains(out.String(), test.says) {
				t.Errorf("exit code %d, %q; want %d, %q", code, out.String(), test.code, test.says)
			}
		})
	}
}

// TestProjectDir finds the nearest project upward.
func TestProjectDir(t *testing.T) {
	root := t.TempDir()
	inner := filepath.Join(root, "a/b")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(inner)
	if _, err := projectDir(""); err == nil || !strings.Contains(err.Error(), "no project in") {
		t.Errorf("without a project: %v", err)
	}
	for _, name := range projectFiles {
		if err := os.WriteFile(filepath.Join(root, "a", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if dir, err := projectDir(""); err != nil || filepath.Base(dir) != "a" {
		t.Errorf("it is %q, %v", dir, err)
	}
}
