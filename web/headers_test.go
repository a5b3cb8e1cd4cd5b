package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestSecurityHeaders(t *testing.T) {
	const none = "default-src 'none'; frame-ancestors 'none'"
	write := func(contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if contentType != "" {
				w.Header().Set("Content-Type", contentType)
			}
			io.WriteString(w, body)
		}
	}
	for _, test := range []struct {
		what        string
		handler     http.HandlerFunc
		policy      string
		isOriginsOn bool // nobody else may load it
	}{
		{"JSON", write("application/json", "{}"), none, true},
		{"GraphQL", write("application/graphql-response+json; charset=utf-8", "{}"), none, true},
		{"an error", func(w http.ResponseWriter, r *http.Request) { NotFound(w, r) }, none, true},
		{"text, as it looks", write("", "plain"), none, true},
		{"no content", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) }, none, true},
		{"nothing written at all", func(w http.ResponseWriter, r *http.Request) {}, none, true},
		{"hints before it", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusOK)
		}, "", false},
		{"a stream", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			w.(http.Flusher).Flush()
			io.WriteString(w, "data:\n\n")
		}, none, false},
		{"a page with its own policy", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'self'")
			write("text/html; charset=utf-8", "<p>")(w, r)
		}, "default-src 'self'", false},
		{"a page without one", write("text/html", "<p>"), "", false},
		{"a page, as it looks", write("", "<!DOCTYPE html><p>"), "", false},
		{"an SVG", write("image/svg+xml", "<svg/>"), "", false},
		{"an image", write("image/png", "\x89PNG"), none, false},
		{"data for others", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			write("application/json", "{}")(w, r)
		}, none, false},
	} {
		t.Run(test.what, func(t *testing.T) {
			for _, isTLS := range []bool{true, false} {
				server := httptest.NewServer(WithSecurityHeaders(isTLS, test.handler))
				defer server.Close()
				response, err := http.Get(server.URL)
				if err != nil {
					t.Fatal(err)
				}
				response.Body.Close()
				header := response.Header
				if got := header.Get("Content-Security-Policy"); got != test.policy {
					t.Errorf("Content-Security-Policy is %q, want %q", got, test.policy)
				}
				if got := header.Get("Cross-Origin-Resource-Policy") == "same-origin"; got != test.isOriginsOn {
					t.Errorf("Cross-Origin-Resource-Policy is %q", header.Get("Cross-Origin-Resource-Policy"))
				}
				if header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Referrer-Policy") != "no-referrer" {
					t.Errorf("the headers are %v", header)
				}
				if got := strings.HasPrefix(header.Get("Strict-Transport-Security"), "max-age="); got != isTLS {
					t.Errorf("where TLS is %v, Strict-Transport-Security is %q", isTLS, header.Get("Strict-Transport-Security"))
				}
			}
		})
	}
}

func TestCORSHeaders(t *testing.T) {
	const origin = "https://app.example.com"
	handler := WithCORS([]string{origin}, false, []string{"X-Tenant"}, http.NotFoundHandler())
	for _, test := range []struct {
		asked string
		want  bool
	}{
		{"authorization,content-type", true},
		{"baggage,sentry-trace", true},
		{"x-requested-with", true},
		{"traceparent,tracestate", true},
		{"apollographql-client-name,apollographql-client-version", true},
		{"Apollo-Require-Preflight, GraphQL-Require-Preflight", true},
		{"x-tenant", true},
		{"content-type,x-other", false},
		{"cookie", false},
		{"*", false},
	} {
		r := httptest.NewRequest(http.MethodOptions, "/graphql", nil)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", test.asked)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		if got := answer.Header().Get("Access-Control-Allow-Headers") != ""; got != test.want {
			t.Errorf("%s is allowed: %v, want %v", test.asked, got, test.want)
		}
	}
}

func TestIsHeaderName(t *testing.T) {
	for name, want := range map[string]bool{
		"X-Tenant": true, "x": true, "a_b": true, "": false, "*": false, "a b": false, "a:b": false, "a\r\nb": false, "ä": false, "a,b": false,
	} {
		if IsHeaderName(name) != want {
			t.Errorf("%q is one: %v", name, !want)
		}
	}
}
