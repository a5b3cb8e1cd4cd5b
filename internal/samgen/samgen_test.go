package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestRun writes into a template what is in the project's own, and leaves the rest alone.
func TestRun(t *testing.T) {
	const before, after = "Resources:\n", "  ByHand: {}\n"
	project, err := os.ReadFile("../../" + templateFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(project), beginMark)
	tables, _, _ := strings.Cut(rest, endMark)
	whole := before + beginMark + tables + endMark + after
	for _, test := range []struct {
		what    string
		content string // of the template; empty: there is none
		want    string
		says    string
	}{
		{"nothing between the marks", before + beginMark + endMark + after, whole, ""},
		{"other tables", before + beginMark + "  OtherTable: {}\n" + endMark + after, whole, ""},
		{"what is current", whole, whole, ""},
		{"no template", "", "", ""},
		{"no begin", before + endMark + after, before + endMark + after, "want the lines"},
		{"no end", before + beginMark + after, before + beginMark + after, "want the lines"},
	} {
		t.Run(test.what, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, templateFile)
			if err := os.Mkdir(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if test.content != "" {
				if err := os.WriteFile(path, []byte(test.content), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var stderr strings.Builder
			code := run(t.Context(), []string{root}, &stderr)
			if (code == 0) != (test.says == "") || !strings.Contains(stderr.String(), test.says) {
				t.Errorf("exit code %d, %q; want %q", code, stderr.String(), test.says)
			}
			content, err := os.ReadFile(path)
			if err != nil && (test.content != "" || !os.IsNotExist(err)) {
				t.Fatal(err)
			}
			if string(content) != test.want {
				t.Errorf("the template is\n%s\nwant\n%s", content, test.want)
			}
		})
	}
	var stderr strings.Builder
	if code := run(t.Context(), nil, &stderr); code != 2 || !strings.Contains(stderr.String(), "usage:") {
		t.Errorf("without a root: exit code %d, %q", code, stderr.String())
	}
}

func TestLogicalID(t *testing.T) {
	for name, want := range map[string]string{
		"todos":      "TodosTable",
		"blogPosts":  "BlogPostsTable",
		"line_items": "LineItemsTable",
		"v2.posts":   "V2PostsTable",
	} {
		if got := newTable(name).LogicalID(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func newTable(name string, indexes ...string) table {
	description := types.TableDescription{TableName: &name}
	for _, index := range indexes {
		description.GlobalSecondaryIndexes = append(description.GlobalSecondaryIndexes, types.GlobalSecondaryIndexDescription{
			IndexName: &index, Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("no"), KeyType: types.KeyTypeHash}},
		})
	}
	return table{TableDescription: &description}
}

func TestRender(t *testing.T) {
	var many []table
	for i := range tablesOfPolicy + 1 {
		many = append(many, newTable(fmt.Sprintf("t%d", i)))
	}
	for _, test := range []struct {
		what   string
		tables []table
		has    []string
		lacks  string
		err    string
	}{
		{
			what:   "an attribute that YAML would take for a truth",
			tables: []table{newTable("votes", "no-id")},
			has:    []string{`AttributeName: "no"`, `IndexName: "no-id"`, "!Sub ${VotesTable.Arn}/index/*"},
		},
		{
			what:   "no index anywhere",
			tables: []table{newTable("votes")},
			has:    []string{"!GetAtt VotesTable.Arn"},
			lacks:  "/index/",
		},
		{
			what:   "more tables than a policy has room for",
			tables: many,
			has:    []string{"  TablesPolicy:\n", "  TablesPolicy2:\n", "!GetAtt T15Table.Arn"},
			lacks:  "TablesPolicy3",
		},
		{
			what:   "two tables of one logical id",
			tables: []table{newTable("lineItems"), newTable("line_items")},
			err:    "tables lineItems and line_items would both be LineItemsTable",
		},
	} {
		t.Run(test.what, func(t *testing.T) {
			text, err := render(test.tables)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.has {
				if !strings.Contains(string(text), want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
			if test.lacks != "" && strings.Contains(string(text), test.lacks) {
				t.Errorf("%q in\n%s", test.lacks, text)
			}
		})
	}
}
