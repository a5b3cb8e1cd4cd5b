package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/store"
)

// A dataset is what every server has: a user, and the todos that are hers.
type dataset struct {
	store            string // the directory of the embedded engine with it
	file             string // the same for the others, as JSON
	subject, session string // of her tokens
	user             user
	todos            []todo // in the order in which they were made
}

// user and todo are the schema's types, as far as they are asked for.
type (
	user struct {
		ID        string `json:"id"`
		FirstName string `json:"firstName"`
		LastName  string `json:"lastName"`
		Email     string `json:"email"`
	}
	todo struct {
		ID        string    `json:"id"`
		Title     string    `json:"title"`
		Done      bool      `json:"done"`
		Version   int       `json:"version"`
		CreatedAt time.Time `json:"createdAt"`
	}
)

func (t todo) equal(other todo) bool {
	return t.ID == other.ID && t.Title == other.Title && t.Done == other.Done && t.Version == other.Version && t.CreatedAt.Equal(other.CreatedAt)
}

// secret signs the tokens of this measurement: those of ownql, which the others take, too.
const secret = "bench-hZ3vQm8xTn5wKc7yRb2dLp9sJf4gVa6e"

// minObjects fill a page, and the ids of an inquiry of many.
const minObjects = 100

// dataset returns the one with so many todos. They are made through ownql's own store, as its mutations make them,
// once for all works.
func (b *bench) dataset(ctx context.Context, objects int) (*dataset, error) {
	if d, ok := b.datasets[objects]; ok {
		return d, nil
	}
	began := time.Now()
	dir := filepath.Join(b.dir, fmt.Sprint("data-", objects))
	d := &dataset{store: filepath.Join(dir, "store"), file: filepath.Join(dir, "data.json")}
	if err := d.fill(ctx, objects); err != nil {
		return nil, fmt.Errorf("make %d todos: %w", objects, err)
	}
	// Of ownql in dev, this is the secret.
	if err := os.WriteFile(filepath.Join(d.store, "secret"), []byte(secret), 0o600); err != nil {
		return nil, err
	}
	text, err := json.Marshal(map[string]any{"users": map[string]any{d.subject: d.user}, "todos": map[string]any{d.subject: d.todos}})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(d.file, text, 0o644); err != nil {
		return nil, err
	}
	fmt.Fprintf(b.stderr, "made %d todos in %v\n", objects, time.Since(began).Round(time.Millisecond))
	b.datasets[objects] = d
	return d, nil
}

func (d *dataset) fill(ctx context.Context, objects int) (err error) {
	engine, err := dynamolocal.Open(d.store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	accounts := account.New(model.Open(engine, ""))
	s := store.New(accounts)
	if _, err := s.DB.CreateTables(ctx); err != nil {
		return err
	}
	session := account.NewSession(24*time.Hour, "bench")
	ada, err := accounts.CreateUser(ctx, account.Signup{Email: "ada@example.com", FirstName: "Ada", LastName: "Lovelace"}, session)
	if err != nil {
		return err
	}
	d.subject, d.session = ada.ID, session.ID
	d.user = user{ID: ada.GlobalID(), FirstName: ada.FirstName, LastName: ada.LastName, Email: ada.Email}
	made := make([]*store.Todo, objects)
	group, filling := errgroup.WithContext(ctx)
	group.SetLimit(256) // they share the engine's transactions
	for i := range made {
		group.Go(func() (err error) {
			made[i], err = s.CreateTodo(filling, model.Caller{ID: ada.ID}, store.CreateTodoInput{Title: title(i), Done: new(i%3 == 0)})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	slices.SortFunc(made, func(a, b *store.Todo) int { return cmp.Compare(a.ID, b.ID) }) // by time: they are of UUIDv7
	for _, one := range made {
		d.todos = append(d.todos, todo{one.GlobalID(), one.Title, one.Done, one.Version, one.CreatedAt.Time()})
	}
	return nil
}

// title returns the title of a todo. All are as long.
func title(i int) string { return fmt.Sprintf("todo %07d: oil the carry lever of the second axis", i) }

// token returns an access token of ownql's, which is good for an hour.
func (d *dataset) token(ctx context.Context) (string, error) {
	return auth.NewIssuer(auth.NewSecretKeys([]byte(secret)), "ownql").Issue(ctx, auth.Claims{UserID: d.subject, SessionID: d.session})
}
