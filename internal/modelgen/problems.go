package modelgen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// source is the hand-written schema's name in messages, and its path in the project.
const source = "schema.graphqls"

// Problem is one thing that is wrong with schema.graphqls.
type Problem struct {
	Line, Column int // from 1
	Message      string

	file string // of GraphQL's own rules: where it is, which is schema.graphqls or what that expands into
}

// Problems is everything that was found wrong, in the file's order.
type Problems []Problem

// Error gives each problem a line: `schema.graphqls:3:14: what is wrong: what to write`.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = fmt.Sprintf("%s:%d:%d: %s", source, problem.Line, problem.Column, problem.Message)
	}
	return strings.Join(lines, "\n")
}

// report adds a problem at a position.
func (p *Problems) report(at *ast.Position, format string, args ...any) {
	problem := Problem{Line: 1, Column: 1, Message: fmt.Sprintf(format, args...)}
	if at != nil {
		problem.Line, problem.Column = at.Line, at.Column
	}
	*p = append(*p, problem)
}

// has tells whether a line has a problem already.
func (p Problems) has(line int) bool {
	return slices.ContainsFunc(p, func(problem Problem) bool { return problem.Line == line })
}

// err returns the problems in order, each once, or nil.
func (p Problems) err() error {
	if len(p) == 0 {
		return nil
	}
	slices.SortFunc(p, func(a, b Problem) int {
		return cmp.Or(a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(p)
}

// oneOf lists what is allowed: `a, b or c`.
func oneOf(allowed []string) string {
	if len(allowed) < 2 {
		return strings.Join(allowed, "")
	}
	last := len(allowed) - 1
	return strings.Join(allowed[:last], ", ") + " or " + allowed[last]
}
