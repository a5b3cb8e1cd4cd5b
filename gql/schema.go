package gql

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/introspection"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/auth"
)

// A Schema is a project's, as its generated package graph returns it.
type Schema struct {
	Sources    []*ast.Source // the SDL
	Parsed     *ast.Schema
	Executable func(*ast.Schema) graphql.ExecutableSchema // with its resolvers

	// Scalars are those of Date, Decimal and JSON that are ownql's. Any other of the name is the
	// project's own.
	Scalars []string

	Answers Answers

	transactional []string // fields of Mutation, see Transactional
}

// Transactional returns the schema in which these mutations can be part of one with @transaction: some that
// the project answers itself, in place of what is generated or beside it. Such code changes nothing but by
// models, with the context that it is given, and is called once for each try of the transaction. What it
// returns is answered once that is done.
func (s Schema) Transactional(mutations ...string) Schema {
	s.transactional = slices.Concat(s.transactional, mutations)
	return s
}

// MayBePart tells whether a mutation can be part of one with @transaction.
func (s Schema) MayBePart(mutation string) bool {
	_, isGenerated := s.Answers.Writes["Mutation."+mutation]
	return isGenerated || slices.Contains(s.transactional, mutation)
}

// served returns the schema without gqlgen's own @defer, which answers in parts, and with the scalars
// that are ownql's as built in.
func (s Schema) served() *ast.Schema {
	schema := *s.Parsed
	schema.Types = maps.Clone(schema.Types)
	for _, name := range s.Scalars {
		scalar := *schema.Types[name]
		scalar.BuiltIn = true
		schema.Types[name] = &scalar
	}
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer")
	return &schema
}

// SDL answers GET /schema.graphql with the schema as it is written.
func (h *Handler) SDL(w http.ResponseWriter, r *http.Request) error {
	if err := h.permitSchema(r); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write(h.sdl())
	return err
}

// Introspection answers GET /graphql-schema with what the introspection query
// gives, `{"data":{"__schema":…}}`, the form that Relay's and Apollo's tools read.
func (h *Handler) Introspection(w http.ResponseWriter, r *http.Request) error {
	if err := h.permitSchema(r); err != nil {
		return err
	}
	response, err := h.introspected()
	if err != nil {
		return err
	}
	writeResponse(w, r, http.StatusOK, response)
	return nil
}

func (h *Handler) permitSchema(r *http.Request) error {
	switch {
	case !h.options.Introspection:
		return errIntrospectionOff
	case !h.mayAskAnything(r) && !h.mayIntrospectAsNobody(r):
		return auth.ErrUnauthenticated
	}
	return nil
}

// sdlOf returns the schema as it is written.
func sdlOf(schema Schema) []byte {
	var sdl []byte
	for _, source := range schema.Sources {
		if !source.BuiltIn {
			sdl = append(sdl, source.Input...)
		}
	}
	return sdl
}

func (h *Handler) introspect() (*graphql.Response, error) {
	// The operator's limits are for clients.
	document, errs := newDocuments(h.documents.schema, Unlimited, false).load(introspection.Query)
	if len(errs) > 0 {
		return nil, fmt.Errorf("load the introspection query: %w", errs)
	}
	operation, errs := h.operationOf(document, &graphql.RawParams{Query: introspection.Query})
	if len(errs) > 0 {
		return nil, fmt.Errorf("prepare the introspection query: %w", errs)
	}
	operation.DisableIntrospection = false
	response := h.executor.execute(context.Background(), operation)
	if len(response.Errors) > 0 {
		return nil, fmt.Errorf("run the introspection query: %w", response.Errors)
	}
	return response, nil
}
