//go:build faults && dynamodblocal

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A faultyProxy stands between ownql and a DynamoDB, and does to the calls what its plan
// says.
type faultyProxy struct {
	addr    string
	backend string // the DynamoDB's address, http://HOST:PORT
	server  *http.Server
	client  *http.Client

	mu    sync.Mutex
	plan  plan
	calls []call // that have come since the plan
}

// A call is one try of an operation.
type call struct {
	operation string // `PutItem`
	table     string // empty where there may be several
	try       int    // 1 for the first
}

// A plan tells what fault a call meets; nil is none.
type plan func(call) fault

// A fault answers a call, or does not.
type fault func(*exchange)

// An exchange is a call and what becomes of it.
type exchange struct {
	call
	w     http.ResponseWriter
	r     *http.Request
	body  []byte
	proxy *faultyProxy
}

// newFaultyProxy returns a proxy that serves, without faults, until the test ends.
func newFaultyProxy(t *testing.T, backend string) *faultyProxy {
	t.Helper()
	p := &faultyProxy{
		addr:    freeAddr(t),
		backend: backend,
		client:  &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100}},
	}
	p.open(t)
	t.Cleanup(func() { p.server.Close() })
	return p
}

// open serves at the proxy's address; close refuses connections there.
func (p *faultyProxy) open(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.server = &http.Server{Handler: p}
	go p.server.Serve(listener)
}

func (p *faultyProxy) close() { p.server.Close() }

// follow follows another plan from the next call on.
func (p *faultyProxy) follow(plan plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan, p.calls = plan, nil
}

// seen returns the calls that have come since the plan was set.
func (p *faultyProxy) seen() []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.calls)
}

var tryHeader = regexp.MustCompile(`attempt=(\d+)`)

func (p *faultyProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var input struct{ TableName string }
	if err := json.Unmarshal(body, &input); err != nil {
		panic(err) // the SDK wrote it
	}
	x := &exchange{call{operation, input.TableName, 1}, w, r, body, p}
	if match := tryHeader.FindStringSubmatch(r.Header.Get("Amz-Sdk-Request")); match != nil {
		x.try, _ = strconv.Atoi(match[1])
	}
	p.mu.Lock()
	p.calls = append(p.calls, x.call)
	var fault fault
	if p.plan != nil {
		fault = p.plan(x.call)
	}
	p.mu.Unlock()
	if fault == nil {
		fault = passed
	}
	fault(x)
}

// An answer is what DynamoDB says.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// carryOut has DynamoDB do what body says.
func (x *exchange) carryOut(body []byte) (answer, error) {
	request, err := http.NewRequest(x.r.Method, x.proxy.backend+x.r.URL.Path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	request.Header = x.r.Header.Clone()
	response, err := x.proxy.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, content}, err
}

// give answers the call.
func (x *exchange) give(a answer) {
	for name, values := range a.header {
		x.w.Header()[name] = values
	}
	x.w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	x.w.WriteHeader(a.status)
	x.w.Write(a.body)
}

// end ends the connection, having written text to it: by a reset, or as one that has been
// served.
func (x *exchange) end(text string, isReset bool) {
	conn, _, err := x.w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	io.WriteString(conn, text)
	if isReset {
		conn.(*net.TCPConn).SetLinger(0)
	}
}

// passed is no fault.
func passed(x *exchange) {
	a, err := x.carryOut(x.body)
	if err != nil {
		x.end("", true)
		return
	}
	x.give(a)
}

// refused answers as DynamoDB does that turns a call away. kind has the namespace.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
func refused(status int, kind, message string) fault {
	body, err := json.Marshal(map[string]string{"__type": kind, "message": message})
	if err != nil {
		panic(err) // texts can be written as JSON
	}
	return func(x *exchange) { x.give(answer{status, jsonHeader(), body}) }
}

func jsonHeader() http.Header {
	return http.Header{"Content-Type": {"application/x-amz-json-1.0"}, "X-Amzn-Requestid": {"REQUEST"}}
}

// htmlPage answers as a load balancer does.
func htmlPage(status int) fault {
	return func(x *exchange) {
		x.give(answer{status, http.Header{"Content-Type": {"text/html"}},
			fmt.Appendf(nil, "<html><body><h1>%d %s</h1></body></html>", status, http.StatusText(status))})
	}
}

// reset breaks the connection before the call is carried out.
func reset(x *exchange) { x.end("", true) }

// lost has the call carried out, and breaks the connection before the answer.
func lost(x *exchange) {
	x.carryOut(x.body)
	x.end("", false)
}

// cut has the call carried out, and breaks the connection amid the answer: by a reset, or
// as if that were all.
func cut(isReset bool) fault {
	return func(x *exchange) {
		a, err := x.carryOut(x.body)
		if err != nil {
			a = answer{status: http.StatusOK, body: []byte("{}")}
		}
		x.end(fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n%s",
			a.status, http.StatusText(a.status), len(a.body), a.body[:len(a.body)/2]), isReset)
	}
}

// silent has the call carried out, and never answers it.
func silent(x *exchange) {
	x.carryOut(x.body)
	<-x.r.Context().Done()
}

// slow passes the call on, so much later.
func slow(delay time.Duration) fault {
	return func(x *exchange) {
		time.Sleep(delay)
		passed(x)
	}
}

// inConflict answers as where another transaction is at one of the items: to a
// transaction that it is cancelled, its last write being the one.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html#API_TransactWriteItems_Errors
func inConflict(x *exchange) {
	cancelled("TransactionConflict", "Transaction is ongoing for the item")(x)
}

func cancelled(code, message string) fault {
	return func(x *exchange) {
		var transaction struct{ TransactItems []json.RawMessage }
		switch x.operation {
		case "TransactWriteItems":
			if err := json.Unmarshal(x.body, &transaction); err != nil {
				panic(err) // the SDK wrote it
			}
		case "PutItem", "UpdateItem", "DeleteItem":
			refused(http.StatusBadRequest, ours+"TransactionConflictException", message)(x)
			return
		default:
			passed(x)
			return
		}
		type reason struct{ Code, Message string }
		reasons := slices.Repeat([]reason{{Code: "None"}}, len(transaction.TransactItems))
		reasons[len(reasons)-1] = reason{code, message}
		body, err := json.Marshal(map[string]any{
			"__type":              ours + "TransactionCanceledException",
			"Message":             "Transaction cancelled, please refer cancellation reasons for specific reasons",
			"CancellationReasons": reasons,
		})
		if err != nil {
			panic(err) // texts can be written as JSON
		}
		x.give(answer{http.StatusBadRequest, jsonHeader(), body})
	}
}

// unprocessed carries out the first half of a BatchGetItem or BatchWriteItem, at least one
// key or write, and gives the rest back.
func unprocessed(x *exchange) {
	if x.operation != "BatchGetItem" && x.operation != "BatchWriteItem" {
		passed(x)
		return
	}
	body, rest, err := halved(x.operation, x.body)
	if err != nil {
		panic(err) // the SDK wrote it
	}
	a, err := x.carryOut(body)
	if err != nil {
		x.end("", true)
		return
	}
	if a.status == http.StatusOK && len(rest) > 0 {
		var output map[string]any
		if err := json.Unmarshal(a.body, &output); err != nil {
			panic(err) // DynamoDB wrote it
		}
		output[map[string]string{"BatchGetItem": "UnprocessedKeys", "BatchWriteItem": "UnprocessedItems"}[x.operation]] = rest
		if a.body, err = json.Marshal(output); err != nil {
			panic(err) // it was JSON
		}
		a.header.Del("X-Amz-Crc32")
	}
	x.give(a)
}

// allUnprocessed gives all keys of a BatchGetItem back.
func allUnprocessed(x *exchange) {
	if x.operation != "BatchGetItem" {
		passed(x)
		return
	}
	var input struct{ RequestItems json.RawMessage }
	if err := json.Unmarshal(x.body, &input); err != nil {
		panic(err) // the SDK wrote it
	}
	x.give(answer{http.StatusOK, jsonHeader(), fmt.Appendf(nil, `{"Responses":{},"UnprocessedKeys":%s}`, input.RequestItems)})
}

// halved returns a batch's first half as the body of a call, and the rest as the value of
// UnprocessedKeys or UnprocessedItems.
func halved(operation string, body []byte) (first []byte, rest map[string]any, err error) {
	var input map[string]any
	if err := json.Unmarshal(body, &input); err != nil {
		return nil, nil, err
	}
	tables := input["RequestItems"].(map[string]any)
	entriesOf := func(table any) []any {
		if operation == "BatchGetItem" {
			return table.(map[string]any)["Keys"].([]any)
		}
		return table.([]any)
	}
	withEntries := func(table any, entries []any) any {
		if operation != "BatchGetItem" {
			return entries
		}
		with := map[string]any{"Keys": entries}
		for name, value := range table.(map[string]any) {
			if name != "Keys" {
				with[name] = value
			}
		}
		return with
	}
	total := 0
	for _, table := range tables {
		total += len(entriesOf(table))
	}
	left, taken, rest := (total+1)/2, map[string]any{}, map[string]any{}
	for name, table := range tables {
		entries := entriesOf(table)
		n := min(left, len(entries))
		left -= n
		if n > 0 {
			taken[name] = withEntries(table, entries[:n])
		}
		if n < len(entries) {
			rest[name] = withEntries(table, entries[n:])
		}
	}
	input["RequestItems"] = taken
	first, err = json.Marshal(input)
	return first, rest, err
}

// The namespaces of DynamoDB's errors: its own, and those of what stands before it.
const (
	ours        = "com.amazonaws.dynamodb.v20120810#"
	coral       = "com.amazon.coral.availability#"
	coralCommon = "com.amazon.coral.service#"
)

// The faults that DynamoDB's documents name, by what a test calls them.
var (
	throttling = []fault{
		refused(http.StatusBadRequest, ours+"ProvisionedThroughputExceededException", "The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API."),
		refused(http.StatusBadRequest, coral+"ThrottlingException", "Rate of requests exceeds the allowed throughput."),
		refused(http.StatusBadRequest, ours+"RequestLimitExceeded", "Throughput exceeds the current throughput limit for your account."),
	}
	serverErrors = []fault{
		refused(http.StatusInternalServerError, ours+"InternalServerError", "Internal server error"),
		refused(http.StatusInternalServerError, coralCommon+"InternalFailure", "The request processing has failed because of an unknown error, exception or failure."),
		refused(http.StatusServiceUnavailable, coral+"ServiceUnavailableException", "Service is currently unavailable."),
		htmlPage(http.StatusBadGateway),
	}
	brokenConnections = []fault{reset, lost, cut(false), cut(true)}
	conflicts         = []fault{inConflict, cancelled("ThrottlingError", "Throughput exceeds the current capacity of your table or index.")}
)

// firstTries puts the faults into the first try of every call, one after the other, but
// for those that count attempts to sign in: where an answer is lost, they count twice.
func firstTries(faults ...fault) plan {
	next := 0
	return func(c call) fault {
		if c.try > 1 || strings.HasSuffix(c.table, "attempts") {
			return nil
		}
		next++
		return faults[next%len(faults)]
	}
}

// always puts the faults into every try of the operations, one after the other.
func always(faults []fault, operations ...string) plan {
	next := 0
	return func(c call) fault {
		if len(operations) > 0 && !slices.Contains(operations, c.operation) {
			return nil
		}
		next++
		return faults[next%len(faults)]
	}
}
