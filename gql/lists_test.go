package gql_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/web"
)

// TestListsOfUntoldLength holds that lists whose length no argument says take memory before they
// are made: without that, one list in an object is made for each of 2,900 aliases.
func TestListsOfUntoldLength(t *testing.T) {
	const refused = `{"errors":[{"message":"the request needs too much memory at once: ask for less in each","extensions":{"code":"QUERY_TOO_COMPLEX"}}],"data":null}` + "\n"
	a := newAPIWith(t, gql.Options{Introspection: true, Limits: gql.DefaultLimits})
	a.Handler = web.WithMemory(web.NewMemory(12<<20), a.Handler)
	_, body := a.post(t, "{ viewer { id } }", nil)
	ids := strings.Repeat(`"`+firstID(t, body)+`" `, 100)
	roles := "{ nodes(ids: [" + ids + "]) { ... on User {" + aliased(29, "roles") + "} } }"
	schema := "fragment type on __Type { name fields { name args { name type { name ofType { name } } } type { name ofType { name ofType { name } } } } }"
	for _, test := range []struct {
		name, query string
		roles       int // that the user has
		role        string
		isRefused   bool
	}{
		{"2,900 lists of 2", roles, 2, "role-%d", false},
		{"2,900 lists of 200", roles, 200, "role-%d", true},
		{"2,900 lists of 100 that have few bytes", roles, 100, "%x", true},
		{"one of them", "{ viewer { roles } }", 200, "role-%d", false},
		{"the schema", "{ __schema { types { ...type } } }" + schema, 2, "role-%d", false},
		{"the schema 29 times", "{ __schema {" + aliased(29, "types { ...type }") + "} }" + schema, 2, "role-%d", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			var has []string
			for i := range test.roles {
				has = append(has, fmt.Sprintf(test.role, i))
			}
			if _, err := a.accounts.ChangeRoles(t.Context(), a.user.ID, has, nil); err != nil {
				t.Fatal(err)
			}
			status, body := a.post(t, test.query, nil)
			if status != http.StatusOK || (body == refused) != test.isRefused || !test.isRefused && strings.Contains(body, "errors") {
				t.Errorf("%d %.300s", status, body)
			}
			if _, err := a.accounts.ChangeRoles(t.Context(), a.user.ID, nil, has); err != nil {
				t.Fatal(err)
			}
		})
	}
}
