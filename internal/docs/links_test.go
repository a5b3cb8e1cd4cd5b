package docs_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// onGitHub is where links of a new project's README lead into the documents.
const onGitHub = "https://github.com/ownql/ownql/blob/main/"

// TestLinks wants each link of each document to lead to a file that is there and, where it has an anchor, to a heading.
func TestLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^()#\s]*)(?:#([^()\s]*))?\)`)
	fences := regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	n := 0
	for _, document := range readAll(t) {
		for _, match := range link.FindAllStringSubmatch(fences.ReplaceAllString(document.Text, ""), -1) {
			to, anchor := match[1], match[2]
			path := inRepository(filepath.Join(filepath.Dir(document.Name), to))
			if to == "" {
				path = inRepository(document.Name)
			} else if own, ok := strings.CutPrefix(to, onGitHub); ok {
				path = inRepository(own)
			} else if strings.Contains(to, ":") {
				continue
			}
			n++
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s leads to %s, which is not there", document.Name, to)
			} else if anchor != "" && !slices.Contains(anchors(t, path), anchor) {
				t.Errorf("%s leads to %s#%s, which is not there", document.Name, to, anchor)
			}
		}
	}
	if n < 300 {
		t.Errorf("the documents have %d links", n)
	}
}

// anchors returns what GitHub calls the headings of a document.
func anchors(t *testing.T, path string) (anchors []string) {
	t.Helper()
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other := regexp.MustCompile(`[^\pL\pN _-]`)
	for _, heading := range headings(string(document)) {
		anchors = append(anchors, strings.ReplaceAll(other.ReplaceAllString(strings.ToLower(heading), ""), " ", "-"))
	}
	return anchors
}

func headings(document string) (headings []string) {
	text := regexp.MustCompile("(?ms)^ *```.*?^ *```$").ReplaceAllString(document, "")
	for _, match := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		headings = append(headings, match[1])
	}
	return headings
}

// mention is a document that something names, as in `docs/lists.md, "Filters"`: the changelog names headings so.
var mention = regexp.MustCompile(`docs/([a-z-]+)\.md(?:, "([^"]+)")?`)

// TestMentions wants each document that a document, Go or a template names to be there, with the heading that it names.
func TestMentions(t *testing.T) {
	n := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != root && (name[0] == '.' && name != ".ci" || name == "node_modules" || name == "dist") {
			return filepath.SkipDir
		}
		if !slices.Contains([]string{".go", ".md", ".tmpl", ".yml", ".yaml", ".graphqls", ".txtar"}, filepath.Ext(path)) {
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, match := range mention.FindAllStringSubmatch(string(content), -1) {
			n++
			document, err := os.ReadFile(inRepository("docs/" + match[1] + ".md"))
			if err != nil {
				t.Errorf("%s names docs/%s.md, which is not there", path, match[1])
			} else if match[2] != "" && !slices.Contains(headings(string(document)), match[2]) {
				t.Errorf("%s names %q of docs/%s.md, which has no such heading", path, match[2], match[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 100 {
		t.Errorf("documents are named %d times", n)
	}
}

// TestIndex wants docs/README.md to have each page, and each page to say at its beginning what one can do after it, and to read
// in one sitting.
func TestIndex(t *testing.T) {
	index := contentOf(t, "docs/README.md")
	for _, document := range readAll(t) {
		name, ok := strings.CutPrefix(document.Name, "docs/")
		if !ok {
			continue
		}
		if name != "README.md" && strings.Count(index, "]("+name+")") != 1 {
			t.Errorf("docs/README.md does not have %s once", name)
		}
		if !regexp.MustCompile(`\A# [^\n]+\n\nAfter this page you (can|have|know) `).MatchString(document.Text) {
			t.Errorf("%s does not begin with what one can do after it", name)
		}
		if lines := strings.Count(document.Text, "\n"); lines > 310 {
			t.Errorf("%s has %d lines: that is more than one sitting", name, lines)
		}
	}
}
