package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/rs/cors"
)

// WithCORS lets pages of these origins call the API; with loopback, those of this machine, too.
// Credentials stay out: tokens are sent by hand.
func WithCORS(origins []string, loopback bool, next http.Handler) http.Handler {
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
		AllowedHeaders: []string{"Authorization", "Content-Type",
			// W3C Trace Context, as browsers' OpenTelemetry sends it.
			"Traceparent", "Tracestate",
			// Apollo's clients send these.
			"Apollo-Require-Preflight", "Apollographql-Client-Name", "Apollographql-Client-Version", "X-Apollo-Operation-Name"},
		ExposedHeaders: []string{"Retry-After", "WWW-Authenticate", "X-Request-Id"},
		MaxAge:         600,
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
