package dynamolocal

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// describeLimits is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html
// They are those of a new account; none is held here.
func (db *DB) describeLimits(context.Context, *dynamodb.DescribeLimitsInput) (*dynamodb.DescribeLimitsOutput, error) {
	return &dynamodb.DescribeLimitsOutput{
		AccountMaxReadCapacityUnits: aws.Int64(80_000), AccountMaxWriteCapacityUnits: aws.Int64(80_000),
		TableMaxReadCapacityUnits: aws.Int64(40_000), TableMaxWriteCapacityUnits: aws.Int64(40_000),
	}, nil
}

// hostKey is the key of the context's Host, which a request over HTTP came to.
type hostKey struct{}

// describeEndpoints is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html
// The endpoint is where the request came to; the typed API has none but this machine.
func (db *DB) describeEndpoints(ctx context.Context, _ *dynamodb.DescribeEndpointsInput) (*dynamodb.DescribeEndpointsOutput, error) {
	host, ok := ctx.Value(hostKey{}).(string)
	if !ok {
		host = "localhost"
	}
	return &dynamodb.DescribeEndpointsOutput{
		Endpoints: []types.Endpoint{{Address: &host, CachePeriodInMinutes: 1440}},
	}, nil
}
