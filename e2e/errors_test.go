package e2e

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql/errcode"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

const errorsDocument = "docs/errors.md"

// errorRow is a row of the document's table of codes: the code, and its status.
var errorRow = regexp.MustCompile("(?m)^\\| `([A-Z_]+)` \\| ([0-9]+) \\|")

// TestErrorsTable wants the table to have each code that the source has, with its status, and no other, and an answer
// with each among those that the document shows.
func TestErrorsTable(t *testing.T) {
	document, err := os.ReadFile(inRepository(errorsDocument))
	if err != nil {
		t.Fatal(err)
	}
	named, told := codesInSource(t)
	shown := map[string]bool{}
	for _, answer := range fencedBlocks(t, errorsDocument, "json") {
		for _, code := range regexp.MustCompile(`"code":"([A-Z_]+)"`).FindAllStringSubmatch(answer, -1) {
			shown[code[1]] = true
		}
	}
	var codes []string
	for _, row := range errorRow.FindAllStringSubmatch(string(document), -1) {
		code := row[1]
		codes = append(codes, code)
		if status := strconv.Itoa(web.StatusOf(&model.Error{Code: model.Code(code)})); named[code] && status != row[2] {
			t.Errorf("%s has the status %s, and the table says %s", code, status, row[2])
		}
		if !shown[code] {
			t.Errorf("no answer in %s has %s", errorsDocument, code)
		}
	}
	want := slices.Clone(told)
	for code := range named {
		want = append(want, code)
	}
	slices.Sort(want)
	want = slices.Compact(want)
	slices.Sort(codes)
	if len(want) < 14 || !slices.Equal(codes, want) {
		t.Errorf("the table of %s has\n%q, and the source\n%q", errorsDocument, codes, want)
	}
}

// codesInSource returns the constants of the type model.Code, and the codes that errors are given beside those: by a
// literal, or by gqlgen's constants.
func codesInSource(t *testing.T) (named map[string]bool, others []string) {
	t.Helper()
	named = map[string]bool{}
	gqlgens := map[string]string{"ValidationFailed": errcode.ValidationFailed, "ParseFailed": errcode.ParseFailed}
	text := func(value ast.Expr) (string, bool) {
		literal, ok := value.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return "", false
		}
		code, err := strconv.Unquote(literal.Value)
		return code, err == nil
	}
	for _, dir := range []string{"model", "account", "audit", "auth", "web", "gql", "command"} {
		files, err := filepath.Glob(inRepository(dir + "/*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no Go: %v", dir, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(node ast.Node) bool {
				switch node := node.(type) {
				case *ast.ValueSpec:
					if of, ok := node.Type.(*ast.Ident); ok && of.Name == "Code" {
						for _, value := range node.Values {
							if code, ok := text(value); ok {
								named[code] = true
							}
						}
					}
				case *ast.KeyValueExpr:
					if key, ok := node.Key.(*ast.Ident); ok && key.Name == "Code" {
						if code, ok := text(node.Value); ok {
							others = append(others, code)
						}
					}
				case *ast.SelectorExpr:
					of, ok := node.X.(*ast.Ident)
					if !ok || of.Name != "errcode" || node.Sel.Name == "Set" {
						return true
					}
					code, ok := gqlgens[node.Sel.Name]
					if !ok {
						t.Errorf("%s: errcode.%s is none that this test knows", name, node.Sel.Name)
					}
					others = append(others, code)
				}
				return true
			})
		}
	}
	return named, others
}

// TestErrorsDocument runs the commands of docs/errors.md, in their order and in one shell, and wants each to print what
// is below it, in which … is any text.
func TestErrorsDocument(t *testing.T) {
	t.Parallel()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile(inRepository(errorsDocument))
	if err != nil {
		t.Fatal(err)
	}
	ownql, store, addr, trusted := filepath.Join(binary, "ownql"), t.TempDir(), freeAddr(t), freeAddr(t)
	env := append(os.Environ(), "OWNQL_SECRET=Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s")
	startServer(t, store, append(env, "OWNQL_TOKEN_RATE=1", "OWNQL_MAX_OPERATION_ITEMS=4"), "exec "+ownql+" serve --addr "+addr)
	writeDamagedNote(t, ownql, store)
	documents := filepath.Join(t.TempDir(), "documents.json")
	if err := os.WriteFile(documents, []byte(`{"abc":"{ viewer { id } }"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	startServer(t, t.TempDir(), env, "exec "+ownql+" serve --anonymous --trusted-documents "+documents+" --addr "+trusted)

	const mark = "-- the next --"
	var script strings.Builder
	var commands, wants []string
	for _, block := range regexp.MustCompile("(?ms)^```(sh|json)\n(.*?)^```$").FindAllStringSubmatch(string(document), -1) {
		switch {
		case block[1] == "sh":
			script.WriteString(block[2] + "echo '" + mark + "'\n")
			commands, wants = append(commands, block[2]), append(wants, "")
		case len(wants) > 0:
			wants[len(wants)-1] = strings.TrimSpace(block[2])
		}
	}
	at := strings.NewReplacer("localhost:8080", addr, "localhost:8081", trusted)
	shell := append(env, "PATH="+curlDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
	printed := strings.Split(runShell(t, t.TempDir(), shell, at.Replace(script.String())), mark)
	if len(commands) < 15 || len(printed) != len(commands)+1 {
		t.Fatalf("%d blocks of commands have printed %d times", len(commands), len(printed))
	}
	for i, command := range commands {
		want := "^" + strings.ReplaceAll(regexp.QuoteMeta(wants[i]), "…", ".*") + "$"
		if got := strings.TrimSpace(printed[i]); !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%sprints\n%s\nwant\n%s", command, got, wants[i])
		}
	}
}

// TestErrorsStatuses wants the statuses of HTTP that docs/errors.md has, by how far a request came and by what the
// client takes.
func TestErrorsStatuses(t *testing.T) {
	t.Parallel()
	addr := startNotes(t)
	_, signedUp := request(t, http.MethodPost, "http://"+addr+"/signup", "", `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`)
	var session struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(signedUp, &session); err != nil {
		t.Fatalf("%s: %v", signedUp, err)
	}
	for _, test := range []struct {
		what, method, token, body string
		newer, older              int
	}{
		{"a field failed", "POST", session.Token, `{"query":"mutation { deleteNote(input: { id: \"none\" }) { deletedNoteId } }"}`, 200, 200},
		{"the document is none", "POST", session.Token, `{"query":"{"}`, 400, 200},
		{"a variable is none", "POST", session.Token, `{"query":"query ($id: ID!) { node(id: $id) { id } }"}`, 400, 200},
		{"it asks for too much", "POST", session.Token, `{"query":"{` + strings.Repeat(" viewer { id }", 400) + `}"}`, 400, 200},
		{"a token that is none", "POST", "none", `{"query":"{ viewer { id } }"}`, 401, 401},
		{"nobody", "POST", "", `{"query":"{ viewer { id } }"}`, 401, 401},
		{"no JSON", "POST", session.Token, `{`, 400, 400},
		{"a method that is none", "DELETE", session.Token, "", 405, 405},
		{"too many bytes", "POST", session.Token, `{"query":"` + strings.Repeat(" ", 2<<20) + `"}`, 413, 413},
	} {
		for accept, want := range map[string]int{"application/graphql-response+json": test.newer, "application/json": test.older} {
			r, err := http.NewRequestWithContext(t.Context(), test.method, "http://"+addr+"/graphql", strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Accept", accept)
			if test.token != "" {
				r.Header.Set("Authorization", "Bearer "+test.token)
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			var answer struct {
				Errors []struct{ Extensions struct{ Code string } }
			}
			if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || len(answer.Errors) == 0 || answer.Errors[0].Extensions.Code == "" {
				t.Errorf("%s: %+v, %v", test.what, answer, err)
			}
			response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%s, for who takes %s: %s, want %d", test.what, accept, response.Status, want)
			}
		}
	}
}

// writeDamagedNote writes, beside the server of the store, a note whose title is a number: the one that the document asks for.
func writeDamagedNote(t *testing.T, ownql, store string) {
	t.Helper()
	addr := freeAddr(t)
	defer startServer(t, store, os.Environ(), "exec "+ownql+" dynamodb --addr "+addr)()
	item := map[string]any{
		"id": map[string]any{"S": "01990000-0000-7000-8000-000000000001"}, "title": map[string]any{"N": "1"},
	}
	body, err := json.Marshal(map[string]any{"TableName": "notes", "Item": item})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr, strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810.PutItem")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("PutItem answers %s", response.Status)
	}
}
