package command

import (
	"context"
	"errors"
	"fmt"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// compactCommand is `ownql compact`.
type compactCommand struct {
	storeFlags
}

// Run makes the data file as small as what is in it.
func (c *compactCommand) Run(ctx context.Context, env *environment) error {
	if !c.isEmbedded() {
		return fmt.Errorf("--store %s: want a directory; DynamoDB looks after itself", c.Store)
	}
	bar := newProgress(env.stderr, "compact")
	done, err := dynamolocal.Compact(ctx, c.Store, bar.show)
	bar.clear()
	if errors.Is(err, dynamolocal.ErrLocked) {
		err = errInUse
	}
	if err != nil {
		return fmt.Errorf("--store %s: %w", c.Store, err)
	}
	printProblems(env.stdout, &done.Report)
	if len(done.Problems) > 0 {
		return c.errDamaged()
	}
	fmt.Fprintf(env.stdout, "%s: %d bytes before, %d after\n", c.Store, done.Before, done.After)
	return nil
}
