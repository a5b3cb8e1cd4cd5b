package web

import "net/http"

// OnlyLocal answers 404 to what does not come straight from this machine's own browser.
func OnlyLocal(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !IsLocal(r) {
			NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}
