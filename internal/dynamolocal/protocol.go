package dynamolocal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"net/netip"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/smithy-go"
)

const (
	contentType    = "application/x-amz-json-1.0"
	targetPrefix   = "DynamoDB_20120810."
	maxRequestSize = 16 << 20 // also when it is decompressed
)

// An endpoint is an operation in the protocol's JSON.
type endpoint func(ctx context.Context, body []byte) (out any, err error)

// over is the endpoint of an operation.
func over[In, Out any](operation func(context.Context, *In) (*Out, error)) endpoint {
	return func(ctx context.Context, body []byte) (any, error) {
		in := new(In)
		if err := unmarshalJSON(body, in); err != nil {
			return nil, err
		}
		return operation(ctx, in)
	}
}

// Handler serves the DynamoDB JSON protocol, version 1.0, for the AWS CLI, any SDK and tools
// such as dynamodb-admin. Signatures are not looked at: whoever can connect can do anything.
// So that no web page can, a request with an Origin, or with a Host that is not of this machine,
// is refused.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html
func (db *DB) Handler() http.Handler {
	endpoints := map[string]endpoint{
		"CreateTable":                         over(db.createTable),
		"DescribeTable":                       over(db.describeTable),
		"ListTables":                          over(db.listTables),
		"UpdateTable":                         over(db.updateTable),
		"DeleteTable":                         over(db.deleteTable),
		"UpdateTimeToLive":                    over(db.updateTimeToLive),
		"DescribeTimeToLive":                  over(db.describeTimeToLive),
		"GetItem":                             over(db.getItem),
		"PutItem":                             over(db.putItem),
		"UpdateItem":                          over(db.updateItem),
		"DeleteItem":                          over(db.deleteItem),
		"Query":                               over(db.query),
		"Scan":                                over(db.scan),
		"BatchGetItem":                        over(db.batchGetItem),
		"BatchWriteItem":                      over(db.batchWriteItem),
		"TransactGetItems":                    over(db.transactGetItems),
		"TransactWriteItems":                  over(db.transactWriteItems),
		"TagResource":                         over(db.tagResource),
		"UntagResource":                       over(db.untagResource),
		"ListTagsOfResource":                  over(db.listTagsOfResource),
		"DescribeContinuousBackups":           over(db.describeContinuousBackups),
		"UpdateContinuousBackups":             over(db.updateContinuousBackups),
		"DescribeLimits":                      over(db.describeLimits),
		"DescribeEndpoints":                   over(db.describeEndpoints),
		"GetResourcePolicy":                   over(db.getResourcePolicy),
		"PutResourcePolicy":                   over(db.putResourcePolicy),
		"DeleteResourcePolicy":                over(db.deleteResourcePolicy),
		"DescribeContributorInsights":         over(db.describeContributorInsights),
		"UpdateContributorInsights":           over(db.updateContributorInsights),
		"ListContributorInsights":             over(db.listContributorInsights),
		"DescribeKinesisStreamingDestination": over(db.describeKinesisStreamingDestination),
		"DescribeTableReplicaAutoScaling":     over(db.describeTableReplicaAutoScaling),

		streamsPrefix + "ListStreams":      over(db.listStreams),
		streamsPrefix + "DescribeStream":   over(db.describeStream),
		streamsPrefix + "GetShardIterator": over(db.getShardIterator),
		streamsPrefix + "GetRecords":       over(db.getRecords),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Origin") != "" || !isLoopback(r.Host) {
			respond(w, http.StatusForbidden, errorJSON(&smithy.GenericAPIError{
				Code: "AccessDeniedException", Message: "only for programs on this machine: a request with an Origin or a foreign Host is refused",
			}))
			return
		}
		if r.Method == http.MethodGet && r.URL.Path == "/" { // what load balancers and test suites wait for
			w.Header().Set("Content-Type", "text/plain")
			respond(w, http.StatusOK, []byte("healthy: "+r.Host+" "))
			return
		}
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			respond(w, http.StatusMethodNotAllowed, errorJSON(unknownOperation(r.Method)))
			return
		}
		if r.Header.Get("X-Amz-Target") == CheckTarget {
			db.serveCheck(w, r)
			return
		}
		name, _ := strings.CutPrefix(r.Header.Get("X-Amz-Target"), targetPrefix)
		serve, known := endpoints[name]
		body, status, err := readBody(w, r)
		switch {
		case err != nil:
		case !known && len(body) > 0 && !json.Valid(body): // which AWS looks at first
			status, err = http.StatusBadRequest, errNotJSON
		case !known:
			status, err = http.StatusBadRequest, unknownOperation(name)
		}
		if err != nil {
			respond(w, status, errorJSON(err))
			return
		}
		out, err := serve(context.WithValue(r.Context(), hostKey{}, r.Host), body)
		if err != nil {
			status := http.StatusInternalServerError
			if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorFault() == smithy.FaultClient {
				status = http.StatusBadRequest
			} else if ok && api.ErrorCode() == serviceUnavailable {
				status = http.StatusServiceUnavailable
			}
			respond(w, status, errorJSON(err))
			return
		}
		answer, err := marshalJSON(out)
		if err != nil {
			respond(w, http.StatusInternalServerError, errorJSON(err))
			return
		}
		if name == "TagResource" || name == "UntagResource" { // "an empty HTTP body", the API reference says
			answer = nil
		}
		answer, encoding := compress(r.Header.Get("Accept-Encoding"), answer)
		if encoding != "" {
			w.Header().Set("Content-Encoding", encoding)
		}
		respond(w, http.StatusOK, answer)
	})
}

// readBody reads a request's body. The error is of the API: a client's fault, status 413, where it is too large.
func readBody(w http.ResponseWriter, r *http.Request) (body []byte, status int, err error) {
	reader, err := decompressed(r.Header.Get("Content-Encoding"), http.MaxBytesReader(w, r.Body, maxRequestSize))
	if err == nil {
		body, err = io.ReadAll(io.LimitReader(reader, maxRequestSize+1))
	}
	if tooLarge := new(http.MaxBytesError); len(body) > maxRequestSize || errors.As(err, &tooLarge) {
		return nil, http.StatusRequestEntityTooLarge, serialization("the request has more than %d bytes", maxRequestSize)
	}
	if err != nil {
		return nil, http.StatusInternalServerError, fmt.Errorf("read the request: %w", err)
	}
	return body, http.StatusOK, nil
}

// CheckTarget is the X-Amz-Target of [DB.Check], which is no operation of DynamoDB's; the answer is
// a [Report].
const CheckTarget = "ownql.Check"

func (db *DB) serveCheck(w http.ResponseWriter, r *http.Request) {
	report, err := db.Check(r.Context())
	if err != nil {
		respond(w, http.StatusInternalServerError, errorJSON(err))
		return
	}
	body, err := json.Marshal(report)
	if err != nil {
		respond(w, http.StatusInternalServerError, errorJSON(err))
		return
	}
	respond(w, http.StatusOK, body)
}

// isLoopback is whether a Host is a name or an address of this machine alone.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback() || strings.EqualFold(host, "localhost")
}

func respond(w http.ResponseWriter, status int, body []byte) {
	header := w.Header()
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", contentType)
	}
	header.Set("X-Amzn-Requestid", rand.Text()+rand.Text())
	header.Set("Server", "Server")
	header.Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10))
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}

// errorJSON is an error in AWS's form: its type, its message, and what else the type has.
func errorJSON(err error) []byte {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		api = &smithy.GenericAPIError{Code: "InternalServerError", Message: err.Error(), Fault: smithy.FaultServer}
	}
	members := map[string]any{}
	namespace, message := "com.amazonaws.dynamodb.v20120810#", "message"
	switch api.ErrorCode() {
	case "ValidationException":
		namespace = "com.amazon.coral.validate#"
	case "SerializationException", "UnknownOperationException", "AccessDeniedException": // of the framework
		namespace, message = "com.amazon.coral.service#", "Message"
	}
	if _, generic := api.(*smithy.GenericAPIError); !generic {
		if tree, err := toJSON(reflect.ValueOf(api)); err == nil {
			members = tree.(map[string]any)
		}
	}
	delete(members, "Message")
	members["__type"] = namespace + api.ErrorCode()
	if text := api.ErrorMessage(); text != "" || message == "message" {
		members[message] = text
	}
	body, _ := json.Marshal(members)
	return body
}
