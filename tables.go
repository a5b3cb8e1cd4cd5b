package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/ownql/ownql/store"
)

// tablesCommand is `ownql tables`.
type tablesCommand struct {
	storeFlags
	Plan bool `help:"Print what would be done, and do nothing."`
	Fill bool `help:"Write a field's @default into the items that lack it, where a new index would miss them."`
}

// Run makes the tables what the schema needs: first it says what that is, and where the
// data contradicts the schema, it does nothing.
func (c *tablesCommand) Run(ctx context.Context, env *environment) error {
	s, closeStore, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	steps, err := s.Plan(ctx)
	if err != nil {
		return err
	}
	if len(steps) == 0 {
		fmt.Fprintln(env.stdout, "every table is there, as the schema needs it")
		return nil
	}
	if c.Plan {
		for _, step := range steps {
			fmt.Fprintln(env.stdout, step)
		}
		return nil
	}
	if err := refusals(steps, c.Fill); err != nil {
		return err
	}
	for _, step := range steps {
		fmt.Fprintln(env.stdout, step)
		if step.Action == store.StepLeave {
			continue
		}
		if err := s.Do(ctx, step); err != nil {
			return err
		}
	}
	return nil
}

// refusals returns every reason not to begin with the steps, a line each.
func refusals(steps []store.TableStep, mayFill bool) error {
	var reasons []error
	for _, step := range steps {
		switch {
		case step.Action == store.StepRefuse || step.Action == store.StepOrphan:
			reasons = append(reasons, errors.New(step.String()))
		case step.Action == store.StepFill && !mayFill:
			reasons = append(reasons, fmt.Errorf("%s; `ownql tables --fill` does that first", step))
		}
	}
	return errors.Join(reasons...)
}

// sweepCommand is `ownql sweep`.
type sweepCommand struct {
	storeFlags
}

// Run finishes the deletions that a crash interrupted, and deletes what they overlooked.
func (c *sweepCommand) Run(ctx context.Context, env *environment) error {
	s, closeStore, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer closeStore()
	swept, err := s.Sweep(ctx)
	fmt.Fprintf(env.stdout, "unfinished deletions: %d\n", swept.Unfinished)
	fmt.Fprintf(env.stdout, "objects deleted, because a parent or the owner is gone: %d\n", swept.Orphans)
	fmt.Fprintf(env.stdout, "objects left, though a parent or the owner is gone, for RESTRICT: %d\n", swept.Held)
	return err
}
