//go:build dynamodblocal

package e2e

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/rogpeppe/go-internal/testscript"
)

// dynamoDBLocal returns the variables that make ownql speak to the DynamoDB Local at
// AWS_ENDPOINT_URL_DYNAMODB, with tables of its own.
func dynamoDBLocal(t testing.TB) map[string]string {
	t.Helper()
	endpoint := os.Getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if endpoint == "" {
		t.Fatal("AWS_ENDPOINT_URL_DYNAMODB is not set: start DynamoDB Local and name it there")
	}
	return map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": endpoint,
		"AWS_REGION":                "us-east-1",
		"AWS_ACCESS_KEY_ID":         "test",
		"AWS_SECRET_ACCESS_KEY":     "test",
		"OWNQL_TABLE_PREFIX":        "test-" + uuid.NewString() + "-",
	}
}

// lambdaStore returns the variables that give a function a store with tables.
func lambdaStore(t testing.TB) []string {
	t.Helper()
	var variables []string
	for name, value := range dynamoDBLocal(t) {
		variables = append(variables, name+"="+value)
	}
	createTables(t, variables)
	return variables
}

// serverOnDynamoDBLocal returns these, and what a server needs beside to be as it is on
// the embedded engine.
func serverOnDynamoDBLocal(t *testing.T) map[string]string {
	t.Helper()
	variables := dynamoDBLocal(t)
	variables["OWNQL_STORE"] = "dynamodb"
	variables["OWNQL_DEV"] = "on"
	variables["OWNQL_SECRET"] = "Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s"
	return variables
}

// TestStoriesOnDynamoDBLocal runs testdata/script, but for what is the embedded engine's
// alone, against the real binary on DynamoDB Local.
func TestStoriesOnDynamoDBLocal(t *testing.T) {
	for _, dir := range []string{"testdata/script", "testdata/script/counted"} {
		storiesOnDynamoDBLocal(t, dir, func(map[string]string) {})
	}
}

// storiesOnDynamoDBLocal runs the stories of dir, once the tables are there, with variables
// that change makes of those for DynamoDB Local.
func storiesOnDynamoDBLocal(t *testing.T, dir string, change func(map[string]string)) {
	t.Helper()
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	runStories(t, dir, func(env *testscript.Env) error {
		variables := serverOnDynamoDBLocal(t)
		tables := exec.Command(binary+"/ownql", "tables")
		tables.Env = os.Environ()
		for name, value := range variables {
			tables.Env = append(tables.Env, name+"="+value)
		}
		if out, err := tables.CombinedOutput(); err != nil {
			t.Logf("ownql tables: %s", out)
			return err
		}
		change(variables)
		for name, value := range variables {
			env.Setenv(name, value)
		}
		return nil
	})
}

// TestREADMEOnDynamoDBLocal runs the README's commands for deploying, as written, and
// then asks the server whether its tables are there.
func TestREADMEOnDynamoDBLocal(t *testing.T) {
	blocks := readmeBlocks(t, "sh dynamodb")
	if len(blocks) != 1 {
		t.Fatalf("%d blocks for DynamoDB in the README, want 1", len(blocks))
	}
	env := readmeEnvironment(t)
	addr, port, _ := strings.Cut(regexp.MustCompile(`OWNQL_ADDR=(\S+)`).FindStringSubmatch(strings.Join(env, " "))[1], ":")
	env = append(env, "OWNQL_ADDR=") // the command's own PORT is to count
	for name, value := range dynamoDBLocal(t) {
		env = append(env, name+"="+value)
	}
	// The README's port may be taken on this machine.
	script := strings.Replace(blocks[0], "PORT=8080", "PORT="+port, 1)
	stop := startServer(t, copyRepository(t), env, script)
	defer stop()
	if out := runShell(t, ".", env, "curl http://"+addr+":"+port+"/readyz"); out != "ok" {
		t.Errorf("/readyz answers %q, want ok", out)
	}
}
