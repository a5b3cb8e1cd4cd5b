// Package otlp sends OpenTelemetry's traces over HTTP, as the OTEL_EXPORTER_OTLP_ variables say. OpenTelemetry's own
// exporter does more, by gRPC and generated code that each first build of a project would take a tenth of its time for.
package otlp

import (
	stdbytes "bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/protobuf/encoding/protowire"
)

// An Exporter sends spans.
type Exporter struct {
	config config
	client *http.Client
}

// New returns an exporter to where the environment says. The error names the variable.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/
func New(getenv func(string) string) (*Exporter, error) {
	config, err := configOf(getenv)
	if err != nil {
		return nil, err
	}
	return &Exporter{config, &http.Client{
		// Not Go's default, which a project may have replaced by one that traces.
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSClientConfig:     &tls.Config{RootCAs: config.authorities, Certificates: config.certificates},
			ForceAttemptHTTP2:   true,
			TLSHandshakeTimeout: defaultTimeout,
			IdleConnTimeout:     idleTimeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Shutdown has nothing left to send.
func (e *Exporter) Shutdown(context.Context) error {
	e.client.CloseIdleConnections()
	return nil
}

// ExportSpans sends spans, and again where the collector has no time for them, until the variables' timeout is over.
func (e *Exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, e.config.timeout)
	defer cancel()
	body, err := e.body(requestOf(spans))
	if err != nil {
		return fmt.Errorf("export %d spans: %w", len(spans), err)
	}
	for wait := firstWait; ; wait *= 2 {
		err := e.send(ctx, body)
		var later *laterError
		if !errors.As(err, &later) {
			if err != nil {
				err = fmt.Errorf("export %d spans: %w", len(spans), err)
			}
			return err
		}
		select {
		case <-time.After(max(later.after, wait/2+rand.N(wait))):
		case <-ctx.Done():
			return fmt.Errorf("export %d spans: %w, until %w", len(spans), err, context.Cause(ctx))
		}
	}
}

const (
	firstWait   = 500 * time.Millisecond
	idleTimeout = 90 * time.Second
)

func (e *Exporter) body(request message) ([]byte, error) {
	var body []byte
	if e.config.isJSON {
		text, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		body = text
	} else {
		body = request.proto(nil)
	}
	if !e.config.isZipped {
		return body, nil
	}
	var zipped stdbytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return zipped.Bytes(), nil
}

// A laterError asks for the same once more.
type laterError struct {
	cause error
	after time.Duration // 0: the collector does not say
}

func (e *laterError) Error() string { return e.cause.Error() }
func (e *laterError) Unwrap() error { return e.cause }

// maxAnswer bounds what is read of an answer, in bytes.
const maxAnswer = 1 << 16

func (e *Exporter) send(ctx context.Context, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.config.url, stdbytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range e.config.headers {
		request.Header.Set(name, value)
	}
	contentType := "application/x-protobuf"
	if e.config.isJSON {
		contentType = "application/json"
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("User-Agent", "ownql")
	if e.config.isZipped {
		request.Header.Set("Content-Encoding", "gzip")
	}
	response, err := e.client.Do(request)
	if err != nil {
		failed := (*url.Error)(nil)
		if !errors.As(err, &failed) {
			return err
		}
		err = fmt.Errorf("%s: %w", e.config.shown, failed.Err) // without the URL, which may have a secret in it
		if failed.Temporary() {
			err = &laterError{cause: err}
		}
		return err
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	switch {
	case response.StatusCode/100 == 2:
		return e.partial(answer)
	case isPassing(response.StatusCode):
		seconds, _ := strconv.ParseUint(response.Header.Get("Retry-After"), 10, 16)
		return &laterError{fmt.Errorf("%s answers %s", e.config.shown, response.Status), time.Duration(seconds) * time.Second}
	}
	return fmt.Errorf("%s answers %s", e.config.shown, response.Status)
}

// isPassing tells whether the same may be sent once more.
// https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes
func isPassing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// partial is the error of an answer by which the collector has not taken all.
func (e *Exporter) partial(answer []byte) error {
	var rejected int64
	var why string
	if e.config.isJSON {
		var response struct {
			PartialSuccess struct {
				RejectedSpans json.Number
				ErrorMessage  string
			}
		}
		if json.Unmarshal(answer, &response) == nil {
			rejected, _ = response.PartialSuccess.RejectedSpans.Int64()
			why = response.PartialSuccess.ErrorMessage
		}
	} else if success := fieldOf(answer, 1, protowire.BytesType); success != nil {
		partial, _ := protowire.ConsumeBytes(success)
		number, _ := protowire.ConsumeVarint(fieldOf(partial, 1, protowire.VarintType))
		text, _ := protowire.ConsumeString(fieldOf(partial, 2, protowire.BytesType))
		rejected, why = int64(max(number, 0)), text
	}
	if rejected == 0 && why == "" {
		return nil
	}
	return fmt.Errorf("%s has not taken %d of them: %s", e.config.shown, rejected, why)
}

// fieldOf returns a message from the value of a field on; nil: it has no such.
func fieldOf(m []byte, number protowire.Number, of protowire.Type) []byte {
	for len(m) > 0 {
		is, typ, n := protowire.ConsumeTag(m)
		if n < 0 {
			return nil
		}
		m = m[n:]
		if is == number && typ == of {
			return m
		}
		if n = protowire.ConsumeFieldValue(is, typ, m); n < 0 {
			return nil
		}
		m = m[n:]
	}
	return nil
}
