package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

const publicHeader = textHeader + `# The public schema: introspection shows it, GET /schema.graphql serves it, and it is
# the file that frontend teams take.
`

// Public returns the public schema: what schema.graphqls says, with what each model
// expands into after it, and without the directives that are ours.
func (s *Schema) Public() string {
	out := sdl.Printer{Hidden: ours}
	out.WriteString(publicHeader)
	for _, directive := range s.document.Directives {
		out.DirectiveDefinition(directive)
	}
	if s.hasTransactions() {
		out.DirectiveDefinition(transaction)
	}
	for _, definition := range s.definitions() {
		out.Definition(definition)
	}
	return out.String()
}

// definitions returns every type of the public schema.
func (s *Schema) definitions() []*ast.Definition {
	var all []*ast.Definition
	for _, definition := range s.document.Definitions {
		all = append(all, s.expand(definition)...)
	}
	all = append(all, s.accountTypes()...)
	if mutation := object("Mutation", "Everything that can be changed."); s.document.Definitions.ForName(mutation.Name) == nil && s.accounts != nil {
		all = append(all, s.expand(mutation)...)
	}
	all = append(all, s.addedScalars()...)
	if s.accounts != nil && s.pageInfo() == nil {
		all = append(all, pageInfo)
	}
	if len(s.Models) > 0 {
		all = append(all, sortDirection)
	}
	for _, order := range s.Orders() {
		all = append(all, order.definitions()...)
	}
	return append(all, s.filters()...)
}

// expand returns the public types that a type is written for.
func (s *Schema) expand(definition *ast.Definition) []*ast.Definition {
	if model := s.Model(definition.Name); model != nil {
		expanded := *definition
		expanded.Description = or(definition.Description, sentence(model.ProseArticle()))
		expanded.Fields = model.publicFields()
		types := append([]*ast.Definition{&expanded}, model.types()...)
		for _, list := range model.ManyToMany() {
			types = append(types, list.linkedTypes()...)
		}
		return append(types, s.filter(model))
	}
	expanded := *definition
	if s.isKept(definition.Name) {
		expanded.Description = or(definition.Description, sentence(withArticle(words(definition.Name))))
	}
	object := s.Object(definition.Name)
	switch {
	case s.isLibraryScalar(definition.Name):
		return []*ast.Definition{s.describedScalar(definition)}
	case object != nil:
		expanded.Fields = object.publicFields()
		return []*ast.Definition{&expanded, object.input()}
	case s.accounts != nil && definition.Name == "User":
		expanded.Fields = slices.Concat(s.User.publicFields(), s.User.ofAccounts(s.accounts.ofUser))
	case s.accounts != nil && definition.Name == "Mutation":
		expanded.Fields = slices.Concat(s.accounts.mutations, definition.Fields)
	}
	for _, resolver := range s.Resolvers() {
		if resolver.Type == definition.Name && resolver.isAdded() {
			expanded.Fields = append(expanded.Fields[:len(expanded.Fields):len(expanded.Fields)], resolver.definition())
		}
	}
	return []*ast.Definition{&expanded}
}

// publicFields returns the fields of the type User, each described.
func (u *User) publicFields() ast.FieldList {
	var fields ast.FieldList
	for _, definition := range u.definition.Fields {
		public := definition
		if own := u.Field(definition.Name); own != nil {
			public = own.public()
		}
		if u.Hides(definition.Name) {
			public = hidden(public, nullWhereHidden)
		}
		fields = append(fields, public)
	}
	return fields
}

// ofAccounts returns what accounts add to the type User, as this schema has it.
func (u *User) ofAccounts(added ast.FieldList) ast.FieldList {
	if !u.IsSeen() {
		return added
	}
	fields := make(ast.FieldList, len(added))
	for i, field := range added {
		fields[i] = hidden(field, nullOfOthers)
	}
	return fields
}

// publicFields returns an object's fields, each described.
func (o *Object) publicFields() ast.FieldList {
	var fields ast.FieldList
	for _, field := range o.Fields {
		fields = append(fields, field.public())
	}
	return fields
}

// needsDateTime tells whether schema.graphqls leaves out the scalar that accounts have.
func (s *Schema) needsDateTime() bool {
	return s.accounts != nil && s.document.Definitions.ForName("DateTime") == nil
}

// pageInfo returns Relay's PageInfo where schema.graphqls has it, for lists written by
// hand, or nil.
func (s *Schema) pageInfo() *ast.Definition {
	return s.document.Definitions.ForName(pageInfo.Name)
}

// Object returns the plain object that fields have of that name, or nil.
func (s *Schema) Object(name string) *Object {
	for _, object := range s.Objects {
		if object.Name == name {
			return object
		}
	}
	return nil
}

// isKept tells whether a model keeps values of that enum or plain object type.
func (s *Schema) isKept(name string) bool {
	return s.Object(name) != nil || slices.ContainsFunc(s.Enums, func(e *Enum) bool { return e.Name == name })
}

// publicFields returns a model's fields: its own, and those that @model adds.
func (m *Model) publicFields() ast.FieldList {
	id := *m.definition.Fields.ForName("id")
	id.Description = or(id.Description, "The global id.")
	fields := ast.FieldList{&id}
	for _, field := range m.Fields {
		fields = append(fields, field.public())
	}
	return append(fields, m.addedFields()...)
}

// addedFields returns the fields that @model adds.
func (m *Model) addedFields() ast.FieldList {
	prose := m.Prose()
	return ast.FieldList{
		field("owner", "User", m.describeOwnerField()),
		field("version", "Int!", "How many times the "+prose+" has been changed, from 1. Send it back as `expectedVersion` to refuse an update of stale data."),
		field("createdAt", "DateTime!", "When the "+prose+" was made."),
		field("updatedAt", "DateTime!", "When the "+prose+" was last changed."),
	}
}

// public returns the field as the public type has it. A parent may be null, because it
// may not be the caller's to read.
func (f *Field) public() *ast.FieldDefinition {
	public := *f.definition
	public.Description = f.describe()
	switch f.Kind {
	case KindBelongsTo:
		public.Type = typeOf(f.TypeName)
	case KindHasMany:
		public.Type = typeOf(f.TypeName + "Connection!")
		if f.Inverse != nil {
			public.Type = typeOf(f.resolver().connection() + "!")
			public.Arguments = listArguments(f.Target, f.order())
		}
	case KindManyToMany:
		public.Type = typeOf(f.ConnectionName() + "!")
		public.Arguments = listArguments(f.Target, nil)
	}
	if f.IsHidden() {
		nullable := *public.Type
		nullable.NonNull = false
		public.Type = &nullable
		public.Description += " " + nullWhereHidden
	}
	return &public
}

// describe returns the field's description, or a plain one.
func (f *Field) describe() string {
	var plain string
	switch f.Kind {
	case KindBelongsTo:
		if f.IsUser() {
			plain = fmt.Sprintf("The %s of the %s. Null where `node` would not give that user.", f.Prose(), f.Model.Prose())
			break
		}
		plain = fmt.Sprintf("The %s that the %s belongs to. Null where it may not be read.", f.Target.Prose(), f.Model.Prose())
		if f.Nullable {
			plain = fmt.Sprintf("The %s that the %s belongs to, if any. Null too where it may not be read.", f.Target.Prose(), f.Model.Prose())
		}
	case KindManyToMany:
		plain = fmt.Sprintf("The %s of the %s, in the order in which they were linked.", f.Target.ProsePlural(), f.Model.Prose())
	case KindHasMany:
		if f.Inverse != nil && f.Inverse.IsUser() {
			plain = fmt.Sprintf("The %s of which the user is the %s, in the order in which they were made.", f.Target.ProsePlural(), f.Inverse.Prose())
			break
		}
		plain = fmt.Sprintf("The %s that belong to the %s, in the order in which they were made.", f.Target.ProsePlural(), f.Model.Prose())
	default:
		plain = sentence("the " + f.Prose())
	}
	return or(f.Description, plain)
}

// types returns the types that a model expands into.
func (m *Model) types() []*ast.Definition {
	prose := m.Prose()
	listed := m.listed()
	types := []*ast.Definition{
		m.connection(m.Name+"Connection", m.isCountable()),
		object(m.Name+"Edge", sentence(m.ProseArticle()+" of a page"),
			field("cursor", "String!", "Its place in the list, for `after` and `before`."),
			field("node", m.Name+"!", sentence("the "+prose))),
		m.createInput(),
		object("Create"+m.Name+"Payload", "What `create"+m.Name+"` answers.",
			field(m.Singular(), m.Name+"!", sentence("the new "+prose)),
			field(m.Singular()+"Edge", m.Name+"Edge!", sentence("the new "+prose+listed)),
			repeated),
	}
	if m.HasUncounted() {
		types = slices.Insert(types, 1, m.connection(m.uncounted(), false))
	}
	if len(m.Updatable()) > 0 {
		types = append(types, m.updateInput(),
			object("Update"+m.Name+"Payload", "What `update"+m.Name+"` answers.",
				field(m.Singular(), m.Name+"!", sentence("the "+prose+" as it is after the change")),
				field(m.Singular()+"Edge", m.Name+"Edge!", sentence("the "+prose+listed)),
				repeated))
	}
	if len(m.Counters()) > 0 {
		types = append(types, m.increment())
	}
	types = append(types, m.deleteInput(),
		object("Delete"+m.Name+"Payload", "What `delete"+m.Name+"` answers.",
			field("deleted"+m.Name+"Id", "ID!", sentence("the global id of the "+prose+", for Relay's @deleteEdge and @deleteRecord")),
			field(m.Singular(), m.Name+"!", sentence("the "+prose+" as it was")),
			repeated))
	if m.IsTransferable() {
		types = append(types, m.transferTypes()...)
	}
	if m.Invitation != nil {
		types = append(types, m.acceptTypes()...)
	}
	for _, b := range m.BulkMutations() {
		types = append(types, b.types()...)
	}
	return types
}

// listed is how payloads describe an edge.
func (m *Model) listed() string {
	return " as an edge of any list in the order in which " + m.ProsePlural() + " were made, for Relay's @appendEdge and @prependEdge"
}

func (m *Model) connection(name string, isCounted bool) *ast.Definition {
	connection := object(name, sentence("a page of "+m.ProsePlural()),
		field("edges", "["+m.Name+"Edge!]!", sentence("the "+m.ProsePlural()+" of the page, each with its cursor")),
		field("pageInfo", "PageInfo!", "Where the page stands in the list."))
	if isCounted {
		connection.Fields = append(connection.Fields, field("totalCount", "Int",
			"How many there are on all pages, under the list's filter. Null where that would take too long to count, or where you may not read all of them."))
	}
	return connection
}

func (m *Model) createInput() *ast.Definition {
	input := object("Create"+m.Name+"Input", "What `create"+m.Name+"` makes "+m.ProseArticle()+" of.")
	input.Kind = ast.InputObject
	input.Fields = append(input.Fields, m.clientID())
	for _, f := range m.Creatable() {
		input.Fields = append(input.Fields, f.forCreate())
	}
	input.Fields = append(input.Fields, m.mutationID("Create"))
	return input
}

// mutationID is the clientMutationId of a mutation's input, which may be an element of that of several.
func (m *Model) mutationID(operation string) *ast.FieldDefinition {
	if !m.bulk {
		return anyText
	}
	return field(anyText.Name, "String", anyText.Description+" Within `"+BulkMutation{operation, m}.Field()+"` it is absent: that has one for all.")
}

// forCreate returns the field of the create input.
func (f *Field) forCreate() *ast.FieldDefinition {
	about := []string{f.describe()}
	if f.Kind == KindBelongsTo {
		about = []string{f.describeID()}
	}
	about = append(about, f.constraints()...)
	if f.isScalar("JSON") && f.Default != nil {
		about = append(about, sentence("`"+f.Default.Raw+"` where it is absent or null"))
	} else if f.Default != nil {
		about = append(about, sentence(f.prose(f.Default)+" where it is absent or null"))
	}
	if f.Immutable || f.Kind == KindBelongsTo && !f.updatable() {
		about = append(about, "It never changes.")
	}
	if f.HasRules() {
		about = append(about, "Give it, even as null, only where you may set it.")
	}
	return field(f.InputName(), f.inputType(!f.Optional()), strings.Join(about, " "))
}

// describeID says whose id a belongsTo is given by.
func (f *Field) describeID() string {
	switch {
	case f.Description != "":
		return f.Description + " Its global id."
	case f.IsUser():
		return fmt.Sprintf("The global id of the %s of the %s, a user whom you may see.", f.Prose(), f.Model.Prose())
	default:
		return fmt.Sprintf("The global id of the %s that the %s will belong to.", f.Target.Prose(), f.Model.Prose())
	}
}

// inputType is the field's type in an input.
func (f *Field) inputType(required bool) string {
	name := f.TypeName
	switch {
	case f.Kind == KindBelongsTo:
		name = "ID"
	case f.Kind == KindObject:
		name += "Input"
	}
	if f.List {
		name = "[" + name + "!]"
	}
	return name + mark(required)
}

func (f *Field) prose(value *ast.Value) string {
	return "`" + sdl.Literal(value) + "`"
}

// constraints says what @validate and @unique want, a sentence each.
func (f *Field) constraints() []string {
	limit := map[string]string{}
	for _, validation := range f.Validations {
		limit[validation.Type] = validation.Value
	}
	var about []string
	switch shortest, longest := limit["minLength"], limit["maxLength"]; {
	case shortest != "" && longest != "":
		about = append(about, fmt.Sprintf("%s to %s characters.", GoInteger(shortest), GoInteger(longest)))
	case shortest != "":
		about = append(about, fmt.Sprintf("At least %s.", characters(shortest)))
	case longest != "":
		about = append(about, fmt.Sprintf("At most %s.", characters(longest)))
	}
	for _, validation := range f.Validations {
		switch validation.Type {
		case "gt":
			about = append(about, "More than "+validation.limit()+".")
		case "gte":
			about = append(about, "At least "+validation.limit()+".")
		case "lt":
			about = append(about, "Less than "+validation.limit()+".")
		case "lte":
			about = append(about, "At most "+validation.limit()+".")
		case "matches":
			about = append(about, "It matches the regular expression `"+validation.Value+"`.")
		}
	}
	if f.Unique {
		about = append(about, sentence("no other "+f.Model.Prose()+" has it"))
	}
	return about
}

func characters(count string) string {
	if GoInteger(count) == "1" {
		return "1 character"
	}
	return GoInteger(count) + " characters"
}

func (m *Model) updateInput() *ast.Definition {
	input := object("Update"+m.Name+"Input", "What `update"+m.Name+"` changes. A field that is absent or null stays as it is.",
		field("id", "ID!", sentence("the global id of the "+m.Prose())))
	input.Kind = ast.InputObject
	for _, f := range m.Updatable() {
		if f.Nullable {
			input.Description = "What `update" + m.Name + "` changes. A field that is absent stays as it is, and so does one that is null, unless it says otherwise."
		}
		input.Fields = append(input.Fields, f.forUpdate())
	}
	if len(m.Counters()) > 0 {
		input.Fields = append(input.Fields, field(incrementName, m.IncrementName(), "What is added to numbers. None of these is set as well."))
	}
	input.Fields = append(input.Fields, m.expectedVersion("changed"), m.mutationID("Update"))
	return input
}

// forUpdate returns the field of the update input.
func (f *Field) forUpdate() *ast.FieldDefinition {
	about := append([]string{f.describe()}, f.constraints()...)
	if f.Kind == KindBelongsTo {
		about = []string{f.describeID()}
	}
	if f.Movable {
		about = append(about, "It takes whoever may change that, too.")
	}
	if f.Nullable {
		about = append(about, "Null clears it.")
	}
	if f.HasRules() {
		about = append(about, "Give it, even as null, only where you may change it.")
	}
	return field(f.InputName(), f.inputType(false), strings.Join(about, " "))
}

func (m *Model) deleteInput() *ast.Definition {
	input := object("Delete"+m.Name+"Input", "What `delete"+m.Name+"` deletes.",
		field("id", "ID!", sentence("the global id of the "+m.Prose())),
		m.expectedVersion("deleted"), anyText)
	input.Kind = ast.InputObject
	return input
}

func (m *Model) expectedVersion(done string) *ast.FieldDefinition {
	return field("expectedVersion", "Int", fmt.Sprintf("The `version` that the change is based on. Where the %s has another by now, nothing is %s and the error's code is CONFLICT.", m.Prose(), done))
}

// input returns the input of a plain object.
func (o *Object) input() *ast.Definition {
	input := object(o.Name+"Input", or(o.Description, sentence(withArticle(words(o.Name)))))
	input.Kind = ast.InputObject
	for _, f := range o.Stored() {
		input.Fields = append(input.Fields, field(f.Name, f.inputType(!f.Nullable), f.describe()))
	}
	return input
}

// definition returns the field of User, Query or Mutation.
func (r Resolver) definition() *ast.FieldDefinition {
	m := r.Model
	switch r.Kind {
	case ResolveUnique:
		unique := field(r.Field, m.Name, fmt.Sprintf("The %s with this %s. Null where there is none, and likewise where it may not be read.", m.Prose(), r.Unique.Prose()))
		unique.Arguments = ast.ArgumentDefinitionList{argument(r.Unique.Name, r.Unique.TypeName+"!", r.Unique.describe())}
		return unique
	case ResolveIndex:
		by := r.Index.Field
		list := field(r.Field, r.connection()+"!", fmt.Sprintf("The %s with this %s that may be read, %s.", m.ProsePlural(), by.Prose(), r.Index.order()))
		list.Arguments = append(ast.ArgumentDefinitionList{argument(by.Name, by.TypeName+"!", by.describe())}, listArguments(m, r.order())...)
		return list
	case ResolveTypeIndex:
		list := field(r.Field, r.connection()+"!", r.TypeIndex.describe())
		list.Arguments = append(r.TypeIndex.arguments(), listArguments(m, nil)...)
		return list
	case ResolveOwned:
		list := field(r.Field, r.connection()+"!", fmt.Sprintf("The %s that the user %s, in the order in which they were made.", m.ProsePlural(), m.owned()))
		list.Arguments = listArguments(m, r.order())
		return list
	case ResolveReceived:
		list := field(r.Field, r.connection()+"!", fmt.Sprintf("The open %s to the user's address, in the order in which they were sent: none before that is verified.", m.ProsePlural()))
		list.Arguments = listArguments(m, r.order())
		return list
	case ResolveAll:
		list := field(r.Field, r.connection()+"!", fmt.Sprintf("All %s that may be read, in the order in which they were made.", m.ProsePlural()))
		list.Arguments = listArguments(m, r.order())
		return list
	case ResolveCreate:
		return mutation(r, fmt.Sprintf("Makes %s. %s", m.ProseArticle(), m.describeOwner("its owner")), "What to make it of.")
	case ResolveUpdate:
		return mutation(r, fmt.Sprintf("Changes %s.", m.ProseArticle()), "What to change.")
	case ResolveTransfer:
		return mutation(r, m.describeTransfer(), "What to give to whom.")
	case ResolveAccept:
		return mutation(r, m.describeAccept(), "Which to accept.")
	case ResolveBulk:
		return mutation(r, r.Bulk.describe(), "Of which, and what.")
	default:
		return mutation(r, m.describeDelete(), "What to delete.")
	}
}

// describeOwner says whose a new object is: whose owner the user becomes is given.
func (m *Model) describeOwner(owner string) string {
	if m.Membership != nil {
		return "The member becomes " + owner + ", and nobody is given a role above one's own."
	}
	if m.Invitation != nil {
		return fmt.Sprintf("It is mailed to the address, and open for 7 days. Nobody invites to a role above their own. The signed-in user becomes %s.", owner)
	}
	text := "The signed-in user" + m.ifAny() + " becomes " + owner
	memberships := m.Memberships()
	switch {
	case len(memberships) == 0:
		return text + "."
	case memberships[0].Membership.Role == nil:
		return text + ", and its first member."
	}
	return text + ", and its first member, as " + memberships[0].Membership.Roles()[0] + "."
}

// ifAny is for models that callers make who are not signed in.
func (m *Model) ifAny() string {
	for _, rule := range m.Rules {
		if slices.Contains(rule.Operations, Create) && !slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.Allow != "public" && t.Where == nil }) {
			return ", if any,"
		}
	}
	return ""
}

// order says in which order an index lists.
func (i *Index) order() string {
	if i.SortField == "id" {
		return "in the order in which they were made"
	}
	return "in the order of `" + i.SortField + "`"
}

// describeDelete says what becomes of what belongs to an object.
func (m *Model) describeDelete() string {
	return sentence("deletes "+m.ProseArticle()) + m.describeGoing("it")
}

// describeGoing says what becomes of what belongs to what is deleted.
func (m *Model) describeGoing(it string) (about string) {
	var cascading, restricting []string
	for _, child := range m.Children {
		name := child.Model.ProsePlural()
		if slices.ContainsFunc(m.Children, func(other *Field) bool { return other != child && other.Model == child.Model }) {
			name += " by `" + child.Name + "`"
		}
		if child.OnDelete == Cascade {
			cascading = append(cascading, name)
		} else {
			restricting = append(restricting, name)
		}
	}
	if len(cascading) > 0 {
		about += fmt.Sprintf(" The %[1]s that belong to %[2]s go with %[2]s.", and(cascading), it)
	}
	if len(restricting) > 0 {
		stays := map[string]string{"it": "it, it stays", "them": "one of them, all stay"}[it]
		about += fmt.Sprintf(" While %s belong to %s, and the error's code is CONFLICT.", and(restricting), stays)
	}
	return about
}

func and(names []string) string {
	return strings.Replace(sdl.OneOf(names), " or ", " and ", 1)
}

func mutation(r Resolver, about, inputAbout string) *ast.FieldDefinition {
	name := UpperFirst(r.Field)
	f := field(r.Field, name+"Payload", about)
	f.Arguments = ast.ArgumentDefinitionList{argument("input", name+"Input!", inputAbout)}
	return f
}

// listArguments are those of a list of the model, which may have orders beside its own.
func listArguments(m *Model, order *Order) ast.ArgumentDefinitionList {
	arguments := pageArguments(m)
	if order != nil {
		by := argument("orderBy", order.Name, "Another order than the list's own, which `sortDirection` is of.")
		arguments = slices.Insert(arguments, 1, by)
	}
	return arguments
}

// pageArguments are those of every list of the model.
func pageArguments(m *Model) ast.ArgumentDefinitionList {
	direction := argument("sortDirection", "SortDirection", "Which end of the order is the beginning of the list.")
	direction.DefaultValue = &ast.Value{Raw: "ASC", Kind: ast.EnumValue}
	return ast.ArgumentDefinitionList{
		argument("filter", m.FilterName(), sentence("what the "+m.ProsePlural()+" must be, of at most 50 conditions, 5 levels deep; null is no filter")),
		argument("first", "Int", "How many to give from the beginning, or from `after` on: at most 100, and 20 where neither `first` nor `last` is given."),
		argument("after", "String", "A cursor: the page begins after it."),
		argument("last", "Int", "How many to give from the end, or from `before` backwards: at most 100."),
		argument("before", "String", "A cursor: the page ends before it."),
		direction,
	}
}

var (
	anyText  = field("clientMutationId", "String", "Any text of the client's; the payload repeats it.")
	repeated = field("clientMutationId", "String", "The input's `clientMutationId`.")

	pageInfo = object("PageInfo", "Where a page stands in its list.",
		field("hasNextPage", "Boolean!", "With `first`: whether the list goes on after the page."),
		field("hasPreviousPage", "Boolean!", "With `last`: whether the list goes on before the page."),
		field("startCursor", "String", "What to give as `before` for the page before this one. Null where there is nothing to give."),
		field("endCursor", "String", "What to give as `after` for the page after this one. Null where there is nothing to give."))

	sortDirection = &ast.Definition{
		Kind: ast.Enum, Name: "SortDirection",
		Description: "Which end of an order comes first.",
		EnumValues: ast.EnumValueList{
			{Name: "ASC", Description: "The least, or the oldest."},
			{Name: "DESC", Description: "The greatest, or the newest."},
		},
	}
)

// dateTime is the scalar of that name.
func dateTime() *ast.Definition {
	const specification = "https://www.rfc-editor.org/rfc/rfc3339"
	return &ast.Definition{
		Kind: ast.Scalar, Name: "DateTime",
		Description: "A moment in UTC to the millisecond, as RFC 3339 text: `2026-11-22T15:04:05.000Z`.",
		Directives: ast.DirectiveList{{Name: "specifiedBy", Arguments: ast.ArgumentList{
			{Name: "url", Value: &ast.Value{Kind: ast.StringValue, Raw: specification}},
		}}},
	}
}

func object(name, about string, fields ...*ast.FieldDefinition) *ast.Definition {
	return &ast.Definition{Kind: ast.Object, Name: name, Description: about, Fields: fields}
}

func field(name, typ, about string) *ast.FieldDefinition {
	return &ast.FieldDefinition{Name: name, Type: typeOf(typ), Description: about}
}

func argument(name, typ, about string) *ast.ArgumentDefinition {
	return &ast.ArgumentDefinition{Name: name, Type: typeOf(typ), Description: about}
}

// typeOf makes a type of its text.
func typeOf(text string) *ast.Type {
	name, nonNull := strings.CutSuffix(text, "!")
	if inner, isList := strings.CutPrefix(name, "["); isList {
		return &ast.Type{Elem: typeOf(strings.TrimSuffix(inner, "]")), NonNull: nonNull}
	}
	return &ast.Type{NamedType: name, NonNull: nonNull}
}

func or(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}
