package gql

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"github.com/ownql/ownql/model"
)

// answerCost is an answer's `extensions.cost`, in dev: what the request has asked of DynamoDB until
// then, its authentication included. An item is counted whether or not it was there, so that
// nobody's cost tells of what they may not read.
type answerCost struct {
	Calls      int     `json:"calls"`
	Items      int     `json:"items"`
	ReadUnits  float64 `json:"readUnits"`
	WriteUnits float64 `json:"writeUnits"`
}

// tellCost puts the cost into a response.
func tellCost(ctx context.Context, response *graphql.Response) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	response.Extensions["cost"] = answerCost(model.UsageOf(ctx))
}
