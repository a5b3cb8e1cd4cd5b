package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
)

// pocketBaseRule is who may read an issue.
const pocketBaseRule = "project.organization.owner = @request.auth.id"

// pocketBaseIssues is PocketBase with the issues, and a rule that is that of examples/tracker.
func pocketBaseIssues(issues []issue, pages []page) contestant {
	return contestant{"PocketBase", func(ctx context.Context, p *place) (*server, error) {
		ids, token, err := fillPocketBaseIssues(p.dir, issues)
		if err != nil {
			return nil, err
		}
		base, err := p.serveSelf(ctx, "pocketbase")
		if err != nil {
			return nil, err
		}
		header := http.Header{"Authorization": {token}}
		return &server{questions: questionsOf(pages, itemTitles, func(page page) question {
			list := url.Values{
				"filter":    {fmt.Sprintf("project = %q && status = %q && priority = %d", ids[page.project], page.status, page.priorityRank)},
				"sort":      {"-priority,dueDate,id"},
				"perPage":   {strconv.Itoa(issuesOfPage)},
				"skipTotal": {"1"},
			}
			return question{method: http.MethodGet, url: base + "/api/collections/issues/records?" + list.Encode(), header: header}
		})}, nil
	}}
}

// fillPocketBaseIssues makes the collections, and writes the issues into SQLite. It returns the projects' ids,
// and a token of the user whose they are.
func fillPocketBaseIssues(dir string, issues []issue) (ids []string, token string, err error) {
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
