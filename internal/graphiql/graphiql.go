// Package graphiql has GraphiQL for work without a network: a project of npm's, of which a build is one script and one
// style sheet, and the directory in the user's cache where such a build is kept.
package graphiql

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed vite/package.json vite/package-lock.json vite/vite.config.js vite/graphiql.js
var source embed.FS

// The files of a build.
const (
	Script = "graphiql.js"
	Style  = "graphiql.css"
	seal   = "sha256" // of both, see Seal
)

// Built is where `npm run build` puts them, in the project's directory.
const Built = "dist"

// Key names what a build is of: another version of the project has another.
func Key() string {
	sum := sha256.New()
	_ = fs.WalkDir(source, ".", func(path string, entry fs.DirEntry, err error) error { // embedded files can be read
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := source.ReadFile(path)
		sum.Write([]byte(path + "\x00"))
		sum.Write(content)
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)[:16])
}

// WriteProject writes the project into a directory.
func WriteProject(dir string) error {
	project, err := fs.Sub(source, "vite")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, project)
}

// CacheDir is the directory of the builds. The error: the user has no cache directory.
func CacheDir() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "ownql", "graphiql"), err
}

// Dir is where the build is, or is to be, that is of Key. Empty: the user has no cache directory.
func Dir() string {
	cache, err := CacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, Key())
}

// Seal writes down what the files of a build in dir are. It is the last to be done: by it IsBuilt and IsWhole know one. An error is that
// of a file which is missing, or empty.
func Seal(dir string) error {
	sum, err := hashOf(dir)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, seal), sum, 0o600)
}

// IsBuilt tells whether a build is in dir.
func IsBuilt(dir string) bool {
	if dir == "" {
		return false
	}
	for _, name := range []string{Script, Style, seal} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			return false
		}
	}
	return true
}

// IsWhole tells whether a build is in dir, and its files are what they were: it reads them all.
func IsWhole(dir string) bool {
	if !IsBuilt(dir) {
		return false
	}
	want, err := os.ReadFile(filepath.Join(dir, seal))
	if err != nil {
		return false
	}
	got, err := hashOf(dir)
	return err == nil && bytes.Equal(got, want)
}

// hashOf returns the hash of a build's files, as text.
func hashOf(dir string) ([]byte, error) {
	sum := sha256.New()
	for _, name := range []string{Script, Style} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if len(content) == 0 {
			return nil, fmt.Errorf("%s is empty", name)
		}
		fmt.Fprintf(sum, "%s\x00%d\x00", name, len(content))
		sum.Write(content)
	}
	return hex.AppendEncode(nil, sum.Sum(nil)), nil
}
