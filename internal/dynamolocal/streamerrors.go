package dynamolocal

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

var (
	errInvalidIterator        = validation("Invalid ShardIterator")
	errInvalidSequenceNumber  = invalidParameter("Invalid SequenceNumber")
	errNeedlessSequenceNumber = invalidParameter("SequenceNumber should not be passed for this iterator type")
	errIteratorType           = validation("Invalid ShardIteratorType.")
	errInvalidStream          = validation("Invalid StreamArn")
)

func streamNotFound(arn string) error {
	return &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: Stream: " + arn + " not found")}
}

func shardNotFound() error {
	return &types.ResourceNotFoundException{Message: aws.String("Shard does not exist")}
}

func trimmedData() error {
	return &streamtypes.TrimmedDataAccessException{Message: aws.String("The operation attempted to read past the oldest stream record in a shard.")}
}

func expiredIterator() error {
	return &streamtypes.ExpiredIteratorException{Message: aws.String("Iterator expired.")}
}

// streamOfARN is the stream in a parameter of the API of streams.
func streamOfARN(text *string, parameter string) (id streamID, err error) {
	switch {
	case text == nil:
		return id, errInvalidStream
	case len(*text) < 37:
		return id, constraint(*text, parameter, "Member must have length greater than or equal to 37")
	case len(*text) > 1024:
		return id, constraint(*text, parameter, "Member must have length less than or equal to 1024")
	}
	a, ok := parseARN(*text)
	table, rest, _ := strings.Cut(a.name, "/")
	kind, label, _ := strings.Cut(rest, "/")
	if !ok || a.service != "dynamodb" || a.kind != "table" || !isName(table) || kind != "stream" || label == "" {
		return id, errInvalidStream
	}
	if a.partition != "aws" || a.region != region || a.account != account || strings.Contains(label, "/") {
		return id, streamNotFound(*text)
	}
	return streamID{table, label}, nil
}
