package gql

import (
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// A place is where a value stands in what a client sent: in a variable, an argument, a field of
// an input object, or a list. Its ancestors are not copied, so that a value that is right costs
// no memory.
type place struct {
	in    *place // nil for a root
	name  string // of a root or a field; empty for an item of a list
	index int

	// Of a root alone.
	kind  string // what it is: "variable"
	owner string // of an argument: its field or @directive
	at    *ast.Position
}

// field is the place of an input object's field.
func (p *place) field(name string) place { return place{in: p, name: name} }

// item is the place of a list's item.
func (p *place) item(i int) place { return place{in: p, index: i} }

// String returns the place as in `variable $input.tags[2]` and `argument first of notes`.
func (p *place) String() string {
	var steps []string
	root := p
	for ; root.in != nil; root = root.in {
		if root.name == "" {
			steps = append(steps, "["+strconv.Itoa(root.index)+"]")
		} else {
			steps = append(steps, "."+root.name)
		}
	}
	var text strings.Builder
	text.WriteString(root.name)
	for i := len(steps) - 1; i >= 0 && text.Len() < 1000; i-- {
		text.WriteString(steps[i])
	}
	named := root.kind + " " + web.Shortened(text.String())
	if root.owner != "" {
		named += " of " + web.Shortened(root.owner)
	}
	return named
}

// lastField returns the name of the innermost field or argument that the place is in, empty
// where that is a variable as a whole.
func (p *place) lastField() string {
	for p.name == "" && p.in != nil {
		p = p.in
	}
	if strings.HasPrefix(p.name, "$") {
		return ""
	}
	return web.Shortened(p.name)
}

// A refusal is why a value is none of its type. Its zero value refuses nothing.
type refusal struct {
	reason string
	code   string
}

// isNone refuses a value that has not the form of its type.
func isNone(reason string) refusal { return refusal{reason, errcode.ValidationFailed} }

// isOutside refuses a value that has the form of its type, but is beyond what that can hold.
func isOutside(reason string) refusal { return refusal{reason, string(model.CodeBadUserInput)} }

// refuse returns the error that tells why the value at p is none. at is where the document has
// it, nil where it has not.
func (p *place) refuse(r refusal, at *ast.Position) *gqlerror.Error {
	err := &gqlerror.Error{
		Message:    p.String() + ": " + r.reason,
		Extensions: map[string]any{"code": r.code},
	}
	if field := p.lastField(); field != "" && r.code == string(model.CodeBadUserInput) {
		err.Extensions["field"] = field
	}
	if at == nil {
		root := p
		for root.in != nil {
			root = root.in
		}
		at = root.at
	}
	if at != nil {
		err.Locations = []gqlerror.Location{{Line: at.Line, Column: at.Column}}
	}
	return err
}

// startOf returns where a literal begins. gqlparser has a string begin behind its quote, and a block
// string at its last line.
func startOf(value *ast.Value) *ast.Position {
	at := *value.Position
	switch value.Kind {
	case ast.StringValue:
		at.Column--
	case ast.BlockValue:
		at.Line, at.Column = lineAndColumn(at.Src.Input, at.Start)
	}
	return &at
}

// lineAndColumn returns where the character is, from 1, that has so many before it.
func lineAndColumn(text string, before int) (line, column int) {
	line, column = 1, 1
	returned := false
	for _, r := range text {
		if before == 0 {
			break
		}
		before--
		switch {
		case r == '\n' && returned:
		case r == '\n', r == '\r':
			line, column = line+1, 1
		default:
			column++
		}
		returned = r == '\r'
	}
	return line, column
}
