package gql

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// FuzzCoercion holds that whatever document and variables are taken, each argument is of its type.
func FuzzCoercion(f *testing.F) {
	answers := readTable(f)
	for i, c := range answers.Cases {
		if i%10 == 0 {
			f.Add(c.Document, c.Variables)
		}
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Input: answers.Schema})
	if err != nil {
		f.Fatal(err)
	}
	documents := newDocuments(schema, DefaultLimits, true)
	h := &Handler{documents: documents}
	f.Fuzz(func(t *testing.T, text, variables string) {
		if !utf8.ValidString(text) || !utf8.ValidString(variables) {
			return // readParams refuses it
		}
		if masked := readSource(text).text; utf8.RuneCountInString(masked) != utf8.RuneCountInString(text) || strings.Count(masked, "\n") != strings.Count(text, "\n") {
			t.Fatalf("%q is read as %q", text, masked)
		}
		params := &graphql.RawParams{Query: text}
		decoder := json.NewDecoder(strings.NewReader(variables))
		decoder.UseNumber()
		if decoder.Decode(&params.Variables) != nil {
			return
		}
		document, errs := documents.load(text)
		if len(errs) > maxErrors {
			t.Fatalf("%d errors", len(errs))
		}
		if len(errs) > 0 {
			return
		}
		operation, errs := h.operationOf(document, params)
		if len(errs) > 0 {
			return
		}
		for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"}) {
			if field.Definition == nil {
				continue
			}
			for name, value := range field.ArgumentMap(operation.Variables) {
				def := field.Definition.Arguments.ForName(name)
				if value := asGqlgen(schema, def.Type, value); !isOf(schema, def.Type, value) {
					t.Errorf("%q with %s: %s of %s is %#v, and no %s", text, variables, name, field.Name, value, def.Type)
				}
			}
		}
	})
}

// isOf tells whether a value, as generated code gets it, is of a type.
func isOf(schema *ast.Schema, t *ast.Type, value any) bool {
	if value == nil {
		return !t.NonNull
	}
	if t.Elem != nil {
		items, ok := value.([]any)
		for _, item := range items {
			ok = ok && isOf(schema, t.Elem, item)
		}
		return ok
	}
	def := schema.Types[t.NamedType]
	switch def.Kind {
	case ast.Enum:
		name, ok := value.(string)
		return ok && def.EnumValues.ForName(name) != nil
	case ast.InputObject:
		object, ok := value.(map[string]any)
		for name := range object {
			ok = ok && def.Fields.ForName(name) != nil
		}
		for _, field := range def.Fields {
			given, isGiven := object[field.Name]
			ok = ok && (isOf(schema, field.Type, given) || !isGiven && !field.Type.NonNull)
		}
		return ok && (!isOneOf(def) || hasOneValue(object))
	}
	var ok bool
	switch def.Name {
	case "Int":
		var n int64
		n, ok = value.(int64)
		ok = ok && int64(int32(n)) == n
	case "Float":
		_, ok = value.(float64)
	case "String", "ID":
		var text string
		text, ok = value.(string)
		ok = ok && utf8.ValidString(text)
	case "Boolean":
		_, ok = value.(bool)
	default:
		ok = true
	}
	return ok
}
