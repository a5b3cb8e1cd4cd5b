package ownqltest

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ownql/ownql/model"
)

// What follows asks who sees what of a user.

// peopleFile is the table of that, beside those of the types with @model.
const peopleFile = "testdata/policy/user-fields.txt"

// readPeople reads the table; without rows: nobody sees another.
func readPeople(t *testing.T) *modelType {
	t.Helper()
	if _, err := os.Stat(peopleFile); os.IsNotExist(err) {
		return &modelType{Type: "User"}
	}
	m, err := readModel(peopleFile)
	if err != nil {
		t.Fatalf("%s: %v", peopleFile, err)
	}
	return m
}

// peopleTest asks for one user, as each identity of the table.
type peopleTest struct {
	*world
	*modelType
	them *User
}

func (p *peopleTest) test(t *testing.T) {
	p.them = p.SignUp(t, "them@example.com")
	p.fill(t)
	for i, who := range p.identities {
		asker := p.asker(t, i, who)
		var byToken, byOther *User // service tokens with read:User and without
		if asker != nil {
			byToken, byOther = p.ServiceToken(t, asker, "reads users", "read:User"), p.ServiceToken(t, asker, "reads others", p.otherScope())
		}
		for _, row := range p.rows {
			want := row.answers[i]
			if got := p.answer(t, asker, row.path); got != want {
				t.Errorf("%s, %s by %s: %s, want %s", who.name, row.operation, row.path, got, want)
			}
			if asker == nil {
				continue
			}
			if got := p.answer(t, byToken, row.path); got != want {
				t.Errorf("a token of %s with read:User, %s by %s: %s, want %s", who.name, row.operation, row.path, got, want)
			}
			if got := p.answer(t, byOther, row.path); got != "null" {
				t.Errorf("a token of %s without read:User, %s by %s: %s, want null", who.name, row.operation, row.path, got)
			}
		}
		if got := p.answerOf(t, asker, model.NewID(), "node"); got != "null" {
			t.Errorf("%s, a user who is not there: %s, want null", who.name, got)
		}
	}
}

// fill gives the user values of the project's own fields.
func (p *peopleTest) fill(t *testing.T) {
	t.Helper()
	if len(p.Examples) == 0 || len(p.Examples[0]) == 0 {
		return
	}
	p.QueryInto(t, p.them, `mutation ($input: UpdateViewerInput!) { updateViewer(input: $input) { user { id } } }`,
		map[string]any{"input": p.Examples[0]}, new(any))
}

// asker signs an identity up, and has it and the user be in what the table says; nil: anonymous.
func (p *peopleTest) asker(t *testing.T, i int, who identity) *User {
	t.Helper()
	p.wipe(t)
	switch {
	case !who.isSignedIn():
		return nil
	case len(who.owns) > 0:
		return p.them
	}
	asker := p.SignUp(t, fmt.Sprintf("user%d@example.com", i), who.roles...)
	for _, s := range who.seats {
		by := p.models[s.by]
		of := p.place(t, by)
		p.join(t, by, by.lowestRole(), of, p.them)
		switch {
		case s.isAnother:
			p.join(t, by, by.highestRole(), p.place(t, by), asker)
		case s.isFormer: // as far as an index shows, it is one still
			p.join(t, by, by.highestRole(), of, asker)
			p.answer(t, asker, "node")
			p.unseat(t, by, of, asker.ID)
		default:
			p.join(t, by, s.role, of, asker)
		}
	}
	return asker
}

// place keeps something that has members by a type.
func (p *peopleTest) place(t *testing.T, by *modelType) *object {
	t.Helper()
	of := p.imagine(p.models[strings.TrimSuffix(by.Parents[by.Membership.Object], "!")], func(string) string { return p.them.ID })
	if of == nil {
		t.Fatalf("testdata/policy has too few unique values for what a %s is of", by.Type)
	}
	p.put(t, of)
	return of
}

// join makes a user a member of something.
func (p *peopleTest) join(t *testing.T, by *modelType, role string, of *object, user *User) {
	t.Helper()
	p.putSeat(t, by, role, of, user.ID)
	p.seat(t, by, role, of, user.ID, model.NewID())
}

// otherScope is some scope that is not of users.
func (p *peopleTest) otherScope() string {
	for name := range p.models {
		return "read:" + name
	}
	return "update:User"
}

// answer asks for the user, or a field of theirs, by a path of the table.
func (p *peopleTest) answer(t *testing.T, asker *User, path string) string {
	t.Helper()
	return p.answerOf(t, asker, p.them.ID, path)
}

func (p *peopleTest) answerOf(t *testing.T, asker *User, id, path string) string {
	t.Helper()
	root, field, _ := strings.Cut(path, ".")
	global := model.GlobalID("User", id)
	switch {
	case root == "nodes":
		return answerIn(t, p.Query(t, asker, `query ($id: ID!) { nodes(ids: [$id]) { id } }`, map[string]any{"id": global}), global)
	case field == "":
		return answerIn(t, p.Query(t, asker, `query ($id: ID!) { node(id: $id) { id } }`, map[string]any{"id": global}), global)
	}
	selection := field
	if definition := p.server.schema.Types[p.server.schema.Types["User"].Fields.ForName(field).Type.Name()]; len(definition.Fields) > 0 {
		selection += " { __typename }"
	}
	body := p.Query(t, asker, fmt.Sprintf(`query ($id: ID!) { node(id: $id) { ... on User { %s } } }`, selection), map[string]any{"id": global})
	var response struct {
		Data   struct{ Node map[string]any }
		Errors []any
	}
	if err := json.Unmarshal([]byte(body), &response); err != nil || len(response.Errors) > 0 {
		return fmt.Sprint(body, err)
	}
	if response.Data.Node[field] == nil {
		return "null"
	}
	return "yes"
}
