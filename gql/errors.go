package gql

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

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
	if len(err.Objects) > 0 {
		extensions["objects"] = err.Objects
	}
	if err.RetryAfter > 0 {
		extensions["retryAfter"] = web.RetrySeconds(err)
	}
	return shortened(&gqlerror.Error{Message: err.Message, Extensions: extensions})
}

// errorCountKey is the context's key of how many errors an answer has.
type errorCountKey struct{}

// withErrorCount lets an answer have its own errors counted.
func withErrorCount(ctx context.Context) context.Context {
	return context.WithValue(ctx, errorCountKey{}, new(atomic.Int64))
}

// upToLimit presents as many errors as limitErrors needs. gqlgen leaves out what is presented as nil.
func upToLimit(present graphql.ErrorPresenterFunc) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		if count, ok := ctx.Value(errorCountKey{}).(*atomic.Int64); ok && count.Add(1) > maxErrors+1 {
			return nil
		}
		return present(ctx, err)
	}
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
		return shortened(own)
	}
	if own != nil && isOfArguments(ctx) && !errors.Is(err, web.ErrPanic) {
		return presentBadArgument(graphql.GetFieldContext(ctx), own)
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

// isOfArguments tells whether an error arises while gqlgen makes Go of a field's arguments: it has
// none yet.
func isOfArguments(ctx context.Context) bool {
	field := graphql.GetFieldContext(ctx)
	if field == nil || field.Field.Field == nil { // a root object, before its first field
		return false
	}
	return field.Args == nil && field.Field.Definition != nil && len(field.Field.Definition.Arguments) > 0
}

// presentBadArgument tells at which place of its arguments a field has a value that a Go type of
// the project's refuses, such as that of a scalar of its own. What it says is told only where it
// says it by [model.BadInput]: it may quote Go.
func presentBadArgument(field *graphql.FieldContext, err *gqlerror.Error) *gqlerror.Error {
	path := field.Path()
	at := &place{kind: "argument", owner: field.Field.Name}
	for i, step := range err.Path[min(len(path), len(err.Path)):] {
		switch step := step.(type) {
		case ast.PathName:
			if i == 0 {
				at.name = string(step)
			} else {
				at = &place{in: at, name: string(step)}
			}
		case ast.PathIndex:
			at = &place{in: at, index: int(step)}
		}
	}
	reason := "the value is none of its type"
	if told := new(model.Error); errors.As(err, &told) && told.Code == model.CodeBadUserInput {
		reason = told.Message
	}
	presented := at.refuse(isOutside(reason), field.Field.Position)
	presented.Path = path
	return presented
}

// codeOf returns the code that a client is told of an error.
func codeOf(err error) string {
	told := new(model.Error)
	if errors.As(err, &told) {
		return string(told.Code)
	}
	return string(model.CodeInternal)
}
