package schema

import (
	_ "embed"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

//go:embed accounts.graphqls
var accountsSDL string

// accountsFile is its name in messages.
const accountsFile = "accounts.graphqls"

// accounts is what accounts add to a schema.
type accounts struct {
	types     ast.DefinitionList
	mutations ast.FieldList
	ofUser    ast.FieldList
}

// readAccounts reads accounts.graphqls anew, so that nothing of it is shared.
func readAccounts() *accounts {
	document, err := parser.ParseSchema(&ast.Source{Name: accountsFile, Input: accountsSDL})
	if err != nil {
		panic(err) // it is ours
	}
	a := &accounts{ofUser: document.Extensions.ForName("User").Fields}
	for _, definition := range document.Definitions {
		if definition.Name == "Mutation" {
			a.mutations = definition.Fields
		} else {
			a.types = append(a.types, definition)
		}
	}
	return a
}

// HasAccounts tells whether the project has accounts: it has the type User.
func (s *Schema) HasAccounts() bool { return s.accounts != nil }

// accountTypes returns the types that accounts add, as this schema has them.
func (s *Schema) accountTypes() ast.DefinitionList {
	if s.accounts == nil {
		return nil
	}
	types := slices.Clone(s.accounts.types)
	for i, definition := range types {
		if definition.Name == "UpdateViewerInput" {
			types[i] = s.User.updateInput(definition)
		}
	}
	return types
}

// updateInput returns UpdateViewerInput with the fields that the type User has, its own too.
func (u *User) updateInput(of *ast.Definition) *ast.Definition {
	input := *of
	input.Fields = nil
	for _, field := range of.Fields {
		switch {
		case slices.Contains(accountFields, field.Name) && !slices.Contains(u.account, field.Name):
			continue
		case field.Name == "expectedVersion":
			for _, own := range u.Updatable() {
				input.Fields = append(input.Fields, own.forUpdate())
				if own.Nullable {
					input.Description = "What `updateViewer` changes. A field that is absent stays as it is, and so does one that is null, unless it says otherwise."
				}
			}
		}
		input.Fields = append(input.Fields, field)
	}
	return &input
}

// addAccounts gives a document, which is another reading of the same file, what accounts add, and the
// scalars that it leaves out.
func (r *reader) addAccounts(document *ast.SchemaDocument) {
	document.Definitions = append(document.Definitions, r.schema.addedScalars()...)
	if r.schema.accounts == nil {
		return
	}
	added := readAccounts()
	for _, definition := range added.types {
		if document.Definitions.ForName(definition.Name) == nil {
			document.Definitions = append(document.Definitions, definition)
		}
	}
}
