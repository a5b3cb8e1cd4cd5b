package schema

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// ResolverKind tells how a generated resolver answers.
type ResolverKind int

const (
	ResolveOwner     ResolverKind = iota // Post.owner: the user
	ResolveParent                        // Comment.post: Relation's Target
	ResolveChildren                      // Post.comments: a page
	ResolveLinked                        // Issue.labels: a page of what is linked
	ResolveOwned                         // User.posts: a page
	ResolveAll                           // Query.posts: a page
	ResolveUnique                        // Query.postBySlug: one
	ResolveIndex                         // Query.postsByStatus: a page
	ResolveTypeIndex                     // Query.issuesByProjectAndStatus, or User's: a page
	ResolveCreate                        // Mutation.createPost, by Method
	ResolveUpdate                        // Mutation.updatePost, by Method
	ResolveDelete                        // Mutation.deletePost, by Method
	ResolveBulk                          // Mutation.createPosts and the like, by Method
	ResolveReceived                      // User.invitations: a page
	ResolveAccept                        // Mutation.acceptInvitation, by Method
	ResolveTransfer                      // Mutation.transferPost, by Method
)

// Resolver is a field of the public schema that modelgen adds or changes, and that a
// resolver answers.
type Resolver struct {
	Type, Field string // in the public schema
	Kind        ResolverKind
	On          *Model     // Type, where that is a model
	Model       *Model     // what is answered: one, a page, or what is changed; of ResolveLinked the links; nil for ResolveOwner
	Method      string     // of Store, which a project may have; empty where it may not
	Relation    *Field     // the belongsTo of ResolveParent, and of ResolveChildren the one on the other side; of ResolveLinked the list
	Unique      *Field     // of ResolveUnique
	Index       *Index     // of ResolveIndex
	TypeIndex   *TypeIndex // of ResolveTypeIndex
	Bulk        BulkMutation
}

// Resolvers returns every such field: for each model those on it, then its own of
// User, Query and Mutation.
func (s *Schema) Resolvers() []Resolver {
	var all []Resolver
	for _, model := range s.Models {
		all = append(all, model.resolvers()...)
	}
	return append(all, s.users.lists()...)
}

// Resolver returns that of a field, if it has one.
func (s *Schema) Resolver(typeName, fieldName string) (Resolver, bool) {
	for _, resolver := range s.Resolvers() {
		if resolver.Type == typeName && resolver.Field == fieldName {
			return resolver, true
		}
	}
	return Resolver{}, false
}

func (m *Model) resolvers() []Resolver {
	all := []Resolver{{Type: m.Name, Field: "owner", Kind: ResolveOwner, On: m}}
	for _, parent := range m.Parents() {
		all = append(all, Resolver{Type: m.Name, Field: parent.Name, Kind: ResolveParent, On: m, Model: parent.Target, Relation: parent})
	}
	all = append(all, m.lists()...)
	for _, list := range m.ManyToMany() {
		all = append(all, Resolver{Type: m.Name, Field: list.Name, Kind: ResolveLinked, On: m, Model: list.Through, Method: list.LinkedMethod(), Relation: list})
	}
	ofUser := Resolver{Type: "User", Field: m.Plural, Kind: ResolveOwned, Model: m, Method: m.OwnerMethod()}
	if m.Invitation != nil {
		ofUser.Kind = ResolveReceived
	}
	all = append(all, ofUser)
	if m.IsListed {
		all = append(all, Resolver{Type: "Query", Field: m.Plural, Kind: ResolveAll, Model: m, Method: m.AllMethod()})
	}
	for _, unique := range m.Uniques() {
		all = append(all, Resolver{Type: "Query", Field: m.Singular() + "By" + UpperFirst(unique.Name), Kind: ResolveUnique, Model: m, Method: unique.UniqueMethod(), Unique: unique})
	}
	for _, index := range m.Indexes() {
		all = append(all, Resolver{Type: "Query", Field: index.QueryField, Kind: ResolveIndex, Model: m, Method: index.Method(), Index: index})
	}
	for _, index := range m.TypeIndexes {
		if index.QueryField != "" {
			all = append(all, Resolver{Type: index.on(), Field: index.QueryField, Kind: ResolveTypeIndex, Model: m, TypeIndex: index})
		}
	}
	all = append(all, Resolver{Type: "Mutation", Field: "create" + m.Name, Kind: ResolveCreate, Model: m, Method: m.WriteMethod("Create")})
	if len(m.Updatable()) > 0 {
		all = append(all, Resolver{Type: "Mutation", Field: "update" + m.Name, Kind: ResolveUpdate, Model: m, Method: m.WriteMethod("Update")})
	}
	all = append(all, Resolver{Type: "Mutation", Field: "delete" + m.Name, Kind: ResolveDelete, Model: m, Method: m.WriteMethod("Delete")})
	if m.Invitation != nil {
		all = append(all, Resolver{Type: "Mutation", Field: m.AcceptMutation(), Kind: ResolveAccept, Model: m, Method: m.WriteMethod("Accept")})
	}
	if m.IsTransferable() {
		all = append(all, Resolver{Type: "Mutation", Field: "transfer" + m.Name, Kind: ResolveTransfer, Model: m, Method: m.WriteMethod("Transfer")})
	}
	for _, b := range m.BulkMutations() {
		all = append(all, Resolver{Type: "Mutation", Field: b.Field(), Kind: ResolveBulk, Model: m, Method: b.Name(), Bulk: b})
	}
	return all
}

// lists returns the resolvers of what belongs to an object, or a user.
func (m *Model) lists() (all []Resolver) {
	for _, list := range m.HasMany() {
		if list.Inverse != nil {
			all = append(all, list.resolver())
		}
	}
	return all
}

// resolver returns that of a hasMany whose other side is known.
func (f *Field) resolver() Resolver {
	return Resolver{Type: f.Model.Name, Field: f.Name, Kind: ResolveChildren, On: f.Model, Model: f.Target, Method: f.Inverse.ListMethod(), Relation: f.Inverse}
}

// isAdded tells whether schema.graphqls does not have the field.
func (r Resolver) isAdded() bool { return r.On == nil }

// position is where the name comes from.
func (r Resolver) position() *ast.Position {
	switch {
	case r.Index != nil:
		return r.Index.position
	case r.TypeIndex != nil:
		return r.TypeIndex.position
	case r.Unique != nil:
		return r.Unique.position()
	case r.On == nil:
		return r.Model.definition.Position
	case r.On.Field(r.Field) != nil:
		return r.On.Field(r.Field).position()
	default: // added by @model
		return r.On.definition.Position
	}
}

// parameters are the types of the parameters of the resolver's Method.
func (r Resolver) parameters() string {
	const asked = "context.Context, model.Caller, "
	switch r.Kind {
	case ResolveChildren, ResolveOwned, ResolveReceived, ResolveLinked:
		return asked + "string, model.Page"
	case ResolveAll:
		return asked + "model.Page"
	case ResolveUnique:
		return asked + r.Unique.GoItem()
	case ResolveIndex:
		return asked + r.Index.Field.GoType() + ", model.Page"
	default:
		return asked + GoTypeName(r.Method+"Input")
	}
}

// what is what the Method is named for.
func (r Resolver) what() string {
	switch r.Kind {
	case ResolveIndex:
		return "queryField"
	case ResolveUnique, ResolveChildren, ResolveLinked:
		return "the field"
	default:
		return "the type"
	}
}

// generatedType is a type of the public schema that schema.graphqls does not have.
type generatedType struct {
	name string
	by   string // the model or object it is for; empty: all
	kind ast.DefinitionKind
}

func (s *Schema) generatedTypes() []generatedType {
	var types []generatedType
	if len(s.Models) > 0 {
		types = append(types, generatedType{"SortDirection", "", ast.Enum})
	}
	if s.accounts != nil {
		if s.pageInfo() == nil {
			types = append(types, generatedType{"PageInfo", "", ast.Object})
		}
		for _, definition := range s.accounts.types {
			types = append(types, generatedType{definition.Name, "accounts", definition.Kind})
		}
	}
	for _, m := range s.Models {
		types = append(types,
			generatedType{m.Name + "Connection", m.Name, ast.Object},
			generatedType{m.Name + "Edge", m.Name, ast.Object})
		if m.HasUncounted() {
			types = append(types, generatedType{m.uncounted(), m.Name, ast.Object})
		}
		for _, operation := range m.Mutations() {
			types = append(types,
				generatedType{operation + m.Name + "Input", m.Name, ast.InputObject},
				generatedType{operation + m.Name + "Payload", m.Name, ast.Object})
		}
		if m.Invitation != nil {
			accept := UpperFirst(m.AcceptMutation())
			types = append(types, generatedType{accept + "Input", m.Name, ast.InputObject}, generatedType{accept + "Payload", m.Name, ast.Object})
		}
		for _, list := range m.ManyToMany() {
			types = append(types, generatedType{list.ConnectionName(), m.Name, ast.Object}, generatedType{list.EdgeName(), m.Name, ast.Object})
		}
		for _, b := range m.BulkMutations() {
			types = append(types,
				generatedType{b.InputName(), m.Name, ast.InputObject},
				generatedType{b.PayloadName(), m.Name, ast.Object})
		}
		if len(m.Counters()) > 0 {
			types = append(types, generatedType{m.IncrementName(), m.Name, ast.InputObject})
		}
	}
	for _, order := range s.Orders() {
		types = append(types, generatedType{order.Name, order.model.Name, ast.InputObject}, generatedType{order.FieldsName(), order.model.Name, ast.Enum})
	}
	for _, object := range s.Objects {
		types = append(types, generatedType{object.Name + "Input", object.Name, ast.InputObject})
	}
	return append(types, s.filterNames()...)
}

// Mutations are the prefixes of a model's mutations.
func (m *Model) Mutations() []string {
	all := []string{"Create"}
	if len(m.Updatable()) > 0 {
		all = append(all, "Update")
	}
	all = append(all, "Delete")
	if m.IsTransferable() {
		all = append(all, "Transfer")
	}
	return all
}

// ComputedFields returns the fields of models and of User that code of the project answers, as `Type.field`.
func (s *Schema) ComputedFields() (names []string) {
	for _, model := range s.Models {
		for _, field := range model.Computed() {
			names = append(names, model.Name+"."+field.Name)
		}
	}
	for _, field := range s.User.Computed() {
		names = append(names, "User."+field.Name)
	}
	return names
}

// ComputedField is a field with @computed of a type that gqlgen writes.
type ComputedField struct {
	Type, Field string
	IsMethod    bool // a method of the type answers it
}

// ComputedElsewhere returns the fields with @computed of those types, in the file's order.
func (s *Schema) ComputedElsewhere() []ComputedField {
	var all []ComputedField
	for _, definition := range s.document.Definitions {
		if s.Model(definition.Name) != nil || s.Object(definition.Name) != nil || definition.Name == "User" {
			continue
		}
		for _, field := range definition.Fields {
			if field.Directives.ForName("computed") != nil {
				method := templates.ToGo(definition.Name) + "." + templates.ToGo(field.Name)
				all = append(all, ComputedField{definition.Name, field.Name, s.byHand.declares(method)})
			}
		}
	}
	return all
}

// house are the fields of Query that every project is to have, as it has to write them.
var house = map[string]string{"node": "(id: ID!): Node", "nodes": "(ids: [ID!]!): [Node]!", "viewer": ": User"}

// AnswersQuery tells whether Query has one of those, written so.
func (s *Schema) AnswersQuery(field string) bool {
	query := s.document.Definitions.ForName("Query")
	if query == nil || query.Fields.ForName(field) == nil {
		return false
	}
	definition := query.Fields.ForName(field)
	var text string
	for _, argument := range definition.Arguments {
		text += "(" + argument.Name + ": " + argument.Type.String() + ")"
	}
	return text+": "+definition.Type.String() == house[field]
}

// isRoot tells whether a type is one that requests begin with.
func isRoot(definition *ast.Definition) bool {
	return slices.Contains([]string{"Query", "Mutation", "Subscription"}, definition.Name)
}

// Origins tells which type of schema.graphqls what is generated is for: of types by their names, of the fields of
// Query, Mutation and User as `Query.posts`. A type with @model is there for itself.
func (s *Schema) Origins() map[string]string {
	origins := map[string]string{}
	for _, generated := range s.generatedTypes() {
		origins[generated.name] = generated.by
	}
	for _, resolver := range s.Resolvers() {
		if resolver.Model != nil && resolver.On == nil {
			origins[resolver.Type+"."+resolver.Field] = resolver.Model.Name
		}
	}
	for _, model := range s.Models {
		origins[model.Name] = model.Name
	}
	return origins
}
