package web

import (
	"bufio"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/ownql/ownql/model"
)

// maxLogged is how many bytes of a path or a name that a client chose the log takes.
const maxLogged = 100

// A recorder is the ResponseWriter of a request that will be logged: it knows the status, and
// what the handlers note of the request.
type recorder struct {
	http.ResponseWriter
	status          int // 0: nothing has been written yet
	user            string
	kind, operation string
	code            string // of the error that it is answered with; empty: of none
	isShed          bool   // there was no room for it
	route           string // that it came to; empty: to none
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(body []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(body)
}

// Flush is for handlers that look for an [http.Flusher].
func (w *recorder) Flush() {
	_ = http.NewResponseController(w.ResponseWriter).Flush() // what cannot be flushed is sent at the end
}

// Hijack is for handlers that look for an [http.Hijacker].
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(w.ResponseWriter).Hijack()
}

// Unwrap is for [http.ResponseController].
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// recorderOf returns the recorder that a handler's ResponseWriter is, or wraps; nil: none.
func recorderOf(w http.ResponseWriter) *recorder {
	for {
		switch writer := w.(type) {
		case *recorder:
			return writer
		case interface{ Unwrap() http.ResponseWriter }:
			w = writer.Unwrap()
		default:
			return nil
		}
	}
}

// NoteUser has the request's line in the log name the user.
func NoteUser(w http.ResponseWriter, id string) {
	if recorder := recorderOf(w); recorder != nil {
		recorder.user = id
	}
}

// NoteOperation has the request's line in the log name the operation of GraphQL: its kind, and
// its name, which may be empty.
func NoteOperation(w http.ResponseWriter, kind, name string) {
	if recorder := recorderOf(w); recorder != nil {
		recorder.kind, recorder.operation = kind, Shortened(name)
	}
}

// WithLog writes a line about each request once it is answered: its id, method, path,
// status and time in ms, the user, the operation, the code of its first error, and what DynamoDB was asked for. Never what
// the client said beside: no query string, document, variables, token or address.
//
// What asks only whether the server is well gets none, unless it is not.
func WithLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, answer, begun := model.WithUsage(r.Context()), &recorder{ResponseWriter: w}, time.Now()
		next.ServeHTTP(answer, r.WithContext(ctx))
		took := time.Since(begun)
		if answer.status == 0 {
			answer.status = http.StatusOK
		}
		if isHealthCheck(r) && answer.status == http.StatusOK {
			return
		}
		attributes := []slog.Attr{
			slog.String("request", w.Header().Get(requestIDHeader)),
			slog.String("method", Shortened(r.Method)),
			slog.String("path", Shortened(r.URL.Path)),
			slog.Int("status", answer.status),
			slog.Float64("ms", float64(took.Round(time.Microsecond))/float64(time.Millisecond)),
		}
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
		if usage := model.UsageOf(ctx); usage.Calls > 0 {
			attributes = append(attributes,
				slog.Int("calls", usage.Calls),
				slog.Float64("readUnits", usage.ReadUnits),
				slog.Float64("writeUnits", usage.WriteUnits))
		}
		if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
			attributes = append(attributes, slog.String("trace", span.TraceID().String()))
		}
		level := slog.LevelInfo
		if answer.status >= http.StatusInternalServerError {
			level = slog.LevelWarn
		}
		slog.LogAttrs(ctx, level, "request", attributes...)
	})
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
