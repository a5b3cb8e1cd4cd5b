package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
)

// An inquiry is what a work asks of servers of GraphQL, which are all asked alike.
type inquiry func(*dataset) []asked

// asked is an operation with its variables.
type asked struct {
	query     string
	variables map[string]any
	check     func(data json.RawMessage) error // that it is what is wanted
}

// questions returns an inquiry as requests to a server.
func (d *dataset) questions(ctx context.Context, url string, of inquiry) ([]question, error) {
	token, err := d.token(ctx)
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + token}}
	var questions []question
	for _, one := range of(d) {
		body := map[string]any{"query": one.query}
		if one.variables != nil {
			body["variables"] = one.variables
		}
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		questions = append(questions, question{http.MethodPost, url + "/graphql", header, text, func(answer []byte) error {
			var body struct {
				Data   json.RawMessage
				Errors []struct{ Message string }
			}
			if err := json.Unmarshal(answer, &body); err != nil {
				return err
			}
			if len(body.Errors) > 0 {
				return errors.New(body.Errors[0].Message)
			}
			return one.check(body.Data)
		}})
	}
	return questions, nil
}

const viewerQuery = `{ viewer { id firstName lastName email } }`

// askViewer asks who is signed in.
func askViewer(d *dataset) []asked {
	return []asked{{query: viewerQuery, check: func(data json.RawMessage) error {
		var found struct{ Viewer user }
		if err := json.Unmarshal(data, &found); err != nil {
			return err
		}
		if found.Viewer != d.user {
			return fmt.Errorf("want %+v", d.user)
		}
		return nil
	}}}
}

const pageSize = 50

const pageQuery = `query ($first: Int) { viewer { todos(first: $first) { edges { node { id title done version createdAt } } pageInfo { hasNextPage endCursor } } } }`

// askPage asks for the first todos of who is signed in.
func askPage(d *dataset) []asked {
	return []asked{{pageQuery, map[string]any{"first": pageSize}, func(data json.RawMessage) error {
		var found struct {
			Viewer struct {
				Todos struct {
					Edges    []struct{ Node todo }
					PageInfo struct {
						HasNextPage bool
						EndCursor   string
					}
				}
			}
		}
		if err := json.Unmarshal(data, &found); err != nil {
			return err
		}
		todos := found.Viewer.Todos
		var page []todo
		for _, edge := range todos.Edges {
			page = append(page, edge.Node)
		}
		if !slices.EqualFunc(page, d.todos[:pageSize], todo.equal) {
			return fmt.Errorf("want %+v", d.todos[:pageSize])
		}
		if todos.PageInfo.HasNextPage != (len(d.todos) > pageSize) || todos.PageInfo.EndCursor == "" {
			return errors.New("pageInfo is wrong")
		}
		return nil
	}}}
}

const todoFields = `id ... on Todo { title done version createdAt }`

// How many questions there are of those that ask for something else each time.
const manyQuestions = 200

// askNode asks for one todo by its id, another each time.
func askNode(d *dataset) (many []asked) {
	random := rand.New(rand.NewPCG(1, 2))
	for range manyQuestions {
		want := d.todos[random.IntN(len(d.todos))]
		many = append(many, asked{`query ($id: ID!) { node(id: $id) { ` + todoFields + ` } }`, map[string]any{"id": want.ID}, func(data json.RawMessage) error {
			var found struct{ Node todo }
			if err := json.Unmarshal(data, &found); err != nil {
				return err
			}
			if !found.Node.equal(want) {
				return fmt.Errorf("want %+v", want)
			}
			return nil
		}})
	}
	return many
}

// idsAtOnce is how many objects askNodes asks for.
const idsAtOnce = 100

// askNodes asks for many todos by their ids, others each time.
func askNodes(d *dataset) (many []asked) {
	random := rand.New(rand.NewPCG(1, 2))
	for range manyQuestions {
		var (
			want []todo
			ids  []string
		)
		for _, i := range random.Perm(len(d.todos))[:idsAtOnce] {
			want, ids = append(want, d.todos[i]), append(ids, d.todos[i].ID)
		}
		many = append(many, asked{`query ($ids: [ID!]!) { nodes(ids: $ids) { ` + todoFields + ` } }`, map[string]any{"ids": ids}, func(data json.RawMessage) error {
			var found struct{ Nodes []todo }
			if err := json.Unmarshal(data, &found); err != nil {
				return err
			}
			if !slices.EqualFunc(found.Nodes, want, todo.equal) {
				return fmt.Errorf("want %+v", want)
			}
			return nil
		}})
	}
	return many
}

// askCreate makes a todo.
func askCreate(d *dataset) []asked {
	input := map[string]any{"title": title(0), "done": false}
	return []asked{{`mutation ($input: CreateTodoInput!) { createTodo(input: $input) { todo { id title done version createdAt } } }`,
		map[string]any{"input": input}, func(data json.RawMessage) error {
			var found struct{ CreateTodo struct{ Todo todo } }
			if err := json.Unmarshal(data, &found); err != nil {
				return err
			}
			if made := found.CreateTodo.Todo; made.ID == "" || made.Title != title(0) || made.Version != 1 {
				return fmt.Errorf("want a todo with the title %q", title(0))
			}
			return nil
		}}}
}
