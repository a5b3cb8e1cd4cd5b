package model

import (
	"fmt"
	"slices"
	"strings"
)

// Scopes are what a service token is good for: operations by type, as in `read:Issue`. They are a
// condition beside the rules of @auth, and allow nothing that those do not. A nil *Scopes is that of
// who signed in, and has everything.
type Scopes struct {
	texts []string
	of    map[string]Operation // by type
	key   string               // equal for those that have the same
}

// userScopes are the operations on User: nobody makes or deletes an account by a token.
const userScopes = OnRead | OnUpdate

// maxScopes bounds how many scopes a token has, and maxScopeText each, in bytes.
const (
	maxScopes    = 500
	maxScopeText = 200
)

// ParseScopes returns the scopes that texts such as `read:Issue` are, each once, in their order. Code
// BAD_USER_INPUT, with the place in Field: there are none, or too many, or one is of a type or an
// operation that the schema does not have, or it cannot be of use: `update:Issue`, `delete:Issue` and `transfer:Issue` need
// `read:Issue` beside them, since whoever changes an object is answered what it is.
func (db *DB) ParseScopes(texts []string) (*Scopes, error) {
	if len(texts) == 0 || len(texts) > maxScopes {
		return nil, BadInput("scopes", fmt.Sprintf("a token has 1 to %d scopes, such as read:%s", maxScopes, db.scopedTypes()[0]))
	}
	var distinct []string
	for i, text := range texts {
		if problem := db.checkScope(text); problem != "" {
			return nil, BadInput(placeIn("scopes", i), placeIn("scopes", i)+": "+problem)
		}
		if !slices.Contains(distinct, text) {
			distinct = append(distinct, text)
		}
	}
	scopes := ScopesOf(distinct)
	for i, text := range texts {
		if operation, typeName, _ := strings.Cut(text, ":"); operation != "create" && !scopes.have(OnRead, typeName) {
			return nil, BadInput(placeIn("scopes", i), fmt.Sprintf("%s: %s needs read:%s beside it, since whoever changes an object is answered what it is", placeIn("scopes", i), text, typeName))
		}
	}
	return scopes, nil
}

// checkScope returns what is wrong with a scope; empty: nothing.
func (db *DB) checkScope(text string) string {
	const form = "write an operation and a type, such as read:"
	operation, typeName, hasBoth := strings.Cut(text, ":")
	op := operationNamed(operation)
	switch types := db.scopedTypes(); {
	case !hasBoth || len(text) > maxScopeText:
		return form + types[0]
	case op == 0:
		return fmt.Sprintf("there is no operation %q: write read, create, update, delete or transfer before the colon", operation)
	case !slices.Contains(types, typeName):
		return fmt.Sprintf("there is no type %q to have scopes of: write User, or a type with @model", typeName)
	case typeName == "User" && op&userScopes == 0:
		return "a token neither makes nor deletes accounts: of User write read or update"
	}
	return ""
}

// scopedTypes are the types that scopes can be of, as the schema names them.
func (db *DB) scopedTypes() []string {
	var names []string
	for _, model := range db.models {
		names = append(names, model.scopeName())
	}
	return append(names, "User")
}

// ScopesOf returns scopes as they were kept. One that the schema has no more allows nothing.
func ScopesOf(texts []string) *Scopes {
	s := &Scopes{texts: texts, of: map[string]Operation{}}
	for _, text := range texts {
		operation, typeName, _ := strings.Cut(text, ":")
		s.of[typeName] |= operationNamed(operation)
	}
	s.key = "of " + strings.Join(slices.Sorted(slices.Values(texts)), " ")
	return s
}

// Texts returns the scopes as they are written, such as `read:Issue`.
func (s *Scopes) Texts() []string { return s.texts }

// have tells whether the scopes have an operation on a type, under one of the names that it has, or
// had.
func (s *Scopes) have(op Operation, names ...string) bool {
	return s == nil || slices.ContainsFunc(names, func(name string) bool { return s.of[name]&op != 0 })
}

// operationNamed returns the operation that @auth calls so; 0: there is none.
func operationNamed(name string) Operation {
	for _, op := range []Operation{OnCreate, OnRead, OnUpdate, OnDelete, OnTransfer} {
		if op.String() == name {
			return op
		}
	}
	return 0
}

// Within returns the caller as one who comes by a service token that has these scopes.
func (c Caller) Within(scopes *Scopes) Caller {
	c.scopes = scopes
	return c
}

// Scopes returns those of the service token that the caller comes by; nil: by none.
func (c Caller) Scopes() *Scopes { return c.scopes }

// HasScope tells whether the scopes let the caller do op to objects of a type; the rules may still not. Who
// comes by no token has every scope.
func (c Caller) HasScope(op Operation, typeName string) bool { return c.scopes.have(op, typeName) }

// unscoped returns the caller as whom the rules know that ask for a parent, and the hooks. What a token may do
// to a comment is a matter of its scopes of Comment. Whether its user may do that may depend on the issue, and
// is the same whatever the token may do to issues: so a token that makes comments alone needs no scope of
// Issue. What a hook does is part of the operation that the token has the scope of, as the project has it.
func (c Caller) unscoped() Caller { return c.Within(nil) }

// scopeKey is equal for callers with the same scopes.
func (c Caller) scopeKey() string {
	if c.scopes == nil {
		return ""
	}
	return c.scopes.key
}

// scopeName is the type's name in scopes. Those of a former name count, too: see Rule.admits.
func (m *core) scopeName() string { return m.typeName }

// scoped returns rules that know what type they are of, for Rule.admits.
func (m *core) scoped(rules []Rule) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].of = []string{m.typeName, m.name()}
	}
	return rules
}

// outOfScope is the ErrForbidden of a service token whose scopes do not have an operation.
func outOfScope(op Operation, typeName string) error {
	return &Error{Code: CodeForbidden, Kind: ErrForbidden,
		Message: fmt.Sprintf("the token may not do this: its scopes do not have %s:%s", op, typeName)}
}
