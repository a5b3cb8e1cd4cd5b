package gogen

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/99designs/gqlgen/codegen"
	"github.com/99designs/gqlgen/codegen/config"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// What follows is of fields that have rules of their own.

// fieldRules returns the rules of fields, as the entries of a map.
func fieldRules(m *schema.Model) []string {
	var entries []string
	for _, field := range m.Guarded() {
		lines := ruleLiterals(field.Rules)
		if len(lines) > 0 {
			lines = append([]string{""}, append(lines, "")...)
		}
		entries = append(entries, fmt.Sprintf("%q: {%s}", field.Name, strings.TrimPrefix(strings.Join(lines, ",\n"), ",")))
	}
	return entries
}

// seenRules returns the rules by which users see one another, as the entries of a map.
func seenRules(u *schema.User) []string {
	if !u.IsSeen() {
		return nil
	}
	var entries []string
	for _, field := range u.SeenFields() {
		entries = append(entries, fmt.Sprintf("%q: {\n%s,\n}", field.Name, strings.Join(ruleLiteralsOf(field.Seen, seenTermLiteral), ",\n")))
	}
	return entries
}

// seenTermLiteral is a term of such a rule.
func seenTermLiteral(t schema.Term) string {
	if t.Through == nil {
		return termLiteral(t)
	}
	arguments := "s." + t.Through.GoPlural()
	for _, role := range t.Roles {
		arguments += fmt.Sprintf(", %q", role)
	}
	return "model.Together(" + arguments + ")"
}

// given returns which fields with rules of their own an input gives, as a model.Given; empty: it has none.
func given(m *schema.Model, operation string) string {
	var entries []string
	for _, field := range m.GuardedFor(operation) {
		isGiven := "true"
		if operation == "Update" || field.Optional() {
			isGiven = "input." + field.GoInputName() + ".IsSet()"
		}
		entries = append(entries, fmt.Sprintf("%q: %s", field.Name, isGiven))
	}
	if len(entries) == 0 {
		return ""
	}
	return "model.Given{" + strings.Join(entries, ", ") + "}"
}

// omittable is the type of an input's field that tells what is absent from null.
func omittable(goType string) string { return "graphql.Omittable[" + goType + "]" }

// bindHidden has resolvers answer the fields that some may not read, and those of links that edges show.
func bindHidden(s *schema.Schema, cfg *config.Config) {
	for _, field := range s.User.HiddenFields() {
		bindField(cfg, "User", field.Name, config.TypeMapField{Resolver: true})
	}
	for _, model := range s.Models {
		for _, field := range model.HiddenFields() {
			bindField(cfg, model.Name, field.Name, config.TypeMapField{Resolver: true})
		}
		for _, list := range model.ManyToMany() {
			for _, field := range list.OfLinks().HiddenFields() {
				bindField(cfg, list.EdgeName(), field.Name, config.TypeMapField{Resolver: true})
			}
		}
	}
}

// hiddenAnswer returns the statements by which a field is answered that some may not read; empty: it is
// no such field, or not kept. A parent's is made of what answers it otherwise.
func hiddenAnswer(s *schema.Schema, f *codegen.Field) string {
	if f.Object.Name == "User" {
		if field := s.User.HiddenFields().Field(f.Name); field != nil && field.Stored() {
			return guardedOf("Users", field, f, "obj")
		}
		return ""
	}
	if model := s.Model(f.Object.Name); model != nil {
		field := model.Field(f.Name)
		if field == nil || !field.IsHidden() {
			return ""
		}
		if field.Kind == schema.KindBelongsTo {
			return fmt.Sprintf("return gql.GuardedBy(ctx, r.resolver.Store.%s, obj, %q, func() (%s, error) {\n%s\n})",
				model.GoPlural(), field.Name, parentType(field), answer(s, model.Name, field.Name, nil))
		}
		if !field.Stored() {
			return ""
		}
		return guarded(field, f, "obj")
	}
	for _, model := range s.Models {
		for _, list := range model.ManyToMany() {
			if list.EdgeName() != f.Object.Name {
				continue
			}
			if field := list.OfLinks().Field(f.Name); field != nil && field.IsHidden() {
				return guarded(field, f, "obj.Link")
			}
		}
	}
	return ""
}

func parentType(f *schema.Field) string {
	if f.IsUser() {
		return "*store.User"
	}
	return "*store." + f.Target.GoName()
}

// guarded returns the statement that answers with a field of an object, unless it is hidden.
func guarded(field *schema.Field, f *codegen.Field, object string) string {
	return guardedOf(field.Model.GoPlural(), field, f, object)
}

// guardedOf is guarded of what a field of Store has the rules of.
func guardedOf(rules string, field *schema.Field, f *codegen.Field, object string) string {
	function, value := "Guarded", "&"+object+"."+field.GoName()
	switch to := f.TypeReference.GO.(type) {
	case *types.Slice:
		function = "GuardedList"
		if _, isPointer := to.Elem().(*types.Pointer); isPointer {
			function = "GuardedObjects"
		}
	}
	switch {
	case rules == "Users" && field.Name == "pendingEmail":
		value = object + ".PendingEmail()"
	case field.Nullable:
		value = object + "." + field.GoName()
	}
	return fmt.Sprintf("return gql.%s(ctx, r.resolver.Store.%s, %s, %q, %s)", function, rules, object, field.Name, value)
}

// guardType wraps the resolvers of a type of which the project answers fields by hand that some may not
// read; none: there is no such field.
func guardType(s *schema.Schema, typeName string, own []*codegen.Field, declare func(*codegen.Field) string) string {
	var (
		methods strings.Builder
		rules   string
		hidden  schema.Fields
	)
	if model := s.Model(typeName); model != nil {
		rules, hidden = model.GoPlural(), model.HiddenFields()
	} else if typeName == "User" {
		rules, hidden = "Users", s.User.HiddenFields()
	}
	for _, f := range own {
		if hidden.Field(f.Name) == nil {
			continue
		}
		declaration := declare(f)
		result := strings.TrimSuffix(declaration[strings.LastIndex(declaration, ") (")+len(") ("):], ")")
		fmt.Fprintf(&methods, "\n// %[1]s is answered by hand, for who may read it.\nfunc (r guarded%[2]s) %[1]s%[3]s {\nreturn gql.GuardedBy(ctx, r.of.Store.%[4]s, obj, %[5]q, func() (%[6]s) { return r.%[7]s.%[1]s(%[8]s) })\n}\n",
			f.GoFieldName, typeName, declaration, rules, f.Name, result, schema.UpperFirst(typeName)+"Resolver", strings.Join(append([]string{"ctx", "obj"}, argumentNames(f)...), ", "))
	}
	if methods.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("\n// guarded%[1]s are the resolvers of %[1]s, of which some fields are not everybody's to read.\ntype guarded%[1]s struct {\n%[2]sResolver\nof *Resolver\n}\n%[3]s", typeName, schema.UpperFirst(typeName), methods.String())
}
