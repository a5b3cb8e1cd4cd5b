package docs_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/internal/docs"
)

const page = "# A page\n\n`ownql user list --json` and `go tool ownql schema --diff FILE`; `ownql` alone is none, nor is `--stack-name ownql --flag`.\n\n" +
	"<!-- sdl\ntype Port\n-->\n```graphql from=a/b.graphqls\ntype Ship\n```\n\n- In a list:\n\n  ```sh aws\n  TOKEN=$(./ownql token add ada \\\n    --name CI) && PORT=1 ./ownql -- --last\n  ```\n"

func TestParse(t *testing.T) {
	document := docs.Parse("page.md", page)
	want := []docs.Block{
		{Line: 8, Info: "graphql from=a/b.graphqls", Text: "type Ship\n", Hidden: "type Port\n"},
		{Line: 14, Info: "sh aws", Text: "TOKEN=$(./ownql token add ada \\\n  --name CI) && PORT=1 ./ownql -- --last\n"},
	}
	if diff := cmp.Diff(want, document.Blocks); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if block := document.Blocks[0]; block.Kind() != "graphql" || block.Option("from") != "a/b.graphqls" || block.Option("schema") != "" {
		t.Errorf("%q is of the kind %q, from %q", block.Info, block.Kind(), block.Option("from"))
	}
}

func TestCommandLines(t *testing.T) {
	var got [][]string
	for _, line := range docs.Parse("page.md", page).CommandLines() {
		program := "project"
		if line.IsTool {
			program = "tool"
		}
		got = append(got, append([]string{program}, line.Help()...))
	}
	want := [][]string{
		{"project", "token", "add", "ada", "--name", "CI", "--help"},
		{"project", "--help"},
		{"project", "user", "list", "--json", "--help"},
		{"tool", "schema", "--diff", "FILE", "--help"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
