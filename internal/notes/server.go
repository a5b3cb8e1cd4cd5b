// This program is the project of ownql's own tests: it has everything that a project can add.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/internal/notes/graph"
	"github.com/ownql/ownql/internal/notes/store"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

//go:embed mail
var mails embed.FS

func main() {
	templates, err := fs.Sub(mails, "mail")
	if err != nil {
		panic(err) // it is embedded
	}
	command.Main(command.App[*store.Store]{
		Store:         store.New,
		Schema:        graph.New,
		Routes:        routes,
		Middleware:    withVersion,
		Background:    []func(context.Context, *store.Store) error{tick},
		Commands:      []command.Command[*store.Store]{{Name: "count", Help: "Count a user's notes.", Run: count}},
		MailTemplates: templates,
		Claims:        claims,
		SignedUp:      welcome,
		Deleted:       farewell,
		Seed:          seed,
	})
}

// routes adds GET /hello, which answers who is asking.
func routes(s *store.Store, mux *http.ServeMux) {
	mux.Handle("/hello", web.REST("GET", func(w http.ResponseWriter, r *http.Request) error {
		identity, err := auth.RequireIdentity(r.Context())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "hello, %s\n", identity.User.FirstName)
		return err
	}))
}

// withVersion says on every answer which version this is.
func withVersion(s *store.Store, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Notes-Version", "1")
		next.ServeHTTP(w, r)
	})
}

// tick works beside the server until that is told to stop, and then finishes.
func tick(ctx context.Context, s *store.Store) error {
	slog.Info("ticking")
	for {
		select {
		case <-ctx.Done():
			time.Sleep(200 * time.Millisecond) // what it has begun
			slog.Info("ticked to the end")
			return nil
		case <-time.After(time.Minute):
		}
	}
}

// count prints how many notes the user with a global id has.
func count(ctx context.Context, s *store.Store, args []string, stdout io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("count: want the id of a user")
	}
	id, n := model.LocalID("User", args[0]), 0
	for _, err := range s.Notes.Each(ctx, model.Caller{ID: id}, model.ByOwner, id) {
		if err != nil {
			return err
		}
		n++
	}
	_, err := fmt.Fprintln(stdout, n)
	return err
}

// claims adds to a user's access tokens which plan they are on.
func claims(ctx context.Context, s *store.Store, userID string) (map[string]any, error) {
	return map[string]any{"plan": "free"}, nil
}

// welcome leaves a new user a first project.
func welcome(ctx context.Context, s *store.Store, user *account.User) error {
	_, err := s.CreateProject(ctx, user.Caller(), store.CreateProjectInput{Name: "Getting started"})
	return err
}

// seed makes what one develops with, beside the files of seed/.
func seed(ctx context.Context, seeder *command.Seeder[*store.Store]) error {
	ada, err := seeder.User(ctx, "ada@example.com", "Ada Lovelace", "editor")
	if err != nil {
		return err
	}
	loom, err := seeder.Store.CreateProject(ctx, ada.Caller(), store.CreateProjectInput{Name: "A loom"})
	if err != nil {
		return err
	}
	task := `mutation ($project: ID!, $title: String!) { createTask(input: { projectId: $project, title: $title }) { task { id } } }`
	for day := range 7 {
		title := fmt.Sprintf("weave on day %d", day+1)
		if err := ada.Query(ctx, task, map[string]any{"project": loom.GlobalID(), "title": title}, nil); err != nil {
			return err
		}
	}
	return nil
}

// farewell notes that an account is gone.
func farewell(ctx context.Context, s *store.Store, user *account.User) error {
	slog.InfoContext(ctx, "farewell", "user", user.ID)
	return nil
}
