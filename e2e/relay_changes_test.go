//go:build relay

package e2e

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
	"github.com/ownql/ownql/internal/schemadiff"
)

// mutants is how many schemas are made of one by chance.
const mutants = 400

// TestRelayChanges has graphql-js say what is breaking and dangerous between schemas, those of package schemadiff's
// test and others that are made by chance: `ownql schema --diff` says the same.
func TestRelayChanges(t *testing.T) {
	archive, err := txtar.ParseFile(inRepository("internal/schemadiff/testdata/pairs.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var pairs [][2]string
	for i := 0; i+2 < len(archive.Files); i += 3 {
		pairs = append(pairs, [2]string{string(archive.Files[i].Data), string(archive.Files[i+1].Data)})
	}
	random := rand.New(rand.NewPCG(14, 5))
	for len(pairs) < mutants {
		if mutant := mutate(t, random); mutant != "" {
			pairs = append(pairs, [2]string{toMutate, mutant}, [2]string{mutant, toMutate})
		}
	}
	asked, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	node := exec.Command("node", filepath.Join(relayFiles, "changes.mjs"))
	node.Stdin, node.Stderr = bytes.NewReader(asked), os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatal(err)
	}
	type change struct{ Type, Description string }
	var judged []struct{ Breaking, Dangerous []change }
	if err := json.Unmarshal(out, &judged); err != nil || len(judged) != len(pairs) {
		t.Fatalf("it judges %d pairs of %d: %v", len(judged), len(pairs), err)
	}
	found := 0
	for i, pair := range pairs {
		var schemas [2]*ast.Schema
		for j, text := range pair {
			if schemas[j], err = schemadiff.Parse("schema", text); err != nil {
				t.Fatal(err)
			}
		}
		ours := schemadiff.Compare(schemas[0], schemas[1])
		for class, theirs := range map[schemadiff.Class][]change{schemadiff.Breaking: judged[i].Breaking, schemadiff.Dangerous: judged[i].Dangerous} {
			left := slices.DeleteFunc(ours.Of(class), isBeyondGraphQLJS)
			// The longest first, so that what is of a directive is not taken for what is of its argument.
			slices.SortStableFunc(left, func(a, b schemadiff.Change) int { return len(b.Path) - len(a.Path) })
			for _, change := range theirs {
				if strings.HasPrefix(change.Description, "Standard scalar ") {
					continue // every schema has it
				}
				at := slices.IndexFunc(left, func(own schemadiff.Change) bool { return areNamed(own, change.Description) })
				isWorse := func(own schemadiff.Change) bool { return isNeededNow(own) && areNamed(own, change.Description) }
				if at < 0 && class == schemadiff.Dangerous && slices.ContainsFunc(ours.Of(schemadiff.Breaking), isWorse) {
					continue // a default that is gone, to graphql-js
				}
				if at < 0 {
					t.Errorf("%s\nto\n%s\ngraphql-js: %v %s %s\nours: %v", pair[0], pair[1], class, change.Type, change.Description, ours)
					continue
				}
				found++
				left = slices.Delete(left, at, at+1)
			}
			if len(left) > 0 {
				t.Errorf("%s\nto\n%s\n%v to us alone: %v", pair[0], pair[1], class, left)
			}
		}
	}
	if found < mutants {
		t.Errorf("graphql-js finds %d changes between %d pairs", found, len(pairs))
	}
}

// isBeyondGraphQLJS tells whether a change is one that graphql-js does not look for; most of these are in GraphQL
// Inspector.
func isBeyondGraphQLJS(change schemadiff.Change) bool {
	isOfInput := !strings.Contains(change.Path, "(")
	isOfDirective := strings.HasPrefix(change.Path, "@") && !isOfInput
	return strings.HasPrefix(change.Path, "schema.") || strings.Contains(change.Text, "@oneOf") ||
		strings.Contains(change.Text, "and had none before") || isNeededNow(change) ||
		strings.Contains(change.Text, "default") && isOfInput ||
		isOfDirective && !strings.Contains(change.Text, "gone") && !strings.Contains(change.Text, "must be given")
}

// isNeededNow tells whether a change is that what had a default, and is never null, has none any more: GraphQL refuses
// documents without it then.
func isNeededNow(change schemadiff.Change) bool {
	return strings.Contains(change.Text, "it must be given now")
}

var word = regexp.MustCompile(`[_A-Za-z]\w*`)

// areNamed tells whether a text has all the names of a change's path.
func areNamed(change schemadiff.Change, text string) bool {
	names := word.FindAllString(text, -1)
	all := word.FindAllString(change.Path, -1)
	if first, _, _ := strings.Cut(change.Text, " "); strings.Contains(change.Text, " of it ") {
		all = append(all, first) // a member of a union
	}
	return !slices.ContainsFunc(all, func(name string) bool { return !slices.Contains(names, name) })
}

// toMutate has something of everything.
const toMutate = `
directive @a(x: Int, y: Int! = 1) repeatable on FIELD | QUERY
directive @b on MUTATION
interface I { i: Int }
interface J { j: [Int!]! }
type A implements I & J { i: Int, j: [Int!]!, k(p: P, e: E = X, l: [Int!] = [1], n: ID!): U! }
type B implements I { i: Int, k: [[B!]]! }
type C { i: Int! @deprecated(reason: "no"), j: [String] }
union U = A | B
enum E { X, Y, Z }
input P { x: Int, y: [Int!], z: String! = "z", e: E!, p: P }
scalar S
type Query { a(s: S): A, b: B, c: [C!], i: I, j: J, s: S! }
`

// mutate changes something in toMutate by chance, in one to three places; empty: that is no schema.
func mutate(t *testing.T, random *rand.Rand) string {
	schema, err := schemadiff.Parse("schema", toMutate)
	if err != nil {
		t.Fatal(err)
	}
	var definitions []*ast.Definition
	for _, name := range []string{"I", "J", "A", "B", "C", "U", "E", "P", "S", "Query"} {
		definition := schema.Types[name]
		definition.Fields = slices.DeleteFunc(definition.Fields, func(f *ast.FieldDefinition) bool { return strings.HasPrefix(f.Name, "__") })
		definitions = append(definitions, definition)
	}
	for range 1 + random.IntN(3) {
		mutateOne(random, definitions[random.IntN(len(definitions))], schema.Directives["a"])
	}
	if random.IntN(10) == 0 {
		at := random.IntN(len(definitions) - 1)
		definitions = slices.Delete(definitions, at, at+1)
	}
	var out sdl.Printer
	out.DirectiveDefinition(schema.Directives["a"])
	if random.IntN(10) > 0 {
		out.DirectiveDefinition(schema.Directives["b"])
	}
	for _, definition := range definitions {
		out.Definition(definition)
	}
	if _, err := schemadiff.Parse("mutant", out.String()); err != nil {
		return ""
	}
	return out.String()
}

func mutateOne(random *rand.Rand, definition *ast.Definition, directive *ast.DirectiveDefinition) {
	switch definition.Kind {
	case ast.Enum:
		if last := len(definition.EnumValues) - 1; random.IntN(2) == 0 && last > 0 { // X is a default
			definition.EnumValues = definition.EnumValues[:last]
		} else {
			definition.EnumValues = append(definition.EnumValues, &ast.EnumValueDefinition{Name: "W"})
		}
	case ast.Union:
		definition.Types = [][]string{{"A"}, {"B", "C"}, {"A", "B", "C"}}[random.IntN(3)]
	case ast.Scalar:
		directive.IsRepeatable = random.IntN(2) == 0
		directive.Locations = directive.Locations[:1]
		directive.Arguments = directive.Arguments[:random.IntN(len(directive.Arguments)+1)]
	default:
		mutateFields(random, definition)
	}
}

func mutateFields(random *rand.Rand, definition *ast.Definition) {
	if len(definition.Fields) == 0 {
		return
	}
	at := random.IntN(len(definition.Fields))
	field := definition.Fields[at]
	added := &ast.FieldDefinition{Name: "added", Type: otherType(random, &ast.Type{NamedType: "Int"})}
	switch what := random.IntN(7); {
	case what == 0:
		definition.Fields = slices.Delete(definition.Fields, at, at+1)
	case what == 1 && definition.Fields.ForName("added") == nil:
		definition.Fields = append(definition.Fields, added)
	case what == 2 && definition.Kind == ast.Object && len(definition.Interfaces) > 0:
		definition.Interfaces = definition.Interfaces[1:]
	case what <= 4 && len(field.Arguments) > 0:
		argument := field.Arguments[random.IntN(len(field.Arguments))]
		switch random.IntN(4) {
		case 0:
			field.Arguments = field.Arguments[1:]
		case 1:
			field.Arguments = append(field.Arguments, &ast.ArgumentDefinition{Name: "added", Type: added.Type})
		case 2:
			argument.DefaultValue = nil
		default:
			argument.Type = otherType(random, argument.Type)
		}
	default:
		field.Type = otherType(random, field.Type)
	}
}

// otherType makes another type of one.
func otherType(random *rand.Rand, of *ast.Type) *ast.Type {
	changed := *of
	switch random.IntN(5) {
	case 0:
		return &ast.Type{Elem: &changed, NonNull: random.IntN(2) == 0}
	case 1:
		if of.Elem != nil {
			return of.Elem
		}
	case 2:
		if of.Elem != nil {
			changed.Elem = otherType(random, of.Elem)
			return &changed
		}
		changed.NamedType = []string{"Int", "ID", "E", "S"}[random.IntN(4)]
		return &changed
	}
	changed.NonNull = !changed.NonNull
	return &changed
}
