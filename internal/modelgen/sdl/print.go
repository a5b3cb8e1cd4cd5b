package sdl

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// A Printer prints definitions in the manner of schema.graphqls: descriptions in one line
// where they are one, arguments in one line unless they are described.
type Printer struct {
	strings.Builder
	Hidden []string // the directives that are not printed
}

func (p *Printer) description(indent, text string) {
	switch {
	case text == "":
	case !strings.Contains(text, "\n"):
		p.WriteString(indent + quote(text) + "\n")
	default:
		p.WriteString(indent + `"""` + "\n")
		for line := range strings.Lines(strings.ReplaceAll(text, `"""`, `\"""`)) {
			p.WriteString(strings.TrimRight(indent+strings.TrimSuffix(line, "\n"), " ") + "\n")
		}
		p.WriteString(indent + `"""` + "\n")
	}
}

var quoter = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func quote(text string) string { return `"` + quoter.Replace(text) + `"` }

// Keywords are the words by which kinds of types are declared.
var Keywords = map[ast.DefinitionKind]string{
	ast.Scalar: "scalar", ast.Object: "type", ast.Interface: "interface",
	ast.Union: "union", ast.Enum: "enum", ast.InputObject: "input",
}

// Definition prints a type.
func (p *Printer) Definition(d *ast.Definition) {
	p.WriteByte('\n')
	p.description("", d.Description)
	p.WriteString(Keywords[d.Kind] + " " + d.Name)
	if len(d.Interfaces) > 0 {
		p.WriteString(" implements " + strings.Join(d.Interfaces, " & "))
	}
	p.directives(d.Directives)
	if len(d.Types) > 0 {
		p.WriteString(" = " + strings.Join(d.Types, " | "))
	}
	if len(d.Fields)+len(d.EnumValues) > 0 {
		p.WriteString(" {\n")
		for i, field := range d.Fields {
			if i > 0 && (isLong(field) || isLong(d.Fields[i-1])) {
				p.WriteByte('\n')
			}
			p.field(field)
		}
		for _, value := range d.EnumValues {
			p.description("  ", value.Description)
			p.WriteString("  " + value.Name)
			p.directives(value.Directives)
			p.WriteByte('\n')
		}
		p.WriteByte('}')
	}
	p.WriteByte('\n')
}

func (p *Printer) field(f *ast.FieldDefinition) {
	p.description("  ", f.Description)
	p.WriteString("  " + f.Name)
	p.arguments("  ", f.Arguments)
	p.WriteString(": " + f.Type.String())
	if f.DefaultValue != nil {
		p.WriteString(" = " + Literal(f.DefaultValue))
	}
	p.directives(f.Directives)
	p.WriteByte('\n')
}

// isLong tells whether a field takes several lines beside its description.
func isLong(f *ast.FieldDefinition) bool { return areDescribed(f.Arguments) }

func areDescribed(arguments ast.ArgumentDefinitionList) bool {
	return slices.ContainsFunc(arguments, func(a *ast.ArgumentDefinition) bool { return a.Description != "" })
}

func (p *Printer) arguments(indent string, arguments ast.ArgumentDefinitionList) {
	if len(arguments) == 0 {
		return
	}
	if !areDescribed(arguments) {
		p.WriteByte('(')
		for i, argument := range arguments {
			if i > 0 {
				p.WriteString(", ")
			}
			p.argument(argument)
		}
		p.WriteByte(')')
		return
	}
	p.WriteString("(\n")
	for _, argument := range arguments {
		p.description(indent+"  ", argument.Description)
		p.WriteString(indent + "  ")
		p.argument(argument)
		p.WriteByte('\n')
	}
	p.WriteString(indent + ")")
}

func (p *Printer) argument(a *ast.ArgumentDefinition) {
	p.WriteString(a.Name + ": " + a.Type.String())
	if a.DefaultValue != nil {
		p.WriteString(" = " + Literal(a.DefaultValue))
	}
	p.directives(a.Directives)
}

// directives prints those that are not hidden.
func (p *Printer) directives(list ast.DirectiveList) {
	for _, directive := range list {
		if slices.Contains(p.Hidden, directive.Name) {
			continue
		}
		p.WriteString(" @" + directive.Name)
		if len(directive.Arguments) == 0 {
			continue
		}
		arguments := make([]string, len(directive.Arguments))
		for i, argument := range directive.Arguments {
			arguments[i] = argument.Name + ": " + Literal(argument.Value)
		}
		p.WriteString("(" + strings.Join(arguments, ", ") + ")")
	}
}

// DirectiveDefinition prints a directive that is declared by hand.
func (p *Printer) DirectiveDefinition(d *ast.DirectiveDefinition) {
	p.WriteByte('\n')
	p.description("", d.Description)
	p.WriteString("directive @" + d.Name)
	p.arguments("", d.Arguments)
	if d.IsRepeatable {
		p.WriteString(" repeatable")
	}
	locations := make([]string, len(d.Locations))
	for i, location := range d.Locations {
		locations[i] = string(location)
	}
	p.WriteString(" on " + strings.Join(locations, " | ") + "\n")
}

// Literal prints a value.
func Literal(v *ast.Value) string {
	var parts []string
	switch v.Kind {
	case ast.StringValue, ast.BlockValue:
		return quote(v.Raw)
	case ast.ListValue:
		for _, child := range v.Children {
			parts = append(parts, Literal(child.Value))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case ast.ObjectValue:
		for _, child := range v.Children {
			parts = append(parts, child.Name+": "+Literal(child.Value))
		}
		return "{ " + strings.Join(parts, ", ") + " }"
	default:
		return v.String()
	}
}
