package gogen

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/config"
	"github.com/99designs/gqlgen/codegen/templates"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// bindTypes says which Go types the schema's are, and what answers their fields, as gqlgen.yml
// could. What that says itself holds.
func bindTypes(s *schema.Schema, cfg *config.Config, storePath string) {
	bindIntrospection(cfg)
	cfg.Directives[schema.TransactionDirective] = config.DirectiveConfig{SkipRuntime: true} // gql carries it out
	bindHidden(s, cfg)
	bindResolved(s, cfg)
	for name, goType := range schema.LibraryTypes {
		bindType(cfg, name, libraryPath+"/"+goType)
	}
	for _, name := range s.UsedScalars() {
		bindType(cfg, name, libraryPath+"/"+schema.LibraryScalars[name])
	}
	if s.HasAccounts() {
		for _, name := range schema.StoreTypes {
			bindType(cfg, name, storePath+"."+name)
		}
		bindField(cfg, "User", "id", config.TypeMapField{FieldName: "GlobalID"})
		bindField(cfg, "User", "sessions", config.TypeMapField{Resolver: true})
		bindField(cfg, "User", "tokens", config.TypeMapField{Resolver: true})
		bindField(cfg, "Token", "id", config.TypeMapField{FieldName: "GlobalID"})
		bindField(cfg, "Session", "id", config.TypeMapField{FieldName: "GlobalID"})
		bindField(cfg, "Session", "current", config.TypeMapField{Resolver: true})
		bindFields(cfg, "User", s.User.Fields)
	}
	for _, model := range s.Models {
		for _, name := range model.GoTypes() {
			bindType(cfg, name, storePath+"."+schema.GoTypeName(name))
		}
		bindField(cfg, model.Name, "id", config.TypeMapField{FieldName: "GlobalID"})
		bindFields(cfg, model.Name, model.Fields)
		for _, list := range model.ManyToMany() {
			bindField(cfg, list.EdgeName(), list.Through.Singular(), config.TypeMapField{FieldName: "Link"})
		}
		for _, operation := range model.Mutations() {
			payload := operation + model.Name + "Payload"
			bindField(cfg, payload, model.Singular(), config.TypeMapField{FieldName: "Object"})
			bindField(cfg, payload, model.Singular()+"Edge", config.TypeMapField{FieldName: "Edge"})
			bindField(cfg, payload, "deleted"+model.Name+"Id", config.TypeMapField{FieldName: "DeletedID"})
		}
	}
	for _, model := range s.Models {
		if model.Invitation != nil {
			payload, to := schema.UpperFirst(model.AcceptMutation())+"Payload", model.Invitation.To
			bindField(cfg, payload, to.Singular(), config.TypeMapField{FieldName: "Object"})
			bindField(cfg, payload, to.Singular()+"Edge", config.TypeMapField{FieldName: "Edge"})
		}
		for _, b := range model.BulkMutations() {
			bindField(cfg, b.InputName(), model.Plural, config.TypeMapField{FieldName: "Elements"})
			bindField(cfg, b.PayloadName(), model.Plural, config.TypeMapField{FieldName: "Objects"})
			bindField(cfg, b.PayloadName(), b.DeletedIDs(), config.TypeMapField{FieldName: "DeletedIDs"})
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
	for _, name := range s.FilterNames() {
		bindType(cfg, name, libraryPath+"/"+schema.FilterGoType)
	}
	for _, name := range s.IncrementNames() {
		bindType(cfg, name, libraryPath+"/"+schema.IncrementGoType)
	}
	for _, order := range s.Orders() {
		bindType(cfg, order.Name, libraryPath+"/model.Order")
		bindType(cfg, order.FieldsName(), "github.com/99designs/gqlgen/graphql.String") // which Order reads
	}
	for _, resolver := range s.Resolvers() {
		bindField(cfg, resolver.Type, resolver.Field, config.TypeMapField{Resolver: true})
	}
	bindComputed(s, cfg)
}

// bindResolved has resolvers of the project answer fields that are kept.
func bindResolved(s *schema.Schema, cfg *config.Config) {
	bind := func(typeName string, fields schema.Fields) {
		for _, field := range fields.Stored() {
			if s.Resolves(typeName, templates.ToGo(field.Name)) {
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
func bindComputed(s *schema.Schema, cfg *config.Config) {
	bind := func(typeName, goName string, field *schema.Field) {
		if !s.Declares(goName + "." + templates.ToGo(field.Name)) {
			bindField(cfg, typeName, field.Name, config.TypeMapField{Resolver: true})
		}
	}
	for _, model := range s.Models {
		for _, field := range model.Computed() {
			bind(model.Name, model.GoName(), field)
		}
	}
	for _, object := range s.Objects {
		for _, field := range object.Computed() {
			bind(object.Name, object.GoName(), field)
		}
	}
	for _, field := range s.User.Computed() {
		bind("User", "User", field)
	}
	for _, computed := range s.ComputedElsewhere() {
		bindField(cfg, computed.Type, computed.Field, config.TypeMapField{Resolver: true})
	}
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
func bindFields(cfg *config.Config, typeName string, fields schema.Fields) {
	for _, field := range fields.Stored() {
		if field.HasOtherGoName() {
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

// hideInputFields has gqlgen know nothing of what filters, orders and increments have in them, so that it
// writes no code for that: model.Filter and the like take them whole. The schema that the server has is
// read anew.
func hideInputFields(s *schema.Schema, cfg *config.Config) {
	names := slices.Concat(s.FilterNames(), s.IncrementNames())
	for _, order := range s.Orders() {
		names = append(names, order.Name)
	}
	for _, name := range names {
		if definition := cfg.Schema.Types[name]; definition != nil {
			definition.Fields = nil
		}
	}
}
