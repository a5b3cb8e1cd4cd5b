package lambdahttp

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAnswer holds what handlers' answers become, in each form.
func TestAnswer(t *testing.T) {
	payload2, several, single := event{Version: "2.0"}, event{}, event{}
	single.RequestContext.ELB = &struct{}{}
	cookies := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "__Host-a=1; Path=/; Secure")
		w.Header().Add("Set-Cookie", "b=2")
		w.Header().Add("Vary", "Origin")
		w.Header().Add("Vary", "Accept")
		w.WriteHeader(http.StatusNoContent)
		w.Header().Set("X-Late", "1")
	}
	for _, test := range []struct {
		name   string
		event  event
		method string
		handle http.HandlerFunc
		want   string
	}{
		{"payload 2.0: cookies apart", payload2, "POST", cookies,
			`{"statusCode":204,"headers":{"Vary":"Origin, Accept"},"cookies":["__Host-a=1; Path=/; Secure","b=2"],"body":"","isBase64Encoded":false}`},
		{"payload 1.0: several values", several, "POST", cookies,
			`{"statusCode":204,"multiValueHeaders":{"Set-Cookie":["__Host-a=1; Path=/; Secure","b=2"],"Vary":["Origin","Accept"]},"body":"","isBase64Encoded":false}`},
		{"a load balancer of single values: the last cookie", single, "POST", cookies,
			`{"statusCode":204,"headers":{"Set-Cookie":"b=2","Vary":"Origin, Accept"},"body":"","isBase64Encoded":false}`},
		{"text without a type, <unescaped>", payload2, "GET", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("<ok> & é\x00\n")) },
			`{"statusCode":200,"headers":{"Content-Type":"application/octet-stream"},"body":"<ok> & é\u0000\n","isBase64Encoded":false}`},
		{"what is no text", payload2, "GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "image/png")
			w.Write([]byte("\x89PNG"))
		}, `{"statusCode":200,"headers":{"Content-Type":"image/png"},"body":"iVBORw==","isBase64Encoded":true}`},
		{"HEAD has no body", payload2, "HEAD", func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("ok\n")) },
			`{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"},"body":"","isBase64Encoded":false}`},
		{"a handler that writes nothing", payload2, "GET", func(http.ResponseWriter, *http.Request) {},
			`{"statusCode":200,"body":"","isBase64Encoded":false}`},
		{"early hints are not the answer", payload2, "GET", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusTeapot)
			w.WriteHeader(http.StatusOK)
		}, `{"statusCode":418,"body":"","isBase64Encoded":false}`},
	} {
		r, err := http.NewRequest(test.method, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		w := recorder{header: http.Header{}}
		test.handle(&w, r)
		got, err := w.answer(&test.event, r).encode()
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want+"\n", string(got)); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// TestAnswerTooLarge holds that an answer which the service would not take is another one,
// with the header of the first.
func TestAnswerTooLarge(t *testing.T) {
	for _, test := range []struct {
		name  string
		event string
		max   int
	}{
		{"an HTTP API", `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}`, MaxAnswer},
		{"a REST API", `{"httpMethod":"GET","path":"/","requestContext":{}}`, MaxAnswer},
		{"a load balancer", `{"httpMethod":"GET","path":"/","requestContext":{"elb":{}}}`, maxLoadBalancerAnswer},
	} {
		const rest = 1000 // for what is around the body
		for bytes, want := range map[int]int{test.max - rest: http.StatusOK, test.max: http.StatusBadRequest} {
			f := function{
				handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Vary", "Origin")
					io.WriteString(w, strings.Repeat("a", bytes))
				}),
				tooLarge: func(w http.ResponseWriter, r *http.Request, maxBytes int) {
					w.WriteHeader(http.StatusBadRequest)
					fmt.Fprint(w, maxBytes)
				},
				behind: func(context.Context) error { return nil },
			}
			var e event
			if err := json.Unmarshal([]byte(test.event), &e); err != nil {
				t.Fatal(err)
			}
			reply, err := f.invoke(t.Context(), e)
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			var got answer
			if err := json.NewDecoder(reply).Decode(&got); err != nil {
				t.Fatal(err)
			}
			if got.StatusCode != want || got.Headers["Vary"] != "Origin" && got.MultiValueHeaders.Get("Vary") != "Origin" {
				t.Errorf("%s: %d bytes are answered %d, with %v %v; want %d", test.name, bytes, got.StatusCode, got.Headers, got.MultiValueHeaders, want)
			}
			if want != http.StatusOK && got.Body != fmt.Sprint(test.max) {
				t.Errorf("%s: the limit is %s, want %d", test.name, got.Body, test.max)
			}
		}
	}
}
