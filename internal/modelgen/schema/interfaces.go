package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// checkInterfaces reports interfaces that want of a field that @model adds or changes
// another type than it has in the public schema.
func (r *reader) checkInterfaces() {
	for _, model := range r.schema.Models {
		r.checkImplements(model.definition, model.changedFields())
	}
	if user := r.schema.User; user.definition != nil {
		r.checkImplements(user.definition, user.changedFields())
	}
}

func (r *reader) checkImplements(of *ast.Definition, changed ast.FieldList) {
	for _, name := range of.Interfaces {
		definition := r.types[name]
		if definition == nil || definition.Kind != ast.Interface { // GraphQL's own rules report it
			continue
		}
		for _, public := range changed {
			if want := definition.Fields.ForName(public.Name); want != nil && !r.fits(public.Type, want.Type) {
				r.Report(of.Position, "%s.%s is %s in the public schema: write %[2]s: %[3]s in %[4]s", of.Name, public.Name, public.Type, name)
			}
		}
	}
}

// fits tells whether a field of a type can stand for one of the type
// that an interface wants.
func (r *reader) fits(has, want *ast.Type) bool {
	if want.NonNull && !has.NonNull {
		return false
	}
	if want.Elem != nil || has.Elem != nil {
		return want.Elem != nil && has.Elem != nil && r.fits(has.Elem, want.Elem)
	}
	definition := r.types[has.NamedType]
	return has.NamedType == want.NamedType || definition != nil && slices.Contains(r.abstract(definition), want.NamedType)
}

// changedFields returns the fields of the public type that schema.graphqls has otherwise,
// or not at all.
func (m *Model) changedFields() ast.FieldList {
	var fields ast.FieldList
	for _, field := range m.Fields {
		if slices.Contains([]Kind{KindBelongsTo, KindHasMany, KindManyToMany}, field.Kind) || field.IsHidden() {
			fields = append(fields, field.public())
		}
	}
	return append(fields, m.addedFields()...)
}

// expand gives the models of a document, which is another reading of the same file, and User the
// fields of their public types. What is wrong with these is wrong with the type.
func (r *reader) expand(document *ast.SchemaDocument) {
	change := func(base *ast.Definition, changed ast.FieldList) {
		for _, definition := range slices.Concat(document.Definitions, document.Extensions) {
			if definition.Name != base.Name {
				continue
			}
			for _, field := range definition.Fields {
				if public := changed.ForName(field.Name); public != nil {
					field.Type, field.Arguments, field.Position = public.Type, public.Arguments, base.Position
				}
			}
		}
	}
	if user := document.Definitions.ForName("User"); user != nil && r.schema.User.definition != nil {
		change(user, r.schema.User.changedFields())
	}
	for _, model := range r.schema.Models {
		base := document.Definitions.ForName(model.Name)
		change(base, model.changedFields())
		for _, field := range model.addedFields() {
			if base.Fields.ForName(field.Name) == nil {
				field.Position, field.Type.Position = base.Position, base.Position
				base.Fields = append(base.Fields, field)
			}
		}
	}
}
