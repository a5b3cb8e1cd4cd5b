package model

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A linkGraph is which issues are about which themes.
type linkGraph struct {
	themes []theme
	about  []aboutTheme // by age
}

// link makes themes, and issues be about some: more than one caller may read of either. Some of what
// says so is not so any more.
func (d *differential) link(t *testing.T) {
	r := d.random
	for range 2 {
		for _, of := range []Caller{ada, eve, editor} {
			d.graph.themes = append(d.graph.themes, theme{Object: Object{ID: NewID(), OwnerID: of.ID, Version: 1}, Name: pick(r, someTexts...)})
		}
	}
	put(t, d.themes.core.table, d.graph.themes)
	var pairs []pair
	for _, i := range d.all {
		for _, at := range r.Perm(len(d.graph.themes))[:r.IntN(len(d.graph.themes))] {
			pairs = append(pairs, pair{i.ID, d.graph.themes[at].ID})
		}
	}
	r.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	var claims []unique
	gone := NewID()
	for _, p := range pairs {
		with := aboutTheme{Object: Object{ID: NewID(), OwnerID: pick(r, ada, eve).ID, Version: 1}, IssueID: p.from, ThemeID: p.to}
		kind := r.IntN(10)
		if kind == 0 {
			with.ThemeID = gone
		} else {
			claims = append(claims, unique{d.about.core.uniqueID("issue+theme", UniqueKey(p.from, p.to)), with.ID})
		}
		if kind != 1 { // otherwise the link is gone, and its claim is not
			d.graph.about = append(d.graph.about, with)
		}
	}
	put(t, d.about.core.table, d.graph.about)
	put(t, d.uniques, claims)
}

// themesOf returns the global ids of the themes that an issue has for the caller.
func (d *differential) themesOf(caller Caller, issueID string) []any {
	ids := []any{}
	for i := range d.graph.about {
		with := &d.graph.about[i]
		if to := d.theme(with.ThemeID); with.IssueID == issueID && to != nil && d.maySeeTheme(caller, to) && d.maySeeLink(caller, with) {
			ids = append(ids, to.GlobalID())
		}
	}
	return ids
}

func (d *differential) theme(id string) *theme {
	at := slices.IndexFunc(d.graph.themes, func(x theme) bool { return x.ID == id })
	if at < 0 {
		return nil
	}
	return &d.graph.themes[at]
}

func (d *differential) maySeeTheme(caller Caller, to *theme) bool {
	return caller.IsSystem() || to.OwnerID == caller.ID
}

func (d *differential) maySeeLink(caller Caller, with *aboutTheme) bool {
	if caller.IsSystem() || with.OwnerID == caller.ID {
		return true
	}
	to := d.theme(with.ThemeID)
	return slices.Contains(caller.Roles, "editor") && to != nil && d.maySeeTheme(caller, to)
}

// someTheme returns an id that a filter may have: a theme's mostly.
func (d *differential) someTheme() string {
	r := d.random
	id := pick(r, d.graph.themes...).ID
	switch r.IntN(8) {
	case 0:
		return pick(r, "", "none", id, GlobalID("Project", id), GlobalID("Theme", NewID()), GlobalID("Theme", "none"))
	default:
		return GlobalID("Theme", id)
	}
}

// compareLinked is one case of a list by what links: the themes of an issue, or the issues of a theme.
func (d *differential) compareLinked(t *testing.T) {
	d.linked++
	r, caller := d.random, d.caller()
	page := Page{Descending: r.IntN(2) == 0}
	if r.IntN(3) == 0 {
		of := pick(r, d.all...).ID
		named := func() map[string]any {
			return map[string]any{"name": d.operators([]string{"eq", "ne", "in", "lt", "ge", "beginsWith", "contains"}, func() any { return pick(r, someTexts...) })}
		}
		filter := pick(r, map[string]any{}, named(), map[string]any{"not": named()}, map[string]any{"or": []any{named(), named()}})
		compareThrough(t, d, themesOfIssue(d.tracker), caller, of, filter, page, func(with *aboutTheme) bool {
			to := d.theme(with.ThemeID)
			return with.IssueID == of && to != nil && d.maySeeTheme(caller, to) && plainly(filter, map[string]any{"name": to.Name})
		})
		return
	}
	of, filter := pick(r, d.graph.themes...).ID, d.someFilter()
	if r.IntN(4) == 0 {
		filter = map[string]any{}
	}
	compareThrough(t, d, issuesOfTheme(d.tracker), caller, of, filter, page, func(with *aboutTheme) bool {
		at := slices.IndexFunc(d.all, func(i *issue) bool { return i.ID == with.IssueID })
		return with.ThemeID == of && d.maySee(caller, d.all[at]) && d.matches(caller, filter, d.all[at])
	})
}

// linkedEdge is what a generated edge is.
type linkedEdge struct{ Cursor, Node, Link string }

func themesOfIssue(tr *tracker) Through[aboutTheme, theme, linkedEdge] {
	return Through[aboutTheme, theme, linkedEdge]{
		Links: tr.about, From: "issueId", Targets: tr.themes, To: "themeId",
		Edge: func(cursor string, node *theme, link *aboutTheme) *linkedEdge {
			return &linkedEdge{cursor, node.ID, link.ID}
		},
	}
}

func issuesOfTheme(tr *tracker) Through[aboutTheme, issue, linkedEdge] {
	return Through[aboutTheme, issue, linkedEdge]{
		Links: tr.about, From: "themeId", Targets: tr.issues, To: "issueId",
		Edge: func(cursor string, node *issue, link *aboutTheme) *linkedEdge {
			return &linkedEdge{cursor, node.ID, link.ID}
		},
	}
}

// compareThrough walks the list of what is linked with the object of that id both ways, and wants the
// links that are of it.
func compareThrough[T any](t *testing.T, d *differential, through Through[aboutTheme, T, linkedEdge], caller Caller, of string, filter map[string]any, page Page, isOf func(*aboutTheme) bool) {
	t.Helper()
	var want []linkedEdge
	for i := range d.graph.about {
		with := &d.graph.about[i]
		if !d.maySeeLink(caller, with) || !isOf(with) {
			continue
		}
		edge := linkedEdge{Node: with.IssueID, Link: with.ID}
		if through.To == "themeId" {
			edge.Node = with.ThemeID
		}
		want = append(want, edge)
	}
	slices.SortFunc(want, func(a, b linkedEdge) int { return strings.Compare(a.Link, b.Link) })
	if page.Descending {
		slices.Reverse(want)
	}
	page.Filter = NewFilter(filter)
	for _, isBackward := range []bool{false, true} {
		edges := walkDifferential(t, d.random, page, isBackward, func(ctx context.Context, page Page) ([]*linkedEdge, *PageInfo, error) {
			got, err := through.List(ctx, caller, of, page)
			if err != nil {
				return nil, nil, err
			}
			return got.Edges, got.PageInfo, nil
		})
		var got []linkedEdge
		for _, edge := range edges {
			got = append(got, linkedEdge{Node: edge.Node, Link: edge.Link})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			given, _ := json.Marshal(filter)
			t.Fatalf("linked by %s with %s, as %s %v, descending %v, backward %v: %s: -want +got: %s", through.From, of, caller.ID, caller.Roles, page.Descending, isBackward, given, diff)
		}
	}
}
