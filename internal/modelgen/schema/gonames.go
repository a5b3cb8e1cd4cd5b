package schema

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
)

var goScalars = map[string]string{
	"String": "string", "ID": "string", "Int": "int", "Float": "float64", "Boolean": "bool", "DateTime": "model.DateTime",
	"Date": LibraryScalars["Date"], "Decimal": LibraryScalars["Decimal"], "JSON": LibraryScalars["JSON"],
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
	switch {
	case f.Kind == KindScalar && !f.IsCustom:
		return goScalars[f.TypeName]
	case f.Kind == KindEnum:
		return f.Enum.GoName()
	default:
		return GoTypeName(f.TypeName)
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

// LibraryTypes are the types of the public schema that ownql has in Go.
var LibraryTypes = map[string]string{
	"DateTime": "model.DateTime", "Node": "model.Node", "PageInfo": "model.PageInfo", "SortDirection": "model.SortDirection", "Int": "gql.Int",

	"Session": "account.Session", "SessionConnection": "account.SessionConnection", "SessionEdge": "account.SessionEdge",
	"Token": "account.Token", "TokenConnection": "account.TokenConnection", "TokenEdge": "account.TokenEdge",
	"CreateTokenInput": "account.CreateTokenInput", "CreateTokenPayload": "account.CreateTokenPayload",
	"RevokeTokenInput": "account.RevokeTokenInput", "RevokeTokenPayload": "account.RevokeTokenPayload",
	"ChangePasswordInput": "account.ChangePasswordInput", "ChangeEmailInput": "account.ChangeEmailInput",
	"DeleteViewerInput": "account.DeleteViewerInput", "DeleteViewerPayload": "account.DeleteViewerPayload",
	"RevokeSessionInput": "account.RevokeSessionInput", "RevokeSessionPayload": "account.RevokeSessionPayload",
	"RevokeOtherSessionsInput": "account.RevokeOtherSessionsInput", "SendVerificationEmailInput": "account.SendVerificationEmailInput",
}

// StoreTypes are those of accounts that package store has of the project's own User.
var StoreTypes = []string{
	"User", "UpdateViewerInput", "UpdateViewerPayload", "ChangePasswordPayload", "ChangeEmailPayload",
	"RevokeOtherSessionsPayload", "SendVerificationEmailPayload",
}

// isBoundByHand tells whether a type of package store is that of the schema's type, by its
// name.
func (h *handwritten) isBoundByHand(name string) bool {
	return slices.ContainsFunc([]string{name, GoTypeName(name)}, func(name string) bool { return h.names[name] != "" })
}

// GoTypeName returns the Go type of what the schema names so: by that very name, but for
// those that package store has itself.
func GoTypeName(name string) string {
	switch {
	case name == "Store", name == "New":
		return name + "Item"
	case typePattern.MatchString(name):
		return name
	default:
		return templates.ToGo(name)
	}
}

// GoName is the Go type of the model.
func (m *Model) GoName() string { return GoTypeName(m.Name) }

// GoTypeOf is the Go type of what the model expands into: `CreatePostInput`.
func (m *Model) GoTypeOf(prefix, suffix string) string { return GoTypeName(prefix + m.Name + suffix) }

// WriteMethod is the method of Store that carries out an operation: `CreatePost`.
func (m *Model) WriteMethod(operation string) string { return operation + m.Name }

// GoPlural is the plural in Go's exported names, and the field of Store: `BlogPosts`.
func (m *Model) GoPlural() string {
	if m.plural {
		return templates.ToGo(m.Plural)
	}
	return pluralOf(m.Name)
}

// GoFile is the model's file in store/: not one of a test, nor of all models.
func (m *Model) GoFile() string {
	name := strings.ToLower(m.Name)
	if name == "store" || name == "models" {
		name += "item"
	}
	return name + "_gen.go"
}

// GoName is the field's name in the Go struct.
func (f *Field) GoName() string { return f.GoInputName() + f.goSuffix }

// HasOtherGoName tells whether the field's name in the Go struct is not the one that gqlgen would
// look for.
func (f *Field) HasOtherGoName() bool { return f.goSuffix != "" }

// GoInputName is the field's name in the Go structs of inputs.
func (f *Field) GoInputName() string { return templates.ToGo(f.InputName()) }

// GoName is the Go type of the enum.
func (e *Enum) GoName() string { return GoTypeName(e.Name) }

// GoValue is the Go constant of a value.
func (e *Enum) GoValue(value string) string { return e.GoName() + templates.ToGo(value) }

// GoName is the Go type of the object.
func (o *Object) GoName() string { return GoTypeName(o.Name) }

// GoInput is the Go type of the object's input.
func (o *Object) GoInput() string { return GoTypeName(o.Name + "Input") }

// GoTypes are the types of the schema that the model expands into.
func (m *Model) GoTypes() []string {
	names := []string{m.Name, m.Name + "Connection", m.Name + "Edge"}
	for _, operation := range m.Mutations() {
		names = append(names, operation+m.Name+"Input", operation+m.Name+"Payload")
	}
	if m.Invitation != nil {
		names = append(names, UpperFirst(m.AcceptMutation())+"Input", UpperFirst(m.AcceptMutation())+"Payload")
	}
	if m.HasUncounted() {
		names = append(names, m.uncounted())
	}
	for _, list := range m.ManyToMany() {
		names = append(names, list.ConnectionName(), list.EdgeName())
	}
	for _, b := range m.BulkMutations() {
		names = append(names, b.InputName(), b.PayloadName())
	}
	return names
}

// OwnerMethod is the method of Store that lists what a user owns, where a project has one.
func (m *Model) OwnerMethod() string { return m.GoPlural() + "ByOwner" }

// ListMethod is that which lists the children of a parent.
func (f *Field) ListMethod() string { return f.Model.GoPlural() + "By" + templates.ToGo(f.Name) }

// UniqueMethod is that which finds the one with a value of the field.
func (f *Field) UniqueMethod() string { return f.Model.Name + "By" + templates.ToGo(f.Name) }

// Method is that which lists by the index.
func (i *Index) Method() string { return templates.ToGo(i.QueryField) }

// ResolverType is the Go type that has the resolvers of a type: `queryResolver`.
func ResolverType(typeName string) string { return lowerCamel(typeName) + "Resolver" }
