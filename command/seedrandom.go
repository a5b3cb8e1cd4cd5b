package command

import (
	"context"
	"errors"
)

// maxRandom is how many objects `seed --random` makes at most.
const maxRandom = 1_000_000

func (c *seedCommand) makeRandom(ctx context.Context, env *environment, s *seeding) error {
	return errors.New("--random: not yet")
}
