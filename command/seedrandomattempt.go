package command

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// A randomAttempt is a way to make an object: who does it, and how that one was chosen.
type randomAttempt struct {
	way string
	by  *randomPerson
}

// attempts returns who may be able to make the object, the likeliest first.
func (s *randomSeeding) attempts(o *randomObject, r *rand.Rand) (attempts []randomAttempt) {
	add := func(way string, by *randomPerson) {
		if by != nil && !slices.ContainsFunc(attempts, func(a randomAttempt) bool { return a.by == by && a.way == way }) {
			attempts = append(attempts, randomAttempt{way, by})
		}
	}
	someone, last := s.people[r.IntN(len(s.people))], s.people[len(s.people)-1]
	if circle := o.root.circle; o.joins != nil {
		add("founder", circle[0])
	} else if len(circle) > 1 {
		u := r.Float64()
		add("member", circle[int(u*u*float64(len(circle)))])
		add("founder", circle[0])
	} else if len(circle) == 1 {
		if someone == circle[0] {
			someone = s.people[(slices.Index(s.people, someone)+1)%len(s.people)]
		}
		add("anybody", someone)
		add("founder", circle[0])
	} else {
		add("anybody", someone)
	}
	for _, parent := range o.parents {
		add("owner", parent.owner)
	}
	add("groups", last)
	slices.SortStableFunc(attempts, func(a, b randomAttempt) int {
		return order(b.way == o.of.first) - order(a.way == o.of.first)
	})
	return attempts
}

// user chooses whom a field names.
func (s *randomSeeding) user(r *rand.Rand, o *randomObject) *randomPerson {
	if circle := o.root.circle; len(circle) > 0 {
		return circle[r.IntN(len(circle))]
	}
	return o.attempts[0].by
}

// create makes the object in one of the ways there are. why says why none made it; an error ends all.
func (s *randomSeeding) create(o *randomObject) (why string, err error) {
	for _, bare := range []bool{false, true} {
		for _, attempt := range o.attempts {
			input := o.input
			if bare { // with nothing that need not be, and naming nobody else
				input = maps.Clone(o.required)
				for _, field := range o.users {
					if _, isRequired := o.required[field]; isRequired {
						input[field] = attempt.by.globalID()
					}
				}
			}
			id, errs := ask(attempt.by, o.of.document, input)
			if len(errs) == 0 {
				s.isMade(o, id, attempt)
				return "", nil
			}
			if why, err = refused(errs); err != nil {
				return "", err
			}
			if errs[0].Extensions["code"] == string(model.CodeBadUserInput) {
				break // whoever asks
			}
		}
	}
	if o.joins != nil {
		return s.invite(o, why)
	}
	return why, nil
}

// isMade notes that there is the object.
func (s *randomSeeding) isMade(o *randomObject, id string, attempt randomAttempt) {
	o.id, o.owner, o.way = id, attempt.by, attempt.way
	if o.root == o {
		o.circle = []*randomPerson{attempt.by}
	}
}

// invite makes somebody a member by an invitation, which they accept.
func (s *randomSeeding) invite(o *randomObject, why string) (string, error) {
	by := o.of.facts.Membership
	for _, name := range slices.Sorted(maps.Keys(s.byName)) {
		t := s.byName[name]
		if t.facts.InvitesTo != o.of.name || t.accept == nil {
			continue
		}
		input := map[string]any{"email": o.joins.email, by.Object: o.input[by.Object]}
		for _, f := range t.fields {
			if value, isGiven := o.input[f.name]; isGiven {
				input[f.name] = value
			}
		}
		founder := o.attempts[0].by
		invitation, errs := ask(founder, t.document, input)
		if len(errs) == 0 {
			var id string
			if id, errs = ask(o.joins, t.accept, map[string]any{"id": invitation}); len(errs) == 0 {
				s.isMade(o, id, randomAttempt{"founder", o.joins})
				return "", nil
			}
		}
		return refused(errs)
	}
	return why, nil
}

// refused says why nothing was made. An error is of the server's.
func refused(errs gqlerror.List) (why string, err error) {
	code, _ := errs[0].Extensions["code"].(string)
	why = fmt.Sprintf("the others were refused: %s (%s)", errs[0].Message, code)
	if code == string(model.CodeInternal) || code == string(model.CodeUnavailable) {
		return "", errs[0]
	}
	return why, nil
}

// ask executes a mutation with that input as somebody, and returns the id of what it answers.
func ask(as *randomPerson, document *gql.Document, input map[string]any) (id string, errs gqlerror.List) {
	operation := document.Operations[0]
	response := document.Execute(as.ctx, gql.Part{Of: operation, Selections: operation.SelectionSet}, map[string]any{"input": input})
	if len(response.Errors) > 0 {
		return "", response.Errors
	}
	var data struct{ Made json.RawMessage }
	if err := json.Unmarshal(response.Data, &data); err != nil {
		return "", gqlerror.List{gqlerror.Wrap(err)}
	}
	if id = idOf(data.Made); id == "" {
		var payload map[string]json.RawMessage
		if json.Unmarshal(data.Made, &payload) == nil {
			for _, made := range payload {
				id = idOf(made)
			}
		}
	}
	return id, nil
}
