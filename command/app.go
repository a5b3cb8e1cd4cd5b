package command

import (
	"context"
	"io"
	"io/fs"
	"net/http"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/audit"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// An App is a project, as its server.go says it. S is its store, *store.Store. Store and Schema
// are generated; the rest is what a project may add, and may be left out.
type App[S any] struct {
	Store  func(*account.Store) S             // store.New
	Schema func(S, *auth.Accounts) gql.Schema // graph.New

	// Routes adds routes beside ownql's; what it answers passes the same chain of middleware,
	// and [auth.Authenticator] has put who is asking into the context, see [auth.FromContext].
	Routes func(S, *http.ServeMux)
	// Middleware stands around every route, ownql's included, behind the log, the request's id,
	// its deadline and CORS.
	Middleware func(S, http.Handler) http.Handler
	// Background is run beside the server, each in a goroutine, and ends when its context is
	// done: SIGTERM waits for it as for requests. It does not run on AWS Lambda.
	Background []func(context.Context, S) error
	// Commands are added to the command line.
	Commands []Command[S]
	// Seed makes data for `seed`, behind the files of seed/, and is called until it has returned nil once, see
	// docs/seed.md.
	Seed func(context.Context, *Seeder[S]) error
	// MailTemplates take the place of those of ownql, see docs/server.md.
	MailTemplates fs.FS

	// Claims returns what a user's access tokens are to say beside what ownql has them say.
	Claims func(ctx context.Context, s S, userID string) (map[string]any, error)
	// SignedUp is called when an account has been made, and Deleted when one, and what it owned,
	// is gone. An error is logged: what has been done stays done.
	SignedUp, Deleted func(context.Context, S, *account.User) error
}

// A Command is one of a project's own, such as `shop restock`.
type Command[S any] struct {
	Name string // one word
	Help string
	Run  func(ctx context.Context, s S, args []string, stdout io.Writer) error
}

// A project is an App whose store's type does not matter any more.
type project struct {
	open      func(*account.Store) *opened
	commands  []projectCommand
	templates fs.FS
}

// projectCommand is a Command.
type projectCommand struct {
	name, help string
	run        func(ctx context.Context, o *opened, args []string, stdout io.Writer) error
}

// opened is a project with its store.
type opened struct {
	db       *model.DB
	accounts *account.Store
	store    any          // S
	table    *audit.Table // of the record
	record   *audit.Log   // what the command, or the server, takes down; nil: nothing

	schema     func(*auth.Accounts) gql.Schema
	routes     func(*http.ServeMux)
	middleware func(http.Handler) http.Handler
	background []func(context.Context) error
	claims     func(ctx context.Context, userID string) (map[string]any, error) // nil: none
	hooks      auth.Hooks
	seed       func(context.Context, *seeding) error // nil: none
}

// project returns the App without its type.
func (app App[S]) project() project {
	p := project{open: app.open, templates: app.MailTemplates}
	for _, command := range app.Commands {
		p.commands = append(p.commands, projectCommand{command.Name, command.Help,
			func(ctx context.Context, o *opened, args []string, stdout io.Writer) error {
				return command.Run(ctx, o.store.(S), args, stdout)
			}})
	}
	return p
}

// open returns the project with its store beside the accounts.
func (app App[S]) open(accounts *account.Store) *opened {
	s := app.Store(accounts)
	o := &opened{
		db: accounts.DB(), accounts: accounts, store: s,
		schema:     func(accounts *auth.Accounts) gql.Schema { return app.Schema(s, accounts) },
		routes:     func(*http.ServeMux) {},
		middleware: func(next http.Handler) http.Handler { return next },
		hooks:      auth.Hooks{SignedUp: hookOf(s, app.SignedUp), Deleted: hookOf(s, app.Deleted)},
	}
	if app.Routes != nil {
		o.routes = func(mux *http.ServeMux) { app.Routes(s, mux) }
	}
	if app.Middleware != nil {
		o.middleware = func(next http.Handler) http.Handler { return app.Middleware(s, next) }
	}
	if app.Seed != nil {
		o.seed = func(ctx context.Context, seeding *seeding) error { return app.Seed(ctx, &Seeder[S]{s, seeding}) }
	}
	if app.Claims != nil {
		o.claims = func(ctx context.Context, userID string) (map[string]any, error) { return app.Claims(ctx, s, userID) }
	}
	for _, work := range app.Background {
		o.background = append(o.background, func(ctx context.Context) error { return work(ctx, s) })
	}
	return o
}

// hookOf returns a hook that is given the store; nil for nil.
func hookOf[S any](s S, hook func(context.Context, S, *account.User) error) func(context.Context, *account.User) error {
	if hook == nil {
		return nil
	}
	return func(ctx context.Context, user *account.User) error { return hook(ctx, s, user) }
}
