package schema

import (
	"go/token"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

var (
	namePattern = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
	typePattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
)

func isName(name string) bool { return namePattern.MatchString(name) }

// added are the fields that @model adds to the public type.
var added = []string{"owner", "version", "createdAt", "updatedAt"}

// inputsOnly are the fields that modelgen adds to inputs.
var inputsOnly = []string{"expectedVersion", "clientMutationId"}

// maxIndexes is DynamoDB's limit of global secondary indexes of a table.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
const maxIndexes = 20

// mayBeModel reports where a type with @model is not what such a type must be. It
// returns whether it can be read as one all the same.
func (r *reader) mayBeModel(definition *ast.Definition) bool {
	name := definition.Name
	switch {
	case slices.Contains([]string{"User", "Query", "Mutation", "Subscription"}, name):
		r.Report(definition.Position, "%s cannot be a @model: remove @model, and make a type of your own", name)
		return false
	case !typePattern.MatchString(name):
		r.Report(definition.Position, "a @model is named in camel case: write type %s", camel(name))
	case !slices.Contains(definition.Interfaces, "Node"):
		r.Report(definition.Position, "%s has @model but is no Node: write type %[1]s implements Node @model", name)
	}
	return true
}

// camel is the nearest name in upper camel case.
func camel(name string) string {
	var out strings.Builder
	for _, part := range strings.Split(name, "_") {
		if part != "" {
			out.WriteString(UpperFirst(part))
		}
	}
	return out.String()
}

// checkHouse reports what every project with models must have.
func (r *reader) checkHouse() {
	first := r.schema.Models[0].definition.Position
	if scalar := r.types["DateTime"]; scalar != nil && scalar.Kind != ast.Scalar {
		r.Report(scalar.Position, "createdAt and updatedAt need the scalar DateTime: write scalar DateTime, or remove it")
	}
	if node := r.types["Node"]; node == nil || node.Kind != ast.Interface {
		r.Report(first, "a @model needs the interface Node: add interface Node { id: ID! }")
	}
	if user := r.types["User"]; user == nil || user.Kind != ast.Object {
		r.Report(first, "a @model needs the type User, which has its owner's list: add type User implements Node { id: ID! }")
	}
	if query := r.types["Query"]; query == nil || query.Kind != ast.Object {
		r.Report(first, "a @model needs the type Query, by which it is read: add type Query { node(id: ID!): Node nodes(ids: [ID!]!): [Node]! viewer: User }")
	}
}

// checkID checks that a model has its id.
func (r *reader) checkID(model *Model) {
	field := model.definition.Fields.ForName("id")
	switch {
	case field == nil:
		r.Report(model.definition.Position, "%s has no id: add id: ID!", model.Name)
	case field.Type.String() != "ID!" || len(field.Arguments) > 0:
		r.Report(field.Position, "the id of a @model is set by the server: write id: ID!")
	default:
		r.refuseDirectives(field, "the id")
	}
}

func (r *reader) isReserved(model *Model, definition *ast.FieldDefinition) bool {
	switch {
	case slices.Contains(added, definition.Name):
		r.Report(definition.Position, "%s is added by @model: remove the field, or give it another name", definition.Name)
	case slices.Contains(inputsOnly, definition.Name):
		r.Report(definition.Position, "%s is added to every input: give the field another name", definition.Name)
	default:
		return false
	}
	return true
}

func (r *reader) checkPlural(directive *ast.Directive, plural string) {
	if !isName(plural) || token.IsKeyword(plural) {
		r.Report(directive.Position, `%q is no plural: write letters and digits, beginning with a small letter, such as @model(plural: "people")`, plural)
	}
}

// checkPlaces reports directives of ours where they cannot have any effect.
func (r *reader) checkPlaces() {
	for _, definition := range r.schema.document.Definitions {
		isModel := r.schema.Model(definition.Name) != nil
		isPlain := slices.ContainsFunc(r.schema.Objects, func(o *Object) bool { return o.Name == definition.Name })
		if auth := definition.Directives.ForName("auth"); auth != nil && definition.Directives.ForName("model") == nil {
			r.Report(auth.Position, "@auth guards a @model: add @model, or remove @auth")
		}
		if index := definition.Directives.ForName("index"); index != nil && !isModel {
			r.Report(index.Position, "@index lists the objects of a @model: add @model, or remove @index")
		}
		if unique := definition.Directives.ForName("unique"); unique != nil && !isModel {
			r.Report(unique.Position, "@unique is of the objects of a @model: add @model, or remove @unique")
		}
		if list := definition.Directives.ForNames("model"); len(list) > 1 {
			r.Report(list[1].Position, "@model is there twice: remove one of the two")
		}
		if list := definition.Directives.ForNames("auth"); len(list) > 1 {
			r.Report(list[1].Position, "@auth is there twice: put all rules into the first")
		}
		if isModel || isPlain || definition.Name == "User" {
			continue
		}
		mayBe := []string{"computed"}
		if definition.Kind != ast.Object || isRoot(definition) {
			mayBe = nil
		}
		for _, field := range definition.Fields {
			r.refuseDirectives(field, "a field of a type without @model", mayBe...)
		}
	}
	if len(r.schema.document.Schema) > 0 {
		r.Report(r.schema.document.Schema[0].Position, "the root types are Query and Mutation: remove schema { … }")
	}
}

// checkNames reports names that would be there twice.
func (r *reader) checkNames() {
	r.checkTables()
	r.checkFormerly()
	r.checkTypeNames()
	r.checkPageInfo()
	r.checkRootFields()
	for _, model := range r.schema.Models {
		r.checkFieldNames(model.Fields, model.GoName())
		r.checkIndexCount(model)
		r.checkRenamed(model.Fields, model.Name)
	}
	for _, object := range r.schema.Objects {
		r.checkFieldNames(object.Fields, object.GoName())
	}
	r.checkFieldNames(r.schema.User.Fields, "User")
	r.checkRenamed(r.schema.User.Fields, "User")
	r.checkResolvers()
	r.checkArgumentNames()
	r.checkMethods()
	r.checkHooks()
	r.checkSuccessors()
	r.checkGoNames()
	r.checkFiles()
}

// checkTables reports plurals that would be there twice, as a table or as a field of Store.
func (r *reader) checkTables() {
	tables, fields := map[string]*Model{}, map[string]*Model{}
	for _, model := range r.schema.Models {
		position := model.definition.Position
		key, goPlural := strings.ToLower(model.Table()), model.GoPlural()
		sameTable, sameField := tables[key], fields[goPlural]
		switch {
		case slices.Contains(storeFields, goPlural):
			r.Report(position, `package store has a field %s already: write @model(plural: "…"), or give the type another name`, goPlural)
		case r.schema.byHand.declares("Store." + goPlural):
			r.Report(position, `Store has a method %s already (%s): write @model(plural: "…"), or give the type another name`, goPlural, r.schema.byHand.methods["Store."+goPlural].at)
		case r.isMethod(goPlural):
			r.Report(position, `Store has a method %s already: write @model(plural: "…"), or give the type another name`, goPlural)
		case key == tableOfMembers && r.schema.HasMemberships():
			r.Report(position, `the table %s says who is a member of what: write @model(table: "…"), another, which keeps none of what is there, or take the rules for members out`, tableOfMembers)
		case sameTable != nil:
			r.Report(position, `%s and %s would both have the table %s: write @model(plural: "…")`, sameTable.Name, model.Name, model.Table())
		case sameField != nil:
			r.Report(position, `%s and %s would both be %s in package store: write @model(plural: "…")`, sameField.Name, model.Name, goPlural)
		case len(model.Table()) < 3 && model.table == "":
			r.Report(position, `DynamoDB wants a table's name to have 3 letters, and %s has %d: write @model(plural: "…")`, model.Table(), len(model.Table()))
		}
		tables[key], fields[goPlural] = model, model
	}
}

// storeFields are the fields of Store that are no model's.
var storeFields = []string{"DB", "Users"}

// isMethod tells whether Store has a generated method of the name.
func (r *reader) isMethod(name string) bool {
	return name == viewerUpdate || slices.ContainsFunc(r.schema.Models, func(m *Model) bool {
		return slices.ContainsFunc(m.Mutations(), func(operation string) bool { return m.WriteMethod(operation) == name }) ||
			m.Invitation != nil && m.WriteMethod("Accept") == name ||
			slices.ContainsFunc(m.BulkMutations(), func(b BulkMutation) bool { return b.Name() == name })
	})
}

// viewerUpdate is the method of Store that reads UpdateViewerInput.
const viewerUpdate = "ViewerUpdate"

// checkTypeNames reports types that modelgen generates and the file has too.
func (r *reader) checkTypeNames() {
	byWhom := map[string]string{}
	for _, generated := range r.schema.generatedTypes() {
		other := byWhom[generated.name]
		definition := r.types[generated.name]
		switch {
		case definition != nil && generated.by != "":
			r.Report(definition.Position, "%s is generated for %s: give the type another name", generated.name, generated.by)
		case definition != nil:
			r.Report(definition.Position, "%s is generated: give the type another name", generated.name)
		case other != "" && other != generated.by && r.types[generated.by] != nil && !r.Has(r.types[generated.by].Position.Line):
			r.Report(r.types[generated.by].Position, "%s would be generated for %s and for %s: give one of them another name", generated.name, other, generated.by)
		}
		byWhom[generated.name] = generated.by
	}
}

// checkPageInfo reports a PageInfo written by hand that is not Relay's.
// https://relay.dev/graphql/connections.htm#sec-undefined.PageInfo
func (r *reader) checkPageInfo() {
	definition := r.schema.pageInfo()
	if definition == nil {
		return
	}
	for _, want := range pageInfo.Fields {
		field := definition.Fields.ForName(want.Name)
		if field == nil || field.Type.String() != want.Type.String() || len(field.Arguments) > 0 {
			r.Report(definition.Position, "PageInfo is Relay's, and of every list: write %s: %s", want.Name, want.Type)
		}
	}
}

// checkRootFields reports fields of Query, Mutation and User that modelgen generates
// and the file has too, or that two types generate.
func (r *reader) checkRootFields() {
	byWhom := map[string]string{}
	if mutation := r.types["Mutation"]; mutation != nil && r.schema.accounts != nil {
		for _, field := range mutation.Fields {
			if r.schema.accounts.mutations.ForName(field.Name) != nil {
				r.Report(field.Position, "Mutation.%s is generated for accounts: remove the field, or give it another name", field.Name)
			}
		}
	}
	for _, resolver := range r.schema.Resolvers() {
		if !resolver.isAdded() {
			continue
		}
		name := resolver.Type + "." + resolver.Field
		other := byWhom[name]
		var field *ast.FieldDefinition
		if definition := r.types[resolver.Type]; definition != nil {
			field = definition.Fields.ForName(resolver.Field)
		}
		switch {
		case field != nil && (resolver.Index != nil || resolver.TypeIndex != nil):
			r.Report(resolver.position(), "%s is there already: give queryField another name", name)
		case field != nil && resolver.Kind == ResolveOwned:
			r.Report(resolver.position(), `%s is there already: write another plural, @model(plural: "…"), or remove the field`, name)
		case field != nil && resolver.Kind == ResolveAll:
			r.Report(field.Position, `%s is the list that @model(list: true) gives %s: remove one of the two, or write another plural, @model(plural: "…")`, name, resolver.Model.Name)
		case field != nil:
			r.Report(field.Position, "%s is generated for %s: remove the field, or give it another name", name, resolver.Model.Name)
		case other != "" && resolver.Kind == ResolveAll && !r.Has(resolver.position().Line):
			r.Report(resolver.position(), `%s would be generated for %s too: write another plural, @model(plural: "…")`, name, other)
		case other != "" && resolver.Kind != ResolveOwned && resolver.Kind != ResolveAll: // of two plurals checkTables tells
			r.Report(resolver.position(), "%s would be generated for %s too: give it another name", name, other)
		}
		byWhom[name] = resolver.Model.Name
	}
}

// checkFieldNames reports fields that have one name in Go, or the name of a method.
func (r *reader) checkFieldNames(fields Fields, goName string) {
	others := map[string]string{}
	for _, method := range r.schema.byHand.methodsOf(goName) {
		answers := func(field *Field) bool { return field.Kind == KindComputed && field.GoName() == method }
		if token.IsExported(method) && !slices.ContainsFunc(fields, answers) {
			others[method] = "the method " + method
		}
	}
	r.checkGoFields(fields.bound(), others)
}

func (r *reader) checkIndexCount(model *Model) {
	for _, index := range model.JoinedIndexes() {
		if name := index.keys(); len(name) > maxIndexName && index.position != nil && !slices.Contains(model.TypeIndexes, index) {
			r.Report(index.position, "DynamoDB lets the name of an index have %d letters, and one of this order would have %d: use fewer fields, or fields of shorter names", maxIndexName, len(name))
		}
	}
	count, besides := 1+len(model.PlainIndexes())+len(model.Parents())+len(model.AncestorIndexes())+len(model.JoinedIndexes()), "the owner's list is one, and each @belongsTo"
	if model.IsListed && !model.isOwnersAlone() {
		besides = "the owner's list is one, the list of all one or more, and each @belongsTo"
	}
	if count > maxIndexes {
		r.Report(model.definition.Position, "%s needs %d indexes, and DynamoDB gives a table at most %d (%s): remove %d", model.Name, count, maxIndexes, besides, count-maxIndexes)
	}
}

// checkFiles reports types that would have a file of another's name.
func (r *reader) checkFiles() {
	seen := map[string]string{}
	for _, model := range r.schema.Models {
		file := model.GoFile()
		if other := seen[file]; other != "" {
			r.Report(model.definition.Position, "%s and %s would both be in %s: give one of them another name", other, model.Name, file)
		}
		seen[file] = model.Name
	}
}
