package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/ownql/ownql/internal/lambdahttp"
	"github.com/ownql/ownql/store"
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
	}
	return nil
}

// serveLambda answers the function's invocations until ctx is done.
func (c *serveCommand) serveLambda(ctx context.Context, env *environment, config config) error {
	data, err := c.connect(ctx)
	if err != nil {
		return err
	}
	s := store.New(data, c.TablePrefix)
	post, mailbox := newPost(s, config, nil, env.stderr)
	return errors.Join(lambdahttp.Serve(ctx, newRoutes(s, post, mailbox, config), post.Wait), data.close())
}

// newLogHandler returns what writes the log: lines of text or, on AWS Lambda, JSON objects
// with the fields by which CloudWatch knows them.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
func newLogHandler(w io.Writer, getenv func(string) string) slog.Handler {
	if isLambda(getenv) {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr})
	}
	return slog.NewTextHandler(w, nil)
}
