package gql

import (
	"context"
	"errors"
	"math"
	"strconv"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// An Object is an object type of the schema, as a table of its fields, by which [MarshalObject] answers it. What gqlgen
// writes for the same takes Go ten times as long to compile, field by field.
type Object struct {
	Name       string
	Implements []string // the names that a fragment on it may have: its own, and those of its interfaces
	IsRoot     bool     // it is the Query or the Mutation
	Fields     []ObjectField
	// Resolve returns the value of the field with that index: nil, or of the Go type that [Execution] MarshalValue takes.
	Resolve func(ctx context.Context, e Execution, field int, args map[string]any, of any) (any, error)
	// Plain hands over the value of the field with that index, which IsPlain.
	Plain func(w *FieldWriter, field int, of any)
}

// An ObjectField is a field of an [Object].
type ObjectField struct {
	Name         string
	Type         string // of the schema, without its lists
	Value        int    // what MarshalValue calls the type of its value
	Arguments    int    // what UnmarshalArguments calls its arguments; 0: it has none
	IsNonNull    bool
	IsMethod     bool // a Go method, or a resolver, answers it
	IsResolver   bool
	IsConcurrent bool // others are answered while it is
	IsPlain      bool // a Go field of a type that FieldWriter takes, or ownql's own method of that type, is its value
}

// An Execution is what gqlgen's code knows of a project's Go types. It is of one operation.
type Execution interface {
	// ObjectNamed returns the object type of that name; nil: there is no table of it.
	ObjectNamed(name string) *Object
	// NodeObject returns the object type of a node; nil: there is no table of it, or no node.
	NodeObject(node model.Node) *Object
	// MarshalValue returns what the answer says of a value.
	MarshalValue(ctx context.Context, value int, selections ast.SelectionSet, v any) graphql.Marshaler
	// UnmarshalArguments returns the Go values of arguments.
	UnmarshalArguments(ctx context.Context, arguments int, given map[string]any) (map[string]any, error)
	// DeferGroup has the fields be answered that @defer is of.
	DeferGroup(group graphql.DeferredGroup)
}

// MarshalObject answers what an operation selects of an object, nil for a root. graphql.Null: a field that may not be null is.
func MarshalObject(ctx context.Context, e Execution, operation *graphql.OperationContext, o *Object, selections ast.SelectionSet, of any) graphql.Marshaler {
	if s := selectionOf(e, operation, o, selections); s != nil {
		if answer := marshalSelection(ctx, e, operation, s, of); answer != nil {
			return answer
		}
	}
	fields := graphql.CollectFields(operation, selections, o.Implements)
	if o.IsRoot {
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: o.Name})
	}
	a := objectAnswer{Object: o, e: e, operation: operation, of: of, set: graphql.NewFieldSet(fields)}
	for i, field := range fields {
		a.answer(ctx, i, field)
	}
	a.set.Dispatch(ctx)
	if a.set.Invalids > 0 {
		return graphql.Null
	}
	if a.deferred != nil {
		e.DeferGroup(graphql.DeferredGroup{Defers: a.views, Path: graphql.GetPath(ctx), FieldSet: a.deferred, Context: ctx})
	}
	return a.set
}

// marshalSelection is MarshalObject by a selection; nil: there is a plain field that gqlgen is to answer.
func marshalSelection(ctx context.Context, e Execution, operation *graphql.OperationContext, s *selection, of any) graphql.Marshaler {
	answer := writtenOf(ctx, operation, s, of)
	if answer == nil {
		return nil
	}
	if s.isWhole() {
		return answer
	}
	if s.object.IsRoot {
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: s.object.Name})
	}
	a := objectAnswer{Object: s.object, e: e, operation: operation, of: of, set: graphql.NewFieldSet(s.others)}
	for i, field := range s.others {
		a.answer(ctx, i, field)
	}
	a.set.Dispatch(ctx)
	if a.set.Invalids > 0 {
		return graphql.Null
	}
	next := 0
	for i := range answer.parts {
		if part := &answer.parts[i]; part.value == nil {
			part.value = a.set.Values[next]
			next++
		}
	}
	return answer
}

// An objectAnswer is what becomes of one object.
type objectAnswer struct {
	*Object
	e         Execution
	operation *graphql.OperationContext
	of        any
	set       *graphql.FieldSet

	deferred *graphql.FieldSet // the fields that @defer is of; nil: none
	views    map[string]*graphql.FieldSetView
}

// answer answers the field that stands at i in the set, or leaves it to the set's Dispatch.
func (a *objectAnswer) answer(ctx context.Context, i int, field graphql.CollectedField) {
	if field.Name == "__typename" {
		a.set.Values[i] = graphql.MarshalString(a.Name)
		return
	}
	index := a.index(field.Name)
	if index < 0 {
		panic("unknown field " + strconv.Quote(field.Name))
	}
	switch {
	case a.IsRoot:
		ctx := graphql.WithRootFieldContext(ctx, &graphql.RootFieldContext{Object: field.Name, Field: field})
		if a.Fields[index].IsConcurrent {
			a.set.Concurrently(i, func(context.Context) graphql.Marshaler {
				return a.operation.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
					return a.concurrently(ctx, index, field, a.set)
				})
			})
			return
		}
		a.set.Values[i] = a.operation.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
			return a.value(ctx, index, field)
		})
		a.check(index, a.set.Values[i], a.set)
	case !a.Fields[index].IsConcurrent:
		a.set.Values[i] = a.value(ctx, index, field)
		a.check(index, a.set.Values[i], a.set)
	case field.IsDeferred():
		a.set.Values[i] = graphql.Null
		a.later(index, field)
	default:
		a.set.Concurrently(i, func(ctx context.Context) graphql.Marshaler { return a.concurrently(ctx, index, field, a.set) })
	}
}

// later has a field be answered after the rest.
func (a *objectAnswer) later(index int, field graphql.CollectedField) {
	if a.deferred == nil {
		a.deferred, a.views = graphql.NewFieldSet(nil), map[string]*graphql.FieldSetView{}
	}
	set := a.deferred
	set.AddField(field)
	at := len(set.Values) - 1
	set.Concurrently(at, func(ctx context.Context) graphql.Marshaler { return a.concurrently(ctx, index, field, set) })
	for _, deferrable := range field.Deferrables {
		view := a.views[deferrable.Label]
		if view == nil {
			view = set.NewView()
			a.views[deferrable.Label] = view
		}
		view.AddIndices(at)
	}
}

// concurrently answers a field of the set while others are answered.
func (a *objectAnswer) concurrently(ctx context.Context, index int, field graphql.CollectedField, set *graphql.FieldSet) (value graphql.Marshaler) {
	defer func() {
		if r := recover(); r != nil {
			a.operation.Error(ctx, a.operation.Recover(ctx, r))
		}
	}()
	value = a.value(ctx, index, field)
	a.check(index, value, set)
	return value
}

// check counts a value that may not be what it is.
func (a *objectAnswer) check(index int, value graphql.Marshaler, set *graphql.FieldSet) {
	bad := graphql.RequiredNull
	if a.Fields[index].IsNonNull {
		bad = graphql.Null
	}
	if value == bad {
		atomic.AddUint32(&set.Invalids, 1)
	}
}

// value answers a field.
func (a *objectAnswer) value(ctx context.Context, index int, field graphql.CollectedField) graphql.Marshaler {
	f := &a.Fields[index]
	return graphql.ResolveField(ctx, a.operation, field,
		func(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
			return a.context(ctx, a.e, a.operation, f, field)
		},
		func(ctx context.Context) (any, error) {
			if f.IsPlain {
				return plainValue(a.Object, index, a.of), nil
			}
			var args map[string]any
			if f.Arguments != 0 {
				args = graphql.GetFieldContext(ctx).Args
			}
			return a.Resolve(ctx, a.e, index, args, a.of)
		},
		nil,
		func(ctx context.Context, selections ast.SelectionSet, v any) graphql.Marshaler {
			if nodes, ok := v.([]model.Node); ok {
				if answer := writtenNodes(ctx, a.e, a.operation, selections, nodes); answer != nil {
					return answer
				}
			}
			return a.e.MarshalValue(ctx, f.Value, selections, v)
		},
		true, f.IsNonNull)
}

func (o *Object) index(name string) int {
	for i := range o.Fields {
		if o.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// FieldContext returns gqlgen's context of one of the fields.
func (o *Object) FieldContext(ctx context.Context, e Execution, operation *graphql.OperationContext, field graphql.CollectedField) (*graphql.FieldContext, error) {
	index := o.index(field.Name)
	if index < 0 {
		return nil, errors.New("no field named " + strconv.Quote(field.Name) + " was found under type " + o.Name)
	}
	return o.context(ctx, e, operation, &o.Fields[index], field)
}

func (o *Object) context(ctx context.Context, e Execution, operation *graphql.OperationContext, f *ObjectField, field graphql.CollectedField) (fc *graphql.FieldContext, err error) {
	fc = &graphql.FieldContext{
		Object: o.Name, Field: field, IsMethod: f.IsMethod, IsResolver: f.IsResolver,
		Child: func(ctx context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
			if of := e.ObjectNamed(f.Type); of != nil {
				return of.FieldContext(ctx, e, operation, field)
			}
			return nil, errors.New("the fields of " + f.Type + " are not known before its value is")
		},
	}
	if f.Arguments == 0 {
		return fc, nil
	}
	defer func() {
		if r := recover(); r != nil {
			err = operation.Recover(ctx, r)
			operation.Error(ctx, err)
		}
	}()
	ctx = graphql.WithFieldContext(ctx, fc)
	if fc.Args, err = e.UnmarshalArguments(ctx, f.Arguments, field.ArgumentMap(operation.Variables)); err != nil {
		operation.Error(ctx, err)
		return fc, err
	}
	return fc, nil
}

// TextsArgument returns the arguments of a field whose one argument is a list of texts or ids, none of which may be null; nil: they
// are not as variables and literals of the list's own type have them, and gqlgen is to read them, which makes two contexts
// for each text.
func TextsArgument(given map[string]any, name string) map[string]any {
	list, isList := given[name].([]any)
	if !isList || len(given) != 1 {
		return nil
	}
	texts := make([]string, len(list))
	for i, value := range list {
		text, isText := value.(string)
		if !isText {
			return nil
		}
		texts[i] = text
	}
	return map[string]any{name: texts}
}

// MarshalOther returns what the answer says of a value that has not the Go type of its field: what middleware has
// answered instead, or an error.
func MarshalOther(ctx context.Context, v any) graphql.Marshaler {
	if answer, ok := v.(graphql.Marshaler); ok {
		return answer
	}
	graphql.AddErrorf(ctx, "a field is answered by %T, which is not the type that it has", v)
	return graphql.Null
}

// CountDeferred counts the parts of an answer that a group of @defer is.
func CountDeferred(count *int32, group graphql.DeferredGroup) {
	atomic.AddInt32(count, int32(min(len(group.Defers), math.MaxInt32)))
}
