package schemadiff

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/internal/modelgen/sdl"
)

const (
	maxAnswer = 32 << 20 // bytes, of a server
	patience  = 30 * time.Second
)

// Parse reads a schema in the schema definition language.
func Parse(name, text string) (*ast.Schema, error) {
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		problem := sdl.ProblemsOf(err)[0]
		return nil, fmt.Errorf("%s:%d:%d: %s", name, problem.Line, problem.Column, problem.Message)
	}
	return schema, nil
}

// IsURL tells whether a schema is to be asked for, and is in no file.
func IsURL(from string) bool { return strings.Contains(from, "://") }

// CheckURL refuses what no server is at.
func CheckURL(from string) error {
	at, err := url.Parse(from)
	switch {
	case err != nil:
		return fmt.Errorf("%q is no URL: %w", from, err)
	case at.Scheme != "http" && at.Scheme != "https", at.Host == "":
		return fmt.Errorf("%q: a server is asked by http:// or https://, such as https://example.com/graphql", from)
	}
	return nil
}

// Read reads the schema of a file, or that of the server at a URL, which is asked with the headers.
func Read(ctx context.Context, from string, headers http.Header) (*ast.Schema, error) {
	if IsURL(from) {
		if err := CheckURL(from); err != nil {
			return nil, err
		}
		return ask(ctx, from, headers)
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return nil, err
	}
	return Parse(from, string(text))
}

// server is asked for its schema.
type server struct {
	url     string
	headers http.Header
	client  http.Client
}

func ask(ctx context.Context, at string, headers http.Header) (*ast.Schema, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errLate)
	defer cancel()
	s := &server{at, headers, http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	schema, err := s.schema(ctx)
	if err != nil && context.Cause(ctx) == errLate {
		err = errLate
	}
	if err != nil {
		return nil, fmt.Errorf("ask %s for its schema: %w", at, err)
	}
	return schema, nil
}

var errLate = fmt.Errorf("it has not answered within %v: try again, or name a file that has its schema", patience)

func (s *server) schema(ctx context.Context) (*ast.Schema, error) {
	if at, err := url.Parse(s.url); err == nil && (strings.HasSuffix(at.Path, ".graphql") || strings.HasSuffix(at.Path, ".graphqls")) {
		_, text, err := s.do(ctx, http.MethodGet, nil)
		if err != nil {
			return nil, err
		}
		return Parse(at.Path, string(text))
	}
	answer, err := s.introspect(ctx, queryNow)
	// A server of before 2025 refuses @oneOf, and one of before 2021 what else is new.
	for _, older := range []string{strings.Replace(queryNow, " isOneOf", "", 1), queryBefore} {
		if refused := new(refusedError); !errors.As(err, &refused) {
			break
		}
		if got, olderErr := s.introspect(ctx, older); olderErr == nil {
			answer, err = got, nil
		}
	}
	if err != nil {
		return nil, err
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: s.url, Input: answer.sdl()})
	if err != nil {
		return nil, fmt.Errorf("what it answers is no schema: %s", sdl.ProblemsOf(err)[0].Message)
	}
	return schema, nil
}

// do asks the server, and returns what it answers, up to maxAnswer.
func (s *server) do(ctx context.Context, method string, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, method, s.url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Accept", "application/graphql-response+json, application/json;q=0.9")
	}
	for name, values := range s.headers {
		request.Header[name] = values
		if name == "Host" {
			request.Host = values[0]
		}
	}
	response, err := s.client.Do(request)
	if err != nil {
		if wrapped := new(url.Error); errors.As(err, &wrapped) {
			err = wrapped.Err // it has the URL, too
		}
		return 0, nil, err
	}
	defer response.Body.Close()
	switch status := response.StatusCode; {
	case status >= 300 && status < 400:
		return 0, nil, fmt.Errorf("it sends one on to %s: name that, if it is meant", response.Header.Get("Location"))
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return 0, nil, fmt.Errorf(`it answers %s: give it a token, --header "Authorization: Bearer …"`, response.Status)
	case status == http.StatusNotFound || status == http.StatusMethodNotAllowed:
		return 0, nil, fmt.Errorf("it answers %s: name its GraphQL endpoint, such as https://example.com/graphql", response.Status)
	case method == http.MethodGet && status != http.StatusOK, status >= 500:
		return 0, nil, fmt.Errorf("it answers %s", response.Status)
	}
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, err
	}
	if len(answer) > maxAnswer {
		return 0, nil, fmt.Errorf("it answers with more than %d MiB: name a file that has its schema", maxAnswer>>20)
	}
	return response.StatusCode, answer, nil
}

// refusedError is what a server says that does not answer the query.
type refusedError struct{ says string }

func (e *refusedError) Error() string {
	return fmt.Sprintf("it does not show its schema (%s): have it do so (--introspection), give a token by --header, or name a file that has it, such as what `ownql schema` printed of what it runs", e.says)
}

func (s *server) introspect(ctx context.Context, query string) (*introspected, error) {
	body, err := json.Marshal(map[string]string{"query": query, "operationName": "IntrospectionQuery"})
	if err != nil {
		return nil, err
	}
	status, text, err := s.do(ctx, http.MethodPost, body)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			Schema *introspected `json:"__schema"`
		}
		Errors []struct{ Message string }
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		return nil, fmt.Errorf("it answers %d, and no JSON: name its GraphQL endpoint, such as https://example.com/graphql", status)
	}
	switch {
	case len(answer.Errors) > 0:
		return nil, &refusedError{short(answer.Errors[0].Message)}
	case answer.Data.Schema == nil:
		return nil, &refusedError{"it answers none"}
	}
	return answer.Data.Schema, nil
}

// short is the first line of what a server says, of 200 characters at most.
func short(message string) string {
	message, _, _ = strings.Cut(message, "\n")
	if letters := []rune(message); len(letters) > 200 {
		return string(letters[:200]) + "…"
	}
	return message
}

const (
	queryNow    = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name description isRepeatable locations args(includeDeprecated: true) { ...Input } } types { kind name description specifiedByURL isOneOf fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...Input } type { ...Type } isDeprecated deprecationReason } inputFields(includeDeprecated: true) { ...Input } interfaces { name } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { name } } } } fragment Input on __InputValue { name description type { ...Type } defaultValue isDeprecated deprecationReason } " + queryType
	queryBefore = "query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } directives { name description locations args { ...Input } } types { kind name description fields(includeDeprecated: true) { name description args { ...Input } type { ...Type } isDeprecated deprecationReason } inputFields { ...Input } interfaces { name } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { name } } } } fragment Input on __InputValue { name description type { ...Type } defaultValue } " + queryType
	queryType   = "fragment Type on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }"
)

// introspected is what __schema answers.
// https://spec.graphql.org/October2021/#sec-Schema-Introspection
type introspected struct {
	QueryType, MutationType, SubscriptionType *named
	Directives                                []struct {
		Name, Description string
		IsRepeatable      bool
		Locations         []string
		Args              []inputValue
	}
	Types []struct {
		Kind, Name, Description string
		SpecifiedByURL          string
		IsOneOf                 bool
		Fields                  []struct {
			Name, Description string
			Args              []inputValue
			Type              typeRef
			deprecation
		}
		InputFields   []inputValue
		Interfaces    []named
		PossibleTypes []named
		EnumValues    []struct {
			Name, Description string
			deprecation
		}
	}
}

type named struct{ Name string }

type deprecation struct {
	IsDeprecated      bool
	DeprecationReason string
}

type inputValue struct {
	Name, Description string
	Type              typeRef
	DefaultValue      *string
	deprecation
}

type typeRef struct {
	Kind, Name string
	OfType     *typeRef
}

func (t *typeRef) ast() *ast.Type {
	switch {
	case t == nil:
		return &ast.Type{NamedType: "_nesting_too_deep"} // which nothing declares
	case t.Kind == "NON_NULL":
		inner := *t.OfType.ast()
		inner.NonNull = true
		return &inner
	case t.Kind == "LIST":
		return &ast.Type{Elem: t.OfType.ast()}
	}
	return &ast.Type{NamedType: t.Name}
}

func (d deprecation) directives() ast.DirectiveList {
	if !d.IsDeprecated {
		return nil
	}
	return directive("deprecated", "reason", d.DeprecationReason)
}

func directive(name, argument, text string) ast.DirectiveList {
	return ast.DirectiveList{{Name: name, Arguments: ast.ArgumentList{{Name: argument, Value: &ast.Value{Kind: ast.StringValue, Raw: text}}}}}
}

// byDefault is the default as it stands in the language.
func (v inputValue) byDefault() *ast.Value {
	if v.DefaultValue == nil {
		return nil
	}
	return &ast.Value{Kind: ast.EnumValue, Raw: *v.DefaultValue}
}

func arguments(of []inputValue) (list ast.ArgumentDefinitionList) {
	for _, v := range of {
		list = append(list, &ast.ArgumentDefinition{Name: v.Name, Description: v.Description, Type: v.Type.ast(), DefaultValue: v.byDefault(), Directives: v.directives()})
	}
	return list
}

func names(of []named) (list []string) {
	for _, one := range of {
		list = append(list, one.Name)
	}
	return list
}

// sdl writes the schema in the schema definition language.
func (s *introspected) sdl() string {
	var out sdl.Printer
	out.WriteString("schema {\n")
	for operation, of := range map[string]*named{"query": s.QueryType, "mutation": s.MutationType, "subscription": s.SubscriptionType} {
		if of != nil {
			fmt.Fprintf(&out, "  %s: %s\n", operation, of.Name)
		}
	}
	out.WriteString("}\n")
	for _, of := range s.Directives {
		if slices.Contains(specified, of.Name) {
			continue
		}
		declared := &ast.DirectiveDefinition{Name: of.Name, Description: of.Description, IsRepeatable: of.IsRepeatable, Arguments: arguments(of.Args)}
		for _, location := range of.Locations {
			declared.Locations = append(declared.Locations, ast.DirectiveLocation(location))
		}
		out.DirectiveDefinition(declared)
	}
	for _, of := range s.Types {
		definition := &ast.Definition{Kind: ast.DefinitionKind(of.Kind), Name: of.Name, Description: of.Description, Interfaces: names(of.Interfaces)}
		if !isOwn(definition) {
			continue
		}
		for _, field := range of.Fields {
			definition.Fields = append(definition.Fields, &ast.FieldDefinition{Name: field.Name, Description: field.Description, Arguments: arguments(field.Args), Type: field.Type.ast(), Directives: field.directives()})
		}
		for _, field := range of.InputFields {
			definition.Fields = append(definition.Fields, &ast.FieldDefinition{Name: field.Name, Description: field.Description, Type: field.Type.ast(), DefaultValue: field.byDefault(), Directives: field.directives()})
		}
		for _, value := range of.EnumValues {
			definition.EnumValues = append(definition.EnumValues, &ast.EnumValueDefinition{Name: value.Name, Description: value.Description, Directives: value.directives()})
		}
		if of.Kind == string(ast.Union) {
			definition.Types = names(of.PossibleTypes)
		}
		if of.SpecifiedByURL != "" {
			definition.Directives = directive("specifiedBy", "url", of.SpecifiedByURL)
		}
		if of.IsOneOf {
			definition.Directives = append(definition.Directives, &ast.Directive{Name: "oneOf"})
		}
		out.Definition(definition)
	}
	return out.String()
}
