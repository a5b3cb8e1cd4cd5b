package e2e

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	"go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// otlpReceiver takes traces as OpenTelemetry's collector does, over http/protobuf.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
type otlpReceiver struct {
	url string

	mu    sync.Mutex
	spans []otlpSpan
	text  []byte // all that came
}

// An otlpSpan is a span with its attributes as text.
type otlpSpan struct {
	*v1.Span
	resource   map[string]string
	attributes map[string]string
}

func (s otlpSpan) id() string     { return hex.EncodeToString(s.SpanId) }
func (s otlpSpan) parent() string { return hex.EncodeToString(s.ParentSpanId) }
func (s otlpSpan) trace() string  { return hex.EncodeToString(s.TraceId) }

func newOTLPReceiver(t testing.TB) *otlpReceiver {
	t.Helper()
	receiver := new(otlpReceiver)
	server := httptest.NewServer(http.HandlerFunc(receiver.export))
	t.Cleanup(server.Close)
	receiver.url = server.URL
	return receiver
}

func (o *otlpReceiver) export(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var request collector.ExportTraceServiceRequest
	if err != nil || r.URL.Path != "/v1/traces" || r.Header.Get("Content-Type") != "application/x-protobuf" || proto.Unmarshal(body, &request) != nil {
		http.Error(w, "no traces", http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, body...)
	for _, resource := range request.ResourceSpans {
		of := texts(resource.Resource.Attributes)
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				o.spans = append(o.spans, otlpSpan{span, of, texts(span.Attributes)})
			}
		}
	}
	w.Header().Set("Content-Type", "application/x-protobuf")
}

// received returns the spans, and all that came with them.
func (o *otlpReceiver) received() ([]otlpSpan, string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.spans, string(o.text)
}

func texts(attributes []*common.KeyValue) map[string]string {
	m := map[string]string{}
	for _, a := range attributes {
		m[a.Key] = text(a.Value)
	}
	return m
}

func text(value *common.AnyValue) string {
	switch v := value.Value.(type) {
	case *common.AnyValue_StringValue:
		return v.StringValue
	case *common.AnyValue_IntValue:
		return strconv.FormatInt(v.IntValue, 10)
	case *common.AnyValue_ArrayValue:
		list := ""
		for i, element := range v.ArrayValue.Values {
			if i > 0 {
				list += " "
			}
			list += text(element)
		}
		return list
	default:
		return value.String()
	}
}
