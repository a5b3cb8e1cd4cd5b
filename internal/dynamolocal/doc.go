// Package dynamolocal is the DynamoDB API in this process, on one bbolt file.
//
// [Open] gives a [DB], whose methods are those of the SDK's client
// (github.com/guregu/dynamo/v2/dynamodbiface.DynamoDBAPI). A program that is written for
// DynamoDB cannot tell the two apart, but for the differences below.
package dynamolocal
