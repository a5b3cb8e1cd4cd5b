package policy

import (
	"encoding/json"
	"iter"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// maxUnique is how many objects tests can make of a model with a unique field, at most.
// Of another they make as many as they like, of which several have the same values.
const (
	maxUnique   = 12
	maxExamples = 3
)

// examples are values of a model's fields, for tests to make objects of: JSON.
type examples struct {
	Parents    string   // by field, the types that it belongs to, with a ! where one is needed
	Users      string   // by field that is a user, whether one is needed; empty: there is none
	Owners     string   // the fields that name an owner; empty: there are none
	Ancestors  string   // by attribute, the path to what an object has the id of; empty: there is none
	Membership string   // the fields of a membership; empty: it is none
	Joined     string   // the indexes of the type, as model.Joined has them; empty: none
	Hidden     string   // the fields that some who may read the object may not; empty: there are none
	Orders     string   // by order, those of them that it is by; empty: there are none
	Otherwise  string   // by name, values of the fields that rules ask for; empty: there are none
	Unmet      []string // conditions of rules of which none are known
	Unique     string   // by field, as many values as objects can be made, null where none is left
	Lines      []string // the other fields' values, an object each
	isValid    bool     // as far as the schema says
}

func examplesOf(s *schema.Schema, m *schema.Model, known settings) examples {
	parents, users := map[string]string{}, map[string]bool{}
	unique, others := map[string][]any{}, make([]map[string]any, maxExamples)
	for i := range others {
		others[i] = map[string]any{}
	}
	count, isValid := maxUnique, true
	for _, field := range m.Creatable() {
		if field.IsUser() {
			users[field.Name] = !field.Nullable || field.NamesOwner()
			continue
		}
		if field.Kind == schema.KindBelongsTo {
			parents[field.Name] = field.TypeName
			if needsParent(field) {
				parents[field.Name] += "!"
			}
			continue
		}
		values := validValues(s, field)
		if field.IsCustom && !field.List { // nobody knows a value of it
			values = nil
		}
		if m.Invitation != nil && field == m.Invitation.Email {
			values = []any{"invited@example.com"} // tests say whom
		}
		if m.Invitation != nil && field == m.Invitation.Role {
			values = []any{lowestRole(m.Invitation.To.Membership)}
		}
		if len(values) == 0 && !field.Nullable {
			values, isValid = []any{valueOf(s, field, 0, nil)}, false
		}
		switch {
		case field.Unique:
			unique[field.Name] = append(values, make([]any, maxUnique-len(values))...)
			if !field.Nullable {
				count = min(count, len(values))
			}
		case len(values) > 0:
			if m.Membership != nil && field == m.Membership.Role {
				values = []any{lowestRole(m.Membership)}
			}
			for i, other := range others {
				other[field.Name] = values[i%len(values)]
			}
		}
	}
	for name, value := range known.base {
		for _, other := range others {
			if other[name] = value; value == nil {
				delete(other, name)
			}
		}
	}
	for name, values := range unique {
		unique[name] = values[:count]
	}
	lines := make([]string, maxExamples)
	for i, other := range others {
		lines[i] = asJSON(other)
	}
	e := examples{Parents: asJSON(parents), Owners: ownersOf(m), Joined: joinedOf(m), Unique: asJSON(unique), Lines: lines, isValid: isValid}
	e.Hidden, e.Orders = hiddenOf(m)
	e.Unmet = known.unmet
	if len(known.otherwise) > 0 {
		otherwise := map[string]values{}
		for _, other := range known.otherwise {
			otherwise[other.name] = other.values
		}
		e.Otherwise = asJSON(otherwise)
	}
	if len(users) > 0 {
		e.Users = asJSON(users)
	}
	if len(m.Ancestors) > 0 {
		ancestors := map[string]string{}
		for _, path := range m.Ancestors {
			ancestors[path.Attribute()] = path.String()
		}
		e.Ancestors = asJSON(ancestors)
	}
	if by := m.Membership; by != nil {
		fields := map[string]string{"object": by.Object.Name, "user": by.User.Name}
		if by.Role != nil {
			fields["role"] = by.Role.Name
		}
		e.Membership = asJSON(fields)
	}
	return e
}

// joinedOf returns the indexes of the type, as model.Joined has them.
func joinedOf(m *schema.Model) string {
	type sortPart struct {
		Attribute  string
		Enum       []string `json:",omitempty"`
		Decimal    bool     `json:",omitempty"`
		Descending bool     `json:",omitempty"`
	}
	type joined struct {
		Hash []string
		Sort []sortPart `json:",omitempty"`
	}
	var all []joined
	for _, index := range m.JoinedIndexes() {
		var one joined
		for _, part := range index.Fields {
			one.Hash = append(one.Hash, part.Attribute())
		}
		for _, part := range index.Sort {
			sort := sortPart{Attribute: part.Attribute(), Descending: part.Descending}
			if part.Field != nil && part.Field.Enum != nil {
				sort.Enum = part.Field.Enum.Values
			}
			sort.Decimal = part.Field != nil && part.Field.IsDecimal()
			one.Sort = append(one.Sort, sort)
		}
		all = append(all, one)
	}
	if all == nil {
		return ""
	}
	return asJSON(all)
}

func asJSON(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // there is no such value
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// validValues returns values of a model's field that @validate admits, at most
// maxUnique, no two alike.
func validValues(s *schema.Schema, f *schema.Field) []any {
	var valid []any
	seen := map[string]bool{}
	for value := range valuesOf(s, f) {
		text := asJSON(value)
		if seen[text] || !admits(f, value) {
			continue
		}
		seen[text] = true
		if valid = append(valid, value); len(valid) == maxUnique {
			break
		}
	}
	return valid
}

// admits tells whether @validate does.
func admits(f *schema.Field, value any) bool {
	text, isText := value.(string)
	if !isText {
		text = asJSON(value)
	}
	return !slices.ContainsFunc(f.Validations, func(v schema.Validation) bool { return !v.Holds(text) })
}

// valuesOf goes through values of a field that may be valid.
func valuesOf(s *schema.Schema, f *schema.Field) iter.Seq[any] {
	return func(yield func(any) bool) {
		if f.Enum == nil && f.IsText() && len(f.Validations) > 0 {
			for text := range texts(f) {
				if !yield(text) {
					return
				}
			}
			return
		}
		for i := range maxUnique {
			if !yield(valueOf(s, f, i, nil)) {
				return
			}
		}
	}
}

// valueOf returns one of the values of a field's type. within names the plain objects
// around it, which it does not have in it again.
func valueOf(s *schema.Schema, f *schema.Field, i int, within []string) any {
	isAgain := slices.Contains(within, f.TypeName)
	switch {
	case f.List && (isAgain || f.IsCustom):
		return []any{}
	case f.List:
		return []any{singleOf(s, f, i, within), singleOf(s, f, i+1, within)}
	case isAgain:
		return nil
	default:
		return singleOf(s, f, i, within)
	}
}

func singleOf(s *schema.Schema, f *schema.Field, i int, within []string) any {
	switch {
	case f.Kind == schema.KindObject:
		object := map[string]any{}
		within = append(slices.Clone(within), f.TypeName)
		for _, inner := range s.Object(f.TypeName).Stored() {
			if value := valueOf(s, inner, i, within); value != nil {
				object[inner.Name] = value
			}
		}
		return object
	case f.Kind == schema.KindEnum:
		return f.Enum.Values[i%len(f.Enum.Values)]
	}
	switch {
	case f.IsCustom:
		return nil
	case f.IsDecimal():
		return exact(f, i)
	}
	switch f.TypeName {
	case "Date":
		return time.Date(2026, time.January, 1+i, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case "JSON":
		return map[string]any{"name": f.Prose() + " " + strconv.Itoa(i+1), "list": []any{i, nil, true}}
	case "Int":
		return whole(f, i)
	case "Float":
		return fraction(f, i)
	case "Boolean":
		return i%2 == 1
	case "DateTime":
		return time.Date(2026, time.January, 1+i, 12, 30, 0, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
	default:
		return f.Prose() + " " + strconv.Itoa(i+1)
	}
}

// bounds returns what @validate wants a number to be between, itself included or not.
func bounds(f *schema.Field) (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	for _, validation := range f.Validations {
		limit, _ := strconv.ParseFloat(validation.Value, 64) // was parsed before
		switch validation.Type {
		case "gt", "gte":
			low = max(low, limit)
		case "lt", "lte":
			high = min(high, limit)
		}
	}
	return low, high
}

// exact is a Decimal as text.
func exact(f *schema.Field, i int) string {
	limits := map[bool]*big.Rat{} // whether it is the greatest
	for _, validation := range f.Validations {
		limit, _ := new(big.Rat).SetString(validation.Value) // was parsed before
		isHigh := validation.Type == "lt" || validation.Type == "lte"
		if other := limits[isHigh]; other == nil || isHigh == (limit.Cmp(other) < 0) {
			limits[isHigh] = limit
		}
	}
	number, low, high := big.NewRat(int64(2*i+1), 2), limits[false], limits[true]
	switch {
	case low != nil && high != nil:
		number.Mul(number.Sub(high, low), big.NewRat(int64(i), 16)).Add(number, low)
	case low != nil:
		number.Add(low, big.NewRat(int64(i), 2))
	case high != nil:
		number.Sub(high, big.NewRat(int64(i), 2))
	}
	places, _ := number.FloatPrec()
	return number.FloatString(places)
}

func whole(f *schema.Field, i int) int {
	low, high := bounds(f)
	switch {
	case !math.IsInf(low, 0):
		return min(int(low)+i, math.MaxInt32)
	case !math.IsInf(high, 0):
		return max(int(high)-i, math.MinInt32)
	default:
		return i + 1
	}
}

func fraction(f *schema.Field, i int) float64 {
	low, high := bounds(f)
	switch {
	case !math.IsInf(low, 0) && !math.IsInf(high, 0):
		return low + (high-low)*float64(i)/(maxUnique-1)
	case !math.IsInf(low, 0):
		return low + float64(i)/2
	case !math.IsInf(high, 0):
		return high - float64(i)/2
	default:
		return float64(i) + 0.5
	}
}
