package gql

import (
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

const (
	// cachedDocuments is how many parsed and validated documents are kept, and
	// maxCachedDocument what one may have in bytes: an application's are of a few KB.
	cachedDocuments   = 1000
	maxCachedDocument = 16 << 10
)

// documents parses, bounds and validates documents, in this order, where gqlgen would
// leave out the second step.
type documents struct {
	schema      *ast.Schema
	limits      Limits
	suggestions bool // in errors: "Did you mean …?"
	cache       graphql.Cache[*ast.QueryDocument]
}

func newDocuments(schema *ast.Schema, limits Limits, suggestions bool) *documents {
	return &documents{schema, limits, suggestions, lru.New[*ast.QueryDocument](cachedDocuments)}
}

// load returns a valid document within the limits.
func (d *documents) load(ctx context.Context, query string) (*ast.QueryDocument, gqlerror.List) {
	if document, ok := d.cache.Get(ctx, query); ok {
		return document, nil
	}
	document, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: query}, d.limits.MaxTokens)
	if err != nil {
		return nil, gqlerror.List{d.parseError(err)}
	}
	if len(document.Operations) == 0 {
		err := gqlerror.Errorf("the document has no operation")
		errcode.Set(err, errcode.ValidationFailed)
		return nil, gqlerror.List{err}
	}
	if err := d.limits.check(document); err != nil {
		return nil, gqlerror.List{gqlerror.Wrap(err)}
	}
	if errs := validator.ValidateWithRules(d.schema, document, d.rules()); len(errs) > 0 {
		for _, err := range errs {
			errcode.Set(err, errcode.ValidationFailed)
		}
		return nil, errs
	}
	if len(query) <= maxCachedDocument {
		d.cache.Add(ctx, query, document)
	}
	return document, nil
}

func (d *documents) parseError(err error) *gqlerror.Error {
	if strings.HasPrefix(err.Error(), "exceeded token limit") || strings.Contains(err.Error(), ": exceeded token limit") {
		return gqlerror.Wrap(TooComplex("tokens", 0, d.limits.MaxTokens))
	}
	parseError := new(gqlerror.Error)
	if !errors.As(err, &parseError) {
		parseError = gqlerror.Wrap(err)
	}
	errcode.Set(parseError, errcode.ParseFailed)
	return parseError
}

// rules are the specification's. Where the schema is not shown, errors do not tell its
// names either.
func (d *documents) rules() *rules.Rules {
	all := rules.NewDefaultRules()
	if d.suggestions {
		return all
	}
	for _, talkative := range []core.Rule{
		rules.FieldsOnCorrectTypeRule, rules.KnownArgumentNamesRule, rules.KnownTypeNamesRule,
		rules.ScalarLeafsRule, rules.ValuesOfCorrectTypeRule,
	} {
		all.RemoveRule(talkative.Name)
	}
	for _, reticent := range []core.Rule{
		rules.FieldsOnCorrectTypeRuleWithoutSuggestions, rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRuleWithoutSuggestions, rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		all.AddRule(reticent.Name, reticent.RuleFunc)
	}
	return all
}

type documentKey struct{}

// withDocument lets gqlgen's executor find the document that this request has loaded.
func withDocument(ctx context.Context, document *ast.QueryDocument) context.Context {
	return context.WithValue(ctx, documentKey{}, document)
}

// loaded is the executor's cache: it has what the request brings along.
type loaded struct{}

func (loaded) Get(ctx context.Context, _ string) (*ast.QueryDocument, bool) {
	document, ok := ctx.Value(documentKey{}).(*ast.QueryDocument)
	return document, ok
}

func (loaded) Add(context.Context, string, *ast.QueryDocument) {}
