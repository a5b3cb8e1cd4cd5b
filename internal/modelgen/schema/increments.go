package schema

import (
	"strings"

	"github.com/99designs/gqlgen/codegen/templates"
	"github.com/vektah/gqlparser/v2/ast"
)

// This file makes the inputs by which updates increment numbers. To gqlgen all are one Go type, which
// the runtime knows the fields of, as with filters.

// IncrementGoType is what every such input is in Go, in the library.
const IncrementGoType = "model.Increment"

// incrementName is the field of update inputs that has the increments.
const incrementName = "increment"

// IncrementName is the input of what an update adds to the model's numbers.
func (m *Model) IncrementName() string { return "Increment" + m.Name + "Input" }

// Counters returns the numbers that an update may increment. There are none where code of the project
// carries out the update, which would not heed them, and where the input has another field of that name.
func (m *Model) Counters() Fields {
	if m.isReplaced("Update") {
		return nil
	}
	for _, field := range m.Updatable() {
		if strings.EqualFold(field.GoInputName(), templates.ToGo(incrementName)) {
			return nil
		}
	}
	return m.Updatable().selected(func(f *Field) bool { return f.IsNumber() && !f.List })
}

// isReplaced tells whether code of the project carries out a mutation of the model.
func (m *Model) isReplaced(operation string) bool {
	return m.byHand.declares("Store."+m.WriteMethod(operation)) || m.byHand.resolves("Mutation", templates.ToGo(operation+m.Name))
}

// IncrementNames returns the name of every such input.
func (s *Schema) IncrementNames() []string {
	var names []string
	for _, model := range s.Models {
		if len(model.Counters()) > 0 {
			names = append(names, model.IncrementName())
		}
	}
	return names
}

// increment returns the input of what an update adds to the model's numbers.
func (m *Model) increment() *ast.Definition {
	input := inputOf(m.IncrementName(), "What `update"+m.Name+"` adds to numbers, beside what others add at the same time. What is less than 0 is taken away; what is absent or null stays as it is.")
	for _, f := range m.Counters() {
		about := []string{f.describe(), "This is added to it."}
		if f.Nullable {
			about = append(about, "Null counts from 0.")
		}
		input.Fields = append(input.Fields, field(f.Name, f.TypeName, strings.Join(append(about, f.sum()...), " ")))
	}
	return input
}

// sum says what @validate and @unique want of the sum.
func (f *Field) sum() []string {
	about := f.constraints()
	if len(about) > 0 {
		about[0] = "The sum: " + strings.ToLower(about[0][:1]) + about[0][1:]
	}
	return about
}
