// Package sdl is the schema language, apart from what the directives of ownql mean: problems with
// a schema, GraphQL's own rules, and how a schema is printed.
package sdl

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Source is the hand-written schema's name in messages, and its path in the project.
const Source = "schema.graphqls"

// Problem is one thing that is wrong with schema.graphqls.
type Problem struct {
	Line, Column int // from 1
	Message      string

	File string // of GraphQL's own rules: where it is, which is schema.graphqls or what that expands into
}

// Problems is everything that was found wrong, in the file's order.
type Problems []Problem

// Error gives each problem a line: `schema.graphqls:3:14: what is wrong: what to write`.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", Source, problem.Line, problem.Column, problem.Message)
	}
	return strings.Join(lines, "\n")
}

// Report adds a problem at a position.
func (p *Problems) Report(at *ast.Position, format string, args ...any) {
	problem := Problem{Line: 1, Column: 1, Message: fmt.Sprintf(format, args...)}
	if at != nil {
		problem.Line, problem.Column = at.Line, at.Column
	}
	*p = append(*p, problem)
}

// Has tells whether a line has a problem already.
func (p Problems) Has(line int) bool {
	return slices.ContainsFunc(p, func(problem Problem) bool { return problem.Line == line })
}

// Err returns the problems in order, each once, or nil.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortFunc(p, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(p)
}

// OneOf lists what is allowed: `a, b or c`.
func OneOf(allowed []string) string {
	if len(allowed) < 2 {
		return strings.Join(allowed, "")
	}
	last := len(allowed) - 1
	return strings.Join(allowed[:last], ", ") + " or " + allowed[last]
}

// ProblemsOf makes ours of what gqlparser says: in lower case, without its full stop.
func ProblemsOf(err error) Problems {
	var problem *gqlerror.Error
	if !errors.As(err, &problem) {
		return Problems{{Line: 1, Column: 1, Message: err.Error()}}
	}
	message := strings.TrimSuffix(problem.Message, ".")
	if strings.HasPrefix(message, "Undefined type") {
		message += ": declare it, or correct the name"
	}
	if len(message) > 1 && !unicode.IsUpper(rune(message[1])) { // ENUM stays
		message = strings.ToLower(message[:1]) + message[1:]
	}
	found := Problem{Line: 1, Column: 1, Message: message}
	if len(problem.Locations) > 0 && problem.Locations[0].Line > 0 {
		found.Line, found.Column = problem.Locations[0].Line, problem.Locations[0].Column
	}
	found.File, _ = problem.Extensions["file"].(string)
	return Problems{found}
}
