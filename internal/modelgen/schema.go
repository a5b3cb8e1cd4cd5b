// Package modelgen turns the types of schema.graphqls that have @model into a whole
// API: the public schema in graph/schema.graphqls, and for each type one file of package
// store, one of package graph, and a table of who may do what, which graph's tests hold
// the server to. docs/schema.md says what each directive expands into.
//
// It runs under `go generate ./...` alone; nothing that the server links imports it.
package modelgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// Schema is what schema.graphqls says of the types that are kept. Everything in it
// is in the file's order.
type Schema struct {
	Models  []*Model
	Enums   []*Enum   // those that models' fields have
	Objects []*Object // the plain objects that models' fields have, however deep

	document *ast.SchemaDocument // as written, extensions merged into what they extend
	byHand   *handwritten
}

// Model is a type with @model: a table of its own.
type Model struct {
	Name        string
	Plural      string // as in a name: `blogPosts`, which is the table's name too
	Description string // as written; may be empty
	Fields      []*Field
	Rules       []Rule
	Children    []*Field // the belongsTo fields of other models (and its own) that point here

	abstract   []string // the interfaces and unions that it is of
	definition *ast.Definition
	plural     bool // Plural was given by @model(plural:)
}

// Kind tells what a field is made of.
type Kind int

const (
	KindScalar    Kind = iota // a built-in scalar, or DateTime
	KindEnum                  // an enum
	KindObject                // a plain object, kept as a map
	KindBelongsTo             // another model's object, kept as its id
	KindHasMany               // a list of the objects that belong to this one; not kept
	KindComputed              // a hand-written resolver or method answers it; not kept
)

// Field is a field of a model that is not added by @model, nor its id; or a field of
// a plain object.
type Field struct {
	Model       *Model // nil: of a plain object
	Name        string
	Description string // as written; may be empty
	Kind        Kind
	TypeName    string // in the schema, without list and non-null marks
	List        bool
	Nullable    bool
	Default     *ast.Value // of the type's own kind; nil where there is none
	Validations []Validation
	Unique      bool
	Immutable   bool
	Indexes     []*Index // that have this field as their hash key
	Target      *Model   // of a belongsTo the parent, of a hasMany the children
	Inverse     *Field   // of a hasMany: the belongsTo on the other side
	OnDelete    OnDelete // of a belongsTo

	enum       *Enum
	definition *ast.FieldDefinition
}

// OnDelete tells what becomes of an object when what it belongs to is deleted.
type OnDelete string

const (
	Cascade  OnDelete = "CASCADE"  // it is deleted too
	Restrict OnDelete = "RESTRICT" // it forbids that
)

// Index is an @index: a list of the objects whose hash field has one value, in the
// order of a sort field.
type Index struct {
	Field      *Field // the hash key
	SortField  string // a field of the model, or id, createdAt or updatedAt
	QueryField string // of Query

	position *ast.Position
}

// Validation is a @validate.
type Validation struct {
	Type  string // minLength, maxLength, gt, gte, lt, lte or matches
	Value string // of matches a regular expression, otherwise a number
}

// Enum is an enum that models' fields have.
type Enum struct {
	Name        string
	Description string
	Values      []string
}

// Object is a plain object type that models' fields have.
type Object struct {
	Name        string
	Description string
	Fields      []*Field

	abstract   []string // the unions that it is of
	definition *ast.Definition
}

// Operation is what a rule allows.
type Operation string

const (
	Create Operation = "create"
	Read   Operation = "read"
	Update Operation = "update"
	Delete Operation = "delete"
)

// Rule allows its operations to whom all of its terms grant them.
type Rule struct {
	Operations []Operation // in the order create, read, update, delete
	Terms      []Term
}

// Term is one condition of a rule.
type Term struct {
	Allow           string    // owner, groups, authenticated, public; empty where Via is set
	Groups          []string  // of groups
	Via             *Field    // a belongsTo: granted to whom ParentOperation on that parent is
	ParentOperation Operation // of Via
}

// HasUniques tells whether a model has a @unique field.
func (s *Schema) HasUniques() bool {
	return slices.ContainsFunc(s.Models, func(m *Model) bool { return len(m.Uniques()) > 0 })
}

// Model returns the model of that name, or nil.
func (s *Schema) Model(name string) *Model {
	for _, model := range s.Models {
		if model.Name == name {
			return model
		}
	}
	return nil
}

// Field returns the field of that name, or nil.
func (m *Model) Field(name string) *Field {
	for _, field := range m.Fields {
		if field.Name == name {
			return field
		}
	}
	return nil
}

// selected returns the fields that a condition holds for, in order.
func (m *Model) selected(condition func(*Field) bool) []*Field {
	var fields []*Field
	for _, field := range m.Fields {
		if condition(field) {
			fields = append(fields, field)
		}
	}
	return fields
}

// Stored returns the fields that the table and the create input have, beside the id
// and what @model adds.
func (m *Model) Stored() []*Field { return m.selected((*Field).Stored) }

// bound returns the fields for which gqlgen looks into the Go type.
func (m *Model) bound() []*Field {
	return m.selected(func(f *Field) bool { return f.Stored() || f.Kind == KindComputed })
}

// Updatable returns the fields that the update input has. Where there is none, the
// type has no update mutation.
func (m *Model) Updatable() []*Field { return m.selected((*Field).updatable) }

// Parents returns the belongsTo fields.
func (m *Model) Parents() []*Field {
	return m.selected(func(f *Field) bool { return f.Kind == KindBelongsTo })
}

// HasMany returns the hasMany fields.
func (m *Model) HasMany() []*Field {
	return m.selected(func(f *Field) bool { return f.Kind == KindHasMany })
}

// Uniques returns the @unique fields.
func (m *Model) Uniques() []*Field {
	return m.selected(func(f *Field) bool { return f.Unique })
}

// Indexes returns every @index.
func (m *Model) Indexes() []*Index {
	var indexes []*Index
	for _, field := range m.Fields {
		indexes = append(indexes, field.Indexes...)
	}
	return indexes
}

// Stored tells whether the table has the field.
func (f *Field) Stored() bool { return f.Kind != KindHasMany && f.Kind != KindComputed }

// A belongsTo never changes: who may see an object must not move with it.
func (f *Field) updatable() bool {
	return f.Stored() && f.Kind != KindBelongsTo && !f.Immutable
}

// Attribute is the field's name in the table and in inputs.
func (f *Field) Attribute() string {
	if f.Kind == KindBelongsTo {
		return f.Name + "Id"
	}
	return f.Name
}

// listed tells whether a hasMany shows the children of this belongsTo.
func (f *Field) listed() bool {
	if f.Kind != KindBelongsTo {
		return false
	}
	for _, hasMany := range f.Target.HasMany() {
		if hasMany.Inverse == f {
			return true
		}
	}
	return false
}
