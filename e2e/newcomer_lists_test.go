//go:build newcomer

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// A listPage is a page, as connectionFields ask for it.
type listPage struct {
	Edges []struct {
		Cursor string
		Node   struct{ ID, CreatedAt string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       string
	}
}

const connectionFields = `edges { cursor node { id createdAt } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`

// lists pages through every list as every visitor, from either end and in both orders.
func (s *story) lists(t *testing.T) {
	for _, list := range []struct {
		document string
		want     map[string]string
	}{
		{`{ viewer { list: posts(PAGE) { FIELDS } } }`, map[string]string{
			owner:    "$old1 $old2 $post $public1 $public2 $public3 $public4 $public5",
			stranger: "$theirs",
		}},
		{`{ viewer { list: comments(PAGE) { FIELDS } } }`, map[string]string{
			owner:  "$comment $comment1 $comment2 $comment3 $comment4 $comment5",
			editor: "$remark $reply",
		}},
		{`{ list: postsByStatus(status: PUBLISHED, PAGE) { FIELDS } }`, map[string]string{
			owner:    "$public1 $public2 $public3 $public4 $public5",
			editor:   "$public1 $public2 $public3 $public4 $public5 $theirs",
			stranger: "$theirs",
		}},
		{`{ node(id: "$public1") { ... on Post { list: comments(PAGE) { FIELDS } } } }`, map[string]string{
			owner:  "$comment1 $comment2 $comment3 $comment4 $comment5 $remark",
			editor: "$comment1 $comment2 $comment3 $comment4 $comment5 $remark",
		}},
	} {
		for _, name := range everybody {
			v := s.visitors[name]
			whole := v.page(t, list.document, "first: 100")
			ids := v.ids(whole)
			if got := strings.Join(slices.Sorted(slices.Values(ids)), " "); got != list.want[name] {
				t.Errorf("%s gets %q of %s, want %q", name, got, list.document, list.want[name])
			}
			for i := 1; i < len(ids); i++ {
				if whole.Edges[i].Node.CreatedAt < whole.Edges[i-1].Node.CreatedAt {
					t.Errorf("%s gets, of %s, %s after what is younger", name, list.document, ids[i])
				}
			}
			for _, direction := range []string{"ASC", "DESC"} {
				forward := v.walk(t, list.document, direction, "first", "after")
				backward := v.walk(t, list.document, direction, "last", "before")
				if !slices.Equal(forward, ids) || !slices.Equal(backward, ids) {
					t.Errorf("%s gets %s page by page, of %s, %q forward and %q backward, want %q", name, direction, list.document, forward, backward, ids)
				}
				slices.Reverse(ids)
			}
		}
	}
}

// page asks for a page of a list.
func (v *visitor) page(t *testing.T, document, arguments string) listPage {
	t.Helper()
	document = strings.NewReplacer("PAGE", arguments, "FIELDS", connectionFields).Replace(document)
	data, problems := v.query(t, document)
	if problems != "" {
		t.Fatalf("%s gets %s for %s", v.name, problems, document)
	}
	// The list is in fields of one object each, any of which may be null.
	for {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(data, &fields); err != nil {
			t.Fatal(err)
		}
		if list, ok := fields["list"]; ok || len(fields) == 0 {
			var found listPage
			if err := json.Unmarshal(list, &found); ok && err != nil {
				t.Fatal(err)
			}
			return found
		}
		for _, data = range fields {
		}
	}
}

// walk returns the ids of a list that it pages through in twos, in the list's order.
func (v *visitor) walk(t *testing.T, document, direction, size, from string) (ids []string) {
	t.Helper()
	arguments := fmt.Sprintf("sortDirection: %s, %s: 2", direction, size)
	for at := ""; ; {
		page := v.page(t, document, arguments+at)
		found := v.ids(page)
		if len(found) > 2 {
			t.Fatalf("%s gets a page of %d with %s", v.name, len(found), arguments+at)
		}
		if n := len(found); n > 0 && (page.PageInfo.StartCursor != page.Edges[0].Cursor || page.PageInfo.EndCursor != page.Edges[n-1].Cursor) {
			t.Errorf("%s gets, with %s, a pageInfo that does not say where the page begins and ends", v.name, arguments+at)
		}
		hasMore, cursor := page.PageInfo.HasNextPage, page.PageInfo.EndCursor
		if size == "last" {
			hasMore, cursor = page.PageInfo.HasPreviousPage, page.PageInfo.StartCursor
			ids = append(found, ids...)
		} else {
			ids = append(ids, found...)
		}
		if !hasMore {
			return ids
		}
		at = fmt.Sprintf(", %s: %q", from, cursor)
	}
}

// ids returns what the page's objects are called.
func (v *visitor) ids(page listPage) []string {
	ids := make([]string, len(page.Edges))
	for i, edge := range page.Edges {
		ids[i] = edge.Node.ID
		for name, id := range v.names {
			if id == edge.Node.ID {
				ids[i] = name
			}
		}
	}
	return ids
}
