package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// link connects the two sides of a relation.
func (r *reader) link(field *Field) {
	switch field.Kind {
	case KindBelongsTo:
		field.Target.Children = append(field.Target.Children, field)
	case KindHasMany:
		field.Inverse = r.inverse(field)
	case KindManyToMany:
		r.linkSides(field)
	}
}

// inverse returns the belongsTo that a hasMany is the other side of.
func (r *reader) inverse(field *Field) *Field {
	candidates := field.Target.selected(func(f *Field) bool {
		return f.Kind == KindBelongsTo && f.Target == field.Model
	})
	directive := field.directive("hasMany")
	if name, ok := r.text(directive, "field"); ok {
		candidates = slices.DeleteFunc(candidates, func(f *Field) bool { return f.Name != name })
		if len(candidates) == 0 {
			r.Report(directive.Position, "%s has no @belongsTo field %s of type %s: correct the name, or remove it", field.Target.Name, name, field.Model.Name)
			return nil
		}
	}
	switch len(candidates) {
	case 0:
		r.Report(directive.Position, "no field of %s belongs to %s: add %s: %s! @belongsTo to %[1]s", field.Target.Name, field.Model.Name, field.Model.Singular(), field.Model.Name)
		return nil
	case 1:
		return candidates[0]
	}
	r.Report(directive.Position, "%s has %d @belongsTo fields of type %s: say which it is, @hasMany(field: %q)", field.Target.Name, len(candidates), field.Model.Name, candidates[0].Name)
	return nil
}

// indexSorts are the added fields that an index may sort by.
var indexSorts = []string{"id", "createdAt", "updatedAt"}

// readIndexes reads a field's @index directives.
func (r *reader) readIndexes(field *Field) {
	if !field.Stored() || field.Kind == KindBelongsTo {
		return
	}
	for _, directive := range field.definition.Directives.ForNames("index") {
		if index := r.index(field, directive); index != nil {
			field.Indexes = append(field.Indexes, index)
		}
	}
}

func (r *reader) index(field *Field, directive *ast.Directive) *Index {
	if reason := notKey(field); reason != "" {
		r.Report(directive.Position, "%s cannot have an @index, %s", field.Name, reason)
		return nil
	}
	index := &Index{Field: field, SortField: "id", position: directive.Position}
	query, ok := r.text(directive, "queryField")
	switch {
	case directive.Arguments.ForName("queryField") == nil:
		r.Report(directive.Position, "@index needs the name of its list in Query: write @index(queryField: %q)", field.usualQuery())
		return nil
	case !ok:
		return nil
	case !isName(query):
		r.Report(directive.Position, "%q is no name of a field: write letters and digits, beginning with a small letter, such as %q", query, field.usualQuery())
		return nil
	}
	index.QueryField = query
	if argument := directive.Arguments.ForName("sortKeyFields"); argument != nil {
		sort, ok := r.sortField(field, argument.Value)
		if !ok {
			return nil
		}
		index.SortField = sort
	}
	for _, other := range field.Indexes {
		if other.SortField == index.SortField {
			r.Report(directive.Position, "%s has an @index with the same sort key already, of %s: remove one of the two", field.Name, other.QueryField)
			return nil
		}
	}
	return index
}

// usualQuery is the usual name of the list by a field: `postsByTitle`.
func (f *Field) usualQuery() string { return f.Model.Plural + "By" + camel(f.Name) }

// sortField reads the one field that an index sorts by.
func (r *reader) sortField(field *Field, value *ast.Value) (string, bool) {
	if value.Kind == ast.StringValue {
		return r.checkSortField(field, value)
	}
	if value.Kind != ast.ListValue || len(value.Children) != 1 || value.Children[0].Value.Kind != ast.StringValue {
		r.Report(value.Position, `sortKeyFields names exactly one field: write sortKeyFields: ["createdAt"], or leave it out to sort by id`)
		return "", false
	}
	return r.checkSortField(field, value.Children[0].Value)
}

func (r *reader) checkSortField(field *Field, value *ast.Value) (string, bool) {
	sort := value.Raw
	if slices.Contains(indexSorts, sort) {
		return sort, true
	}
	other := field.Model.Field(sort)
	switch {
	case other == nil || !other.Stored():
		r.Report(value.Position, "%s has no field %s that is kept: name one of its fields, or %s", field.Model.Name, sort, sdl.OneOf(indexSorts))
	case other == field:
		r.Report(value.Position, "an @index cannot sort by its own field: name another field, or %s", sdl.OneOf(indexSorts))
	case notKey(other) != "":
		r.Report(value.Position, "an @index cannot sort by %s, %s", sort, notKey(other))
	default:
		return sort, true
	}
	return "", false
}

// notKey says why a field cannot be a key of an index, or nothing.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
func notKey(field *Field) string {
	switch {
	case field.Kind == KindBelongsTo:
		return "because it is a parent: its list is the parent's @hasMany"
	case field.List, field.Kind == KindObject, field.TypeName == "Boolean", field.IsOpaque():
		return "because DynamoDB sorts only text and numbers: use a String, an ID, an Int, a Float, a Decimal, a DateTime, a Date or an enum"
	case field.Nullable:
		return "because objects without it would be missing from the list: write " + field.Name + ": " + field.TypeName + "!"
	case pageArguments(field.Model).ForName(field.Name) != nil, slices.Contains(parametersOfGqlgen, field.Name):
		return "because its list has an argument of that name already: give the field another name"
	}
	return ""
}

// wantText makes sure that text that is a key of an index is not empty, which DynamoDB
// does not take.
func (r *reader) wantText(field *Field) {
	if !field.IsKey() || !field.IsText() {
		return
	}
	if field.Default != nil && field.Default.Raw == "" {
		r.Report(field.directive("default").Position, "%s is in an @index, where text is never empty: give it another @default", field.Name)
	}
	isShortest := func(v Validation) bool { return v.Type == "minLength" }
	switch i := slices.IndexFunc(field.Validations, isShortest); {
	case i < 0:
		field.Validations = append([]Validation{{Type: "minLength", Value: "1"}}, field.Validations...)
	case GoInteger(field.Validations[i].Value) == "0":
		field.Validations[i].Value = "1"
	}
}
