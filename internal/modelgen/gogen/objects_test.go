package gogen

import (
	"go/types"
	"strings"
	"testing"
)

// TestWithUsedImports keeps what is used by its package's name, which its path need not end in.
func TestWithUsedImports(t *testing.T) {
	const file = `package p

import (
	"fmt"
	_ "embed"
	"strconv"

	"example.com/go-geom"
	"example.com/unused/v2"
	named "example.com/other"
)

var _ = fmt.Sprint(geom.Point{}, named.X)
`
	content, err := withUsedImports([]byte(file), func(path string) string {
		return map[string]string{"example.com/go-geom": "geom", "example.com/unused/v2": "unused"}[path]
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{`"embed"`, `"example.com/go-geom"`, `named "example.com/other"`} {
		if !strings.Contains(string(content), path) {
			t.Errorf("%s is gone from\n%s", path, content)
		}
	}
	for _, path := range []string{"strconv", "unused"} {
		if strings.Contains(string(content), path) {
			t.Errorf("%s is still in\n%s", path, content)
		}
	}
}

// TestReservedNames gives packages no name that the file's functions have for a parameter.
func TestReservedNames(t *testing.T) {
	imports := &goImports{own: "example.com/graph", names: map[string]string{}}
	imports.reserve(tableVariables...)
	for _, name := range []string{"value", "field", "obj"} {
		if got := imports.name(types.NewPackage("example.com/"+name, name)); got != name+"2" {
			t.Errorf("package %s is called %s", name, got)
		}
	}
}
