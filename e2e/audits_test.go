//go:build audits

package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestAudits runs every audit of graphql-http, MUST, SHOULD and MAY, against the real
// binary. https://github.com/graphql/graphql-http
func TestAudits(t *testing.T) {
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	addr := freeAddr(t)
	env := append(os.Environ(), "OWNQL_ADDR="+addr, "OWNQL_STORE="+t.TempDir())
	defer startServer(t, ".", env, binary+"/ownql")()

	signup := `{"email":"ada@example.com","password":"correct horse","firstName":"Ada"}`
	response, err := http.Post("http://"+addr+"/signup", "application/json", strings.NewReader(signup))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Token == "" {
		t.Fatalf("sign-up: %s, %v", response.Status, err)
	}
	audit := exec.Command("node", "testdata/audits/audit.mjs", "http://"+addr+"/graphql", answer.Token)
	out, err := audit.CombinedOutput()
	if err != nil || strings.TrimSpace(string(out)) != "61 of 61" {
		t.Errorf("want 61 of 61 (`npm ci --prefix e2e/testdata/audits` installs the audits): %v\n%s", err, out)
	}
}
