package docs_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/ownql/ownql/internal/docs"
)

// elsewhere has the lines that no test takes from the documents: the file of the test that runs the same, and what stands there.
var elsewhere = []struct{ line, file, there string }{
	{"go run .", "e2e/new_test.go", `"go run ."`},
	{"go run ./examples/tracker", "e2e/clients_errors_test.go", `"examples/tracker"`},
	{"go run github.com/ownql/ownql/cmd/ownql@latest new shop", "e2e/new_test.go", "^go run github.com/ownql/ownql/cmd/ownql@latest new shop$"},
	{"go get github.com/ownql/ownql@latest && go generate ./... && go test ./...", "e2e/upgrade_test.go", "go get github.com/ownql/ownql@latest && go generate ./... && go test ./..."},
	{"go test ./...", "e2e/newcomer_test.go", `"go test ./..."`},
	{"go generate ./...", "e2e/newcomer_test.go", `"go generate ./..."`},
	{"go tool ownql dev", "e2e/newcomer_dev_test.go", `"go tool ownql dev"`},
	{"go tool ownql review", "e2e/newcomer_review_test.go", `"go tool ownql review `},
	{"go tool ownql schema --diff https://example.com/graphql", "e2e/newcomer_review_test.go", `"go tool ownql schema --diff "`},
	{"go tool ownql schema --lint", "e2e/newcomer_review_test.go", `"go tool ownql schema --lint"`},
	{"OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 OTEL_SERVICE_NAME=api ./ownql", "e2e/trace_test.go", `"OTEL_EXPORTER_OTLP_ENDPOINT="+receiver.url, "OTEL_SERVICE_NAME=`},
	{"deploy/release", "e2e/release_test.go", "bash deploy/release"},
	{"minisign -G -W -p minisign.pub -s minisign.key", "e2e/release_test.go", "minisign -G -W -p minisign.pub -s minisign.key"},
	{"MINISIGN_KEY=minisign.key deploy/release", "e2e/release_test.go", `"MINISIGN_KEY="`},
	{"minisign -V -p minisign.pub -m SHA256SUMS && sha256sum -c --ignore-missing SHA256SUMS", "e2e/release_test.go", "-m SHA256SUMS && sha256sum --strict -c SHA256SUMS"},
}

// needs has what some blocks of commands need that no test has: `sh aws`. Their ownql's command lines are tried all the same, in
// command/documents_test.go, and what they name in the repository is looked for.
var needs = map[string]string{
	"aws":     "an account of AWS",
	"docker":  "Docker: e2e/container_test.go does the same by buildah",
	"systemd": "a machine to install it on: e2e/systemd_test.go runs the unit",
}

// runsElsewhere wants each line of a block of commands in a test that runs it, or in a block that says what it needs.
func runsElsewhere(t *testing.T, block docs.Block) {
	t.Helper()
	shell := exec.Command("sh", "-n")
	shell.Stdin = strings.NewReader(block.Text)
	if out, err := shell.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if _, need, _ := strings.Cut(block.Info, " "); needs[need] != "" {
		findNames(t, block)
		return
	}
	for line := range strings.Lines(block.Text) {
		line = strings.TrimSpace(regexp.MustCompile(`\s+#.*`).ReplaceAllString(line, ""))
		i := slices.IndexFunc(elsewhere, func(e struct{ line, file, there string }) bool { return e.line == line })
		if i < 0 {
			t.Errorf("no test runs %s", line)
		} else if !strings.Contains(contentOf(t, elsewhere[i].file), elsewhere[i].there) {
			t.Errorf("%s does not run %s", elsewhere[i].file, line)
		}
	}
}

// findNames wants the files, and the template's parameters and outputs, that commands name.
func findNames(t *testing.T, block docs.Block) {
	t.Helper()
	for _, path := range regexp.MustCompile(`\bdeploy/[\w.]+`).FindAllString(block.Text, -1) {
		if _, err := os.Stat(inRepository(path)); err != nil {
			t.Error(err)
		}
	}
	template := contentOf(t, "deploy/template.yaml")
	for _, pattern := range []string{`OutputKey=='(\w+)'`, `\$\(output (\w+)\)`, `(\b[A-Z]\w+)=\S`} {
		for _, name := range regexp.MustCompile(pattern).FindAllStringSubmatch(block.Text, -1) {
			isVariable := strings.ToUpper(name[1]) == name[1]
			if !isVariable && !regexp.MustCompile(`(?m)^  `+name[1]+`:$`).MatchString(template) && block.Info == "sh aws" && !strings.Contains(awsNames, name[1]) {
				t.Errorf("deploy/template.yaml has no %s", name[1])
			}
		}
	}
}

// awsNames are those of the AWS CLI's own arguments.
const awsNames = "S3Bucket S3KeyPrefix TableName BillingMode KeySchema AttributeName KeyType AttributeDefinitions AttributeType OutputKey"

// TestCommandsElsewhere wants each of those lines in some document.
func TestCommandsElsewhere(t *testing.T) {
	documents := readAll(t)
	for _, e := range elsewhere {
		if !slices.ContainsFunc(documents, func(d docs.Document) bool { return strings.Contains(d.Text, "\n"+e.line) }) {
			t.Errorf("no document has %s", e.line)
		}
	}
}

// parseSDL wants the block to be SDL, of whichever directives.
func parseSDL(t *testing.T, block docs.Block) {
	t.Helper()
	if _, err := parser.ParseSchema(&ast.Source{Input: block.Text}); err != nil {
		t.Error(err)
	}
}

// checkNginx wants a location that hands on what ownql reads of a proxy.
func checkNginx(t *testing.T, block docs.Block) {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^location / \{\n(  [a-z_]+ [^;{}]+;\n)+\}\n$`)
	if !lines.MatchString(block.Text) {
		t.Errorf("it is no location:\n%s", block.Text)
	}
	for _, name := range regexp.MustCompile(`proxy_set_header (\S+)`).FindAllStringSubmatch(block.Text, -1) {
		if name[1] != "Host" && !strings.Contains(contentOf(t, "web/clientaddress.go"), name[1]) {
			t.Errorf("ownql reads no %s", name[1])
		}
	}
}
