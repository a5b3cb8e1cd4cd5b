package gql

import (
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator/core"
)

const (
	// cachedDocuments is how many bytes of parsed and validated documents are kept, by estimate,
	// and maxCachedDocument what one may have as text: an application's are of a few KB.
	cachedDocuments   = 16 << 20
	maxCachedDocument = 16 << 10

	// memoryOfToken is what a token of a document becomes, about, as measured for the densest.
	memoryOfToken = 600
)

// documents parses, bounds and validates documents, in this order, where gqlgen would
// leave out the second step.
type documents struct {
	schema *ast.Schema
	limits Limits
	rules  []core.Rule
	cache  *documentCache[*document]
}

// A document is valid and within the limits.
type document struct {
	*ast.QueryDocument
	nullable   map[*ast.OperationDefinition][]nullableUsage
	selections *selections
}

// newDocuments returns documents of a schema, with suggestions in errors ("Did you mean …?") or
// without.
func newDocuments(schema *ast.Schema, limits Limits, suggestions bool) *documents {
	return &documents{schema, limits, specifiedRules(suggestions), newDocumentCache[*document](cachedDocuments)}
}

// load returns a valid document within the limits.
func (d *documents) load(query string) (*document, gqlerror.List) {
	if document, ok := d.cache.get(query); ok {
		return document, nil
	}
	parsed, tokens, err := d.parse(query)
	if err != nil {
		return nil, gqlerror.List{err}
	}
	if len(parsed.Operations) == 0 {
		err := gqlerror.Errorf("the document has no operation")
		errcode.Set(err, errcode.ValidationFailed)
		return nil, gqlerror.List{err}
	}
	if err := d.limits.check(parsed); err != nil {
		return nil, gqlerror.List{gqlerror.Wrap(err)}
	}
	nullable, errs := validate(d.schema, parsed, d.rules)
	if len(errs) > 0 {
		return nil, errs
	}
	valid := &document{parsed, nullable, newSelections(d.schema, parsed, func(bytes int) { d.cache.grow(query, bytes) })}
	if len(query) <= maxCachedDocument {
		d.cache.add(query, valid, len(query)+tokens*memoryOfToken)
	}
	return valid, nil
}

// parse returns a document of at most so many tokens, and how many it has. Its strings are as they
// are written.
func (d *documents) parse(query string) (parsed *ast.QueryDocument, tokens int, refused *gqlerror.Error) {
	source := readSource(query)
	tokens, err := readTokens(source.text, d.limits.MaxTokens)
	if err != nil {
		return nil, tokens, gqlerror.Wrap(err)
	}
	parsed, err = parser.ParseQueryWithTokenLimit(&ast.Source{Input: source.text}, d.limits.MaxTokens)
	if err != nil {
		if refused := d.parseError(err); source.isBefore(refused) {
			return nil, tokens, refused
		}
	}
	if source.invalid != nil {
		return nil, tokens, d.parseError(source.invalid)
	}
	source.restore(parsed)
	return parsed, tokens, nil
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
