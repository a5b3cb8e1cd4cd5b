package command

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/plausible"
)

// How often a field has a value that need not have one, of ten times, and how many values a list has at most.
const (
	givenOfTen = 8
	maxOfList  = 3
)

// maxInside is how far objects are in objects, as far as they need not be.
const maxInside = 2

// value makes up a value of a type, which is inside of so many objects; ok is false where none is known.
func (s *randomSeeding) value(r *rand.Rand, f plausible.Field, of *ast.Type, inside int) (value any, ok bool) {
	if of.Elem != nil {
		if inside >= maxInside && s.schema.Types[of.Name()].Kind == ast.InputObject {
			return []any{}, true
		}
		list := make([]any, 0, maxOfList)
		for range r.IntN(maxOfList + 1) {
			element, ok := s.value(r, f, of.Elem, inside)
			if !ok {
				return nil, false
			}
			list = append(list, element)
		}
		return list, true
	}
	definition := s.schema.Types[of.NamedType]
	switch {
	case definition == nil, isOwnScalar(definition):
		return nil, false
	case definition.Kind == ast.Enum:
		return definition.EnumValues[r.IntN(len(definition.EnumValues))].Name, true
	case definition.Kind == ast.InputObject:
		return s.object(r, definition, inside+1)
	}
	switch of.NamedType {
	case "Int":
		f.IsWhole = true
		return json.Number(strconv.FormatInt(int64(f.Number(r)), 10)), true
	case "Float":
		return json.Number(strconv.FormatFloat(f.Number(r), 'f', -1, 64)), true
	case "Decimal":
		return strconv.FormatFloat(f.Number(r), 'f', -1, 64), true
	case "Boolean":
		return r.IntN(3) == 0, true
	case "DateTime":
		return f.Time(r, s.today).Format(time.RFC3339), true
	case "Date":
		return f.Time(r, s.today).Format(time.DateOnly), true
	case "JSON":
		text, ok := plausible.Field{Name: f.Name}.Text(r)
		return map[string]any{"note": text, "count": json.Number(strconv.Itoa(r.IntN(100)))}, ok
	default:
		return f.Text(r)
	}
}

// object makes up a plain object.
func (s *randomSeeding) object(r *rand.Rand, definition *ast.Definition, inside int) (any, bool) {
	object := map[string]any{}
	for _, field := range definition.Fields {
		if isObject := s.schema.Types[field.Type.Name()].Kind == ast.InputObject; isObject && !field.Type.NonNull && inside >= maxInside {
			continue
		}
		value, ok := s.value(r, plausible.Field{Of: definition.Name, Name: field.Name}, field.Type, inside)
		isGiven := field.Type.NonNull || r.IntN(10) < givenOfTen
		switch {
		case !ok && field.Type.NonNull:
			return nil, false
		case ok && isGiven:
			object[field.Name] = value
		}
	}
	return object, true
}
