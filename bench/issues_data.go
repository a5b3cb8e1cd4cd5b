package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// What the issues are of: each project has as many of each status and priority.
const (
	projects     = 100
	issuesOfPage = 25
)

var (
	statuses   = []string{"OPEN", "IN_PROGRESS", "DONE"}
	priorities = []string{"LOW", "MEDIUM", "HIGH", "URGENT"} // the least first
)

// minIssues is how many fill every page.
var minIssues = projects * len(statuses) * len(priorities) * (issuesOfPage + 1)

// An issue is one as every server keeps it.
type issue struct {
	project                 int // from 0
	title, body             string
	status, priority        string
	dueDate                 string // 2026-11-28; no two of a project, a status and a priority have the same
	createdAt               time.Time
	priorityRank, daysSince int
}

// newIssues returns the same issues each time, in the order in which they are made.
func newIssues(n int) []issue {
	random := rand.New(rand.NewPCG(1, 2))
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	issues := make([]issue, n)
	for i := range issues {
		combination, day := i%(projects*len(statuses)*len(priorities)), i/(projects*len(statuses)*len(priorities))
		rank := combination / projects / len(statuses)
		issues[i] = issue{
			project:      combination % projects,
			status:       statuses[combination/projects%len(statuses)],
			priority:     priorities[rank],
			priorityRank: rank,
			daysSince:    day,
			dueDate:      first.AddDate(0, 0, day).Format(time.DateOnly),
			title:        fmt.Sprintf("issue %d: the carry lever sticks", i),
			body:         strings.Repeat("What was seen, what was expected, and how to see it again. ", 2+random.IntN(10)),
		}
	}
	random.Shuffle(n, func(i, j int) { issues[i], issues[j] = issues[j], issues[i] })
	for i := range issues {
		issues[i].createdAt = first.Add(time.Duration(i) * time.Second)
	}
	return issues
}

// A page is the first 25 issues of a project, a status and a priority, by what is due first.
type page struct {
	project          int
	status, priority string
	priorityRank     int
	titles           []string // of its issues
}

// pagesOf returns every page that there is.
func pagesOf(issues []issue) []page {
	type key struct {
		project          int
		status, priority string
	}
	of := map[key][]issue{}
	for _, one := range issues {
		k := key{one.project, one.status, one.priority}
		of[k] = append(of[k], one)
	}
	var pages []page
	for project := range projects {
		for _, status := range statuses {
			for rank, priority := range priorities {
				found := of[key{project, status, priority}]
				slices.SortFunc(found, func(a, b issue) int { return a.daysSince - b.daysSince })
				p := page{project: project, status: status, priority: priority, priorityRank: rank}
				for _, one := range found[:issuesOfPage] {
					p.titles = append(p.titles, one.title)
				}
				pages = append(pages, p)
			}
		}
	}
	return pages
}
