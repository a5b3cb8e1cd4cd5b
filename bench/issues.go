package main

import (
	"context"
	"fmt"
	"slices"
)

// measureIssues measures the pages of a tracker's issues, of those that find them by an index.
func measureIssues(ctx context.Context, b *bench) error {
	if b.objects < minIssues {
		return fmt.Errorf("want -objects of at least %d", minIssues)
	}
	issues := newIssues(b.objects)
	pages := pagesOf(issues)
	return race{
		contestants: []contestant{trackerIssues(issues, pages), pocketBaseIssues(issues, pages), postgresIssues(issues, pages)},
		connections: []int{1, 32},
	}.run(ctx, b)
}

// questionsOf returns a question for each page, whose answer has its issues in their order.
func questionsOf(pages []page, titles func(answer []byte) ([]string, error), of func(page) question) []question {
	var questions []question
	for _, page := range pages {
		q := of(page)
		q.check = func(answer []byte) error {
			found, err := titles(answer)
			if err != nil {
				return err
			}
			if !slices.Equal(found, page.titles) {
				return fmt.Errorf("want %q", page.titles)
			}
			return nil
		}
		questions = append(questions, q)
	}
	return questions
}
