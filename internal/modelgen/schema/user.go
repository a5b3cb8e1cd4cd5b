package schema

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
)

// accountTypesOf are the fields of User that accounts answer, with their types. A project
// shows those that its type User has.
var accountTypesOf = map[string]string{
	"id": "ID!", "email": "String!", "emailVerified": "Boolean!", "firstName": "String!", "lastName": "String!",
	"roles": "[String!]!", "version": "Int!", "createdAt": "DateTime!", "updatedAt": "DateTime!", "pendingEmail": "String",
}

// accountFields are their names.
var accountFields = []string{"id", "email", "emailVerified", "firstName", "lastName", "roles", "version", "createdAt", "updatedAt", "pendingEmail"}

// accountAttributes are what an item of the users table has of accounts beside those.
var accountAttributes = []string{"sessionEpoch", "resetHash", "resetUntil", "verifyHash", "verifyUntil", "nextEmail", "nextEmailUntil", "nextEmailHash", "kept-epochs"}

// readUser reads the type User: which fields accounts answer, and which are the project's own.
func (r *reader) readUser() {
	definition := r.types["User"]
	if definition == nil {
		return
	}
	if definition.Kind != ast.Object {
		r.Report(definition.Position, "User is who signs in: write type User implements Node { id: ID! }")
		return
	}
	user := r.schema.User
	user.definition, user.abstract = definition, r.abstract(definition)
	r.schema.accounts = readAccounts()
	if node := r.types["Node"]; node == nil || node.Kind != ast.Interface {
		r.Report(definition.Position, "User needs the interface Node: add interface Node { id: ID! }")
	}
	if !slices.Contains(definition.Interfaces, "Node") {
		r.Report(definition.Position, "User is no Node: write type User implements Node")
	}
	if definition.Fields.ForName("id") == nil {
		r.Report(definition.Position, "User has no id: add id: ID!")
	}
	for _, field := range definition.Fields {
		want, isAccounts := accountTypesOf[field.Name]
		switch {
		case isAccounts && (field.Type.String() != want || len(field.Arguments) > 0):
			r.Report(field.Position, "accounts answer User.%s: write %[1]s: %s", field.Name, want)
		case isAccounts:
			user.account = append(user.account, field.Name)
			if field.Name == "id" {
				r.refuseDirectives(field, "the id, which all have who see something of the user,")
				break
			}
			r.refuseDirectives(field, "a field that accounts answer", "auth")
			kept := shapeOf(field)
			r.readSeen(kept)
			user.Kept = append(user.Kept, kept)
		case r.schema.accounts.ofUser.ForName(field.Name) != nil:
			r.Report(field.Position, "User.%s is generated for accounts: remove the field, or give it another name", field.Name)
		case slices.Contains(inputsOnly, field.Name):
			r.Report(field.Position, "%s is added to every input: give the field another name", field.Name)
		default:
			user.Fields = append(user.Fields, r.userField(field))
		}
	}
	r.schema.users.Fields = user.Fields
}

// notOfUser are the directives that fields of User cannot have.
var notOfUser = []string{"unique", "index", "belongsTo", "manyToMany", "immutable"}

// userField reads one that accounts do not have.
func (r *reader) userField(definition *ast.FieldDefinition) *Field {
	field := shapeOf(definition)
	if r.isComputed("User", field) || r.schema.byHand.resolves("User", field.GoName()) {
		field.Kind = KindComputed
		r.refuseDirectives(definition, "a field that is answered by hand", "computed", "auth")
		r.readSeen(field)
		return field
	}
	if list := field.directive("hasMany"); list != nil {
		field.Model = r.schema.users
		r.readHasMany(field, list, r.schema.Model(field.TypeName))
		return field
	}
	for _, directive := range definition.Directives {
		if slices.Contains(notOfUser, directive.Name) {
			r.Report(directive.Position, "a field of User cannot have @%s yet: remove it, or keep the value in a type with @model", directive.Name)
			field.Kind = KindComputed
		}
	}
	if field.Kind == KindComputed {
		return field
	}
	if !r.isKeepable(field.TypeName) {
		r.Report(field.position(), "User cannot keep %s: add @computed to %s, and answer it by a resolver", field.TypeName, field.Name)
		field.Kind = KindComputed
		return field
	}
	r.readKept(field, "User", nil)
	r.readValue(field)
	r.readSeen(field)
	if !field.Nullable && !field.List && field.directive("default") == nil {
		r.Report(field.position(), "a sign-up does not give %s, so it needs a value without: write %[1]s: %s, or add @default", field.Name, field.TypeName)
	}
	return field
}

// isKeepable tells whether fields can keep values of a type, as far as its name tells.
func (r *reader) isKeepable(typeName string) bool {
	definition := r.types[typeName]
	switch {
	case definition == nil:
		return !r.isGenerated(typeName) || slices.Contains(scalars, typeName)
	case definition.Kind == ast.Object:
		return r.isPlain(definition)
	default:
		return definition.Kind == ast.Enum || definition.Kind == ast.Scalar
	}
}
