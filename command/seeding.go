package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/ownql/ownql/auth"
	"github.com/ownql/ownql/gql"
	"github.com/ownql/ownql/model"
)

// A seeding is one run of `ownql seed`. What it has carried out it marks in the store: a step that is a
// transaction, in that very transaction; any other, before it begins and after it is done.
type seeding struct {
	opened   *opened
	accounts *auth.Accounts
	handler  *gql.Handler
	password string
	isForced bool // the store may be one that others sign in to
	people   []*seededPerson

	files []*seedFile
	marks map[string]*model.SeedMark // of steps, by their names
}

func newSeeding(o *opened, password string) (*seeding, error) {
	handler, err := newSeedHandler(o)
	if err != nil {
		return nil, err
	}
	return &seeding{
		opened: o, accounts: newAccounts(o), handler: handler, password: password,
		marks: map[string]*model.SeedMark{},
	}, nil
}

// end signs the people out.
func (s *seeding) end(ctx context.Context) {
	for _, person := range s.people {
		if person.session != nil {
			s.opened.accounts.DeleteSession(context.WithoutCancel(ctx), person.id, person.session.ID) // it ends by itself otherwise
		}
	}
}

// plan finds out what is to be done of what the files say, and whether all of it can be.
func (s *seeding) plan(ctx context.Context, files []*seedFile) error {
	s.files = files
	if err := bind(files); err != nil {
		return err
	}
	people, err := peopleOf(files)
	if err != nil {
		return err
	}
	for _, person := range people {
		s.people = append(s.people, &seededPerson{seedPerson: person})
	}
	for _, file := range files {
		if err := s.readMarks(ctx, file); err != nil {
			return err
		}
	}
	return nil
}

// readMarks finds out which steps of a file are done: those at its beginning, as they stand there now.
func (s *seeding) readMarks(ctx context.Context, file *seedFile) error {
	var of []string
	for _, step := range file.steps {
		of = append(of, step.of(file))
	}
	of = append(of, fmt.Sprintf("%s#%d", file.name, len(file.steps)))
	marks, err := s.opened.db.SeedMarks(ctx, of...)
	if err != nil {
		return err
	}
	for _, step := range file.steps {
		mark := marks[step.of(file)]
		if mark == nil || !mark.IsDone {
			s.marks[step.of(file)] = mark
			continue
		}
		if mark.Text != step.hash {
			return step.errorf("%s was another mutation, or had other values, when it was carried out: put it back as it was, and add what is new at the end of the file, or begin anew by --reset", step.does())
		}
		s.marks[step.of(file)] = mark
		remember(step, mark.IDs)
	}
	if next := marks[of[len(of)-1]]; next != nil && next.IsDone {
		return fmt.Errorf("%s: more mutations of it have been carried out than it has now: put them back, or begin anew by --reset", file.path)
	}
	return nil
}

// remember keeps what a step has made for the variables of others: the ids of its mutations, one after the other,
// each after how many there are.
func remember(step *seedStep, ids []string) {
	for _, field := range step.fields() {
		if len(ids) == 0 {
			return
		}
		count := 0
		fmt.Sscanf(ids[0], "%d", &count)
		count = min(max(count, 0), len(ids)-1)
		if field.Alias != field.Name {
			step.made[field.Alias] = ids[1 : 1+count]
		}
		ids = ids[1+count:]
	}
}

// isDone tells whether there is nothing to do for a step.
func (s *seeding) isDone(file *seedFile, step *seedStep) bool {
	mark := s.marks[step.of(file)]
	return mark != nil && mark.IsDone
}

// isPending tells whether some step is not done.
func (s *seeding) isPending() bool {
	return slices.ContainsFunc(s.files, func(file *seedFile) bool {
		return slices.ContainsFunc(file.steps, func(step *seedStep) bool { return !s.isDone(file, step) })
	})
}

// run carries out what is left to do.
func (s *seeding) run(ctx context.Context, stdout io.Writer) error {
	mark, err := s.markOfGo(ctx)
	if err != nil {
		return err
	}
	goIsDone := s.opened.seed == nil || mark != nil && mark.IsDone
	isPending := s.isPending() || !goIsDone
	for _, person := range s.people {
		if err := s.ensure(ctx, person, isPending); err != nil {
			return err
		}
	}
	for _, file := range s.files {
		done, before := 0, 0
		for _, step := range file.steps {
			if s.isDone(file, step) {
				before += len(step.part.Selections)
				continue
			}
			if err := s.carryOut(ctx, file, step); err != nil {
				return err
			}
			done += len(step.part.Selections)
		}
		switch {
		case done == 0:
			fmt.Fprintf(stdout, "%s: done before\n", file.name)
		case before > 0:
			fmt.Fprintf(stdout, "%s: %s, and %d before\n", file.name, counted(done, "mutation"), before)
		default:
			fmt.Fprintf(stdout, "%s: %s\n", file.name, counted(done, "mutation"))
		}
	}
	if s.opened.seed != nil {
		if err := s.runGo(ctx, mark, stdout); err != nil {
			return err
		}
	}
	return nil
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// carryOut carries out a step, as whom it names.
func (s *seeding) carryOut(ctx context.Context, file *seedFile, step *seedStep) error {
	person := s.person(step.email)
	ctx, err := s.as(ctx, person)
	if err != nil {
		return step.errorf("as %s: %w", step.email, err)
	}
	variables, err := s.variablesOf(step)
	if err != nil {
		return err
	}
	mark := model.SeedMark{Of: step.of(file), Text: step.hash, At: model.Now(), IsDone: true}
	response, err := s.execute(ctx, file, step, variables, &mark)
	if err != nil {
		return step.errorf("%s as %s: %w", step.does(), step.email, err)
	}
	if len(response.Errors) > 0 {
		return s.failure(ctx, step, file, mark, response.Errors)
	}
	s.marks[mark.Of] = &mark
	remember(step, mark.IDs)
	return nil
}

// execute executes a step, and marks it as done. An error tells that this could not be marked.
func (s *seeding) execute(ctx context.Context, file *seedFile, step *seedStep, variables map[string]any, mark *model.SeedMark) (*graphql.Response, error) {
	if step.isWhole {
		part := step.part
		part.Made = func(ids map[string][]string) { mark.IDs = flattened(step, ids) }
		within := model.WithSeedMark(ctx, func() model.SeedMark { return *mark })
		return file.document.Execute(within, part, variables), nil
	}
	begun := *mark
	begun.IsDone = false
	if err := s.opened.db.SetSeedMark(ctx, s.marks[mark.Of], begun); err != nil {
		return nil, err
	}
	response := file.document.Execute(ctx, step.part, variables)
	if len(response.Errors) > 0 {
		if s.marks[mark.Of] == nil && isRefusal(response.Errors) {
			return response, s.opened.db.DeleteSeedMark(ctx, begun)
		}
		return response, nil
	}
	mark.IDs = flattened(step, idsInAnswer(step, response.Data))
	return response, s.opened.db.SetSeedMark(ctx, &begun, *mark)
}

// isRefusal tells whether a mutation was refused, and nothing went wrong while it was carried out.
func isRefusal(errs gqlerror.List) bool {
	return !slices.ContainsFunc(errs, func(err *gqlerror.Error) bool {
		code, _ := err.Extensions["code"].(string)
		return code == "" || code == string(model.CodeInternal) || code == string(model.CodeUnavailable)
	})
}

// flattened is what the mark of a step keeps of the ids that its mutations have made, see remember.
func flattened(step *seedStep, ids map[string][]string) (flat []string) {
	for _, field := range step.fields() {
		flat = append(append(flat, fmt.Sprint(len(ids[field.Alias]))), ids[field.Alias]...)
	}
	return flat
}

// idsInAnswer returns the ids that are selected of what mutations answer.
func idsInAnswer(step *seedStep, data []byte) map[string][]string {
	var answered map[string]json.RawMessage
	ids := map[string][]string{}
	if json.Unmarshal(data, &answered) != nil {
		return ids
	}
	for _, field := range step.fields() {
		var (
			name   = field.Alias
			answer = answered[name]
			object map[string]json.RawMessage
		)
		if json.Unmarshal(answer, &object) != nil {
			continue
		}
		if id := idOf(answer); id != "" {
			ids[name] = []string{id}
			continue
		}
		for _, selected := range selectedNames(field.SelectionSet, nil) {
			if id := idOf(object[selected]); id != "" {
				ids[name] = append(ids[name], id)
			}
		}
	}
	return ids
}

// selectedNames adds what an answer has by the names there, in the order in which it is selected.
func selectedNames(selections ast.SelectionSet, names []string) []string {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			if !slices.Contains(names, selection.Alias) {
				names = append(names, selection.Alias)
			}
		case *ast.InlineFragment:
			names = selectedNames(selection.SelectionSet, names)
		case *ast.FragmentSpread:
			names = selectedNames(selection.Definition.SelectionSet, names)
		}
	}
	return names
}

// idOf returns the id of an object in JSON.
func idOf(answer json.RawMessage) string {
	var object struct{ ID string }
	if json.Unmarshal(answer, &object) != nil {
		return ""
	}
	return object.ID
}

// failure says which step failed, of what, and what to do.
func (s *seeding) failure(ctx context.Context, step *seedStep, file *seedFile, mark model.SeedMark, errs gqlerror.List) error {
	why := make([]string, len(errs))
	for i, err := range errs {
		why[i] = fmt.Sprintf("%s (%v)", err.Message, err.Extensions["code"])
	}
	marks, err := s.opened.db.SeedMarks(ctx, mark.Of)
	if err != nil {
		return err
	}
	is, was := marks[mark.Of], s.marks[mark.Of]
	next := "what stands above it is carried out: mend it, and run seed again, which goes on from here"
	switch {
	case is != nil && is.IsDone && is.At.Time().Equal(mark.At.Time()):
		next = "it is carried out, and what went wrong came after that: seed goes on behind it when it is run again"
	case is != nil && is.IsDone:
		next = "another seed carries the file out at this moment: wait for that one"
	case was != nil:
		next = "an earlier run ended while it was carried out, so it may have been: look whether it was, and take it out of the file, or begin anew by --reset"
	}
	return step.errorf("%s as %s: %s\n%s", step.does(), step.email, strings.Join(why, "; "), next)
}

// variablesOf returns the values of a step's variables.
func (s *seeding) variablesOf(step *seedStep) (map[string]any, error) {
	values := map[string]any{}
	for _, variable := range step.variables {
		name, isFilled := step.filled[variable.Variable]
		if !isFilled {
			continue // it has a default
		}
		var ids []string
		if name.step == nil {
			ids = []string{model.GlobalID("User", s.person(name.email).id)}
		} else {
			ids = name.step.made[variable.Variable]
		}
		at := placeOf(step.file, variable.Position)
		switch isList := variable.Type.Elem != nil; {
		case len(ids) == 0:
			return nil, at.errorf("$%s: %v answers no id: select it there, as in `{ thing { id } }`", variable.Variable, name.place)
		case isList:
			list := make([]any, len(ids))
			for i, id := range ids {
				list[i] = id
			}
			values[variable.Variable] = list
		case len(ids) > 1:
			return nil, at.errorf("$%s: %v makes %d objects: want the variable as [ID!]!", variable.Variable, name.place, len(ids))
		default:
			values[variable.Variable] = ids[0]
		}
	}
	return values, nil
}

// seedSession is how long a session of the seed's own may last, should the process not end it.
const seedSession = time.Hour
