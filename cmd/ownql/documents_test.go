package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/docs"
	"github.com/ownql/ownql/internal/modelgen"
)

func readDocuments(t *testing.T) []docs.Document {
	t.Helper()
	documents, err := docs.Read("../..")
	if err != nil || len(documents) < 20 {
		t.Fatalf("there are %d documents: %v", len(documents), err)
	}
	return documents
}

// TestDocumentCommandLines tries each command line of the tool that the documents have: its commands and flags are there.
func TestDocumentCommandLines(t *testing.T) {
	n := 0
	for _, document := range readDocuments(t) {
		if document.Name == "CHANGELOG.md" {
			continue // it tells of what was
		}
		for _, line := range document.CommandLines() {
			if !line.IsTool {
				continue
			}
			n++
			var stdout, stderr bytes.Buffer
			if code := run(t.Context(), line.Help(), strings.NewReader(""), &stdout, &stderr); code != 0 {
				t.Errorf("%s: `%s`: %s", document.Name, line.Text, stderr.String())
			}
		}
	}
	if n < 10 {
		t.Errorf("the documents have %d command lines of the tool", n)
	}
}

// TestReviewDocument makes the changes of which docs/review.md shows the report, in a project of its own, and wants each line
// of that, in which … is any text.
func TestReviewDocument(t *testing.T) {
	project := newRepository(t)
	types := func(issue, rule, isPublic string) {
		t.Helper()
		write(t, project, "schema.graphqls", strings.Replace(reviewed, "type Post implements Node @model @auth(rules: [{ allow: owner }]) {\n  id: ID!\n  title: String!\n}\n", "", 1)+`
type Organization implements Node @model(onOwnerDelete: KEEP) @auth(rules: [{ allow: owner, operations: [create] }, { allow: members, through: "Membership" }]) {
  id: ID!
}

type Membership implements Node @model @unique(fields: ["organization", "user"]) {
  id: ID!
  organization: Organization! @belongsTo(onDelete: CASCADE)
  user: User! @belongsTo
}

type Project implements Node @model(onOwnerDelete: KEEP) @auth(rules: [{ allow: members, via: "organization" }`+rule+`]) {
  id: ID!
  `+isPublic+`
  organization: Organization! @belongsTo(onDelete: CASCADE)
}

type Issue implements Node @model(onOwnerDelete: KEEP) @auth(rules: [{ via: "project" }]) {
  id: ID!
  `+issue+`
  project: Project! @belongsTo(onDelete: CASCADE)
}
`)
		if err := modelgen.Expand(project); err != nil {
			t.Fatal(err)
		}
	}
	const isPublic = `isPublic: Boolean! @default(value: "false")`
	types("title: String!", "", isPublic)
	commit(t, project)
	gitIn(t, project, "checkout", "-q", "-b", "change")
	types("severity: Int!", ` { allow: public, where: { isPublic: { eq: true } }, operations: [read] }`, isPublic)
	var stdout, stderr bytes.Buffer
	run(t.Context(), []string{"review", project}, strings.NewReader(""), &stdout, &stderr)

	var shown string
	for _, document := range readDocuments(t) {
		for _, block := range document.Blocks {
			if document.Name == "docs/review.md" && block.Info == "markdown" {
				shown = strings.Replace(block.Text, "`origin/main` (5f9dacc)", "`main` (…)", 1)
			}
		}
	}
	if shown == "" {
		t.Fatal("docs/review.md shows no report")
	}
	report := stdout.String()
	for line := range strings.Lines(shown) {
		if line = strings.TrimSpace(line); line == "" || line == "…" {
			continue
		}
		pattern := regexp.MustCompile("(?m)^" + strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + "$")
		at := pattern.FindStringIndex(report)
		if at == nil {
			t.Errorf("the report does not have, behind the lines before, %s\n%s%s", line, stdout.String(), stderr.String())
			break
		}
		report = report[at[1]:]
	}
}
