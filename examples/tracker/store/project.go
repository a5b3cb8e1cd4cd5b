package store

import (
	"context"

	"github.com/ownql/ownql/model"
)

// Progress returns the share of a project's issues that are done, from 0 to 1; nil: they are too many to
// count.
func (s *Store) Progress(ctx context.Context, caller model.Caller, project *Project) (*float64, error) {
	count := func(filter *model.Filter) (*int, error) {
		issues, err := s.Issues.ByParent(ctx, caller, "projectId", project.ID, model.Page{First: new(0)}.Where(filter))
		if err != nil {
			return nil, err
		}
		return issues.TotalCount(ctx)
	}
	all, err := count(nil)
	if all == nil || *all == 0 || err != nil {
		return nil, err
	}
	done, err := count(model.NewFilter(map[string]any{"status": map[string]any{"eq": string(IssueStatusDone)}}))
	if done == nil || err != nil {
		return nil, err
	}
	return new(float64(*done) / float64(*all)), nil
}
