package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestShedding(t *testing.T) {
	arrived, leave := make(chan struct{}), make(chan struct{})
	handler := withShedding(1, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(arrived)
			<-leave
		}
	}))
	status := func(path string) (int, http.Header) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Code, w.Header()
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		status("/slow")
	}()
	<-arrived
	if code, header := status("/graphql"); code != http.StatusServiceUnavailable || header.Get("Retry-After") == "" {
		t.Errorf("the second request at once is answered %d, %v; want 503 with Retry-After", code, header)
	}
	if code, _ := status("/healthz"); code != http.StatusOK {
		t.Errorf("/healthz is answered %d", code)
	}
	close(leave)
	<-done
	if code, _ := status("/graphql"); code != http.StatusOK {
		t.Errorf("the next request is answered %d", code)
	}
}
