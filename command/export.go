package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/s3export"
)

// exportCommand is `ownql export`.
type exportCommand struct {
	storeFlags
	Dir   string `arg:"" help:"Where to write, a directory for each table. The files hold all that accounts are, password hashes too."`
	Force bool   `help:"Write into a directory that is not empty; 'ownql import' reads the newest export there."`

	Salvage bool `help:"Export what can be read of a data directory that is damaged, and say what is lost. No server may run."`
}

// Run writes an export of every table whose items last, and says what it is of.
func (c *exportCommand) Run(ctx context.Context, env *environment) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	connect := c.connect
	if c.Salvage {
		connect = func(ctx context.Context) (*connection, error) { return c.salvage(ctx, env) }
	}
	data, err := connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.close()) }()
	from, done, what, err := data.source()
	if err != nil {
		return err
	}
	defer done()
	o := c.opened(env, data)
	if c.Salvage {
		o.table = nil // a copy that will be thrown away
	}
	if o.record, err = c.commandRecord(env, o.table); err != nil {
		return err
	}
	defer closeRecord(ctx, o.record)
	// What was written before an error is as good as an export to whoever wants the data.
	defer o.record.Write(ctx, audit.Event{Name: audit.Exported, From: c.Store, To: c.Dir})
	lasting, expiring := o.db.TableNames()
	at, found := time.Now(), 0
	for _, name := range lasting {
		bar := newProgress(env.stderr, "export "+name)
		items, err := s3export.Write(ctx, from, c.TablePrefix+name, filepath.Join(c.Dir, name), at, bar.show)
		bar.clear()
		if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
			fmt.Fprintf(env.stdout, "%s: there is no such table\n", name)
			continue
		}
		if err != nil {
			return fmt.Errorf("%w; the export in %s is not whole, delete it", err, c.Dir)
		}
		fmt.Fprintf(env.stdout, "%s: %s\n", name, count(items))
		found++
	}
	if found == 0 {
		return fmt.Errorf("--store %s: there is nothing to export, it has none of the schema's tables", c.Store)
	}
	if !c.Force {
		if err := keepOutOfGit(c.Dir); err != nil {
			return err
		}
	}
	for _, name := range expiring {
		fmt.Fprintf(env.stdout, "%s: left out, they expire\n", name)
	}
	if err := c.printOthers(ctx, env.stdout, data, append(lasting, expiring...)); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "exported %s into %s: %s\n", c.Store, c.Dir, what)
	return nil
}

// salvage returns a client of what can be read of the data directory, and says what cannot. The
// copy lies beside the export until that is written.
func (c *exportCommand) salvage(ctx context.Context, env *environment) (*connection, error) {
	if !c.isEmbedded() {
		return nil, fmt.Errorf("--store %s: --salvage wants a directory", c.Store)
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	copied, err := os.MkdirTemp(c.Dir, ".salvage-")
	if err != nil {
		return nil, err
	}
	engine, report, err := dynamolocal.Salvage(ctx, c.Store, copied)
	if err != nil {
		if errors.Is(err, dynamolocal.ErrLocked) {
			err = errInUse
		}
		return nil, errors.Join(fmt.Errorf("--store %s: %w", c.Store, err), os.RemoveAll(copied))
	}
	printProblems(env.stdout, report)
	if len(report.Problems) > 0 {
		fmt.Fprintln(env.stdout, "what was on these pages is lost; the export has the rest")
	}
	return &connection{engine, engine, func() error { return errors.Join(engine.Close(), os.RemoveAll(copied)) }}, nil
}

// printOthers names the tables of the data directory that are not the schema's, such as those
// of a type that it has no more. On AWS, other tables are of no concern.
func (c *exportCommand) printOthers(ctx context.Context, to io.Writer, data *connection, known []string) error {
	if !c.isEmbedded() {
		return nil
	}
	pages := dynamodb.NewListTablesPaginator(data, &dynamodb.ListTablesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list tables: %w", err)
		}
		for _, table := range page.TableNames {
			name, ours := strings.CutPrefix(table, c.TablePrefix)
			if !ours || !slices.Contains(known, name) {
				fmt.Fprintf(to, "%s: left out, the schema has no such type\n", table)
			}
		}
	}
	return nil
}

// check refuses what would leave a directory that nobody wants.
func (c *exportCommand) check() error {
	if c.isEmbedded() {
		if _, err := os.Stat(c.Store); err != nil {
			return fmt.Errorf("--store %s: there is no data: %w", c.Store, err)
		}
	}
	entries, err := os.ReadDir(c.Dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) > 0 && !c.Force:
		return fmt.Errorf("%s is not empty: name another directory, or --force", c.Dir)
	}
	return nil
}

// source returns what an export is to read, and in words what that makes the export.
func (c *connection) source() (from s3export.Source, done func() error, what string, err error) {
	if c.engine == nil {
		return c, func() error { return nil }, "item by item; what changed meanwhile may be in it or not", nil
	}
	snapshot, err := c.engine.Snapshot()
	if err != nil {
		return nil, nil, "", err
	}
	return snapshot, snapshot.Close, "a snapshot of one moment", nil
}

// count is n items in words.
func count(n int64) string {
	if n == 1 {
		return "1 item"
	}
	return fmt.Sprintf("%d items", n)
}
