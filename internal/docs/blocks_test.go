package docs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/docs"
)

const root = "../.."

// A reader is a test elsewhere that reads the blocks of a kind from a document, and runs or finds each.
type reader struct {
	document string
	info     string
	test     string
	file     string // of the test
}

var readers = []reader{
	{"README.md", "sh", "TestREADME", "e2e/newcomer_readme_test.go"},
	{"README.md", "sh new", "TestNewREADME", "e2e/new_test.go"},
	{"README.md", "sh awscli", "TestREADMEWithAWSCLI", "e2e/dynamodbclients_test.go"},
	{"README.md", "sh dynamodb", "TestREADMEOnDynamoDBLocal", "e2e/dynamodblocal_test.go"},
	{"docs/accounts.md", "sh", "TestDocumentCommands", "e2e/documents_test.go"},
	{"docs/audit.md", "sh", "TestDocumentCommands", "e2e/documents_test.go"},
	{"docs/audit.md", "json", "TestDocumentCommands", "e2e/documents_test.go"},
	{"docs/data.md", "sh", "TestDocumentCommands", "e2e/documents_test.go"},
	{"docs/rules.md", "sh", "TestDocumentCommands", "e2e/documents_test.go"},
	{"docs/cost.md", "text", "TestExplainDocument", "command/documents_test.go"},
	{"docs/dev.md", "text", "TestNewcomerDev", "e2e/newcomer_dev_test.go"},
	{"docs/mutations.md", "js", "TestClientsIDs", "e2e/clients_ids_test.go"},
	{"docs/seed.md", "graphql", "TestSeedOfTracker", "e2e/seeddocs_test.go"},
	{"docs/seed.md", "sh", "TestSeedOfTracker", "e2e/seeddocs_test.go"},
	{"docs/start.md", "sh", "TestNewcomerStart", "e2e/newcomer_start_test.go"},
	{"docs/start.md", "sh server", "TestNewcomerStart", "e2e/newcomer_start_test.go"},
	{"docs/start.md", "json", "TestNewcomerStart", "e2e/newcomer_start_test.go"},
	{"docs/start.md", "go file=store/voyage.go", "TestNewcomerStart", "e2e/newcomer_start_test.go"},
	{"docs/review.md", "markdown", "TestReviewDocument", "cmd/ownql/documents_test.go"},
	{"docs/clients.md", "js", "TestClientsDocument", "e2e/clients_test.go"},
	{"docs/coming-from.md", "sh", "TestComingFrom", "e2e/comingfrom_test.go"},
	{"docs/errors.md", "sh", "TestErrorsDocument", "e2e/errors_test.go"},
	{"docs/errors.md", "json", "TestErrorsDocument", "e2e/errors_test.go"},
	{"docs/errors.md", "js", "TestClientsErrors", "e2e/clients_errors_test.go"},
}

func readAll(t *testing.T) []docs.Document {
	t.Helper()
	documents, err := docs.Read(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) < 20 {
		t.Fatalf("there are %d documents", len(documents))
	}
	return documents
}

func inRepository(name string) string { return filepath.Join(root, name) }

func contentOf(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(inRepository(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// TestBlocks wants each block of each document to be run by a test: by a reader, or by what its kind has here. CONTRIBUTING.md
// says how a block tells what it is.
func TestBlocks(t *testing.T) {
	used := map[reader]int{}
	for _, document := range readAll(t) {
		if document.Name == "ARCHITECTURE.md" {
			continue // its block is a drawing: TestImports of e2e holds the packages to it
		}
		var schemas pageSchemas
		for _, block := range document.Blocks {
			t.Run(fmt.Sprintf("%s:%d", document.Name, block.Line), func(t *testing.T) {
				if i := slices.IndexFunc(readers, func(r reader) bool { return r.document == document.Name && r.info == block.Info }); i >= 0 {
					used[readers[i]]++
					return
				}
				switch kind := block.Kind(); {
				case block.Option("from") != "":
					findLines(t, block)
				case block.Info == "graphql amplify":
					parseSDL(t, block)
				case kind == "nginx":
					checkNginx(t, block)
				case kind == "graphql" && isOperation(block):
					schemas.validate(t, block)
				case kind == "graphql":
					schemas.generate(t, block)
				case kind == "go":
					findGo(t, block)
				case kind == "sh":
					runsElsewhere(t, block)
				default:
					t.Errorf("no test runs this block of %q: see \"Documents\" in CONTRIBUTING.md", block.Info)
				}
			})
		}
	}
	for _, r := range readers {
		if used[r] == 0 {
			t.Errorf("%s has no block of %q for %s to read", r.document, r.info, r.test)
		}
		if text := contentOf(t, r.file); !regexp.MustCompile(`(?m)^func `+r.test+`\(t \*testing\.T\)`).MatchString(text) || !reads(text, r) {
			t.Errorf("%s has no test %s that reads the blocks of %q in %s", r.file, r.test, r.info, r.document)
		}
	}
}

// reads tells whether a file of tests reads the blocks.
func reads(text string, r reader) bool {
	return strings.Contains(text, r.document) || r.document == "docs/errors.md" && strings.Contains(text, "errorsDocument") ||
		r.document == "README.md" && strings.Contains(text, fmt.Sprintf("readmeBlocks(t, %q)", r.info))
}

// findLines wants the block's lines in the file that its info names, in their order; … stands for what is left out.
func findLines(t *testing.T, block docs.Block) {
	t.Helper()
	var lines []string
	for line := range strings.Lines(contentOf(t, block.Option("from"))) {
		lines = append(lines, strings.TrimSpace(line))
	}
	for line := range strings.Lines(block.Text) {
		line = strings.TrimSpace(line)
		if line == "" || line == "…" {
			continue
		}
		i := slices.Index(lines, line)
		if i < 0 {
			t.Fatalf("%s does not have, behind the lines before:\n%s", block.Option("from"), line)
		}
		lines = lines[i+1:]
	}
}

// findGo wants the block in a file of a project that is tested, as lines one after the other.
func findGo(t *testing.T, block docs.Block) {
	t.Helper()
	for _, pattern := range []string{"internal/notes/*.go", "internal/notes/*/*.go", "examples/*/*.go", "examples/*/*/*.go", "internal/modelgen/testdata/byhand/*/*.go"} {
		paths, err := filepath.Glob(inRepository(pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: no files: %v", pattern, err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_gen.go") || filepath.Base(path) == "generated.go" {
				continue
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains("\n"+string(content), "\n"+block.Text) {
				return
			}
		}
	}
	t.Errorf("no project that is tested has these lines:\n%s", block.Text)
}
