package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen"
	"github.com/ownql/ownql/internal/modelgen/schema"
	"github.com/ownql/ownql/internal/review"
)

// reviewCommand is `ownql review`.
type reviewCommand struct {
	Dir         string `arg:"" optional:"" help:"The project's directory; without it, the nearest from here upward."`
	Base        string `placeholder:"REV" help:"The commit or branch that the change begins with; the first there is of origin/main, main, origin/master and master."`
	Documents   string `placeholder:"FILE|DIR" help:"The trusted documents, or a directory of documents: what they cost before and now, by the project's own command explain."`
	Store       string `placeholder:"DIR|dynamodb" help:"What the data there says, by the project's own command tables --plan, which reads it and changes nothing."`
	TablePrefix string `placeholder:"TEXT" help:"With --store: begins every table's name."`
	FailOn      string `enum:"breaking,widening,nothing" default:"breaking" help:"Exit 1 where the API breaks (breaking), there too where the rules give somebody what they did not (widening), or never (nothing)."`
}

// Validate is called by kong.
func (c *reviewCommand) Validate() error {
	if c.TablePrefix != "" && c.Store == "" {
		return errors.New("--table-prefix goes with --store")
	}
	return nil
}

// Run writes in Markdown what the change comes to that the working tree has, beside a commit.
func (c *reviewCommand) Run(ctx context.Context, env *environment) (err error) {
	dir, err := projectDir(c.Dir)
	if err != nil {
		return err
	}
	now, err := modelgen.Load(dir)
	if err != nil {
		return err
	}
	base, err := review.CheckOut(ctx, dir, c.Base)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, base.Remove()) }()
	report, err := compare(base, now)
	if err != nil {
		return err
	}
	if report == nil {
		if _, err := fmt.Fprintf(env.stdout, "%s\nEverything is new: %s has no project here, so that there is nothing to compare with.\n", review.Mark, base.Name); err != nil {
			return err
		}
		return c.notCompared()
	}
	if report.Stale, err = modelgen.Stale(dir, now); err != nil {
		return err
	}
	if err := c.askProject(ctx, dir, base, report); err != nil {
		return err
	}
	if _, err := io.WriteString(env.stdout, report.Markdown(base.Name)); err != nil {
		return err
	}
	switch {
	case c.FailOn != "nothing" && report.IsBreaking():
		return errors.New("the API breaks clients")
	case report.Apart != "":
		return c.notCompared()
	case c.FailOn == "widening" && report.IsWidening():
		return errors.New("the rules give somebody what they did not")
	}
	return nil
}

// notCompared is an error where rules that are not compared are to fail, as they might be wider.
func (c *reviewCommand) notCompared() error {
	if c.FailOn != "widening" {
		return nil
	}
	return errors.New("the rules are not compared, so nobody knows whether they give somebody what they did not")
}

// compare compares the project with what it was; nil: it was not there.
func compare(base *review.Base, now *schema.Schema) (*review.Report, error) {
	before, err := modelgen.Load(base.Dir)
	if err == nil {
		return review.Compare(before, now)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	public, readErr := os.ReadFile(filepath.Join(base.Dir, schema.PublicFile))
	if readErr != nil {
		return nil, fmt.Errorf("schema.graphqls of %s: %w", base.Name, err)
	}
	return review.CompareAPI(string(public), now, err)
}

// askProject has the project's own program say what of the report it knows alone.
func (c *reviewCommand) askProject(ctx context.Context, dir string, base *review.Base, report *review.Report) error {
	if c.Documents == "" && c.Store == "" {
		return nil
	}
	if len(report.Stale) > 0 {
		return fmt.Errorf("the project's program is not of this schema.graphqls: run go generate ./... first (%s would change)", strings.Join(report.Stale, ", "))
	}
	programs, err := os.MkdirTemp("", "ownql-review-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(programs)
	now := program{dir, filepath.Join(programs, "now")}
	if err := now.build(ctx); err != nil {
		return err
	}
	if c.Store != "" {
		store := c.Store
		if store != "dynamodb" {
			if store, err = filepath.Abs(store); err != nil {
				return err
			}
			if _, err := os.Stat(store); err != nil { // the program would make it
				return fmt.Errorf("--store %s: there is no such directory", c.Store)
			}
		}
		args := []string{"tables", "--plan", "--store", store}
		if c.TablePrefix != "" {
			args = append(args, "--table-prefix", c.TablePrefix)
		}
		if report.Plan, err = now.run(ctx, args...); err != nil {
			return err
		}
		if strings.HasPrefix(report.Plan, "every table is there") {
			report.Plan = ""
		}
	}
	if c.Documents == "" {
		return nil
	}
	before := program{base.Dir, filepath.Join(programs, "before")}
	if err := before.build(ctx); err != nil {
		return fmt.Errorf("of %s: %w", base.Name, err)
	}
	report.Costs = &review.Costs{Before: map[string]review.Cost{}, Now: map[string]review.Cost{}}
	return c.explain(ctx, before, now, report.Costs)
}

// explain has both programs say what the documents cost.
func (c *reviewCommand) explain(ctx context.Context, before, now program, costs *review.Costs) error {
	documents, err := documentsIn(c.Documents)
	if err != nil {
		return err
	}
	abs, err := filepath.Abs(now.dir)
	if err != nil {
		return err
	}
	for _, document := range documents {
		refused, err := now.explain(ctx, document, costs.Now)
		if err != nil {
			return err
		}
		// The documents of then, where they are in the project.
		if below, err := filepath.Rel(abs, document); err == nil && filepath.IsLocal(below) {
			document = filepath.Join(before.dir, below)
		}
		var refusedBefore []string
		if _, err := os.Stat(document); err == nil {
			if refusedBefore, err = before.explain(ctx, document, costs.Before); err != nil {
				return err
			}
		}
		for _, reason := range refused {
			if !slices.Contains(refusedBefore, reason) {
				costs.Refused = append(costs.Refused, reason)
			}
		}
	}
	return nil
}

// explain adds what the operations of a document cost, and returns what is said of those that are refused.
func (p program) explain(ctx context.Context, document string, costs map[string]review.Cost) (refused []string, err error) {
	printed, err := p.run(ctx, "explain", document)
	review.ReadCosts(costs, printed)
	failed := new(exec.ExitError)
	if !errors.As(err, &failed) {
		return nil, err
	}
	for line := range strings.Lines(strings.TrimSpace(string(failed.Stderr))) {
		line = strings.TrimPrefix(strings.TrimSpace(line), filepath.Base(p.path)+": ")
		refused = append(refused, strings.ReplaceAll(line, document, filepath.Base(document)))
	}
	return refused, nil
}

// documentsIn returns the files with documents, by their absolute paths.
func documentsIn(path string) (files []string, err error) {
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if file == path || slices.Contains([]string{".graphql", ".gql"}, filepath.Ext(file)) || filepath.Ext(file) == ".json" && isTrusted(file) {
			files = append(files, file)
		}
		return nil
	})
	if err == nil && len(files) == 0 {
		err = fmt.Errorf("--documents %s: there is no file of documents, which ends in .graphql or .gql, or in .json and has texts by their ids", path)
	}
	return files, err
}

// isTrusted tells whether a file has texts by their ids.
func isTrusted(file string) bool {
	content, err := os.ReadFile(file)
	var documents map[string]string
	return err == nil && json.Unmarshal(content, &documents) == nil && len(documents) > 0
}

// program is that of a project.
type program struct{ dir, path string }

func (p program) build(ctx context.Context) error {
	command := exec.CommandContext(ctx, "go", "build", "-o", p.path, ".")
	command.Dir = p.dir
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

// run returns what the program prints; where that fails, too.
func (p program) run(ctx context.Context, args ...string) (string, error) {
	command := exec.CommandContext(ctx, p.path, args...)
	command.Dir = p.dir
	out, err := command.Output()
	if failed := new(exec.ExitError); errors.As(err, &failed) {
		return string(out), fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(failed.Stderr))
	}
	return string(out), err
}
