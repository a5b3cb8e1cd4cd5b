package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/model"
)

// auditCommand is `ownql audit`.
type auditCommand struct {
	storeFlags
	User  string   `placeholder:"ADDRESS|ID" help:"Lines of one account alone: its address, which need not have one, or its id."`
	Event []string `placeholder:"EVENT" help:"Lines of this event alone, such as authn_login_fail; repeatable. docs/audit.md has them all."`
	Since string   `placeholder:"TIME|AGO" help:"The earliest: 2026-11-28T18:00:00Z, 2026-11-28, 36h or 7d (default as long as the table keeps)."`
	Until string   `placeholder:"TIME|AGO" help:"The latest, likewise (default now)."`
	Limit int      `default:"100" placeholder:"N" help:"At most so many lines, 0 for all (default ${default})."`
	JSON  bool     `name:"json" help:"Print each line as it was written, a JSON object."`
}

// Run prints lines of the record, the newest first, as they are read.
func (c *auditCommand) Run(ctx context.Context, env *environment) error {
	query, err := c.query(time.Now())
	if err != nil {
		return err
	}
	o, closeStore, err := c.openMade(ctx, env)
	if err != nil {
		return err
	}
	defer closeStore()
	if err := c.ofUser(ctx, o, &query); err != nil {
		return err
	}
	var list auditList = newAuditColumns(env.stdout)
	if c.JSON {
		list = auditLines{json.NewEncoder(env.stdout)}
	}
	printed := 0
	for line, err := range o.table.Lines(ctx, query) {
		if err != nil {
			return errors.Join(list.end(), fmt.Errorf("audit: %w", err))
		}
		if err := list.print(line); err != nil {
			return err
		}
		if printed++; printed == c.Limit {
			break
		}
	}
	return list.end()
}

// query returns what the flags ask for, but for the user.
func (c *auditCommand) query(now time.Time) (query audit.Query, err error) {
	if c.Limit < 0 {
		return query, fmt.Errorf("audit --limit %d: want 0 or more", c.Limit)
	}
	for _, event := range c.Event {
		if !slices.Contains(audit.Names, audit.Name(event)) {
			return query, fmt.Errorf("audit --event %s: want one of %s", event, joinNames(audit.Names))
		}
		query.Events = append(query.Events, audit.Name(event))
	}
	query.Since, query.Until = now.Add(-max(c.life(), 24*time.Hour)), now
	if c.Since != "" {
		if query.Since, err = parseMoment(c.Since, now); err != nil {
			return query, fmt.Errorf("audit --since %w", err)
		}
	}
	if c.Until != "" {
		if query.Until, err = parseMoment(c.Until, now); err != nil {
			return query, fmt.Errorf("audit --until %w", err)
		}
	}
	return query, nil
}

func joinNames(names []audit.Name) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = string(name)
	}
	return strings.Join(texts, ", ")
}

// parseMoment takes a time, a date in UTC, or how long before now it was.
func parseMoment(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	if days, isDays := strings.CutSuffix(text, "d"); isDays {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return now, fmt.Errorf("%q: want a time such as 2026-11-28T18:00:00Z, a date such as 2026-11-28, or how long ago, such as 36h or 7d", text)
}

// ofUser has the query be about the user of --user: by id, where there is an account, so that
// lines that name no address are found, too.
func (c *auditCommand) ofUser(ctx context.Context, o *opened, query *audit.Query) error {
	if c.User == "" {
		return nil
	}
	if typeName, id, ok := model.ParseGlobalID(c.User); ok && typeName == "User" {
		query.UserID = id
		return nil
	}
	if !strings.Contains(c.User, "@") {
		query.UserID = c.User
		return nil
	}
	email, err := account.CanonicalEmail(c.User)
	if err != nil {
		return fmt.Errorf("audit --user %s: %w", c.User, err)
	}
	login, err := o.accounts.Login(ctx, email)
	switch {
	case errors.Is(err, model.ErrNotFound):
		query.Account = email
	case err != nil:
		return err
	default:
		query.UserID = login.UserID
	}
	return nil
}

// An auditList prints lines of the record.
type auditList interface {
	print(*audit.Line) error
	end() error
}

// auditLines are JSON objects, one a line.
type auditLines struct{ *json.Encoder }

func (l auditLines) print(line *audit.Line) error { return l.Encode(line) }

func (auditLines) end() error { return nil }

// auditColumns are aligned, in blocks: see userColumns.
type auditColumns struct {
	*tabwriter.Writer
	lines int
}

func newAuditColumns(w io.Writer) *auditColumns {
	columns := &auditColumns{Writer: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	fmt.Fprintln(columns, "TIME\tEVENT\tWHO\tADDRESS\tWHAT")
	return columns
}

func (c *auditColumns) print(line *audit.Line) error {
	who := line.Account
	if who == "" {
		who = line.UserID
	}
	if line.Operator != "" {
		who = strings.TrimSpace(who + " by " + line.Operator)
	}
	var what []string
	for _, field := range []string{line.Method, line.Reason, line.Operation, line.Type, line.Object} {
		if field != "" {
			what = append(what, field)
		}
	}
	if line.From != "" || line.To != "" {
		what = append(what, line.From+" -> "+line.To)
	}
	if line.Count > 0 {
		what = append(what, fmt.Sprintf("%d more", line.Count))
	}
	fmt.Fprintf(c, "%s\t%s\t%s\t%s\t%s\n", line.Time, line.Name, orDash(who), orDash(line.Address), orDash(strings.Join(what, ", ")))
	if c.lines++; c.lines%userColumnsBlock == 0 {
		return c.Flush()
	}
	return nil
}

func (c *auditColumns) end() error { return c.Flush() }

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
