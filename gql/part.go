package gql

import (
	"context"
	"reflect"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/lexer"
)

// A Document is one that is valid by the schema, of which Go has parts executed: without HTTP, as whoever is in
// the context, see [auth.NewContext].
type Document struct {
	*ast.QueryDocument

	handler *Handler
	valid   *document
}

// Document reads a text. The errors have their places in it.
func (h *Handler) Document(text string) (*Document, gqlerror.List) {
	valid, errs := h.documents.load(text)
	if len(errs) > 0 {
		return nil, errs
	}
	return &Document{valid.QueryDocument, h, valid}, nil
}

// A Comment is one of a text, outside of strings.
type Comment struct {
	lexer.Token
	IsWithin bool // an operation, or a fragment
}

// Comments returns the comments of a text that is a document, or as far as it is one, in their order. It need not have an
// operation.
func Comments(text string) (comments []Comment) {
	tokens := lexer.New(&ast.Source{Input: readSource(text).text})
	for depth, isWithin := 0, false; ; {
		token, err := tokens.ReadToken()
		if err != nil || token.Kind == lexer.EOF {
			return comments
		}
		switch token.Kind {
		case lexer.Comment:
			comments = append(comments, Comment{token, isWithin})
			continue
		case lexer.BraceL:
			depth++
		case lexer.BraceR:
			depth--
		}
		isWithin = token.Kind != lexer.BraceR || depth > 0
	}
}

// A Part is what is executed of a document at once: some of the selections of an operation, which are all
// fields.
type Part struct {
	Of         *ast.OperationDefinition
	Selections ast.SelectionSet

	// IsTransaction has a mutation be carried out whole or not at all, whatever its directives say.
	IsTransaction bool
	// Made is told what the mutations of a transaction have made, by their names in the answer, when it is
	// about to be written; nil: nobody is.
	Made func(ids map[string][]string)
}

// MayBePart tells whether a mutation can be carried out in a transaction with others.
func (d *Document) MayBePart(mutation string) bool { return d.handler.mayBePart(mutation) }

// Variables returns the definitions of the variables that the part uses, in the order of the operation's.
func (d *Document) Variables(p Part) (used ast.VariableDefinitionList) {
	names := map[string]bool{}
	variablesOfSelections(p.Selections, names, map[string]bool{})
	variablesOfDirectives(p.Of.Directives, names)
	for _, variable := range p.Of.VariableDefinitions {
		if names[variable.Variable] {
			used = append(used, variable)
		}
	}
	return used
}

func variablesOfSelections(selections ast.SelectionSet, names, seen map[string]bool) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			variablesOfArguments(selection.Arguments, names)
			variablesOfDirectives(selection.Directives, names)
			variablesOfSelections(selection.SelectionSet, names, seen)
		case *ast.InlineFragment:
			variablesOfDirectives(selection.Directives, names)
			variablesOfSelections(selection.SelectionSet, names, seen)
		case *ast.FragmentSpread:
			variablesOfDirectives(selection.Directives, names)
			if !seen[selection.Name] {
				seen[selection.Name] = true
				variablesOfSelections(selection.Definition.SelectionSet, names, seen)
			}
		}
	}
}

func variablesOfDirectives(directives ast.DirectiveList, names map[string]bool) {
	for _, directive := range directives {
		variablesOfArguments(directive.Arguments, names)
	}
}

func variablesOfArguments(arguments ast.ArgumentList, names map[string]bool) {
	for _, argument := range arguments {
		variablesOfValue(argument.Value, names)
	}
}

func variablesOfValue(value *ast.Value, names map[string]bool) {
	if value == nil {
		return
	}
	if value.Kind == ast.Variable {
		names[value.Raw] = true
	}
	for _, child := range value.Children {
		variablesOfValue(child.Value, names)
	}
}

// Execute executes a part of the document. Variables are as of JSON.
func (d *Document) Execute(ctx context.Context, p Part, variables map[string]any) *graphql.Response {
	h, definition := d.handler, *p.Of
	definition.SelectionSet, definition.VariableDefinitions = p.Selections, d.Variables(p)
	if p.IsTransaction && !isTransaction(&definition) {
		definition.Directives = append(slices.Clone(definition.Directives), &ast.Directive{Name: "transaction", Position: definition.Position})
	}
	if p.Made != nil {
		ctx = context.WithValue(ctx, madeKey{}, p.Made)
	}
	ctx = withErrorCount(ctx)
	operation, errs := h.operationAs(d.valid, p.Of, &definition, &graphql.RawParams{OperationName: definition.Name, Variables: variables})
	if len(errs) > 0 {
		return h.executor.refuse(ctx, errs)
	}
	if err := checkMutationIDs(operation); err != nil {
		return h.executor.refuse(ctx, gqlerror.List{gqlerror.Wrap(err)})
	}
	answer, err := boundAnswer(ctx, operation, h.options.Limits.MaxAnswerBytes)
	if err != nil {
		return h.executor.refuse(ctx, gqlerror.List{gqlerror.Wrap(err)})
	}
	if response := answer.response(ctx, operation, h.executor.execute(ctx, operation)); response != nil {
		return response
	}
	return h.executor.refuse(ctx, gqlerror.List{gqlerror.Wrap(ctx.Err())})
}

type madeKey struct{}

// tellMade tells whoever asked to know what the transaction is about to make.
func (t *transaction) tellMade(ctx context.Context) {
	tell, _ := ctx.Value(madeKey{}).(func(map[string][]string))
	if tell == nil {
		return
	}
	made := map[string][]string{}
	for name, result := range t.results {
		switch result := result.(type) {
		case interface{ GlobalIDs() []string }:
			made[name] = result.GlobalIDs()
		case interface{ GlobalID() string }:
			if object := reflect.ValueOf(result); object.Kind() != reflect.Pointer || !object.IsNil() {
				made[name] = []string{result.GlobalID()}
			}
		}
	}
	tell(made)
}
