package schema

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

// TypeIndex is an @index of a type: the objects whose fields have given values, in an order of
// several.
type TypeIndex struct {
	Model      *Model
	Fields     []IndexPart // none: it has all objects
	Sort       []IndexPart
	QueryField string // of Query or, where the owner is among the fields, of User; empty: none

	position *ast.Position
}

// IndexPart is what a TypeIndex finds objects by, or sorts them by.
type IndexPart struct {
	Field      *Field // nil: what every object has, by Name or by Path
	Path       Path   // to the ancestor whose id it is; none: it is no such
	Name       string // in the schema: that of Field, `owner`, or one of indexSorts
	Descending bool   // of a sort
}

// isOwner tells whether it is the object's owner.
func (p IndexPart) isOwner() bool { return p.Field == nil && p.Name == owner }

const owner = "owner"

// Attribute is what the table has of it.
func (p IndexPart) Attribute() string {
	switch {
	case p.isOwner():
		return "ownerId"
	case len(p.Path) > 0:
		return p.Path.Attribute()
	case p.Field == nil:
		return p.Name
	default:
		return p.Field.Attribute()
	}
}

// IsByOwner tells whether the index has the objects of one owner at a time.
func (i *TypeIndex) IsByOwner() bool { return slices.ContainsFunc(i.Fields, IndexPart.isOwner) }

// Keys are the attributes that are the index's keys, as model.Joined names them.
func (i *TypeIndex) Keys() (hash, sort string) {
	hash, sort = "by", "in"
	for _, part := range i.Fields {
		hash += "-" + part.Attribute()
	}
	if i.IsOfAll() {
		hash = hashOfAll
	}
	for _, part := range i.Sort {
		sort += "-" + part.Attribute()
		if part.Descending {
			sort += ".desc"
		}
	}
	if len(i.Sort) == 0 {
		sort = "id"
	}
	return hash, sort
}

// keys are both, as one text.
func (i *TypeIndex) keys() string {
	hash, sort := i.Keys()
	return hash + "-" + sort
}

// maxIndexName is how long DynamoDB lets the name of an index be.
const maxIndexName = 255

// Given are the fields whose values the list's arguments give.
func (i *TypeIndex) Given() []IndexPart {
	return slices.DeleteFunc(slices.Clone(i.Fields), IndexPart.isOwner)
}

// on is the type that has the list.
func (i *TypeIndex) on() string {
	if i.IsByOwner() {
		return "User"
	}
	return "Query"
}

// arguments are those by which the list is found. One that may be null finds what has none.
func (i *TypeIndex) arguments() (list ast.ArgumentDefinitionList) {
	for _, part := range i.Given() {
		about := part.Field.describe()
		if part.Field.Kind == KindBelongsTo {
			about = sentence("the global id of the " + part.Field.Target.Prose() + " that they belong to")
			if part.Field.IsUser() {
				about = sentence("the global id of their " + part.Field.Prose())
			}
		}
		mayBeNull := part.Field.Nullable && part.Field.Kind != KindBelongsTo // or it would tell whose is hidden
		if mayBeNull {
			about += " Null, or absent: those that have none."
		}
		list = append(list, argument(part.Field.InputName(), part.Field.inputType(!mayBeNull), about))
	}
	return list
}

func (i *TypeIndex) describe() string {
	var given []string
	for _, part := range i.Given() {
		given = append(given, "this "+part.Field.Prose())
	}
	about := "the " + i.Model.ProsePlural()
	if i.IsByOwner() {
		about += " that the user " + i.Model.owned()
	}
	if len(given) > 0 {
		about += " with " + and(given)
	}
	return sentence(about + " that may be read, " + inOrder(i.Sort))
}

// inOrder says in which order a list is.
func inOrder(sort []IndexPart) string {
	if len(sort) == 0 {
		return "in the order in which they were made"
	}
	var parts []string
	for _, part := range sort {
		text := "`" + part.Name + "`"
		if part.Descending {
			text += ", the greatest first"
		}
		parts = append(parts, text)
	}
	return "in the order of " + strings.Join(parts, ", then of ")
}

// maxIndexParts is how many fields an index may find objects by, and how many it may sort them by.
const maxIndexParts = 4

// joined returns the index of a field as one by owner, where nobody else may read an object: whoever
// lists passes over nobody's objects. nil: the index is of all objects.
func (i *Index) joined() *TypeIndex {
	model := i.Field.Model
	if !model.isOwnersAlone() {
		return nil
	}
	index := &TypeIndex{Model: model, Fields: []IndexPart{{Name: owner}, {Field: i.Field, Name: i.Field.Name}}}
	if i.SortField != "id" {
		index.Sort = []IndexPart{{Field: model.Field(i.SortField), Name: i.SortField}}
	}
	return index
}

// OwnerKeys are the attributes that are the keys of an index of a field, where that is by owner.
func (i *Index) OwnerKeys() (hash, sort string, isByOwner bool) {
	if index := i.joined(); index != nil {
		hash, sort = index.Keys()
		return hash, sort, true
	}
	return "", "", false
}

// JoinedIndexes returns the indexes whose keys model.Joined writes: that of all objects, those of the
// type, and those of its fields that are by owner.
func (m *Model) JoinedIndexes() []*TypeIndex {
	var all []*TypeIndex
	add := func(indexes ...*TypeIndex) {
		for _, index := range indexes {
			if !slices.ContainsFunc(all, func(other *TypeIndex) bool { return index.keys() == other.keys() }) {
				all = append(all, index)
			}
		}
	}
	if m.HasIndexOfAll() {
		add(&TypeIndex{Model: m})
	}
	for _, index := range m.TypeIndexes {
		if index.IsOfAll() && m.isMerged() {
			add(index.inParts()...)
		} else {
			add(index)
		}
	}
	for _, index := range m.Indexes() {
		if joined := index.joined(); joined != nil {
			add(joined)
		}
	}
	return all
}

// PlainIndexes returns the indexes whose keys are attributes of fields.
func (m *Model) PlainIndexes() []*Index {
	plain := slices.DeleteFunc(slices.Clone(m.Indexes()), func(i *Index) bool { return i.joined() != nil })
	if received := m.Received(); received != nil {
		plain = append(plain, received)
	}
	return plain
}

// readTypeIndexes reads a type's own @index directives.
func (r *reader) readTypeIndexes(model *Model) {
	for _, directive := range model.definition.Directives.ForNames("index") {
		if index := r.typeIndex(model, directive); index != nil {
			model.TypeIndexes = append(model.TypeIndexes, index)
		}
	}
}

func (r *reader) typeIndex(model *Model, directive *ast.Directive) *TypeIndex {
	index := &TypeIndex{Model: model, position: directive.Position}
	fields := directive.Arguments.ForName("fields")
	isGood := true
	switch {
	case fields != nil:
		isGood = r.indexParts(fields, func(value *ast.Value) bool {
			part, ok := r.indexField(model, value)
			index.Fields = append(index.Fields, part)
			return ok
		})
	case !model.IsListed:
		r.Report(directive.Position, `@index of a type names the fields that it finds objects by: write @index(fields: ["…"]), or, for an order of all objects, @model(list: true)`)
		return nil
	case directive.Arguments.ForName("sortKeyFields") == nil:
		r.Report(directive.Position, `@index of all objects names what it sorts by: write @index(sortKeyFields: ["…"])`)
		return nil
	case directive.Arguments.ForName("queryField") != nil:
		r.Report(directive.Position, "the list of all objects is Query.%s, whose orderBy has this order: remove queryField", model.Plural)
		return nil
	}
	if sort := directive.Arguments.ForName("sortKeyFields"); sort != nil {
		isGood = r.indexParts(sort, func(value *ast.Value) bool {
			part, ok := r.indexSort(model, index.Fields, value)
			index.Sort = append(index.Sort, part)
			return ok
		}) && isGood
	}
	if query, ok := r.text(directive, "queryField"); ok {
		if !isName(query) {
			r.Report(directive.Position, "%q is no name of a field: write letters and digits, beginning with a small letter, such as %q", query, index.usualQuery())
			return nil
		}
		index.QueryField = query
	}
	if !isGood {
		return nil
	}
	if model.isOwnersAlone() && !index.IsByOwner() {
		index.Fields = append([]IndexPart{{Name: owner}}, index.Fields...)
	}
	if name := index.keys(); len(name) > maxIndexName {
		r.Report(directive.Position, "DynamoDB lets the name of an index have %d letters, and this one's would have %d: use fewer fields, or fields of shorter names", maxIndexName, len(name))
		return nil
	}
	if slices.ContainsFunc(model.TypeIndexes, func(other *TypeIndex) bool { return other.keys() == index.keys() }) {
		r.Report(directive.Position, "%s has this @index already: remove one of the two", model.Name)
		return nil
	}
	hasSameOrder := func(other *TypeIndex) bool {
		hash, _ := index.Keys()
		otherHash, _ := other.Keys()
		return otherHash == hash && len(index.Sort) > 0 && other.OrderName() == index.OrderName()
	}
	if slices.ContainsFunc(model.TypeIndexes, hasSameOrder) {
		r.Report(directive.Position, "%s has another @index whose order is %s for clients, too: give one of the fields another name", model.Name, index.OrderName())
		return nil
	}
	return index
}

// usualQuery is the usual name of the list: `issuesByProjectAndStatus`.
func (i *TypeIndex) usualQuery() string {
	var names []string
	for _, part := range i.Given() {
		names = append(names, camel(part.Name))
	}
	return i.Model.Plural + "By" + strings.Join(names, "And")
}

// indexParts reads the fields that an argument names.
func (r *reader) indexParts(argument *ast.Argument, read func(*ast.Value) bool) bool {
	values := []*ast.Value{argument.Value}
	if argument.Value.Kind == ast.ListValue {
		values = nil
		for _, child := range argument.Value.Children {
			values = append(values, child.Value)
		}
	}
	if len(values) == 0 || len(values) > maxIndexParts {
		r.Report(argument.Position, "%s names 1 to %d fields: an index of more is of no use that a filter is not", argument.Name, maxIndexParts)
		return false
	}
	isGood := true
	for i, value := range values {
		switch {
		case value.Kind != ast.StringValue:
			r.Report(value.Position, "%s names fields in quotes: write %s: [%q]", argument.Name, argument.Name, value.Raw)
			isGood = false
		case slices.ContainsFunc(values[:i], func(other *ast.Value) bool { return indexed(other.Raw) == indexed(value.Raw) }):
			r.Report(value.Position, "%s is there twice: remove one of the two", indexed(value.Raw))
			isGood = false
		default:
			isGood = read(value) && isGood
		}
	}
	return isGood
}

// indexed returns the name of a field without its direction.
func indexed(text string) string {
	name, _, _ := strings.Cut(text, ":")
	return name
}

func (r *reader) indexField(model *Model, value *ast.Value) (IndexPart, bool) {
	name := value.Raw
	if name == owner {
		return IndexPart{Name: owner}, true
	}
	field := model.Field(name)
	switch {
	case field == nil || !field.Stored():
		r.Report(value.Position, "%s has no field %s that is kept: name one of its fields, or owner", model.Name, name)
	case field.List, field.Kind == KindObject, field.IsOpaque():
		r.Report(value.Position, "an @index finds no objects by %s, which has no one value: use a filter", name)
	case !slices.Contains(model.Filterable(), field):
		r.Report(value.Position, "an @index finds no objects by %s, which code of yours may show another way", name)
	case slices.Contains(parametersOfGqlgen, field.InputName()), field.InputName() == "orderBy", pageArguments(model).ForName(field.InputName()) != nil:
		r.Report(value.Position, "an @index finds no objects by %s, because its list has an argument of that name already: give the field another name", name)
	default:
		return IndexPart{Field: field, Name: name}, true
	}
	return IndexPart{}, false
}

func (r *reader) indexSort(model *Model, fields []IndexPart, value *ast.Value) (IndexPart, bool) {
	name, direction, hasDirection := strings.Cut(value.Raw, ":")
	field := model.Field(name)
	isCommon := field == nil && slices.Contains(indexSorts, name)
	switch {
	case hasDirection && direction != "asc" && direction != "desc":
		r.Report(value.Position, "%q is no direction: write %q or %q", direction, name+":asc", name+":desc")
	case !isCommon && (field == nil || !field.Stored()):
		r.Report(value.Position, "%s has no field %s that is kept: name one of its fields, or %s", model.Name, name, sdl.OneOf(indexSorts))
	case field != nil && (field.List || field.Kind == KindObject || field.Kind == KindBelongsTo || field.IsOpaque()):
		r.Report(value.Position, "an @index cannot sort by %s, which has no order: name a scalar or an enum", name)
	case field != nil && !slices.Contains(model.Filterable(), field):
		r.Report(value.Position, "an @index cannot sort by %s, which code of yours may show another way", name)
	case slices.ContainsFunc(fields, func(p IndexPart) bool { return p.Name == name }):
		r.Report(value.Position, "objects that have the same %s are not sorted by it: take it out of one of the two", name)
	default:
		return IndexPart{Field: field, Name: name, Descending: direction == "desc"}, true
	}
	return IndexPart{}, false
}

// isOwnersAlone tells whether nobody but its owner may read an object.
func (m *Model) isOwnersAlone() bool {
	for _, rule := range m.Rules {
		isOwners := slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.Allow == "owner" })
		if slices.Contains(rule.Operations, Read) && !isOwners {
			return false
		}
	}
	return !m.HasOwnRules()
}
