package otlp

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// requestOf returns the ExportTraceServiceRequest of some spans, which one resource has made.
// https://github.com/open-telemetry/opentelemetry-proto
func requestOf(spans []sdktrace.ReadOnlySpan) message {
	var scopes []instrumentation.Scope
	byScope := map[instrumentation.Scope][]message{}
	for _, span := range spans {
		scope := span.InstrumentationScope()
		if byScope[scope] == nil {
			scopes = append(scopes, scope)
		}
		byScope[scope] = append(byScope[scope], spanOf(span))
	}
	var all []message
	for _, scope := range scopes {
		all = append(all, message{
			{1, "scope", message{{1, "name", scope.Name}, {2, "version", scope.Version}, {3, "attributes", attributesOf(scope.Attributes.ToSlice())}}.given()},
			{2, "spans", byScope[scope]},
			{3, "schemaUrl", scope.SchemaURL},
		}.given())
	}
	of := message{
		{1, "resource", resourceOf(spans[0].Resource())},
		{2, "scopeSpans", all},
		{3, "schemaUrl", spans[0].Resource().SchemaURL()},
	}
	return message{{1, "resourceSpans", []message{of.given()}}}
}

func resourceOf(r *resource.Resource) message {
	return message{{1, "attributes", attributesOf(r.Attributes())}}
}

func spanOf(span sdktrace.ReadOnlySpan) message {
	context, parent := span.SpanContext(), span.Parent()
	traceID, spanID := context.TraceID(), context.SpanID()
	m := message{
		{1, "traceId", bytes(traceID[:])},
		{2, "spanId", bytes(spanID[:])},
		{3, "traceState", context.TraceState().String()},
	}
	if parent.SpanID().IsValid() {
		parentID := parent.SpanID()
		m = append(m, field{4, "parentSpanId", bytes(parentID[:])})
	}
	m = append(m, message{
		{5, "name", span.Name()},
		{6, "kind", enum(span.SpanKind())},
		{7, "startTimeUnixNano", nanoseconds(span.StartTime())},
		{8, "endTimeUnixNano", nanoseconds(span.EndTime())},
		{9, "attributes", attributesOf(span.Attributes())},
		{10, "droppedAttributesCount", uint32(span.DroppedAttributes())},
	}...)
	var events, links []message
	for _, event := range span.Events() {
		events = append(events, message{
			{1, "timeUnixNano", nanoseconds(event.Time)},
			{2, "name", event.Name},
			{3, "attributes", attributesOf(event.Attributes)},
			{4, "droppedAttributesCount", uint32(event.DroppedAttributeCount)},
		}.given())
	}
	for _, link := range span.Links() {
		traceID, spanID := link.SpanContext.TraceID(), link.SpanContext.SpanID()
		links = append(links, message{
			{1, "traceId", bytes(traceID[:])},
			{2, "spanId", bytes(spanID[:])},
			{3, "traceState", link.SpanContext.TraceState().String()},
			{4, "attributes", attributesOf(link.Attributes)},
			{5, "droppedAttributesCount", uint32(link.DroppedAttributeCount)},
			{6, "flags", flagsOf(link.SpanContext.TraceFlags(), link.SpanContext)},
		}.given())
	}
	m = append(m, message{
		{11, "events", events},
		{12, "droppedEventsCount", uint32(span.DroppedEvents())},
		{13, "links", links},
		{14, "droppedLinksCount", uint32(span.DroppedLinks())},
		{15, "status", statusOf(span.Status())},
		{16, "flags", flagsOf(context.TraceFlags(), parent)},
	}...)
	return m.given()
}

// Flags say whether a context came from elsewhere.
const (
	hasIsRemote = 0x100
	isRemote    = 0x200
)

func flagsOf(flags trace.TraceFlags, from trace.SpanContext) fixed32 {
	all := fixed32(flags) | hasIsRemote
	if from.IsRemote() {
		all |= isRemote
	}
	return all
}

func statusOf(status sdktrace.Status) message {
	code := enum(0) // unset
	switch status.Code {
	case codes.Ok:
		code = 1
	case codes.Error:
		code = 2
	}
	return message{{2, "message", status.Description}, {3, "code", code}}.given()
}

func nanoseconds(t time.Time) fixed64 { return fixed64(max(t.UnixNano(), 0)) }

func attributesOf(attributes []attribute.KeyValue) (all []message) {
	for _, a := range attributes {
		all = append(all, message{{1, "key", string(a.Key)}, {2, "value", valueOf(a.Value)}})
	}
	return all
}

// valueOf returns an AnyValue.
func valueOf(value attribute.Value) message {
	switch value.Type() {
	case attribute.BOOL:
		return message{{2, "boolValue", value.AsBool()}}
	case attribute.INT64:
		return message{{3, "intValue", value.AsInt64()}}
	case attribute.FLOAT64:
		return message{{4, "doubleValue", value.AsFloat64()}}
	case attribute.STRING:
		return message{{1, "stringValue", value.AsString()}}
	case attribute.BOOLSLICE:
		return listOf(value.AsBoolSlice(), attribute.BoolValue)
	case attribute.INT64SLICE:
		return listOf(value.AsInt64Slice(), attribute.Int64Value)
	case attribute.FLOAT64SLICE:
		return listOf(value.AsFloat64Slice(), attribute.Float64Value)
	case attribute.STRINGSLICE:
		return listOf(value.AsStringSlice(), attribute.StringValue)
	case attribute.BYTESLICE:
		return message{{7, "bytesValue", base64Bytes(value.AsByteSlice())}}
	case attribute.SLICE:
		return listOf(value.AsSlice(), func(v attribute.Value) attribute.Value { return v })
	case attribute.MAP:
		return message{{6, "kvlistValue", message{{1, "values", attributesOf(value.AsMap())}}}}
	case attribute.EMPTY:
		return nil
	}
	return message{{1, "stringValue", value.String()}}
}

func listOf[T any](values []T, one func(T) attribute.Value) message {
	var all []message
	for _, value := range values {
		all = append(all, valueOf(one(value)))
	}
	return message{{5, "arrayValue", message{{1, "values", all}}}}
}
