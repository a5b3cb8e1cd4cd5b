//go:build newcomer && !dynamodblocal

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// TestTables asks the same of a project that answers from the tables of graph/objects_gen.go and of one that answers by
// gqlgen's own code, on the same data: documents by chance, with fragments, fields selected twice, aliases, conditions, errors,
// panics, nulls that go upward, and values that few have. Each is asked with its conditions turned around and back, since what
// is made ready of a document at first answers it from then on.
func TestTables(t *testing.T) {
	p := newProject(t)
	base, _, _ := strings.Cut(p.read(t, "schema.graphqls"), "\n\"Something to be done.\"\ntype Todo ")
	base = strings.Replace(base, "type Query {", "type Query {"+oddQueries, 1)
	p.write(t, "schema.graphqls", base+things(3, "  mood: String @computed\n  weight: Int! @computed\n")+oddTypes)
	p.write(t, "store/odd.go", oddStore)
	p.write(t, "graph/schema.resolvers.go", oddResolvers)
	p.shell(t, "go generate ./... && go build -o shop .")
	if out := p.shell(t, "ls graph"); !strings.Contains(out, "objects_gen.go") {
		t.Fatalf("there are no tables in %s", out)
	}
	plain := &project{dir: filepath.Join(t.TempDir(), "shop"), addr: freeAddr(t)}
	for _, variable := range p.env {
		plain.env = append(plain.env, strings.ReplaceAll(variable, p.addr, plain.addr))
	}
	copyTree(t, p.dir, plain.dir)
	plain.replace(t, "gqlgen.yml", "  filename: graph/generated.go\n", "  layout: follow-schema\n  dir: graph\n") // for which there are no tables
	plain.shell(t, "rm graph/generated.go && go generate ./... && go build -o shop .")
	if out := plain.shell(t, "ls graph"); strings.Contains(out, "objects_gen.go") {
		t.Fatalf("there still are tables in %s", out)
	}

	p.serve(t, "serve")
	ada := &visitor{name: "ada", addr: p.addr}
	ada.signUp(t)
	ids := []string{"VGhpbmcxOm5vYm9keQ=="}
	for i := range 4 {
		parent := ""
		for kind := 1; kind <= 3; kind++ {
			input := fmt.Sprintf(`slug: "s%d-%d", title: "é\n%d", rank: %d`, kind, i, i, i)
			if kind > 1 {
				input += fmt.Sprintf(`, parentId: %q`, parent)
			}
			data, problems := ada.query(t, fmt.Sprintf(`mutation { made: createThing%d(input: { %s }) { edge: thing%[1]dEdge { node { id } } } }`, kind, input))
			var answer struct {
				Made struct {
					Edge struct{ Node struct{ ID string } }
				}
			}
			if problems != "" || json.Unmarshal(data, &answer) != nil {
				t.Fatalf("%s %s", problems, data)
			}
			parent = answer.Made.Edge.Node.ID
			ids = append(ids, parent)
		}
	}
	p.stop()
	plain.shell(t, "rm -rf data")
	copyTree(t, filepath.Join(p.dir, "data"), filepath.Join(plain.dir, "data"))
	p.serve(t, "serve")
	plain.serve(t, "serve")

	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "schema", Input: p.read(t, "graph/schema.graphqls")})
	var withData, withErrors int
	documents := oddDocuments(schema)
	for seed := range uint64(2000) {
		c := &chance{Rand: rand.New(rand.NewPCG(seed, 1)), schema: schema, ids: ids}
		documents = append(documents, c.document())
	}
	for i, document := range documents {
		for _, yes := range []bool{true, false, true} {
			body, err := json.Marshal(map[string]any{"query": document, "variables": map[string]any{"yes": yes, "no": false}})
			if err != nil {
				t.Fatal(err)
			}
			got, want := ada.answer(t, p.addr, body), ada.answer(t, plain.addr, body)
			if !bytes.Equal(got.Data, want.Data) || !slices.Equal(got.Errors, want.Errors) {
				t.Fatalf("document %d: %s\nanswers %s %q\ninstead of %s %q", i, body, got.Data, got.Errors, want.Data, want.Errors)
			}
			if len(got.Data) > len(`{"data":null}`) {
				withData++
			}
			if len(got.Errors) > 0 {
				withErrors++
			}
		}
	}
	t.Logf("%d answers have data, %d have errors", withData, withErrors)
	if withData < 500 || withErrors < 500 {
		t.Error("that is too few to say anything")
	}
}

func copyTree(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("copy %s: %v\n%s", from, err, out)
	}
}

// A plainAnswer is what both must say: the errors in any order, since fields are answered at once.
type plainAnswer struct {
	Data   json.RawMessage
	Errors []string
}

func (v *visitor) answer(t *testing.T, addr string, body []byte) plainAnswer {
	t.Helper()
	_, content := request(t, "POST", "http://"+addr+"/graphql", v.token, string(body))
	var raw struct {
		Data   json.RawMessage
		Errors []map[string]any
	}
	if err := json.Unmarshal(content, &raw); err != nil {
		t.Fatalf("%s: %v", content, err)
	}
	answer := plainAnswer{Data: raw.Data}
	for _, e := range raw.Errors {
		if extensions, ok := e["extensions"].(map[string]any); ok {
			delete(extensions, "requestId")
		}
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		answer.Errors = append(answer.Errors, string(text))
	}
	slices.Sort(answer.Errors)
	return answer
}

// chance writes documents.
type chance struct {
	*rand.Rand
	schema    *ast.Schema
	ids       []string
	names     int
	fragments []chanceFragment
}

type chanceFragment struct{ on, text string }

func (c *chance) document() string {
	document := "query ($yes: Boolean!, $no: Boolean!) { used: __typename @include(if: $yes) @skip(if: $no)" + c.selections(c.schema.Query, 5) + " }"
	for i, fragment := range c.fragments {
		document += fmt.Sprintf(" fragment F%d on %s {%s }", i, fragment.on, fragment.text)
	}
	return document
}

// fragment returns a spread, of a fragment that is spread already where there is one.
func (c *chance) fragment(on *ast.Definition, depth int) string {
	for i, fragment := range c.fragments {
		if fragment.on == on.Name && c.IntN(2) == 0 {
			return fmt.Sprintf(" ...F%d %s", i, c.directive())
		}
	}
	text := c.selections(on, depth-1)
	c.fragments = append(c.fragments, chanceFragment{on.Name, text})
	return fmt.Sprintf(" ...F%d %s", len(c.fragments)-1, c.directive())
}

// selections returns what is selected of a type, down to a depth.
func (c *chance) selections(of *ast.Definition, depth int) string {
	var b strings.Builder
	for range 1 + c.IntN(4) {
		switch {
		case c.IntN(8) == 0:
			c.names++
			fmt.Fprintf(&b, " n%d: __typename", c.names)
		case c.IntN(6) == 0 || len(of.Fields) == 0 || of.Kind == ast.Interface && c.IntN(2) == 0:
			on := of
			if possible := c.schema.GetPossibleTypes(of); len(possible) > 0 {
				on = possible[c.IntN(len(possible))]
			}
			if c.IntN(3) == 0 {
				b.WriteString(c.fragment(on, depth))
				continue
			}
			fmt.Fprintf(&b, " ... on %s %s {%s }", on.Name, c.directive(), c.selections(on, depth-1))
		default:
			b.WriteString(c.field(of, depth))
		}
	}
	if strings.TrimSpace(b.String()) == "" {
		return " __typename"
	}
	return b.String()
}

func (c *chance) directive() string {
	return []string{"", "", "", "@include(if: $yes)", "@include(if: $no)", "@skip(if: $no)"}[c.IntN(6)]
}

// field returns a field of a type; empty where it chooses one that is too deep, or has arguments of which nothing is known.
func (c *chance) field(of *ast.Definition, depth int) string {
	field := of.Fields[c.IntN(len(of.Fields))]
	var arguments []string
	for _, argument := range field.Arguments {
		value := c.value(argument)
		if value == "" && argument.Type.NonNull {
			return ""
		}
		if value != "" && (argument.Type.NonNull || c.IntN(3) == 0) {
			arguments = append(arguments, argument.Name+": "+value)
		}
	}
	c.names++
	text := fmt.Sprintf(" f%d: %s", c.names, field.Name)
	if len(field.Arguments) == 0 && c.IntN(2) == 0 {
		text = " " + field.Name // which others may merge with
	}
	if len(arguments) > 0 {
		text += "(" + strings.Join(arguments, ", ") + ")"
	}
	text += " " + c.directive()
	def := c.schema.Types[field.Type.Name()]
	if !def.IsCompositeType() {
		return text
	}
	if depth <= 0 {
		return ""
	}
	return text + " {" + c.selections(def, depth-1) + " }"
}

func (c *chance) value(argument *ast.ArgumentDefinition) string {
	id := func() string { return fmt.Sprintf("%q", c.ids[c.IntN(len(c.ids))]) }
	def := c.schema.Types[argument.Type.Name()]
	switch {
	case argument.Type.Elem != nil:
		return "[" + id() + ", " + id() + "]"
	case argument.Name == "n":
		return fmt.Sprint(c.IntN(13) - 1)
	case argument.Name == "name":
		return `"Thing1"`
	case def.Name == "ID":
		return id()
	case def.Name == "Int":
		return []string{"0", "1", "2", "3", "-1", "101"}[c.IntN(6)]
	case def.Name == "Boolean":
		return "true"
	case def.Kind == ast.Enum:
		return def.EnumValues[c.IntN(len(def.EnumValues))].Name
	case argument.Name == "after" || argument.Name == "before":
		return []string{"null", `"x"`}[c.IntN(2)]
	}
	return ""
}
