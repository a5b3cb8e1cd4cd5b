package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	alone, bad := t.TempDir(), t.TempDir()
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
		{"a schema without a project", []string{alone}, 1, "gqlgen.yml"},
		{"a bad schema", []string{bad}, 1, "schema.graphqls:1:17: undefined type Integer"},
		{"no schema", []string{t.TempDir()}, 1, "no such file"},
		{"no root", nil, 2, "usage:"},
	} {
		t.Run(test.what, func(t *testing.T) {
			var stderr strings.Builder
			if code := run(test.args, &stderr); code != test.code || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("exit code %d, %q; want %d, %q", code, stderr.String(), test.code, test.says)
			}
		})
	}
}
