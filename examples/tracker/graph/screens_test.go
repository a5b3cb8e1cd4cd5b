package graph_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ownql/ownql/ownqltest"
)

// issue is one of the test's, as it was made.
type issue struct {
	title, status, priority string
	due                     string // empty: none
	isMine                  bool
	labels                  []string
}

var (
	statuses   = []string{"OPEN", "IN_PROGRESS", "DONE"}
	priorities = []string{"LOW", "MEDIUM", "HIGH", "URGENT"}
)

// byUrgency has the highest priority first, then what is due first, with what is never due last.
func byUrgency(a, b issue) int {
	return cmp.Or(
		cmp.Compare(slices.Index(priorities, b.priority), slices.Index(priorities, a.priority)),
		cmp.Compare(cmp.Or(a.due, "9"), cmp.Or(b.due, "9")))
}

// TestScreens asks what the screens of a tracker ask, of random issues.
func TestScreens(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	server := ownqltest.Start(t, app)
	ada := server.SignUp(t, "ada@example.com")
	create := func(typeName, field string, input map[string]any) string {
		var data map[string]map[string]struct{ ID string }
		server.QueryInto(t, ada, fmt.Sprintf("mutation ($input: Create%[1]sInput!) { create%[1]s(input: $input) { %[2]s { id } } }", typeName, field),
			map[string]any{"input": input}, &data)
		return data["create"+typeName][field].ID
	}
	organization := create("Organization", "organization", map[string]any{"name": "Analytical Engines"})
	project := create("Project", "project", map[string]any{"name": "Difference", "organizationId": organization})
	labels := map[string]string{}
	for _, name := range []string{"bug", "idea"} {
		labels[name] = create("Label", "label", map[string]any{"name": name, "organizationId": organization})
	}
	var issues []issue
	for i := range 80 {
		one := issue{
			title: fmt.Sprint("issue ", i), status: statuses[random.IntN(3)], priority: priorities[random.IntN(4)], isMine: random.IntN(2) == 0,
		}
		input := map[string]any{"title": one.title, "status": one.status, "priority": one.priority, "projectId": project}
		if random.IntN(3) > 0 {
			one.due = fmt.Sprintf("2026-12-%02d", 1+random.IntN(20))
			input["dueDate"] = one.due
		}
		if one.isMine {
			input["assigneeId"] = ada.GlobalID()
		}
		id := create("Issue", "issue", input)
		for name, label := range labels {
			if random.IntN(2) == 0 {
				one.labels = append(one.labels, name)
				create("IssueLabel", "issueLabel", map[string]any{"issueId": id, "labelId": label})
			}
		}
		issues = append(issues, one)
	}

	const fields = `pageInfo { hasNextPage endCursor } edges { node { title labels(first: 5) { edges { node { name } } } } }`
	ofProject := func(order string) string {
		return `query ($project: ID!, $filter: IssueFilter, $after: String) { on: node(id: $project) { ... on Project {
			list: issues(first: 25, after: $after, filter: $filter, orderBy: ` + order + `) { totalCount ` + fields + ` } } } }`
	}
	const urgency = "{ field: PRIORITY_DESC_DUE_DATE }"
	open := map[string]any{"in": []string{"OPEN", "IN_PROGRESS"}}
	isOpen := func(i issue) bool { return i.status != "DONE" }
	for _, screen := range []struct {
		name, query string
		filter      map[string]any
		has         func(issue) bool
		order       func(a, b issue) int // nil: any
	}{
		{"1: open, mine, with a label, by urgency", ofProject(urgency),
			map[string]any{"status": open, "assignee": map[string]any{"in": []string{ada.GlobalID()}}, "labels": map[string]any{"contains": labels["bug"]}},
			func(i issue) bool { return isOpen(i) && i.isMine && slices.Contains(i.labels, "bug") }, byUrgency},
		{"1: of one status", ofProject(urgency), map[string]any{"status": map[string]any{"eq": "OPEN"}},
			func(i issue) bool { return i.status == "OPEN" }, byUrgency},
		{"2: what has changed last", ofProject("{ field: UPDATED_AT, direction: DESC }"), nil, func(issue) bool { return true }, nil},
		{"2: nobody's", ofProject(urgency), map[string]any{"assignee": map[string]any{"exists": false}}, func(i issue) bool { return !i.isMine }, byUrgency},
		{"2: due this week", ofProject("{ field: DUE_DATE }"), map[string]any{"dueDate": map[string]any{"between": []string{"2026-12-07", "2026-12-13"}}},
			func(i issue) bool { return i.due >= "2026-12-07" && i.due <= "2026-12-13" },
			func(a, b issue) int { return cmp.Compare(a.due, b.due) }},
		{"3: mine everywhere, the open ones first", `query ($filter: IssueFilter, $after: String) { on: viewer {
			list: assignedIssues(first: 25, after: $after, filter: $filter, orderBy: { field: STATUS_PRIORITY_DESC_DUE_DATE }) { ` + fields + ` } } }`,
			nil, func(i issue) bool { return i.isMine },
			func(a, b issue) int {
				return cmp.Or(cmp.Compare(slices.Index(statuses, a.status), slices.Index(statuses, b.status)), byUrgency(a, b))
			}},
	} {
		t.Run(screen.name, func(t *testing.T) {
			want := slices.DeleteFunc(slices.Clone(issues), func(i issue) bool { return !screen.has(i) })
			slices.SortStableFunc(want, func(a, b issue) int {
				if screen.order == nil {
					return 0
				}
				return screen.order(a, b)
			})
			var got []string
			for after, hasMore := (*string)(nil), true; hasMore; {
				var data struct {
					On struct {
						List struct {
							TotalCount *int
							PageInfo   struct {
								HasNextPage bool
								EndCursor   *string
							}
							Edges []struct {
								Node struct {
									Title  string
									Labels struct {
										Edges []struct{ Node struct{ Name string } }
									}
								}
							}
						}
					}
				}
				variables := map[string]any{"project": project, "after": after}
				if screen.filter != nil {
					variables["filter"] = screen.filter
				}
				server.QueryInto(t, ada, screen.query, variables, &data)
				list := data.On.List
				if count := list.TotalCount; screen.name[:1] != "3" && (count == nil || *count != len(want)) {
					t.Errorf("the count is %v, want %d", count, len(want))
				}
				for _, edge := range list.Edges {
					got = append(got, edge.Node.Title)
					i := slices.IndexFunc(issues, func(i issue) bool { return i.title == edge.Node.Title })
					if len(edge.Node.Labels.Edges) != len(issues[i].labels) {
						t.Errorf("%s has %d labels, want %v", edge.Node.Title, len(edge.Node.Labels.Edges), issues[i].labels)
					}
				}
				if after, hasMore = list.PageInfo.EndCursor, list.PageInfo.HasNextPage; hasMore && len(list.Edges) != 25 {
					t.Errorf("a page of %d, which is not the last", len(list.Edges))
				}
			}
			titles := make([]string, len(want))
			for i, one := range want {
				titles[i] = one.title
			}
			if screen.order == nil {
				slices.Reverse(titles)
			}
			if !slices.Equal(got, titles) {
				t.Errorf("%v, want %v", got, titles)
			}
		})
	}

	t.Run("7: progress", func(t *testing.T) {
		var data struct{ Node struct{ Progress float64 } }
		server.QueryInto(t, ada, `query ($project: ID!) { node(id: $project) { ... on Project { progress } } }`, map[string]any{"project": project}, &data)
		done := len(slices.DeleteFunc(slices.Clone(issues), isOpen))
		if want := float64(done) / float64(len(issues)); math.Abs(data.Node.Progress-want) > 1e-9 {
			t.Errorf("it is %v, want %v", data.Node.Progress, want)
		}
	})

	t.Run("8: close twenty at once", func(t *testing.T) {
		var page struct {
			Node struct {
				Issues struct {
					Edges []struct{ Node struct{ ID string } }
				}
			}
		}
		server.QueryInto(t, ada, `query ($project: ID!) { node(id: $project) { ... on Project {
			issues(first: 20, filter: { status: { ne: DONE } }) { edges { node { id } } } } } }`, map[string]any{"project": project}, &page)
		var closing []map[string]any
		for _, edge := range page.Node.Issues.Edges {
			closing = append(closing, map[string]any{"id": edge.Node.ID, "status": "DONE"})
		}
		if len(closing) != 20 {
			t.Fatalf("%d issues are not done, want 20 of them", len(closing))
		}
		var data struct {
			UpdateIssues struct{ Issues []struct{ Status string } }
		}
		server.QueryInto(t, ada, `mutation ($input: UpdateIssuesInput!) { updateIssues(input: $input) { issues { status } } }`,
			map[string]any{"input": map[string]any{"issues": closing}}, &data)
		if closed := data.UpdateIssues.Issues; len(closed) != 20 || slices.ContainsFunc(closed, func(i struct{ Status string }) bool { return i.Status != "DONE" }) {
			t.Errorf("they are %v", closed)
		}
	})

	t.Run("a stranger finds nothing", func(t *testing.T) {
		eve := server.SignUp(t, "eve@example.com")
		var data struct{ On *struct{ List any } }
		server.QueryInto(t, eve, ofProject(urgency), map[string]any{"project": project}, &data)
		if data.On != nil {
			t.Errorf("it is %v", data.On)
		}
	})
}
