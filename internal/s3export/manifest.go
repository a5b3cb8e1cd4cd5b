// Package s3export writes and reads tables in the layout of DynamoDB's export to S3, so that
// what it writes goes into AWS by "import from S3", and what AWS wrote comes back. An export
// of one table is, in a directory of its own:
//
//	AWSDynamoDB/ID/_started               empty; the export has begun
//	AWSDynamoDB/ID/data/NAME.json.gz      the items, one {"Item":{"id":{"S":"…"},…}} a line
//	AWSDynamoDB/ID/manifest-files.json    a line for each data file
//	AWSDynamoDB/ID/manifest-files.md5     its checksum
//	AWSDynamoDB/ID/manifest-summary.md5   the checksum of the next
//	AWSDynamoDB/ID/manifest-summary.json  the export; it is written last, so it has ended
//
// An ID is the time in milliseconds, 14 digits, and something random, so that IDs sort by time.
// A checksum is the MD5 of the file's bytes, in base64.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html
// has it so, but that it gives the checksums' files the suffix .checksum; AWS writes .md5.
package s3export

import (
	"context"
	"crypto/md5"
	"encoding/base64"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

const (
	exportsDir   = "AWSDynamoDB"
	dataDir      = "data"
	startedFile  = "_started"
	filesFile    = "manifest-files"
	summaryFile  = "manifest-summary"
	manifestType = ".json"
	checksumType = ".md5"
)

// A summary is manifest-summary.json.
type summary struct {
	Version            string  `json:"version"`
	ExportARN          string  `json:"exportArn"`
	StartTime          string  `json:"startTime"`
	EndTime            string  `json:"endTime"`
	TableARN           string  `json:"tableArn"`
	TableID            string  `json:"tableId"`
	ExportTime         string  `json:"exportTime"`
	S3Bucket           string  `json:"s3Bucket"`
	S3Prefix           *string `json:"s3Prefix"`
	S3SSEAlgorithm     *string `json:"s3SseAlgorithm"`
	S3SSEKMSKeyID      *string `json:"s3SseKmsKeyId"`
	ManifestFilesS3Key string  `json:"manifestFilesS3Key"`
	BilledSizeBytes    int64   `json:"billedSizeBytes"`
	ItemCount          int64   `json:"itemCount"`
	OutputFormat       string  `json:"outputFormat"`
	ExportType         string  `json:"exportType,omitempty"` // exports before 2023 have none
}

const (
	manifestVersion = "2020-06-30"
	dynamoDBJSON    = "DYNAMODB_JSON"
	fullExport      = "FULL_EXPORT"
)

// A dataFile is a line of manifest-files.json.
type dataFile struct {
	ItemCount     int64  `json:"itemCount"`
	MD5Checksum   string `json:"md5Checksum"`
	ETag          string `json:"etag"`
	DataFileS3Key string `json:"dataFileS3Key"`
}

// A Source is what an export reads: the SDK's client, the embedded engine, or its snapshot.
type Source interface {
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	Scan(context.Context, *dynamodb.ScanInput, ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error)
}

// A Target is what an export is read into: the SDK's client or the embedded engine.
type Target interface {
	BatchWriteItem(context.Context, *dynamodb.BatchWriteItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error)
}

// Progress is told, now and then, how many of the items are done. The total is what the table
// or the manifest says; AWS counts a table's items only every six hours.
type Progress func(done, total int64)

func checksum(content []byte) string {
	sum := md5.Sum(content)
	return base64.StdEncoding.EncodeToString(sum[:])
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
