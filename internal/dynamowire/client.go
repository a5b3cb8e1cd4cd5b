// Package dynamowire reads from DynamoDB with a third of the SDK's work, of which most is to put together, for each call, some
// forty functions that are to be around it, and to read the answer twice.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
package dynamowire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/guregu/dynamo/v2/dynamodbiface"
)

const (
	target  = "DynamoDB_20120810."
	service = "dynamodb"

	// restAfterFailure is how long all is the SDK's after a try that was not answered as it should: its backoff is then heeded.
	restAfterFailure = time.Second
	maxAnswer        = 64 << 20 // bytes: BatchGetItem answers 16 MB of items, in JSON
)

// Client is the SDK's, but for GetItem, BatchGetItem and Query, which are tried once without it. Whatever is not answered, or
// not as it is here understood, is the SDK's to try, with all its retries and errors: reads may be repeated.
type Client struct {
	dynamodbiface.DynamoDBAPI // the SDK's

	http        dynamodb.HTTPClient
	credentials aws.CredentialsProvider
	signer      *v4.Signer
	endpoint    string
	region      string

	resting atomic.Int64 // until then, in nanoseconds of Unix
}

// New returns a Client that is sdk where that will do, and sdk itself where its options are not those of the plain endpoint
// of a region, or of one that is named.
func New(ctx context.Context, sdk *dynamodb.Client) dynamodbiface.DynamoDBAPI {
	o := sdk.Options()
	isPlain := o.EndpointOptions.UseFIPSEndpoint != aws.FIPSEndpointStateEnabled &&
		o.EndpointOptions.UseDualStackEndpoint != aws.DualStackEndpointStateEnabled &&
		o.AccountIDEndpointMode != aws.AccountIDEndpointModeRequired && o.EndpointDiscovery.EnableEndpointDiscovery != aws.EndpointDiscoveryEnabled
	endpoint, err := endpointOf(ctx, o)
	if !isPlain || err != nil || o.Credentials == nil || o.HTTPClient == nil {
		return sdk
	}
	return &Client{DynamoDBAPI: sdk, http: o.HTTPClient, credentials: o.Credentials, signer: v4.NewSigner(), endpoint: endpoint, region: o.Region}
}

func endpointOf(ctx context.Context, o dynamodb.Options) (string, error) {
	if o.BaseEndpoint != nil {
		return *o.BaseEndpoint, nil
	}
	resolved, err := dynamodb.NewDefaultEndpointResolverV2().ResolveEndpoint(ctx, dynamodb.EndpointParameters{Region: &o.Region})
	if err != nil {
		return "", err
	}
	return resolved.URI.String(), nil
}

// GetItem is the SDK's.
func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return read(ctx, c, "GetItem", in, options, appendGetItem, (*answer).getItem, c.DynamoDBAPI.GetItem)
}

// BatchGetItem is the SDK's.
func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, options ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return read(ctx, c, "BatchGetItem", in, options, appendBatchGetItem, (*answer).batchGetItem, c.DynamoDBAPI.BatchGetItem)
}

// Query is the SDK's.
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, options ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return read(ctx, c, "Query", in, options, appendQuery, (*answer).query, c.DynamoDBAPI.Query)
}

// read carries out an operation, by sdk where it does not succeed at once.
func read[In, Out any](ctx context.Context, c *Client, operation string, in *In, options []func(*dynamodb.Options),
	encode func([]byte, *In) ([]byte, bool), decode func(*answer) *Out,
	sdk func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error)) (*Out, error) {
	if len(options) == 0 && time.Now().UnixNano() >= c.resting.Load() {
		if out, err := try(ctx, c, operation, in, encode, decode); err == nil {
			return out, nil
		} else if !errors.Is(err, errNotOurs) && ctx.Err() == nil {
			c.resting.Store(time.Now().Add(restAfterFailure).UnixNano())
		}
	}
	return sdk(ctx, in, options...)
}

// errNotOurs: the SDK is to carry out the operation, though nothing has failed.
var errNotOurs = errors.New("the operation has what is not known here")

func try[In, Out any](ctx context.Context, c *Client, operation string, in *In,
	encode func([]byte, *In) ([]byte, bool), decode func(*answer) *Out) (*Out, error) {
	body, ok := encode(nil, in)
	if !ok {
		return nil, errNotOurs
	}
	text, err := c.send(ctx, operation, body)
	if err != nil {
		return nil, err
	}
	a := &answer{text: text}
	out := decode(a)
	if a.isEnded(); a.err != nil {
		return nil, a.err
	}
	return out, nil
}

// The values of headers, made once.
var (
	contentType = []string{"application/x-amz-json-1.0"}
	identity    = []string{"identity"} // the answer is not to be compressed: DynamoDB's sum is of what it sends
	targets     = map[string][]string{"GetItem": {target + "GetItem"}, "BatchGetItem": {target + "BatchGetItem"}, "Query": {target + "Query"}}
)

// send returns the body of the answer to a request, or an error where that is not a good one.
func (c *Client) send(ctx context.Context, operation string, body []byte) (string, error) {
	credentials, err := c.credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header["Content-Type"] = contentType
	request.Header["Accept-Encoding"] = identity
	request.Header["X-Amz-Target"] = targets[operation]
	sum := sha256.Sum256(body)
	if err := c.signer.SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), service, c.region, time.Now()); err != nil {
		return "", err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", response.StatusCode)
	}
	return readAnswer(response)
}

// buffers are what answers are read into.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// readAnswer reads an answer to its end, and holds it to DynamoDB's sum.
func readAnswer(response *http.Response) (string, error) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer func() {
		const largest = 256 << 10
		if buffer.Reset(); buffer.Cap() <= largest {
			buffers.Put(buffer)
		}
	}()
	if _, err := buffer.ReadFrom(io.LimitReader(response.Body, maxAnswer)); err != nil {
		return "", err
	}
	if text := response.Header.Get("X-Amz-Crc32"); text != "" {
		want, err := strconv.ParseUint(text, 10, 32)
		if err != nil || uint32(want) != crc32.ChecksumIEEE(buffer.Bytes()) {
			return "", errors.New("the answer is not what was sent")
		}
	}
	return buffer.String(), nil
}
