package store

import (
	"context"

	"github.com/ownql/ownql/model"
)

// ArchiveProject archives a project with all its tasks, in one transaction.
func (s *Store) ArchiveProject(ctx context.Context, caller model.Caller, id string) (project *Project, err error) {
	now := model.Now()
	err = s.DB.Transact(ctx, func(tx *model.Tx) error {
		project, err = s.Projects.In(tx).Update(ctx, caller, id, nil, func(p *Project) { p.ArchivedAt = &now })
		if err != nil {
			return err
		}
		for task, err := range s.Tasks.Each(ctx, caller, s.Tasks.ParentIndex("projectId"), project.ID) {
			if err != nil {
				return err
			}
			if _, err := s.Tasks.In(tx).Update(ctx, caller, task.GlobalID(), nil, func(t *Task) { t.ArchivedAt = &now }); err != nil {
				return err
			}
		}
		return nil
	})
	return project, err
}

// Progress returns the share of a project's tasks that are done, from 0 to 1.
func (s *Store) Progress(ctx context.Context, caller model.Caller, project *Project) (float64, error) {
	done, all := 0, 0
	for task, err := range s.Tasks.Each(ctx, caller, s.Tasks.ParentIndex("projectId"), project.ID) {
		if err != nil {
			return 0, err
		}
		if all++; task.Done {
			done++
		}
	}
	if all == 0 {
		return 0, nil
	}
	return float64(done) / float64(all), nil
}

// errArchived refuses a change of what has been archived.
var errArchived = &model.Error{Code: model.CodeConflict, Message: "the project is archived: it is read-only"}

// BeforeUpdateProject keeps a project as it was archived.
func (s *Store) BeforeUpdateProject(ctx context.Context, caller model.Caller, before, after *Project) error {
	if before.ArchivedAt != nil {
		return errArchived
	}
	return nil
}

// BeforeUpdateTask keeps a task as it was archived.
func (s *Store) BeforeUpdateTask(ctx context.Context, caller model.Caller, before, after *Task) error {
	if before.ArchivedAt != nil {
		return errArchived
	}
	return nil
}

// BeforeCreateTask keeps an archived project without new tasks.
func (s *Store) BeforeCreateTask(ctx context.Context, caller model.Caller, task *Task) error {
	project, err := s.Projects.Get(ctx, caller, task.ProjectID)
	if err != nil {
		return err
	}
	if project.ArchivedAt != nil {
		return errArchived
	}
	return nil
}

// TaskRules lets editors read all tasks, beside those of whom the schema says so.
func (s *Store) TaskRules(rules []model.Rule) []model.Rule {
	return append(rules, model.Allow(model.OnRead, model.Groups("editor")))
}
