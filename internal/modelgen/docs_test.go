package modelgen

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// TestComingFrom generates each block of SDL that docs/coming-from.md shows, at the end of the starter's schema, in the
// place of its types with @model.
func TestComingFrom(t *testing.T) {
	document, err := os.ReadFile("../../docs/coming-from.md")
	if err != nil {
		t.Fatal(err)
	}
	starter, err := os.ReadFile("../../" + sdl.Source)
	if err != nil {
		t.Fatal(err)
	}
	base := regexp.MustCompile(`(?s)\n("[^\n]*"\n)?type \w+ implements Node @model.*$`).ReplaceAllString(string(starter), "")
	blocks := regexp.MustCompile("(?ms)^```graphql\n(.*?)^```$").FindAllStringSubmatch(string(document), -1)
	if len(blocks) != 3 || base == string(starter) {
		t.Fatalf("%d blocks of SDL, at the end of\n%s", len(blocks), base)
	}
	for _, block := range blocks {
		root := t.TempDir()
		write(t, filepath.Join(root, sdl.Source), base+block[1])
		if err := Expand(root); err != nil {
			t.Errorf("%s\n%v", block[1], err)
		}
	}
}
