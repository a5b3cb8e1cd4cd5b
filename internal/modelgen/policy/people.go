package policy

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"text/template"

	"github.com/99designs/gqlgen/codegen/templates"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// What follows reads the rules of the fields of User a second time, for a table of who sees what of whom.

// PeopleFile is its file in graph/testdata/policy/, which no type's can be.
const PeopleFile = "user-fields.txt"

//go:embed people.gotmpl
var peopleText string

var peopleTemplate = template.Must(template.New("people").Parse(peopleText))

// People returns the table of who sees what of a user, and values of the project's own fields, as the text of
// its file; nil where nobody sees another.
func People(s *schema.Schema) ([]byte, error) {
	if !s.User.IsSeen() || !isAsked(s, "node") {
		return nil, nil
	}
	input, rows := map[string]any{}, []row{}
	add := func(path string, isSeen func(identity) bool) {
		rows = append(rows, row{operation: schema.Read, path: path, answer: func(i identity) string {
			if isSeen(i) {
				return given
			}
			return null
		}})
	}
	seesAny := func(i identity) bool {
		return i.isTheUser() || slices.ContainsFunc(s.User.SeenFields(), i.seesOfUser)
	}
	for _, path := range []string{"node", "nodes"} {
		if isAsked(s, path) {
			add(path, seesAny)
		}
	}
	for _, field := range slices.Concat(s.User.Kept, s.User.Updatable()) {
		if field.Name == "pendingEmail" || s.Resolves("User", templates.ToGo(field.Name)) {
			continue // which has no value, or one that nobody knows
		}
		if s.User.Field(field.Name) != nil {
			values := validValues(s, field)
			if field.IsCustom || len(values) == 0 {
				continue
			}
			input[field.Name] = values[0]
		}
		add("node."+field.Name, func(i identity) bool { return i.isTheUser() || i.seesOfUser(field) })
	}
	identities := peopleIdentities(s.User, rows)
	data := struct {
		Rows     []string
		Input    string
		HasSeats bool
	}{gridOf(rows, identities), asJSON(input), slices.ContainsFunc(identities, func(i identity) bool { return len(i.seats) > 0 })}
	var text bytes.Buffer
	err := peopleTemplate.Execute(&text, data)
	return text.Bytes(), err
}

// gridOf returns the lines of a table, of which the first names the identities.
func gridOf(rows []row, identities []identity) []string {
	grid := [][]string{{"operation path"}}
	for _, identity := range identities {
		grid[0] = append(grid[0], identity.String())
	}
	for _, row := range rows {
		cells := []string{strings.TrimSpace(fmt.Sprintf("%-9s %s %s", row.operation, row.path, row.otherwise))}
		for _, identity := range identities {
			cells = append(cells, row.answer(identity))
		}
		grid = append(grid, cells)
	}
	return aligned(grid)
}

// isTheUser tells whether the identity is the user who is asked for.
func (i identity) isTheUser() bool { return slices.Contains(i.owns, "") }

// seesOfUser tells whether a rule lets the identity see a field of another user.
func (i identity) seesOfUser(field *schema.Field) bool {
	return slices.ContainsFunc(field.Seen, func(rule schema.Rule) bool {
		return !slices.ContainsFunc(rule.Terms, func(term schema.Term) bool { return !i.meetsOfUser(term) })
	})
}

func (i identity) meetsOfUser(term schema.Term) bool {
	switch term.Allow {
	case "owner":
		return i.isTheUser()
	case "members":
		return slices.ContainsFunc(i.seats, func(s seat) bool {
			isIn := s.by == term.Through && !s.isFormer && !s.isAnother
			return isIn && (len(term.Roles) == 0 || slices.Contains(term.Roles, s.role))
		})
	default:
		return i.meets(term, schema.Read, nil)
	}
}

// peopleIdentities returns who asks for a user: the user, anonymous, a stranger, who is, was and is elsewhere
// in something with the user by each type of memberships, who has each role that a rule names; and
// who is two or three of these where none of them is given something.
func peopleIdentities(user *schema.User, rows []row) []identity {
	all := []identity{{isSignedIn: true, owns: []string{""}}, anonymous, stranger}
	var by []*schema.Model
	var groups []string
	for _, field := range user.SeenFields() {
		for _, rule := range field.Seen {
			for _, term := range rule.Terms {
				if term.Through != nil && !slices.Contains(by, term.Through) {
					by = append(by, term.Through)
				}
				for _, group := range term.Groups {
					if !slices.Contains(groups, group) {
						groups = append(groups, group)
					}
				}
			}
		}
	}
	for _, by := range by {
		for _, at := range seatsOf(by, "") {
			all = append(all, identity{isSignedIn: true, seats: []seat{at}})
		}
	}
	for _, group := range groups {
		all = append(all, identity{isSignedIn: true, groups: []string{group}})
	}
	several := severalOf(slices.DeleteFunc(slices.Clone(all[3:]), identity.isNoMember))
	for _, row := range rows {
		fares := func(i identity) bool { return row.answer(i) == given }
		if i := slices.IndexFunc(several, fares); i >= 0 && !slices.ContainsFunc(all[1:], fares) {
			all = append(all, several[i])
		}
	}
	return all
}
