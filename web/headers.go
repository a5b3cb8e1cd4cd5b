package web

import (
	"net/http"
	"strings"
)

// What browsers are told of every answer.
const (
	// noPage is the policy of what is no page: whatever a browser is made to take for one loads
	// nothing, runs nothing and is framed by nobody.
	noPage = "default-src 'none'; frame-ancestors 'none'"
	// twoYears is what https://hstspreload.org asks for. Subdomains are not ours to decide about.
	twoYears = "max-age=63072000"
)

// The values of headers that every answer has, made once. Nobody changes them: [http.Header.Set] puts others in their place.
var (
	noSniff        = []string{"nosniff"}
	noReferrer     = []string{"no-referrer"}
	onlyTLS        = []string{twoYears}
	policyOfNoPage = []string{noPage}
	sameOrigin     = []string{"same-origin"}
)

// WithSecurityHeaders has every answer tell browsers what they may make of it, errors and preflights
// included: nothing, unless a handler says otherwise. A page, which is HTML, XML or SVG, has the
// policy that its own handler sets; what is loaded into pages, such as images, may be loaded by
// those of other origins. isTLS says that the server's public address is https.
func WithSecurityHeaders(isTLS bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, r := exchangeOf(w, r)
		header := x.Header()
		header["X-Content-Type-Options"] = noSniff
		header["Referrer-Policy"] = noReferrer
		if isTLS {
			header["Strict-Transport-Security"] = onlyTLS
		}
		x.isSecured = true
		defer x.guard(nil) // where nothing is written
		next.ServeHTTP(x, r)
	})
}

// guard adds what depends on the answer's Content-Type, just before that is sent; body is how the answer begins, as far as it is known.
func (x *exchange) guard(body []byte) {
	if !x.isSecured || x.isGuarded {
		return
	}
	x.isGuarded = true
	header := x.Header()
	contentType := header.Get("Content-Type")
	if _, isSet := header["Content-Type"]; !isSet && len(body) > 0 {
		contentType = http.DetectContentType(body) // as net/http will
	}
	mediaType, _, _ := strings.Cut(contentType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	if !isPage(mediaType) {
		setDefault(header, "Content-Security-Policy", policyOfNoPage)
	}
	if isData(mediaType) {
		setDefault(header, "Cross-Origin-Resource-Policy", sameOrigin)
	}
}

// isPage tells whether browsers show that as a page, with scripts in it.
func isPage(mediaType string) bool {
	return mediaType == "text/html" || mediaType == "text/xml" || mediaType == "application/xml" || strings.HasSuffix(mediaType, "+xml")
}

// isData tells whether that is for programs, which ask for it by CORS: what no page loads as its part.
func isData(mediaType string) bool {
	return mediaType == "" || mediaType == "text/plain" || mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// setDefault sets a header that is not set; name is in its canonical form.
func setDefault(header http.Header, name string, value []string) {
	if _, isSet := header[name]; !isSet {
		header[name] = value
	}
}
