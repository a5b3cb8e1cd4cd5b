//go:build newcomer && !dynamodblocal

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestNewcomerSeeds does what the new project's README says of data to develop with, and then makes data up by a
// schema that has everything which a field can be, belong to, and be asked for by a rule.
func TestNewcomerSeeds(t *testing.T) {
	p := newProject(t)
	for _, command := range []string{"go run . seed", "go tool ownql seed --reset"} {
		if said := p.shell(t, command); !strings.Contains(said, "1-ada.graphql: 2 mutations") || !strings.Contains(said, "ada@example.com") {
			t.Errorf("%s prints\n%s", command, said)
		}
	}
	if changed := p.shell(t, "git status --porcelain"); changed != "" {
		t.Errorf("seed leaves changes:\n%s", changed)
	}
	begin, _, isStarter := strings.Cut(p.read(t, "schema.graphqls"), `"Something to be done."`)
	if !isStarter {
		t.Fatal("the starter's schema is another")
	}
	begin = strings.Replace(begin, "  updatedAt: DateTime!\n}", "  updatedAt: DateTime!\n  unread: [Message!]! @hasMany(field: \"reader\")\n  taken: [Seat!]! @hasMany(field: \"user\")\n}", 1)
	schema := begin + "enum Status { DRAFT REVIEWED PUBLISHED }\n"
	for _, part := range []struct{ of, from, to string }{
		{"where", "# Rules that ask", "\x00"}, {"kinds", "# Every type", `"Not kept by any model."`}, {"relations", "# Every way", "\x00"},
	} {
		text, err := os.ReadFile(inRepository(filepath.Join("internal/modelgen/testdata", part.of, "schema.graphqls")))
		if err != nil {
			t.Fatal(err)
		}
		_, types, isThere := strings.Cut(string(text), part.from)
		if !isThere {
			t.Fatalf("the schema of %s has no %q", part.of, part.from)
		}
		types, _, _ = strings.Cut(types, part.to)
		schema += "#" + types + "\n"
	}
	p.write(t, "schema.graphqls", schema)
	p.shell(t, "go generate ./... && go build .")
	said := p.shell(t, "./shop seed --random 1000 --store many")
	for _, name := range []string{"Blog", "Post", "Comment", "Product", "Category", "Person", "Message", "Tag", "Tagging", "Answer", "Seat", "URL", "HTTPPage", "Range", "Sheep"} {
		if !regexp.MustCompile(`(?m)^` + name + `: [1-9]\d*$`).MatchString(said) {
			t.Errorf("not all objects of %s are made:\n%s", name, said)
		}
	}
	for command, want := range map[string]string{
		"./shop check --store many": "is whole", "./shop tables --plan --store many": "every table is there, as the schema needs it",
	} {
		if told := p.shell(t, command); !strings.Contains(told, want) {
			t.Errorf("%s prints\n%s", command, told)
		}
	}
	if refused := p.fails(t, "./shop seed"); !strings.Contains(refused, `seed/1-ada.graphql:6:3: Cannot query field "createTodo" on type "Mutation"`) {
		t.Errorf("the seed of a type that is gone is answered %s", refused)
	}
}
