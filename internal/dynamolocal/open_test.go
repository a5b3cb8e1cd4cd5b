package dynamolocal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenADamagedFile shows that a file that is no data file any more is an error with
// the directory's name, and no panic.
func TestOpenADamagedFile(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"cut off":             func(file []byte) []byte { return file[:len(file)/2] },
		"cut to its meta":     func(file []byte) []byte { return file[:8192] },
		"overwritten":         func(file []byte) []byte { return bytes.Repeat([]byte("damaged "), len(file)/8) },
		"its pages scrambled": func(file []byte) []byte { return append(file[:8192:8192], bytes.Repeat([]byte{7}, len(file)-8192)...) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			db, err := Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, fileName)
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(file), 0o600); err != nil {
				t.Fatal(err)
			}
			db, err = Open(dir)
			if err == nil {
				db.Close()
				t.Fatal("it opens")
			}
			if !strings.Contains(err.Error(), dir) {
				t.Errorf("%v does not name %s", err, dir)
			}
		})
	}
}
