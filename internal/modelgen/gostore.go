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
	"String": "string", "ID": "string", "Int": "int", "Float": "float64", "Boolean": "bool", "DateTime": "DateTime",
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
		return templates.ToGo(f.TypeName)
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

// isKey tells whether an index has the field.
func (f *Field) isKey() bool {
	if f.Model == nil {
		return false
	}
	for _, index := range f.Model.Indexes() {
		if index.Field == f || index.SortField == f.Name {
			return true
		}
	}
	return false
}

// GoStruct returns the fields of the type.
func (m *Model) GoStruct() []goField {
	fields := []goField{
		{"ID", "string", "id,hash", ""},
		{"OwnerID", "string", "ownerId", ""},
	}
	for _, field := range m.Stored() {
		fields = append(fields, field.goField())
	}
	return append(fields,
		goField{"Version", "int", "version", ""},
		goField{"CreatedAt", "DateTime", "createdAt", ""},
		goField{"UpdatedAt", "DateTime", "updatedAt", ""},
		goField{"Deleting", "string", "deleting,omitempty", "see delete.go"})
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

// GoStruct returns the fields of the type.
func (o *Object) GoStruct() []goField {
	var fields []goField
	for _, field := range o.Fields {
		fields = append(fields, field.goField())
	}
	return fields
}

// optional tells whether a create input may lack the field.
func (f *Field) optional() bool { return f.Nullable || f.Default != nil }

// GoCreateInput returns the fields of the create input.
func (m *Model) GoCreateInput() []goField {
	var fields []goField
	for _, field := range m.Stored() {
		line := goField{name: field.GoName(), typ: field.GoType()}
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

// GoUpdateInput returns the fields of the update input. Those that can be set to null
// tell that from being absent.
func (m *Model) GoUpdateInput() []goField {
	fields := []goField{{name: "ID", typ: "string", comment: "global"}}
	for _, field := range m.Updatable() {
		line := goField{name: field.GoName(), typ: field.GoType()}
		switch {
		case field.Nullable:
			line.typ = "graphql.Omittable[" + line.typ + "]"
		case !field.List:
			line.typ = "*" + line.typ
		}
		fields = append(fields, line)
	}
	return append(fields,
		goField{name: "ExpectedVersion", typ: "*int"},
		goField{name: "ClientMutationID", typ: "*string"})
}

// GoCreate returns the statements that fill a new object from the create input.
func (m *Model) GoCreate() []string {
	var statements []string
	for _, field := range m.Stored() {
		to, from := m.GoVariable()+"."+field.GoName(), "input."+field.GoName()
		switch {
		case field.Kind == KindBelongsTo && field.Nullable:
			statements = append(statements, fmt.Sprintf("if %s != nil {\n%s = s.%s.localID(*%[1]s)\n}", from, to, field.Target.GoField()))
		case field.Kind == KindBelongsTo:
			statements = append(statements, fmt.Sprintf("%s = s.%s.localID(%s)", to, field.Target.GoField(), from))
		case field.Default != nil:
			statements = append(statements, fmt.Sprintf("setIfGiven(&%s, %s)", to, from))
		default:
			statements = append(statements, fmt.Sprintf("%s = %s", to, from))
		}
	}
	return statements
}

// GoUpdate returns the statements that change an object by the update input.
func (m *Model) GoUpdate() []string {
	var statements []string
	for _, field := range m.Updatable() {
		to, from := m.GoLetter()+"."+field.GoName(), "input."+field.GoName()
		switch {
		case field.Nullable:
			statements = append(statements, fmt.Sprintf("if value, ok := %s.ValueOK(); ok {\n%s = value\n}", from, to))
		case field.List:
			statements = append(statements, fmt.Sprintf("if %s != nil {\n%s = %[1]s\n}", from, to))
		default:
			statements = append(statements, fmt.Sprintf("setIfGiven(&%s, %s)", to, from))
		}
	}
	return statements
}

// GoAbsent is how the update input says that a field is to stay.
func (m *Model) GoAbsent() string {
	if slices.ContainsFunc(m.Updatable(), func(f *Field) bool { return f.Nullable }) {
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
func (m *Model) GoDefaults() string {
	var statements []string
	for _, field := range m.Stored() {
		if field.Default != nil {
			statements = append(statements, m.GoLetter()+"."+field.GoName()+" = "+field.goDefault())
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
		return fmt.Sprintf("NewDateTime(time.Date(%d, time.%s, %d, %d, %d, %d, %d, time.UTC))",
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

// GoLocals returns the variables that the definition of the model uses: how to get at
// parents' ids, and the regular expressions of @validate.
func (m *Model) GoLocals() []string {
	var lines []string
	for _, parent := range m.Parents() {
		lines = append(lines, fmt.Sprintf("%s := func(%s *%s) string { return %s }", parent.GoVariable(), m.GoLetter(), m.GoName(), parent.goSelector()))
	}
	for _, field := range m.Stored() {
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
func (m *Model) GoValidations() []string {
	var calls []string
	for _, field := range m.Stored() {
		for i, validation := range field.Validations {
			limit := field.patternName(i)
			switch {
			case validation.Type == "matches":
			case validation.Type == "minLength", validation.Type == "maxLength":
				limit = integer(validation.Value)
			default:
				limit = float(validation.Value)
			}
			calls = append(calls, fmt.Sprintf("%s(%q, %s.%s, %s)", validation.Type, field.Name, m.GoLetter(), field.GoName(), limit))
		}
	}
	return calls
}

func (f *Field) goSelector() string { return f.Model.GoLetter() + "." + f.GoName() }

// GoText turns a Go expression of the field's type into a string.
func (f *Field) GoText(expression string) string {
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
		value := "return " + field.GoText(field.goSelector())
		if field.Nullable {
			value = fmt.Sprintf("\nif %s == nil {\nreturn \"\"\n}\nreturn %s\n", field.goSelector(), field.GoText("*"+field.goSelector()))
		}
		lines = append(lines, fmt.Sprintf("{%q, func(%s *%s) string { %s }}", field.Name, m.GoLetter(), m.GoName(), value))
	}
	return lines
}

// GoVariable is the index as package store knows it: `postsByStatus`.
func (i *Index) GoVariable() string { return templates.ToGoPrivate(i.QueryField) }

// GoLiteral is the index as Go writes it: the attributes of its hash and sort keys.
func (i *Index) GoLiteral() string {
	return fmt.Sprintf("{%q, %q}", i.Field.Attribute(), i.SortField)
}

// IndexVariable is the index by a parent's id: `commentsByPost`.
func (f *Field) IndexVariable() string { return f.Model.Plural + "By" + templates.ToGo(f.Name) }

// GoIndex is the index by a parent's id as Go writes it.
func (f *Field) GoIndex() string { return fmt.Sprintf("{%q, \"id\"}", f.Attribute()) }

// GoIndexes returns the indexes of the table beside the owner's.
func (m *Model) GoIndexes() string { return strings.Join(m.indexVariables(), ", ") }

func (m *Model) indexVariables() []string {
	var names []string
	for _, index := range m.Indexes() {
		names = append(names, index.GoVariable())
	}
	for _, parent := range m.Parents() {
		names = append(names, parent.IndexVariable())
	}
	return names
}

// GoParents returns what an object belongs to.
func (m *Model) GoParents() []string {
	var lines []string
	for _, parent := range m.Parents() {
		lines = append(lines, fmt.Sprintf("{&s.%s, %q, %s, %s}", parent.Target.GoField(), parent.Attribute(), parent.GoVariable(), parent.goOnDelete()))
	}
	return lines
}

// GoChildren returns what belongs to an object.
func (m *Model) GoChildren() []string {
	var lines []string
	for _, child := range m.Children {
		lines = append(lines, fmt.Sprintf("{&s.%s, %s, %s}", child.Model.GoField(), child.IndexVariable(), child.goOnDelete()))
	}
	return lines
}

func (f *Field) goOnDelete() string { return strings.ToLower(string(f.OnDelete)) }

// ListedParents returns the parents that show these children in a @hasMany.
func (m *Model) ListedParents() []*Field { return m.selected((*Field).listed) }

var goOperations = map[Operation]string{Create: "onCreate", Read: "onRead", Update: "onUpdate", Delete: "onDelete"}

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
			arguments = append(arguments, m.goTerm(term))
		}
		lines = append(lines, "allow("+strings.Join(arguments, ", ")+")")
	}
	return lines
}

func (m *Model) goTerm(term Term) string {
	switch {
	case term.Via != nil:
		return fmt.Sprintf("via(&s.%s, %s, %s)", term.Via.Target.GoField(), goOperations[term.ParentOperation], term.Via.GoVariable())
	case term.Allow == "groups":
		groups := make([]string, len(term.Groups))
		for i, group := range term.Groups {
			groups[i] = strconv.Quote(group)
		}
		return fmt.Sprintf("groups[%s](%s)", m.GoName(), strings.Join(groups, ", "))
	case term.Allow == "public":
		return fmt.Sprintf("anyone[%s]()", m.GoName())
	default:
		return fmt.Sprintf("%s[%s]()", term.Allow, m.GoName())
	}
}

// GoModels points at every model of Store.
func (s *Schema) GoModels() string {
	pointers := make([]string, len(s.Models))
	for i, model := range s.Models {
		pointers[i] = "&s." + model.GoField()
	}
	return strings.Join(pointers, ", ")
}

// GoUniqueComment is the comment of UniqueMethod.
func (f *Field) GoUniqueComment() string {
	return wrap(fmt.Sprintf("%s returns the %s with that %s. ErrNotFound: there is none that the caller may read.", f.UniqueMethod(), f.Model.Prose(), f.Prose()))
}

// GoListComment is the comment of Method.
func (i *Index) GoListComment() string {
	m := i.Field.Model
	return wrap(fmt.Sprintf("%s returns a page of the %s with that %s, by %s.", i.Method(), m.ProsePlural(), i.Field.Prose(), i.SortField))
}

// wrap makes a Go comment of a text, in lines of the usual width.
func wrap(text string) string {
	var out strings.Builder
	line := "//"
	for word := range strings.FieldsSeq(text) {
		if len(line)+1+len(word) > 86 {
			out.WriteString(line + "\n")
			line = "//"
		}
		line += " " + word
	}
	return out.String() + line
}

// GoMarks are the interfaces and unions that the type is of, as gqlgen names them.
func (m *Model) GoMarks() []string { return goNames(m.abstract) }

// GoMarks are the unions that the type is of, as gqlgen names them.
func (o *Object) GoMarks() []string { return goNames(o.abstract) }

func goNames(names []string) []string {
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
