package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/internal/s3export"
	"github.com/ownql/ownql/model"
)

// importCommand is `ownql import`.
type importCommand struct {
	storeFlags
	Dir   string `arg:"" help:"What 'ownql export' wrote, or a directory for each table with AWSDynamoDB in it."`
	Force bool   `help:"Import into tables that are not empty: what has the same key is replaced."`
}

// Run checks all that it can, the files and the tables, before it writes the first item.
func (c *importCommand) Run(ctx context.Context, env *environment) (err error) {
	names, err := c.names()
	if err != nil {
		return err
	}
	exports := make([]*s3export.Export, len(names))
	for i, name := range names {
		if exports[i], err = s3export.Open(filepath.Join(c.Dir, name)); err != nil {
			return fmt.Errorf("%w; nothing was imported", err)
		}
	}
	data, err := c.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.close()) }()
	o := c.opened(env, data)
	if o.record, err = c.commandRecord(env, o.table); err != nil {
		return err
	}
	defer closeRecord(ctx, o.record)
	db := o.db
	if c.isEmbedded() {
		if _, err := db.CreateTables(ctx); err != nil {
			return err
		}
	}
	_, expiring := db.TableNames()
	for _, name := range names {
		if slices.Contains(expiring, name) {
			continue
		}
		if err := c.permit(ctx, data, name); err != nil {
			return fmt.Errorf("%w; nothing was imported", err)
		}
	}
	if c.isEmbedded() {
		if err := forgetPrepared(c.Store); err != nil {
			return fmt.Errorf("%w; nothing was imported", err)
		}
		// A server that was looking at the data meanwhile has not seen all of it.
		defer func() { err = errors.Join(err, forgetPrepared(c.Store)) }()
	}
	defer o.record.Write(ctx, audit.Event{Name: audit.Imported, From: c.Dir, To: c.Store})
	for i, name := range names {
		if slices.Contains(expiring, name) {
			fmt.Fprintf(env.stdout, "%s: left out, they expire\n", name)
			continue
		}
		bar := newProgress(env.stderr, "import "+name)
		err := exports[i].WriteTo(ctx, data, c.TablePrefix+name, bar.show)
		bar.clear()
		if err != nil {
			return fmt.Errorf("%w; the import is not whole, `ownql import --force` does it again", err)
		}
		fmt.Fprintf(env.stdout, "%s: %s\n", name, count(exports[i].Items))
	}
	fmt.Fprintf(env.stdout, "imported %s into %s\n", c.Dir, c.Store)
	return nil
}

// names returns the tables that the directory has exports of, in order.
func (c *importCommand) names() (names []string, err error) {
	if s3export.IsExport(c.Dir) {
		return nil, fmt.Errorf("%s is the export of one table: move it into a directory with the table's name, such as %s, and import %[1]s",
			c.Dir, filepath.Join(c.Dir, "users"))
	}
	entries, err := os.ReadDir(c.Dir)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if !entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			continue
		}
		if !s3export.IsExport(filepath.Join(c.Dir, entry.Name())) {
			return nil, fmt.Errorf("%s: there is no AWSDynamoDB in it, so it is no export", filepath.Join(c.Dir, entry.Name()))
		}
		names = append(names, entry.Name())
	}
	if names == nil {
		return nil, fmt.Errorf("%s: there is no export in it", c.Dir)
	}
	return names, nil
}

// permit refuses a table that is missing, or has items that the import might replace.
func (c *importCommand) permit(ctx context.Context, data *connection, name string) error {
	table := c.TablePrefix + name
	scan := &dynamodb.ScanInput{TableName: &table, Limit: aws.Int32(1), ConsistentRead: aws.Bool(true)}
	if name == "uniques" {
		scan.Limit = nil // the notes of a table that is new fit into a page
		scan.FilterExpression = aws.String("NOT begins_with(id, :noted)")
		scan.ExpressionAttributeValues = map[string]types.AttributeValue{":noted": &types.AttributeValueMemberS{Value: model.Noted}}
	}
	out, err := data.Scan(ctx, scan)
	if missing := new(types.ResourceNotFoundException); errors.As(err, &missing) {
		return fmt.Errorf("--store %s has no table %s: `ownql tables` creates those of the schema", c.Store, table)
	}
	if err != nil {
		return fmt.Errorf("scan table %s: %w", table, err)
	}
	if len(out.Items) > 0 && !c.Force {
		return fmt.Errorf("--store %s: table %s is not empty: name another store, or --force to replace what has the same key", c.Store, table)
	}
	return nil
}
