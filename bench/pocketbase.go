package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase"
	"github.com/pocketbase/pocketbase/apis"
	"github.com/pocketbase/pocketbase/core"
)

// pocketBaseServer is PocketBase as a Go module, on SQLite, with a rule that is that of examples/tracker.
var pocketBaseServer = contestant{name: "PocketBase", dir: "pocketbase", start: startPocketBase}

// pocketBaseRule is who may read an issue.
const pocketBaseRule = "project.organization.owner = @request.auth.id"

func startPocketBase(ctx context.Context, p *place, issues []issue) (*server, error) {
	ids, token, err := fillPocketBase(p.dir, issues)
	if err != nil {
		return nil, err
	}
	base, err := p.serve(ctx, "pocketbase")
	if err != nil {
		return nil, err
	}
	header := http.Header{"Authorization": {token}}
	return &server{
		question: func(p page) question {
			list := url.Values{
				"filter":    {fmt.Sprintf("project = %q && status = %q && priority = %d", ids[p.project], p.status, p.priorityRank)},
				"sort":      {"-priority,dueDate,id"},
				"perPage":   {strconv.Itoa(pageSize)},
				"skipTotal": {"1"},
			}
			return question{http.MethodGet, base + "/api/collections/issues/records?" + list.Encode(), header, nil}
		},
		titles: func(answer []byte) ([]string, error) { return itemTitles(answer) },
	}, nil
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

// fillPocketBase makes the collections, and writes the issues into SQLite. It returns the projects' ids,
// and a token of the user whose they are.
func fillPocketBase(dir string, issues []issue) (ids []string, token string, err error) {
	app, err := openPocketBase(dir)
	if err != nil {
		return nil, "", err
	}
	defer app.ResetBootstrapState()
	if err := app.RunAllMigrations(); err != nil {
		return nil, "", err
	}
	users, err := app.FindCollectionByNameOrId("users")
	if err != nil {
		return nil, "", err
	}
	organizations, err := pocketBaseCollection(app, "organizations", "owner = @request.auth.id",
		&core.TextField{Name: "name", Required: true},
		&core.RelationField{Name: "owner", CollectionId: users.Id, Required: true, MaxSelect: 1, CascadeDelete: true})
	if err != nil {
		return nil, "", err
	}
	ofProjects, err := pocketBaseCollection(app, "projects", "organization.owner = @request.auth.id",
		&core.TextField{Name: "name", Required: true},
		&core.RelationField{Name: "organization", CollectionId: organizations.Id, Required: true, MaxSelect: 1, CascadeDelete: true})
	if err != nil {
		return nil, "", err
	}
	if _, err := pocketBaseCollection(app, "issues", pocketBaseRule,
		&core.TextField{Name: "title", Required: true, Max: 200},
		&core.TextField{Name: "body", Max: 20_000},
		&core.SelectField{Name: "status", Values: statuses, Required: true, MaxSelect: 1},
		&core.NumberField{Name: "priority", OnlyInt: true}, // a select is sorted by letters
		&core.DateField{Name: "dueDate"},
		&core.RelationField{Name: "project", CollectionId: ofProjects.Id, Required: true, MaxSelect: 1, CascadeDelete: true}); err != nil {
		return nil, "", err
	}

	ada := core.NewRecord(users)
	ada.SetEmail("ada@example.com")
	ada.SetPassword("correct horse battery")
	ada.SetVerified(true)
	if err := app.Save(ada); err != nil {
		return nil, "", err
	}
	organization := core.NewRecord(organizations)
	organization.Load(map[string]any{"name": "Analytical Engines", "owner": ada.Id})
	if err := app.Save(organization); err != nil {
		return nil, "", err
	}
	for i := range projects {
		project := core.NewRecord(ofProjects)
		project.Load(map[string]any{"name": fmt.Sprint("project ", i), "organization": organization.Id})
		if err := app.Save(project); err != nil {
			return nil, "", err
		}
		ids = append(ids, project.Id)
	}
	err = app.RunInTransaction(func(tx core.App) error {
		for _, one := range issues {
			created := one.createdAt.Format("2006-01-02 15:04:05.000Z")
			if _, err := tx.DB().Insert("issues", dbx.Params{
				"id": core.GenerateDefaultRandomId(), "title": one.title, "body": one.body,
				"status": one.status, "priority": one.priorityRank, "dueDate": one.dueDate + " 00:00:00.000Z",
				"project": ids[one.project], "created": created, "updated": created,
			}).Execute(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	if _, err := app.DB().NewQuery("ANALYZE").Execute(); err != nil {
		return nil, "", err
	}
	token, err = ada.NewAuthToken()
	return ids, token, err
}

// pocketBaseCollection makes a collection that those may read for whom the rule holds. That of issues has
// the index.
func pocketBaseCollection(app core.App, name, rule string, fields ...core.Field) (*core.Collection, error) {
	c := core.NewBaseCollection(name)
	c.ListRule, c.ViewRule = &rule, &rule
	c.Fields.Add(fields...)
	c.Fields.Add(&core.AutodateField{Name: "created", OnCreate: true}, &core.AutodateField{Name: "updated", OnCreate: true, OnUpdate: true})
	if name == "issues" {
		c.AddIndex("issues_of_project", false, "project, status, priority DESC, dueDate, id", "")
	}
	return c, app.Save(c)
}

// itemTitles reads the answer of those that call the issues items.
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
