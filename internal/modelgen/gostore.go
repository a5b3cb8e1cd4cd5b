package modelgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// What follows decides what the templates of package store print.

// goField is a line of a Go struct: name, type, tag and comment.
type goField struct{ name, typ, tag, comment string }

func (f goField) String() string {
	line := f.name + " " + f.typ
	if f.tag != "" {
		line += " `dynamo:\"" + f.tag + "\"`"
	}
	if f.comment != "" {
		line += " // " + f.comment
	}
	return line
}

var goScalars = map[string]string{
	"String": "string", "ID": "string", "Int": "int", "Float": "float64", "Boolean": "bool", "DateTime": "model.DateTime",
}

// GoType is the field's type in the Go struct. A belongsTo is the parent's id, empty
// where there is none.
func (f *Field) GoType() string {
	if f.Kind == KindBelongsTo {
		return "string"
	}
	var modifiers string
	if f.Nullable {
		modifiers = "*" // of a list too: package dynamo keeps a nil slice as an empty list
	}
	if f.List {
		modifiers += "[]"
	}
	return modifiers + f.GoItem()
}

// GoItem is the type of a value that is there: of a list, of one of its items.
func (f *Field) GoItem() string {
	switch f.Kind {
	case KindScalar:
		return goScalars[f.TypeName]
	case KindEnum:
		return f.enum.GoName()
	default:
		return goTypeName(f.TypeName)
	}
}

// tag is what package dynamo needs to know. An empty string is kept as such, unless
// the attribute is a key of an index, which DynamoDB does not take empty.
func (f *Field) tag() string {
	isText := f.TypeName == "String" || f.TypeName == "ID"
	if isText && f.Kind == KindScalar && !f.List && !f.isKey() {
		return f.Attribute() + ",allowempty"
	}
	return f.Attribute()
}

// GoStruct returns the fields of the type that it does not embed.
func (list Fields) GoStruct() []goField {
	var fields []goField
	for _, field := range list.Stored() {
		fields = append(fields, field.goField())
	}
	return fields
}

func (f *Field) goField() goField {
	line := goField{f.GoName(), f.GoType(), f.tag(), ""}
	if f.Kind == KindBelongsTo {
		line.comment = "of the " + f.Target.Prose() + ", not global"
		if f.Nullable {
			line.comment += "; empty: of none"
		}
	}
	return line
}

// GoCreateInput returns the fields of the create input.
func (m *Model) GoCreateInput() []goField {
	var fields []goField
	for _, field := range m.Creatable() {
		line := goField{name: field.goInputName(), typ: field.GoType()}
		if field.Kind == KindBelongsTo {
			line.comment = "global"
		}
		if field.optional() && !field.List && !strings.HasPrefix(line.typ, "*") {
			line.typ = "*" + line.typ
		}
		fields = append(fields, line)
	}
	return append(fields, goField{name: "ClientMutationID", typ: "*string"})
}

// GoUpdateInput returns the type's own fields of the update input. Those that can be set to
// null tell that from being absent.
func (list Fields) GoUpdateInput() []goField {
	var fields []goField
	for _, field := range list.Updatable() {
		line := goField{name: field.goInputName(), typ: field.GoType()}
		switch {
		case field.Nullable:
			line.typ = "graphql.Omittable[" + line.typ + "]"
		case !field.List:
			line.typ = "*" + line.typ
		}
		fields = append(fields, line)
	}
	return fields
}

// GoCreate returns the statements that fill a new item from the create input.
func (m *Model) GoCreate() []string {
	var statements []string
	for _, field := range m.Creatable() {
		to, from := "item."+field.GoName(), "input."+field.goInputName()
		switch {
		case field.Kind == KindBelongsTo && field.Nullable:
			statements = append(statements, fmt.Sprintf("if %s != nil {\n%s = model.LocalID(%q, *%[1]s)\n}", from, to, field.TypeName))
		case field.Kind == KindBelongsTo:
			statements = append(statements, fmt.Sprintf("%s = model.LocalID(%q, %s)", to, field.TypeName, from))
		case field.Default != nil:
			statements = append(statements, fmt.Sprintf("model.SetIfGiven(&%s, %s)", to, from))
		default:
			statements = append(statements, fmt.Sprintf("%s = %s", to, from))
		}
	}
	return statements
}

// GoUpdate returns the statements that change an item by the update input.
func (list Fields) GoUpdate() []string {
	var statements []string
	for _, field := range list.Updatable() {
		to, from := "item."+field.GoName(), "input."+field.goInputName()
		switch {
		case field.Nullable:
			statements = append(statements, fmt.Sprintf("if value, ok := %s.ValueOK(); ok {\n%s = value\n}", from, to))
		case field.List:
			statements = append(statements, fmt.Sprintf("if %s != nil {\n%s = %[1]s\n}", from, to))
		default:
			statements = append(statements, fmt.Sprintf("model.SetIfGiven(&%s, %s)", to, from))
		}
	}
	return statements
}

// GoAbsent is how the update input says that a field is to stay.
func (list Fields) GoAbsent() string {
	if slices.ContainsFunc(list.Updatable(), func(f *Field) bool { return f.Nullable }) {
		return "what is absent"
	}
	return "nil"
}

// GoRequired returns the attributes of fields that are not null and have no @default,
// as Go strings. A list is empty where it is missing.
func (m *Model) GoRequired() string {
	var names []string
	for _, field := range m.Stored() {
		if !field.optional() && !field.List {
			names = append(names, strconv.Quote(field.Attribute()))
		}
	}
	return strings.Join(names, ", ")
}

// GoDefaults returns the statements that set what @default says.
func (list Fields) GoDefaults() string {
	var statements []string
	for _, field := range list.Stored() {
		if field.Default != nil {
			statements = append(statements, "item."+field.GoName()+" = "+field.goDefault())
		}
	}
	if len(statements) > 1 {
		return "\n" + strings.Join(statements, "\n") + "\n"
	}
	return strings.Join(statements, "")
}

// goDefault returns the @default as a Go expression.
func (f *Field) goDefault() string {
	switch {
	case f.Default.Kind == ast.EnumValue:
		return f.enum.GoValue(f.Default.Raw)
	case f.Default.Kind == ast.IntValue:
		return integer(f.Default.Raw)
	case f.Default.Kind == ast.FloatValue:
		return float(f.Default.Raw)
	case f.Default.Kind == ast.BooleanValue:
		return f.Default.Raw
	case f.TypeName == "DateTime":
		t, _ := time.Parse(time.RFC3339, f.Default.Raw) // validated
		t = t.UTC()
		return fmt.Sprintf("model.NewDateTime(time.Date(%d, time.%s, %d, %d, %d, %d, %d, time.UTC))",
			t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
	default:
		return strconv.Quote(f.Default.Raw)
	}
}

// integer writes a whole number as Go does: `007` as `7`.
func integer(text string) string {
	n, _ := strconv.ParseInt(text, 10, 64) // validated
	return strconv.FormatInt(n, 10)
}

func float(text string) string {
	n, _ := strconv.ParseFloat(text, 64) // validated
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// GoPatterns returns variables for the regular expressions of @validate.
func (list Fields) GoPatterns() []string {
	var lines []string
	for _, field := range list.Stored() {
		for i, validation := range field.Validations {
			if validation.Type == "matches" {
				lines = append(lines, fmt.Sprintf("%s := regexp.MustCompile(%s)", field.patternName(i), goString(validation.Value)))
			}
		}
	}
	return lines
}

// patternName names the pattern of the field's validation i: `slugPattern`, and where
// there are several, `slugPattern2`.
func (f *Field) patternName(i int) string {
	name, number := templates.ToGoPrivate(f.Name)+"Pattern", 1
	for _, earlier := range f.Validations[:i] {
		if earlier.Type == "matches" {
			number++
		}
	}
	if number == 1 {
		return name
	}
	return name + strconv.Itoa(number)
}

func goString(text string) string {
	if strconv.CanBackquote(text) {
		return "`" + text + "`"
	}
	return strconv.Quote(text)
}

// GoValidations returns the conditions that @validate puts.
func (list Fields) GoValidations() []string {
	var calls []string
	for _, field := range list.Stored() {
		for i, validation := range field.Validations {
			limit := field.patternName(i)
			switch {
			case validation.Type == "matches":
			case validation.Type == "minLength", validation.Type == "maxLength":
				limit = integer(validation.Value)
			default:
				limit = float(validation.Value)
			}
			calls = append(calls, fmt.Sprintf("model.%s(%q, item.%s, %s)", upperFirst(validation.Type), field.Name, field.GoName(), limit))
		}
	}
	return calls
}

// goText turns a Go expression of the field's type into a string.
func (f *Field) goText(expression string) string {
	switch {
	case f.Kind == KindEnum:
		return "string(" + expression + ")"
	case f.TypeName == "Int":
		return "strconv.Itoa(" + expression + ")"
	default:
		return expression
	}
}

// GoUniques returns the unique fields. A null is no value, and so is an empty string.
func (m *Model) GoUniques() []string {
	var lines []string
	for _, field := range m.Uniques() {
		selector := "item." + field.GoName()
		value := "return " + field.goText(selector)
		if field.Nullable {
			value = fmt.Sprintf("\nif %s == nil {\nreturn \"\"\n}\nreturn %s\n", selector, field.goText("*"+selector))
		}
		lines = append(lines, fmt.Sprintf("{Field: %q, Value: func(item *%s) string { %s }}", field.Name, m.GoName(), value))
	}
	return lines
}

// GoIndexes returns the indexes of the table beside its owner's and its parents'.
func (m *Model) GoIndexes() []string {
	var lines []string
	for _, index := range m.Indexes() {
		lines = append(lines, index.goLiteral())
	}
	return lines
}

// goLiteral is the index as Go writes it: the attributes of its hash and sort keys.
func (i *Index) goLiteral() string {
	return fmt.Sprintf("{Hash: %q, Sort: %q}", i.Field.Attribute(), i.sortAttribute())
}

func (i *Index) sortAttribute() string {
	if field := i.Field.Model.Field(i.SortField); field != nil {
		return field.Attribute()
	}
	return i.SortField
}

// GoParents returns what an item belongs to.
func (m *Model) GoParents() []string {
	var lines []string
	for _, parent := range m.Parents() {
		lines = append(lines, fmt.Sprintf("{Of: s.%s, Field: %q, ID: func(item *%s) string { return item.%s }, OnDelete: model.%s}",
			parent.Target.GoPlural(), parent.Attribute(), m.GoName(), parent.GoName(), parent.goOnDelete()))
	}
	return lines
}

func (f *Field) goOnDelete() string { return upperFirst(strings.ToLower(string(f.OnDelete))) }

var goOperations = map[Operation]string{Create: "model.OnCreate", Read: "model.OnRead", Update: "model.OnUpdate", Delete: "model.OnDelete"}

// GoRules returns the rules of @auth.
func (m *Model) GoRules() []string {
	var lines []string
	for _, rule := range m.Rules {
		operations := make([]string, len(rule.Operations))
		for i, operation := range rule.Operations {
			operations[i] = goOperations[operation]
		}
		arguments := []string{strings.Join(operations, "|")}
		for _, term := range rule.Terms {
			arguments = append(arguments, term.goTerm())
		}
		lines = append(lines, "model.Allow("+strings.Join(arguments, ", ")+")")
	}
	return lines
}

func (t Term) goTerm() string {
	switch {
	case t.Via != nil:
		return fmt.Sprintf("model.Via(%q, %s)", t.Via.Attribute(), goOperations[t.ParentOperation])
	case t.Allow == "groups":
		groups := make([]string, len(t.Groups))
		for i, group := range t.Groups {
			groups[i] = strconv.Quote(group)
		}
		return fmt.Sprintf("model.Groups(%s)", strings.Join(groups, ", "))
	case t.Allow == "public":
		return "model.Anyone"
	default:
		return "model." + upperFirst(t.Allow)
	}
}

// GoMarks are the interfaces and unions that the type is of, as gqlgen names them.
func (m *Model) GoMarks() []string { return goMarks(m.abstract) }

// GoMarks are the unions that the type is of, as gqlgen names them.
func (o *Object) GoMarks() []string { return goMarks(o.abstract) }

// GoMarks are the interfaces and unions that the type is of, as gqlgen names them, but for
// Node, of which every account is.
func (u *User) GoMarks() []string {
	return slices.DeleteFunc(goMarks(u.abstract), func(name string) bool { return name == "Node" })
}

func goMarks(names []string) []string {
	names = slices.Clone(names)
	for i, name := range names {
		names[i] = templates.ToGo(name)
	}
	return names
}

// GoComment is the description as a Go comment.
func (m *Model) GoComment() string { return goComment(m.Description) }

// GoComment is the description as a Go comment.
func (e *Enum) GoComment() string { return goComment(e.Description) }

// GoComment is the description as a Go comment.
func (o *Object) GoComment() string { return goComment(o.Description) }

func goComment(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("// "+line, " ")
	}
	return strings.Join(lines, "\n")
}
