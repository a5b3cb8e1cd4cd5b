package ownqltest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ownql/ownql/command"
	"github.com/ownql/ownql/model"
)

// Policy holds the project to the tables of testdata/policy, which are generated for each type
// of its schema, and for User where users see others: each identity asks each way to an object. What is refused changes nothing. Mutations are asked in
// a transaction, too, as far as they can be part of one. Service tokens of theirs ask, too, with each scope of a
// type alone, with none, and with all, and get what the scopes say.
//
// The tables say what the schema says. Where hooks and rules that are written by hand mean
// something else, except names the rows that are not to be asked, by their beginning: a type's
// name alone, or as in `Book create` and `Book read node`. One that names no row fails the test.
func Policy[S any](t *testing.T, app command.App[S], except ...string) {
	models, people := readModels(t, assemble(t, app).schema), readPeople(t)
	leaveOut(t, append(slices.Collect(maps.Values(models)), people), except)
	if len(people.rows) > 0 {
		t.Run("User", func(t *testing.T) {
			t.Parallel()
			(&peopleTest{world: newWorld(assemble(t, app).server, models), modelType: people}).test(t)
		})
	}
	for _, m := range models {
		t.Run(m.Type, func(t *testing.T) {
			t.Parallel()
			w := newWorld(assemble(t, app).server, models)
			other := w.SignUp(t, "other@example.com")
			for i, who := range m.identities {
				p := &policyTest{world: w, modelType: m, identity: who, other: other.ID}
				if who.isSignedIn() {
					p.user = w.SignUp(t, fmt.Sprintf("user%d@example.com", i), who.roles...)
				}
				if who.isInvited {
					w.invite(t, p.user)
				}
				for _, row := range m.rows {
					got := p.answer(t, row)
					if want := row.answers[i]; got != want && got != unasked {
						t.Errorf("%s, %s by %s %s: %s, want %s", who.name, row.operation, row.path, row.otherwise, got, want)
					}
				}
				if who.isSignedIn() {
					p.askByTokens(t, i, m.bestOf(i))
				}
			}
		})
	}
}

// leaveOut takes out of the tables the rows that except names.
func leaveOut(t *testing.T, models []*modelType, except []string) {
	t.Helper()
	for _, beginning := range except {
		isFound := false
		for _, m := range models {
			m.rows = slices.DeleteFunc(m.rows, func(row policyRow) bool {
				name := m.Type + " " + row.operation + " " + row.path + " "
				isMeant := strings.HasPrefix(name, beginning+" ")
				isFound = isFound || isMeant
				return isMeant
			})
		}
		if !isFound {
			t.Errorf("no row of testdata/policy begins with %q", beginning)
		}
	}
}

// policyTest is one identity before one type.
type policyTest struct {
	*world
	*modelType
	identity
	user    *User   // nil: anonymous
	other   string  // who owns what the identity does not
	present *object // is kept, with what it belongs to; nil: nobody knows
	is      string  // what of present is otherwise
}

// answer tries one way to an object.
func (p *policyTest) answer(t *testing.T, row policyRow) string {
	t.Helper()
	if row.operation == "read" {
		if p.present == nil || p.is != row.otherwise {
			p.present, p.is = p.object(t, row.otherwise, true), row.otherwise
			p.put(t, p.present)
		}
		if field, isFilter := strings.CutPrefix(row.path, filterPath); isFilter {
			return p.filter(t, field, row.otherwise, p.present)
		}
		return p.read(t, row.path, p.present)
	}
	answer := p.write(t, row, "")
	if mutation, _ := namedIn(row.path); p.mayBePart(mutation) {
		if together := p.write(t, row, "@transaction"); together != answer {
			t.Errorf("%s, %s by %s: %s, and in a transaction %s", p.name, row.operation, row.path, answer, together)
		}
	}
	return answer
}

// write tries a mutation, which may have a directive.
func (p *policyTest) write(t *testing.T, row policyRow, directive string) string {
	t.Helper()
	o := p.object(t, row.otherwise, row.operation != "create")
	p.present = nil
	path, named := namedIn(row.path)
	if row.operation == "create" {
		p.putParents(t, o)
		input := maps.Clone(o.values)
		for name, parent := range o.parents {
			input[name+"Id"] = parent.globalID()
		}
		for name := range p.Users {
			maker := p.other // whom the identity may see, or not
			if p.user != nil && name != named {
				maker = p.user.ID
			}
			input[name+"Id"] = model.GlobalID("User", maker)
		}
		if directive != "" && !p.isFarAbove(p.Type) {
			input["id"] = o.globalID()
		}
		mutation, input := p.inputOf(path, input)
		_, _, fields := p.mutation(mutation)
		maps.DeleteFunc(input, func(field string, _ any) bool { return !slices.Contains(fields, field) })
		return p.mutate(t, mutation, directive, input, "")
	}
	p.put(t, o)
	input := map[string]any{"id": o.globalID()}
	switch row.operation {
	case "transfer":
		input["to"] = model.GlobalID("User", p.other)
		if p.user != nil && named == "" {
			input["to"] = model.GlobalID("User", p.user.ID)
		}
		return p.mutate(t, path, directive, input, o.globalID())
	case "update":
		mutation, changes := p.inputOf(path, p.changes(path))
		maps.Copy(input, changes)
		if named != "" {
			input[named+"Id"] = model.GlobalID("User", p.other)
		}
		return p.mutate(t, mutation, directive, input, o.globalID())
	}
	return p.mutate(t, row.path, directive, input, o.globalID())
}

// namedIn reads the path of a mutation: `createMembership(user)` names somebody else as its user, and
// `transferProject(to)` gives it to somebody else.
func namedIn(path string) (mutation, user string) {
	mutation, user, _ = strings.Cut(strings.TrimSuffix(path, ")"), "(")
	return mutation, user
}

// object empties the tables and makes an object up for the identity, which is going to be kept, or made.
// otherwise says what of it, or of what it belongs to, is not as the examples have it.
func (p *policyTest) object(t *testing.T, otherwise string, isKept bool) *object {
	t.Helper()
	p.wipe(t)
	o := p.imagine(p.modelType, func(path string) string {
		if slices.Contains(p.owns, path) {
			return p.user.ID
		}
		return p.other
	})
	if o == nil {
		t.Fatalf("testdata/policy has too few unique values to make a %s", p.Type)
	}
	p.nameOwners(o, "")
	if otherwise != "" {
		o.beOtherwise(otherwise)
	}
	p.seatAtAll(t, o, p.other)
	for _, seat := range p.seats {
		if isKept || seat.path != "" { // or what is to be made had memberships already
			p.putMembership(t, seat, o)
		}
		p.take(t, seat, o)
	}
	if p.Invites {
		o.values["email"] = "nobody@example.com"
		if p.isInvited {
			o.values["email"] = emailOf(p.user.ID)
		}
	}
	return o
}

// nameOwners has an object, and all that it belongs to, name the identity by the fields that say so, or somebody
// else.
func (p *policyTest) nameOwners(o *object, path string) {
	for _, field := range o.Owners {
		o.users[field] = p.other
		if slices.Contains(p.named, strings.TrimPrefix(path+"."+field, ".")) {
			o.users[field] = p.user.ID
		}
	}
	for name, parent := range o.parents {
		p.nameOwners(parent, strings.TrimPrefix(path+"."+name, "."))
	}
}

// take has the identity take a seat at what an object belongs to.
func (p *policyTest) take(t *testing.T, s seat, o *object) {
	t.Helper()
	by, of := p.models[s.by], o.at(s.path)
	switch {
	case s.isAnother:
		another := p.imagine(of.modelType, func(string) string { return p.other })
		if another == nil {
			t.Fatalf("testdata/policy has too few unique values to make another %s", of.Type)
		}
		p.put(t, another)
		p.seat(t, by, by.highestRole(), another, p.user.ID, model.NewID())
	case s.isFormer:
		p.seat(t, by, by.highestRole(), of, p.user.ID, model.NewID())
		p.Query(t, p.user, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": of.globalID()})
		p.unseat(t, by, of, p.user.ID)
	default:
		p.seat(t, by, s.role, of, p.user.ID, model.NewID())
	}
}

// putMembership keeps the membership by which the identity takes a seat, or took it: an index may show it still.
func (p *policyTest) putMembership(t *testing.T, s seat, o *object) {
	t.Helper()
	if !s.isAnother {
		p.putSeat(t, p.models[s.by], s.role, o.at(s.path), p.user.ID)
	}
}

// changes returns values of another object for what an update may change.
func (p *policyTest) changes(update string) map[string]any {
	update, _, _ = strings.Cut(update, ".")
	_, _, fields := p.mutation(update)
	values, _ := p.example(p.made[p.Type])
	maps.DeleteFunc(values, func(field string, _ any) bool { return !slices.Contains(fields, field) })
	return values
}

// mutate wants a mutation that is refused to leave everything as it was. id is what it is
// done to, empty where that is new.
func (p *policyTest) mutate(t *testing.T, mutation, directive string, input map[string]any, id string) string {
	t.Helper()
	before := p.kept(t)
	document, list, _ := p.mutation(mutation)
	switch list {
	case "":
	case "ids":
		input = map[string]any{list: []any{input["id"]}}
	default:
		input = map[string]any{list: []any{input}}
	}
	document = strings.Replace(document, "{", directive+" {", 1)
	body := p.Query(t, p.user, document, map[string]any{"input": input})
	answer := answerIn(t, body, id)
	if after := p.kept(t); answer != "yes" && !reflect.DeepEqual(before, after) {
		t.Errorf("%s, %s: %s, and yet it changes %v to %v", p.name, mutation, answer, before, after)
	}
	return answer
}

func (p *policyTest) read(t *testing.T, path string, o *object) string {
	t.Helper()
	way := p.way(path)
	if way.field != "" {
		if p.sees(t, p.user, o, way.field) {
			return "yes"
		}
		return "null"
	}
	want := o.globalID()
	switch {
	case way.target == "owner":
		want = o.ownerGlobalID()
	case o.isUser(way.target):
		want = o.userGlobalID(way.target)
	case way.target != "":
		want = o.parents[way.target].globalID()
	}
	variables := way.variables(o)
	answer := answerIn(t, p.Query(t, p.user, way.document, variables), want)
	if way.isList {
		shown := want
		if way.far != "" {
			shown = o.parents[way.far].globalID()
		}
		p.readFiltered(t, way, variables, want, shown, answer)
	}
	return answer
}

// readFiltered wants a list to give an object under a filter that matches what it shows of it where it
// gives it without, and under one that does not match it never.
func (p *policyTest) readFiltered(t *testing.T, way way, variables map[string]any, id, shown, answer string) {
	t.Helper()
	otherwise := answer
	if answer == "yes" {
		otherwise = "absent"
	}
	for operator, want := range map[string]string{"eq": answer, "ne": otherwise} {
		variables["filter"] = map[string]any{"id": map[string]any{operator: shown}}
		if got := answerIn(t, p.Query(t, p.user, way.document, variables), id); got != want {
			t.Errorf("%s, %s under a filter by %s: %s, want %s", p.name, way.document, operator, got, want)
		}
	}
}

// answerIn reads a response as the tables do. id is what is asked for; empty: anything.
func answerIn(t *testing.T, body, id string) string {
	t.Helper()
	var response struct {
		Data   any
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal([]byte(body), &response); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if len(response.Errors) > 0 {
		return cmp.Or(response.Errors[0].Extensions.Code, response.Errors[0].Message)
	}
	return answerOf(response.Data, id)
}

// answerOf goes down the data to the object or the list of which there is one.
func answerOf(data any, id string) string {
	switch data := data.(type) {
	case nil:
		return "null"
	case []any: // nodes, of one id
		return answerOf(data[0], id)
	case map[string]any:
		if edges, isList := data["edges"].([]any); isList {
			if slices.ContainsFunc(edges, func(edge any) bool { return answerOf(edge.(map[string]any)["node"], id) == "yes" }) {
				return "yes"
			}
			return "absent"
		}
		if found, isObject := data["id"]; isObject {
			if id == "" || found == id {
				return "yes"
			}
			return fmt.Sprint("another object, ", found)
		}
		for _, inner := range data {
			return answerOf(inner, id)
		}
	}
	return fmt.Sprint("neither an object nor a list: ", data)
}
