// Package docs reads the documents, for the tests that run what they show.
package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// A Document is a page in Markdown.
type Document struct {
	Name   string // its path in the repository: docs/start.md
	Text   string
	Blocks []Block
}

// A Block is what stands between two fences.
type Block struct {
	Line int    // of its first fence, from 1
	Info string // what is behind the fence, such as `sh aws`
	Text string // with the end of its last line, and without the indentation of the fence
	// Hidden is the comment right above the block, of the kind `<!-- sdl …-->`: what the block leaves out.
	Hidden string
}

// Kind is the first word of the info: the language.
func (b Block) Kind() string {
	kind, _, _ := strings.Cut(b.Info, " ")
	return kind
}

// Option returns the value of `name=value` in the info.
func (b Block) Option(name string) string {
	for word := range strings.FieldsSeq(b.Info) {
		if value, ok := strings.CutPrefix(word, name+"="); ok {
			return value
		}
	}
	return ""
}

// Read reads the documents of the repository at root.
func Read(root string) ([]Document, error) {
	var documents []Document
	for _, pattern := range []string{"*.md", "docs/*.md", "examples/*/*.md", "internal/*/*.md"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			name, err := filepath.Rel(root, path)
			if err != nil {
				return nil, err
			}
			documents = append(documents, Parse(filepath.ToSlash(name), string(text)))
		}
	}
	return documents, nil
}

var (
	fence  = regexp.MustCompile("^( *)```(.*)$")
	hidden = regexp.MustCompile(`(?s)<!-- sdl\n(.*?)-->\s*$`)
)

// Parse finds the blocks of a document.
func Parse(name, text string) Document {
	document := Document{Name: name, Text: text}
	var (
		open   *Block
		indent string
		prose  strings.Builder // since the last block
		line   int
	)
	for content := range strings.Lines(text) {
		line++
		match := fence.FindStringSubmatch(strings.TrimRight(content, "\n"))
		switch {
		case match != nil && open == nil:
			open, indent = &Block{Line: line, Info: match[2]}, match[1]
			if comment := hidden.FindStringSubmatch(prose.String()); comment != nil {
				open.Hidden = comment[1]
			}
			prose.Reset()
		case match != nil:
			document.Blocks = append(document.Blocks, *open)
			open = nil
		case open != nil:
			open.Text += strings.TrimPrefix(content, indent)
		default:
			prose.WriteString(content)
		}
	}
	return document
}
