// Package gogen writes the Go of a project: the files of package store, the resolvers of package
// graph, those of them that gqlgen makes by its plugins, and stubs for what the project is to write.
package gogen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/rfc3339"
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

// tag is what package dynamo needs to know. An empty string is kept as such, unless
// the attribute is a key of an index, which DynamoDB does not take empty.
func tag(f *schema.Field) string {
	if f.IsText() && !f.List && !f.IsKey() {
		return f.Attribute() + ",allowempty"
	}
	return f.Attribute()
}

// structFields returns the fields of the type that it does not embed.
func structFields(list schema.Fields) []goField {
	var fields []goField
	for _, field := range list.Stored() {
		fields = append(fields, structField(field))
	}
	return fields
}

// ancestorFields returns the fields of the type for what rules ask for above its parents.
func ancestorFields(m *schema.Model) []goField {
	var fields []goField
	for _, path := range m.Ancestors {
		if !path.IsKept() {
			continue
		}
		fields = append(fields, goField{path.GoName(), "string", path.Attribute(), "of the " + path.Prose() + ", not global; empty: of none"})
	}
	return fields
}

func structField(f *schema.Field) goField {
	line := goField{f.GoName(), f.GoType(), tag(f), ""}
	if f.Kind == schema.KindBelongsTo {
		line.comment = "of the " + f.Target.Prose() + ", not global"
		if f.Nullable {
			line.comment += "; empty: of none"
		}
	}
	return line
}

// createInput returns the fields of the create input.
func createInput(m *schema.Model) []goField {
	fields := []goField{{name: "ID", typ: "*string", comment: "global"}}
	for _, field := range m.Creatable() {
		line := goField{name: field.GoInputName(), typ: field.GoType()}
		if field.Kind == schema.KindBelongsTo {
			line.comment = "global"
		}
		if field.Optional() && !field.List && !strings.HasPrefix(line.typ, "*") {
			line.typ = "*" + line.typ
		}
		if field.HasRules() && field.Optional() {
			line.typ = omittable(line.typ)
		}
		fields = append(fields, line)
	}
	return append(fields, goField{name: "ClientMutationID", typ: "*string"})
}

// counters returns the numbers that an update may increment.
func counters(m *schema.Model) []string {
	var entries []string
	for _, field := range m.Counters() {
		entries = append(entries, fmt.Sprintf("%q: func(item *%s) any { return &item.%s }", field.Name, m.GoName(), field.GoName()))
	}
	return entries
}

// setCounters returns which of those the update input sets, as the entries of a map.
func setCounters(m *schema.Model) string {
	var entries []string
	for _, field := range m.Counters() {
		isSet := "input." + field.GoInputName() + " != nil"
		if field.Nullable || field.HasRules() {
			isSet = "input." + field.GoInputName() + ".IsSet()"
		}
		entries = append(entries, fmt.Sprintf("%q: %s", field.Name, isSet))
	}
	return strings.Join(entries, ", ")
}

// updateInput returns the type's own fields of the update input. Those that can be set to
// null tell that from being absent.
func updateInput(list schema.Fields) []goField {
	var fields []goField
	for _, field := range list.Updatable() {
		line := goField{name: field.GoInputName(), typ: field.GoType()}
		switch {
		case field.Kind == schema.KindBelongsTo && field.Nullable:
			line.typ, line.comment = "graphql.Omittable[*string]", "global"
		case field.Kind == schema.KindBelongsTo:
			line.typ, line.comment = "*string", "global"
		case field.Nullable:
			line.typ = omittable(line.typ)
		case !field.List:
			line.typ = "*" + line.typ
		}
		if field.HasRules() && !field.Nullable {
			line.typ = omittable(line.typ)
		}
		fields = append(fields, line)
	}
	return fields
}

// createStatements returns the statements that fill a new item from the create input.
func createStatements(m *schema.Model) []string {
	statements := []string{"model.GiveID(item, input.ID)"}
	for _, field := range m.Creatable() {
		to, from := "item."+field.GoName(), "input."+field.GoInputName()
		if field.HasRules() && field.Optional() {
			from += ".Value()"
		}
		switch {
		case field.Kind == schema.KindBelongsTo && field.Nullable:
			statements = append(statements, fmt.Sprintf("if %s != nil {\n%s = %s\n}", from, to, localID(field, "*"+from)))
		case field.Kind == schema.KindBelongsTo:
			statements = append(statements, fmt.Sprintf("%s = %s", to, localID(field, from)))
		case field.Default != nil:
			statements = append(statements, fmt.Sprintf("model.SetIfGiven(&%s, %s)", to, from))
		default:
			statements = append(statements, fmt.Sprintf("%s = %s", to, from))
		}
	}
	return statements
}

// localID returns the expression of the id that is in a parent's global id.
func localID(f *schema.Field, global string) string { return localIDOf("model.LocalID", f, global) }

func localIDOf(function string, f *schema.Field, global string) string {
	arguments := fmt.Sprintf("%q, %s", f.TypeName, global)
	if f.Target.Formerly != "" {
		arguments += fmt.Sprintf(", %q", f.Target.Formerly)
	}
	return function + "(" + arguments + ")"
}

// updateStatements returns the statements that change an item by the update input.
func updateStatements(list schema.Fields) []string {
	var statements []string
	for _, field := range list.Updatable() {
		to, from := "item."+field.GoName(), "input."+field.GoInputName()
		switch {
		case field.Kind == schema.KindBelongsTo && field.Nullable:
			statements = append(statements, fmt.Sprintf("if value, ok := %s.ValueOK(); ok {\n%s = \"\"\nmodel.SetIfGiven(&%[2]s, %s)\n}", from, to, localIDOf("model.LocalIDOrNil", field, "value")))
		case field.HasRules() && !field.Nullable && field.List:
			statements = append(statements, fmt.Sprintf("if value := %s.Value(); value != nil {\n%s = value\n}", from, to))
		case field.HasRules() && !field.Nullable && field.Kind != schema.KindBelongsTo:
			statements = append(statements, fmt.Sprintf("model.SetIfGiven(&%s, %s.Value())", to, from))
		case field.Kind == schema.KindBelongsTo:
			if field.HasRules() {
				from += ".Value()"
			}
			statements = append(statements, fmt.Sprintf("model.SetIfGiven(&%s, %s)", to, localIDOf("model.LocalIDOrNil", field, from)))
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

// absent is how the update input says that a field is to stay.
func absent(list schema.Fields) string {
	if slices.ContainsFunc(list.Updatable(), func(f *schema.Field) bool { return f.Nullable }) {
		return "what is absent"
	}
	return "nil"
}

// required returns the attributes of fields that are not null and have no @default,
// as Go strings. A list is empty where it is missing.
func required(m *schema.Model) string {
	var names []string
	for _, field := range m.Stored() {
		if !field.Optional() && !field.List {
			names = append(names, strconv.Quote(field.Attribute()))
		}
	}
	return strings.Join(names, ", ")
}

// enums returns what the map of the enums' values by attribute has, those of fields of objects
// inside by their path. An object in one of its own type is not looked into.
func enums(list schema.Fields) []string {
	var entries []string
	var add func(path string, list schema.Fields, within []*schema.Object)
	add = func(path string, list schema.Fields, within []*schema.Object) {
		for _, field := range list.Stored() {
			switch {
			case field.Kind == schema.KindEnum:
				var values []string
				for _, value := range field.Enum.Values {
					values = append(values, strconv.Quote(value))
				}
				entries = append(entries, fmt.Sprintf("%q: {%s}", path+field.Attribute(), strings.Join(values, ", ")))
			case field.Object != nil && !slices.Contains(within, field.Object):
				add(path+field.Attribute()+".", field.Object.Fields, append(slices.Clone(within), field.Object))
			}
		}
	}
	add("", list, nil)
	return entries
}

// defaults returns the statements that set what @default says.
func defaults(list schema.Fields) string {
	var statements []string
	for _, field := range list.Stored() {
		if field.Default != nil {
			statements = append(statements, "item."+field.GoName()+" = "+defaultValue(field))
		}
	}
	if len(statements) > 1 {
		return "\n" + strings.Join(statements, "\n") + "\n"
	}
	return strings.Join(statements, "")
}

// defaultValue returns the @default as a Go expression.
func defaultValue(f *schema.Field) string {
	switch {
	case f.Default.Kind == ast.EnumValue:
		return f.Enum.GoValue(f.Default.Raw)
	case f.Default.Kind == ast.IntValue:
		return schema.GoInteger(f.Default.Raw)
	case f.Default.Kind == ast.FloatValue:
		return schema.GoFloat(f.Default.Raw)
	case f.Default.Kind == ast.BooleanValue:
		return f.Default.Raw
	case schema.LibraryScalars[f.TypeName] != "":
		return fmt.Sprintf("model.Must%s(%s)", f.TypeName, goString(f.Default.Raw))
	case f.TypeName == "DateTime":
		t, _ := rfc3339.Parse(f.Default.Raw) // validated
		return fmt.Sprintf("model.NewDateTime(time.Date(%d, time.%s, %d, %d, %d, %d, %d, time.UTC))",
			t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
	default:
		return strconv.Quote(f.Default.Raw)
	}
}

// patterns returns variables for the regular expressions of @validate.
func patterns(list schema.Fields) []string {
	var lines []string
	for _, field := range list.Stored() {
		for i, validation := range field.Validations {
			if validation.Type == "matches" {
				lines = append(lines, fmt.Sprintf("%s := regexp.MustCompile(%s)", patternName(field, i), goString(validation.Value)))
			}
		}
	}
	return lines
}

// patternName names the pattern of the field's validation i: `slugPattern`, and where
// there are several, `slugPattern2`.
func patternName(f *schema.Field, i int) string {
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

// validations returns the conditions that @validate puts.
func validations(list schema.Fields) []string {
	var calls []string
	for _, field := range list.Stored() {
		for i, validation := range field.Validations {
			limit, check := patternName(field, i), schema.UpperFirst(validation.Type)
			switch {
			case field.IsDecimal():
				limit, check = fmt.Sprintf("model.MustDecimal(%q)", validation.Value), check+"Decimal"
			case validation.Type == "matches":
			case validation.Type == "minLength", validation.Type == "maxLength":
				limit = schema.GoInteger(validation.Value)
			default:
				limit = schema.GoFloat(validation.Value)
			}
			calls = append(calls, fmt.Sprintf("model.%s(%q, item.%s, %s)", check, field.Name, field.GoName(), limit))
		}
	}
	return calls
}

// asText turns a Go expression of the field's type into a string.
func asText(f *schema.Field, expression string) string {
	switch {
	case f.Kind == schema.KindEnum:
		return "string(" + expression + ")"
	case f.TypeName == "Int":
		return "strconv.Itoa(" + expression + ")"
	default:
		return expression
	}
}

// uniques returns the unique fields. A null is no value, and so is an empty string.
func uniques(m *schema.Model) []string {
	lines := typeUniques(m)
	for _, field := range m.Uniques() {
		selector := "item." + field.GoName()
		value := "return " + asText(field, selector)
		if field.Nullable {
			value = fmt.Sprintf("\nif %s == nil {\nreturn \"\"\n}\nreturn %s\n", selector, asText(field, "*"+selector))
		}
		name := fmt.Sprintf("Field: %q", field.Name)
		if field.Formerly != "" {
			name += fmt.Sprintf(", Formerly: %q", field.Formerly)
		}
		lines = append(lines, fmt.Sprintf("{%s, Value: func(item *%s) string { %s }}", name, m.GoName(), value))
	}
	return lines
}

// typeUniques returns the fields that are unique together.
func typeUniques(m *schema.Model) []string {
	var lines []string
	for _, unique := range m.TypeUniques {
		var names, values []string
		for _, part := range unique.Fields {
			name, value := part.Name, "item.OwnerID"
			if part.Field != nil {
				name, value = part.Field.InputName(), "item."+part.Field.GoName()
			}
			names, values = append(names, strconv.Quote(name)), append(values, value)
		}
		name := fmt.Sprintf("Field: %q", unique.Name())
		if former := unique.FormerName(); former != "" {
			name += fmt.Sprintf(", Formerly: %q", former)
		}
		lines = append(lines, fmt.Sprintf("{%s, Together: []string{%s}, Value: func(item *%s) string { return model.UniqueKey(%s) }}",
			name, strings.Join(names, ", "), m.GoName(), strings.Join(values, ", ")))
	}
	return lines
}

// renames returns the fields that had another name before.
func renames(list schema.Fields) []string {
	var lines []string
	for _, field := range list.Renamed() {
		lines = append(lines, fmt.Sprintf("{From: %q, To: %q}", field.FormerAttribute(), field.Attribute()))
	}
	return lines
}

// joined returns the indexes whose keys the runtime writes.
func joined(m *schema.Model) []string {
	var lines []string
	for _, index := range m.JoinedIndexes() {
		if index.IsOfAll() && len(index.Sort) == 0 {
			lines = append(lines, "model.OfAll")
			continue
		}
		hash := make([]string, len(index.Fields))
		for i, part := range index.Fields {
			hash[i] = strconv.Quote(part.Attribute())
		}
		var parts []string
		if len(index.Fields) <= 1 && len(index.Sort) > 0 {
			parts = append(parts, fmt.Sprintf("Name: %q", index.OrderName()))
		}
		if !index.IsOfAll() {
			parts = append(parts, fmt.Sprintf("Hash: []string{%s}", strings.Join(hash, ", ")))
		}
		line := strings.Join(parts, ", ")
		if len(index.Sort) > 0 {
			line += ", Sort: []model.SortPart{"
			for i, part := range index.Sort {
				if i > 0 {
					line += ", "
				}
				line += sortPart(part)
			}
			line += "}"
		}
		lines = append(lines, "{"+line+"}")
	}
	return lines
}

func sortPart(p schema.IndexPart) string {
	text := fmt.Sprintf("{Attribute: %q", p.Attribute())
	if p.Field != nil && p.Field.Enum != nil {
		values := make([]string, len(p.Field.Enum.Values))
		for i, value := range p.Field.Enum.Values {
			values[i] = strconv.Quote(value)
		}
		text += fmt.Sprintf(", Enum: []string{%s}", strings.Join(values, ", "))
	}
	if p.Field != nil && p.Field.IsDecimal() {
		text += ", Decimal: true"
	}
	if p.Descending {
		text += ", Descending: true"
	}
	return text + "}"
}

// indexes returns the indexes of the table beside its owner's and its parents'.
func indexes(m *schema.Model) []string {
	var lines []string
	for _, index := range m.PlainIndexes() {
		lines = append(lines, indexLiteral(index))
	}
	for _, path := range m.AncestorIndexes() {
		lines = append(lines, fmt.Sprintf("{Hash: %q, Sort: \"id\"}", path.Attribute()))
	}
	return lines
}

// indexLiteral is the index as Go writes it: the attributes of its hash and sort keys.
func indexLiteral(i *schema.Index) string {
	return fmt.Sprintf("{Hash: %q, Sort: %q}", i.Field.Attribute(), sortAttribute(i))
}

func sortAttribute(i *schema.Index) string {
	if field := i.Field.Model.Field(i.SortField); field != nil {
		return field.Attribute()
	}
	return i.SortField
}

// parents returns what an item belongs to.
func parents(m *schema.Model) []string {
	var lines []string
	for _, parent := range m.Parents() {
		of := "s." + parent.Target.GoPlural()
		if parent.IsUser() {
			of = "s.DB.Users()"
		}
		movable := ""
		if parent.Movable {
			movable = ", Movable: true"
		}
		lines = append(lines, fmt.Sprintf("{Of: %s, Field: %q, ID: func(item *%s) string { return item.%s }, OnDelete: model.%s%s}",
			of, parent.Attribute(), m.GoName(), parent.GoName(), onDelete(parent), movable))
	}
	return lines
}

func onDelete(f *schema.Field) string {
	return map[schema.OnDelete]string{schema.Cascade: "Cascade", schema.Restrict: "Restrict", schema.SetNull: "SetNull"}[f.OnDelete]
}

var goOperations = map[schema.Operation]string{schema.Create: "model.OnCreate", schema.Read: "model.OnRead", schema.Update: "model.OnUpdate", schema.Delete: "model.OnDelete", schema.Transfer: "model.OnTransfer"}

// rules returns the rules of @auth.
func rules(m *schema.Model) []string { return ruleLiterals(m.Rules) }

func ruleLiterals(rules []schema.Rule) []string { return ruleLiteralsOf(rules, termLiteral) }

func ruleLiteralsOf(rules []schema.Rule, term func(schema.Term) string) []string {
	var lines []string
	for _, rule := range rules {
		operations := make([]string, len(rule.Operations))
		for i, operation := range rule.Operations {
			operations[i] = goOperations[operation]
		}
		arguments := []string{strings.Join(operations, "|")}
		for _, t := range rule.Terms {
			arguments = append(arguments, term(t))
		}
		lines = append(lines, "model.Allow("+strings.Join(arguments, ", ")+")")
	}
	return lines
}

func termLiteral(t schema.Term) string {
	switch {
	case t.Through != nil:
		arguments := fmt.Sprintf("s.%s, %q", t.Through.GoPlural(), t.Via.Attribute())
		for _, role := range t.Roles {
			arguments += fmt.Sprintf(", %q", role)
		}
		return "model.Members(" + arguments + ")"
	case t.Where != nil:
		return "model.Where(" + t.Where.GoLiteral() + ")"
	case t.IsVia():
		return fmt.Sprintf("model.Via(%q, %s)", t.Via.Attribute(), goOperations[t.ParentOperation])
	case t.Allow == "groups":
		groups := make([]string, len(t.Groups))
		for i, group := range t.Groups {
			groups[i] = strconv.Quote(group)
		}
		return fmt.Sprintf("model.Groups(%s)", strings.Join(groups, ", "))
	case t.By != nil:
		return fmt.Sprintf("model.OwnerBy(%q)", t.By.Attribute())
	case t.Allow == "public":
		return "model.Anyone"
	default:
		return "model." + schema.UpperFirst(t.Allow)
	}
}

// ancestors returns what an item has the ids of, for rules, beside those of its parents.
func ancestors(m *schema.Model) []string {
	var lines []string
	for _, path := range m.Ancestors {
		kept := ""
		if path.IsKept() {
			kept = fmt.Sprintf(" ID: func(item *%s) *string { return &item.%s },", m.GoName(), path.GoName())
		}
		lines = append(lines, fmt.Sprintf("{Field: %q,%s Of: s.%s, Parent: %q, From: %q}",
			path.Attribute(), kept, path.Target(m).GoPlural(), path[0].Attribute(), path[1:].Attribute()))
	}
	return lines
}

// onOwnerDelete returns what becomes of an object when its owner's account goes; empty: it goes, too.
func onOwnerDelete(m *schema.Model) string {
	switch m.OnOwnerDelete {
	case schema.OutlivesOwner:
		return "model.OutlivesOwner"
	case schema.GoesToSuccessor:
		return "model.GoesToSuccessor"
	}
	return ""
}

// membership returns what model.Membership has; nil: the type is none.
func membership(m *schema.Model) []string {
	by := m.Membership
	if by == nil {
		return nil
	}
	object := by.Object.Target
	set := fmt.Sprintf("item.%s, item.%s = object, user", by.Object.GoName(), by.User.GoName())
	lines := []string{fmt.Sprintf("Of: s.%s, Field: %q, User: %q", object.GoPlural(), by.Object.Attribute(), by.User.Attribute())}
	if by.Role != nil {
		var roles []string
		for _, role := range by.Roles() {
			roles = append(roles, strconv.Quote(role))
		}
		set += fmt.Sprintf("\nitem.%s = %s(role)", by.Role.GoName(), by.Role.Enum.GoName())
		lines = append(lines,
			fmt.Sprintf("Role: func(item *%s) string { return string(item.%s) }", m.GoName(), by.Role.GoName()),
			fmt.Sprintf("Roles: []string{%s}", strings.Join(roles, ", ")))
	}
	return append(lines, fmt.Sprintf("Set: func(item *%s, object, user, role string) {\n%s\n}", m.GoName(), set))
}

// invitation returns what model.Invitation has; nil: the type is none.
func invitation(m *schema.Model) []string {
	by := m.Invitation
	if by == nil {
		return nil
	}
	lines := []string{
		fmt.Sprintf("To: s.%s, Field: %q", by.To.GoPlural(), by.Object.Attribute()),
		fmt.Sprintf("Email: func(item *%s) *string { return &item.%s }", m.GoName(), by.Email.GoName()),
	}
	if by.Role != nil {
		lines = append(lines, fmt.Sprintf("Role: func(item *%s) string { return string(item.%s) }", m.GoName(), by.Role.GoName()))
	}
	return lines
}

// comment is a description as a Go comment.
func comment(text string) string {
	if strings.TrimSpace(text) == "" {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRight("// "+line, " ")
	}
	return strings.Join(lines, "\n")
}

// bulk returns what model.Bulk has.
func bulk(m *schema.Model) string {
	var parts []string
	for _, b := range m.BulkMutations() {
		parts = append(parts, fmt.Sprintf("%s: %d", b.Operation, b.Limit()))
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("List: %q, %s", m.Plural, strings.Join(parts, ", "))
}

// hooks returns the fields of model.Hooks.
func hooks(m *schema.Model) []string {
	var lines []string
	for _, h := range m.OwnHooks() {
		call := "s." + m.HookMethod(h)
		if m.TakesNewAlone(h) {
			call = fmt.Sprintf("func(ctx context.Context, caller model.Caller, _, item *%s) error { return %s(ctx, caller, item) }", m.GoName(), call)
		}
		lines = append(lines, h.Name+": "+call)
	}
	return lines
}
