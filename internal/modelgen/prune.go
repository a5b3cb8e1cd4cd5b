package modelgen

import (
	"bytes"
	"errors"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2"
	gqlast "github.com/vektah/gqlparser/v2/ast"
)

// generatedBody matches what Resolver.body writes.
var generatedBody = regexp.MustCompile(`^return (loadersFrom\(ctx\)\.\w+\.Load\(ctx, obj\.\w+\)|r\.(?:Resolver\.)?Store\.(\w+)\(ctx, callerFrom\(ctx\), [\w.]+, pageOf\(first, after, last, before, sortDirection\)\)|orNull\(r\.(?:Resolver\.)?Store\.(\w+)\(ctx, callerFrom\(ctx\), \w+\)\)|r\.(create|update|delete)\w+\(ctx, input\))$`)

// pruneResolvers takes out of the resolvers' file what was generated for types and
// fields that are no more. gqlgen would leave it there as a comment with a warning.
func (s *Schema) pruneResolvers(files *Files, path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	public, err := gqlparser.LoadSchema(&gqlast.Source{Name: publicFile, Input: s.Public()})
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, text, parser.ParseComments)
	if err != nil {
		return err
	}
	p := pruner{public, text, set}
	var pruned bytes.Buffer
	end := 0
	for _, decl := range file.Decls {
		for _, node := range p.stale(decl) {
			pruned.Write(text[end:p.start(node)])
			end = set.Position(node.End()).Offset
		}
	}
	if end == 0 {
		return nil
	}
	pruned.Write(text[end:])
	formatted, err := format.Source(pruned.Bytes())
	if err != nil {
		return err
	}
	return files.Write(path, formatted)
}

type pruner struct {
	public *gqlast.Schema
	text   []byte
	set    *token.FileSet
}

// stale returns what of a declaration is there for what is no more.
func (p pruner) stale(decl ast.Decl) []ast.Node {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if p.isStale(decl) {
			return []ast.Node{decl}
		}
	case *ast.GenDecl:
		var nodes []ast.Node
		for _, spec := range decl.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok && isResolver(spec) && p.isGone(resolvedType(spec.Name.Name)) {
				nodes = append(nodes, spec)
			}
		}
		if len(nodes) == len(decl.Specs) && len(nodes) > 0 {
			return []ast.Node{decl}
		}
		return nodes
	}
	return nil
}

// isStale tells whether a function is `func (r *postResolver) Comments(…)` with a
// generated body, or `func (r *Resolver) Post() PostResolver`, of what is no more.
func (p pruner) isStale(decl *ast.FuncDecl) bool {
	if decl.Recv == nil || len(decl.Recv.List) != 1 {
		return false
	}
	star, ok := decl.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	receiver, ok := star.X.(*ast.Ident)
	if !ok {
		return false
	}
	body := p.bodyOf(decl)
	if receiver.Name == "Resolver" {
		return body == "return &"+lowerFirst(decl.Name.Name)+"Resolver{r}" && p.isGone(decl.Name.Name)
	}
	typeName := resolvedType(receiver.Name)
	if typeName == "" {
		return false
	}
	return generatedBody.MatchString(body) && !p.hasField(typeName, decl.Name.Name)
}

// bodyOf returns the statements of a function as they are written.
func (p pruner) bodyOf(decl *ast.FuncDecl) string {
	body := p.text[p.offset(decl.Body.Lbrace)+1 : p.offset(decl.Body.Rbrace)]
	return string(bytes.TrimSpace(body))
}

// isResolver tells whether a type is `struct{ *Resolver }`, as gqlgen writes it.
func isResolver(spec *ast.TypeSpec) bool {
	structure, ok := spec.Type.(*ast.StructType)
	if !ok || len(structure.Fields.List) != 1 || len(structure.Fields.List[0].Names) > 0 {
		return false
	}
	star, ok := structure.Fields.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	embedded, ok := star.X.(*ast.Ident)
	return ok && embedded.Name == "Resolver"
}

// resolvedType returns Post for postResolver.
func resolvedType(receiver string) string {
	name, ok := strings.CutSuffix(receiver, "Resolver")
	if !ok || name == "" {
		return ""
	}
	return upperFirst(name)
}

func (p pruner) isGone(typeName string) bool {
	return typeName != "" && p.public.Types[typeName] == nil
}

func (p pruner) hasField(typeName, method string) bool {
	definition := p.public.Types[typeName]
	if definition == nil {
		return false
	}
	for _, field := range definition.Fields {
		if templates.ToGo(field.Name) == method {
			return true
		}
	}
	return false
}

func (p pruner) offset(pos token.Pos) int { return p.set.Position(pos).Offset }

// start is where a node begins, its comment included.
func (p pruner) start(node ast.Node) int {
	switch node := node.(type) {
	case *ast.FuncDecl:
		if node.Doc != nil {
			return p.offset(node.Doc.Pos())
		}
	case *ast.TypeSpec:
		if node.Doc != nil {
			return p.offset(node.Doc.Pos())
		}
	}
	return p.offset(node.Pos())
}
