package schema

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/decimal"
	"github.com/ownql/ownql/internal/modelgen/sdl"
	"github.com/ownql/ownql/internal/rfc3339"
)

// This file reads what rules say of the fields of an object, in the words of filters.

// where is what a rule calls it, and what its Term allows.
const where = "where"

// Where is a condition of a rule on the object's own fields.
type Where struct {
	Op     string   // and, or and not, or what filters say of a field
	Parts  []*Where // of and, or and not
	Field  *Field   // of the rest
	Values []string // as text; of exists true or false
	IsNull bool     // the value is null

	value *ast.Value // as it is written; nil: of a part
}

// What a filter may be in the library.
const (
	maxWhereLevels     = 5
	maxWhereConditions = 50
	maxWhereValues     = 100
)

// Fields returns the fields that the condition is of, each once.
func (w *Where) Fields() (fields Fields) {
	if w.Field != nil {
		return Fields{w.Field}
	}
	for _, part := range w.Parts {
		for _, field := range part.Fields() {
			if !slices.Contains(fields, field) {
				fields = append(fields, field)
			}
		}
	}
	return fields
}

// Wheres returns the conditions on fields in the model's rules, and in those of its fields.
func (m *Model) Wheres() (all []*Where) {
	for _, rule := range m.everyRule() {
		for _, term := range rule.Terms {
			isSame := func(other *Where) bool { return other.String() == term.Where.String() }
			if term.Where != nil && !slices.ContainsFunc(all, isSame) {
				all = append(all, term.Where)
			}
		}
	}
	return all
}

// String is the condition as a rule has it.
func (w *Where) String() string { return w.value.String() }

// GoLiteral is the condition as model.Where takes it.
func (w *Where) GoLiteral() string { return goLiteral(w.value) }

func goLiteral(value *ast.Value) string {
	var parts []string
	switch value.Kind {
	case ast.ObjectValue:
		for _, child := range value.Children {
			parts = append(parts, strconv.Quote(child.Name)+": "+goLiteral(child.Value))
		}
		return "map[string]any{" + strings.Join(parts, ", ") + "}"
	case ast.ListValue:
		for _, child := range value.Children {
			parts = append(parts, goLiteral(child.Value))
		}
		return "[]any{" + strings.Join(parts, ", ") + "}"
	case ast.IntValue, ast.FloatValue, ast.BooleanValue:
		return value.Raw
	case ast.NullValue:
		return "nil"
	}
	return strconv.Quote(value.Raw)
}

// terms reads one condition, and beside it what it says of fields.
func (r *reader) terms(model *Model, value *ast.Value, besides ...string) ([]Term, bool) {
	said := value.Children.ForName(where)
	if said == nil {
		term, ok := r.term(model, value, besides...)
		return []Term{term}, ok
	}
	own, isGood := r.whereTerm(model, said)
	if len(value.Children) == 1 && len(besides) == 0 { // within and:, where another says to whom
		return []Term{own}, isGood
	}
	term, ok := r.term(model, value, append(besides, where)...)
	return []Term{term, own}, ok && isGood
}

// saysToWhom tells whether a rule does, and reports one that does not.
func (r *reader) saysToWhom(rule Rule, value *ast.Value) bool {
	if slices.ContainsFunc(rule.Terms, func(t Term) bool { return t.Where == nil }) {
		return true
	}
	r.Report(value.Position, "a rule says to whom beside where: add { allow: public }, or whom else it is for")
	return false
}

// whereTerm reads what a rule says of fields.
func (r *reader) whereTerm(model *Model, value *ast.Value) (Term, bool) {
	if model == r.schema.users {
		r.Report(value.Position, "a rule of a field of User is about who asks: remove where")
		return Term{}, false
	}
	w := whereReader{reader: r, model: model}
	read, ok := w.filter(value, 1)
	if !ok {
		return Term{}, false
	}
	read.value = value
	return Term{Allow: where, Where: read}, true
}

type whereReader struct {
	*reader
	model      *Model
	conditions int
}

// example is a where that the model may have.
func (r *whereReader) example() string {
	for _, field := range r.fields() {
		if field.Enum != nil && !field.List && len(field.Enum.Values) > 0 {
			return fmt.Sprintf("where: { %s: { eq: %s } }", field.Name, field.Enum.Values[0])
		}
	}
	for _, field := range r.fields() {
		return fmt.Sprintf("where: { %s: { %s: … } }", field.Name, operatorsInRules(field)[0])
	}
	return "where: { status: { eq: PUBLISHED } }, of a field that the type has"
}

// fields are those that a where may be of.
func (r *whereReader) fields() Fields {
	return r.model.Filterable().selected(func(f *Field) bool { return f.Kind != KindObject && !f.IsUser() })
}

// filter reads an object of fields, all of which must hold.
func (r *whereReader) filter(value *ast.Value, level int) (*Where, bool) {
	switch {
	case value.Kind != ast.ObjectValue:
		r.Report(value.Position, "where is a filter, and cannot be %s: write %s", value, r.example())
		return nil, false
	case len(value.Children) == 0:
		r.Report(value.Position, "where says nothing without a field: write %s, or remove it", r.example())
		return nil, false
	case level > maxWhereLevels:
		r.Report(value.Position, "a filter has at most %d levels: write it with fewer and:, or: and not:", maxWhereLevels)
		return nil, false
	}
	all, isGood := &Where{Op: "and"}, true
	for i, child := range value.Children {
		if isTwice(value.Children[:i], child.Name) {
			r.Report(child.Position, "%s is there twice: put both into and: [{ … }, { … }]", child.Name)
			isGood = false
			continue
		}
		part, ok := r.part(child, level)
		all.Parts = append(all.Parts, part)
		isGood = isGood && ok
	}
	return all.simplified(), isGood
}

// simplified leaves the brackets out of what is one thing.
func (w *Where) simplified() *Where {
	if len(w.Parts) == 1 {
		return w.Parts[0]
	}
	return w
}

func isTwice(earlier ast.ChildValueList, name string) bool {
	return slices.ContainsFunc(earlier, func(other *ast.ChildValue) bool { return other.Name == name })
}

func (r *whereReader) part(child *ast.ChildValue, level int) (*Where, bool) {
	switch child.Name {
	case "not":
		inner, ok := r.filter(child.Value, level+1)
		return &Where{Op: "not", Parts: []*Where{inner}}, ok
	case "and", "or":
		if child.Value.Kind != ast.ListValue || len(child.Value.Children) == 0 {
			r.Report(child.Position, "%s: is a list of filters: write %[1]s: [{ … }, { … }]", child.Name)
			return nil, false
		}
		several, isGood := &Where{Op: child.Name}, true
		for _, each := range child.Value.Children {
			part, ok := r.filter(each.Value, level+1)
			several.Parts = append(several.Parts, part)
			isGood = isGood && ok
		}
		return several, isGood
	}
	field := r.model.Field(child.Name)
	if problem := r.refusal(child.Name, field); problem != "" {
		r.Report(child.Position, "%s", problem)
		return nil, false
	}
	return r.field(field, child)
}

// refusal says why a where cannot be of a field; empty: it can.
func (r *whereReader) refusal(name string, field *Field) string {
	known := make([]string, 0)
	for _, other := range r.fields() {
		known = append(known, other.Name)
	}
	instead := "add one that says it"
	if len(known) > 0 {
		instead = "write " + sdl.OneOf(known)
	}
	switch {
	case name == owner:
		return "who owns an object is no where: write allow: owner"
	case name == "id":
		return "a rule is of all objects of a type, and not of one: " + instead
	case slices.Contains(added, name):
		return fmt.Sprintf("%s is what the server keeps of each write, which no rule asks for: %s", name, instead)
	case field == nil:
		if nearest := sdl.Nearest(name, known); nearest != "" {
			instead = "write " + nearest
		}
		return fmt.Sprintf("%s has no field %s: %s", r.model.Name, name, instead)
	case field.Kind == KindHasMany, field.Kind == KindManyToMany:
		return fmt.Sprintf("%s lists other objects, which not everybody may read: a where is of what the %s has itself: %s", name, r.model.Prose(), instead)
	case field.Kind == KindComputed:
		return fmt.Sprintf("%s is answered by hand, and not kept: %s", name, instead)
	case field.IsUser():
		return fmt.Sprintf("%s is a user, whom not everybody may see: a where is of what the %s has itself: %s", name, r.model.Prose(), instead)
	case field.Kind == KindObject:
		return fmt.Sprintf("%s is an object of fields of its own: move what the rule asks for into a field of %s", name, r.model.Name)
	case !slices.Contains(r.model.Filterable(), field):
		return fmt.Sprintf("%s is answered, or guarded, by code of the project, so that no filter has it: %s", name, instead)
	}
	return ""
}

// operatorsInRules returns the words that a where has of a field: which parent an object has, no rule says.
func operatorsInRules(f *Field) []string {
	if f.Kind == KindBelongsTo {
		return []string{"exists"}
	}
	return f.operators()
}

// field reads what is said of a field, all of which must hold.
func (r *whereReader) field(field *Field, child *ast.ChildValue) (*Where, bool) {
	words, value := operatorsInRules(field), child.Value
	if value.Kind != ast.ObjectValue || len(value.Children) == 0 {
		r.Report(child.Position, "%s is to be something: write %[1]s: { %s: … }", field.Name, words[0])
		return nil, false
	}
	all, isGood := &Where{Op: "and"}, true
	for i, said := range value.Children {
		if r.conditions++; r.conditions > maxWhereConditions {
			r.Report(said.Position, "a filter has at most %d conditions: write fewer", maxWhereConditions)
			return nil, false
		}
		ok := false
		switch {
		case isTwice(value.Children[:i], said.Name):
			r.Report(said.Position, "%s is there twice: remove one of the two", said.Name)
		case !slices.Contains(words, said.Name):
			r.Report(said.Position, "a filter by %s knows no %s: write %s", field.Name, said.Name, sdl.OneOf(words))
		default:
			part := &Where{Op: said.Name, Field: field}
			ok = r.values(part, said.Value)
			all.Parts = append(all.Parts, part)
		}
		isGood = isGood && ok
	}
	return all.simplified(), isGood
}

// values reads what a field is compared with.
func (r *whereReader) values(part *Where, value *ast.Value) bool {
	field := part.Field
	if value.Kind == ast.NullValue || part.Op == "exists" {
		return r.existence(part, value)
	}
	list := []*ast.Value{value}
	switch part.Op {
	case "in", "between":
		if value.Kind != ast.ListValue || len(value.Children) == 0 {
			r.Report(value.Position, "%s is a list of values: write %[1]s: […, …]", part.Op)
			return false
		}
		list = nil
		for _, child := range value.Children {
			list = append(list, child.Value)
		}
		if part.Op == "between" && len(list) != 2 {
			r.Report(value.Position, "between has two values, the least and the greatest: write between: […, …]")
			return false
		}
		if len(list) > maxWhereValues {
			r.Report(value.Position, "in has at most %d values: write fewer", maxWhereValues)
			return false
		}
	}
	for _, each := range list {
		if wants := field.wants(each); wants != "" {
			r.Report(each.Position, "%s cannot be %s: write %s", field.Name, each, wants)
			return false
		}
		if part.Op == "in" && slices.ContainsFunc(part.Values, func(other string) bool { return field.Compare(other, each.Raw) == 0 }) {
			r.Report(each.Position, "%s is there twice: remove one of the two", each)
			return false
		}
		if each.Raw == "" && (part.Op == "beginsWith" || part.Op == "contains" && !field.List) {
			r.Report(each.Position, "all text has %q: write what it is to have, or remove %s", "", part.Op)
			return false
		}
		switch {
		case field.IsDecimal():
			each.Kind = ast.StringValue // numbers lose digits on the way
		case field.TypeName == "Float" && each.Kind == ast.IntValue:
			each.Kind, each.Raw = ast.FloatValue, each.Raw+".0" // or Go takes it for an int, which may be too small
		}
		part.Values = append(part.Values, each.Raw)
	}
	if part.Op == "between" && field.Compare(part.Values[0], part.Values[1]) > 0 {
		r.Report(value.Position, "nothing is between %s: write the least first", value)
		return false
	}
	return true
}

// existence reads whether a field is to be null.
func (r *whereReader) existence(part *Where, value *ast.Value) bool {
	field := part.Field
	switch {
	case part.Op != "exists" && part.Op != "eq" && part.Op != "ne":
		r.Report(value.Position, "nothing is compared with null: write %s: { exists: false }", field.Name)
	case part.Op == "exists" && value.Kind != ast.BooleanValue:
		r.Report(value.Position, "exists cannot be %s: write true or false", value)
	case !field.Nullable:
		r.Report(value.Position, "%s is never null, so that this says nothing: remove it", field.Name)
	default:
		part.IsNull, part.Values = value.Kind == ast.NullValue, nil
		if part.Op == "exists" {
			part.Values = []string{value.Raw}
		}
		return true
	}
	return false
}

// wants says what to write where a value is none of the field's type, or of its elements'; empty: it is one.
func (f *Field) wants(value *ast.Value) string {
	isText := value.Kind == ast.StringValue || value.Kind == ast.BlockValue
	isNumber := value.Kind == ast.IntValue || value.Kind == ast.FloatValue && f.TypeName != "Int"
	switch {
	case f.Enum != nil && isText && slices.Contains(f.Enum.Values, value.Raw):
		return value.Raw + " without quotes"
	case f.Enum != nil && value.Kind != ast.EnumValue:
		return sdl.OneOf(f.Enum.Values)
	case f.Enum != nil:
	case f.TypeName == "Boolean" && value.Kind != ast.BooleanValue:
		return "true or false"
	case f.TypeName == "Int" && value.Kind != ast.IntValue:
		return "a whole number of 32 bits"
	case f.TypeName == "Float" && !isNumber:
		return "a number"
	case f.IsDecimal() && !isNumber && !isText:
		return `a number, such as "12.5"`
	case !f.IsNumber() && f.TypeName != "Boolean" && !isText:
		return "text in quotes"
	}
	_, wants := defaultKind(f, value.Raw)
	return wants
}

// Compare orders two values of the field's type, or of its elements', as text: less than 0 where a comes first.
func (f *Field) Compare(a, b string) int {
	switch {
	case f.IsDecimal():
		x, _ := decimal.Parse(a) // was parsed before
		y, _ := decimal.Parse(b)
		return x.Cmp(y)
	case f.IsNumber():
		x, _ := new(big.Rat).SetString(a) // was parsed before
		y, _ := new(big.Rat).SetString(b)
		return x.Cmp(y)
	case f.isScalar("DateTime"):
		x, _ := rfc3339.Parse(a) // was parsed before
		y, _ := rfc3339.Parse(b)
		return x.Compare(y)
	}
	return strings.Compare(a, b)
}

// equalities returns the fields of which the condition says nothing but that each has one value. It is not ok
// where it says more.
func (w *Where) equalities() (fields Fields, ok bool) {
	switch w.Op {
	case "and":
		for _, part := range w.Parts {
			of, ok := part.equalities()
			if !ok {
				return nil, false
			}
			fields = append(fields, of...)
		}
		return fields, true
	case "eq", "in":
		return Fields{w.Field}, w.Op == "eq" || len(w.Values) == 1
	case "exists":
		return Fields{w.Field}, w.Values[0] == "false" && w.Field.Kind != KindBelongsTo
	}
	return nil, false
}

// isCountedBy tells whether an index, or the list's own key, has just what the condition holds for.
func (r Resolver) isCountedBy(w *Where) bool {
	fields, ok := w.equalities()
	if !ok {
		return false
	}
	own := r.keyFields()
	has := func(f *Field) func(IndexPart) bool { return func(part IndexPart) bool { return part.Field == f } }
	isOfOwn := func(f *Field) bool { return slices.ContainsFunc(own, has(f)) }
	if !slices.ContainsFunc(fields, func(f *Field) bool { return !isOfOwn(f) }) {
		return true
	}
	if r.Kind == ResolveTypeIndex {
		return false
	}
	return slices.ContainsFunc(r.Model.TypeIndexes, func(index *TypeIndex) bool {
		isBound := func(part IndexPart) bool {
			return slices.Contains(fields, part.Field) && part.Field != nil || slices.ContainsFunc(own, func(o IndexPart) bool { return o.Field == part.Field && o.isOwner() == part.isOwner() })
		}
		lacks := func(f *Field) bool { return !isOfOwn(f) && !slices.ContainsFunc(index.Fields, has(f)) }
		hasOwn := len(own) == 0 || slices.ContainsFunc(index.Fields, func(part IndexPart) bool { return part.Field == own[0].Field && part.isOwner() == own[0].isOwner() })
		return hasOwn && !slices.ContainsFunc(fields, lacks) && !slices.ContainsFunc(index.Fields, func(part IndexPart) bool { return !isBound(part) })
	})
}

// keyFields returns what all objects of a list have in common by its own key.
func (r Resolver) keyFields() []IndexPart {
	switch r.Kind {
	case ResolveChildren:
		return []IndexPart{{Field: r.Relation, Name: r.Relation.Name}}
	case ResolveOwned:
		return []IndexPart{{Name: owner}}
	case ResolveIndex:
		return []IndexPart{{Field: r.Index.Field, Name: r.Index.Field.Name}}
	case ResolveTypeIndex:
		return r.TypeIndex.Fields
	}
	return nil
}
