package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lambdaForms are the forms of events, each with a sample in testdata/lambda.
var lambdaForms = []string{"http-api", "function-url", "http-api-1.0", "rest-api", "load-balancer", "load-balancer-multi"}

// lambdaRequest is a request, to be given to a function in any of the forms.
type lambdaRequest struct {
	method   string
	path     string
	query    string // as in an address
	header   http.Header
	body     string
	isBase64 bool   // as services have it for bodies that are no text by their Content-Type
	from     string // the client's address
}

type object = map[string]any

// event returns the request as an event of the form.
func (r lambdaRequest) event(t testing.TB, form string) []byte {
	t.Helper()
	sample, err := os.ReadFile(filepath.Join("testdata/lambda", form+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var event object
	if err := json.Unmarshal(sample, &event); err != nil {
		t.Fatal(err)
	}
	header := r.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if r.from != "" && strings.HasPrefix(form, "load-balancer") {
		header.Set("X-Forwarded-For", strings.TrimPrefix(header.Get("X-Forwarded-For")+", "+r.from, ", "))
	}
	query, err := url.ParseQuery(r.query)
	if err != nil {
		t.Fatal(err)
	}
	context := event["requestContext"].(object)
	switch form {
	case "http-api", "function-url":
		inHTTP := context["http"].(object)
		event["rawPath"], event["rawQueryString"] = r.path, r.query
		inHTTP["method"], inHTTP["path"] = r.method, r.path
		if r.from != "" {
			inHTTP["sourceIp"] = r.from
		}
		event["cookies"] = strings.FieldsFunc(strings.Join(header.Values("Cookie"), ";"), func(c rune) bool { return c == ';' || c == ' ' })
		header.Del("Cookie")
		setHeaders(event["headers"].(object), header, strings.ToLower, joinedByComma)
	case "http-api-1.0", "rest-api":
		event["httpMethod"], context["httpMethod"] = r.method, r.method
		event["path"], context["path"] = "/live"+r.path, "/live"+r.path
		if form == "rest-api" {
			event["path"] = r.path
			event["pathParameters"].(object)["proxy"] = strings.TrimPrefix(r.path, "/")
		}
		if r.from != "" {
			context["identity"].(object)["sourceIp"] = r.from
		}
		setHeaders(event["headers"].(object), header, http.CanonicalHeaderKey, last)
		setHeaders(event["multiValueHeaders"].(object), header, http.CanonicalHeaderKey, all)
		if len(query) > 0 {
			event["queryStringParameters"], event["multiValueQueryStringParameters"] = parameters(query, last), parameters(query, all)
		}
	case "load-balancer":
		event["httpMethod"], event["path"] = r.method, r.path
		setHeaders(event["headers"].(object), header, strings.ToLower, last)
		event["queryStringParameters"] = parameters(encoded(r.query), last)
	case "load-balancer-multi":
		event["httpMethod"], event["path"] = r.method, r.path
		setHeaders(event["multiValueHeaders"].(object), header, strings.ToLower, all)
		event["multiValueQueryStringParameters"] = parameters(encoded(r.query), all)
	}
	if event["body"] = r.body; r.isBase64 {
		event["body"], event["isBase64Encoded"] = base64.StdEncoding.EncodeToString([]byte(r.body)), true
	}
	data, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func joinedByComma(values []string) any { return strings.Join(values, ",") }
func last(values []string) any          { return values[len(values)-1] }
func all(values []string) any           { return values }

func setHeaders(headers object, header http.Header, name func(string) string, value func([]string) any) {
	for key, values := range header {
		delete(headers, key)
		headers[name(key)] = value(values)
	}
}

func parameters(query url.Values, value func([]string) any) object {
	parameters := object{}
	for name, values := range query {
		parameters[name] = value(values)
	}
	return parameters
}

// encoded returns the parameters as load balancers give them, encoded as they came.
func encoded(query string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, ok := strings.Cut(pair, "="); ok {
			values.Add(name, value)
		}
	}
	return values
}

// lambdaResponse is what the service makes of a function's answer.
type lambdaResponse struct {
	status int
	header http.Header
	body   string
}

// response reads an answer as the service of that form does. The answer must be of its form.
func (o outcome) response(t testing.TB, form string) lambdaResponse {
	t.Helper()
	var answer struct {
		StatusCode        int
		Headers           map[string]string
		MultiValueHeaders http.Header
		Cookies           []string
		Body              string
		IsBase64Encoded   bool
	}
	if o.isError {
		t.Fatalf("%s: the invocation fails with %s", form, o.body)
	}
	if err := json.Unmarshal(o.body, &answer); err != nil {
		t.Fatalf("%s: %v in %s", form, err, o.body)
	}
	response := lambdaResponse{status: answer.StatusCode, header: http.Header{}, body: answer.Body}
	hasOne, hasSeveral := len(answer.Headers) > 0, len(answer.MultiValueHeaders) > 0
	takesOne := slices.Contains([]string{"http-api", "function-url", "load-balancer"}, form)
	if hasOne && !takesOne || hasSeveral && takesOne {
		t.Errorf("%s: headers of another form in %s", form, o.body)
	}
	if len(answer.Cookies) > 0 && form != "http-api" && form != "function-url" {
		t.Errorf("%s: cookies of another form in %s", form, o.body)
	}
	for name, value := range answer.Headers {
		response.header.Set(name, value)
	}
	for name, values := range answer.MultiValueHeaders {
		response.header[http.CanonicalHeaderKey(name)] = values
	}
	for _, cookie := range answer.Cookies {
		response.header.Add("Set-Cookie", cookie)
	}
	if answer.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		response.body = string(body)
	}
	return response
}
