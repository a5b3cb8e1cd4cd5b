package schema

import (
	"slices"
	"strings"
)

// What a generated type has beside its own fields, in Go and in the table.
var (
	modelGoNames    = []string{"ID", "OwnerID", "Version", "CreatedAt", "UpdatedAt", "GlobalID"}
	modelAttributes = []string{"id", "ownerId", "version", "createdAt", "updatedAt", "deleting"}
	userGoNames     = []string{"ID", "Email", "EmailVerified", "FirstName", "LastName", "Roles", "SessionEpoch", "KeptEpochs", "Version", "CreatedAt", "UpdatedAt", "Caller", "GlobalID", "PendingEmail", "NextEmail", "NextEmailUntil"}
)

// setApart gives fields other names in Go or in the table than they have in the schema, where
// something that is there already has those.
func (r *reader) setApart() {
	for _, model := range r.schema.Models {
		model.Fields.setApart(append(marksOf(model.GoMarks()), modelGoNames...), modelAttributes)
	}
	for _, object := range r.schema.Objects {
		object.Fields.setApart(marksOf(object.GoMarks()), nil)
	}
	user := r.schema.User
	user.Fields.setApart(append(marksOf(append(user.GoMarks(), "Node")), userGoNames...), slices.Concat(accountFields, accountAttributes))
}

// marksOf returns the methods that mark a type as one of interfaces and unions.
func marksOf(names []string) []string {
	methods := make([]string, len(names))
	for i, name := range names {
		methods[i] = "Is" + name
	}
	return methods
}

func (list Fields) setApart(goNames, attributes []string) {
	for _, field := range list.Stored() {
		isTaken := func(goName string) bool { return strings.EqualFold(goName, field.GoName()) }
		for slices.ContainsFunc(goNames, isTaken) || list.hasOther(field, (*Field).GoName) && field.goSuffix != "" {
			field.goSuffix += "Value"
		}
		for slices.Contains(attributes, field.Attribute()) || list.hasOther(field, (*Field).Attribute) && field.suffix != "" {
			field.suffix += "_"
		}
	}
}

// hasOther tells whether another field has the name of this one.
func (list Fields) hasOther(field *Field, name func(*Field) string) bool {
	return slices.ContainsFunc(list.Stored(), func(other *Field) bool {
		return other != field && strings.EqualFold(name(other), name(field))
	})
}
