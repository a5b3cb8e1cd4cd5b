package gql

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/model"
)

// TestErrorBeforeAField presents the error of a mutation's field that is not begun, as where the
// session has ended meanwhile, or the store does not answer: gqlgen has no field at hand then.
func TestErrorBeforeAField(t *testing.T) {
	ctx := graphql.WithFieldContext(t.Context(), &graphql.FieldContext{Object: "Mutation"})
	path := ast.Path{ast.PathName("second")}
	got := presentError(ctx, &gqlerror.Error{Err: model.ErrUnavailable, Path: path})
	if got.Extensions["code"] != string(model.CodeUnavailable) || got.Path.String() != path.String() {
		t.Errorf("%v at %s", got.Extensions, got.Path)
	}
}
