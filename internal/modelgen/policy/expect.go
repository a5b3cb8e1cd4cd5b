package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// What follows reads the rules of @auth a second time, on objects that are only
// imagined, and without package store: so that a mistake in either shows.

// imagined is an object of a policy table: the one that is asked for, or one that it
// belongs to, near or far. Nobody owns two of them, unless an identity says so.
type imagined struct {
	path    string // from the one that is asked for, whose own is empty: `post.blog`
	model   *schema.Model
	parents map[*schema.Field]*imagined
}

// imagine returns an object with all its parents. Those have the parents that they
// need, by the type or by a rule, as far as these are of types that are not on the way.
func imagine(m *schema.Model) *imagined { return imagineAt(m, "", nil) }

func imagineAt(m *schema.Model, path string, way []*schema.Model) *imagined {
	object := &imagined{path, m, map[*schema.Field]*imagined{}}
	way = append(slices.Clone(way), m)
	for _, parent := range m.Parents() {
		if parent.IsUser() {
			continue // whoever owns the object: see seesUser
		}
		if path == "" || needsParent(m, parent) && !slices.Contains(way, parent.Target) {
			object.parents[parent] = imagineAt(parent.Target, strings.TrimPrefix(path+"."+parent.Name, "."), way)
		}
	}
	return object
}

// needsParent tells whether an object without that parent is not made, or not as its rules
// see it.
func needsParent(m *schema.Model, parent *schema.Field) bool {
	return !parent.Nullable || asksParent(m, parent)
}

// asksParent tells whether a rule goes by that parent.
func asksParent(m *schema.Model, parent *schema.Field) bool {
	return slices.ContainsFunc(m.Rules, func(rule schema.Rule) bool {
		return slices.ContainsFunc(rule.Terms, func(term schema.Term) bool { return term.Via == parent })
	})
}

// identity is who asks.
type identity struct {
	isSignedIn bool
	owns       []string // paths
	groups     []string
}

var anonymous, stranger = identity{}, identity{isSignedIn: true}

// and is one who is both.
func (i identity) and(other identity) identity {
	return identity{
		i.isSignedIn || other.isSignedIn,
		slices.Concat(i.owns, other.owns),
		slices.Concat(i.groups, other.groups),
	}
}

// String is `anonymous`, `stranger`, or `owner + owner of post + "editor"`.
func (i identity) String() string {
	var names []string
	for _, path := range i.owns {
		names = append(names, strings.TrimSuffix("owner of "+path, " of "))
	}
	for _, group := range i.groups {
		names = append(names, strconv.Quote(group))
	}
	switch {
	case !i.isSignedIn:
		return "anonymous"
	case len(names) == 0:
		return "stranger"
	default:
		return strings.Join(names, " + ")
	}
}

// may tells whether some rule allows it.
func (i identity) may(operation schema.Operation, object *imagined) bool {
	return slices.ContainsFunc(object.model.Rules, func(rule schema.Rule) bool {
		return i.isAllowedBy(rule, operation, object)
	})
}

func (i identity) isAllowedBy(rule schema.Rule, operation schema.Operation, object *imagined) bool {
	return slices.Contains(rule.Operations, operation) && !slices.ContainsFunc(rule.Terms, func(term schema.Term) bool {
		return !i.meets(term, operation, object)
	})
}

func (i identity) meets(term schema.Term, operation schema.Operation, object *imagined) bool {
	if term.Via != nil {
		parent := object.parents[term.Via]
		return parent != nil && i.may(term.ParentOperation, parent)
	}
	switch term.Allow {
	case "public":
		return true
	case "authenticated":
		return i.isSignedIn
	case "groups":
		return slices.ContainsFunc(i.groups, func(group string) bool { return slices.Contains(term.Groups, group) })
	default: // owner
		return i.isSignedIn && (operation == schema.Create || slices.Contains(i.owns, object.path))
	}
}

// mightCreate tells whether a rule would allow it, if only the parents were right.
func (i identity) mightCreate(object *imagined) bool {
	return slices.ContainsFunc(object.model.Rules, func(rule schema.Rule) bool {
		return slices.Contains(rule.Operations, schema.Create) && !slices.ContainsFunc(rule.Terms, func(term schema.Term) bool {
			return term.Via == nil && !i.meets(term, schema.Create, object)
		})
	})
}

// What a cell of a policy table says.
const (
	given           = "yes"
	null            = "null"
	absent          = "absent"
	notFound        = "NOT_FOUND"
	forbidden       = "FORBIDDEN"
	unauthenticated = "UNAUTHENTICATED"
)

// refused is the answer to one who may know that the object is there.
func (i identity) refused() string {
	if i.isSignedIn {
		return forbidden
	}
	return unauthenticated
}

// creates says what becomes of making the object, on parents that are there.
func (i identity) creates(object *imagined) string {
	if !i.mightCreate(object) {
		return i.refused()
	}
	for _, parent := range object.parents {
		if !i.may(schema.Read, parent) {
			return notFound
		}
	}
	needsUser := func(f *schema.Field) bool { return f.IsUser() && !f.Nullable }
	if !i.isSignedIn && slices.ContainsFunc(object.model.Creatable(), needsUser) {
		return notFound // nobody could be named
	}
	if !i.may(schema.Create, object) {
		return i.refused()
	}
	return given
}

// seesUser tells whether the identity may see the users that the object belongs to: tests have it belong
// to its owner alone, and nobody sees another.
func (i identity) seesUser(object *imagined) bool { return slices.Contains(i.owns, object.path) }

// changes says what becomes of an update or a delete.
func (i identity) changes(operation schema.Operation, object *imagined) string {
	switch {
	case !i.may(schema.Read, object):
		return notFound
	case !i.may(operation, object):
		return i.refused()
	default:
		return given
	}
}

// reads says what is given for the object, and otherwise where it may not be read.
func (i identity) reads(object *imagined, otherwise string) string {
	if i.may(schema.Read, object) {
		return given
	}
	return otherwise
}

// does tells whether the operation is done, by the way that is its own.
func (i identity) does(operation schema.Operation, object *imagined) bool {
	switch operation {
	case schema.Create:
		return i.creates(object) == given
	case schema.Read:
		return i.may(schema.Read, object)
	default:
		return i.changes(operation, object) == given
	}
}
