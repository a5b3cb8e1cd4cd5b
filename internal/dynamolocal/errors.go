package dynamolocal

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// ErrLocked is what Open returns, wrapped, where another process has the data directory open.
var ErrLocked = errors.New("in use by another process")

// ErrClosed is what every operation returns, wrapped, after Close.
var ErrClosed = errors.New("dynamolocal: closed")

// validation is AWS's ValidationException, which has no type of its own in the SDK.
func validation(format string, args ...any) error {
	return &smithy.GenericAPIError{
		Code:    "ValidationException",
		Message: fmt.Sprintf(format, args...),
		Fault:   smithy.FaultClient,
	}
}

// invalidParameter is the ValidationException that most checks of a parameter's value give.
func invalidParameter(format string, args ...any) error {
	return validation("One or more parameter values were invalid: "+format, args...)
}

// unsupported is the answer to a parameter of AWS's that is not here.
func unsupported(parameter string) error {
	return validation("the parameter %s is not supported by the embedded DynamoDB", parameter)
}

// unknownOperation is the answer to what is no operation, which has no message, and to an operation of
// AWS's that is not here.
func unknownOperation(name string) error {
	e := &smithy.GenericAPIError{Code: "UnknownOperationException", Fault: smithy.FaultClient}
	if slices.Contains(absentOperations, name) {
		e.Message = fmt.Sprintf("the operation %q is not supported by the embedded DynamoDB", name)
	}
	return e
}

// absentOperations are AWS's that are not here.
var absentOperations = []string{
	"BatchExecuteStatement", "CreateBackup", "CreateGlobalTable", "DeleteBackup", "DescribeBackup", "DescribeExport",
	"DescribeGlobalTable", "DescribeGlobalTableSettings", "DescribeImport", "DisableKinesisStreamingDestination",
	"EnableKinesisStreamingDestination", "ExecuteStatement", "ExecuteTransaction", "ExportTableToPointInTime", "ImportTable",
	"ListBackups", "ListExports", "ListGlobalTables", "ListImports", "RestoreTableFromBackup", "RestoreTableToPointInTime",
	"UpdateGlobalTable", "UpdateGlobalTableSettings", "UpdateKinesisStreamingDestination", "UpdateTableReplicaAutoScaling",
}

// errTableNotFound is the answer of the operations on items, and of whatever finds it out later.
var errTableNotFound = &types.ResourceNotFoundException{Message: aws.String("Requested resource not found")}

// tableNotFound is the answer of the operations on tables.
func tableNotFound(name string) error {
	return &types.ResourceNotFoundException{Message: aws.String("Requested resource not found: Table: " + name + " not found")}
}

// conditionFailed carries old where the request asked for it.
func conditionFailed(old item) error {
	return &types.ConditionalCheckFailedException{
		Message: aws.String("The conditional request failed"),
		Item:    old,
	}
}

// internalError hides nothing: whoever runs the engine is whoever reads the message.
func internalError(err error) error {
	return &types.InternalServerError{Message: aws.String(err.Error())}
}
