//go:build newcomer && !dynamodblocal

package e2e

import (
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

// ownResolvers is what a newcomer may write beside what gqlgen does.
const ownResolvers = `
type auditResolver struct{ rows int }

func (r *Resolver) greet() string { return "hello" }

func (r *Resolver) Audit() *auditResolver { return &auditResolver{} }
`

// TestNewcomerChangesTheirMind generates again and again: what was generated for the schema
// before gives way, and what was written by hand does not.
func TestNewcomerChangesTheirMind(t *testing.T) {
	p := newProject(t)
	const schema, resolvers = "schema.graphqls", "graph/schema.resolvers.go"
	generate := func(t *testing.T) {
		t.Helper()
		p.shell(t, "go generate ./... && go vet ./graph ./store && go build")
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
	wantsResolver(t, ") Sent(", "MailsByFrom(")

	t.Run("relations change places", func(t *testing.T) {
		p.replace(t, schema, `sent: [Mail!]! @hasMany(field: "from")`, `sent: [Mail!]! @hasMany(field: "to")`)
		p.replace(t, schema, `got: [Mail!]! @hasMany(field: "to")`, `got: [Mail!]! @hasMany(field: "from")`)
		generate(t)
		wantsResolver(t, ") Sent(", "MailsByTo(")
		wantsResolver(t, ") Got(", "MailsByFrom(")
	})
	t.Run("a field and a plural get other names", func(t *testing.T) {
		p.replace(t, schema, `kind: String! @index`, `sort: String! @index`)
		p.replace(t, schema, `type Person implements Node @model`, `type Person implements Node @model(plural: "people")`)
		generate(t)
		wantsResolver(t, ") MailsOfKind(", ", sort, ")
		wantsResolver(t, ") From(", ".people.Load(")
	})
	t.Run("what is written by hand stays", func(t *testing.T) {
		p.replace(t, resolvers, "r.Store.MailsByTo(", "r.Store.NewestMails(")
		p.write(t, "store/mail.go", `package store

import "context"

// NewestMails returns a page of the mails that went to a person, the newest first.
func (s *Store) NewestMails(ctx context.Context, caller Caller, id string, page Page) (*Connection[Mail], error) {
	page.Descending = !page.Descending
	return s.MailsByTo(ctx, caller, id, page)
}
`)
		p.write(t, resolvers, p.read(t, resolvers)+ownResolvers)
		p.shell(t, "go generate ./...")
		wantsResolver(t, ") Sent(", "NewestMails(")
		for _, line := range strings.Split(strings.TrimSpace(ownResolvers), "\n") {
			if !strings.Contains(p.read(t, resolvers), line) {
				t.Errorf("%q is gone", line)
			}
		}
		p.shell(t, "rm store/mail.go && git checkout -q "+resolvers)
	})
	t.Run("names of introspection", func(t *testing.T) {
		types := ""
		for _, name := range []string{"Schema", "Type", "Field", "Directive", "EnumValue", "InputValue"} {
			types += "type " + name + " implements Node @model @auth(rules: [{ allow: owner }]) {\n  id: ID!\n  name: String!\n}\n"
		}
		p.write(t, schema, starter+types)
		generate(t)
		if strings.Contains(p.shell(t, "ls graph"), "prelude") {
			t.Error("gqlgen wants resolvers for introspection")
		}
	})
	t.Run("names that mean something else in Go", func(t *testing.T) {
		_, types, found := strings.Cut(p.read(t, "internal/modelgen/testdata/names/schema.graphqls"), "\n# ")
		if !found {
			t.Fatal("testdata/names has no types")
		}
		p.write(t, schema, starter+"\n# "+types)
		generate(t)
		if strings.Contains(p.read(t, resolvers), "not implemented") {
			t.Error("a resolver is not implemented")
		}
	})
	t.Run("no type at all", func(t *testing.T) {
		before, rest, _ := strings.Cut(starter, "\"Something to be done.\"\ntype Todo ")
		_, after, found := strings.Cut(rest, "\n}\n")
		if !found {
			t.Fatalf("the starter has no Todo:\n%s", starter)
		}
		p.write(t, schema, before+after)
		generate(t)
	})
	t.Run("as it was", func(t *testing.T) {
		p.write(t, schema, starter)
		generate(t)
		if out := p.shell(t, "git status --porcelain"); out != "" {
			t.Errorf("going back leaves\n%s", out)
		}
	})
}
