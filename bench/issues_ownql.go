package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/examples/tracker/graph"
	"github.com/ownql/ownql/examples/tracker/store"
	"github.com/ownql/ownql/internal/dynamolocal"
	"github.com/ownql/ownql/model"
)

// tracker is the project of examples/tracker.
var tracker = command.App[*store.Store]{Store: store.New, Schema: graph.New}

const trackerQuery = `query ($project: ID!, $filter: IssueFilter) {
  node(id: $project) { ... on Project {
    issues(first: 25, filter: $filter, orderBy: { field: PRIORITY_DESC_DUE_DATE }) {
      edges { node { id title status priority dueDate } }
      pageInfo { hasNextPage endCursor }
    }
  } }
}`

// trackerIssues is examples/tracker as `ownql serve` serves it, on the embedded engine.
func trackerIssues(issues []issue, pages []page) contestant {
	return contestant{"ownql", func(ctx context.Context, p *place) (*server, error) {
		ids, token, err := fillTracker(ctx, p.dir, issues)
		if err != nil {
			return nil, err
		}
		url, err := p.serveSelf(ctx, "tracker", "OWNQL_SECRET="+secret)
		if err != nil {
			return nil, err
		}
		header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
		return &server{questions: questionsOf(pages, trackerTitles, func(page page) question {
			body, err := json.Marshal(map[string]any{"query": trackerQuery, "variables": map[string]any{
				"project": ids[page.project],
				"filter":  map[string]any{"status": map[string]any{"eq": page.status}, "priority": map[string]any{"eq": page.priority}},
			}})
			if err != nil {
				panic(err) // it is made of strings
			}
			return question{method: http.MethodPost, url: url + "/graphql", header: header, body: body}
		})}, nil
	}}
}

func serveTracker(ctx context.Context, dir, addr string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	return command.Run(ctx, tracker, []string{"serve", "--store", dir, "--addr", addr}, getenv, stdin, stdout, stderr)
}

// fillTracker makes the issues through the project's store, as mutations do. It returns the projects'
// global ids, and an access token of the user whose they are.
func fillTracker(ctx context.Context, dir string, issues []issue) (ids []string, token string, err error) {
	engine, err := dynamolocal.Open(dir)
	if err != nil {
		return nil, "", err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	accounts := account.New(model.Open(engine, ""))
	s := store.New(accounts)
	if _, err := s.DB.CreateTables(ctx); err != nil {
		return nil, "", err
	}
	session := account.NewSession(24*time.Hour, "bench")
	user, err := accounts.CreateUser(ctx, account.Signup{Email: "ada@example.com", FirstName: "Ada"}, session)
	if err != nil {
		return nil, "", err
	}
	ada := model.Caller{ID: user.ID}
	organization, err := s.CreateOrganization(ctx, ada, store.CreateOrganizationInput{Name: "Analytical Engines"})
	if err != nil {
		return nil, "", err
	}
	for i := range projects {
		project, err := s.CreateProject(ctx, ada, store.CreateProjectInput{Name: fmt.Sprint("project ", i), OrganizationID: organization.GlobalID()})
		if err != nil {
			return nil, "", err
		}
		ids = append(ids, project.GlobalID())
	}
	group, filling := errgroup.WithContext(ctx)
	group.SetLimit(128) // they share the engine's transactions
	for _, one := range issues {
		group.Go(func() error {
			due, err := model.ParseDate(one.dueDate)
			if err != nil {
				return err
			}
			_, err = s.CreateIssue(filling, ada, store.CreateIssueInput{
				Title: one.title, Body: &one.body, ProjectID: ids[one.project], DueDate: &due,
				Status: new(store.IssueStatus(one.status)), Priority: new(store.Priority(one.priority)),
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, "", err
	}
	token, err = auth.NewIssuer(auth.NewSecretKeys([]byte(secret)), "ownql").Issue(ctx, auth.Claims{UserID: user.ID, SessionID: session.ID})
	return ids, token, err
}

func trackerTitles(answer []byte) ([]string, error) {
	var body struct {
		Data struct {
			Node struct {
				Issues struct {
					Edges []struct{ Node struct{ Title string } }
				}
			}
		}
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(answer, &body); err != nil {
		return nil, err
	}
	if len(body.Errors) > 0 {
		return nil, errors.New(body.Errors[0].Message)
	}
	var titles []string
	for _, edge := range body.Data.Node.Issues.Edges {
		titles = append(titles, edge.Node.Title)
	}
	return titles, nil
}
