package gql

import (
	"context"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// answerCost is an answer's `extensions.cost`, in dev: what the request has asked of DynamoDB until
// then, its authentication included. An item is counted whether or not it was there, so that
// nobody's cost tells of what they may not read.
type answerCost struct {
	Calls      int         `json:"calls"`
	Items      int         `json:"items"`
	ReadUnits  float64     `json:"readUnits"`
	WriteUnits float64     `json:"writeUnits"`
	Lists      []*listCost `json:"lists,omitempty"`
}

// listCost is what the lists of one field have cost, and their counts, which have a path of their own.
// What a list has examined tells of hidden objects: in dev alone, where all data is the developer's.
type listCost struct {
	Path     string `json:"path"`  // names as the answer has them, without the places in lists: `viewer.notes`
	Index    string `json:"index"` // after its table
	Lists    int    `json:"lists"` // how many
	Examined int    `json:"examined"`
	Returned int    `json:"returned"`
	Advice   string `json:"advice,omitempty"` // an @index by which less would be examined
}

// listCosts are those of an operation, whose lists may report at once.
type listCosts struct {
	mu    sync.Mutex
	lists []*listCost
}

type listCostsKey struct{}

// withListCosts returns a context in which the lists of an operation say what they cost, for tellCost.
func withListCosts(ctx context.Context) context.Context {
	costs := &listCosts{}
	return model.WithListReports(context.WithValue(ctx, listCostsKey{}, costs), costs.add)
}

// add adds what a list has cost that the field of the context is.
func (c *listCosts) add(ctx context.Context, report model.ListReport) {
	path, index := namesOf(graphql.GetPath(ctx)), report.Table+"."+report.Index
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, known := range c.lists {
		if known.Path == path && known.Index == index {
			known.Lists++
			known.Examined += report.Examined
			known.Returned += report.Returned
			if known.Advice == "" {
				known.Advice = report.Advice
			}
			return
		}
	}
	c.lists = append(c.lists, &listCost{path, index, 1, report.Examined, report.Returned, report.Advice})
}

// namesOf returns the names of a path, with dots between.
func namesOf(path ast.Path) string {
	var names []string
	for _, step := range path {
		if name, isName := step.(ast.PathName); isName {
			names = append(names, string(name))
		}
	}
	return strings.Join(names, ".")
}

// tellCost puts the cost into a response.
func tellCost(ctx context.Context, response *graphql.Response) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	usage := model.UsageOf(ctx)
	cost := answerCost{Calls: usage.Calls, Items: usage.Items, ReadUnits: usage.ReadUnits, WriteUnits: usage.WriteUnits}
	if costs, _ := ctx.Value(listCostsKey{}).(*listCosts); costs != nil {
		costs.mu.Lock()
		defer costs.mu.Unlock()
		cost.Lists = costs.lists
	}
	response.Extensions["cost"] = cost
}
