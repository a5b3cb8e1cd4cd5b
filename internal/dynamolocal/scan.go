package dynamolocal

import (
	"context"
	"hash/fnv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// maxSegments is how many segments a parallel Scan can have.
const maxSegments = 1_000_000

var scanWords = readWords{"ScanFilter", "FilterExpression is null", false}

// scan is
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Scan.html
func (db *DB) scan(ctx context.Context, in *dynamodb.ScanInput) (*dynamodb.ScanOutput, error) {
	query := &dynamodb.QueryInput{
		TableName: in.TableName, IndexName: in.IndexName, Limit: in.Limit, Select: in.Select,
		ExclusiveStartKey: in.ExclusiveStartKey, ConsistentRead: in.ConsistentRead, ReturnConsumedCapacity: in.ReturnConsumedCapacity,
		FilterExpression: in.FilterExpression, ProjectionExpression: in.ProjectionExpression,
		ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: in.ExpressionAttributeValues,
		QueryFilter: in.ScanFilter, ConditionalOperator: in.ConditionalOperator, AttributesToGet: in.AttributesToGet,
	}
	var c constraints
	c.segments(in.Segment, in.TotalSegments)
	r, err := newRead(query, scanWords, c)
	if err == nil {
		r.segment, r.segments, err = segments(in.Segment, in.TotalSegments)
	}
	if err == nil {
		err = r.parse(query)
	}
	if err != nil {
		return nil, err
	}
	p, err := db.read(ctx, r)
	if err != nil {
		return nil, err
	}
	return &dynamodb.ScanOutput{
		Items: p.items, Count: p.count, ScannedCount: p.scanned,
		LastEvaluatedKey: p.last, ConsumedCapacity: p.used.of(r.named, in.ReturnConsumedCapacity),
	}, nil
}

// segments checks which part of how many a parallel Scan asks for.
func segments(segment, total *int32) (uint32, uint32, error) {
	switch {
	case segment == nil && total == nil:
		return 0, 1, nil
	case total == nil:
		return 0, 0, validation("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case segment == nil:
		return 0, 0, validation("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *segment >= *total:
		return 0, 0, validation("The Segment parameter is zero-based and must be less than parameter TotalSegments: "+
			"Segment: %[1]d is not less than TotalSegments: %[2]d", *segment, *total)
	}
	return uint32(*segment), uint32(*total), nil
}

// has is whether the key is in the part of the source that the read is of. The keys are dealt
// out among the segments of a parallel Scan by a hash.
func (r *read) has(key []byte) bool {
	if r.segments <= 1 {
		return true
	}
	h := fnv.New32a()
	h.Write(key)
	return h.Sum32()%r.segments == r.segment
}
