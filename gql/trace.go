package gql

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"github.com/ownql/ownql/web"
)

// spanOperation names the operation's span, by https://opentelemetry.io/docs/specs/semconv/graphql/graphql-spans/. The document stays out: clients write what is
// secret into it.
func spanOperation(ctx context.Context, operation *ast.OperationDefinition) {
	span := trace.SpanFromContext(ctx)
	if !span.IsRecording() {
		return
	}
	span.SetName(string(operation.Operation))
	span.SetAttributes(semconv.GraphQLOperationTypeKey.String(string(operation.Operation)))
	if operation.Name != "" {
		span.SetAttributes(semconv.GraphQLOperationName(web.Shortened(operation.Name)))
	}
}

// spanAnswered marks the operation's span where the response has errors, by the first one's
// code. The messages stay out, which may quote the document.
func spanAnswered(ctx context.Context, response *graphql.Response) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() && len(response.Errors) > 0 {
		code, _ := response.Errors[0].Extensions["code"].(string)
		spanFailed(span, code)
	}
}

// spanRefused marks the operation's span where the operation is not executed.
func spanRefused(ctx context.Context, err error) {
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		spanFailed(span, codeOf(err))
	}
}

func spanFailed(span trace.Span, code string) {
	span.SetStatus(codes.Error, code)
	span.SetAttributes(semconv.ErrorTypeKey.String(code))
}
