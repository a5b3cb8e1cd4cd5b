package command

import (
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/lmittmann/tint"
	"golang.org/x/term"
)

// newLogHandler writes lines to read where w is a terminal, without colours where NO_COLOR is
// set (https://no-color.org), and JSON anywhere else; on AWS Lambda with the fields by which
// CloudWatch knows them.
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
func newLogHandler(w io.Writer, getenv func(string) string) slog.Handler {
	if isLambda(getenv) {
		return slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: lambdacontext.ReplaceAttr})
	}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return tint.NewTextHandler(w, &tint.Options{TimeFormat: time.TimeOnly, NoColor: getenv("NO_COLOR") != ""})
	}
	return slog.NewJSONHandler(w, nil)
}
