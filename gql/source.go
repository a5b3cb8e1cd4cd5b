package gql

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// A source is a document's text as gqlparser is to have it. gqlparser reads the two escapes of a
// surrogate pair as two characters, does not know `\u{1F600}`, takes the first line of a block
// string for an indented one, and refuses control characters. So it is given a text with the same
// lines and columns that has none of those, and the strings are read here.
// https://spec.graphql.org/draft/#sec-String-Value
type source struct {
	text    string
	strings map[int]string  // the values of strings that the text misses, by the characters before them
	invalid *gqlerror.Error // where the document has no token; nil where it has only tokens
}

// readSource reads the tokens of a document that gqlparser misreads.
func readSource(document string) source {
	r := sourceReader{document: document, line: 1}
	r.read()
	found := source{text: document, strings: r.strings, invalid: r.invalid}
	if r.masked != nil {
		found.text = string(r.masked)
	}
	return found
}

// sourceReader reads a document from its beginning to its end, or to what is no token.
type sourceReader struct {
	document string
	offset   int // in bytes
	before   int // characters before offset
	line     int
	lineAt   int    // characters before the line
	masked   []byte // the document with masks in place of what gqlparser refuses; nil where there are none
	strings  map[int]string
	invalid  *gqlerror.Error
}

func (r *sourceReader) read() {
	for r.offset < len(r.document) && r.invalid == nil {
		switch c := r.document[r.offset]; {
		case c == '#':
			r.comment()
		case strings.HasPrefix(r.document[r.offset:], `"""`):
			r.blockString()
		case c == '"':
			r.string()
		case c == '-', isDigit(c):
			r.number()
		case isNameStart(c):
			for r.offset < len(r.document) && (isNameStart(r.document[r.offset]) || isDigit(r.document[r.offset])) {
				r.advance()
			}
		default:
			r.advance()
		}
	}
}

func isDigit(c byte) bool     { return '0' <= c && c <= '9' }
func isNameStart(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

// isControl tells whether a character is one that gqlparser refuses in comments and strings.
func isControl(c byte) bool { return c < ' ' && c != '\t' && c != '\n' && c != '\r' }

// advance goes on to the next character, which it returns.
func (r *sourceReader) advance() rune {
	c, size := utf8.DecodeRuneInString(r.document[r.offset:])
	r.offset += size
	r.before++
	if c == '\n' || c == '\r' && !strings.HasPrefix(r.document[r.offset:], "\n") {
		r.line++
		r.lineAt = r.before
	}
	return c
}

// mask has gqlparser see a letter in place of the byte at offset.
func (r *sourceReader) mask(offset int) {
	if r.masked == nil {
		r.masked = []byte(r.document)
	}
	r.masked[offset] = '_'
}

// refuse says that there is no token at the present offset, and ends the reading.
func (r *sourceReader) refuse(format string, args ...any) {
	r.invalid = gqlerror.ErrorLocf("", r.line, r.before-r.lineAt+1, format, args...)
}

func (r *sourceReader) comment() {
	for r.offset < len(r.document) {
		switch c := r.document[r.offset]; {
		case c == '\n', c == '\r':
			return
		case isControl(c):
			r.mask(r.offset)
		}
		r.advance()
	}
}

// number reads a number, and wants no letter or point behind it.
// https://spec.graphql.org/draft/#sec-Int-Value
func (r *sourceReader) number() {
	r.skip("-")
	r.skip("0123456789")
	if r.skip(".") {
		r.skip("0123456789")
	}
	if r.skip("eE") {
		r.skip("+-")
		r.skip("0123456789")
	}
	if r.offset < len(r.document) && (isNameStart(r.document[r.offset]) || r.document[r.offset] == '.') {
		r.refuse("a number is followed by %q: write a space between them", r.document[r.offset])
	}
}

// skip goes on past the characters, and tells whether there were any.
func (r *sourceReader) skip(characters string) bool {
	begun := r.offset
	for r.offset < len(r.document) && strings.IndexByte(characters, r.document[r.offset]) >= 0 {
		r.advance()
	}
	return r.offset > begun
}

// string reads a string. It leaves one that does not end to gqlparser.
func (r *sourceReader) string() {
	start, masked := r.before, false
	var value strings.Builder
	for r.advance(); r.offset < len(r.document); {
		switch c := r.document[r.offset]; {
		case c == '\n', c == '\r':
			return
		case c == '"':
			if r.advance(); masked {
				r.keep(start, value.String())
			}
			return
		case c == '\\':
			masked = strings.HasPrefix(r.document[r.offset:], `\u`) || masked
			if !r.escape(&value) {
				return
			}
		default:
			if isControl(c) {
				r.mask(r.offset)
				masked = true
			}
			value.WriteRune(r.advance())
		}
	}
}

func (r *sourceReader) keep(start int, value string) {
	if r.strings == nil {
		r.strings = map[int]string{}
	}
	r.strings[start] = value
}

// escapes are the characters that an escape of one letter stands for.
var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape reads an escape into value. Where it is none, it refuses it and returns false.
func (r *sourceReader) escape(value *strings.Builder) bool {
	rest := r.document[r.offset:]
	if !strings.HasPrefix(rest, `\u`) {
		if len(rest) > 1 && escapes[rest[1]] != 0 {
			value.WriteByte(escapes[rest[1]])
			r.advance()
			r.advance()
			return true
		}
		r.refuse(`there is no such escape in a string: write \\ for a backslash`)
		return false
	}
	c, size := unicodeEscape(rest)
	if size == 0 {
		r.refuse(`\u is no character: write \u00e9 or \u{1F600}, and both halves of a surrogate pair`)
		return false
	}
	r.mask(r.offset)
	if second := strings.LastIndexByte(rest[:size], '\\'); second > 0 {
		r.mask(r.offset + second)
	}
	for range size { // of ASCII
		r.advance()
	}
	value.WriteRune(c)
	return true
}

// unicodeEscape returns the character that an escape at the beginning of text stands for, and its
// bytes: 0 where it is none.
func unicodeEscape(text string) (c rune, size int) {
	if digits, ok := strings.CutPrefix(text, `\u{`); ok {
		digits, _, ok = strings.Cut(digits, "}")
		n, err := strconv.ParseUint(digits, 16, 32)
		if !ok || err != nil || len(digits) > 8 || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
			return 0, 0
		}
		return rune(n), len(`\u{}`) + len(digits)
	}
	first, ok := fourDigits(text)
	if !ok {
		return 0, 0
	}
	if !utf16.IsSurrogate(first) {
		return first, 6
	}
	second, ok := fourDigits(text[6:])
	if pair := utf16.DecodeRune(first, second); ok && pair != utf8.RuneError {
		return pair, 12
	}
	return 0, 0
}

// fourDigits reads the code unit of an escape of four digits.
func fourDigits(text string) (unit rune, ok bool) {
	if len(text) < 6 || text[:2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(text[2:6], 16, 16)
	return rune(n), err == nil
}

// blockString reads a block string, which has no escapes but that of its own quotes.
func (r *sourceReader) blockString() {
	start, differs := r.before, false
	var raw strings.Builder
	for r.skipText(`"""`); r.offset < len(r.document); {
		rest := r.document[r.offset:]
		switch c := rest[0]; {
		case strings.HasPrefix(rest, `\"""`):
			r.skipText(`\"""`)
			raw.WriteString(`"""`)
		case strings.HasPrefix(rest, `"""`):
			r.skipText(`"""`)
			if strings.HasPrefix(rest, `""""`) {
				r.refuse(`a block string is followed by a quote: write a space between them, or \""" in it`)
			} else if differs {
				r.keep(start, dedented(raw.String()))
			}
			return
		default:
			if isControl(c) {
				r.mask(r.offset)
			}
			differs = differs || c < ' ' && c != '\t'
			raw.WriteRune(r.advance())
		}
	}
}

func (r *sourceReader) skipText(text string) {
	for range text {
		r.advance()
	}
}

// dedented is the value of a block string.
// https://spec.graphql.org/draft/#BlockStringValue()
func dedented(raw string) string {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(raw), "\n")
	indentOf := func(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
	isBlank := func(line string) bool { return indentOf(line) == len(line) }
	common := -1
	for _, line := range lines[1:] {
		if indent := indentOf(line); !isBlank(line) && (common < 0 || indent < common) {
			common = indent
		}
	}
	for i := 1; i < len(lines) && common > 0; i++ {
		lines[i] = lines[i][min(common, len(lines[i])):]
	}
	for len(lines) > 0 && isBlank(lines[0]) {
		lines = lines[1:]
	}
	for len(lines) > 0 && isBlank(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}

// isBefore tells whether an error stands before what is no token.
func (s source) isBefore(err *gqlerror.Error) bool {
	if len(err.Locations) == 0 || s.invalid == nil {
		return true
	}
	at, invalid := err.Locations[0], s.invalid.Locations[0]
	return at.Line < invalid.Line || at.Line == invalid.Line && at.Column < invalid.Column
}

// restore puts the strings of the source into the document that gqlparser made of its text.
func (s source) restore(document *ast.QueryDocument) {
	if len(s.strings) == 0 {
		return
	}
	for _, operation := range document.Operations {
		for _, variable := range operation.VariableDefinitions {
			s.restoreValue(variable.DefaultValue)
			s.restoreDirectives(variable.Directives)
		}
		s.restoreDirectives(operation.Directives)
		s.restoreSelections(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		s.restoreDirectives(fragment.Directives)
		s.restoreSelections(fragment.SelectionSet)
	}
}

func (s source) restoreSelections(selections ast.SelectionSet) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			s.restoreArguments(selection.Arguments)
			s.restoreDirectives(selection.Directives)
			s.restoreSelections(selection.SelectionSet)
		case *ast.InlineFragment:
			s.restoreDirectives(selection.Directives)
			s.restoreSelections(selection.SelectionSet)
		case *ast.FragmentSpread:
			s.restoreDirectives(selection.Directives)
		}
	}
}

func (s source) restoreDirectives(directives ast.DirectiveList) {
	for _, directive := range directives {
		s.restoreArguments(directive.Arguments)
	}
}

func (s source) restoreArguments(arguments ast.ArgumentList) {
	for _, argument := range arguments {
		s.restoreValue(argument.Value)
	}
}

func (s source) restoreValue(value *ast.Value) {
	if value == nil {
		return
	}
	if value.Kind == ast.StringValue || value.Kind == ast.BlockValue {
		if text, ok := s.strings[value.Position.Start]; ok {
			value.Raw = text
		}
	}
	for _, child := range value.Children {
		s.restoreValue(child.Value)
	}
}
