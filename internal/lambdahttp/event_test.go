package lambdahttp

import (
	"encoding/json"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestRequest holds what a handler sees of events whose details the services choose.
func TestRequest(t *testing.T) {
	type seen struct {
		Method, Host, URI, Path, Addr, Body string
		Query                               map[string][]string
		Header                              http.Header
	}
	for _, test := range []struct {
		name, event string
		want        seen
	}{
		{
			"payload 2.0: headers joined, cookies apart, the query as it came",
			`{"version":"2.0","rawPath":"/graphql","rawQueryString":"a=1&a=2&b=%D1%82+%26","cookies":["x=1","y=2"],
			  "headers":{"host":"api.example.com","accept":"text/html,*/*","cookie":"x=1"},
			  "requestContext":{"stage":"$default","http":{"method":"GET","sourceIp":"2001:db8::1"}}}`,
			seen{
				Method: "GET", Host: "api.example.com", URI: "/graphql?a=1&a=2&b=%D1%82+%26", Path: "/graphql", Addr: "[2001:db8::1]:0",
				Query:  map[string][]string{"a": {"1", "2"}, "b": {"т &"}},
				Header: http.Header{"Accept": {"text/html,*/*"}, "Cookie": {"x=1; y=2"}},
			},
		},
		{
			"payload 2.0: a stage before the path, and a body in base64",
			`{"version":"2.0","rawPath":"/live/login","body":"/w==","isBase64Encoded":true,
			  "requestContext":{"stage":"live","http":{"method":"POST","sourceIp":"198.51.100.7"}}}`,
			seen{Method: "POST", URI: "/login", Path: "/login", Addr: "198.51.100.7:0", Body: "\xff"},
		},
		{
			// https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
			"a function URL: its own name for host, several values joined, an address that the client makes up, what is null",
			`{"version":"2.0","routeKey":"$default","rawPath":"/graphql","rawQueryString":"a=1&a=2&b=%7B%7D",
			  "queryStringParameters":{"a":"1,2","b":"{}"},"cookies":["__Host-ownql=x.y","theme=dark"],
			  "headers":{"content-type":"application/json","x-forwarded-for":"10.0.0.1, 198.51.100.7","x-forwarded-proto":"https",
			    "accept":"application/json,text/html","host":"k3j2h1g0.lambda-url.eu-central-1.on.aws"},
			  "requestContext":{"accountId":"anonymous","apiId":"k3j2h1g0","authentication":null,"domainName":"k3j2h1g0.lambda-url.eu-central-1.on.aws",
			    "domainPrefix":"k3j2h1g0","http":{"method":"POST","path":"/graphql","protocol":"HTTP/1.1","sourceIp":"198.51.100.7","userAgent":"agent"},
			    "requestId":"6f1c9a52-0f0b-4c43-8a3e-2f8d3c6b7a10","routeKey":"$default","stage":"$default","time":"20/Aug/2025:14:59:13 +0000","timeEpoch":1755701953000},
			  "body":"eyJxdWVyeSI6Int9In0=","pathParameters":null,"isBase64Encoded":true,"stageVariables":null}`,
			seen{
				Method: "POST", Host: "k3j2h1g0.lambda-url.eu-central-1.on.aws", URI: "/graphql?a=1&a=2&b=%7B%7D", Path: "/graphql", Addr: "198.51.100.7:0",
				Body:  `{"query":"{}"}`,
				Query: map[string][]string{"a": {"1", "2"}, "b": {"{}"}},
				Header: http.Header{
					"Content-Type": {"application/json"}, "X-Forwarded-For": {"10.0.0.1, 198.51.100.7"}, "X-Forwarded-Proto": {"https"},
					"Accept": {"application/json,text/html"}, "Cookie": {"__Host-ownql=x.y; theme=dark"},
				},
			},
		},
		{
			"payload 2.0: the stage alone",
			`{"version":"2.0","rawPath":"/live","requestContext":{"stage":"live","http":{"method":"GET","sourceIp":"198.51.100.7"}}}`,
			seen{Method: "GET", URI: "/", Path: "/", Addr: "198.51.100.7:0"},
		},
		{
			"payload 2.0: a path that begins like the stage",
			`{"version":"2.0","rawPath":"/login","requestContext":{"stage":"log","http":{"method":"GET","sourceIp":"198.51.100.7"}}}`,
			seen{Method: "GET", URI: "/login", Path: "/login", Addr: "198.51.100.7:0"},
		},
		{
			"payload 1.0 of an HTTP API: a stage, several values",
			`{"version":"1.0","path":"/live/graphql","httpMethod":"GET",
			  "headers":{"Host":"api.example.com","X-A":"2"},"multiValueHeaders":{"Host":["api.example.com"],"X-A":["1","2"]},
			  "queryStringParameters":{"a":"2"},"multiValueQueryStringParameters":{"a":["1&","2"]},
			  "requestContext":{"stage":"live","identity":{"sourceIp":"198.51.100.7"}}}`,
			seen{
				Method: "GET", Host: "api.example.com", URI: "/graphql?a=1%26&a=2", Path: "/graphql", Addr: "198.51.100.7:0",
				Query: map[string][]string{"a": {"1&", "2"}}, Header: http.Header{"X-A": {"1", "2"}},
			},
		},
		{
			"a REST API: a custom domain's mapping before the path, which ends where the stage's name is",
			`{"resource":"/{proxy+}","path":"/v1/graphql","httpMethod":"GET","headers":null,"multiValueHeaders":null,"body":null,
			  "pathParameters":{"proxy":"graphql"},"requestContext":{"stage":"graphql","identity":{"sourceIp":"198.51.100.7"}}}`,
			seen{Method: "GET", URI: "/graphql", Path: "/graphql", Addr: "198.51.100.7:0"},
		},
		{
			"a REST API: the path of a stage that is called like it",
			`{"resource":"/graphql","path":"/graphql","httpMethod":"GET","requestContext":{"stage":"graphql","identity":{"sourceIp":"198.51.100.7"}}}`,
			seen{Method: "GET", URI: "/graphql", Path: "/graphql", Addr: "198.51.100.7:0"},
		},
		{
			"a load balancer: single values, the query still encoded, the address last",
			`{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/graphql","queryStringParameters":{"a":"%7B+%26%7D"},
			  "headers":{"host":"api.example.com","x-forwarded-for":"10.0.0.1, 198.51.100.7"}}`,
			seen{
				Method: "GET", Host: "api.example.com", URI: "/graphql?a=%7B+%26%7D", Path: "/graphql", Addr: "198.51.100.7:0",
				Query: map[string][]string{"a": {"{ &}"}}, Header: http.Header{"X-Forwarded-For": {"10.0.0.1, 198.51.100.7"}},
			},
		},
		{
			"a load balancer: several values, the address with its port",
			`{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/graphql","multiValueQueryStringParameters":{"a":["1","%32"]},
			  "multiValueHeaders":{"x-forwarded-for":["10.0.0.1","198.51.100.7:4321"]}}`,
			seen{
				Method: "GET", URI: "/graphql?a=1&a=%32", Path: "/graphql", Addr: "198.51.100.7:4321",
				Query: map[string][]string{"a": {"1", "2"}}, Header: http.Header{"X-Forwarded-For": {"10.0.0.1", "198.51.100.7:4321"}},
			},
		},
		{
			"a load balancer's health check",
			`{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/healthz","queryStringParameters":{},"headers":{"user-agent":"ELB-HealthChecker/2.0"},"body":""}`,
			seen{Method: "GET", URI: "/healthz", Path: "/healthz", Addr: ":0", Header: http.Header{"User-Agent": {"ELB-HealthChecker/2.0"}}},
		},
		{
			"a path that is no encoding",
			`{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/100%"}`,
			seen{Method: "GET", URI: "/100%25", Path: "/100%", Addr: ":0"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			var e event
			if err := json.Unmarshal([]byte(test.event), &e); err != nil {
				t.Fatal(err)
			}
			r, err := e.request(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if r.ContentLength != int64(len(body)) {
				t.Errorf("ContentLength is %d of %d", r.ContentLength, len(body))
			}
			got := seen{r.Method, r.Host, r.RequestURI, r.URL.Path, r.RemoteAddr, string(body), r.URL.Query(), r.Header}
			if test.want.Header == nil {
				test.want.Header = http.Header{}
			}
			if test.want.Query == nil {
				test.want.Query = map[string][]string{}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestNoRequest holds that what is no request makes none.
func TestNoRequest(t *testing.T) {
	for name, text := range map[string]string{
		"an empty object":            `{}`,
		"a queue's messages":         `{"Records":[{"body":"x"}]}`,
		"a body that is not base64":  `{"httpMethod":"POST","path":"/login","body":"x","isBase64Encoded":true}`,
		"a method that HTTP has not": `{"httpMethod":"GE T","path":"/login"}`,
	} {
		var e event
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		if r, err := e.request(t.Context()); err == nil {
			t.Errorf("%s makes %s %s", name, r.Method, r.URL)
		}
	}
}
