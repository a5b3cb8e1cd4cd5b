package ownqltest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/guregu/dynamo/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// world is a server, and objects that are put into its tables as they are, by no rule.
type world struct {
	*server
	models map[string]*modelType
	made   map[string]int // by type

	member  string     // who is a member, in the highest role, of all that they own and that has members; empty: nobody
	counted *modelType // the type whose lists are tested: nobody has a membership of it but by the test
}

func newWorld(s *server, models map[string]*modelType) *world {
	return &world{server: s, models: models, made: map[string]int{}}
}

// object is an object of a model, which may not be kept yet.
type object struct {
	*modelType
	id, ownerID string
	made        string         // when
	values      map[string]any // of its own fields
	parents     map[string]*object
	users       map[string]string // whom it names by fields, where not its owner
}

// above returns what the object belongs to, near or far, that is of a type. Nothing
// belongs to nil.
func (o *object) above(typeName string) []*object {
	var found []*object
	if o == nil {
		return nil
	}
	for _, parent := range o.parents {
		if parent.Type == typeName {
			found = append(found, parent)
		}
		found = append(found, parent.above(typeName)...)
	}
	return found
}

func (o *object) globalID() string { return model.GlobalID(o.idName(), o.id) }

func (o *object) ownerGlobalID() string { return model.GlobalID("User", o.ownerID) }

// isUser tells whether the object has a field of that name that is a user.
func (o *object) isUser(field string) bool {
	_, isUser := o.Users[field]
	return isUser
}

// userID returns whom the object names by a field.
func (o *object) userID(field string) string { return cmp.Or(o.users[field], o.ownerID) }

func (o *object) userGlobalID(field string) string { return model.GlobalID("User", o.userID(field)) }

// imagine makes an object up, with all its parents, and those that they need, as far as
// these are of types that are not on the way: as in the generator's tables. owner says who
// owns what is at a path. It returns nil where there are no more unique values.
func (w *world) imagine(m *modelType, owner func(path string) string) *object {
	return w.imagineAt(m, "", nil, owner)
}

func (w *world) imagineAt(m *modelType, path string, way []string, owner func(path string) string) *object {
	o := w.orphan(m, owner(path))
	if o == nil {
		return nil
	}
	way = append(slices.Clone(way), m.Type)
	for _, name := range slices.Sorted(maps.Keys(m.Parents)) {
		target, isNeeded := strings.CutSuffix(m.Parents[name], "!")
		if path == "" || isNeeded && !slices.Contains(way, target) {
			o.parents[name] = w.imagineAt(w.models[target], strings.TrimPrefix(path+"."+name, "."), way, owner)
			if o.parents[name] == nil {
				return nil
			}
		}
	}
	return o
}

// imagineBeside makes up an object that has the same parents as another.
func (w *world) imagineBeside(other *object, ownerID string) *object {
	o := w.orphan(other.modelType, ownerID)
	if o != nil {
		o.parents = maps.Clone(other.parents)
	}
	return o
}

// orphan makes up an object without parents.
func (w *world) orphan(m *modelType, ownerID string) *object {
	values, ok := m.example(w.made[m.Type])
	if !ok {
		return nil
	}
	w.made[m.Type]++
	if m.Invites {
		values["email"] = emailOf(ownerID)
	}
	return &object{m, model.NewID(), ownerID, m.madeAt(5), values, map[string]*object{}, map[string]string{}}
}

// madeAt returns when an object was made that is one of several: a moment that is over long since, but for
// an invitation, which is open for some days.
func (m *modelType) madeAt(second int) string {
	minute := time.Date(2026, time.November, 22, 15, 4, 0, 0, time.UTC)
	if m.Invites {
		minute = time.Now().UTC().Add(-time.Hour).Truncate(time.Minute)
	}
	return minute.Add(time.Duration(second) * time.Second).Format("2006-01-02T15:04:05.000Z")
}

// emailOf is the address that invitations have which a user has made: their own, where they read what they
// were sent, see invite.
func emailOf(userID string) string { return userID + "@example.com" }

// invite gives a user the address, verified, that invitations of theirs have.
func (w *world) invite(t *testing.T, user *User) {
	t.Helper()
	err := w.tables.Table("users").Update("id", user.ID).Set("email", emailOf(user.ID)).Set("emailVerified", true).Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
}

// putParents keeps what the object belongs to.
func (w *world) putParents(t *testing.T, o *object) {
	t.Helper()
	for _, parent := range o.parents {
		w.put(t, parent)
	}
}

// put keeps the object and what it belongs to.
func (w *world) put(t *testing.T, o *object) {
	t.Helper()
	w.putParents(t, o)
	w.putItem(t, o)
	w.seatOwner(t, o)
	for field := range o.Unique {
		if o.values[field] == nil {
			continue
		}
		claim := map[string]any{"id": o.idName() + "#" + field + "#" + uniqueText(o.values[field]), "owner": o.id}
		if err := w.tables.Table("uniques").Put(claim).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// putItem keeps the item of an object alone.
func (w *world) putItem(t *testing.T, o *object) {
	t.Helper()
	item := map[string]any{}
	for field, value := range o.values {
		item[model.AttributeOf(field)] = w.stored(t, w.schema.Types[o.Type].Fields.ForName(field), value)
	}
	maps.Copy(item, map[string]any{
		"id": o.id, "ownerId": o.ownerID, "version": 1, "createdAt": o.made, "updatedAt": o.made,
	})
	for name, parent := range o.parents {
		item[name+"Id"] = parent.id
	}
	for name := range o.Users {
		item[name+"Id"] = o.userID(name)
	}
	for attribute, path := range o.Ancestors {
		if above := o.at(path); above != nil {
			item[attribute] = above.id
		}
	}
	attributes, err := dynamo.MarshalItem(item)
	if err != nil {
		t.Fatal(err)
	}
	for _, joined := range o.Joined {
		if err := joined.SetKeys(attributes); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.tables.Table(o.Table).Put(attributes).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// putSeat keeps the item of a membership, of a type, in a role.
func (w *world) putSeat(t *testing.T, by *modelType, role string, of *object, userID string) {
	t.Helper()
	values, _ := by.example(0)
	if role != "" {
		values[by.Membership.Role] = role
	}
	w.putItem(t, &object{by, model.NewID(), userID, by.madeAt(5), values, map[string]*object{by.Membership.Object: of}, nil})
}

// at returns what a path of fields leads to; nil: the object does not belong to it. An empty one leads to the
// object itself.
func (o *object) at(path string) *object {
	if path == "" || o == nil {
		return o
	}
	name, rest, _ := strings.Cut(path, ".")
	return o.parents[name].at(rest)
}

// isFarAbove tells whether objects of some type know one of that type by its id without belonging to it.
func (w *world) isFarAbove(typeName string) bool {
	for _, m := range w.models {
		for _, path := range m.Ancestors {
			at := m
			for name := range strings.SplitSeq(path, ".") {
				at = w.models[strings.TrimSuffix(at.Parents[name], "!")]
			}
			if at.Type == typeName {
				return true
			}
		}
	}
	return false
}

// seat has the table of members say that a user is one of an object, by memberships of a type.
func (w *world) seat(t *testing.T, by *modelType, role string, of *object, userID, membershipID string) {
	t.Helper()
	row := map[string]string{"object": of.id, "member": by.idName() + "#" + userID, "role": role, "membership": membershipID}
	if err := w.tables.Table("members").Put(row).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// unseat takes that back.
func (w *world) unseat(t *testing.T, by *modelType, of *object, userID string) {
	t.Helper()
	if err := w.tables.Table("members").Delete("object", of.id).Range("member", by.idName()+"#"+userID).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// seatOwner makes an object's owner what tests take its owner for: the member, of a membership; and, where the
// world says so, a member of the object.
func (w *world) seatOwner(t *testing.T, o *object) {
	t.Helper()
	if by := o.Membership; by != nil && o.parents[by.Object] != nil {
		role, _ := o.values[by.Role].(string)
		w.seat(t, o.modelType, role, o.parents[by.Object], o.ownerID, o.id)
	}
	if o.ownerID != w.member {
		return
	}
	for _, by := range w.models {
		if by.Membership != nil && strings.TrimSuffix(by.Parents[by.Membership.Object], "!") == o.Type {
			w.seat(t, by, by.highestRole(), o, w.member, model.NewID())
			if by != w.counted {
				w.putSeat(t, by, by.highestRole(), o, w.member)
			}
		}
	}
}

// seatAtAll makes a user a member, in the lowest role, of an object and of all that it belongs to, as far as
// these have members.
func (w *world) seatAtAll(t *testing.T, o *object, userID string) {
	t.Helper()
	for _, by := range w.models {
		if by.Membership != nil && strings.TrimSuffix(by.Parents[by.Membership.Object], "!") == o.Type {
			w.seat(t, by, by.lowestRole(), o, userID, model.NewID())
		}
	}
	for _, parent := range o.parents {
		w.seatAtAll(t, parent, userID)
	}
}

// highestRole is the first value of the role's enum; empty: there are no roles.
func (m *modelType) highestRole() string {
	if roles := m.roles(); len(roles) > 0 {
		return roles[0].Name
	}
	return ""
}

// lowestRole is the last.
func (m *modelType) lowestRole() string {
	if roles := m.roles(); len(roles) > 0 {
		return roles[len(roles)-1].Name
	}
	return ""
}

func (m *modelType) roles() ast.EnumValueList {
	if m.Membership.Role == "" {
		return nil
	}
	return m.schema.Types[m.schema.Types[m.Type].Fields.ForName(m.Membership.Role).Type.Name()].EnumValues
}

// hasMembers tells whether there is a table of members.
func (w *world) hasMembers() bool {
	for _, m := range w.models {
		if m.Membership != nil {
			return true
		}
	}
	return false
}

// stored returns an example of a field as a table has it.
func (w *world) stored(t *testing.T, field *ast.FieldDefinition, value any) any {
	t.Helper()
	if items, ok := value.([]any); ok && field.Type.Elem != nil {
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = w.stored(t, &ast.FieldDefinition{Type: field.Type.Elem}, item)
		}
		return list
	}
	name := field.Type.Name()
	var scalar interface{ UnmarshalGQL(any) error }
	switch {
	case value == nil || !slices.Contains(w.scalars, name):
	case name == "Decimal":
		scalar = new(model.Decimal)
	case name == "JSON":
		scalar = new(model.JSON)
	}
	if scalar != nil {
		if err := scalar.UnmarshalGQL(value); err != nil {
			t.Fatal(err)
		}
		return scalar
	}
	object, ok := value.(map[string]any)
	if !ok {
		return value
	}
	inside := map[string]any{}
	for field, value := range object {
		inside[field] = w.stored(t, w.schema.Types[name].Fields.ForName(field), value)
	}
	return inside
}

func uniqueText(value any) string {
	if number, ok := value.(float64); ok {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return value.(string)
}

// remove takes the object out of its table.
func (w *world) remove(t *testing.T, o *object) {
	t.Helper()
	if err := w.tables.Table(o.Table).Delete("id", o.id).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// kept returns all that is in the models' tables.
func (w *world) kept(t *testing.T) map[string][]dynamo.Item {
	t.Helper()
	kept := map[string][]dynamo.Item{"uniques": nil}
	for _, m := range w.models {
		kept[m.Table] = nil
	}
	if w.hasMembers() {
		kept["members"] = nil
	}
	for table := range kept {
		var items []dynamo.Item
		if err := w.tables.Table(table).Scan().All(t.Context(), &items); err != nil {
			t.Fatal(err)
		}
		kept[table] = items
	}
	return kept
}

// wipe empties the models' tables.
func (w *world) wipe(t *testing.T) {
	t.Helper()
	for table, items := range w.kept(t) {
		if len(items) == 0 {
			continue
		}
		keys := make([]dynamo.Keyed, len(items))
		attributes := []string{"id"}
		if table == "members" {
			attributes = []string{"object", "member"}
		}
		for i, item := range items {
			key := dynamo.Keys{}
			for j, attribute := range attributes {
				key[j] = item[attribute]
			}
			keys[i] = key
		}
		if _, err := w.tables.Table(table).Batch(attributes...).Write().Delete(keys...).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	clear(w.made)
}
