package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/lambdahttp"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// isLambda tells whether this process is an AWS Lambda function's.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
func isLambda(getenv func(string) string) bool { return getenv("AWS_LAMBDA_RUNTIME_API") != "" }

// checkLambda refuses the flags that make no sense on AWS Lambda.
func (c *serveCommand) checkLambda() error {
	switch {
	case c.isEmbedded():
		return fmt.Errorf("--store %s: want %q on AWS Lambda, which keeps no directory from one start to the next", c.Store, storeDynamoDB)
	case c.Dev != nil && bool(*c.Dev):
		return errors.New("--dev on: want off on AWS Lambda, where nothing comes from this machine")
	case c.DebugAddr != "":
		return fmt.Errorf("--debug-addr %s: want none on AWS Lambda, where nobody can connect to it", c.DebugAddr)
	}
	return nil
}

// serveLambda answers the function's invocations until ctx is done.
func (c *serveCommand) serveLambda(ctx context.Context, env *environment, config config, tracing *tracing) error {
	data, err := c.connect(ctx)
	if err != nil {
		return err
	}
	config.limits.MaxAnswerBytes = min(config.limits.MaxAnswerBytes, lambdahttp.MaxAnswer)
	o := c.observed(env, data, config, tracing, nil)
	if o.record, err = c.newRecord(env, o.table, "stdout", ""); err != nil {
		return err
	}
	handler, signIn, err := c.assemble(env, o, config, tracing, nil, nil)
	if err != nil {
		return err
	}
	scheduled := func(ctx context.Context) error {
		return errors.Join(workOutbox(ctx, o.db), signIn.Wait(ctx), o.record.Wait(ctx), tracing.flush(ctx))
	}
	behind := func(ctx context.Context) (err error) {
		if o.db.OutboxWoken() { // by this invocation's request
			err = workOutbox(ctx, o.db)
		}
		return errors.Join(err, signIn.Wait(ctx), o.record.Wait(ctx), tracing.flush(ctx))
	}
	return errors.Join(lambdahttp.Serve(ctx, handler, refuseTooLarge(config), scheduled, behind), data.close())
}

// workOutbox does what is promised and due, and what becomes due meanwhile, as far as it comes in the
// time of the invocation. The rest is for the next one: a schedule sees to it that there is one.
func workOutbox(ctx context.Context, db *model.DB) error {
	for {
		next, err := db.WorkOutbox(ctx)
		if err != nil || ctx.Err() != nil || next.IsZero() || next.After(time.Now()) {
			return err
		}
	}
}

// refuseTooLarge returns what answers a request whose answer is larger than AWS Lambda takes.
func refuseTooLarge(config config) func(w http.ResponseWriter, r *http.Request, maxBytes int) {
	return func(w http.ResponseWriter, r *http.Request, maxBytes int) {
		slog.WarnContext(r.Context(), "the answer is larger than AWS Lambda takes", "path", r.URL.Path, "bytes", maxBytes)
		guarded(config, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			web.Refuse(w, r, gql.TooComplex("bytes of answer", 0, maxBytes))
		})).ServeHTTP(w, r)
	}
}
