package command

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	tracker "github.com/ownql/ownql/examples/tracker/graph"
	trackerstore "github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/internal/docs"
)

// TestDocumentCommandLines tries each command line of a project's program that the documents have: its commands and flags are
// there.
func TestDocumentCommandLines(t *testing.T) {
	documents, err := docs.Read("..")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, document := range documents {
		if document.Name == "CHANGELOG.md" {
			continue // it tells of what was
		}
		for _, line := range document.CommandLines() {
			if line.IsTool {
				continue
			}
			n++
			var stdout, stderr bytes.Buffer
			if err := Run(t.Context(), notes, line.Help(), func(string) string { return "" }, strings.NewReader(""), &stdout, &stderr); err != nil {
				t.Errorf("%s: `%s`: %v", document.Name, line.Text, err)
			}
		}
	}
	if n < 40 {
		t.Errorf("the documents have %d command lines", n)
	}
	if err := Run(t.Context(), notes, []string{"user", "list", "--jsn", "--help"}, func(string) string { return "" }, strings.NewReader(""), new(bytes.Buffer), new(bytes.Buffer)); err == nil {
		t.Error("a flag that is none is taken")
	}
}

// TestExplainDocument explains the document that docs/cost.md shows, and wants what it says to be what the page shows.
func TestExplainDocument(t *testing.T) {
	documents, err := docs.Read("..")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{} // by the language
	for _, document := range documents {
		if document.Name == "docs/cost.md" {
			for _, block := range document.Blocks {
				shown[block.Kind()] = block.Text
			}
		}
	}
	path := filepath.Join(t.TempDir(), "open.graphql")
	if err := os.WriteFile(path, []byte(shown["graphql"]), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout, stderr bytes.Buffer
	app := App[*trackerstore.Store]{Store: trackerstore.New, Schema: tracker.New}
	if err := Run(t.Context(), app, []string{"explain", path}, func(string) string { return "" }, strings.NewReader(""), &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, shown["graphql"])
	}
	want := "$ go run . explain open.graphql\n" + strings.TrimRight(stdout.String(), "\n") + "\n"
	switch {
	case shown["text"] == want:
	case *updateFlag:
		const page = "../docs/cost.md"
		content, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, bytes.Replace(content, []byte(shown["text"]), []byte(want), 1), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("docs/cost.md has\n%s\nand it says, as `go test ./command -run TestExplainDocument -update` writes,\n%s", shown["text"], want)
	}
}
