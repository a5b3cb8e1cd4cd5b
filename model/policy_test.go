package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestPolicy holds who may do what to an item of ada's, on a post of ada's.
func TestPolicy(t *testing.T) {
	b := newBlog(t)
	const want = `
type     operation | anonymous | eve       | ada       | editor
post     create    | forbidden | yes       | yes       | yes
post     read      | no        | no        | yes       | yes
post     list      | no        | no        | yes       | yes
post     update    | not found | not found | yes       | yes
post     delete    | not found | not found | yes       | forbidden
comment  create    | forbidden | not found | yes       | yes
comment  read      | no        | no        | yes       | yes
comment  list      | no        | no        | yes       | yes
comment  update    | not found | not found | yes       | forbidden
comment  delete    | not found | not found | yes       | forbidden
receipt  create    | forbidden | not found | yes       | yes
receipt  read      | no        | no        | yes       | yes
receipt  list      | no        | no        | yes       | yes
receipt  update    | not found | not found | forbidden | forbidden
receipt  delete    | not found | not found | yes       | forbidden
notice   create    | forbidden | yes       | yes       | yes
notice   read      | yes       | yes       | yes       | yes
notice   list      | yes       | yes       | yes       | yes
notice   update    | forbidden | forbidden | forbidden | yes
notice   delete    | forbidden | forbidden | forbidden | yes
`
	on := b.newPost(t, ada, "on")
	var got strings.Builder
	got.WriteString("\ntype     operation | anonymous | eve       | ada       | editor\n")
	slug := 0
	table(t, &got, b.posts, "post", func() *post {
		slug++
		return &post{Slug: fmt.Sprint(slug)}
	}, func(p *post) { p.Likes++ })
	table(t, &got, b.comments, "comment", func() *comment { return &comment{PostID: on.ID} }, func(c *comment) { c.Body += "!" })
	table(t, &got, b.receipts, "receipt", func() *receipt { return &receipt{PostID: on.ID} }, func(*receipt) {})
	table(t, &got, b.notices, "notice", func() *notice { return &notice{Board: "b"} }, func(n *notice) { n.Rank++ })
	if got.String() != want {
		t.Errorf("got %s\nwant %s", got.String(), want)
	}
}

// table writes the lines of a type: what becomes of each operation by each caller on an
// item of ada's.
func table[T any](t *testing.T, to *strings.Builder, m *Model[T], name string, fresh func() *T, change func(*T)) {
	ctx := context.Background()
	item := func() *T {
		return made[T](t)(m.Create(ctx, ada, as(*fresh())))
	}
	for _, operation := range []struct {
		name string
		try  func(Caller) any
	}{
		{"create", func(c Caller) any {
			_, err := m.Create(ctx, c, as(*fresh()))
			return err
		}},
		{"read", func(c Caller) any {
			found, err := m.ByID(ctx, c, []string{untyped(item()).base().ID})
			return errors.Join(err, isThere(len(found) == 1))
		}},
		{"list", func(c Caller) any {
			one := 1
			id := untyped(item()).base().ID
			page, err := m.List(ctx, c, ByOwner, ada.ID, Page{Last: &one})
			if err != nil {
				return err
			}
			return isThere(len(page.Edges) == 1 && untyped(page.Edges[0].Node).base().ID == id)
		}},
		{"update", func(c Caller) any {
			_, err := m.Update(ctx, c, GlobalID(m.core.typeName, untyped(item()).base().ID), nil, change)
			return err
		}},
		{"delete", func(c Caller) any {
			_, err := m.Delete(ctx, c, GlobalID(m.core.typeName, untyped(item()).base().ID), nil)
			return err
		}},
	} {
		fmt.Fprintf(to, "%-8s %-9s", name, operation.name)
		for i, caller := range []Caller{anonymous, eve, ada, editor} {
			answer := "yes"
			if err := operation.try(caller); err != nil {
				answer = fmt.Sprint(err)
				switch err, _ := err.(error); {
				case errors.Is(err, ErrNotFound):
					answer = "not found"
				case errors.Is(err, ErrForbidden):
					answer = "forbidden"
				}
			}
			if i < 3 {
				answer = fmt.Sprintf("%-9s", answer)
			}
			fmt.Fprintf(to, " | %s", answer)
		}
		to.WriteString("\n")
	}
}

func isThere(is bool) error {
	if is {
		return nil
	}
	return errors.New("no")
}
