package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"

	"github.com/ownql/ownql/internal/dynamolocal"
)

// checkCommand is `ownql check`.
type checkCommand struct {
	storeFlags
}

// Run reads all of the data directory, and says whether it is whole; a server may use it meanwhile.
func (c *checkCommand) Run(ctx context.Context, env *environment) error {
	if !c.isEmbedded() {
		return fmt.Errorf("--store %s: want a directory; DynamoDB looks after itself", c.Store)
	}
	report, err := c.report(ctx)
	if err != nil {
		return fmt.Errorf("--store %s: %w", c.Store, err)
	}
	for _, name := range slices.Sorted(maps.Keys(report.Tables)) {
		fmt.Fprintf(env.stdout, "%s: %s\n", name, count(report.Tables[name]))
	}
	printProblems(env.stdout, report)
	if len(report.Problems) > 0 {
		return c.errDamaged()
	}
	fmt.Fprintf(env.stdout, "%s is whole\n", c.Store)
	return nil
}

// errDamaged is for a data directory that has problems.
func (f *storeFlags) errDamaged() error {
	return fmt.Errorf("--store %s: the data is damaged: go back to a backup, or save what can be read by `ownql export --salvage`", f.Store)
}

// printProblems prints what is wrong with the data directory, a line each.
func printProblems(to io.Writer, report *dynamolocal.Report) {
	for _, problem := range report.Problems {
		fmt.Fprintf(to, "damaged: %s\n", problem)
	}
	if report.More > 0 {
		fmt.Fprintf(to, "damaged: and %d more like these\n", report.More)
	}
}

// report is the check by the process that has the directory open, or else by this one.
func (c *checkCommand) report(ctx context.Context) (*dynamolocal.Report, error) {
	report, err := checkOverSocket(ctx, c.Store)
	if !errors.Is(err, errNobodyServes) {
		return report, err
	}
	report, err = dynamolocal.Check(c.Store)
	if errors.Is(err, dynamolocal.ErrLocked) {
		return nil, errInUse
	}
	return report, err
}

var errNobodyServes = errors.New("no process serves the data directory")

func checkOverSocket(ctx context.Context, dir string) (*dynamolocal.Report, error) {
	transport, err := socketTransport(ctx, dir)
	if err != nil {
		return nil, errNobodyServes
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://localhost", bytes.NewReader([]byte("{}")))
	if err != nil {
		return nil, err
	}
	request.Header.Set("X-Amz-Target", dynamolocal.CheckTarget)
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		message, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10))
		return nil, fmt.Errorf("the process that has it open answers %s: %s", response.Status, message)
	}
	report := &dynamolocal.Report{}
	return report, json.NewDecoder(response.Body).Decode(report)
}
