package e2e

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkLambdaStart starts binaries as Lambda does, turn by turn, and reports how long
// each takes from its spawn to its first answer, in milliseconds at the median:
//
//	bare-ms    of testdata/lambda/bare, the least that a function is
//	ownql-ms   of ownql, to GET /healthz
//	beside-ms  how much longer ownql takes than bare
//	viewer-ms  of ownql, to a signed-in user's `{ viewer { email } }`, with DynamoDB on
//	           loopback: the engine of `ownql dynamodb` or, by the tag, DynamoDB Local
//
// and the size of ownql's binary and of the zip that holds it, in MB (10^6 bytes). All are
// built as for release. -benchtime 100x is a hundred starts of each.
func BenchmarkLambdaStart(b *testing.B) {
	bare, ownql := buildRelease(b, "testdata/lambda/bare"), buildRelease(b, projectDir)
	variables := lambdaStore(b)
	health := lambdaRequest{method: "GET", path: "/healthz"}
	viewer := lambdaRequest{
		method: "POST", path: "/graphql", header: asJSON("Authorization", "Bearer "+signUpOnLambda(b, variables)),
		body: `{"query":"{ viewer { email } }"}`,
	}

	var ofBare, ofOwnql, ofViewer []float64
	for b.Loop() {
		ofBare = append(ofBare, timeLambdaStart(b, bare, variables, health))
		ofOwnql = append(ofOwnql, timeLambdaStart(b, ownql, variables, health))
		ofViewer = append(ofViewer, timeLambdaStart(b, ownql, variables, viewer))
	}
	b.ReportMetric(0, "ns/op") // of all three, it says nothing
	b.ReportMetric(median(ofBare), "bare-ms")
	b.ReportMetric(median(ofOwnql), "ownql-ms")
	b.ReportMetric(median(ofOwnql)-median(ofBare), "beside-ms")
	b.ReportMetric(median(ofViewer), "viewer-ms")
	binary, zipped := sizes(b, ownql)
	b.ReportMetric(float64(binary)/1e6, "binary-MB")
	b.ReportMetric(float64(zipped)/1e6, "zip-MB")
}

// buildRelease builds the program in a directory as for release, and returns where it is.
func buildRelease(b *testing.B, dir string) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), "bootstrap")
	if err := goBuild(dir, binary, append(os.Environ(), "CGO_ENABLED=0"), "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w"); err != nil {
		b.Fatal(err)
	}
	return binary
}

// signUpOnLambda returns the access token of a new user.
func signUpOnLambda(b *testing.B, variables []string) string {
	b.Helper()
	function := startOwnqlLambda(b, variables...)
	defer function.stop(b)
	response := function.send(b, "http-api", lambdaRequest{
		method: "POST", path: "/signup", header: asJSON(),
		body: `{"email":"ada@example.com","password":"correct horse","firstName":"Ada","lastName":"Lovelace"}`,
	})
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(response.body), &answer); err != nil || answer.AccessToken == "" {
		b.Fatalf("signup: %+v, %v", response, err)
	}
	return answer.AccessToken
}

// timeLambdaStart returns the milliseconds from the binary's spawn to its first answer.
func timeLambdaStart(b *testing.B, binary string, variables []string, r lambdaRequest) float64 {
	b.Helper()
	const form = "http-api"
	event := r.event(b, form)
	begin := time.Now()
	function := startLambda(b, exec.Command(binary), variables...)
	answer := function.invoke(b, event, lambdaTimeout)
	took := time.Since(begin)
	if response := answer.response(b, form); response.status != http.StatusOK {
		b.Fatalf("%s: %+v", binary, response)
	}
	function.process.Process.Kill()
	function.process.Wait()
	function.Close()
	return float64(took.Microseconds()) / 1000
}

func median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
}

// sizes returns how many bytes a binary has, and a zip of it as Lambda takes it.
func sizes(b *testing.B, path string) (binary, zipped int) {
	b.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	header := &zip.FileHeader{Name: filepath.Base(path), Method: zip.Deflate}
	header.SetMode(0o755)
	file, err := w.CreateHeader(header)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := file.Write(data); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return len(data), archive.Len()
}
