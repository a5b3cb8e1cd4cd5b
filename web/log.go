package web

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// maxLogged is how many bytes of a path or a name that a client chose the log takes.
const maxLogged = 100

// mostAttributes is how many a request's line has at most.
const mostAttributes = 13

// noted is what the handlers of a request note of it, for the log and the metrics.
type noted struct {
	user            string
	kind, operation string
	code            string // of the error that it is answered with; empty: of none
	isShed          bool   // there was no room for it
	route           string // that it came to; empty: to none
}

// NoteUser has the request's line in the log name the user.
func NoteUser(w http.ResponseWriter, id string) {
	if x := exchangeBehind(w); x != nil {
		x.noted.user = id
	}
}

// NoteOperation has the request's line in the log name the operation of GraphQL: its kind, and
// its name, which may be empty.
func NoteOperation(w http.ResponseWriter, kind, name string) {
	if x := exchangeBehind(w); x != nil {
		x.noted.kind, x.noted.operation = kind, Shortened(name)
	}
}

// WithLog writes a line about each request once it is answered: its id, method, path,
// status and time in ms, the user, the operation, the code of its first error, and what DynamoDB was asked for. Never what
// the client said beside: no query string, document, variables, token or address.
//
// What asks only whether the server is well gets none, unless it is not.
func WithLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, r := exchangeOf(w, r)
		// Where a client asks again at once, its goroutine would find the next request there, and go on until it is
		// interrupted, 10 ms later, while others wait.
		runtime.Gosched()
		ctx := r.Context()
		next.ServeHTTP(x, r)
		took, answer, status := time.Since(x.begun), &x.noted, cmp.Or(x.status, http.StatusOK)
		if isHealthCheck(r) && status == http.StatusOK {
			return
		}
		attributes := append(make([]slog.Attr, 0, mostAttributes),
			slog.String("request", x.id),
			slog.String("method", Shortened(r.Method)),
			slog.String("path", Shortened(r.URL.Path)),
			slog.Int("status", status),
			slog.Float64("ms", float64(took.Round(time.Microsecond))/float64(time.Millisecond)))
		if answer.user != "" {
			attributes = append(attributes, slog.String("user", answer.user))
		}
		if answer.kind != "" {
			attributes = append(attributes, slog.String("kind", answer.kind))
		}
		if answer.operation != "" {
			attributes = append(attributes, slog.String("operation", answer.operation))
		}
		if answer.code != "" {
			attributes = append(attributes, slog.String("code", answer.code))
		}
		if usage := x.calls.Used(); usage.Calls > 0 {
			attributes = append(attributes,
				slog.Int("calls", usage.Calls),
				units("readUnits", usage.ReadUnits),
				units("writeUnits", usage.WriteUnits))
		}
		if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
			attributes = append(attributes, slog.String("trace", span.TraceID().String()))
		}
		level := slog.LevelInfo
		if status >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		logLine(ctx, x.begun.Add(took), level, attributes)
	})
}

// units is a number of capacity units, which is mostly a whole one: slog takes package encoding/json for any other.
func units(name string, n float64) slog.Attr {
	if whole := int(n); float64(whole) == n {
		return slog.Int(name, whole)
	}
	return slog.Float64(name, n)
}

// logLine is [slog.LogAttrs] that looks for neither the time nor its caller.
func logLine(ctx context.Context, at time.Time, level slog.Level, attributes []slog.Attr) {
	handler := slog.Default().Handler()
	if !handler.Enabled(ctx, level) {
		return
	}
	line := slog.NewRecord(at, level, "request", 0)
	line.AddAttrs(attributes...)
	_ = handler.Handle(ctx, line) // as slog does: there is nobody to tell
}

func isHealthCheck(r *http.Request) bool {
	return r.URL.Path == "/healthz" || r.URL.Path == "/readyz"
}

// Shortened is the beginning of a text that a client chose, for the log.
func Shortened(text string) string {
	if len(text) <= maxLogged {
		return text
	}
	return strings.ToValidUTF8(text[:maxLogged], "") + "…"
}
