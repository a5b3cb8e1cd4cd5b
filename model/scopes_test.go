package model

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestScopes holds what service tokens of ada's may do with her own objects, and one of an editor's that has
// every scope with what an editor may not: by every operation of a type, however the token comes to it.
func TestScopes(t *testing.T) {
	b := newBlog(t)
	on := b.newPost(t, ada, "on")
	everything := []string{
		"create:Comment", "read:Comment", "update:Comment", "delete:Comment",
		"create:Post", "read:Post", "update:Post", "delete:Post", "read:User",
	}
	slug := 0
	for _, test := range []struct {
		scopes []string
		want   string // create, read, list, update and delete of a comment
	}{
		{everything, "yes, yes, yes, yes, yes"},
		{[]string{"read:Comment"}, "forbidden, yes, yes, forbidden, forbidden"},
		{[]string{"create:Comment"}, "yes, no, no, forbidden, forbidden"},
		{[]string{"read:Comment", "update:Comment"}, "forbidden, yes, yes, yes, forbidden"},
		{[]string{"read:Comment", "delete:Comment"}, "forbidden, yes, yes, forbidden, yes"},
		{everything[4:], "forbidden, no, no, forbidden, forbidden"},
	} {
		scopes, err := b.ParseScopes(test.scopes)
		if err != nil {
			t.Fatal(err)
		}
		token := ada.Within(scopes)
		tried := func(err error) string {
			switch {
			case err == nil:
				return "yes"
			case errors.Is(err, ErrForbidden):
				return "forbidden"
			default:
				return err.Error()
			}
		}
		item := func() *comment { return b.newComment(t, ada, on) }
		_, createErr := b.comments.Create(t.Context(), token, as(comment{PostID: on.ID}))
		found, err := b.comments.ByID(t.Context(), token, []string{item().ID})
		if err != nil {
			t.Fatal(err)
		}
		page, err := b.comments.ByParent(t.Context(), token, "postId", on.ID, Page{})
		if err != nil {
			t.Fatal(err)
		}
		_, updateErr := b.comments.Update(t.Context(), token, item().GlobalID(), nil, func(c *comment) { c.Body += "!" })
		_, deleteErr := b.comments.Delete(t.Context(), token, item().GlobalID(), nil)
		isRead, isListed := "no", "no"
		if len(found) == 1 {
			isRead = "yes"
		}
		if len(page.Edges) > 0 {
			isListed = "yes"
		}
		got := strings.Join([]string{tried(createErr), isRead, isListed, tried(updateErr), tried(deleteErr)}, ", ")
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.scopes, got, test.want)
		}

		// In one transaction, and several at once, it is as one by one.
		slug++
		_, err = b.comments.CreateAll(t.Context(), token, nil, []Creation[comment]{{Set: as(comment{PostID: on.ID})}})
		if tried(err) != tried(createErr) {
			t.Errorf("%s: several are created: %v", test.scopes, err)
		}
		_, err = b.comments.ApplyAll(t.Context(), token, []Change[comment]{{ID: item().GlobalID(), Set: func(c *comment) { c.Body += fmt.Sprint(slug) }}})
		if tried(err) != tried(updateErr) {
			t.Errorf("%s: several are updated: %v", test.scopes, err)
		}
		_, err = b.comments.DeleteAll(t.Context(), token, []string{item().GlobalID()})
		if tried(err) != tried(deleteErr) {
			t.Errorf("%s: several are deleted: %v", test.scopes, err)
		}
	}

	// A token does no more than its user.
	scopes, err := b.ParseScopes(everything)
	if err != nil {
		t.Fatal(err)
	}
	other, err := b.comments.Create(t.Context(), ada, as(comment{PostID: on.ID}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.comments.Delete(t.Context(), editor.Within(scopes), other.GlobalID(), nil); !errors.Is(err, ErrForbidden) {
		t.Errorf("a token of the editor's deletes ada's comment: %v", err)
	}
	if found, err := b.posts.ByID(t.Context(), eve.Within(scopes), []string{on.ID}); err != nil || len(found) > 0 {
		t.Errorf("a token of eve's reads %v, %v", found, err)
	}
}

// TestScopesBesideRules: in one query that remembers what it has read, the rules have read a post, as the user
// whom a token is of; the token, which has no scope of posts, gets it neither before nor after that.
func TestScopesBesideRules(t *testing.T) {
	b := newBlog(t)
	p := b.newPost(t, ada, "hers")
	c := b.newComment(t, ada, p)
	token := ada.Within(ScopesOf([]string{"read:Comment"}))
	ctx := WithReads(t.Context(), true)
	for range 2 {
		if found, err := b.posts.Load(ctx, token, p.ID); err != nil || found != nil {
			t.Fatalf("the post is %v, %v", found, err)
		}
		if found, err := b.comments.Load(ctx, token, c.ID); err != nil || found == nil {
			t.Fatalf("the comment is %v, %v", found, err)
		}
		if page, err := b.posts.ByOwner(ctx, token, ada.ID, Page{}); err != nil || len(page.Edges) > 0 {
			t.Fatalf("posts: %v, %v", page, err)
		}
	}
	if found, err := b.posts.Load(ctx, ada, p.ID); err != nil || found == nil {
		t.Errorf("to ada herself the post is %v, %v", found, err)
	}
	total, err := made[Connection[comment]](t)(b.comments.ByParent(ctx, token, "postId", p.ID, Page{})).TotalCount(ctx)
	if err != nil || total == nil || *total != 1 {
		t.Errorf("the comments are %v, %v", total, err)
	}
	none := ada.Within(ScopesOf([]string{"read:Post"}))
	total, err = made[Connection[comment]](t)(b.comments.ByParent(ctx, none, "postId", p.ID, Page{})).TotalCount(ctx)
	if err != nil || total != nil {
		t.Errorf("without a scope of comments there are %v, %v", total, err)
	}
}

// TestScopeTellsNothing: what a token without the scope is refused is the same whether there is an object or
// not, and the record hears of it.
func TestScopeTellsNothing(t *testing.T) {
	b := newBlog(t)
	var told []Refusal
	b.OnRefusal(func(_ context.Context, refusal Refusal) { told = append(told, refusal) })
	p := b.newPost(t, ada, "hers")
	token := ada.Within(ScopesOf([]string{"create:Post"}))
	var answers []string
	for _, id := range []string{p.GlobalID(), GlobalID("Post", NewID())} {
		_, err := b.posts.Delete(t.Context(), token, id, nil)
		answers = append(answers, fmt.Sprint(err))
	}
	if answers[0] != answers[1] || !strings.Contains(answers[0], "delete:Post") {
		t.Errorf("answers: %q", answers)
	}
	if len(told) != 2 || !told[0].IsScope || told[0].ID != p.GlobalID() || told[0].Operation != OnDelete || told[0].Caller.ID != ada.ID {
		t.Errorf("told: %+v", told)
	}
}

// TestCreateOnceByScope: who knows what another token of the same user's made, and by which key, is not given
// it without the scope to make it.
func TestCreateOnceByScope(t *testing.T) {
	b := newBlog(t)
	p, key := b.newPost(t, ada, "hers"), NewID()
	set := as(comment{PostID: p.ID, Body: "once"})
	first := made[comment](t)(b.comments.CreateOnce(t.Context(), ada.Within(ScopesOf([]string{"create:Comment"})), &key, set))
	again := made[comment](t)(b.comments.CreateOnce(t.Context(), ada.Within(ScopesOf([]string{"create:Comment"})), &key, set))
	if first.ID != again.ID {
		t.Errorf("it was made twice")
	}
	if got, err := b.comments.CreateOnce(t.Context(), ada.Within(ScopesOf([]string{"read:Post"})), &key, set); !errors.Is(err, ErrForbidden) {
		t.Errorf("without the scope: %v, %v", got, err)
	}
}

func TestParseScopes(t *testing.T) {
	b := newBlog(t)
	for _, test := range []struct {
		scopes      []string
		field, says string
	}{
		{nil, "scopes", "1 to 500"},
		{[]string{"read:Post", "read:Issue"}, "scopes[1]", `"Issue"`},
		{[]string{"eat:Post"}, "scopes[0]", `"eat"`},
		{[]string{"read,update:Post"}, "scopes[0]", "no operation"},
		{[]string{":Post"}, "scopes[0]", "no operation"},
		{[]string{"read"}, "scopes[0]", "an operation and a type"},
		{[]string{"read:post"}, "scopes[0]", `"post"`},
		{[]string{"read: Post"}, "scopes[0]", `" Post"`},
		{[]string{"read:*"}, "scopes[0]", `"*"`},
		{[]string{"read:Session"}, "scopes[0]", `"Session"`},
		{[]string{"create:User"}, "scopes[0]", "read or update"},
		{[]string{"delete:User"}, "scopes[0]", "read or update"},
		{[]string{"create:Post", "update:Post"}, "scopes[1]", "needs read:Post"},
		{[]string{"read:Comment", "delete:Post"}, "scopes[1]", "needs read:Post"},
		{[]string{"read:" + strings.Repeat("P", 10_000)}, "scopes[0]", "an operation and a type"},
	} {
		_, err := b.ParseScopes(test.scopes)
		told := new(Error)
		if !errors.As(err, &told) || told.Code != CodeBadUserInput || told.Field != test.field || !strings.Contains(told.Message, test.says) || len(told.Message) > 500 {
			t.Errorf("%.50q: %v, want BAD_USER_INPUT of %s, with %s", test.scopes, err, test.field, test.says)
		}
	}
	scopes, err := b.ParseScopes([]string{"create:Post", "read:Post", "create:Post", "update:User", "read:User"})
	if err != nil || strings.Join(scopes.Texts(), " ") != "create:Post read:Post update:User read:User" {
		t.Errorf("%v, %v", scopes, err)
	}
	token := ada.Within(scopes)
	for op, want := range map[Operation]bool{OnCreate: true, OnRead: true, OnUpdate: false, OnDelete: false} {
		if got := token.HasScope(op, "Post"); got != want {
			t.Errorf("%s: %v", op, got)
		}
	}
	if ada.Within(ScopesOf(nil)).HasScope(OnRead, "Post") || !ada.HasScope(OnRead, "Post") {
		t.Error("scopes of none have one, or no scopes have not all")
	}
}
