package otlp

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	resourcev1 "go.opentelemetry.io/proto/otlp/resource/v1"
	v1 "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// A receiver takes what an exporter sends, by OpenTelemetry's own types, and answers as it is told.
type receiver struct {
	*httptest.Server

	mu       sync.Mutex
	requests []*collector.ExportTraceServiceRequest
	headers  []http.Header
	answers  []func(w http.ResponseWriter) // of the first requests; nil: 200
}

func newReceiver(t *testing.T, answers ...func(w http.ResponseWriter)) *receiver {
	r := &receiver{answers: answers}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		body := io.Reader(request.Body)
		if request.Header.Get("Content-Encoding") == "gzip" {
			zipped, err := gzip.NewReader(body)
			if err != nil {
				t.Error(err)
				return
			}
			body = zipped
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		var got collector.ExportTraceServiceRequest
		if request.Header.Get("Content-Type") == "application/json" {
			err = unmarshalJSON(content, &got)
		} else {
			err = proto.UnmarshalOptions{}.Unmarshal(content, &got)
		}
		if err != nil || len(got.ProtoReflect().GetUnknown()) > 0 {
			t.Errorf("%s: %v", content, err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.requests, r.headers = append(r.requests, &got), append(r.headers, request.Header)
		if len(r.answers) > 0 {
			answer := r.answers[0]
			r.answers = r.answers[1:]
			answer(w)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// unmarshalJSON reads OTLP's JSON, which has ids in hexadecimal where that of Protocol Buffers has base64.
func unmarshalJSON(content []byte, into *collector.ExportTraceServiceRequest) error {
	text := hexIDs.ReplaceAllStringFunc(string(content), func(id string) string {
		name, value, _ := strings.Cut(id, ":")
		return name + ":" + base64Of(strings.Trim(value, `"`))
	})
	return protojson.UnmarshalOptions{}.Unmarshal([]byte(text), into)
}

// exported are the spans that TestExport makes: a server's with everything that a span can have, and its child.
func exported(t *testing.T, exporter *Exporter) (server, child trace.SpanContext) {
	t.Helper()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(reporting{exporter, t}),
		sdktrace.WithResource(resource.NewSchemaless(attribute.String("service.name", "weaver"))))
	ctx := trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1, 0xab}, SpanID: trace.SpanID{2, 0xcd}, TraceFlags: trace.FlagsSampled, Remote: true}))
	tracer := provider.Tracer("looms", trace.WithInstrumentationVersion("v7"))
	ctx, span := tracer.Start(ctx, "weave", trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(time.Unix(10, 5)),
		trace.WithLinks(trace.Link{SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{9}, SpanID: trace.SpanID{8}}),
			Attributes: []attribute.KeyValue{attribute.Int("of", 3)}}),
		trace.WithAttributes(attribute.String("text", "é\""), attribute.String("empty", ""), attribute.Bool("no", false), attribute.Int64("below", math.MinInt64),
			attribute.Float64("half", 0.5), attribute.Float64("nan", math.NaN()), attribute.StringSlice("words", []string{"a", ""}),
			attribute.Int64Slice("numbers", []int64{0, -1}), attribute.BoolSlice("bits", []bool{true, false}), attribute.Float64Slice("none", nil),
			attribute.KeyValue{Key: "raw", Value: attribute.ByteSliceValue([]byte{0, 0xff})}, attribute.KeyValue{Key: "mixed", Value: attribute.SliceValue(attribute.IntValue(1), attribute.StringValue("b"))},
			attribute.KeyValue{Key: "map", Value: attribute.MapValue(attribute.Int("k", 1))}, attribute.KeyValue{Key: "empty value"}, attribute.String("torn", "a\xffb")))
	_, inner := tracer.Start(ctx, "knot")
	inner.AddEvent("torn", trace.WithAttributes(attribute.String("thread", "red")), trace.WithTimestamp(time.Unix(11, 0)))
	inner.SetStatus(codes.Error, "torn")
	inner.End()
	span.SetStatus(codes.Ok, "")
	span.End(trace.WithTimestamp(time.Unix(12, 0)))
	return span.SpanContext(), inner.SpanContext()
}

// reporting tells the test of an export's error.
type reporting struct {
	*Exporter
	t *testing.T
}

func (r reporting) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := r.Exporter.ExportSpans(ctx, spans)
	if err != nil {
		r.t.Error(err)
	}
	return err
}

// TestExport sends the same in each encoding, and reads it by OpenTelemetry's own types.
func TestExport(t *testing.T) {
	for _, test := range []struct {
		name      string
		variables map[string]string
	}{
		{"Protocol Buffers", nil},
		{"zipped", map[string]string{"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}},
		{"JSON", map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t)
			exporter, err := New(func(name string) string {
				if name == "OTEL_EXPORTER_OTLP_ENDPOINT" {
					return r.URL
				}
				return test.variables[name]
			})
			if err != nil {
				t.Fatal(err)
			}
			server, child := exported(t, exporter)
			if len(r.requests) != 2 {
				t.Fatalf("%d requests, want one for each span", len(r.requests))
			}
			for i, want := range []*v1.ResourceSpans{wantChild(server, child), wantServer(server)} {
				got := r.requests[i].ResourceSpans[0]
				span := got.ScopeSpans[0].Spans[0]
				if i == 0 { // whose clock runs
					if span.StartTimeUnixNano == 0 || span.EndTimeUnixNano < span.StartTimeUnixNano {
						t.Errorf("it lasts from %d to %d", span.StartTimeUnixNano, span.EndTimeUnixNano)
					}
					span.StartTimeUnixNano, span.EndTimeUnixNano = 0, 0
				}
				if !proto.Equal(got, want) {
					t.Errorf("got  %s\nwant %s", protojson.Format(got), protojson.Format(want))
				}
			}
		})
	}
}

func wantServer(server trace.SpanContext) *v1.ResourceSpans {
	traceID, spanID := server.TraceID(), server.SpanID()
	list := func(values ...*common.AnyValue) *common.AnyValue {
		return &common.AnyValue{Value: &common.AnyValue_ArrayValue{ArrayValue: &common.ArrayValue{Values: values}}}
	}
	return scoped(&v1.Span{
		TraceId: traceID[:], SpanId: spanID[:], ParentSpanId: []byte{2, 0xcd, 0, 0, 0, 0, 0, 0}, Name: "weave",
		Kind: v1.Span_SPAN_KIND_SERVER, StartTimeUnixNano: 10_000_000_005, EndTimeUnixNano: 12_000_000_000,
		Attributes: []*common.KeyValue{
			{Key: "text", Value: text("é\"")}, {Key: "empty", Value: text("")},
			{Key: "no", Value: boolean(false)}, {Key: "below", Value: integer(math.MinInt64)},
			{Key: "half", Value: double(0.5)}, {Key: "nan", Value: double(math.NaN())},
			{Key: "words", Value: list(text("a"), text(""))}, {Key: "numbers", Value: list(integer(0), integer(-1))},
			{Key: "bits", Value: list(boolean(true), boolean(false))}, {Key: "none", Value: list()},
			{Key: "raw", Value: &common.AnyValue{Value: &common.AnyValue_BytesValue{BytesValue: []byte{0, 0xff}}}}, {Key: "mixed", Value: list(integer(1), text("b"))},
			{Key: "map", Value: &common.AnyValue{Value: &common.AnyValue_KvlistValue{KvlistValue: &common.KeyValueList{Values: []*common.KeyValue{{Key: "k", Value: integer(1)}}}}}}, {Key: "empty value", Value: &common.AnyValue{}}, {Key: "torn", Value: text("a\uFFFDb")},
		},
		Links:  []*v1.Span_Link{{TraceId: append([]byte{9}, make([]byte, 15)...), SpanId: append([]byte{8}, make([]byte, 7)...), Attributes: []*common.KeyValue{{Key: "of", Value: integer(3)}}, Flags: 0x100}},
		Status: &v1.Status{Code: v1.Status_STATUS_CODE_OK},
		Flags:  0x301,
	})
}

func wantChild(server, child trace.SpanContext) *v1.ResourceSpans {
	traceID, spanID, parentID := child.TraceID(), child.SpanID(), server.SpanID()
	return scoped(&v1.Span{
		TraceId: traceID[:], SpanId: spanID[:], ParentSpanId: parentID[:], Name: "knot", Kind: v1.Span_SPAN_KIND_INTERNAL,
		Events: []*v1.Span_Event{{TimeUnixNano: 11_000_000_000, Name: "torn", Attributes: []*common.KeyValue{{Key: "thread", Value: text("red")}}}},
		Status: &v1.Status{Code: v1.Status_STATUS_CODE_ERROR, Message: "torn"},
		Flags:  0x101,
	})
}

// TestExportErrors answers exports with what collectors may answer.
func TestExportErrors(t *testing.T) {
	status := func(code int, header ...string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			if len(header) > 0 {
				w.Header().Set(header[0], header[1])
			}
			w.WriteHeader(code)
		}
	}
	partial := func(w http.ResponseWriter) {
		body, err := proto.Marshal(&collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: 2, ErrorMessage: "too old"}})
		if err != nil {
			t.Error(err)
		}
		w.Write(body)
	}
	for _, test := range []struct {
		name    string
		answers []func(http.ResponseWriter)
		tries   int
		want    string // in the error; empty: there is none
	}{
		{"it has no time, twice", []func(http.ResponseWriter){status(503, "Retry-After", "0"), status(429)}, 3, ""},
		{"it is of another kind", []func(http.ResponseWriter){status(404)}, 1, "404"},
		{"it leads elsewhere", []func(http.ResponseWriter){status(302, "Location", "http://127.0.0.1:1/")}, 1, "302"},
		{"it takes some", []func(http.ResponseWriter){partial}, 1, "2 of them: too old"},
		{"it never has time", []func(http.ResponseWriter){status(503, "Retry-After", "100")}, 1, "deadline exceeded"},
		{"it asks for an odd wait", []func(http.ResponseWriter){status(503, "Retry-After", "-1"), status(503, "Retry-After", "soon")}, 3, ""},
		{"it asks for ages", []func(http.ResponseWriter){status(503, "Retry-After", "10000000000")}, 1, "deadline exceeded"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newReceiver(t, test.answers...)
			timeout := "60000"
			if test.want == "deadline exceeded" {
				timeout = "2000"
			}
			exporter, err := New(func(name string) string {
				return map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": strings.Replace(r.URL, "http://", "http://user:hush@", 1) + "/here?api-key=hush", "OTEL_EXPORTER_OTLP_TIMEOUT": timeout,
					"OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, x=y"}[name]
			})
			if err != nil {
				t.Fatal(err)
			}
			spans := &collected{}
			_, span := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)).Tracer("t").Start(t.Context(), "s")
			span.End()
			err = exporter.ExportSpans(t.Context(), spans.spans)
			if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Errorf("it tells a secret: %v", err)
			}
			if len(r.requests) != test.tries {
				t.Errorf("%d tries, want %d", len(r.requests), test.tries)
			}
			if r.headers[0].Get("Api-Key") != "a b" || r.headers[0].Get("X") != "y" {
				t.Errorf("headers are %v", r.headers[0])
			}
		})
	}
}

type collected struct{ spans []sdktrace.ReadOnlySpan }

func (c *collected) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	c.spans = append(c.spans, spans...)
	return nil
}
func (*collected) Shutdown(context.Context) error { return nil }

// TestExportNowhere sends to where nobody listens, which is no reason to wait.
func TestExportNowhere(t *testing.T) {
	r := newReceiver(t)
	r.Close()
	exporter, err := New(func(name string) string {
		return map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": r.URL + "?api-key=hush"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	spans := &collected{}
	_, span := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)).Tracer("t").Start(t.Context(), "s")
	span.End()
	if err := exporter.ExportSpans(t.Context(), spans.spans); err == nil || strings.Contains(err.Error(), "hush") || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want that it is refused", err)
	}
}

// TestConfig wants each variable that cannot be used named.
func TestConfig(t *testing.T) {
	for variable, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":                  "localhost:4318",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT":           "ftp://localhost",
		"OTEL_EXPORTER_OTLP_HEADERS":                   "secret",
		"OTEL_EXPORTER_OTLP_TIMEOUT":                   "soon",
		"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION":        "zstd",
		"OTEL_EXPORTER_OTLP_CERTIFICATE":               "no-such-file",
		"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE": "no-such-file",
	} {
		_, err := New(func(name string) string { return map[string]string{variable: value}[name] })
		if err == nil || !strings.Contains(err.Error(), variable) || variable == "OTEL_EXPORTER_OTLP_HEADERS" && strings.Contains(err.Error(), value) {
			t.Errorf("%s=%s: %v", variable, value, err)
		}
	}
}

var hexIDs = regexp.MustCompile(`"(traceId|spanId|parentSpanId)":"[0-9a-f]*"`)

// base64Of returns the JSON of bytes that are given in hexadecimal.
func base64Of(text string) string {
	id, err := hex.DecodeString(text)
	if err != nil {
		return `"no id"`
	}
	return `"` + base64.StdEncoding.EncodeToString(id) + `"`
}

func scoped(span *v1.Span) *v1.ResourceSpans {
	return &v1.ResourceSpans{
		Resource:   &resourcev1.Resource{Attributes: []*common.KeyValue{{Key: "service.name", Value: text("weaver")}}},
		ScopeSpans: []*v1.ScopeSpans{{Scope: &common.InstrumentationScope{Name: "looms", Version: "v7"}, Spans: []*v1.Span{span}}},
	}
}

func text(value string) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_StringValue{StringValue: value}}
}
func boolean(value bool) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_BoolValue{BoolValue: value}}
}
func integer(value int64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_IntValue{IntValue: value}}
}
func double(value float64) *common.AnyValue {
	return &common.AnyValue{Value: &common.AnyValue_DoubleValue{DoubleValue: value}}
}
