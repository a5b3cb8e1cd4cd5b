package policy

import (
	"slices"

	"github.com/99designs/gqlgen/codegen/templates"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// What follows reads the rules of fields a second time, as expect.go does those of types.

// badInput is the answer to one who filters by what is no field to them.
const badInput = "BAD_USER_INPUT"

// mayWith tells whether a rule of the field allows it of the object.
func (i identity) mayWith(operation schema.Operation, field *schema.Field, object *imagined) bool {
	return !field.HasRules() || slices.ContainsFunc(field.Rules, func(rule schema.Rule) bool {
		return i.isAllowedBy(rule, operation, object)
	})
}

// mightRead tells whether a rule of the field would allow the identity to read it of some object.
func (i identity) mightRead(field *schema.Field) bool {
	return slices.ContainsFunc(field.Rules, func(rule schema.Rule) bool {
		return slices.Contains(rule.Operations, schema.Read) && !slices.ContainsFunc(rule.Terms, func(term schema.Term) bool {
			switch term.Allow {
			case "groups":
				return !i.meets(term, schema.Read, nil)
			case "authenticated", "owner", "members", "named":
				return !i.isSignedIn
			default:
				return false
			}
		})
	})
}

// fieldRows adds, for the fields that have rules of their own, who reads them and who filters by them.
func (o *imagined) fieldRows(s *schema.Schema, add func(operation schema.Operation, path string, answer func(identity) string, methods ...string)) {
	if !isAsked(s, "node") {
		return
	}
	for _, field := range o.model.HiddenFields() {
		isGiven := slices.Contains(o.model.Creatable(), field) && field.Kind != schema.KindBelongsTo
		if !isGiven || field.IsCustom || s.Resolves(o.model.Name, templates.ToGo(field.Name)) {
			continue
		}
		sees := func(i identity) bool { return i.may(schema.Read, o) && i.mayWith(schema.Read, field, o) }
		add(schema.Read, "node."+field.Name, func(i identity) string {
			if sees(i) {
				return given
			}
			return null
		})
		if !slices.Contains(o.model.Filterable(), field) {
			continue
		}
		add(schema.Read, filterPath+field.Name, func(i identity) string {
			switch {
			case !i.mightRead(field):
				return badInput
			case sees(i):
				return given
			default:
				return absent
			}
		})
	}
}

// filterPath begins the path of who filters by a field, in all lists.
const filterPath = "filter."

// giving returns the object as an input makes it that gives, of the fields with rules of their own, this one
// and those that it must.
func (o *imagined) giving(given *schema.Field) *imagined {
	made := &imagined{path: o.path, model: o.model, parents: map[*schema.Field]*imagined{}, user: o.user, values: o.made(given)}
	made.root = made
	for field, parent := range o.parents {
		if !field.HasRules() || !field.Nullable || field == given {
			made.parents[field] = parent
		}
	}
	return made
}

// givesField says what becomes of a write that gives a field with rules of its own, beside what all need.
func (i identity) givesField(operation schema.Operation, field *schema.Field, object *imagined, otherwise string) string {
	if otherwise == given && !i.mayWith(operation, field, object) {
		return i.refused()
	}
	return otherwise
}

// listedBy is what a list by some fields answers: who may not read one of them is refused.
func listedBy(object *imagined, fields []*schema.Field, answer func(identity) string) func(identity) string {
	return func(i identity) string {
		for _, field := range fields {
			if answered := answer(i); field != nil && field.IsHidden() && !i.mightRead(field) && answered != null {
				return i.refused()
			}
		}
		return answer(i)
	}
}

// partsOf returns the fields that an index has.
func partsOf(r schema.Resolver) (fields []*schema.Field) {
	if r.Index != nil {
		return []*schema.Field{r.Index.Field, r.Model.Field(r.Index.SortField)}
	}
	for _, part := range slices.Concat(r.TypeIndex.Fields, r.TypeIndex.Sort) {
		fields = append(fields, part.Field)
	}
	return fields
}

// hiddenOf returns the fields for tests to ask who sees them, and by order, those that it is by; empty:
// there are none.
func hiddenOf(m *schema.Model) (fields, orders string) {
	var names []string
	for _, field := range m.HiddenFields() {
		names = append(names, field.Name)
	}
	byOrder := map[string][]string{}
	for _, index := range m.TypeIndexes {
		for _, part := range index.Sort {
			if part.Field != nil && part.Field.IsHidden() {
				byOrder[index.OrderName()] = append(byOrder[index.OrderName()], part.Field.Name)
			}
		}
	}
	if len(names) > 0 {
		fields = asJSON(names)
	}
	if len(byOrder) > 0 {
		orders = asJSON(byOrder)
	}
	return fields, orders
}
