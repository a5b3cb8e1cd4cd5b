package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// seedOf runs `seed` in a directory, and kills it after a time, unless that is 0. It tells whether it came to its end.
func seedOf(t *testing.T, dir string, patience time.Duration, args ...string) (said string, isDone bool) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(filepath.Join(binary, "ownql"), append([]string{"seed"}, args...)...)
	command.Dir = dir
	var out strings.Builder
	command.Stdout, command.Stderr = &out, &out
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if patience > 0 {
		kill := time.AfterFunc(patience, func() { command.Process.Kill() })
		defer kill.Stop()
	}
	err = command.Wait()
	if err != nil && patience == 0 {
		t.Fatalf("seed %v: %v\n%s", args, err, out.String())
	}
	return out.String(), err == nil
}

// writeSeed writes a file of so many notes, each by a mutation of its own.
func writeSeed(t *testing.T, dir string, notes int) {
	t.Helper()
	var text strings.Builder
	text.WriteString("# as ada@example.com\nmutation {\n")
	for i := range notes {
		fmt.Fprintf(&text, "  n%d: createNote(input: { title: \"note %d\" }) { note { id } }\n", i, i)
	}
	text.WriteString("}\n")
	if err := os.MkdirAll(filepath.Join(dir, "seed"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "seed/notes.graphql"), []byte(text.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// countNotes returns how many items the table of notes has, once the data directory is found to be whole.
func countNotes(t *testing.T, dir string) (count int) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	checked := runShell(t, dir, os.Environ(), filepath.Join(binary, "ownql")+" check")
	if !strings.Contains(checked, "is whole") {
		t.Fatal(checked)
	}
	for line := range strings.Lines(checked) {
		fmt.Sscanf(line, "notes: %d", &count)
	}
	return count
}

// TestSeedKilled kills a seed again and again, and runs it anew: each mutation is carried out exactly once.
func TestSeedKilled(t *testing.T) {
	const notes = 200
	dir := t.TempDir()
	writeSeed(t, dir, notes)
	kills := 0
	for patience := 100 * time.Millisecond; ; patience += 40 * time.Millisecond {
		if _, isDone := seedOf(t, dir, patience); isDone {
			break
		}
		kills++
	}
	if kills == 0 {
		t.Fatal("it was not killed once")
	}
	if count := countNotes(t, dir); count != notes {
		t.Errorf("after %d kills there are %d notes, want %d", kills, count, notes)
	}
}

// TestSeedResetKilled kills a seed that begins anew again and again: what there was is there whole, in one place or
// the other.
func TestSeedResetKilled(t *testing.T) {
	const notes = 20
	dir := t.TempDir()
	writeSeed(t, dir, notes)
	seedOf(t, dir, 0)
	for patience := 5 * time.Millisecond; patience < 200*time.Millisecond; patience += 15 * time.Millisecond {
		seedOf(t, dir, patience, "--reset")
		whole := 0
		for _, path := range append(asides(t, dir), filepath.Join(dir, "data")) {
			if _, err := os.Stat(filepath.Join(path, "dynamodb.bolt")); err == nil && countNotesIn(t, path) == notes {
				whole++
			}
		}
		if whole == 0 {
			t.Fatalf("after a kill at %v what was there is in none of %v", patience, asides(t, dir))
		}
	}
	seedOf(t, dir, 0)
	if count := countNotes(t, dir); count != notes {
		t.Errorf("there are %d notes then, want %d", count, notes)
	}
}

// asides are the directories into which data was moved.
func asides(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "data/before-seed-*"))
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// countNotesIn is countNotes of a data directory.
func countNotesIn(t *testing.T, path string) (count int) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(runShell(t, path, os.Environ(), filepath.Join(binary, "ownql")+" check --store .")) {
		fmt.Sscanf(line, "notes: %d", &count)
	}
	return count
}

// TestSeedTwiceAtOnce has several seeds carry out the same file beside a server: each mutation is carried out once,
// whoever does it.
func TestSeedTwiceAtOnce(t *testing.T) {
	const notes = 100
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	writeSeed(t, dir, notes)
	stop := startServer(t, dir, os.Environ(), "exec "+filepath.Join(binary, "ownql")+" serve --addr "+freeAddr(t))
	said := make(chan string)
	for range 4 {
		go func() {
			command := exec.Command(filepath.Join(binary, "ownql"), "seed")
			command.Dir = dir
			out, _ := command.CombinedOutput()
			said <- string(out)
		}()
	}
	for range 4 {
		out := <-said
		if !strings.Contains(out, "notes.graphql: ") && !strings.Contains(out, "another seed") {
			t.Errorf("one says neither that it is done, nor that another is at it:\n%s", out)
		}
	}
	seedOf(t, dir, 0)
	stop()
	if count := countNotes(t, dir); count != notes {
		t.Errorf("there are %d notes, want %d", count, notes)
	}
}
