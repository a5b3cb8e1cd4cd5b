package model

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/guregu/dynamo/v2/dynamodbiface"
	"go.opentelemetry.io/otel/codes"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"golang.org/x/sync/semaphore"

	"github.com/ownql/ownql/internal/itembytes"
)

// Observe returns a client that passes on to another every call that reads or writes items,
// counts it (see [UsageOf]) and makes it a span, with the attributes that OpenTelemetry has
// for DynamoDB. https://opentelemetry.io/docs/specs/semconv/database/dynamodb/
//
// It asks each for its capacity, and DynamoDB does not charge for the answer. The capacity of
// a call that fails is not known, though a refused write has used some. The observers are told of each call
// once it is done.
func Observe(client dynamodbiface.DynamoDBAPI, provider trace.TracerProvider, observers ...func(Call)) dynamodbiface.DynamoDBAPI {
	return newObserved(client, provider, observers)
}

func newObserved(client dynamodbiface.DynamoDBAPI, provider trace.TracerProvider, observers []func(Call)) *observed {
	return &observed{
		DynamoDBAPI: client, texts: textReaderOf(client), tracer: NewTracer(provider, "github.com/ownql/ownql/model"), traceSDK: traceSDK(provider),
		observers: observers,
	}
}

// NewTracer returns what makes a package's spans; nil where the provider is, or keeps none.
func NewTracer(provider trace.TracerProvider, name string) trace.Tracer {
	if _, keepsNone := provider.(noop.TracerProvider); keepsNone || provider == nil {
		return nil
	}
	return provider.Tracer(name)
}

// textReaderOf returns what of a client reads texts; nil: nothing does.
func textReaderOf(client dynamodbiface.DynamoDBAPI) itembytes.TextReader {
	if o, isObserved := client.(*observed); isObserved && o.texts == nil {
		return nil
	}
	texts, _ := client.(itembytes.TextReader)
	return texts
}

// A Call is one that has been made of DynamoDB.
type Call struct {
	Name  string // DynamoDB's
	Took  time.Duration
	Usage Usage
	Code  string // of the error that it has failed with; empty: it has not
}

// An Engine is a DynamoDB in this process.
type Engine interface {
	dynamodbiface.DynamoDBAPI
	itembytes.TextReader
}

// ObserveEngine is Observe of an engine in this process. Of the calls that read, at most so many are
// under way at once, in their order: it has no use for more than its processors do, and each has in
// memory what it reads.
func ObserveEngine(client Engine, provider trace.TracerProvider, reads int, observers ...func(Call)) dynamodbiface.DynamoDBAPI {
	o := newObserved(client, provider, observers)
	o.reading = semaphore.NewWeighted(int64(reads))
	return o
}

type observed struct {
	dynamodbiface.DynamoDBAPI
	texts    itembytes.TextReader // nil: the client is none
	tracer   trace.Tracer         // nil: nothing is traced
	traceSDK clientOption
	reading  *semaphore.Weighted // nil: without a bound

	observers []func(Call)
}

// tell tells the observers of a call.
func (o *observed) tell(call Call) {
	for _, observe := range o.observers {
		observe(call)
	}
}

type clientOption = func(*dynamodb.Options)

const capacity = types.ReturnConsumedCapacityTotal

// An apiCall is what a call is, before it is made.
type apiCall struct {
	name   string
	writes bool
	tables []string
	items  int // that it may read
}

// A result is what a call has used.
type result struct {
	items     int
	capacity  []types.ConsumedCapacity
	read      []map[string]types.AttributeValue // that the answer brings
	texts     []itembytes.TextKey               // that were read beside
	textUnits []float64                         // of each of texts
	memory    int                               // bytes, beside that of read
}

var noSpan trace.Span = noop.Span{}

// observe makes a call.
func observe[In, Out any](
	ctx context.Context, o *observed, call apiCall,
	send func(context.Context, *In, ...clientOption) (*Out, error), in *In, options []clientOption,
	resultOf func(*Out) result,
) (*Out, error) {
	span := noSpan
	if o.tracer != nil {
		ctx, span = o.tracer.Start(ctx, "DynamoDB."+call.name, trace.WithSpanKind(trace.SpanKindClient))
		defer span.End()
	}
	if span.IsRecording() {
		span.SetAttributes(
			semconv.DBSystemNameAWSDynamoDB,
			semconv.DBOperationName(call.name),
			semconv.RPCMethod("DynamoDB/"+call.name),
			semconv.AWSDynamoDBTableNames(call.tables...),
		)
		options = append(slices.Clip(options), o.traceSDK)
	}
	var begun time.Time
	if len(o.observers) > 0 {
		begun = time.Now()
	}
	answer, taken := itembytes.From(ctx), 0
	if answer != nil {
		taken = answer.Memory
	}
	out, err := inTurn(ctx, o, call, func() (*Out, error) { return send(ctx, in, options...) })
	if err != nil {
		count(ctx, Usage{Calls: 1})
		if len(o.observers) > 0 {
			o.tell(Call{call.name, time.Since(begun), Usage{Calls: 1}, errorCode(err)})
		}
		if span.IsRecording() {
			code := errorCode(err)
			span.SetStatus(codes.Error, code)
			span.SetAttributes(semconv.ErrorTypeKey.String(code))
		}
		return out, err
	}
	result := resultOf(out)
	usage := result.usage(call.writes)
	count(ctx, usage)
	if len(o.observers) > 0 {
		o.tell(Call{Name: call.name, Took: time.Since(begun), Usage: usage})
	}
	if span.IsRecording() {
		span.SetAttributes(semconv.AWSDynamoDBConsumedCapacity(result.capacityJSON()...))
	}
	if answer != nil {
		taken = answer.Memory - taken
	}
	if err := holdRead(ctx, taken+result.memory, result.read...); err != nil {
		return nil, err
	}
	return out, nil
}

// inTurn makes a call. One that reads waits until it is its turn or, where there are no turns, until
// there is room for what it reads.
func inTurn[Out any](ctx context.Context, o *observed, call apiCall, send func() (*Out, error)) (*Out, error) {
	switch {
	case call.writes:
	case o.reading != nil:
		if !o.reading.TryAcquire(1) {
			if err := o.reading.Acquire(ctx, 1); err != nil {
				return nil, err
			}
		}
		defer o.reading.Release(1)
	default:
		if err := awaitRoom(ctx, call.items); err != nil {
			return nil, err
		}
	}
	return send()
}

func (r result) usage(writes bool) Usage {
	u := Usage{Calls: 1, Items: r.items}
	for _, units := range r.textUnits {
		u.ReadUnits += units
	}
	for _, c := range r.capacity {
		switch {
		case c.ReadCapacityUnits != nil || c.WriteCapacityUnits != nil: // a transaction tells
			u.ReadUnits += aws.ToFloat64(c.ReadCapacityUnits)
			u.WriteUnits += aws.ToFloat64(c.WriteCapacityUnits)
		case writes:
			u.WriteUnits += aws.ToFloat64(c.CapacityUnits)
		default:
			u.ReadUnits += aws.ToFloat64(c.CapacityUnits)
		}
	}
	return u
}

// capacityJSON is what the attribute aws.dynamodb.consumed_capacity holds.
func (r result) capacityJSON() []string {
	var list []string
	for _, c := range append(slices.Clip(r.capacity), r.textCapacity()...) {
		text, err := json.Marshal(struct {
			TableName     *string
			CapacityUnits *float64
		}{c.TableName, c.CapacityUnits})
		if err == nil {
			list = append(list, string(text))
		}
	}
	return list
}

// textCapacity is what the texts have used, by table.
func (r result) textCapacity() []types.ConsumedCapacity {
	var list []types.ConsumedCapacity
	for i, units := range r.textUnits {
		at := slices.IndexFunc(list, func(c types.ConsumedCapacity) bool { return *c.TableName == r.texts[i].Table })
		if at < 0 {
			list = append(list, types.ConsumedCapacity{TableName: &r.texts[i].Table, CapacityUnits: new(units)})
		} else {
			*list[at].CapacityUnits += units
		}
	}
	return list
}

// errorCode is DynamoDB's name for an error, without its message, which may quote the data.
func errorCode(err error) string {
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		return api.ErrorCode()
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	default:
		return "_OTHER"
	}
}

// one is the capacity that an operation on one table answers, if any.
func one(c *types.ConsumedCapacity) []types.ConsumedCapacity {
	if c == nil {
		return nil
	}
	return []types.ConsumedCapacity{*c}
}

func (o *observed) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...clientOption) (*dynamodb.GetItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	get := apiCall{"GetItem", false, []string{aws.ToString(in.TableName)}, 1}
	return observe(ctx, o, get, o.DynamoDBAPI.GetItem, &asked, options, func(out *dynamodb.GetItemOutput) result {
		return result{items: 1, capacity: one(out.ConsumedCapacity), read: []map[string]types.AttributeValue{out.Item}}
	})
}

func (o *observed) PutItem(ctx context.Context, in *dynamodb.PutItemInput, options ...clientOption) (*dynamodb.PutItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	put := apiCall{"PutItem", true, []string{aws.ToString(in.TableName)}, 0}
	return observe(ctx, o, put, o.DynamoDBAPI.PutItem, &asked, options, func(out *dynamodb.PutItemOutput) result {
		return result{items: 1, capacity: one(out.ConsumedCapacity)}
	})
}

func (o *observed) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, options ...clientOption) (*dynamodb.UpdateItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	update := apiCall{"UpdateItem", true, []string{aws.ToString(in.TableName)}, 0}
	return observe(ctx, o, update, o.DynamoDBAPI.UpdateItem, &asked, options, func(out *dynamodb.UpdateItemOutput) result {
		return result{items: 1, capacity: one(out.ConsumedCapacity)}
	})
}

func (o *observed) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, options ...clientOption) (*dynamodb.DeleteItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	remove := apiCall{"DeleteItem", true, []string{aws.ToString(in.TableName)}, 0}
	return observe(ctx, o, remove, o.DynamoDBAPI.DeleteItem, &asked, options, func(out *dynamodb.DeleteItemOutput) result {
		return result{items: 1, capacity: one(out.ConsumedCapacity)}
	})
}

func (o *observed) Query(ctx context.Context, in *dynamodb.QueryInput, options ...clientOption) (*dynamodb.QueryOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	query := apiCall{"Query", false, []string{aws.ToString(in.TableName)}, mostItems(in.Limit)}
	return observe(ctx, o, query, o.DynamoDBAPI.Query, &asked, options, func(out *dynamodb.QueryOutput) result {
		return result{items: int(out.ScannedCount), capacity: one(out.ConsumedCapacity), read: out.Items}
	})
}

func (o *observed) Scan(ctx context.Context, in *dynamodb.ScanInput, options ...clientOption) (*dynamodb.ScanOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	scan := apiCall{"Scan", false, []string{aws.ToString(in.TableName)}, mostItems(in.Limit)}
	return observe(ctx, o, scan, o.DynamoDBAPI.Scan, &asked, options, func(out *dynamodb.ScanOutput) result {
		return result{items: int(out.ScannedCount), capacity: one(out.ConsumedCapacity), read: out.Items}
	})
}

// mostItems is how many items a query or a scan reads at most.
func mostItems(limit *int32) int {
	if limit == nil {
		return math.MaxInt32
	}
	return int(*limit)
}

func (o *observed) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...clientOption) (*dynamodb.BatchGetItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	var (
		get  = apiCall{name: "BatchGetItem"}
		keys int
	)
	for table, of := range in.RequestItems {
		get.tables = append(get.tables, table)
		keys += len(of.Keys)
	}
	get.items = keys
	return observe(ctx, o, get, o.DynamoDBAPI.BatchGetItem, &asked, options, func(out *dynamodb.BatchGetItemOutput) result {
		for _, rest := range out.UnprocessedKeys {
			keys -= len(rest.Keys)
		}
		var read []map[string]types.AttributeValue
		for _, items := range out.Responses {
			read = append(read, items...)
		}
		return result{items: keys, capacity: out.ConsumedCapacity, read: read}
	})
}

// ReadTexts is of [itembytes.TextReader], of a client that is one: to whoever observes a BatchGetItem.
func (o *observed) ReadTexts(ctx context.Context, in *itembytes.TextRead) (*itembytes.TextAnswer, error) {
	get := apiCall{name: "BatchGetItem", items: len(in.Keys)}
	for _, key := range in.Keys {
		get.addTable(&key.Table)
	}
	send := func(ctx context.Context, in *itembytes.TextRead, _ ...clientOption) (*itembytes.TextAnswer, error) {
		return o.texts.ReadTexts(ctx, in)
	}
	return observe(ctx, o, get, send, in, nil, func(out *itembytes.TextAnswer) result {
		return result{items: get.items - len(out.Unread), texts: in.Keys, textUnits: out.ReadUnits, memory: out.Memory}
	})
}

func (o *observed) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, options ...clientOption) (*dynamodb.BatchWriteItemOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	var (
		write  = apiCall{name: "BatchWriteItem", writes: true}
		writes int
	)
	for table, of := range in.RequestItems {
		write.tables = append(write.tables, table)
		writes += len(of)
	}
	return observe(ctx, o, write, o.DynamoDBAPI.BatchWriteItem, &asked, options, func(out *dynamodb.BatchWriteItemOutput) result {
		for _, rest := range out.UnprocessedItems {
			writes -= len(rest)
		}
		return result{items: writes, capacity: out.ConsumedCapacity}
	})
}

func (o *observed) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, options ...clientOption) (*dynamodb.TransactGetItemsOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	get := apiCall{name: "TransactGetItems", items: len(in.TransactItems)}
	for _, item := range in.TransactItems {
		if item.Get != nil {
			get.addTable(item.Get.TableName)
		}
	}
	return observe(ctx, o, get, o.DynamoDBAPI.TransactGetItems, &asked, options, func(out *dynamodb.TransactGetItemsOutput) result {
		var read []map[string]types.AttributeValue
		for _, response := range out.Responses {
			read = append(read, response.Item)
		}
		return result{items: len(in.TransactItems), capacity: out.ConsumedCapacity, read: read}
	})
}

func (o *observed) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, options ...clientOption) (*dynamodb.TransactWriteItemsOutput, error) {
	asked := *in
	asked.ReturnConsumedCapacity = capacity
	write := apiCall{name: "TransactWriteItems", writes: true}
	for _, item := range in.TransactItems {
		switch {
		case item.Put != nil:
			write.addTable(item.Put.TableName)
		case item.Update != nil:
			write.addTable(item.Update.TableName)
		case item.Delete != nil:
			write.addTable(item.Delete.TableName)
		case item.ConditionCheck != nil:
			write.addTable(item.ConditionCheck.TableName)
		}
	}
	return observe(ctx, o, write, o.DynamoDBAPI.TransactWriteItems, &asked, options, func(out *dynamodb.TransactWriteItemsOutput) result {
		return result{items: len(in.TransactItems), capacity: out.ConsumedCapacity}
	})
}

func (call *apiCall) addTable(name *string) {
	if !slices.Contains(call.tables, aws.ToString(name)) {
		call.tables = append(call.tables, aws.ToString(name))
	}
}
