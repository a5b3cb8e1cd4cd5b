package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
)

// Data is what the server keeps, in maps.
type Data struct {
	Users map[string]*User   `json:"users"` // by the subject of their tokens
	Todos map[string][]*Todo `json:"todos"` // by the same, in the order in which they were made

	byID map[string]owned
}

// owned is a todo with the subject of whose it is.
type owned struct {
	*Todo
	owner string
}

// ReadData reads what bench wrote.
func ReadData(file string) (*Data, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	d := &Data{byID: map[string]owned{}}
	if err := json.Unmarshal(text, d); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	for owner, todos := range d.Todos {
		for _, todo := range todos {
			d.byID[todo.ID] = owned{todo, owner}
		}
	}
	return d, nil
}

// User returns the user of that id. Nil where there is none.
func (d *Data) User(_ context.Context, id string) (*User, error) { return d.Users[id], nil }

// page returns the first todos of a user after a cursor, which is the id of a todo.
func (d *Data) page(owner string, first int, after *string) *TodoConnection {
	todos := d.Todos[owner]
	if after != nil {
		for i, todo := range todos {
			if todo.ID == *after {
				todos = todos[i+1:]
				break
			}
		}
	}
	page := &TodoConnection{PageInfo: &PageInfo{HasNextPage: len(todos) > first}}
	for _, todo := range todos[:min(first, len(todos))] {
		page.Edges = append(page.Edges, &TodoEdge{Cursor: todo.ID, Node: todo})
		page.PageInfo.EndCursor = &todo.ID
	}
	return page
}

// nodes returns what has those ids and is the caller's. Nil in the place of what is not.
func (d *Data) nodes(ctx context.Context, ids []string) ([]Node, []error) {
	caller, nodes := CallerFrom(ctx), make([]Node, len(ids))
	for i, id := range ids {
		if found, ok := d.byID[id]; ok && found.owner == caller {
			nodes[i] = found.Todo
		}
	}
	return nodes, nil
}

// UserID returns the id of a user as the schema has it.
func UserID(id string) string { return base64.StdEncoding.EncodeToString([]byte("User:" + id)) }
