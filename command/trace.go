package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/internal/otlp"
	"github.com/ownql/ownql/web"
)

// traceTimeout is how long the last spans may take to be sent, once nothing else is left to do.
const traceTimeout = time.Second

// maxAttribute is how many bytes of a path or a header a span takes. Spans wait to be sent, some
// thousands at a time.
const maxAttribute = 1000

// tracing sends OpenTelemetry's traces where the OTEL_ variables say.
// https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
type tracing struct {
	provider trace.TracerProvider
	sdk      *sdktrace.TracerProvider // nil: nothing is traced
}

// newTracing returns the tracing that the environment asks for: none, unless it names an
// exporter or where to export to. The SDK reads the process's own variables for the rest:
// sampling, batches and the resource.
func newTracing(ctx context.Context, getenv func(string) string) (*tracing, error) {
	if isWanted, err := wantsTracing(getenv); err != nil || !isWanted {
		return &tracing{provider: noop.NewTracerProvider()}, err
	}
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { slog.Warn("tracing", "err", err) }))
	exporter, err := otlp.New(getenv)
	if err != nil {
		return nil, err
	}
	// What the environment says of the resource comes last, and wins.
	from, err := resource.New(ctx, resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName("ownql")), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	limits := sdktrace.NewSpanLimits()
	if limits.AttributeValueLengthLimit < 0 { // the environment sets none
		limits.AttributeValueLengthLimit = maxAttribute
	}
	sdk := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(from), sdktrace.WithRawSpanLimits(limits))
	return &tracing{sdk, sdk}, nil
}

// wantsTracing tells whether the environment asks for traces. An error names the variable,
// its value, and what is allowed.
func wantsTracing(getenv func(string) string) (bool, error) {
	if strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") {
		return false, nil
	}
	exporter := getenv("OTEL_TRACES_EXPORTER")
	switch exporter {
	case "", "otlp":
	case "none":
		return false, nil
	default:
		return false, fmt.Errorf("OTEL_TRACES_EXPORTER %q: want otlp or none", exporter)
	}
	if exporter == "" && getenv("OTEL_EXPORTER_OTLP_ENDPOINT") == "" && getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") == "" {
		return false, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		switch protocol := getenv(name); protocol {
		case "", "http/protobuf", "http/json":
		default:
			return false, fmt.Errorf("%s %q: want http/protobuf or http/json", name, protocol)
		}
	}
	return true, nil
}

// handler makes a span of each request, the child of the client's own where it sends
// traceparent. https://www.w3.org/TR/trace-context/
func (t *tracing) handler(next http.Handler, proxies web.TrustedProxies) http.Handler {
	if t.sdk == nil {
		return next
	}
	// otelhttp takes anyone's word in X-Forwarded-For.
	addressed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		trace.SpanFromContext(r.Context()).SetAttributes(semconv.ClientAddress(proxies.ClientAddress(r).String()))
		next.ServeHTTP(w, r)
	})
	return otelhttp.NewHandler(addressed, "",
		otelhttp.WithTracerProvider(t.provider),
		otelhttp.WithMeterProvider(metricnoop.NewMeterProvider()),
		otelhttp.WithPropagators(propagation.TraceContext{}),
		otelhttp.WithSpanNameFormatter(func(string, *http.Request) string { return "HTTP" }))
}

// flush sends the spans that have ended, before the process stands still.
func (t *tracing) flush(ctx context.Context) error {
	if t.sdk == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, traceTimeout)
	defer cancel()
	return t.sdk.ForceFlush(ctx)
}

// close sends what is left. Spans that do not arrive are no failure of the server's.
func (t *tracing) close() {
	if t.sdk == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), traceTimeout)
	defer cancel()
	if err := t.sdk.Shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		otel.Handle(err)
	}
}

// nameSpan names the request's span by its route, which the mux behind it finds.
// https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name
func nameSpan(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mux.ServeHTTP(w, r)
		route := r.Pattern
		if route == "/" {
			return // the mux of the project's own routes has named it, or there is none
		}
		if _, path, hasMethod := strings.Cut(route, " "); hasMethod {
			route = path
		}
		web.NoteRoute(w, route)
		span := trace.SpanFromContext(r.Context())
		if !span.IsRecording() {
			return
		}
		span.SetAttributes(semconv.HTTPRoute(route))
		switch r.Method {
		case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodOptions:
			span.SetName(r.Method + " " + route)
		}
	})
}
