package command

import (
	"errors"
	"slices"
	"strings"

	"github.com/ownql/ownql/account"
	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
)

// A seedPerson is somebody whom a comment of a file names:
//
//	# as ada@example.com Ada Lovelace, roles: editor admin
//
// says who carries out what stands below, up to the next such line, and `# user` in place of `# as` no more than
// that there is such an account.
type seedPerson struct {
	place
	email               string // canonical
	firstName, lastName string // empty: they are made of the address
	roles               []string
	isActing            bool
}

// readSeedPeople returns the people of a file's comments, and what is wrong with them.
func readSeedPeople(path, text string) (people []seedPerson, wrong []error) {
	for _, comment := range gql.Comments(text) {
		at := place{path, comment.Pos.Line, comment.Pos.Column}
		words := strings.Fields(strings.TrimLeft(comment.Value, "#"))
		if len(words) < 2 || !isAddressed(words) {
			continue // it is a comment as others are
		}
		words[0] = strings.ToLower(words[0])
		if words[0] == "as" && comment.IsWithin {
			wrong = append(wrong, at.errorf("# as %s: it stands within an operation, which one person carries out: divide that one in two, and write the line between them", words[1]))
		}
		person, err := readSeedPerson(words)
		if err != nil {
			wrong = append(wrong, at.errorf("# %s %s: %w", words[0], words[1], err))
		}
		person.place = at
		people = append(people, person)
	}
	return people, wrong
}

// isAddressed tells whether a comment names somebody, or was to.
func isAddressed(words []string) bool {
	word := strings.ToLower(words[0])
	if word != "as" && word != "user" {
		return false
	}
	return strings.Contains(words[1], "@") || len(words) == 2 && word == words[0]
}

func readSeedPerson(words []string) (person seedPerson, err error) {
	person.isActing = words[0] == "as"
	if person.email, err = account.CanonicalEmail(strings.TrimRight(words[1], ",")); err != nil {
		return person, err
	}
	name, roles, hasRoles := strings.Cut(strings.Join(words[2:], " "), "roles:")
	person.firstName, person.lastName, _ = strings.Cut(strings.Trim(name, ", "), " ")
	if _, err := auth.CheckName("firstName", person.firstName, 0); err != nil {
		return person, err
	}
	if _, err := auth.CheckName("lastName", person.lastName, 0); err != nil {
		return person, err
	}
	person.roles = strings.FieldsFunc(roles, func(r rune) bool { return r == ' ' || r == ',' })
	if hasRoles && len(person.roles) == 0 {
		return person, errors.New("want a role behind the word roles")
	}
	return person, checkRoles("roles:", person.roles)
}

// personAt returns the address of whoever carries out what stands in a line; empty: nobody does.
func (f *seedFile) personAt(line int) (email string) {
	for _, person := range f.people {
		if person.isActing && person.line < line {
			email = person.email
		}
	}
	return email
}

// peopleOf returns the people of all files, each once, with what the files say of them together.
func peopleOf(files []*seedFile) (people []seedPerson, err error) {
	for _, file := range files {
		for _, named := range file.people {
			i := slices.IndexFunc(people, func(p seedPerson) bool { return p.email == named.email })
			if i < 0 {
				people = append(people, named)
				continue
			}
			known := &people[i]
			if named.firstName != "" && known.firstName != "" && (named.firstName != known.firstName || named.lastName != known.lastName) {
				return nil, named.errorf("%s has another name at %v", named.email, known.place)
			}
			if named.firstName != "" {
				known.firstName, known.lastName = named.firstName, named.lastName
			}
			for _, role := range named.roles {
				if !slices.Contains(known.roles, role) {
					known.roles = append(known.roles, role)
				}
			}
		}
	}
	for i := range people {
		if people[i].firstName == "" {
			people[i].firstName, people[i].lastName = nameOf(people[i].email)
		}
	}
	return people, nil
}

// nameOf makes a name of an address: Ada Lovelace of ada.lovelace@example.com.
func nameOf(email string) (first, last string) {
	local, _, _ := strings.Cut(email, "@")
	words := strings.FieldsFunc(local, func(r rune) bool { return strings.ContainsRune("._-+", r) })
	for i, word := range words {
		letters := []rune(word)
		words[i] = strings.ToUpper(string(letters[:1])) + string(letters[1:])
	}
	if len(words) == 0 {
		return local, ""
	}
	return words[0], strings.Join(words[1:], " ")
}
