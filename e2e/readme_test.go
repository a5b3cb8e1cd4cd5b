package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// fencedBlocks returns the blocks of that kind in a document, such as `go` or `sh dynamodb`, each
// with the end of its last line.
func fencedBlocks(t *testing.T, document, kind string) []string {
	t.Helper()
	text, err := os.ReadFile(inRepository(document))
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, match := range regexp.MustCompile("(?ms)^```"+kind+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// readmeEnvironment lets the README's server listen on a free port, and takes its curl
// there.
func readmeEnvironment(t *testing.T) []string {
	t.Helper()
	addr := freeAddr(t)
	return append(os.Environ(),
		"OWNQL_ADDR="+addr,
		"OWNQL_TEST_CONNECT_TO=localhost:8080="+addr,
		"PATH="+curlDir(t)+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// curlDir returns a directory that holds our stand-in for curl.
func curlDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	testBinary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(testBinary, filepath.Join(dir, "curl")); err != nil {
		t.Fatal(err)
	}
	return dir
}
