// Package schema reads schema.graphqls, checks it, and tells what it means: the models with their
// fields, relations, indexes and rules; what package store and graph of the project have by hand;
// the public schema that it all expands into; and what each part is called in Go, which the checks
// need to know as much as what writes Go. docs/schema.md says what each directive expands into.
package schema

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// Schema is what schema.graphqls says of the types that are kept. Everything in it
// is in the file's order.
type Schema struct {
	Models  []*Model
	User    *User
	Enums   []*Enum   // those that fields of models and of User have
	Objects []*Object // the plain objects that they have, however deep

	users    *Model              // User as what models belong to, and as what has lists of them; it is no @model
	document *ast.SchemaDocument // as written, extensions merged into what they extend
	accounts *accounts           // nil: the project has no type User
	byHand   *handwritten
}

// Model is a type with @model: a table of its own.
type Model struct {
	Name          string
	Plural        string // as in a name: `blogPosts`, which is the table's name too
	Description   string // as written; may be empty
	Formerly      string // the name that the type had before; empty: none
	IsListed      bool   // Query has a list of all
	OnOwnerDelete OnOwnerDelete
	Fields
	Rules       []Rule
	Ancestors   []Path      // of two fields and more: what rules ask for above the parents
	Membership  *Membership // nil: its objects make nobody a member of anything
	Invitation  *Invitation // nil: its objects invite nobody
	TypeIndexes []*TypeIndex
	TypeUniques []*TypeUnique
	Children    []*Field // the belongsTo fields of other models (and its own) that point here

	abstract   []string // the interfaces and unions that it is of
	definition *ast.Definition
	plural     bool       // Plural was given by @model(plural:)
	bulk       bool       // it has mutations of several objects
	table      string     // as @model(table:) gives it
	invitesTo  *ast.Value // as @model(invitesTo:) names the type of memberships; nil: none
	byHand     *handwritten
	schema     *Schema // that it is of
}

// User is the type User, as far as a project adds to what accounts keep.
type User struct {
	Fields

	Kept Fields // those but id that accounts answer and the type has

	account    []string        // the names of all that accounts answer and the type has
	abstract   []string        // the interfaces and unions that it is of
	definition *ast.Definition // nil: the project has no such type
}

// Kind tells what a field is made of.
type Kind int

const (
	KindScalar     Kind = iota // a scalar: GraphQL's, ownql's, or the project's own
	KindEnum                   // an enum
	KindObject                 // a plain object, kept as a map
	KindBelongsTo              // another model's object, kept as its id
	KindHasMany                // a list of the objects that belong to this one; not kept
	KindManyToMany             // a list of the objects that others link with this one; not kept
	KindComputed               // a hand-written resolver or method answers it; not kept
)

// Field is a field of a model that is not added by @model, nor its id; or a field of
// a plain object; or one of User that accounts do not have.
type Field struct {
	Model       *Model // nil: of a plain object, or of User
	Name        string
	Description string // as written; may be empty
	Kind        Kind
	IsCustom    bool   // of a scalar of the project's own, whose Go type package store has
	TypeName    string // in the schema, without list and non-null marks
	List        bool
	Nullable    bool
	Default     *ast.Value // of the type's own kind; nil where there is none
	Validations []Validation
	Unique      bool
	Immutable   bool
	ReadOnly    bool     // no input has it: code of the project sets it
	Formerly    string   // the name that it had before; empty: none
	Indexes     []*Index // that have this field as their hash key
	Target      *Model   // of a belongsTo the parent, which IsUser tells of; of a list what it has
	Inverse     *Field   // of a hasMany: the belongsTo on the other side; of a manyToMany that of the links
	Through     *Model   // of a manyToMany: the links
	Far         *Field   // of a manyToMany: the belongsTo by which a link belongs to what is listed
	OnDelete    OnDelete // of a belongsTo
	Movable     bool     // an update may give the object another parent
	Rules       []Rule   // of its own, beside those of the type; nil: it has none
	Seen        []Rule   // of a field of User: who sees it; nil: the user alone

	Enum       *Enum
	Object     *Object
	definition *ast.FieldDefinition
	suffix     string // of its attribute, and goSuffix of its name in Go: see setApart
	goSuffix   string
}

// OnDelete tells what becomes of an object when what it belongs to is deleted.
type OnDelete string

const (
	Cascade  OnDelete = "CASCADE"  // it is deleted too
	Restrict OnDelete = "RESTRICT" // it forbids that
	SetNull  OnDelete = "SET_NULL" // it belongs to nobody then, which only a user can have been
)

// OnOwnerDelete tells what becomes of an object when the account of its owner is deleted.
type OnOwnerDelete string

const (
	GoesWithOwner   OnOwnerDelete = "CASCADE"  // it is deleted too
	OutlivesOwner   OnOwnerDelete = "KEEP"     // it is nobody's from then on
	GoesToSuccessor OnOwnerDelete = "TRANSFER" // it is whose a function of the project's says
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

	isDecimal bool // so is the field
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
	Fields

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

	Transfer Operation = "transfer" // to another owner, where it is written out
)

// Rule allows its operations to whom all of its terms grant them.
type Rule struct {
	Operations []Operation // in the order create, read, update, delete, transfer
	Terms      []Term
}

// Term is one condition of a rule.
type Term struct {
	Allow           string    // owner, groups, authenticated, public, members, invited, named, where; empty: it is by Via alone
	Groups          []string  // of groups
	Via             Path      // granted to whom ParentOperation on that object is; of members, what they are of
	ParentOperation Operation // of Via alone
	By              *Field    // of named: who names the owner
	Through         *Model    // of members: the memberships
	Roles           []string  // of members; none: any
	Where           *Where    // of where

	at, rolesAt *ast.Position // of members
	through     *ast.Value
}

// IsVia tells whether the term goes by the rules of another object.
func (t Term) IsVia() bool { return t.Allow == "" }

// Model returns the model of that name, or nil.
func (s *Schema) Model(name string) *Model {
	for _, model := range s.Models {
		if model.Name == name {
			return model
		}
	}
	return nil
}
