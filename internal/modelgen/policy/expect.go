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
	root    *imagined // the one that is asked for
	user    *schema.User
	values  values // of what rules ask for
}

// above returns what a path of rules leads to; nil: the object does not belong to it.
func (o *imagined) above(path schema.Path) *imagined {
	for _, field := range path {
		if o = o.parents[field]; o == nil {
			return nil
		}
	}
	return o
}

// all returns the object and all that it belongs to.
func (o *imagined) all() []*imagined {
	objects := []*imagined{o}
	for _, field := range o.model.Parents() {
		if parent := o.parents[field]; parent != nil {
			objects = append(objects, parent.all()...)
		}
	}
	return objects
}

// imagine returns an object with all its parents. Those have the parents that they
// need, by the type or by a rule, as far as these are of types that are not on the way.
func imagine(s *schema.Schema, m *schema.Model) *imagined {
	object := imagineAt(m, "", nil, nil)
	object.user = s.User
	return object
}

func imagineAt(m *schema.Model, path string, way []*schema.Model, root *imagined) *imagined {
	object := &imagined{path: path, model: m, parents: map[*schema.Field]*imagined{}, root: root}
	if root == nil {
		root = object
		object.root = object
	}
	way = append(slices.Clone(way), m)
	for _, parent := range m.Parents() {
		if parent.IsUser() {
			continue // whoever owns the object: see seesUser
		}
		if path == "" || needsParent(parent) && !slices.Contains(way, parent.Target) {
			object.parents[parent] = imagineAt(parent.Target, strings.TrimPrefix(path+"."+parent.Name, "."), way, root)
		}
	}
	return object
}

// needsParent tells whether an object without that parent is not made, or not as its rules
// see it.
func needsParent(parent *schema.Field) bool { return !parent.Nullable || parent.IsAsked() }

// identity is who asks.
type identity struct {
	isSignedIn bool
	isInvited  bool     // by the object
	owns       []string // paths
	named      []string // paths of fields that name it
	seats      []seat
	groups     []string

	naming *schema.Field // by which what it makes names somebody else; nil: by none
}

// A seat is that somebody is a member of the object at a path, or was, or is of another such.
type seat struct {
	by        *schema.Model // of memberships
	role      string        // empty: there are none
	path      string
	isFormer  bool
	isAnother bool
}

// String is `Membership ADMIN of organization`, `former Membership of organization` or `Membership of another
// organization`.
func (s seat) String() string {
	name := s.by.Name
	switch {
	case s.isFormer:
		name = "former " + name
	case s.role != "" && !s.isAnother:
		name += " " + s.role
	}
	switch {
	case s.isAnother:
		return strings.TrimSuffix(name+" of another "+s.path, " ")
	case s.path == "":
		return name
	}
	return name + " of " + s.path
}

// isNoMember tells whether the identity has a seat that gives it nothing.
func (i identity) isNoMember() bool {
	return slices.ContainsFunc(i.seats, func(s seat) bool { return s.isFormer || s.isAnother })
}

// seatsAt returns the seats that somebody may have at an object.
func seatsAt(object *imagined) (seats []seat) {
	for _, by := range object.model.Memberships() {
		seats = append(seats, seatsOf(by, object.path)...)
	}
	return seats
}

// seatsOf returns the seats that memberships of a model give at a path.
func seatsOf(by *schema.Model, path string) (seats []seat) {
	roles := by.Membership.Roles()
	if len(roles) == 0 {
		roles = []string{""}
	}
	for _, role := range roles {
		seats = append(seats, seat{by: by, role: role, path: path})
	}
	return append(seats, seat{by: by, path: path, isFormer: true}, seat{by: by, path: path, isAnother: true})
}

// rolesIn returns the roles that the identity has at an object by memberships of that model. Whoever owns a
// membership has the lowest.
func (i identity) rolesIn(by *schema.Model, object *imagined) (roles []string) {
	for _, seat := range i.seats {
		if seat.by == by && seat.path == object.path && !seat.isFormer && !seat.isAnother {
			roles = append(roles, seat.role)
		}
	}
	for _, other := range object.root.all() {
		if other.model == by && other.parents[by.Membership.Object] == object && slices.Contains(i.owns, other.path) {
			roles = append(roles, lowestRole(by.Membership))
		}
	}
	return roles
}

// lowestRole is what memberships of examples have.
func lowestRole(by *schema.Membership) string {
	if roles := by.Roles(); len(roles) > 0 {
		return roles[len(roles)-1]
	}
	return ""
}

// mayGrant tells whether the identity may make, change or end a membership in the lowest role.
func (i identity) mayGrant(object *imagined) bool {
	by := object.model.Membership
	if by == nil {
		return true
	}
	of := object.parents[by.Object]
	return len(i.rolesIn(object.model, of)) > 0 || slices.Contains(i.owns, of.path) && i.may(schema.Update, of)
}

// mayInvite tells whether the identity may invite to the lowest role.
func (i identity) mayInvite(object *imagined) bool {
	by := object.model.Invitation
	if by == nil {
		return true
	}
	of := object.parents[by.Object]
	return len(i.rolesIn(by.To, of)) > 0 || slices.Contains(i.owns, of.path) && i.may(schema.Update, of)
}

var anonymous, stranger = identity{}, identity{isSignedIn: true}

// and is one who is both.
func (i identity) and(other identity) identity {
	return identity{
		i.isSignedIn || other.isSignedIn,
		i.isInvited || other.isInvited,
		slices.Concat(i.owns, other.owns),
		slices.Concat(i.named, other.named),
		slices.Concat(i.seats, other.seats),
		slices.Concat(i.groups, other.groups),
		nil,
	}
}

// String is `anonymous`, `stranger`, or `owner + owner of post + "editor"`.
func (i identity) String() string {
	var names []string
	if i.isInvited {
		names = append(names, "invited")
	}
	for _, path := range i.owns {
		names = append(names, strings.TrimSuffix("owner of "+path, " of "))
	}
	for _, path := range i.named {
		names = append(names, "as "+path)
	}
	for _, seat := range i.seats {
		names = append(names, seat.String())
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
	above := object.above(term.Via)
	if term.IsVia() {
		return above != nil && i.may(term.ParentOperation, above)
	}
	switch term.Allow {
	case "members":
		return above != nil && slices.ContainsFunc(i.rolesIn(term.Through, above), func(role string) bool {
			return len(term.Roles) == 0 || slices.Contains(term.Roles, role)
		})
	case "named":
		return i.isNamed(term.By, operation, object)
	case "invited":
		return i.isInvited && object.path == ""
	case "public":
		return true
	case "where":
		return object.holds(term.Where)
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
			if term.Allow == "members" || term.Allow == "named" {
				return !i.isSignedIn
			}
			if term.Where != nil {
				return false
			}
			return len(term.Via) == 0 && !i.meets(term, schema.Create, object)
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
func (i identity) creates(object *imagined) string { return i.createsFor(object, nil) }

// createsFor is creates of an object that names somebody else by a field; nil: by none.
func (i identity) createsFor(object *imagined, other *schema.Field) string {
	i.naming = other
	i.owns = slices.DeleteFunc(slices.Clone(i.owns), func(path string) bool { return path == object.path }) // not yet
	if !i.mightCreate(object) {
		return i.refused()
	}
	for _, parent := range object.parents {
		if !i.may(schema.Read, parent) {
			return notFound
		}
	}
	needsUser := func(f *schema.Field) bool { return f.IsUser() && !f.Nullable }
	isForOther := other != nil || !i.isSignedIn && slices.ContainsFunc(object.model.Creatable(), needsUser)
	if isForOther && !i.seesOther(object) {
		return notFound
	}
	if !i.may(schema.Create, object) || !i.mayGrant(object) || !i.mayInvite(object) {
		return i.refused()
	}
	return given
}

// seesUser tells whether the identity may see the user that the object belongs to by a field, or its owner
// where that is nil.
func (i identity) seesUser(object *imagined, field *schema.Field) bool {
	if field == nil {
		return slices.Contains(i.owns, object.path) || i.seesOther(object)
	}
	return i.isUserOf(field, object) || i.seesOther(object)
}

// seesOther tells whether the identity may see who owns what it does not: tests have them be a member, in
// the lowest role, of all that has members.
func (i identity) seesOther(object *imagined) bool {
	return slices.ContainsFunc(object.root.user.SeenFields(), func(f *schema.Field) bool { return i.seesOfOther(f, object.root) })
}

// seesOfOther tells whether a rule of a field of User lets the identity see it of them.
func (i identity) seesOfOther(field *schema.Field, root *imagined) bool {
	return slices.ContainsFunc(field.Seen, func(rule schema.Rule) bool {
		return !slices.ContainsFunc(rule.Terms, func(term schema.Term) bool {
			switch term.Allow {
			case "owner":
				return true
			case "members":
				return !slices.ContainsFunc(root.all(), func(o *imagined) bool {
					return o.model == term.Through.Membership.Object.Target && slices.ContainsFunc(i.rolesIn(term.Through, o), func(role string) bool {
						return len(term.Roles) == 0 || slices.Contains(term.Roles, role)
					})
				})
			default:
				return !i.meets(term, schema.Read, root)
			}
		})
	})
}

// changes says what becomes of an update or a delete.
func (i identity) changes(operation schema.Operation, object *imagined) string {
	switch {
	case !i.may(schema.Read, object):
		return notFound
	case !i.may(operation, object):
		return i.refused()
	case !i.mayGrant(object) && !(operation == schema.Delete && slices.Contains(i.owns, object.path)):
		return i.refused()
	default:
		return given
	}
}

// transfers says what becomes of giving the object to who asks, or to somebody else.
func (i identity) transfers(object *imagined, isToOther bool) string {
	if changed := i.changes(schema.Transfer, object); changed != given || !isToOther || i.seesOther(object) {
		return changed
	}
	return notFound
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
