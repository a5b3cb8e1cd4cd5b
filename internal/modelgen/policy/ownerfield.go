package policy

import (
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// What follows reads the rules of owners by a field a second time. Tests have such a field name who the identity
// says, and other fields that are users the owner.

// at is the path of a field of the object: `post.recipient`.
func (o *imagined) at(field *schema.Field) string {
	return strings.TrimPrefix(o.path+"."+field.Name, ".")
}

// isNamed tells whether the object names the identity by a field. What is made names who makes it, but for who
// is named by the input.
func (i identity) isNamed(field *schema.Field, operation schema.Operation, object *imagined) bool {
	if operation == schema.Create {
		return i.isSignedIn && i.naming != field
	}
	return slices.Contains(i.named, object.at(field))
}

// namedBy returns who is named by the fields of objects that rules ask.
func namedBy(objects []*imagined) (all []identity) {
	for _, object := range objects {
		for _, field := range object.model.Parents() {
			if field.NamesOwner() {
				all = append(all, identity{isSignedIn: true, named: []string{object.at(field)}})
			}
		}
	}
	return all
}

// isUserOf tells whether the identity is the user whom the object names by a field.
func (i identity) isUserOf(field *schema.Field, object *imagined) bool {
	if field.NamesOwner() {
		return slices.Contains(i.named, object.at(field))
	}
	return slices.Contains(i.owns, object.path)
}

// ownersOf returns the fields of the model by which it names owners, as JSON; empty: there are none.
func ownersOf(m *schema.Model) string {
	var names []string
	for _, field := range m.Parents() {
		if field.NamesOwner() {
			names = append(names, field.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return asJSON(names)
}
