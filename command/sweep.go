package command

import (
	"context"
	"fmt"
)

// sweepCommand is `ownql sweep`.
type sweepCommand struct {
	storeFlags
}

// Run finishes the deletions that a crash interrupted, and deletes what they overlooked.
func (c *sweepCommand) Run(ctx context.Context, env *environment) error {
	o, closeStore, err := c.open(ctx, env)
	if err != nil {
		return err
	}
	defer closeStore()
	o.administered(ctx, "sweep")
	swept, err := o.db.Sweep(ctx)
	fmt.Fprintf(env.stdout, "unfinished deletions: %d\n", swept.Unfinished)
	if swept.Rows > 0 {
		fmt.Fprintf(env.stdout, "rows of members deleted, because the membership is gone: %d\n", swept.Rows)
	}
	fmt.Fprintf(env.stdout, "objects deleted, because a parent or the owner is gone: %d\n", swept.Orphans)
	if swept.Kept > 0 {
		fmt.Fprintf(env.stdout, "objects kept, whose owner is gone, and that are nobody's now: %d\n", swept.Kept)
	}
	fmt.Fprintf(env.stdout, "objects left, though a parent or the owner is gone, for RESTRICT: %d\n", swept.Held)
	if err != nil {
		return err
	}
	tokens, err := o.accounts.SweepTokens(ctx)
	fmt.Fprintf(env.stdout, "service tokens deleted, because they are good for nothing any more: %d\n", tokens)
	return err
}
