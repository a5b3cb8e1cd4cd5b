package command

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/plausible"
	"github.com/ownql/ownql/model"
)

// A randomType is a type whose objects are made up.
type randomType struct {
	name     string
	facts    model.Facts
	document *gql.Document // a mutation that makes one of $input, and answers its id
	accept   *gql.Document // of invitations: a mutation that accepts one
	fields   []*randomField
	depth    int // of what it belongs to
	count    int // of those to make

	objects    []*randomObject
	byRoot     map[*randomObject][]*randomObject
	byFounder  map[*randomPerson][]*randomObject // by who made the root
	isTogether bool                              // what one belongs to is all of one user's
	used       map[string]bool                   // unique values
	refused    int                               // how many were, since one was made
	first      string                            // the way by which the first object was made, see randomAttempt
	why        string                            // not all could be made
}

// A randomField is one of the input that a type is made of.
type randomField struct {
	plausible.Field
	name     string
	of       *ast.Type
	relation string // the type whose object's id it is; empty: it is a value
}

func (f *randomField) isRequired() bool { return f.of.NonNull }

// readTypes finds out what types there are, what belongs to what, and how many objects each is to have.
func (s *randomSeeding) readTypes(objects int) error {
	s.schema = s.opened.schema(s.accounts).Parsed
	for _, facts := range s.opened.db.Facts() {
		s.byName[facts.Type] = &randomType{name: facts.Type, facts: facts, byRoot: map[*randomObject][]*randomObject{}, byFounder: map[*randomPerson][]*randomObject{}, used: map[string]bool{}}
	}
	for name, t := range s.byName {
		if err := s.readType(t); err != nil {
			return err
		}
		if t.document == nil {
			delete(s.byName, name) // nothing makes one
		}
	}
	for _, facts := range s.opened.db.Facts() {
		if t := s.byName[facts.Type]; t != nil {
			s.addType(t, map[*randomType]bool{})
		}
	}
	if len(s.types) == 0 {
		return fmt.Errorf("--random: the schema has no type of which a client makes objects")
	}
	s.distribute(objects)
	return nil
}

// readType reads the input of the mutation that makes objects of a type, if there is one.
func (s *randomSeeding) readType(t *randomType) error {
	schema := s.schema
	object := schema.Types[t.name]
	if schema.Mutation == nil || object == nil {
		return nil
	}
	mutation := schema.Mutation.Fields.ForName("create" + t.name)
	if mutation == nil || mutation.Arguments.ForName("input") == nil {
		return nil
	}
	payload, input := schema.Types[mutation.Type.Name()], schema.Types[mutation.Arguments.ForName("input").Type.Name()]
	answer := fieldOfType(payload, t.name)
	if payload.Name == t.name {
		answer = "id"
	} else if answer != "" {
		answer += " { id }"
	}
	if input == nil || input.Kind != ast.InputObject || answer == "" {
		return nil
	}
	for _, field := range input.Fields {
		if field.Name == "id" || field.Name == "clientMutationId" {
			continue
		}
		f := &randomField{Field: plausible.Field{Of: t.name, Name: field.Name}, name: field.Name, of: field.Type}
		f.limit(t.facts.Limits[field.Name])
		if to, isID := strings.CutSuffix(field.Name, "Id"); isID {
			if related := object.Fields.ForName(to); related != nil && (related.Type.Name() == "User" || s.byName[related.Type.Name()] != nil) {
				f.relation = related.Type.Name()
			}
		}
		t.fields = append(t.fields, f)
	}
	// What is required and what lies deepest decides about the rest.
	slices.SortStableFunc(t.fields, func(a, b *randomField) int { return order(b.isRequired()) - order(a.isRequired()) })
	var err error
	if t.document, err = s.mutation(fmt.Sprintf("mutation ($input: %s!) { made: create%s(input: $input) { %s } }", input.Name, t.name, answer)); err != nil {
		return err
	}
	if accept := schema.Mutation.Fields.ForName("accept" + t.name); t.facts.InvitesTo != "" && accept != nil {
		payload := fieldOfType(schema.Types[accept.Type.Name()], t.facts.InvitesTo)
		t.accept, err = s.mutation(fmt.Sprintf("mutation ($input: %s) { made: accept%s(input: $input) { %s { id } } }", accept.Arguments[0].Type, t.name, payload))
	}
	return err
}

func order(first bool) int {
	if first {
		return 1
	}
	return 0
}

func (s *randomSeeding) mutation(text string) (*gql.Document, error) {
	document, errs := s.handler.Document(text)
	if len(errs) > 0 {
		return nil, fmt.Errorf("%s: %w", text, errs)
	}
	return document, nil
}

// fieldOfType returns the field of a payload that has an object of a type; empty: there is none.
func fieldOfType(payload *ast.Definition, name string) string {
	if payload == nil {
		return ""
	}
	for _, field := range payload.Fields {
		if field.Type.NamedType == name {
			return field.Name
		}
	}
	return ""
}

// limit takes on what @validate says.
func (f *randomField) limit(limits []model.Limit) {
	step := 0.01
	if f.IsWhole = f.of.Name() == "Int"; f.IsWhole {
		step = 1
	}
	for _, limit := range limits {
		number := limit.Number
		switch limit.Rule {
		case "minLength":
			f.MinLength = int(number)
		case "maxLength":
			f.MaxLength = int(number)
		case "matches":
			f.Patterns = append(f.Patterns, limit.Pattern)
		case "gt":
			number += step
			f.Least = &number
		case "gte":
			f.Least = &number
		case "lt":
			number -= step
			f.Most = &number
		case "lte":
			f.Most = &number
		}
	}
}

// addType adds a type behind those that its objects belong to. In a circle, what may be null is left out.
func (s *randomSeeding) addType(t *randomType, above map[*randomType]bool) {
	if slices.Contains(s.types, t) || above[t] {
		return
	}
	above[t] = true
	before := []string{}
	for _, f := range t.fields {
		before = append(before, f.relation)
	}
	// Members come before what only members see.
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		by := s.byName[name].facts.Membership
		if by != nil && name != t.name && by.Of != t.name && slices.Contains(before, by.Of) && t.facts.Membership == nil && t.facts.InvitesTo == "" {
			before = append(before, name)
		}
	}
	for _, name := range before {
		parent := s.byName[name]
		if parent == nil || parent == t {
			continue
		}
		s.addType(parent, above)
		if slices.Contains(s.types, parent) && parent.facts.Membership == nil {
			t.depth = max(t.depth, parent.depth+1)
		}
	}
	s.types = append(s.types, t)
}

// maxDepth and ofEach say how many objects types have: three times as many as what they belong to, down to there.
const (
	maxDepth = 4
	ofEach   = 3
)

// distribute says how many objects each type is to have.
func (s *randomSeeding) distribute(objects int) {
	weight := func(t *randomType) float64 { return math.Pow(ofEach, float64(min(t.depth, maxDepth))) }
	all := 0.0
	for _, t := range s.types {
		all += weight(t)
	}
	left := objects
	for _, t := range s.types {
		t.count = min(max(1, int(math.Round(float64(objects)*weight(t)/all))), max(left, 0))
		left -= t.count
	}
	if deepest := s.types[len(s.types)-1]; left > 0 {
		deepest.count += left
	}
}

// isOwnScalar tells whether a scalar is the project's own, of which nobody knows what its values are.
func isOwnScalar(definition *ast.Definition) bool {
	known := []string{"String", "ID", "Int", "Float", "Boolean", "DateTime", "Date", "Decimal", "JSON"}
	return definition.Kind == ast.Scalar && !slices.Contains(known, definition.Name)
}
