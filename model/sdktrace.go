package model

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/tracing"
	"github.com/aws/smithy-go/tracing/smithyoteltracing"
	"go.opentelemetry.io/otel/trace"
)

// traceSDK returns the option by which the SDK's client traces how often it had to try
// a call, and what came back each time. The embedded engine does not look at it.
func traceSDK(provider trace.TracerProvider) clientOption {
	adapted := sdkTracing{smithyoteltracing.Adapt(provider)}
	return func(o *dynamodb.Options) { o.TracerProvider = adapted }
}

// sdkTracing keeps, of the dozen spans that the SDK makes of a call, the two that show each try
// and its HTTP request. The one for the call itself has DynamoDB's message, which may quote
// the data; ours stands in its place.
type sdkTracing struct{ tracing.TracerProvider }

func (t sdkTracing) Tracer(scope string, options ...tracing.TracerOption) tracing.Tracer {
	return sdkTracer{t.TracerProvider.Tracer(scope, options...)}
}

type sdkTracer struct{ tracing.Tracer }

func (t sdkTracer) StartSpan(ctx context.Context, name string, options ...tracing.SpanOption) (context.Context, tracing.Span) {
	if name != "Attempt" && name != "DoHTTPRequest" {
		return tracing.NopTracerProvider{}.Tracer("").StartSpan(ctx, name, options...)
	}
	return t.Tracer.StartSpan(ctx, name, options...)
}
