package ownqltest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A scopeSet is what a service token of the suite is good for, of one type.
type scopeSet struct {
	name string
	of   []string // the operations on the type itself
	rest bool     // every operation on every other type, and on User
}

// scopeSets are those that each way to an object of a type is asked by.
var scopeSets = []scopeSet{
	{"every scope", []string{"create", "read", "update", "delete", "transfer"}, true},
	{"no scope of the type", nil, true},
	{"read alone", []string{"read"}, false},
	{"create alone", []string{"create"}, false},
	{"read and update alone", []string{"read", "update"}, false},
	{"read and delete alone", []string{"read", "delete"}, false},
	{"read and transfer alone", []string{"read", "transfer"}, false},
	{"all but transfer", []string{"create", "read", "update", "delete"}, true},
}

// scopes returns the scopes of a token of the set, of a type among others.
func (set scopeSet) scopes(m *modelType, models map[string]*modelType) []string {
	var scopes []string
	for _, operation := range set.of {
		scopes = append(scopes, operation+":"+m.Type)
	}
	if !set.rest {
		return scopes
	}
	for _, name := range slices.Sorted(maps.Keys(models)) {
		for _, operation := range scopeSets[0].of {
			if name != m.Type {
				scopes = append(scopes, operation+":"+name)
			}
		}
	}
	return append(scopes, "read:User", "update:User")
}

// has tells whether a token of the set has a scope.
func (set scopeSet) has(operation, typeName, of string) bool {
	if typeName == of {
		return slices.Contains(set.of, operation)
	}
	return set.rest
}

// askByTokens asks each way to an object as a service token, with each set of scopes: of who gets something by
// it, who is to get no more than the scopes say, and of a stranger, who is to get no more than by a session.
func (p *policyTest) askByTokens(t *testing.T, i int, isBest func(row int) bool) {
	session := p.user
	for _, set := range scopeSets {
		asked := slices.DeleteFunc(slices.Clone(p.rows), func(row policyRow) bool {
			at := slices.IndexFunc(p.rows, func(r policyRow) bool {
				return r.operation == row.operation && r.path == row.path && r.otherwise == row.otherwise
			})
			return !isBest(at) && !(p.name == "stranger" && set.name == scopeSets[0].name)
		})
		if len(asked) == 0 {
			continue
		}
		p.user, p.present = p.ServiceToken(t, session, "a test's", set.scopes(p.modelType, p.models)...), nil
		for _, row := range asked {
			got := p.answer(t, row)
			if strings.HasPrefix(row.path, filterPath) && set.name != scopeSets[0].name {
				// Of several lists some may be hidden, with what they belong to.
				if !set.has("read", p.Type, p.Type) && strings.Contains(got, "yes") {
					t.Errorf("a token of %s with %s finds something by %s", p.name, set.name, row.path)
				}
				continue
			}
			if want := p.byToken(set, row, row.answers[i]); got != want && got != unasked {
				t.Errorf("a token of %s with %s, %s by %s %s: %s, want %s", p.name, set.name, row.operation, row.path, row.otherwise, got, want)
			}
		}
	}
	p.user = session
}

// byToken returns what a service token gets by a way, where its user gets that by a session.
func (p *policyTest) byToken(set scopeSet, row policyRow, bySession string) string {
	has := func(operation, typeName string) bool { return set.has(operation, typeName, p.Type) }
	if row.operation != "read" {
		if !has(row.operation, p.Type) || row.operation != "create" && !has("read", p.Type) {
			return "FORBIDDEN"
		}
		return bySession
	}
	way := p.way(row.path)
	none := "null"
	if way.isList {
		none = "absent"
	}
	target := func(field string) string {
		if typeName, isObject := p.Parents[field]; isObject {
			return strings.TrimSuffix(typeName, "!")
		}
		return "User" // the owner, or another
	}
	switch {
	case bySession == "null", way.parent != "" && !has("read", target(way.parent)):
		return "null"
	case !has("read", p.Type), way.far != "" && !has("read", target(way.far)), way.target != "" && !has("read", target(way.target)):
		return none
	}
	for _, argument := range way.given { // it finds nothing by what it may not read
		field := strings.TrimSuffix(argument, "Id")
		_, isUser := p.Users[field]
		if isRelation := p.Parents[field] != "" || isUser; isRelation && !has("read", target(field)) {
			return none
		}
	}
	return bySession
}

// bestOf tells, by row of a table, whether the identity with that index is the first to whom the way gives
// something.
func (m *modelType) bestOf(identity int) func(row int) bool {
	return func(row int) bool {
		return m.identities[identity].isSignedIn() && identity == slices.IndexFunc(m.rows[row].answers, func(answer string) bool {
			return answer == "yes"
		})
	}
}
