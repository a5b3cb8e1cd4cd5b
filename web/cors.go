package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"
)

// commonHeaders are the headers of requests that clients are known to send by themselves.
var commonHeaders = []string{
	"Authorization", "Content-Type",
	// W3C Trace Context and Baggage, as browsers' OpenTelemetry sends them, and Sentry's own.
	"Traceparent", "Tracestate", "Baggage", "Sentry-Trace",
	// Apollo's clients send these, others the last two.
	"Apollo-Require-Preflight", "Apollographql-Client-Name", "Apollographql-Client-Version", "X-Apollo-Operation-Name",
	"Graphql-Require-Preflight", "X-Requested-With",
}

// WithCORS lets pages of these origins call the API; with loopback, those of this machine, too.
// They may send commonHeaders, and headers beside. Credentials stay out: tokens are sent by hand.
func WithCORS(origins []string, loopback bool, headers []string, next http.Handler) http.Handler {
	isAllowed := func(origin string) bool {
		if loopback {
			if u, err := url.Parse(origin); err == nil && IsLoopbackHost(u.Host) {
				return true
			}
		}
		return slices.Contains(origins, origin)
	}
	return withSortedPreflight(cors.New(cors.Options{
		AllowOriginFunc: isAllowed,
		AllowedMethods:  []string{http.MethodGet, http.MethodPost},
		AllowedHeaders:  slices.Concat(commonHeaders, headers),
		ExposedHeaders:  []string{"Retry-After", "WWW-Authenticate", "X-Request-Id"},
		MaxAge:          600,
	}).Handler(next))
}

// withSortedPreflight brings the headers that a preflight asks for into the form in which
// browsers send them, and package cors takes them: others, as `curl`, send any.
// https://fetch.spec.whatwg.org/#cors-preflight-fetch
func withSortedPreflight(next http.Handler) http.Handler {
	const asked = "Access-Control-Request-Headers"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions && len(r.Header[asked]) > 0 {
			names := strings.Split(strings.ToLower(strings.Join(r.Header[asked], ",")), ",")
			for i, name := range names {
				names[i] = strings.TrimSpace(name)
			}
			slices.Sort(names)
			r.Header[asked] = []string{strings.Join(slices.Compact(names), ",")}
		}
		next.ServeHTTP(w, r)
	})
}

// IsHeaderName tells whether a text names one header: it is a token (RFC 9110, section 5.6.2), and
// not the * that stands for all.
func IsHeaderName(text string) bool {
	isNoToken := func(r rune) bool {
		isLetter, isDigit := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z', '0' <= r && r <= '9'
		return !isLetter && !isDigit && !strings.ContainsRune("!#$%&'+-.^_`|~", r)
	}
	return text != "" && strings.IndexFunc(text, isNoToken) < 0
}
