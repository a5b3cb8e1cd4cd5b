package dynamolocal

import (
	"strings"

	"github.com/aws/smithy-go"
)

// The region and the account of all tables here are those of DynamoDB Local.
const (
	region  = "ddblocal"
	account = "000000000000"
)

// arnPrefix is what the ARN of a table begins with.
const arnPrefix = "arn:aws:dynamodb:" + region + ":" + account + ":table/"

// An arn is an Amazon Resource Name, cut at its colons.
//
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type arn struct {
	partition, service, region, account string
	kind, name                          string // of the resource, KIND/NAME
}

// parseARN cuts an ARN. It is false for what is none of a resource KIND/NAME.
func parseARN(text string) (a arn, ok bool) {
	parts := strings.SplitN(text, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return a, false
	}
	a = arn{partition: parts[1], service: parts[2], region: parts[3], account: parts[4]}
	a.kind, a.name, ok = strings.Cut(parts[5], "/")
	return a, ok
}

// tableName is the name of the table in a request, of which the constraints say that it is one, or an ARN.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html#DDB-DescribeTable-request-TableName
func tableName(name *string) (string, error) {
	if isARN(*name) {
		return tableOfARN(*name)
	}
	return *name, nil
}

func isARN(name string) bool { return strings.HasPrefix(name, "arn:") }

// tableOfARN is the name of the table that has the ARN, which stands for a name.
func tableOfARN(text string) (string, error) {
	a, ok := parseARN(text)
	switch {
	case !ok || a.service != "dynamodb" || a.kind == "table" && !isName(a.name):
		return "", constraint(text, "tableName", "Valid ARN format is 'arn:<awsPartition>:<vendor>:<region>:<subscriber>:resourceType/resourceName', "+
			"where Resource name must have length less than or equal to 255, Resource name must have length greater than or equal to 3, "+
			"Resource name must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
	case a.kind != "table":
		return "", validation("1 validation error detected: Invalid resource type in '%s'", text)
	case a.partition != "aws":
		return "", validation("1 validation error detected: Invalid AWS partition in '%s'", text)
	case a.region != region:
		return "", validation("1 validation error detected: Invalid AWS region in '%s'", text)
	case a.account != account:
		return "", accessDenied()
	}
	return a.name, nil
}

// A resource is what tags and policies are of: a table, or what belongs to one.
type resource struct {
	table string
	part  string // "stream/LABEL", or empty for the table itself
}

// resourceOfARN reads the ARN of a resource. elsewhere is the answer to one of another account,
// astray to one of another region or partition.
func resourceOfARN(text *string, elsewhere error, astray func(arn string) error) (r resource, err error) {
	if text == nil {
		return r, constraintOfNull("resourceArn")
	}
	if !isARN(*text) {
		return r, invalidParameter("ARNs must start with 'arn:': %s", *text)
	}
	a, ok := parseARN(*text)
	if ok && a.service != "dynamodb" {
		return r, accessDenied()
	}
	r.table, r.part, _ = strings.Cut(a.name, "/")
	kind, label, _ := strings.Cut(r.part, "/")
	switch {
	case !ok || a.kind != "table" || !isName(r.table):
		return r, invalidParameter("Provided Arn is not a DynamoDB resource arn: %s", *text)
	case kind == "index" && isName(label):
		return r, invalidParameter("Invalid resource arn provided, only table or stream is accepted. Provided resource arn: %s", *text)
	case r.part != "" && (kind != "stream" || label == ""):
		return r, invalidParameter("Provided Arn is not a DynamoDB resource arn: %s", *text)
	case a.account != account:
		return r, elsewhere
	case a.region != region || a.partition != "aws":
		return r, astray(*text)
	}
	return r, nil
}

func accessDenied() error {
	return &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "Access is denied", Fault: smithy.FaultClient}
}
