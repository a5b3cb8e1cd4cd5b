package schema

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// TransactionDirective is the directive that the public schema has for clients to write.
const TransactionDirective = "transaction"

var transaction = &ast.DirectiveDefinition{
	Name:        TransactionDirective,
	Description: "Carries out all fields of a mutation, or none: `mutation @transaction { … }`. They are written together, and answered then.",
	Locations:   []ast.DirectiveLocation{ast.LocationMutation},
}

// hasTransactions tells whether clients can change anything that may be part of one.
func (s *Schema) hasTransactions() bool { return len(s.Models) > 0 }

// clientID is the id that a create input may have.
func (m *Model) clientID() *ast.FieldDefinition {
	return field("id", "ID", "The global id of the new "+m.Prose()+", where the client makes it, so that other inputs of one transaction can name it: "+
		"the base64 of `"+m.IDName()+":` and a UUIDv7 that was made within a day of now.")
}
