package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/internal/lockfile"
)

// isLocalEndpoint tells whether DynamoDB is asked for on this machine, as DynamoDB Local is.
func isLocalEndpoint(getenv func(string) string) bool {
	if strings.EqualFold(getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), "true") { // as the SDK reads it
		return false
	}
	at := getenv("AWS_ENDPOINT_URL_DYNAMODB")
	if at == "" {
		at = getenv("AWS_ENDPOINT_URL")
	}
	u, err := url.Parse(at)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// lock keeps another seed of this machine from the data directory, which is there, until it is unlocked: beside a
// server, both of them reach the data. Where no file can be made, the marks alone have each step carried out once.
func (c *seedCommand) lock() (unlock func(), err error) {
	if !c.isEmbedded() {
		return func() {}, nil
	}
	file, err := lockfile.Lock(filepath.Join(c.Store, "seed.lock"))
	if errors.Is(err, lockfile.ErrLocked) {
		return nil, fmt.Errorf("--store %s: another seed is at it: wait for that one; nothing was done", c.Store)
	}
	if err != nil {
		return func() {}, nil
	}
	return func() { file.Close() }, nil
}

// notOfDev is, in a data directory, the note that a server has served it which was not dev: its people are real.
const notOfDev = "not-of-dev"

// noteIsNotOfDev leaves the note, which seed refuses to go past.
func noteIsNotOfDev(dir string) error {
	file := filepath.Join(dir, notOfDev)
	if !isMissing(file) {
		return nil
	}
	return writeWhole(file, []byte("A server that is not one of dev has served this directory, so `seed` leaves it alone.\n"))
}

// checkIsOfDev refuses a data directory that a server which is not dev has served, or in which dev has never made a
// secret where a server has it open, or it has accounts that no seed has made: a server with a secret of its own may
// be what serves it.
func (c *seedCommand) checkIsOfDev(ctx context.Context, o *opened) error {
	if c.Force || !c.isEmbedded() {
		return nil
	}
	if note := filepath.Join(c.Store, notOfDev); !isMissing(note) {
		return fmt.Errorf("--store %s: a server that is not one of dev has served it: --force seeds it all the same, or delete %s if it is yours alone", c.Store, note)
	}
	if _, err := os.Stat(filepath.Join(c.Store, "secret")); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if transport, err := socketTransport(ctx, c.Store); err == nil {
		transport.CloseIdleConnections()
		return fmt.Errorf("--store %s: the server that has it open is not one of dev: --force seeds it all the same", c.Store)
	}
	if o == nil {
		return fmt.Errorf("--store %s: dev has never served it, and it cannot be read: --force moves it all the same", c.Store)
	}
	missing := new(types.ResourceNotFoundException)
	for user, err := range o.accounts.Users(ctx) {
		if errors.As(err, &missing) {
			return nil // there are no accounts
		}
		if err != nil {
			return err
		}
		marks, err := o.db.SeedMarks(ctx, markOfPerson(user.Email))
		if err != nil && !errors.As(err, &missing) {
			return err
		}
		if marks[markOfPerson(user.Email)] == nil {
			return fmt.Errorf("--store %s: it has accounts, and dev has never served it: --force seeds it all the same", c.Store)
		}
	}
	return nil
}

// reset moves the data aside. It is moved by one rename, so whenever the process ends, all of it is in one of the
// two places.
func (c *seedCommand) reset(ctx context.Context, env *environment) error {
	if transport, err := socketTransport(ctx, c.Store); err == nil {
		transport.CloseIdleConnections()
		return fmt.Errorf("--reset: a server has --store %s open: stop it first; nothing was done", c.Store)
	}
	if isMissing(c.Store) {
		return nil
	}
	if err := c.checkMayReset(ctx, env); err != nil {
		return err
	}
	if err := forgetPrepared(c.Store); err != nil {
		return fmt.Errorf("--store %s: %w", c.Store, err)
	}
	to := filepath.Join(c.Store, "before-seed-"+time.Now().UTC().Format("20060102T150405.000"))
	isMoved, err := dynamolocal.MoveAside(c.Store, to)
	if errors.Is(err, dynamolocal.ErrLocked) {
		err = errInUse
	}
	if err != nil {
		return fmt.Errorf("--store %s: %w", c.Store, err)
	}
	if isMoved {
		fmt.Fprintf(env.stdout, "what was in %s is in %s: delete that once you do not want it back\n", c.Store, to)
	}
	return nil
}

// checkMayReset looks at the data before it is moved, and takes the reset down where it stays readable: beside what
// it is about.
func (c *seedCommand) checkMayReset(ctx context.Context, env *environment) (err error) {
	if files, err := os.ReadDir(c.Store); err != nil || len(files) == 0 {
		return err
	}
	o, closeStore, err := c.open(ctx, env) // and leaves its tables as they are: they may be of another schema
	if errors.Is(err, dynamolocal.ErrDamaged) {
		return c.checkIsOfDev(ctx, nil)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	if err := c.checkIsOfDev(ctx, o); err != nil {
		return err
	}
	o.record.Write(ctx, audit.Event{Name: audit.Administered, Operation: "seed --reset"})
	return nil
}
