package samgen

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// TestFill writes between the marks of a template, and leaves the rest alone.
func TestFill(t *testing.T) {
	const before, after = "Resources:\n", "  ByHand: {}\n"
	tables := []Table{{Name: "notes", Keys: []Key{{"id", "S"}}}}
	resources, err := render(tables)
	if err != nil {
		t.Fatal(err)
	}
	whole := before + beginMark + string(resources) + endMark + after
	for _, test := range []struct {
		what    string
		content string
		want    string // empty: it is refused
	}{
		{"nothing between the marks", before + beginMark + endMark + after, whole},
		{"other tables", before + beginMark + "  OtherTable: {}\n" + endMark + after, whole},
		{"what is current", whole, whole},
		{"no begin", before + endMark + after, ""},
		{"no end", before + beginMark + after, ""},
	} {
		t.Run(test.what, func(t *testing.T) {
			got, err := Fill([]byte(test.content), tables)
			if (err == nil) != (test.want != "") || string(got) != test.want {
				t.Errorf("%v, the template is\n%s\nwant\n%s", err, got, test.want)
			}
			if err != nil && !strings.Contains(err.Error(), "want the lines") {
				t.Error(err)
			}
		})
	}
}

// TestAccountTables wants them to be what package account makes.
func TestAccountTables(t *testing.T) {
	engine, err := dynamolocal.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer engine.Close()
	db := model.Open(engine, "")
	account.New(db)
	audit.NewTable(db)
	if _, err := db.CreateTables(t.Context()); err != nil {
		t.Fatal(err)
	}
	lasting, expiring := db.TableNames()
	var made []Table
	for _, name := range slices.Sorted(slices.Values(slices.Concat(lasting, expiring))) {
		described, err := engine.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &name})
		if err != nil {
			t.Fatal(err)
		}
		ttl, err := engine.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: &name})
		if err != nil {
			t.Fatal(err)
		}
		types := map[string]string{}
		for _, attribute := range described.Table.AttributeDefinitions {
			types[*attribute.AttributeName] = string(attribute.AttributeType)
		}
		table := Table{Name: name, TTL: aws.ToString(ttl.TimeToLiveDescription.AttributeName)}
		for _, key := range described.Table.KeySchema {
			table.Keys = append(table.Keys, Key{*key.AttributeName, types[*key.AttributeName]})
		}
		for _, index := range described.Table.GlobalSecondaryIndexes {
			hash, sort := *index.KeySchema[0].AttributeName, *index.KeySchema[1].AttributeName
			table.Indexes = append(table.Indexes, Index{Key{hash, types[hash]}, Key{sort, types[sort]}})
		}
		made = append(made, table)
	}
	if diff := cmp.Diff(AccountTables, made); diff != "" {
		t.Errorf("-AccountTables +made:\n%s", diff)
	}
}

func TestLogicalID(t *testing.T) {
	for name, want := range map[string]string{
		"notes":      "NotesTable",
		"blogPosts":  "BlogPostsTable",
		"line_items": "LineItemsTable",
		"v2.posts":   "V2PostsTable",
	} {
		if got := newTable(name).LogicalID(); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func newTable(name string) Table { return Table{Name: name, Keys: []Key{{"id", "S"}}} }

func TestRender(t *testing.T) {
	var many []Table
	for i := range tablesOfPolicy + 1 {
		many = append(many, newTable(fmt.Sprintf("t%d", i)))
	}
	for _, test := range []struct {
		what   string
		tables []Table
		has    []string
		lacks  string
		err    string
	}{
		{
			what:   "an attribute that YAML would take for a truth",
			tables: []Table{{Name: "votes", Keys: []Key{{"id", "S"}}, Indexes: []Index{{Key{"no", "S"}, Key{"id", "S"}}}}},
			has:    []string{`AttributeName: "no"`, `IndexName: "no-id"`, "!Sub ${VotesTable.Arn}/index/*"},
		},
		{
			what:   "no index anywhere",
			tables: []Table{newTable("votes")},
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
			tables: []Table{newTable("lineItems"), newTable("line_items")},
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
