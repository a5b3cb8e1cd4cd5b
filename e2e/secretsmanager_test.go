package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secretsARN begins the ARNs of the secrets that a secretsManager has.
const secretsARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"

// secretsManager listens where the SDK's client finds it as AWS Secrets Manager, and knows
// GetSecretValue, in the protocol AWS JSON 1.1.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
func secretsManager(t *testing.T, values map[string]string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var input struct{ SecretId string }
		err := json.NewDecoder(r.Body).Decode(&input)
		if target := r.Header.Get("X-Amz-Target"); err != nil || target != "secretsmanager.GetSecretValue" {
			t.Errorf("it asks for %q, %v", target, err)
		}
		if !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/secretsmanager/aws4_request") {
			t.Errorf("signed as %q, want the ARN's region", r.Header.Get("Authorization"))
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		value, ok := values[strings.TrimPrefix(input.SecretId, secretsARN)]
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find the specified secret."}`)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"ARN": input.SecretId, "SecretString": value})
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_SECRETS_MANAGER": server.URL,
		"AWS_ACCESS_KEY_ID":                "test",
		"AWS_SECRET_ACCESS_KEY":            "test",
		"AWS_REGION":                       "us-east-1", // the ARN's counts
	} {
		t.Setenv(name, value)
	}
}

// TestServeByStoredSecret has the real binary read its secret, which ends dev: the token of
// one start is good at the next, which has the same secret in its environment.
func TestServeByStoredSecret(t *testing.T) {
	const secret = "Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s"
	secretsManager(t, map[string]string{"ownql": secret})
	binary, err := buildBinary()
	if err != nil {
		t.Fatal(err)
	}
	var (
		dir  = t.TempDir()
		env  = readmeEnvironment(t)
		run  = filepath.Join(binary, "ownql") + " serve"
		stop = startServer(t, dir, append(env, "OWNQL_SECRET_ARN="+secretsARN+"ownql"), run)
	)
	answer := runShell(t, dir, env, `curl localhost:8080/signup -H 'Content-Type: application/json' -d '{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}'`)
	token := regexp.MustCompile(`"access_token":"([^"]*)"`).FindStringSubmatch(answer)
	if token == nil {
		t.Fatalf("no token in %s", answer)
	}
	if page := runShell(t, dir, env, "curl -i localhost:8080/"); !strings.HasPrefix(page, "HTTP/1.1 404") {
		t.Errorf("with a secret of its own it is in dev: GET / answers %.40s", page)
	}
	if _, err := os.Stat(filepath.Join(dir, "data/secret")); !os.IsNotExist(err) {
		t.Errorf("there is a secret of dev: %v", err)
	}
	stop()
	if set := runShell(t, dir, append(env, "OWNQL_SECRET_ARN="+secretsARN+"ownql"), filepath.Join(binary, "ownql")+" keys --add"); strings.Count(set, `"kty"`) != 2 {
		t.Errorf("keys --add makes a set of other than two keys: %s", set)
	}

	startServer(t, dir, append(env, "OWNQL_SECRET="+secret), run)
	viewer := runShell(t, dir, env, `curl localhost:8080/graphql -H 'Authorization: Bearer `+token[1]+`' -H 'Content-Type: application/json' -d '{"query":"{ viewer { email } }"}'`)
	if viewer != `{"data":{"viewer":{"email":"ada@example.com"}}}` {
		t.Errorf("the viewer is %s", viewer)
	}
}
