package schema

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestUser wants the names that fields of User keep clear of to be those that package account
// has: in Go, the exported fields and methods of its User; in the table, the attributes of an
// item.
func TestUser(t *testing.T) {
	paths, err := filepath.Glob("../../../account/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("package account: %q, %v", paths, err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(node ast.Node) bool { return checkUserNames(t, node) })
	}
}

// checkUserNames looks at a part of a file of package account.
func checkUserNames(t *testing.T, node ast.Node) bool {
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Recv != nil && typeName(node.Recv.List[0].Type) == "User" && node.Name.IsExported() && node.Name.Name != "IsNode" {
			wantName(t, userGoNames, node.Name.Name)
		}
	case *ast.TypeSpec:
		structure, ok := node.Type.(*ast.StructType)
		if !ok || node.Name.Name != "User" && node.Name.Name != "mailedUser" {
			return true
		}
		for _, field := range structure.Fields.List {
			for _, name := range field.Names {
				if name.IsExported() && node.Name.Name == "User" {
					wantName(t, userGoNames, name.Name)
				}
			}
			if field.Tag != nil {
				tag, _ := strconv.Unquote(field.Tag.Value)
				attribute, _, _ := strings.Cut(reflect.StructTag(tag).Get("dynamo"), ",")
				wantName(t, slices.Concat(accountFields, accountAttributes), attribute)
			}
		}
	}
	return true
}

func wantName(t *testing.T, names []string, name string) {
	t.Helper()
	if !slices.Contains(names, name) {
		t.Errorf("%s is missing in %q", name, names)
	}
}
