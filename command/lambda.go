package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/internal/lambdahttp"
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
	handler, post, err := c.assemble(env, c.observed(env, data, config, tracing), config, tracing, nil)
	if err != nil {
		return err
	}
	behind := func(ctx context.Context) error { return errors.Join(post.Wait(ctx), tracing.flush(ctx)) }
	return errors.Join(lambdahttp.Serve(ctx, handler, refuseTooLarge, behind), data.close())
}

// refuseTooLarge answers a request whose answer is larger than AWS Lambda takes.
func refuseTooLarge(w http.ResponseWriter, r *http.Request, maxBytes int) {
	slog.WarnContext(r.Context(), "the answer is larger than AWS Lambda takes", "path", r.URL.Path, "bytes", maxBytes)
	web.Refuse(w, r, gql.TooComplex("bytes of answer", 0, maxBytes))
}
