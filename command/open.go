package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/guregu/dynamo/v2/dynamodbiface"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/dynamowire"
	"github.com/ownql/ownql/model"
)

// storeFlags say where the data is; every command has them.
type storeFlags struct {
	Store       string `env:"OWNQL_STORE" default:"${defaultStore}" placeholder:"DIR|dynamodb" help:"A directory for the embedded engine, or 'dynamodb' for AWS and what speaks like it (${env}, default ${default})."`
	TablePrefix string `env:"OWNQL_TABLE_PREFIX" placeholder:"TEXT" help:"Begins every table's name (${env})."`
	recordFlags
}

const storeDynamoDB = "dynamodb"

// defaultStore is DynamoDB on AWS Lambda, which keeps no directory from one start to the
// next.
func defaultStore(getenv func(string) string) string {
	if isLambda(getenv) {
		return storeDynamoDB
	}
	return "./data"
}

func (f *storeFlags) isEmbedded() bool { return f.Store != storeDynamoDB }

// Validate is called by kong.
func (f *storeFlags) Validate() error {
	if f.Store == "" || f.Store != storeDynamoDB && strings.EqualFold(f.Store, storeDynamoDB) {
		return fmt.Errorf("--store %q: want a directory, or %q", f.Store, storeDynamoDB)
	}
	notInName := func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-", r)
	}
	if len(f.TablePrefix) > 200 || strings.ContainsFunc(f.TablePrefix, notInName) {
		return fmt.Errorf("--table-prefix %q: want at most 200 letters, digits, '_', '.' and '-'", f.TablePrefix)
	}
	return f.recordFlags.Validate()
}

// A connection is the client of the store, and what is behind it.
type connection struct {
	dynamodbiface.DynamoDBAPI
	engine *dynamolocal.DB // nil unless this process has opened the data directory itself
	close  func() error
}

// connect returns the store's client; close it when done with it. Where another process has
// the data directory open, the client goes through that one.
func (f *storeFlags) connect(ctx context.Context) (*connection, error) {
	c, err := f.connectTo(ctx)
	if err != nil {
		return nil, fmt.Errorf("--store %s: %w", f.Store, err)
	}
	return c, nil
}

func (f *storeFlags) connectTo(ctx context.Context) (*connection, error) {
	if !f.isEmbedded() {
		sdk, err := model.NewDynamoDB(ctx)
		if err != nil {
			return nil, err
		}
		return &connection{dynamowire.New(ctx, sdk), nil, func() error { return nil }}, nil
	}
	if client, err := dialSocket(ctx, f.Store); err == nil {
		return client, nil
	}
	engine, err := openEngine(f.Store)
	if err == errInUse {
		if client, err := dialSocket(ctx, f.Store); err == nil { // it has just begun to serve
			return client, nil
		}
	}
	if err != nil {
		return nil, err
	}
	return &connection{engine, engine, engine.Close}, nil
}

// hold returns the store's client as connect does, but opens the data directory itself, and
// until it is closed serves it to other processes.
func (f *storeFlags) hold(ctx context.Context) (*connection, error) {
	if !f.isEmbedded() {
		return f.connect(ctx)
	}
	engine, err := openEngine(f.Store)
	if err != nil {
		return nil, fmt.Errorf("--store %s: %w", f.Store, err)
	}
	stop, err := serveSocket(f.Store, engine.Handler())
	if err != nil {
		slog.Warn("other commands cannot reach the data while this one runs", "err", err)
		return &connection{engine, engine, engine.Close}, nil
	}
	return &connection{engine, engine, func() error { stop(); return engine.Close() }}, nil
}

// open opens the project's store, for a command of the operator's, which is taken down as one;
// close it when done with it.
func (f *storeFlags) open(ctx context.Context, env *environment) (o *opened, closeStore func() error, err error) {
	c, err := f.connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	var options []model.Option
	if c.engine != nil {
		options = append(options, model.Alone())
	}
	o = f.opened(env, c, options...)
	if o.record, err = f.commandRecord(env, o.table); err != nil {
		return nil, nil, errors.Join(err, c.close())
	}
	return o, func() error { closeRecord(ctx, o.record); return c.close() }, nil
}

// opened returns the project with its store on a client, and takes nothing down.
func (f *storeFlags) opened(env *environment, client dynamodbiface.DynamoDBAPI, options ...model.Option) *opened {
	return env.project.on(client, f.TablePrefix, options...)
}

// on returns the project with its store on a client. Every table's name begins with prefix.
func (p project) on(client dynamodbiface.DynamoDBAPI, prefix string, options ...model.Option) *opened {
	accounts := account.New(model.Open(client, prefix, options...))
	table := audit.NewTable(accounts.DB())
	o := p.open(accounts)
	o.table = table
	return o
}

// openMade is open for accounts: on the embedded engine it makes the tables first.
func (f *storeFlags) openMade(ctx context.Context, env *environment) (o *opened, closeStore func() error, err error) {
	o, closeStore, err = f.open(ctx, env)
	if err != nil || !f.isEmbedded() {
		return o, closeStore, err
	}
	if _, err := o.db.CreateTables(ctx); err != nil {
		return nil, nil, errors.Join(err, closeStore())
	}
	return o, closeStore, nil
}

var errInUse = errors.New("another ownql has it open: stop that one, or name another directory")

// openEngine opens the embedded engine on a directory, which it keeps from this machine's
// other users. A new one it also keeps out of git: it will hold the secret of dev. The error
// is errInUse where another process has it open.
func openEngine(dir string) (*dynamolocal.DB, error) {
	files, err := os.ReadDir(dir)
	isNew := errors.Is(err, fs.ErrNotExist) || err == nil && len(files) == 0
	engine, err := dynamolocal.Open(dir)
	if errors.Is(err, dynamolocal.ErrLocked) {
		return nil, errInUse
	}
	if err != nil {
		return nil, err
	}
	err = os.Chmod(dir, 0o700)
	if isNew && err == nil {
		err = keepOutOfGit(dir)
	}
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return engine, nil
}

// keepOutOfGit has git ignore a directory.
func keepOutOfGit(dir string) error {
	return os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600)
}
