package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/ownql/ownql/model"
)

// tablesCommand is `ownql tables`.
type tablesCommand struct {
	storeFlags
	Plan bool `help:"Print what would be done, and do nothing."`
	Fill bool `help:"Write a field's @default into the items that lack it, where a new index would miss them, and enter the values of a field that becomes @unique."`

	Finish bool `help:"With --fill: end what @renamed began, once no server runs that knows the former name alone. Takes it from every item."`
}

// Run makes the tables what the schema needs: first it says what that is, and where the
// data contradicts the schema, it does nothing.
func (c *tablesCommand) Run(ctx context.Context, env *environment) error {
	if c.Finish && !c.Fill {
		return errors.New("--finish goes with --fill: write --fill --finish")
	}
	o, closeStore, err := c.open(ctx, env)
	if err != nil {
		return err
	}
	defer closeStore()
	steps, err := o.db.Plan(ctx)
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
	defer o.administered(ctx, "tables") // once its own table is there
	for _, step := range steps {
		fmt.Fprintln(env.stdout, step)
		isForLater := step.Action == model.StepFinish && !c.Finish
		if isForLater || step.Action == model.StepLeave || step.Action == model.StepStray {
			continue
		}
		stop := sayStill(env.stdout)
		err := o.db.Do(ctx, step)
		stop()
		if err != nil {
			return err
		}
	}
	return nil
}

// sayStill tells every now and then that a step goes on: on AWS filling an index can take
// hours, and DynamoDB does not say how far it is.
func sayStill(w io.Writer) (stop func()) {
	const every = 10 * time.Second
	began, done, stopped := time.Now(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				fmt.Fprintf(w, "  still at it after %s\n", time.Since(began).Round(time.Second))
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-stopped }
}

// refusals returns every reason not to begin with the steps, a line each.
func refusals(steps []model.TableStep, mayFill bool) error {
	var reasons []error
	for _, step := range steps {
		switch {
		case step.Action == model.StepRefuse || step.Action == model.StepOrphan:
			reasons = append(reasons, errors.New(step.String()))
		case step.Action == model.StepFill && !mayFill:
			reasons = append(reasons, fmt.Errorf("%s; `ownql tables --fill` does that first", step))
		}
	}
	return errors.Join(reasons...)
}
