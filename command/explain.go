package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// The list prices of a unit in us-east-1, in USD, before any free tier: of DynamoDB on demand. See docs/cost.md.
const (
	priceReadUnits  = 0.125 / 1e6
	priceWriteUnits = 0.625 / 1e6
)

// explainCommand is `ownql explain`.
type explainCommand struct {
	Document  string   `arg:"" help:"A file with a GraphQL document, or with the trusted documents in JSON."`
	Variables string   `placeholder:"FILE" help:"The variables, in JSON. What has no value and must have one gets any."`
	MaxUnits  float64  `placeholder:"N" help:"Fail where an operation may use more read and write units than that."`
	Role      []string `placeholder:"NAME" help:"A role of the user who asks."`
	ItemBytes int      `default:"1024" placeholder:"BYTES" help:"How large an object is taken to be (default ${default})."`
}

// Run says what each operation of the document would ask of DynamoDB. It opens no store.
func (c *explainCommand) Run(env *environment) error {
	if c.ItemBytes < 1 || c.ItemBytes > 400<<10 {
		return fmt.Errorf("--item-bytes %d: want 1 to %d", c.ItemBytes, 400<<10)
	}
	documents, err := c.documents()
	if err != nil {
		return err
	}
	assumptions := gql.Assumptions{Caller: model.Caller{ID: "somebody", Roles: c.Role}, ItemBytes: c.ItemBytes}
	if c.Variables != "" {
		if assumptions.Variables, err = readVariables(c.Variables); err != nil {
			return err
		}
	}
	schema := env.project.on(model.Observe(nil, noop.NewTracerProvider()), "").schema(nil)
	var (
		tooMuch  []string
		failures []error
	)
	for _, name := range slices.Sorted(maps.Keys(documents)) {
		explanations, err := gql.Explain(schema, documents[name], assumptions)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
		}
		for _, explanation := range explanations {
			if err := printExplanation(env.stdout, explanation); err != nil {
				return err
			}
			if units := explanation.Most.ReadUnits + explanation.Most.WriteUnits; c.MaxUnits > 0 && units > c.MaxUnits {
				tooMuch = append(tooMuch, fmt.Sprintf("%s may use %v units", operationName(explanation), units))
			}
		}
	}
	if len(tooMuch) > 0 {
		failures = append(failures, fmt.Errorf("--max-units %v: %s", c.MaxUnits, strings.Join(tooMuch, ", ")))
	}
	return errors.Join(failures...)
}

// documents returns those of the file, by their ids, or the file's name.
func (c *explainCommand) documents() (map[string]string, error) {
	if filepath.Ext(c.Document) == ".json" {
		trusted, err := gql.ReadTrustedDocuments(c.Document)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Document, err)
		}
		return trusted, nil
	}
	text, err := os.ReadFile(c.Document)
	if err != nil {
		return nil, err
	}
	return map[string]string{c.Document: string(text)}, nil
}

// readVariables reads a JSON object. Its numbers keep all their digits.
func readVariables(file string) (map[string]any, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	decoder := json.NewDecoder(f)
	decoder.UseNumber()
	var variables map[string]any
	err = decoder.Decode(&variables)
	if _, further := decoder.Token(); err != nil || variables == nil || further != io.EOF {
		return nil, fmt.Errorf("%s: want the variables as one JSON object", file)
	}
	return variables, nil
}

func operationName(e *gql.Explanation) string {
	if e.Name == "" {
		return "the operation without a name"
	}
	return e.Name
}

// printExplanation prints a line for each step, and what they come to.
func printExplanation(w io.Writer, e *gql.Explanation) error {
	fmt.Fprintf(w, "%s\n", operationName(e))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprint(table, "  path\twhat\tcalls\titems\tread units\twrite units\n")
	for _, step := range e.Steps {
		printUsage(table, step.Path, described(step), step.Least, step.Most)
	}
	printUsage(table, "", "in all", e.Least, e.Most)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "  a million of them: %s of DynamoDB\n", between("$"+dollars(priceOf(e.Least)), "$"+dollars(priceOf(e.Most))))
	for _, step := range e.Steps {
		if step.List != nil && len(step.List.Rest) > 0 {
			fmt.Fprintf(w, "  %s examines what it reads for %s", step.Path, strings.Join(step.List.Rest, ", "))
			if step.List.Advice != "" {
				fmt.Fprintf(w, ": add %s", step.List.Advice)
			}
			fmt.Fprintln(w)
		}
	}
	for _, what := range e.Beside {
		fmt.Fprintf(w, "  not counted: %s\n", what)
	}
	if len(e.Assumed) > 0 {
		fmt.Fprintf(w, "  without a value: %s\n", strings.Join(e.Assumed, ", "))
	}
	_, err := fmt.Fprintln(w)
	return err
}

func priceOf(usage model.Usage) float64 {
	return 1e6 * (usage.ReadUnits*priceReadUnits + usage.WriteUnits*priceWriteUnits)
}

func printUsage(w io.Writer, path, what string, least, most model.Usage) {
	fmt.Fprintf(w, "  %s\t%s\t%s\t%s\t%s\t%s\n", path, what,
		between(fmt.Sprint(least.Calls), fmt.Sprint(most.Calls)), between(fmt.Sprint(least.Items), fmt.Sprint(most.Items)),
		between(fmt.Sprint(least.ReadUnits), fmt.Sprint(most.ReadUnits)), between(fmt.Sprint(least.WriteUnits), fmt.Sprint(most.WriteUnits)))
}

// between prints what is at least and at most, once where they are the same.
func between(least, most string) string {
	if least == most {
		return least
	}
	return least + " to " + most
}

// described says what a step is and, of a list, by which index and key it is read.
func described(step *gql.ExplainedStep) string {
	what := step.What
	if step.Times > 1 {
		what = fmt.Sprintf("%s, up to %d times", what, step.Times)
	}
	if step.List == nil {
		return what
	}
	if step.List.Queries == 0 {
		return what + ", of which the rules let this user read nothing"
	}
	by := slices.Clone(step.List.Binds)
	if step.List.Range != "" {
		by = append(by, "a range of "+step.List.Range)
	}
	if len(by) == 0 {
		by = []string{"type"}
	}
	return fmt.Sprintf("%s by %s: %s", what, strings.Join(by, ", "), step.List.Index)
}

// dollars prints an amount to three digits.
func dollars(amount float64) string {
	if amount < 100 {
		return fmt.Sprintf("%.2f", amount)
	}
	unit := math.Pow(10, math.Floor(math.Log10(amount))-2)
	digits := fmt.Sprintf("%.0f", math.Round(amount/unit)*unit)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
