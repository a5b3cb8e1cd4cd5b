// Package graphiql has GraphiQL for work without a network: a project of npm's, of which a build is one script and one
// style sheet, and the directory in the user's cache where such a build is kept.
package graphiql

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
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

// IsBuilt tells whether the build is in dir, whole.
func IsBuilt(dir string) bool {
	if dir == "" {
		return false
	}
	for _, name := range []string{Script, Style} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			return false
		}
	}
	return true
}
