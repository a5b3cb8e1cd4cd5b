//go:build !dynamodblocal

package e2e

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// lambdaStore returns the variables that give a function a store with tables: the embedded
// engine's, by `ownql dynamodb`.
func lambdaStore(t testing.TB) []string {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	engine := exec.Command(filepath.Join(binary, "ownql"), "dynamodb", "--addr", "127.0.0.1:0", "--store", t.TempDir())
	engine.Stderr = os.Stderr
	stdout, err := engine.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		engine.Process.Kill()
		engine.Wait()
	})
	first, err := bufio.NewReader(stdout).ReadString('\n')
	at := servesAt.FindStringSubmatch(strings.TrimSpace(first))
	if at == nil {
		t.Fatalf("it printed %q, %v", first, err)
	}
	variables := []string{"AWS_ENDPOINT_URL_DYNAMODB=http://" + at[1]}
	createTables(t, variables)
	return variables
}
