package gql

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// An executor has gqlgen's code execute operations. It stands for gqlgen's own, which makes a function of each request for
// each thing that is to be around it.
type executor struct {
	executable   graphql.ExecutableSchema
	present      graphql.ErrorPresenterFunc
	turns        turns
	reads        model.ReadLimits
	transactions *transactions
	accounts     *auth.Accounts
}

// execute returns what an operation is answered with; nil: the client has gone.
func (e *executor) execute(ctx context.Context, operation *graphql.OperationContext) *graphql.Response {
	if err := ctx.Err(); err != nil {
		return nil
	}
	ctx = graphql.WithOperationContext(ctx, operation)
	done, err := e.turns.take(ctx, operation)
	if err != nil {
		return &graphql.Response{Errors: gqlerror.List{asGraphQL(web.ErrorOf(ctx, err))}}
	}
	defer done()
	ctx, budget := model.WithReadBudget(ctx, e.reads)
	response := e.carryOut(ctx, operation)
	if err := budget.Err(); err != nil { // pages have ended early for want of it
		response.Errors = append(response.Errors, asGraphQL(web.ErrorOf(ctx, err)))
	}
	return response
}

// carryOut executes an operation, whose writes are made together where it is a transaction.
func (e *executor) carryOut(ctx context.Context, operation *graphql.OperationContext) *graphql.Response {
	if operation.Operation.Operation == ast.Query {
		ctx = model.WithReads(ctx, true) // together, and nothing twice
		model.ExpectLoads(ctx, nodeFields(operation))
	}
	if isTransaction(operation.Operation) {
		if refused := e.transactions.carryOut(ctx, operation); refused != nil {
			return refused
		}
	}
	ctx = graphql.WithResponseContext(ctx, e.present, web.Recovered)
	response := e.executable.Exec(ctx)(ctx)
	response.Errors = append(response.Errors, graphql.GetErrors(ctx)...)
	response.Extensions = graphql.GetExtensions(ctx)
	return response
}

// refuse returns what an operation is answered with of which nothing is executed.
func (e *executor) refuse(ctx context.Context, errs gqlerror.List) *graphql.Response {
	ctx = graphql.WithResponseContext(ctx, e.present, web.Recovered)
	for _, err := range errs {
		graphql.AddError(ctx, err)
	}
	return &graphql.Response{Errors: graphql.GetErrors(ctx)}
}

// aroundRootField is gqlgen's middleware of each root field: what a mutation's loads, it reads anew, and who is asking; and
// what any answers is counted as it is written.
func (e *executor) aroundRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	operation := graphql.GetOperationContext(ctx)
	if operation.Operation.Operation == ast.Mutation {
		renewed, err := e.readAnew(ctx, operation)
		if err != nil {
			path := ast.Path{ast.PathName(graphql.GetRootFieldContext(ctx).Field.Alias)}
			graphql.AddError(ctx, &gqlerror.Error{Err: err, Path: path})
			return graphql.Null
		}
		ctx = renewed
	}
	return counted(ctx, operation, next(ctx))
}

// readAnew returns a context in which a field of a mutation reads anew what it loads, and who is asking: it must see what the
// field before has changed.
func (e *executor) readAnew(ctx context.Context, operation *graphql.OperationContext) (context.Context, error) {
	if !isFirstField(ctx, operation) && !isTransaction(operation.Operation) {
		renewed, err := e.accounts.Renew(ctx)
		if err != nil {
			return nil, err
		}
		ctx = renewed
	}
	return model.WithReads(ctx, false), nil
}

// isFirstField tells whether the context's root field is the operation's first.
func isFirstField(ctx context.Context, operation *graphql.OperationContext) bool {
	fields := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Mutation"})
	return len(fields) == 0 || fields[0].Alias == graphql.GetRootFieldContext(ctx).Field.Alias
}

// nodeFields returns how many of a query's root fields are `node` and `nodes`, which load by id before anything else.
func nodeFields(operation *graphql.OperationContext) (fields int) {
	if !mayLoadNodes(operation.Operation.SelectionSet) {
		return 0
	}
	for _, field := range graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Query"}) {
		if loadsNodes(field.Field) {
			fields++
		}
	}
	return fields
}

func loadsNodes(field *ast.Field) bool { return field.Name == "node" || field.Name == "nodes" }

// mayLoadNodes tells whether `node` or `nodes` may be among a query's root fields, without collecting them.
func mayLoadNodes(root ast.SelectionSet) bool {
	return slices.ContainsFunc(root, func(selection ast.Selection) bool {
		field, isField := selection.(*ast.Field)
		return !isField || loadsNodes(field)
	})
}
