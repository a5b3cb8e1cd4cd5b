package gql

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/model"
	"github.com/ownql/ownql/web"
)

// isTransaction tells whether a mutation is carried out whole or not at all: `mutation @transaction { … }`.
func isTransaction(operation *ast.OperationDefinition) bool {
	return operation.Operation == ast.Mutation && operation.Directives.ForName("transaction") != nil
}

// transactions carry out mutations with @transaction. gqlgen executes such a one twice. At first the resolvers
// of its fields are called, whose writes model collects ([model.DB.TransactParts]), and what they return is
// kept, of which nothing is selected yet. Then all is written. At last gqlgen makes the answer: what was kept
// stands for what the resolvers would return.
type transactions struct {
	project    Schema
	executable graphql.ExecutableSchema
	present    graphql.ErrorPresenterFunc
}

// newTransactions returns an error where what [Schema.Transactional] was told is no mutation.
func newTransactions(project Schema, executable graphql.ExecutableSchema, present graphql.ErrorPresenterFunc) (*transactions, error) {
	for _, name := range project.transactional {
		if mutation := project.Parsed.Mutation; mutation == nil || mutation.Fields.ForName(name) == nil {
			return nil, fmt.Errorf("package graph, New: Transactional names %s, and the schema has no such mutation", name)
		}
	}
	return &transactions{project, executable, present}, nil
}

// carryOut carries out an operation that is a transaction, and has it be answered with what that has made. refused: the
// response in place of that, since nothing is written.
func (t *transactions) carryOut(ctx context.Context, operation *graphql.OperationContext) (refused *graphql.Response) {
	fields := graphql.CollectFields(operation, operation.Operation.SelectionSet, []string{"Mutation"})
	made, err := t.write(ctx, operation, fields)
	if err != nil {
		return notCarriedOut(fields, err)
	}
	operation.ResolverMiddleware = made.answer(operation.ResolverMiddleware)
	return nil
}

// A transaction is what the fields of one return, by their names in the answer.
type transaction struct {
	results map[string]any
	after   map[string]error // of hooks, once all is written
}

// write writes what the fields say. refused: nothing is written.
func (t *transactions) write(ctx context.Context, operation *graphql.OperationContext, fields []graphql.CollectedField) (*transaction, *gqlerror.Error) {
	for _, field := range fields {
		if field.Name != "__typename" && !t.project.MayBePart(field.Name) {
			err := model.BadInput("", field.Name+" cannot be part of a transaction: send it by itself, without @transaction")
			return nil, t.refusal(ctx, fields, &model.PartError{Part: field.Alias, Err: err})
		}
	}
	if t.project.Answers.DB == nil || len(fields) == 0 {
		return &transaction{}, nil
	}
	var made *transaction
	after, err := t.project.Answers.DB.TransactParts(ctx, func(ctx context.Context, tx *model.Tx) (err error) {
		if made, err = t.plan(ctx, tx, operation); err == nil {
			made.tellMade(ctx)
		}
		return err
	})
	if err != nil {
		return nil, t.refusal(ctx, fields, err)
	}
	made.after = after
	return made, nil
}

// plan has the fields' resolvers collect their writes, one after the other, up to the first that returns an
// error: a *gqlerror.Error.
func (t *transactions) plan(ctx context.Context, tx *model.Tx, operation *graphql.OperationContext) (*transaction, error) {
	made := &transaction{results: map[string]any{}}
	planning := &graphql.OperationContext{
		RawQuery: operation.RawQuery, Variables: operation.Variables, OperationName: operation.OperationName,
		Doc: operation.Doc, Extensions: operation.Extensions, Headers: operation.Headers, Operation: operation.Operation,
		DisableIntrospection: true, RecoverFunc: operation.RecoverFunc,
		RootResolverMiddleware: func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
		ResolverMiddleware: func(ctx context.Context, next graphql.Resolver) (any, error) {
			if len(graphql.GetErrors(ctx)) > 0 {
				return graphql.Null, nil
			}
			name := graphql.GetFieldContext(ctx).Field.Alias
			tx.Begin(name)
			result, err := next(ctx)
			if err == nil {
				made.results[name] = result
			}
			return graphql.Null, err
		},
	}
	ctx = graphql.WithResponseContext(graphql.WithOperationContext(ctx, planning), t.present, web.Recovered)
	t.executable.Exec(ctx)(ctx)
	if errs := graphql.GetErrors(ctx); len(errs) > 0 {
		return nil, errs[0]
	}
	return made, nil
}

// refusal presents why nothing is written.
func (t *transactions) refusal(ctx context.Context, fields []graphql.CollectedField, err error) *gqlerror.Error {
	if presented := (*gqlerror.Error)(nil); errors.As(err, &presented) {
		return presented // by plan
	}
	at := &gqlerror.Error{Err: err}
	if part := (*model.PartError)(nil); errors.As(err, &part) {
		at.Path = ast.Path{ast.PathName(part.Part)}
		for _, field := range fields {
			if field.Alias == part.Part && field.Position != nil {
				at.Locations = []gqlerror.Location{{Line: field.Position.Line, Column: field.Position.Column}}
			}
		}
	}
	return t.present(ctx, at)
}

// notCarriedOut is the response where nothing is written: every field is null.
func notCarriedOut(fields []graphql.CollectedField, refused *gqlerror.Error) *graphql.Response {
	response := &graphql.Response{Errors: gqlerror.List{refused}, Data: []byte("null")}
	isRequired := func(field graphql.CollectedField) bool {
		return field.Name != "__typename" && field.Definition.Type.NonNull
	}
	if slices.ContainsFunc(fields, isRequired) {
		return response
	}
	var data bytes.Buffer
	data.WriteByte('{')
	for i, field := range fields {
		if i > 0 {
			data.WriteByte(',')
		}
		data.WriteString(strconv.Quote(field.Alias)) // a name: there is nothing to escape
		if field.Name == "__typename" {
			data.WriteString(`:"Mutation"`)
		} else {
			data.WriteString(":null")
		}
	}
	data.WriteByte('}')
	response.Data = data.Bytes()
	return response
}

// answer returns the middleware by which the fields of the root answer what they have returned. inner is that
// of all fields.
func (t *transaction) answer(inner graphql.FieldMiddleware) graphql.FieldMiddleware {
	return func(ctx context.Context, next graphql.Resolver) (any, error) {
		field := graphql.GetFieldContext(ctx)
		if field.Object != "Mutation" || field.Field.Name == "__typename" {
			return inner(ctx, next)
		}
		return inner(ctx, func(context.Context) (any, error) {
			if err := t.after[field.Field.Alias]; err != nil {
				return nil, err
			}
			return t.results[field.Field.Alias], nil
		})
	}
}
