package command

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// arnOfSecrets begins the ARNs of the secrets that storedSecrets has.
const arnOfSecrets = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:"

// storedSecrets listens where the SDK's client finds it as AWS Secrets Manager.
func storedSecrets(t *testing.T, values map[string]string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var input struct{ SecretId string }
		if err := json.NewDecoder(r.Body).Decode(&input); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		value, ok := values[strings.TrimPrefix(input.SecretId, arnOfSecrets)]
		if !ok {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"__type":"ResourceNotFoundException","Message":"Secrets Manager can't find the specified secret."}`)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{"ARN": input.SecretId, "SecretString": value})
	}))
	t.Cleanup(server.Close)
	t.Setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	t.Setenv("AWS_REGION", "us-east-1") // the ARN's counts
}

func TestStoredSecret(t *testing.T) {
	const secret, set = "Yk4RrmSDrqAWgWwxO0dqEWCHwJvLXZ0s", ` {"keys":[{"kty":"oct"}]}`
	const smtp = "smtp://user:password@smtp.example.com:587"
	storedSecrets(t, map[string]string{"text": secret, "set": set, "smtp": smtp + "\n"})
	for _, test := range []struct {
		what      string
		variables map[string]string
		secret    string
		jwks      string
		smtp      string
		err       string
	}{
		{what: "nothing is asked for", variables: map[string]string{"OWNQL_SECRET": secret}, secret: secret},
		{what: "a secret", variables: map[string]string{"OWNQL_SECRET_ARN": arnOfSecrets + "text"}, secret: secret},
		{what: "a JSON Web Key Set", variables: map[string]string{"OWNQL_SECRET_ARN": arnOfSecrets + "set"}, jwks: set},
		{what: "a secret that is not there", variables: map[string]string{"OWNQL_SECRET_ARN": arnOfSecrets + "none"}, err: "can't find the specified secret"},
		{what: "a secret twice", variables: map[string]string{"OWNQL_SECRET_ARN": arnOfSecrets + "text", "OWNQL_SECRET": secret}, err: "OWNQL_SECRET and OWNQL_SECRET_ARN are both set"},
		{what: "a secret and a set", variables: map[string]string{"OWNQL_SECRET_ARN": arnOfSecrets + "text", "OWNQL_JWKS": set}, err: "OWNQL_JWKS and OWNQL_SECRET_ARN are both set"},
		{what: "a mail server beside", variables: map[string]string{"OWNQL_SECRET_ARN": arnOfSecrets + "text", "OWNQL_SMTP_URL_ARN": arnOfSecrets + "smtp"}, secret: secret, smtp: smtp},
		{what: "a mail server twice", variables: map[string]string{"OWNQL_SMTP_URL": smtp, "OWNQL_SMTP_URL_ARN": arnOfSecrets + "smtp"}, err: "OWNQL_SMTP_URL and OWNQL_SMTP_URL_ARN are both set"},
		{what: "a name", variables: map[string]string{"OWNQL_SECRET_ARN": "text"}, err: "OWNQL_SECRET_ARN text: want the ARN of a secret"},
		{what: "another service's ARN", variables: map[string]string{"OWNQL_SECRET_ARN": "arn:aws:ssm:eu-west-1:123456789012:parameter/text"}, err: "want the ARN of a secret"},
	} {
		t.Run(test.what, func(t *testing.T) {
			getenv, err := withStoredSecrets(t.Context(), func(name string) string { return test.variables[name] })
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q", err, test.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := getenv("OWNQL_SECRET"); got != test.secret {
				t.Errorf("OWNQL_SECRET is %q, want %q", got, test.secret)
			}
			if got := getenv("OWNQL_JWKS"); got != test.jwks {
				t.Errorf("OWNQL_JWKS is %q, want %q", got, test.jwks)
			}
			if got := getenv("OWNQL_SMTP_URL"); got != test.smtp {
				t.Errorf("OWNQL_SMTP_URL is %q, want %q", got, test.smtp)
			}
		})
	}
}
