package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// An event is a request in any of the forms in which a function gets one:
//
//   - payload 2.0, of HTTP APIs and function URLs
//     https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
//     https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
//   - payload 1.0, of HTTP APIs and, without a version, of REST APIs
//     https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
//   - of load balancers, whose headers and parameters have one value each or, where the
//     target group is so configured, several
//     https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
type event struct {
	// Of a schedule. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
	Source     string `json:"source"`
	DetailType string `json:"detail-type"`

	Version         string            `json:"version"`
	Headers         map[string]string `json:"headers"`
	PathParameters  map[string]string `json:"pathParameters"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	RequestContext  struct {
		Stage string `json:"stage"`
		HTTP  struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"` // of payload 2.0
		Identity struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"` // of payload 1.0
		ELB *struct{} `json:"elb"` // of load balancers
	} `json:"requestContext"`

	// Of payload 2.0.
	RawPath        string   `json:"rawPath"`
	RawQueryString string   `json:"rawQueryString"`
	Cookies        []string `json:"cookies"`

	// Of the others.
	HTTPMethod        string              `json:"httpMethod"`
	Path              string              `json:"path"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Query             map[string]string   `json:"queryStringParameters"`
	MultiValueQuery   map[string][]string `json:"multiValueQueryStringParameters"`
}

var errNoRequest = errors.New("the event is no HTTP request: want one of API Gateway, a function URL or a load balancer, or of a schedule")

// isScheduled tells whether EventBridge has sent it by a schedule. No client can: what clients send
// is within the events of the services that they speak to, and the template lets them invoke the
// function by its URL alone.
func (e *event) isScheduled() bool {
	return e.Source == "aws.events" && e.DetailType == "Scheduled Event"
}

func (e *event) isPayload2() bool { return e.Version == "2.0" }

func (e *event) isOfLoadBalancer() bool { return e.RequestContext.ELB != nil }

// request returns the event as the request that a server would have read.
func (e *event) request(ctx context.Context) (*http.Request, error) {
	method := e.HTTPMethod
	if e.isPayload2() {
		method = e.RequestContext.HTTP.Method
	}
	if method == "" {
		return nil, errNoRequest
	}
	body, err := e.body()
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, "", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.URL = &url.URL{Path: e.path(), RawQuery: e.query()}
	r.RequestURI = r.URL.RequestURI()
	r.Header = e.header()
	r.Host = r.Header.Get("Host")
	r.Header.Del("Host")
	r.RemoteAddr = e.remoteAddr(r.Header)
	return r, nil
}

func (e *event) body() ([]byte, error) {
	if !e.IsBase64Encoded {
		return []byte(e.Body), nil
	}
	body, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return nil, fmt.Errorf("the event's body: %w", err)
	}
	return body, nil
}

// path returns the path without what the API's address has before it: a route's part
// before `{proxy+}`, a custom domain's mapping, or a stage, which HTTP APIs leave in.
func (e *event) path() string {
	path := e.Path
	if e.isPayload2() {
		path = e.RawPath
	}
	stage := e.RequestContext.Stage
	if proxy, ok := e.PathParameters["proxy"]; ok {
		path = "/" + proxy
	} else if rest, ok := strings.CutPrefix(path, "/"+stage); ok && e.Version != "" && stage != "" && (rest == "" || rest[0] == '/') {
		path = "/" + strings.TrimPrefix(rest, "/")
	}
	if decoded, err := url.PathUnescape(path); err == nil { // not every service leaves it encoded
		return decoded
	}
	return path
}

func (e *event) query() string {
	if e.isPayload2() {
		return e.RawQueryString
	}
	escape := url.QueryEscape
	if e.isOfLoadBalancer() {
		escape = func(text string) string { return text } // it is so already
	}
	parameters := e.MultiValueQuery
	if len(parameters) == 0 {
		parameters = single(e.Query)
	}
	var pairs []string
	for name, values := range parameters {
		for _, value := range values {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(pairs, "&")
}

func (e *event) header() http.Header {
	headers := e.MultiValueHeaders
	if len(headers) == 0 {
		headers = single(e.Headers)
	}
	header := make(http.Header, len(headers))
	for name, values := range headers {
		for _, value := range values {
			header.Add(name, value)
		}
	}
	if len(e.Cookies) > 0 {
		header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	return header
}

// remoteAddr returns the address of who connected to the service, as HOST:PORT; the port
// is 0 where it is not known. A load balancer tells it at the end of X-Forwarded-For, and
// what stands before is the client's word.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
func (e *event) remoteAddr(header http.Header) string {
	address := e.RequestContext.Identity.SourceIP
	switch {
	case e.isPayload2():
		address = e.RequestContext.HTTP.SourceIP
	case e.isOfLoadBalancer():
		forwarded := strings.Join(header.Values("X-Forwarded-For"), ",")
		address = strings.TrimSpace(forwarded[strings.LastIndex(forwarded, ",")+1:])
	}
	if _, err := netip.ParseAddrPort(address); err == nil {
		return address
	}
	return net.JoinHostPort(address, "0")
}

// single returns a list of one value for each.
func single(values map[string]string) map[string][]string {
	lists := make(map[string][]string, len(values))
	for name, value := range values {
		lists[name] = []string{value}
	}
	return lists
}
