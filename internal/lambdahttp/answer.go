package lambdahttp

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// How many bytes an answer's JSON may have: as Lambda takes it, and as a load balancer does.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
const (
	MaxAnswer             = 6 << 20
	maxLoadBalancerAnswer = 1 << 20
)

func (e *event) maxAnswer() int {
	if e.isOfLoadBalancer() {
		return maxLoadBalancerAnswer
	}
	return MaxAnswer
}

// recorder keeps what a handler writes. What it changes in the header after that does not
// count, as with net/http's server.
type recorder struct {
	header http.Header
	status int // 0: nothing has been written
	sent   http.Header
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// answer returns what was written in the form that goes with the event.
func (w *recorder) answer(e *event, r *http.Request) *answer {
	w.WriteHeader(http.StatusOK)
	body := w.body.Bytes()
	if w.sent.Get("Content-Type") == "" && len(body) > 0 {
		w.sent.Set("Content-Type", http.DetectContentType(body)) // as net/http's server does
	}
	if r.Method == http.MethodHead {
		body = nil
	}
	a := &answer{StatusCode: w.status, Body: string(body)}
	if !utf8.Valid(body) {
		a.Body, a.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	switch {
	case e.isPayload2():
		a.Cookies = w.sent.Values("Set-Cookie")
		w.sent.Del("Set-Cookie")
		a.Headers = joined(w.sent)
	case e.isOfLoadBalancer() && len(e.MultiValueHeaders) == 0:
		a.Headers = joined(w.sent)
		if cookies := w.sent.Values("Set-Cookie"); len(cookies) > 0 {
			a.Headers["Set-Cookie"] = cookies[len(cookies)-1] // there is room for one
		}
	default:
		a.MultiValueHeaders = w.sent
	}
	return a
}

// joined returns the lists of values as one value each (RFC 9110, section 5.3).
func joined(header http.Header) map[string]string {
	headers := make(map[string]string, len(header))
	for name, values := range header {
		headers[name] = strings.Join(values, ", ")
	}
	return headers
}

// An answer is what the service makes a response of; see event for the forms.
type answer struct {
	StatusCode        int               `json:"statusCode"`
	Headers           map[string]string `json:"headers,omitempty"`
	MultiValueHeaders http.Header       `json:"multiValueHeaders,omitempty"`
	Cookies           []string          `json:"cookies,omitempty"` // of payload 2.0
	Body              string            `json:"body"`
	IsBase64Encoded   bool              `json:"isBase64Encoded"`
}

func (a *answer) encode() ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(a); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return body.Bytes(), nil
}
