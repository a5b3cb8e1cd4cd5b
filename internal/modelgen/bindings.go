package modelgen

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// libraryTypes are the types of the public schema that ownql has in Go.
var libraryTypes = map[string]string{
	"DateTime": "model.DateTime", "Node": "model.Node", "PageInfo": "model.PageInfo", "SortDirection": "model.SortDirection", "Int": "gql.Int",

	"Session": "account.Session", "SessionConnection": "account.SessionConnection", "SessionEdge": "account.SessionEdge",
	"ChangePasswordInput": "account.ChangePasswordInput", "ChangeEmailInput": "account.ChangeEmailInput",
	"DeleteViewerInput": "account.DeleteViewerInput", "DeleteViewerPayload": "account.DeleteViewerPayload",
	"RevokeSessionInput": "account.RevokeSessionInput", "RevokeSessionPayload": "account.RevokeSessionPayload",
	"RevokeOtherSessionsInput": "account.RevokeOtherSessionsInput", "SendVerificationEmailInput": "account.SendVerificationEmailInput",
}

// storeTypes are those of accounts that package store has of the project's own User.
var storeTypes = []string{
	"User", "UpdateViewerInput", "UpdateViewerPayload", "ChangePasswordPayload", "ChangeEmailPayload",
	"RevokeOtherSessionsPayload", "SendVerificationEmailPayload",
}

// bindTypes says which Go types the schema's are, and what answers their fields, as gqlgen.yml
// could. What that says itself holds.
func (s *Schema) bindTypes(cfg *config.Config, storePath string) {
	bindIntrospection(cfg)
	s.bindResolved(cfg)
	for name, goType := range libraryTypes {
		bindType(cfg, name, libraryPath+"/"+goType)
	}
	if s.accounts != nil {
		for _, name := range storeTypes {
			bindType(cfg, name, storePath+"."+name)
		}
		bindField(cfg, "User", "id", config.TypeMapField{FieldName: "GlobalID"})
		bindField(cfg, "User", "sessions", config.TypeMapField{Resolver: true})
		bindField(cfg, "Session", "id", config.TypeMapField{FieldName: "GlobalID"})
		bindField(cfg, "Session", "current", config.TypeMapField{Resolver: true})
		bindFields(cfg, "User", s.User.Fields)
	}
	for _, model := range s.Models {
		for _, name := range model.goTypes() {
			bindType(cfg, name, storePath+"."+goTypeName(name))
		}
		bindField(cfg, model.Name, "id", config.TypeMapField{FieldName: "GlobalID"})
		bindFields(cfg, model.Name, model.Fields)
		for _, operation := range model.mutations() {
			payload := operation + model.Name + "Payload"
			bindField(cfg, payload, model.Singular(), config.TypeMapField{FieldName: "Object"})
			bindField(cfg, payload, model.Singular()+"Edge", config.TypeMapField{FieldName: "Edge"})
			bindField(cfg, payload, "deleted"+model.Name+"Id", config.TypeMapField{FieldName: "DeletedID"})
		}
	}
	for _, object := range s.Objects {
		bindType(cfg, object.Name, storePath+"."+object.GoName())
		bindType(cfg, object.Name+"Input", storePath+"."+object.GoInput())
		bindFields(cfg, object.Name, object.Fields)
		bindFields(cfg, object.Name+"Input", object.Fields)
	}
	for _, enum := range s.Enums {
		bindType(cfg, enum.Name, storePath+"."+enum.GoName())
	}
	for _, resolver := range s.Resolvers() {
		bindField(cfg, resolver.Type, resolver.Field, config.TypeMapField{Resolver: true})
	}
	s.bindComputed(cfg)
}

// bindResolved has resolvers of the project answer fields that are kept.
func (s *Schema) bindResolved(cfg *config.Config) {
	bind := func(typeName string, fields Fields) {
		for _, field := range fields.Stored() {
			if s.byHand.resolves(typeName, templates.ToGo(field.Name)) {
				bindField(cfg, typeName, field.Name, config.TypeMapField{Resolver: true})
			}
		}
	}
	for _, model := range s.Models {
		bind(model.Name, model.Fields)
	}
	for _, object := range s.Objects {
		bind(object.Name, object.Fields)
	}
}

// bindComputed has resolvers answer the fields that code of the project answers, unless there
// is a method.
func (s *Schema) bindComputed(cfg *config.Config) {
	bind := func(typeName, goName string, field *ast.FieldDefinition) {
		if !s.byHand.declares(goName + "." + templates.ToGo(field.Name)) {
			bindField(cfg, typeName, field.Name, config.TypeMapField{Resolver: true})
		}
	}
	for _, model := range s.Models {
		for _, field := range model.computed() {
			bind(model.Name, model.GoName(), field.definition)
		}
	}
	for _, object := range s.Objects {
		for _, field := range object.computed() {
			bind(object.Name, object.GoName(), field.definition)
		}
	}
	for _, field := range s.User.computed() {
		bind("User", "User", field.definition)
	}
	for _, computed := range s.computedElsewhere() {
		bindField(cfg, computed.typeName, computed.field, config.TypeMapField{Resolver: true})
	}
}

// computedField is a field with @computed of a type that gqlgen writes.
type computedField struct {
	typeName, field string
	isMethod        bool // a method of the type answers it
}

func (s *Schema) computedElsewhere() []computedField {
	var all []computedField
	for _, definition := range s.document.Definitions {
		if s.Model(definition.Name) != nil || s.object(definition.Name) != nil || definition.Name == "User" {
			continue
		}
		for _, field := range definition.Fields {
			if field.Directives.ForName("computed") != nil {
				method := templates.ToGo(definition.Name) + "." + templates.ToGo(field.Name)
				all = append(all, computedField{definition.Name, field.Name, s.byHand.declares(method)})
			}
		}
	}
	return all
}

// bindIntrospection says what the types of introspection are in Go. Otherwise gqlgen takes
// store.Field, where the schema has a type of that name, for __Field.
func bindIntrospection(cfg *config.Config) {
	for _, name := range []string{"Schema", "Type", "Field", "Directive", "EnumValue", "InputValue"} {
		cfg.Models.Add("__"+name, "github.com/99designs/gqlgen/graphql/introspection."+name)
	}
	for _, name := range []string{"TypeKind", "DirectiveLocation"} {
		cfg.Models.Add("__"+name, "github.com/99designs/gqlgen/graphql.String")
	}
}

func bindType(cfg *config.Config, name, goType string) {
	if entry := cfg.Models[name]; len(entry.Model) == 0 {
		entry.Model = config.StringList{goType}
		cfg.Models[name] = entry
	}
}

// bindFields binds those whose name in Go is not the one that gqlgen would look for.
func bindFields(cfg *config.Config, typeName string, fields Fields) {
	for _, field := range fields.Stored() {
		if field.goSuffix != "" {
			bindField(cfg, typeName, field.Name, config.TypeMapField{FieldName: field.GoName()})
		}
	}
}

func bindField(cfg *config.Config, typeName, field string, to config.TypeMapField) {
	entry := cfg.Models[typeName]
	if entry.Fields == nil {
		entry.Fields = map[string]config.TypeMapField{}
	}
	if _, isBound := entry.Fields[field]; !isBound {
		entry.Fields[field] = to
	}
	cfg.Models[typeName] = entry
}

// isBoundByHand tells whether a type of package store is that of the schema's type, by its
// name.
func (h *handwritten) isBoundByHand(name string) bool {
	return slices.ContainsFunc([]string{name, goTypeName(name)}, func(name string) bool { return h.names[name] != "" })
}
