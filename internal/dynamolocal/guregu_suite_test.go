//go:build guregu

package dynamolocal

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestGureguSuite runs the tests of github.com/guregu/dynamo/v2, the store's library, against
// the engine.
func TestGureguSuite(t *testing.T) {
	server := httptest.NewServer(openTemp(t).Handler())
	defer server.Close()
	cmd := exec.Command("go", "test", "-count=1", "-v", "github.com/guregu/dynamo/v2")
	cmd.Env = append(os.Environ(),
		"DYNAMO_TEST_ENDPOINT="+server.URL, "DYNAMO_TEST_REGION=local",
		"AWS_ACCESS_KEY_ID=dummy", "AWS_SECRET_ACCESS_KEY=dummy", "AWS_ENDPOINT_URL_DYNAMODB=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if passed := strings.Count(string(out), "--- PASS"); passed < 100 || strings.Contains(string(out), "--- SKIP") {
		t.Errorf("%d tests passed, or some were skipped:\n%s", passed, out)
	}
}
