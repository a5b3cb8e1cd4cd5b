package gql

import (
	"slices"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// A selection is what a document selects of an object type, made ready once to write objects of it. Plain fields are written
// from the object; the others are left to gqlgen.
type selection struct {
	object *Object
	fields []selectedField
	end    string
	others []graphql.CollectedField // those that are not plain, in their order
}

// isWhole tells whether all fields are plain, and those of the objects in them.
func (s *selection) isWhole() bool { return len(s.others) == 0 }

// A selectedField is a field of a selection.
type selectedField struct {
	graphql.CollectedField

	key        string     // what stands before its value: a brace or a comma, and its name; all of it for __typename
	index      int        // in the object's fields; -1: __typename
	isOther    bool       // it is left to gqlgen
	isNonNull  bool       // it may not be null
	hasNonNull bool       // nothing in its list may be null
	selection  *selection // of the object that it has, or of those in its list; nil: it has none
}

// longestKey is how many bytes a field's name in the answer has at most where a selection writes it; memoryOfField has room
// for it.
const longestKey = 64

// maxSelections is how many bytes the selections of a document have at most, about.
const maxSelections = 256 << 10

// selections are those of a document, by what is selected. They live as long as the document does.
type selections struct {
	// conditions are the variables by which the document skips or includes something. Of each set of their values there are
	// other selections.
	conditions []string
	takesInput bool // an argument is of a type that is neither GraphQL's own nor an enum
	schema     *ast.Schema
	grow       func(bytes int) // is told how much memory they take

	mu    sync.RWMutex
	bytes int
	made  map[selectionKey][]madeSelection
}

// A selectionKey is the same for few selections.
type selectionKey struct {
	object     *Object
	first      ast.Selection
	length     int
	conditions uint64 // a bit for each that is true
}

// A madeSelection is that of a set, nil where gqlgen is to answer it.
type madeSelection struct {
	set ast.SelectionSet
	is  *selection
}

// selectionsExtension is where an operation has those of its document.
const selectionsExtension = "ownql.selections"

// operationSelections are those of a document for the variables of an operation.
type operationSelections struct {
	*selections
	conditions uint64
}

// newSelections returns those of a document; nil: it has so many conditions that gqlgen is to answer it.
func newSelections(schema *ast.Schema, document *ast.QueryDocument, grow func(bytes int)) *selections {
	s := &selections{schema: schema, grow: grow, made: map[selectionKey][]madeSelection{}}
	for _, operation := range document.Operations {
		s.addConditions(operation.SelectionSet)
	}
	for _, fragment := range document.Fragments {
		s.addConditions(fragment.SelectionSet)
	}
	if len(s.conditions) > 64 {
		return nil
	}
	return s
}

func (s *selections) addConditions(set ast.SelectionSet) {
	for _, selection := range set {
		switch selection := selection.(type) {
		case *ast.Field:
			s.addArguments(selection)
			s.addDirectives(selection.Directives)
			s.addConditions(selection.SelectionSet)
		case *ast.InlineFragment:
			s.addDirectives(selection.Directives)
			s.addConditions(selection.SelectionSet)
		case *ast.FragmentSpread:
			s.addDirectives(selection.Directives)
		}
	}
}

func (s *selections) addArguments(field *ast.Field) {
	for _, argument := range field.Arguments {
		definition := field.Definition.Arguments.ForName(argument.Name)
		switch definition.Type.Name() {
		case "Int", "Float", "String", "Boolean", "ID":
		default:
			s.takesInput = s.takesInput || s.schema.Types[definition.Type.Name()].Kind != ast.Enum
		}
	}
}

// TakesInput tells whether an operation may need the functions by which gqlgen reads inputs, for
// [graphql.UnmarshalInputFromContext]: whether it has an argument of a type that is neither GraphQL's own nor an enum.
func TakesInput(operation *graphql.OperationContext) bool {
	of, ok := operation.Stats.GetExtension(selectionsExtension).(operationSelections)
	return !ok || of.takesInput
}

func (s *selections) addDirectives(directives ast.DirectiveList) {
	for _, directive := range directives {
		for _, argument := range directive.Arguments {
			if name := argument.Value.Raw; argument.Value.Kind == ast.Variable && !slices.Contains(s.conditions, name) {
				s.conditions = append(s.conditions, name)
			}
		}
	}
}

// use has an operation be answered by the document's selections, if its variables say which of them. The handler has no
// AroundFields, which plain fields would pass by.
func (s *selections) use(operation *graphql.OperationContext) {
	if s == nil {
		return
	}
	var conditions uint64
	for i, name := range s.conditions {
		is, known := operation.Variables[name].(bool)
		if !known {
			return
		}
		if is {
			conditions |= 1 << i
		}
	}
	operation.Stats.SetExtension(selectionsExtension, operationSelections{s, conditions})
}

// selectionOf returns what is selected of an object of the type; nil: gqlgen is to answer it.
func selectionOf(e Execution, operation *graphql.OperationContext, object *Object, set ast.SelectionSet) *selection {
	of, ok := operation.Stats.GetExtension(selectionsExtension).(operationSelections)
	if !ok || len(set) == 0 {
		return nil
	}
	return of.get(e, operation, object, set)
}

func (s operationSelections) get(e Execution, operation *graphql.OperationContext, object *Object, set ast.SelectionSet) *selection {
	key := selectionKey{object, set[0], len(set), s.conditions}
	s.mu.RLock()
	made, isFull := s.made[key], s.bytes > maxSelections
	s.mu.RUnlock()
	for _, made := range made {
		if slices.Equal(made.set, set) {
			return made.is
		}
	}
	if isFull {
		return nil
	}
	is := s.make(e, operation, object, set)
	bytes := 200
	if is != nil {
		for _, field := range is.fields {
			bytes += 200 + len(field.key)
		}
	}
	s.mu.Lock()
	s.bytes += bytes
	s.made[key] = append(s.made[key], madeSelection{set, is})
	s.mu.Unlock()
	s.grow(bytes)
	return is
}

// make makes a selection of the fields that gqlgen collects.
func (s operationSelections) make(e Execution, operation *graphql.OperationContext, object *Object, set ast.SelectionSet) *selection {
	fields := graphql.CollectFields(operation, set, object.Implements)
	is := &selection{object: object, fields: make([]selectedField, len(fields)), end: "}"}
	if len(fields) == 0 {
		is.end = "{}"
	}
	names := map[string]bool{}
	for i, field := range fields {
		if names[field.Alias] || len(field.Alias) > longestKey || len(field.Deferrables) > 0 {
			return nil
		}
		names[field.Alias] = true
		selected := selectedField{CollectedField: field, key: `,"` + field.Alias + `":`, index: -1}
		if i == 0 {
			selected.key = "{" + selected.key[1:]
		}
		if field.Name == "__typename" {
			selected.key += `"` + object.Name + `"`
		} else if selected.index = object.index(field.Name); selected.index < 0 {
			return nil
		} else {
			s.settle(e, operation, object, &selected)
		}
		if selected.isOther {
			is.others = append(is.others, field)
		}
		is.fields[i] = selected
	}
	return is
}

// settle finds out how a field is answered.
func (s operationSelections) settle(e Execution, operation *graphql.OperationContext, object *Object, field *selectedField) {
	of := &object.Fields[field.index]
	field.isNonNull = of.IsNonNull
	if list := s.schema.Types[object.Name].Fields.ForName(field.Name).Type.Elem; list != nil {
		field.hasNonNull = list.NonNull // which an interface may not say
	}
	field.isOther = !of.IsPlain
	if field.isOther || len(field.Selections) == 0 {
		return
	}
	field.isOther = true
	if object := e.ObjectNamed(of.Type); object != nil {
		field.selection = s.get(e, operation, object, field.Selections)
		field.isOther = field.selection == nil || !field.selection.isWhole()
	}
}
