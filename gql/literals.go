package gql

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
)

// literals checks the literals of a document against their types, as graphql-js's
// ValuesOfCorrectTypeRule does, and settles those that are right, so that gqlparser and gqlgen read
// them as what they are. It notes where variables stand that may be null, and what they stand for
// may not.
// https://spec.graphql.org/October2021/#sec-Values-of-Correct-Type
type literals struct {
	schema  *ast.Schema
	refuse  func(*gqlerror.Error)
	checked map[any]bool // fields and directives: those of a fragment are visited once for each operation
	usages  map[*ast.OperationDefinition][]nullableUsage
}

// observe has the walk over a document show its literals and variables.
func (l *literals) observe(events *core.Events) {
	events.OnOperation(func(_ *core.Walker, operation *ast.OperationDefinition) {
		for _, variable := range operation.VariableDefinitions {
			if variable.DefaultValue != nil && variable.Definition != nil {
				at := place{name: "$" + variable.Variable, kind: "the default of variable"}
				l.check(variable.Type, variable.DefaultValue, &at)
			}
		}
	})
	events.OnField(func(_ *core.Walker, field *ast.Field) {
		if field.Definition != nil && !l.checked[field] {
			l.checked[field] = true
			l.checkArguments(field.Name, field.Definition.Arguments, field.Arguments)
		}
	})
	events.OnDirective(func(_ *core.Walker, directive *ast.Directive) {
		if directive.Definition != nil && !l.checked[directive] {
			l.checked[directive] = true
			l.checkArguments("@"+directive.Name, directive.Definition.Arguments, directive.Arguments)
		}
	})
	events.OnValue(func(walker *core.Walker, value *ast.Value) {
		if value.Kind == ast.Variable && walker.CurrentOperation != nil {
			l.noteUsage(walker.CurrentOperation, value)
		}
	})
}

func (l *literals) noteUsage(operation *ast.OperationDefinition, value *ast.Value) {
	definition := operation.VariableDefinitions.ForName(value.Raw)
	if definition == nil || value.ExpectedType == nil || definition.Type.NonNull || !value.ExpectedType.NonNull {
		return
	}
	l.usages[operation] = append(l.usages[operation], nullableUsage{value.Raw, value.ExpectedType, value.Position})
}

func (l *literals) checkArguments(owner string, defs ast.ArgumentDefinitionList, arguments ast.ArgumentList) {
	for _, argument := range arguments {
		if def := defs.ForName(argument.Name); def != nil {
			at := place{name: argument.Name, kind: "argument", owner: owner}
			l.check(def.Type, argument.Value, &at)
		}
	}
}

// check checks a literal and settles it.
func (l *literals) check(t *ast.Type, value *ast.Value, at *place) {
	switch {
	case value.Kind == ast.Variable:
		return // the rule of variables in allowed positions is about those
	case value.Kind == ast.NullValue:
		if t.NonNull {
			l.refuse(at.refuse(isNull(t), value.Position))
		}
		return
	case value.Kind == ast.ListValue && t.Elem != nil:
		for i, child := range value.Children {
			at := at.item(i)
			l.check(t.Elem, child.Value, &at)
		}
		return
	}
	def := l.schema.Types[t.Name()] // one value stands for a list of it, of any depth
	if def == nil {
		return
	}
	var refused refusal
	switch def.Kind {
	case ast.InputObject:
		if value.Kind == ast.ObjectValue {
			l.checkObject(def, value, at)
			return
		}
		refused = noObject(def)
	case ast.Enum:
		if value.Kind != ast.EnumValue || def.EnumValues.ForName(value.Raw) == nil {
			refused = noEnumValue(def)
		}
	case ast.Scalar:
		refused = checkScalarLiteral(scalarName(def), value)
	}
	if refused.reason != "" {
		l.refuse(at.refuse(refused, startOf(value)))
		return
	}
	settleScalarLiteral(scalarName(def), value)
}

func (l *literals) checkObject(def *ast.Definition, object *ast.Value, at *place) {
	object.Children = slices.DeleteFunc(object.Children, func(child *ast.ChildValue) bool {
		return child.Name == typenameField
	})
	for _, child := range object.Children {
		at := at.field(child.Name)
		if field := def.Fields.ForName(child.Name); field != nil {
			l.check(field.Type, child.Value, &at)
		} else {
			l.refuse(at.refuse(noSuchField(def), child.Position))
		}
	}
	for _, field := range def.Fields {
		if field.Type.NonNull && field.DefaultValue == nil && object.Children.ForName(field.Name) == nil {
			at := at.field(field.Name)
			l.refuse(at.refuse(isAbsent(field.Type), object.Position))
		}
	}
	if isOneOf(def) && (len(object.Children) != 1 || object.Children[0].Value.Kind == ast.NullValue) {
		l.refuse(at.refuse(notOneOf(def), object.Position))
	}
}
