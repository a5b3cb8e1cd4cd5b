package command

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/user"
	"strconv"
	"time"

	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
)

// recordFlags say where the record goes, see package audit.
type recordFlags struct {
	AuditLog  string `env:"OWNQL_AUDIT_LOG" placeholder:"stdout|stderr|off|FILE" help:"Where the record of sign-ins, refusals and changes goes, a line of JSON each (${env}, default stdout of serve, and off for other commands)."`
	AuditDays int    `env:"OWNQL_AUDIT_DAYS" default:"90" placeholder:"N" help:"How many days the table audit keeps the record, for 'ownql audit'; 0 for not at all (${env}, default ${default})."`
}

// maxAuditDays is a hundred years.
const maxAuditDays = 36_500

// Validate is called by kong.
func (f *recordFlags) Validate() error {
	if f.AuditDays < 0 || f.AuditDays > maxAuditDays {
		return fmt.Errorf("--audit-days %d: want 0 to %d", f.AuditDays, maxAuditDays)
	}
	return nil
}

// life is how long the table keeps a line.
func (f *recordFlags) life() time.Duration { return time.Duration(f.AuditDays) * 24 * time.Hour }

// newRecord returns the record of a command, or of a server where operator is empty, into where
// the flags say, or else byDefault. table may be nil.
func (f *recordFlags) newRecord(env *environment, table *audit.Table, byDefault, operator string) (*audit.Log, error) {
	to := f.AuditLog
	if to == "" {
		to = byDefault
	}
	if operator != "" && to == "stdout" {
		to = "stderr" // a command's output is its answer
	}
	var stream io.Writer
	switch to {
	case "off":
	case "stdout":
		stream = env.stdout
	case "stderr":
		stream = env.stderr
	default:
		file, err := os.OpenFile(to, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("--audit-log %s: %w", to, err)
		}
		stream = file
	}
	if table != nil {
		table = table.Keeping(f.life())
	}
	return audit.New(stream, table, operator), nil
}

// commandRecord returns the record of a command of the operator's.
func (f *recordFlags) commandRecord(env *environment, table *audit.Table) (*audit.Log, error) {
	return f.newRecord(env, table, "off", operatorName())
}

// operatorName is the user of this machine that runs the command.
func operatorName() string {
	if current, err := user.Current(); err == nil {
		return current.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

// administered takes down a command of the operator's that no other event tells of.
func (o *opened) administered(ctx context.Context, command string) {
	o.record.Write(ctx, audit.Event{Name: audit.Administered, Operation: command})
}

// closeRecord has the last lines written. What was done is done, so a line that is lost is for the
// log, and holds up the end no longer than this.
func closeRecord(ctx context.Context, record *audit.Log) {
	const patience = 2 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := record.Close(ctx); err != nil {
		slog.ErrorContext(ctx, "lines of the record may be lost", "error", err)
	}
}

// recordRefusals has the record take down what the rules of types refuse.
func (o *opened) recordRefusals() {
	o.db.OnRefusal(func(ctx context.Context, refusal model.Refusal) {
		event := audit.Event{
			Name: audit.Refused, UserID: refusal.Caller.ID,
			Operation: refusal.Operation.String(), Type: refusal.Type, Object: refusal.ID, Reason: reasonOf(refusal),
		}
		if identity := auth.FromContext(ctx); identity != nil && identity.Token != nil {
			event.TokenID = identity.Token.ID
		}
		o.record.Write(ctx, event)
	})
}

func reasonOf(refusal model.Refusal) string {
	if refusal.IsScope {
		return "not in the token's scopes"
	}
	if refusal.IsHidden {
		return "hidden from the caller"
	}
	return "not allowed to the caller"
}
