package schema

import (
	"regexp"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// readRenamed reads the name that a field had before.
func (r *reader) readRenamed(field *Field) {
	directive := field.directive("renamed")
	if directive == nil {
		return
	}
	from, ok := r.text(directive, "from")
	switch {
	case directive.Arguments.ForName("from") == nil:
		r.Report(directive.Position, `@renamed says what the field was called before: write @renamed(from: "…")`)
	case !ok:
	case !graphQLName.MatchString(from), slices.Contains(field.fixedNames(), from):
		r.Report(directive.Position, "%q was no field's name: write the one that the field had before", from)
	case from == field.Name:
		r.Report(directive.Position, "%s is the field's name now: write the one that it had before", from)
	default:
		field.Formerly = from
	}
}

var graphQLName = regexp.MustCompile(`^[_A-Za-z][_0-9A-Za-z]*$`)

// fixedNames are those of the fields that every such type has.
func (f *Field) fixedNames() []string {
	if f.Model == nil {
		return accountFields
	}
	return append([]string{"id"}, added...)
}

// FormerAttribute is the attribute of the name that the field had before; empty: none.
func (f *Field) FormerAttribute() string {
	taken := modelAttributes
	if f.Model == nil {
		taken = accountAttributes
	}
	if slices.Contains(taken, f.Formerly) {
		return f.Formerly + "_"
	}
	return f.Formerly
}

// Renamed returns the fields that had another name before.
func (list Fields) Renamed() Fields {
	return list.selected(func(f *Field) bool { return f.Formerly != "" })
}

// checkRenamed reports former names that another field of a type has, or had.
func (r *reader) checkRenamed(fields Fields, typeName string) {
	for i, field := range fields.Renamed() {
		directive := field.directive("renamed")
		isOfOther := func(other *Field) bool { return other.Stored() && other.Attribute() == field.FormerAttribute() }
		wasOfOther := func(other *Field) bool { return other.Formerly == field.Formerly }
		switch {
		case slices.ContainsFunc(fields, isOfOther):
			r.Report(directive.Position, "%s has a field %s, so that what it keeps is not what %s has: remove @renamed, or give that field another name", typeName, field.Formerly, field.Name)
		case slices.ContainsFunc(fields.Renamed()[:i], wasOfOther):
			r.Report(directive.Position, "two fields of %s were %s before: keep @renamed on the one that has its values", typeName, field.Formerly)
		}
	}
}

// readTable reads the name of the table, and that which the type had before.
func (r *reader) readTable(model *Model, directive *ast.Directive) {
	if table, ok := r.text(directive, "table"); ok {
		model.table = table
		switch {
		case !tableName.MatchString(table):
			r.Report(directive.Position, `%q is no table's name: write 3 to 200 letters, digits, _, - and ., such as @model(table: "posts")`, table)
		case slices.Contains(tablesOfAccounts, table) || table == "users":
			r.Report(directive.Position, "accounts have a table %s: give the type's another name", table)
		}
	}
	formerly, ok := r.text(directive, "formerly")
	switch {
	case !ok:
	case !typePattern.MatchString(formerly):
		r.Report(directive.Position, `%q was no type with @model: write the name that %s had before, such as @model(formerly: "Post")`, formerly, model.Name)
	case formerly == model.Name:
		r.Report(directive.Position, "%s is the type's name now: write the one that it had before", formerly)
	case r.types[formerly] != nil || formerly == "Session" || formerly == "Token":
		r.Report(directive.Position, "there is a type %s, whose objects have the ids that %s would have: give that type another name, or remove formerly", formerly, model.Name)
	default:
		model.Formerly = formerly
	}
}

// tableName is what DynamoDB takes, with room for a prefix.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
var tableName = regexp.MustCompile(`^[a-zA-Z0-9_.-]{3,200}$`)

// checkFormerly reports types that were the same one before.
func (r *reader) checkFormerly() {
	was := map[string]*Model{}
	for _, model := range r.schema.Models {
		if other := was[model.Formerly]; model.Formerly != "" && other != nil {
			r.Report(model.definition.Directives.ForName("model").Position, "%s and %s were both %s before: keep formerly on the one that has its objects", other.Name, model.Name, model.Formerly)
		}
		was[model.Formerly] = model
	}
}

// IDName is the type's name in the global ids of its objects: the first that it had.
func (m *Model) IDName() string {
	if m.Formerly != "" {
		return m.Formerly
	}
	return m.Name
}
