//go:build relay

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ownql/ownql/internal/docs"
)

// TestClientsIDs makes an id and a key as docs/mutations.md shows, and has a server take them: the object has the id, and what
// is sent twice is made once.
func TestClientsIDs(t *testing.T) {
	const name = "docs/mutations.md"
	text, err := os.ReadFile(inRepository(name))
	if err != nil {
		t.Fatal(err)
	}
	blocks := ""
	for _, block := range docs.Parse(name, string(text)).Blocks {
		if block.Kind() == "js" {
			blocks += block.Text
		}
	}
	const imported = `import { v7 } from "uuid";`
	script := imported + strings.ReplaceAll(blocks, imported, "") + "console.log(JSON.stringify({ project, variables }));"
	node := exec.Command("node", "--input-type=module", "-")
	node.Dir, node.Stdin = clientsFiles, strings.NewReader(script)
	out, err := node.Output()
	if err != nil {
		t.Fatalf("%v (`npm ci --prefix e2e/%s` installs the clients)\n%s", err, clientsFiles, script)
	}
	var made struct {
		Project   string
		Variables json.RawMessage
	}
	if err := json.Unmarshal(out, &made); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	addr := startNotes(t)
	token := signUpAda(t, addr)
	ask := func(document string, variables any) string {
		body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
		if err != nil {
			t.Fatal(err)
		}
		_, answer := request(t, "POST", "http://"+addr+"/graphql", token, string(body))
		return string(answer)
	}
	answer := ask(`mutation ($id: ID!) { createProject(input: { id: $id, name: "A loom" }) { project { id } } }`, map[string]any{"id": made.Project})
	if !strings.Contains(answer, `{"project":{"id":"`+made.Project+`"}}`) {
		t.Errorf("with the id %s it answers %s", made.Project, answer)
	}
	const create = `mutation ($input: CreateNoteInput!) { createNote(input: $input) { note { id title } } }`
	first, second := ask(create, made.Variables), ask(create, made.Variables)
	note := func(answer string) string {
		data, _, _ := strings.Cut(answer, `,"extensions"`)
		return data
	}
	if !strings.Contains(first, `"title":"Weave"`) || note(first) != note(second) {
		t.Errorf("the same create answers\n%s\nand\n%s", first, second)
	}
}
