package otlp

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// config is what the variables say: those of OTEL_EXPORTER_OTLP_TRACES_ before those of OTEL_EXPORTER_OTLP_.
type config struct {
	url              string
	shown            string // the url, without what may be secret in it
	headers          map[string]string
	timeout          time.Duration // of all tries
	isZipped, isJSON bool
	authorities      *x509.CertPool // nil: the system's
	certificates     []tls.Certificate
}

const (
	defaultEndpoint = "http://localhost:4318"
	defaultTimeout  = 10 * time.Second
)

func configOf(getenv func(string) string) (c config, err error) {
	const general, ofTraces = "OTEL_EXPORTER_OTLP_", "OTEL_EXPORTER_OTLP_TRACES_"
	read := func(name string) (value, variable string) {
		if value = strings.TrimSpace(getenv(ofTraces + name)); value != "" {
			return value, ofTraces + name
		}
		return strings.TrimSpace(getenv(general + name)), general + name
	}
	endpoint, variable := read("ENDPOINT")
	at, err := url.Parse(cmp.Or(endpoint, defaultEndpoint))
	if err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
		return config{}, fmt.Errorf("%s: want a URL such as %s", variable, defaultEndpoint) // which may have a secret in it
	}
	if variable == general+"ENDPOINT" {
		at = at.JoinPath("v1/traces")
	}
	c.url = at.String()
	c.shown = (&url.URL{Scheme: at.Scheme, Host: at.Host, Path: at.Path}).String()
	if c.headers, err = headersOf(read("HEADERS")); err != nil {
		return config{}, err
	}
	c.timeout = defaultTimeout
	if value, variable := read("TIMEOUT"); value != "" {
		milliseconds, err := strconv.Atoi(value)
		if err != nil || milliseconds <= 0 {
			return config{}, fmt.Errorf("%s %q: want milliseconds, such as 10000", variable, value)
		}
		c.timeout = time.Duration(milliseconds) * time.Millisecond
	}
	switch value, variable := read("COMPRESSION"); value {
	case "", "none":
	case "gzip":
		c.isZipped = true
	default:
		return config{}, fmt.Errorf("%s %q: want gzip or none", variable, value)
	}
	protocol, _ := read("PROTOCOL")
	c.isJSON = protocol == "http/json"
	if file, variable := read("CERTIFICATE"); file != "" {
		if c.authorities, err = authoritiesIn(file); err != nil {
			return config{}, fmt.Errorf("%s %s: %w", variable, file, err)
		}
	}
	certificate, variable := read("CLIENT_CERTIFICATE")
	key, _ := read("CLIENT_KEY")
	if certificate != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return config{}, fmt.Errorf("%s %q with CLIENT_KEY %q: %w", variable, certificate, key, err)
		}
		c.certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// headersOf reads name=value,name=value, percent-encoded.
// https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables
func headersOf(value, variable string) (map[string]string, error) {
	headers := map[string]string{}
	for pair := range strings.SplitSeq(value, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, text, ok := strings.Cut(pair, "=")
		text, err := url.PathUnescape(strings.TrimSpace(text))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return nil, fmt.Errorf("%s: want name=value,name=value, percent-encoded", variable) // whose values are secrets
		}
		headers[name] = text
	}
	return headers, nil
}

func authoritiesIn(file string) (*x509.CertPool, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(content) {
		return nil, errors.New("want a file of certificates in PEM")
	}
	return pool, nil
}
