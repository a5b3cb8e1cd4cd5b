package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// pocketBaseOwnerRule is who may do what with a todo: its owner.
const pocketBaseOwnerRule = "owner = @request.auth.id"

// A pocketBaseInquiry is what is asked of PocketBase, whose ids and token are its own.
type pocketBaseInquiry func(d *dataset, base string, header http.Header, userID string) question

// pocketBase is PocketBase as a Go module, with SQLite in Go and its own defaults.
func pocketBase(d *dataset, of pocketBaseInquiry) contestant {
	return contestant{"PocketBase", func(ctx context.Context, p *place) (*server, error) {
		userID, token, err := d.fillPocketBase(p.dir)
		if err != nil {
			return nil, err
		}
		base, err := p.serveSelf(ctx, "pocketbase")
		if err != nil {
			return nil, err
		}
		header := http.Header{"Authorization": {token}, "Content-Type": {"application/json"}}
		return &server{questions: []question{of(d, base, header, userID)}}, nil
	}}
}

// fillPocketBase makes the collection of todos, and writes them into SQLite.
func (d *dataset) fillPocketBase(dir string) (userID, token string, err error) {
	app, err := openPocketBase(dir)
	if err != nil {
		return "", "", err
	}
	defer func() { err = errors.Join(err, app.ResetBootstrapState()) }()
	if err := app.RunAllMigrations(); err != nil {
		return "", "", err
	}
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return "", "", err
	}
	users.Fields.Add(&core.TextField{Name: "firstName"}, &core.TextField{Name: "lastName"})
	if err := app.Save(users); err != nil {
		return "", "", err
	}
	rule := pocketBaseOwnerRule
	todos := core.NewBaseCollection("todos")
	todos.ListRule, todos.ViewRule, todos.CreateRule = &rule, &rule, &rule
	todos.Fields.Add(
		&core.TextField{Name: "title", Required: true, Max: 200},
		&core.BoolField{Name: "done"},
		&core.NumberField{Name: "version", OnlyInt: true},
		&core.RelationField{Name: "owner", CollectionId: users.Id, Required: true, MaxSelect: 1, CascadeDelete: true},
		&core.AutodateField{Name: "created", OnCreate: true}, &core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true})
	todos.AddIndex("todos_of_owner", false, "owner, created, id", "")
	if err := app.Save(todos); err != nil {
		return "", "", err
	}
	ada := core.NewRecord(users)
	ada.Load(map[string]any{"firstName": d.user.FirstName, "lastName": d.user.LastName})
	ada.SetEmail(d.user.Email)
	ada.SetPassword("correct horse battery")
	ada.SetVerified(true)
	if err := app.Save(ada); err != nil {
		return "", "", err
	}
	err = app.RunInTransaction(func(tx core.App) error {
		for i, one := range d.todos {
			// Those of a millisecond are in the order of their random ids: each has one of its own.
			created := one.CreatedAt.Add(time.Duration(i) * time.Millisecond).Format("2006-01-02 15:04:05.000Z")
			if _, err := tx.DB().Insert("todos", dbx.Params{
				"id": core.GenerateDefaultRandomId(), "title": one.Title, "done": one.Done, "version": one.Version,
				"owner": ada.Id, "created": created, "updated": created,
			}).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return "", "", err
	}
	if _, err := app.DB().NewQuery("ANALYZE").Execute(); err != nil {
		return "", "", err
	}
	token, err = ada.NewAuthToken()
	return ada.Id, token, err
}

// askPocketBaseSelf asks for the user's own record.
func askPocketBaseSelf(d *dataset, base string, header http.Header, userID string) question {
	return question{http.MethodGet, base + "/api/collections/users/records/" + userID, header, nil, func(answer []byte) error {
		found := user{}
		if err := json.Unmarshal(answer, &found); err != nil {
			return err
		}
		found.ID = d.user.ID // it has another
		if found != d.user {
			return fmt.Errorf("want %+v", d.user)
		}
		return nil
	}}
}

// askPocketBasePage asks for the user's first todos.
func askPocketBasePage(d *dataset, base string, header http.Header, userID string) question {
	list := url.Values{"sort": {"created"}, "perPage": {strconv.Itoa(pageSize)}, "skipTotal": {"1"}}
	return question{http.MethodGet, base + "/api/collections/todos/records?" + list.Encode(), header, nil, func(answer []byte) error {
		titles, err := itemTitles(answer)
		if err != nil {
			return err
		}
		var want []string
		for _, one := range d.todos[:pageSize] {
			want = append(want, one.Title)
		}
		if !slices.Equal(titles, want) {
			return fmt.Errorf("want %q", want)
		}
		return nil
	}}
}

// askPocketBaseCreate makes a todo.
func askPocketBaseCreate(d *dataset, base string, header http.Header, userID string) question {
	body, err := json.Marshal(map[string]any{"title": title(0), "done": false, "version": 1, "owner": userID})
	if err != nil {
		panic(err) // it is made of strings, a number and a bool
	}
	return question{http.MethodPost, base + "/api/collections/todos/records", header, body, func(answer []byte) error {
		var made struct{ ID, Title string }
		if err := json.Unmarshal(answer, &made); err != nil {
			return err
		}
		if made.ID == "" || made.Title != title(0) {
			return fmt.Errorf("want a todo with the title %q", title(0))
		}
		return nil
	}}
}

// openPocketBase opens the data in a directory.
func openPocketBase(dir string) (*pocketbase.PocketBase, error) {
	app := pocketbase.NewWithConfig(pocketbase.Config{DefaultDataDir: dir, HideStartBanner: true})
	return app, app.Bootstrap()
}

func servePocketBase(ctx context.Context, dir, addr string) error {
	app, err := openPocketBase(dir)
	if err != nil {
		return err
	}
	app.OnServe().BindFunc(func(e *core.ServeEvent) error {
		e.InstallerFunc = nil // it would ask a browser for the first superuser
		return e.Next()
	})
	served := make(chan error, 1)
	go func() { served <- apis.Serve(app, apis.ServeConfig{HttpAddr: addr}) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
		return nil
	}
}

// itemTitles reads the answer of those that call what they list items.
func itemTitles(answer []byte) ([]string, error) {
	var body struct{ Items []struct{ Title string } }
	if err := json.Unmarshal(answer, &body); err != nil {
		return nil, err
	}
	var titles []string
	for _, item := range body.Items {
		titles = append(titles, item.Title)
	}
	return titles, nil
}
