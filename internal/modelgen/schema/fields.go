package schema

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/decimal"
	"github.com/ownql/ownql/internal/jsontext"
	"github.com/ownql/ownql/internal/modelgen/sdl"
	"github.com/ownql/ownql/internal/rfc3339"
)

// field reads a field of a model.
func (r *reader) field(model *Model, definition *ast.FieldDefinition) *Field {
	field := shapeOf(definition)
	field.Model = model
	related := slices.ContainsFunc([]string{"hasMany", "manyToMany", "belongsTo"}, func(name string) bool { return field.directive(name) != nil })
	if field.directive("computed") != nil || !related && r.isComputed(model.Name, field) {
		field.Kind = KindComputed
		r.refuseDirectives(definition, "a field that is answered by hand", "computed", "auth")
		return field
	}
	r.readType(field)
	r.readValue(field)
	return field
}

// isComputed tells whether code of the project answers a field, which is not kept then: it says
// so, or it has arguments, or the type has a method of that name.
func (r *reader) isComputed(typeName string, field *Field) bool {
	return field.directive("computed") != nil || len(field.definition.Arguments) > 0 ||
		r.schema.byHand.declares(GoTypeName(typeName)+"."+field.GoName())
}

// shapeOf reads what a field is called, and whether it is a list or nullable.
func shapeOf(definition *ast.FieldDefinition) *Field {
	return &Field{
		Name:        definition.Name,
		Description: definition.Description,
		TypeName:    definition.Type.Name(),
		List:        definition.Type.Elem != nil,
		Nullable:    !definition.Type.NonNull,
		definition:  definition,
	}
}

func (f *Field) position() *ast.Position { return f.definition.Position }

func (f *Field) directive(name string) *ast.Directive { return f.definition.Directives.ForName(name) }

// readType finds out what a model's field is made of.
func (r *reader) readType(field *Field) {
	target := r.schema.Model(field.TypeName)
	hasMany, belongsTo, manyToMany := field.directive("hasMany"), field.directive("belongsTo"), field.directive("manyToMany")
	switch {
	case manyToMany != nil && (hasMany != nil || belongsTo != nil):
		r.Report(manyToMany.Position, "%s cannot have @manyToMany beside another relation: keep one", field.Name)
		field.Kind = KindComputed
	case hasMany != nil && belongsTo != nil:
		r.Report(hasMany.Position, "%s cannot have both @hasMany and @belongsTo: keep @hasMany on the list, @belongsTo on the single object", field.Name)
		field.Kind = KindComputed
	case hasMany != nil:
		r.readHasMany(field, hasMany, target)
	case manyToMany != nil:
		r.readManyToMany(field, manyToMany, target)
	case belongsTo != nil:
		r.readBelongsTo(field, belongsTo, target)
	case target != nil && field.List:
		r.Report(field.position(), "%s is a list of the @model %s: add @hasMany, or @manyToMany", field.Name, target.Name)
		field.Kind = KindComputed
	case target != nil:
		r.Report(field.position(), "%s is an object of the @model %s: add @belongsTo", field.Name, target.Name)
		field.Kind = KindComputed
	default:
		r.readKept(field, field.Model.Name, nil)
	}
}

// readHasMany reads a list of children.
func (r *reader) readHasMany(field *Field, directive *ast.Directive, target *Model) {
	field.Kind, field.Target = KindHasMany, target
	switch {
	case target == nil:
		r.Report(directive.Position, "%s is no type with @model, so nothing belongs to %s: add @model to it, or remove @hasMany", field.TypeName, field.Model.Name)
		field.Kind = KindComputed
	case field.definition.Type.String() != "["+target.Name+"!]!":
		r.Report(field.position(), "a field with @hasMany is a list without nulls: write %s: [%s!]! @hasMany", field.Name, target.Name)
	case len(field.definition.Arguments) > 0:
		r.Report(field.position(), "a field with @hasMany gets its arguments from modelgen: write %s: [%s!]! @hasMany", field.Name, target.Name)
	}
	r.refuseDirectives(field.definition, "a list of children", "hasMany")
}

// readBelongsTo reads a parent.
func (r *reader) readBelongsTo(field *Field, directive *ast.Directive, target *Model) {
	if target == nil && field.TypeName == "User" {
		target = r.schema.users
	}
	field.Kind, field.Target = KindBelongsTo, target
	r.readOnDelete(field, directive)
	r.readMovable(field, directive)
	switch {
	case field.List:
		r.Report(field.position(), "a field with @belongsTo is one object, not a list: write %s: %s! @belongsTo, or @hasMany", field.Name, field.TypeName)
		field.Kind = KindComputed
	case target == nil:
		r.Report(directive.Position, "%s is no type with @model: add @model to it, or remove @belongsTo", field.TypeName)
		field.Kind = KindComputed
	case target == field.Model && !field.Nullable:
		r.Report(field.position(), "the first %s could never be made, because it would have to belong to another: write %s: %s @belongsTo", target.Name, field.Name, target.Name)
	}
	if immutable := field.directive("immutable"); immutable != nil && field.IsUser() {
		field.Immutable = true
	} else if immutable != nil {
		r.Report(immutable.Position, "a belongsTo never changes, unless it is movable: remove @immutable")
	}
	if renamed := field.directive("renamed"); renamed != nil {
		r.Report(renamed.Position, "a relation cannot be @renamed, since what is listed and deleted with its object is found under one name: give it the name that it had")
	}
	r.refuseDirectives(field.definition, "a parent", "belongsTo", "immutable", "renamed", "auth")
}

// readOnDelete reads what becomes of an object when its parent is deleted. Nobody can be kept from
// leaving, so that nothing holds a user.
func (r *reader) readOnDelete(field *Field, directive *ast.Directive) {
	may := []OnDelete{Restrict, Cascade}
	switch {
	case field.IsUser() && field.Nullable:
		may = []OnDelete{SetNull, Cascade}
	case field.IsUser():
		may = []OnDelete{Cascade}
	}
	field.OnDelete = may[0]
	argument := directive.Arguments.ForName("onDelete")
	if argument == nil {
		return
	}
	word, ok := r.word(argument.Value, "onDelete", []string{string(Cascade), string(Restrict), string(SetNull)})
	switch is := OnDelete(word); {
	case !ok:
	case slices.Contains(may, is):
		field.OnDelete = is
	case is == Restrict:
		r.Report(argument.Value.Position, "RESTRICT would keep users from deleting their accounts: write onDelete: %s", may[0])
	case field.IsUser():
		r.Report(argument.Value.Position, "SET_NULL needs a field that may be null: write %s: User @belongsTo, or onDelete: CASCADE", field.Name)
	default:
		r.Report(argument.Value.Position, "SET_NULL is for a @belongsTo of User: write onDelete: CASCADE, or onDelete: RESTRICT")
	}
}

// readKept reads a field that is kept as it is: a scalar, an enum, a plain object, or
// a list of them. within names the objects around the field, outermost first.
func (r *reader) readKept(field *Field, owner string, within []string) {
	typ := field.definition.Type
	definition := r.types[field.TypeName]
	switch {
	case typ.Elem != nil && typ.Elem.Elem != nil:
		r.Report(field.position(), "%s is a list of lists, which cannot be kept: put the inner list into a type of its own", field.Name)
		return
	case typ.Elem != nil && !typ.Elem.NonNull:
		r.Report(field.position(), "a list that is kept has no nulls in it: write %s: [%s!]%s", field.Name, field.TypeName, mark(typ.NonNull))
		return
	}
	switch {
	case r.schema.isLibraryScalar(field.TypeName), LibraryScalars[field.TypeName] == "" && slices.Contains(scalars, field.TypeName):
		field.Kind = KindScalar
	case definition == nil: // GraphQL's own rules report it
	case definition.Kind == ast.Enum:
		field.Kind, field.Enum = KindEnum, r.keepEnum(definition)
	case definition.Kind == ast.Scalar && r.isCustomScalar(field.TypeName):
		field.Kind, field.IsCustom = KindScalar, true
	case definition.Kind == ast.Scalar && r.schema.byHand.bound[field.TypeName]:
		r.Report(field.position(), "the scalar %s cannot be kept, because gqlgen.yml binds it: have its Go type in package store, with MarshalGQL and UnmarshalGQL, and take it out of there", field.TypeName)
	case definition.Kind == ast.Scalar:
		r.Report(field.position(), "the scalar %s cannot be kept: write %s, or have the Go type %s in package store, with MarshalGQL and UnmarshalGQL", field.TypeName, sdl.OneOf(scalars), GoTypeName(field.TypeName))
	case definition.Kind == ast.Interface, definition.Kind == ast.Union:
		r.Report(field.position(), "%s is of no one type, so it cannot be kept: write a type with @model and @belongsTo, or a plain object type", field.TypeName)
	case definition.Kind == ast.Object && r.isPlain(definition):
		field.Kind = KindObject
		r.keepObject(field, definition, within)
	case definition.Kind == ast.Object:
		r.Report(field.position(), "%s cannot be kept within %s: write a type with @model and @belongsTo, or a plain object type, which implements nothing", field.TypeName, owner)
	}
}

func mark(nonNull bool) string {
	if nonNull {
		return "!"
	}
	return ""
}

func (r *reader) isPlain(definition *ast.Definition) bool {
	return len(definition.Interfaces) == 0 && definition.Directives.ForName("model") == nil &&
		!slices.Contains([]string{"Query", "Mutation", "Subscription"}, definition.Name)
}

func (r *reader) keepEnum(definition *ast.Definition) *Enum {
	for _, enum := range r.schema.Enums {
		if enum.Name == definition.Name {
			return enum
		}
	}
	enum := &Enum{Name: definition.Name, Description: definition.Description}
	for _, value := range definition.EnumValues {
		enum.Values = append(enum.Values, value.Name)
	}
	if len(enum.Values) == 0 {
		r.Report(definition.Position, "the enum %s has no values: write enum %[1]s { A B }, with values of your own", enum.Name)
	}
	r.schema.Enums = append(r.schema.Enums, enum)
	return enum
}

func (r *reader) keepObject(field *Field, definition *ast.Definition, within []string) {
	if slices.Contains(within, definition.Name) && !field.List && !field.Nullable {
		r.Report(field.position(), "%s would contain itself without end: write %s: %s", definition.Name, field.Name, definition.Name)
		return
	}
	if i := slices.IndexFunc(r.schema.Objects, func(o *Object) bool { return o.Name == definition.Name }); i >= 0 {
		field.Object = r.schema.Objects[i]
		return
	}
	object := &Object{Name: definition.Name, Description: definition.Description, abstract: r.abstract(definition), definition: definition}
	field.Object = object
	r.schema.Objects = append(r.schema.Objects, object)
	within = append(slices.Clone(within), definition.Name)
	for _, definition := range definition.Fields {
		inner := shapeOf(definition)
		object.Fields = append(object.Fields, inner)
		switch target := r.schema.Model(inner.TypeName); {
		case inner.directive("computed") != nil, len(definition.Arguments) == 0 && r.isComputed(object.Name, inner):
			inner.Kind = KindComputed
		case len(definition.Arguments) > 0:
			r.Report(definition.Position, "a field of a type that is kept within another has no arguments: remove them, or add @computed")
		case target != nil:
			r.Report(definition.Position, "%s is a @model, which a plain object cannot hold: keep its id as ID", target.Name)
		default:
			r.readKept(inner, object.Name, within)
		}
		r.refuseDirectives(definition, "a field of a plain object", "computed")
	}
}

// readValue reads what is said of a field's value: @default, @validate, @unique, @immutable
// and @renamed.
func (r *reader) readValue(field *Field) {
	if !field.Stored() || field.Kind == KindBelongsTo {
		return
	}
	field.Immutable = field.directive("immutable") != nil
	r.readReadOnly(field)
	r.readRenamed(field)
	r.readDefault(field)
	r.readUnique(field)
	for _, directive := range field.definition.Directives.ForNames("validate") {
		r.readValidation(field, directive)
	}
	if field.Default == nil {
		return
	}
	for _, validation := range field.Validations {
		if !validation.Holds(field.Default.Raw) {
			r.Report(field.directive("default").Position, "the @default %q is not valid by the field's own @validate(type: %s, value: %q): change one of the two", field.Default.Raw, validation.Type, validation.Value)
		}
	}
}

// Holds tells whether a value, given as text, is valid.
func (v Validation) Holds(value string) bool {
	if v.Type == "matches" {
		return regexp.MustCompile(v.Value).MatchString(value) // was compiled before
	}
	if v.isDecimal {
		return v.holdsExactly(value)
	}
	limit, _ := strconv.ParseFloat(v.Value, 64) // was parsed before
	number, _ := strconv.ParseFloat(value, 64)
	length := float64(utf8.RuneCountInString(value))
	switch v.Type {
	case "minLength":
		return length >= limit
	case "maxLength":
		return length <= limit
	case "gt":
		return number > limit
	case "gte":
		return number >= limit
	case "lt":
		return number < limit
	default:
		return number <= limit
	}
}

// limit returns the number as Go writes it.
func (v Validation) limit() string {
	if !v.isDecimal {
		return GoFloat(v.Value)
	}
	number, _ := decimal.Parse(v.Value) // was parsed before
	return number.String()
}

// holdsExactly is Holds for a Decimal.
func (v Validation) holdsExactly(value string) bool {
	limit, _ := decimal.Parse(v.Value) // was parsed before
	number, err := decimal.Parse(value)
	order := number.Cmp(limit)
	switch {
	case err != nil:
		return false
	case v.Type == "gt":
		return order > 0
	case v.Type == "gte":
		return order >= 0
	case v.Type == "lt":
		return order < 0
	default:
		return order <= 0
	}
}

// readReadOnly reads @readOnly. Who makes an object does not give such a field.
func (r *reader) readReadOnly(field *Field) {
	directive := field.directive("readOnly")
	if directive == nil {
		return
	}
	field.ReadOnly = true
	switch {
	case field.Immutable:
		r.Report(field.directive("immutable").Position, "a field with @readOnly is in no input anyway: remove @immutable")
	case field.Model != nil && !field.Nullable && !field.List && field.directive("default") == nil:
		r.Report(directive.Position, "no input gives a field with @readOnly, so it needs a value without: write %s: %s, or add @default", field.Name, field.TypeName)
	}
}

func (r *reader) readUnique(field *Field) {
	directive := field.directive("unique")
	if directive == nil {
		return
	}
	if fields := directive.Arguments.ForName("fields"); fields != nil {
		r.Report(fields.Position, "a field is @unique by itself: remove fields, or write @unique(fields: …) on the type")
		return
	}
	mayBe := field.Kind == KindEnum || slices.Contains([]string{"String", "ID", "Int"}, field.TypeName)
	switch {
	case !mayBe || field.List:
		r.Report(directive.Position, "%s cannot be @unique: only a String, an ID, an Int or an enum can", field.definition.Type)
	case slices.Contains(parametersOfGqlgen, field.Name):
		r.Report(directive.Position, "%s cannot be @unique, because gqlgen gives a resolver a parameter of that name: give the field another name", field.Name)
	case field.directive("default") != nil:
		r.Report(directive.Position, "two objects with the @default would not be @unique: remove one of the two")
	default:
		field.Unique = true
	}
}

func (r *reader) readDefault(field *Field) {
	directive := field.directive("default")
	if directive == nil {
		return
	}
	value, ok := r.text(directive, "value")
	switch {
	case directive.Arguments.ForName("value") == nil:
		r.Report(directive.Position, "@default has no value: write @default(value: %q)", exampleOf(field))
	case !ok:
	case field.List || field.Kind == KindObject || field.IsCustom:
		r.Report(directive.Position, "%s has no @default: make the field nullable", field.definition.Type)
	case field.Nullable:
		r.Report(directive.Position, "a field with @default is never null: write %s: %s!", field.Name, field.TypeName)
	default:
		kind, wants := defaultKind(field, value)
		if wants != "" {
			r.Report(directive.Position, "%q is no %s: write %s", value, field.TypeName, wants)
			return
		}
		field.Default = &ast.Value{Raw: value, Kind: kind}
	}
}

func exampleOf(field *Field) string {
	switch {
	case field.Enum != nil && len(field.Enum.Values) > 0:
		return field.Enum.Values[0]
	case field.TypeName == "Boolean":
		return "false"
	case field.IsNumber():
		return "0"
	case field.isScalar("JSON"):
		return "{}"
	default:
		return "…"
	}
}

// defaultKind returns the kind of a default, or what to write instead.
func defaultKind(field *Field, value string) (kind ast.ValueKind, wants string) {
	var err error
	switch {
	case field.Enum != nil:
		if !slices.Contains(field.Enum.Values, value) {
			wants = sdl.OneOf(field.Enum.Values)
		}
		return ast.EnumValue, wants
	case field.TypeName == "Int":
		kind, wants = ast.IntValue, "a whole number of 32 bits"
		_, err = strconv.ParseInt(value, 10, 32)
	case field.TypeName == "Float":
		return ast.FloatValue, wantsFloat(value)
	case field.TypeName == "Boolean":
		kind, wants = ast.BooleanValue, "true or false"
		if value != "true" && value != "false" {
			return kind, wants
		}
	case field.isScalar("Date"):
		kind, wants = ast.StringValue, "a day, such as 2026-11-28"
		_, err = rfc3339.ParseDate(value)
	case field.isScalar("Decimal"):
		return ast.StringValue, wantsDecimal(value)
	case field.isScalar("JSON"):
		kind, wants = ast.StringValue, "JSON that is not null, of at most 100 KB and 64 levels"
		if text, wrong := jsontext.Parse(value); wrong != nil || text == "null" {
			return kind, wants
		}
	case field.TypeName == "DateTime":
		kind, wants = ast.StringValue, "an RFC 3339 time, such as 2026-11-22T15:04:05Z"
		_, err = rfc3339.Parse(value)
	default:
		kind = ast.StringValue
	}
	if err == nil {
		wants = ""
	}
	return kind, wants
}

// Numbers that DynamoDB keeps, beside 0, have at least the one size and less than the other.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	leastNumber = 1e-130
	pastNumbers = 1e126
)

// wantsFloat says what to write where a text is no number. Go takes NaN, infinities and
// hexadecimal, which GraphQL does not.
func wantsFloat(value string) string {
	number, err := strconv.ParseFloat(value, 64)
	size := math.Abs(number)
	switch {
	case errors.Is(err, strconv.ErrSyntax), math.IsNaN(number), regexp.MustCompile(`[xX_iI]`).MatchString(value):
		return "a number"
	case number != 0 && (size < leastNumber || size >= pastNumbers):
		return "a number that DynamoDB keeps: 0, or of a size from 1e-130 to 9.99e125"
	default:
		return ""
	}
}

var (
	lengthValidations = []string{"minLength", "maxLength"}
	numberValidations = []string{"gt", "gte", "lt", "lte"}
	validations       = append(append(slices.Clone(lengthValidations), numberValidations...), "matches")
)

func (r *reader) readValidation(field *Field, directive *ast.Directive) {
	argument := directive.Arguments.ForName("type")
	if argument == nil || directive.Arguments.ForName("value") == nil {
		r.Report(directive.Position, `@validate needs a type and a value: write @validate(type: maxLength, value: "200")`)
		return
	}
	name, okType := r.word(argument.Value, "type of @validate", validations)
	value, okValue := r.text(directive, "value")
	if !okType || !okValue {
		return
	}
	isText, isNumber := field.IsText(), field.IsNumber()
	switch {
	case field.List:
		r.Report(directive.Position, "@validate does not look into a list: remove it")
		return
	case slices.Contains(numberValidations, name) && !isNumber:
		r.Report(directive.Position, "%s is for an Int, a Float or a Decimal, not for %s: %s", name, field.TypeName, insteadOf(isText, lengthValidations))
		return
	case !slices.Contains(numberValidations, name) && !isText:
		r.Report(directive.Position, "%s is for a String or an ID, not for %s: %s", name, field.TypeName, insteadOf(isNumber, numberValidations))
		return
	}
	position := directive.Arguments.ForName("value").Value.Position
	switch {
	case name == "matches":
		if _, err := regexp.Compile(value); err != nil {
			r.Report(position, "%q is no regular expression of Go (%v): correct it, see https://pkg.go.dev/regexp/syntax", value, err)
			return
		}
	case slices.Contains(lengthValidations, name):
		if length, err := strconv.ParseInt(value, 10, 32); err != nil || length < 0 {
			r.Report(position, "%q is no length: write a whole number, such as \"200\"", value)
			return
		}
	case field.TypeName == "Int":
		if _, err := strconv.ParseInt(value, 10, 32); err != nil {
			r.Report(position, "%q is no Int: write a whole number of 32 bits", value)
			return
		}
	case field.IsDecimal():
		if wants := wantsDecimal(value); wants != "" {
			r.Report(position, "%q is no Decimal: write %s", value, wants)
			return
		}
	default:
		if wants := wantsFloat(value); wants != "" {
			r.Report(position, "%q is no Float: write %s", value, wants)
			return
		}
	}
	if name != "matches" && slices.ContainsFunc(field.Validations, func(v Validation) bool { return v.Type == name }) {
		r.Report(directive.Position, "%s has %s twice: keep the stricter one", field.Name, name)
		return
	}
	field.Validations = append(field.Validations, Validation{Type: name, Value: value, isDecimal: field.IsDecimal()})
}

func insteadOf(fits bool, validations []string) string {
	if fits {
		return "write " + sdl.OneOf(validations)
	}
	return "remove it"
}

// refuseDirectives reports those of ours that a kind of field cannot have.
func (r *reader) refuseDirectives(definition *ast.FieldDefinition, what string, except ...string) {
	for _, directive := range definition.Directives {
		if slices.Contains(ours, directive.Name) && !slices.Contains(except, directive.Name) {
			r.Report(directive.Position, "%s cannot have @%s: remove it", what, directive.Name)
		}
	}
}
