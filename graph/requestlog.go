package graph

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/felixge/httpsnoop"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/store"
)

// maxLogged is how many bytes of a path or a name that a client chose the log takes.
const maxLogged = 100

type operationKey struct{}

// loggedOperation is the operation of a request, once it is known.
type loggedOperation struct{ kind, name string }

// WithLog writes a line about each request once it is answered: its id, method, path,
// status and time in ms, the user, the operation, and what DynamoDB was asked for. Never what
// the client said beside: no query string, document, variables, token or address.
//
// What asks only whether the server is well gets none, unless it is not.
func WithLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, seen := auth.WithSeen(store.WithUsage(r.Context()))
		operation := new(loggedOperation)
		ctx = context.WithValue(ctx, operationKey{}, operation)
		answer := httpsnoop.CaptureMetrics(next, w, r.WithContext(ctx))
		if isHealthCheck(r) && answer.Code == http.StatusOK {
			return
		}
		attributes := []slog.Attr{
			slog.String("request", w.Header().Get(requestIDHeader)),
			slog.String("method", shortened(r.Method)),
			slog.String("path", shortened(r.URL.Path)),
			slog.Int("status", answer.Code),
			slog.Float64("ms", float64(answer.Duration.Round(time.Microsecond))/float64(time.Millisecond)),
		}
		if seen.UserID != "" {
			attributes = append(attributes, slog.String("user", seen.UserID))
		}
		if operation.kind != "" {
			attributes = append(attributes, slog.String("kind", operation.kind))
		}
		if operation.name != "" {
			attributes = append(attributes, slog.String("operation", operation.name))
		}
		if usage := store.UsageOf(ctx); usage.Calls > 0 {
			attributes = append(attributes,
				slog.Int("calls", usage.Calls),
				slog.Float64("readUnits", usage.ReadUnits),
				slog.Float64("writeUnits", usage.WriteUnits))
		}
		if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
			attributes = append(attributes, slog.String("trace", span.TraceID().String()))
		}
		level := slog.LevelInfo
		if answer.Code >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		slog.LogAttrs(ctx, level, "request", attributes...)
	})
}

func isHealthCheck(r *http.Request) bool {
	return r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
}

// noteOperation tells the log and the trace which operation a request is for.
func noteOperation(ctx context.Context, operation *ast.OperationDefinition) {
	if logged, ok := ctx.Value(operationKey{}).(*loggedOperation); ok {
		*logged = loggedOperation{string(operation.Operation), shortened(operation.Name)}
	}
	spanOperation(ctx, operation)
}

// shortened is the beginning of a text that a client chose.
func shortened(text string) string {
	if len(text) <= maxLogged {
		return text
	}
	return strings.ToValidUTF8(text[:maxLogged], "") + "…"
}
