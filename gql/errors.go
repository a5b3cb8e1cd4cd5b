package gql

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// errNotImplemented: a field has no resolver yet.
var errNotImplemented = errors.New("a field has no resolver")

// NotImplemented is what a resolver answers that nobody has written yet. field is as in
// `Query.stats`. In dev the client is told what to write, and elsewhere the log.
func NotImplemented(field string) error {
	return &model.Error{
		Code:    model.CodeInternal,
		Message: field + " has no resolver yet: write it in graph/schema.resolvers.go",
		Kind:    errNotImplemented,
	}
}

// asGraphQL returns an error as one of a GraphQL response.
func asGraphQL(err *model.Error) *gqlerror.Error {
	extensions := map[string]any{"code": string(err.Code)}
	if err.Field != "" {
		extensions["field"] = err.Field
	}
	if err.RetryAfter > 0 {
		extensions["retryAfter"] = web.RetrySeconds(err)
	}
	return &gqlerror.Error{Message: err.Message, Extensions: extensions}
}

// presentErrorOutsideDev is presentError, which does not tell what the project lacks.
func presentErrorOutsideDev(ctx context.Context, err error) *gqlerror.Error {
	if errors.Is(err, errNotImplemented) {
		err = fmt.Errorf("%w: %s", web.ErrInternal, err.Error())
	}
	return presentError(ctx, err)
}

// presentError is gqlgen's way to web.ErrorOf. What gqlgen says itself, of a document
// or a variable, has a code already or is of no error below it.
func presentError(ctx context.Context, err error) *gqlerror.Error {
	var own *gqlerror.Error
	if errors.As(err, &own) && own.Unwrap() == nil {
		if own.Extensions["code"] == nil {
			own.Extensions = map[string]any{"code": string(model.CodeBadUserInput)}
		}
		own.Message = clearer(own)
		return own
	}
	if errors.Is(err, model.ErrForbidden) && auth.FromContext(ctx) == nil {
		err = auth.ErrUnauthenticated // signing in may help
	}
	presented := asGraphQL(web.ErrorOf(ctx, err))
	presented.Path = graphql.GetPath(ctx)
	if own != nil {
		presented.Path, presented.Locations = own.Path, own.Locations
	}
	return presented
}

// clearer returns gqlgen's message, in other words where they leave the reader alone.
func clearer(err *gqlerror.Error) string {
	if err.Message == "operation  not found" {
		return "the document has several operations: say which with `operationName`"
	}
	if len(err.Path) > 1 && err.Path[0] == ast.PathName("variable") {
		return fmt.Sprintf("variable $%v: %s", err.Path[1:], ofAnotherType.ReplaceAllString(err.Message, "is no $1$2"))
	}
	return err.Message
}

// ofAnotherType matches what gqlparser says of a variable, with the kind that its value has
// in Go: a number is a string there.
var ofAnotherType = regexp.MustCompile(`^cannot use .* as (\S+)$|^must be a (\S+), not a \S+$`)

// codeOf returns the code that a client is told of an error.
func codeOf(err error) string {
	told := new(model.Error)
	if errors.As(err, &told) {
		return string(told.Code)
	}
	return string(model.CodeInternal)
}
