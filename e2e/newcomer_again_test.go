//go:build newcomer && !dynamodblocal

package e2e

import (
	"os"
	"strings"
	"testing"
)

const mailTypes = `
type Mail implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  kind: String! @index(queryField: "mailsOfKind")
  from: Person! @belongsTo
  to: Person! @belongsTo
}
type Person implements Node @model @auth(rules: [{ allow: owner }]) {
  id: ID!
  sent: [Mail!]! @hasMany(field: "from")
  got: [Mail!]! @hasMany(field: "to")
}
`

// byHand is what a newcomer may write beside what is generated.
const byHand = `package graph

import (
	"context"

	"github.com/ownql/ownql/gql"
	"example.com/shop/store"
	"github.com/ownql/ownql/model"
)

type auditResolver struct{ rows int }

func (r *Resolver) greet() string { return "hello" }

func (r *Resolver) Audit() *auditResolver { return &auditResolver{} }

// Sent lists the newest first.
func (r *personResolver) Sent(ctx context.Context, obj *store.Person, filter *model.Filter, first *int, after *string, last *int, before *string, sortDirection *model.SortDirection) (*store.MailConnection, error) {
	return r.Store.Mails.ByParent(ctx, gql.Caller(ctx), "fromId", obj.ID, model.Page{First: first, After: after, Descending: true}.Where(filter))
}
`

// TestNewcomerChangesTheirMind generates again and again: what was generated for the schema
// before gives way, and what was written by hand does not.
func TestNewcomerChangesTheirMind(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	const schema, resolvers = "schema.graphqls", "graph/resolvers_gen.go"
	generate := func(t *testing.T) {
		t.Helper()
		p.shell(t, "go generate ./... && go vet ./...")
	}
	wantsResolver := func(t *testing.T, field, body string) {
		t.Helper()
		_, method, found := strings.Cut(p.read(t, resolvers), field)
		if !found || !strings.Contains(method[:strings.Index(method, "\n}")], body) {
			t.Errorf("the resolver of %s does not say %s", field, body)
		}
	}
	starter := p.read(t, schema)
	p.write(t, schema, starter+mailTypes)
	generate(t)
	wantsResolver(t, ") Sent(", `Mails.ByParent(ctx, gql.Caller(ctx), "fromId", `)

	t.Run("relations change places, a field and a plural get other names", func(t *testing.T) {
		p.replace(t, schema, `sent: [Mail!]! @hasMany(field: "from")`, `sent: [Mail!]! @hasMany(field: "to")`)
		p.replace(t, schema, `got: [Mail!]! @hasMany(field: "to")`, `got: [Mail!]! @hasMany(field: "from")`)
		p.replace(t, schema, `kind: String! @index`, `sort: String! @index`)
		p.replace(t, schema, `type Person implements Node @model`, `type Person implements Node @model(plural: "people")`)
		generate(t)
		wantsResolver(t, ") Sent(", `Mails.ByParent(ctx, gql.Caller(ctx), "toId", `)
		wantsResolver(t, ") Got(", `Mails.ByParent(ctx, gql.Caller(ctx), "fromId", `)
		wantsResolver(t, ") MailsOfKind(", ", sort)")
		wantsResolver(t, ") From(", ".People.Load(")
	})
	t.Run("what is written by hand stays", func(t *testing.T) {
		const file = "graph/schema.resolvers.go"
		p.write(t, file, byHand)
		generate(t)
		if p.read(t, file) != byHand {
			t.Errorf("%s is now\n%s", file, p.read(t, file))
		}
		if strings.Contains(p.read(t, resolvers), ") Sent(") {
			t.Errorf("%s has a resolver that is written by hand", resolvers)
		}
		p.shell(t, "rm "+file)
	})
	t.Run("names that mean something else, in Go or in introspection", func(t *testing.T) {
		names, err := os.ReadFile(inRepository("internal/modelgen/testdata/names/schema.graphqls"))
		if err != nil {
			t.Fatal(err)
		}
		_, types, found := strings.Cut(string(names), "\n# ")
		if !found {
			t.Fatal("testdata/names has no types")
		}
		types = "\n# " + types
		for _, name := range []string{"Schema", "Type", "Field", "Directive", "EnumValue", "InputValue"} {
			types += "type " + name + " implements Node @model @auth(rules: [{ allow: owner }]) {\n  id: ID!\n  name: String!\n}\n"
		}
		p.write(t, schema, starter+types)
		generate(t)
		if files := p.shell(t, "ls graph"); strings.Contains(files, "prelude") || strings.Contains(files, "schema.resolvers.go") {
			t.Errorf("resolvers are wanted: %s", files)
		}
	})
	t.Run("no type at all", func(t *testing.T) {
		before, rest, _ := strings.Cut(starter, "\"Something to be done.\"\ntype Todo ")
		_, after, found := strings.Cut(rest, "\n}\n")
		if !found {
			t.Fatalf("the starter has no Todo:\n%s", starter)
		}
		p.write(t, schema, before+after)
		p.shell(t, "go generate ./... && go test ./...")
	})
	t.Run("as it was", func(t *testing.T) {
		p.write(t, schema, starter)
		generate(t)
		if out := p.shell(t, "git status --porcelain"); out != "" {
			t.Errorf("going back leaves\n%s", out)
		}
	})
}
