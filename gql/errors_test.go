package gql

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// TestBadArgument: what a Go type of a project's refuses while gqlgen reads the arguments of a field
// is the client's fault, and no error of the resolver is.
func TestBadArgument(t *testing.T) {
	definition := &ast.FieldDefinition{Name: "weigh", Arguments: ast.ArgumentDefinitionList{{Name: "input"}}}
	field := graphql.CollectedField{Field: &ast.Field{Name: "weigh", Alias: "a", Definition: definition}}
	argument := func(args map[string]any) context.Context {
		ctx := graphql.WithFieldContext(context.Background(), &graphql.FieldContext{Field: field, Args: args})
		for _, step := range []*graphql.PathContext{graphql.NewPathWithField("input"), graphql.NewPathWithField("weights"), graphql.NewPathWithIndex(2)} {
			ctx = graphql.WithPathContext(ctx, step)
		}
		return ctx
	}
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		want string
	}{
		{"an error that quotes Go", argument(nil), errors.New(`strconv.ParseInt: parsing "x"`),
			"[a] BAD_USER_INPUT weights argument input.weights[2] of weigh: the value is none of its type"},
		{"one that tells", argument(nil), model.BadInput("", "a Weight is a number"),
			"[a] BAD_USER_INPUT weights argument input.weights[2] of weigh: a Weight is a number"},
		{"a panic", argument(nil), fmt.Errorf("%w: nil map", web.ErrPanic),
			"[a input weights 2] INTERNAL_SERVER_ERROR <nil> something went wrong on the server"},
		{"of the resolver", argument(map[string]any{}), errors.New("no table"),
			"[a input weights 2] INTERNAL_SERVER_ERROR <nil> something went wrong on the server"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := presentError(test.ctx, graphql.ErrorOnPath(test.ctx, test.err))
			path := make([]any, len(got.Path))
			for i, step := range got.Path {
				path[i] = step
			}
			if told := fmt.Sprint(path, " ", got.Extensions["code"], " ", got.Extensions["field"], " ", got.Message); told != test.want {
				t.Errorf("%s, want %s", told, test.want)
			}
		})
	}
}
