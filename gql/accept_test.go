package gql

import (
	"net/http"
	"testing"
)

func TestResponseMediaType(t *testing.T) {
	for _, test := range []struct {
		accept []string
		want   string
	}{
		{nil, mediaTypeJSON},
		{[]string{""}, mediaTypeJSON},
		{[]string{"*/*"}, mediaTypeJSON},
		{[]string{"application/*"}, mediaTypeJSON},
		{[]string{"text/html"}, mediaTypeJSON},
		{[]string{"application/json"}, mediaTypeJSON},
		{[]string{"application/graphql-response+json"}, mediaTypeResponse},
		{[]string{"Application/GraphQL-Response+JSON; charset=utf-8"}, mediaTypeResponse},
		{[]string{"application/graphql-response+json, application/json"}, mediaTypeResponse},
		{[]string{"application/json, application/graphql-response+json"}, mediaTypeResponse},
		{[]string{"application/graphql-response+json,application/json;q=0.9"}, mediaTypeResponse},
		{[]string{"application/graphql-response+json;q=0.9, application/json"}, mediaTypeJSON},
		{[]string{"application/graphql-response+json;q=0.5, application/json;q=0.501"}, mediaTypeJSON},
		{[]string{"application/graphql-response+json; q=0.2, */*"}, mediaTypeJSON},
		{[]string{"application/graphql-response+json; q=0.2, */*;q=0.1"}, mediaTypeResponse},
		{[]string{"application/graphql-response+json;q=0"}, mediaTypeJSON},
		{[]string{"application/graphql-response+json;q=0, application/*"}, mediaTypeJSON},
		{[]string{"application/json;q=0, */*"}, mediaTypeResponse},
		{[]string{"application/json;q=0, application/graphql-response+json;q=0"}, mediaTypeJSON},
		{[]string{"text/html, application/json;q=0.1", "application/graphql-response+json;q=0.3"}, mediaTypeResponse},
		{[]string{"application/graphql-response+json;q=2, application/json;q=0.1"}, mediaTypeJSON},
		{[]string{"application/graphql-response+json;q=NaN, application/json;q=0.1"}, mediaTypeJSON},
		{[]string{";;,=,application/graphql-response+json"}, mediaTypeResponse},
	} {
		r := &http.Request{Header: http.Header{"Accept": test.accept}}
		if test.accept == nil {
			r.Header = http.Header{}
		}
		if got := responseMediaType(r); got != test.want {
			t.Errorf("%q: %s, want %s", test.accept, got, test.want)
		}
	}
}
