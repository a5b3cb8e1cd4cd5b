package gql

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// Answers say how fields are answered that cost something, by `Type.field`: for [Explain]. They are
// generated.
type Answers struct {
	DB     *model.DB
	Lists  map[string]ListAnswer
	Writes map[string]WriteAnswer
	Own    []string // what Go of the project's own answers, which nobody knows the cost of
}

// ListAnswer is a list.
type ListAnswer struct {
	Of    model.Explained
	Index model.Index
	To    model.Explained // of @manyToMany what the items of Of lead to; nil: they are the list's own
}

// WriteAnswer is a mutation of a type's objects.
type WriteAnswer struct {
	Of model.Explained
	Op model.Operation
}

// An Explanation says what an operation would ask of DynamoDB.
type Explanation struct {
	Name    string // the operation's; may be empty
	Steps   []*ExplainedStep
	Assumed []string // the variables for which no value was given
	Beside  []string // what is not counted, such as what Go of the project's own does

	// Least is where all pages are full and nothing is passed over, Most within the limits of
	// examined items.
	Least, Most model.Usage
}

// An ExplainedStep is what one field, or one question of the rules, asks of DynamoDB.
type ExplainedStep struct {
	Path  string // as in `extensions.cost`
	What  string
	Times int             // how often, at most
	List  *model.ListPlan // of a list and of a count

	Least, Most model.Usage
}

// Assumptions are what an explanation takes for granted.
type Assumptions struct {
	Caller    model.Caller
	ItemBytes int // of an item
	Variables map[string]any
}

// Explain says what each operation of a document would ask of DynamoDB, without asking. The error
// tells why the document, or a variable, is none of the schema.
func Explain(project Schema, document string, a Assumptions) ([]*Explanation, error) {
	schema := project.served()
	parsed, errs := newDocuments(schema, unlimited, true).load(document)
	if len(errs) > 0 {
		return nil, errs
	}
	var all []*Explanation
	for _, operation := range parsed.Operations {
		e := explainer{Answers: project.Answers, Assumptions: a, explanation: &Explanation{Name: operation.Name}, steps: map[string]*ExplainedStep{}}
		given := e.completed(schema, operation, a.Variables)
		if e.variables, errs = coerceVariables(schema, operation, given); len(errs) > 0 {
			return nil, errs
		}
		if err := e.explain(operation); err != nil {
			return nil, fmt.Errorf("operation %s: %w", cmp.Or(operation.Name, "without a name"), err)
		}
		all = append(all, e.explanation)
	}
	return all, nil
}

// An explainer explains one operation.
type explainer struct {
	Answers
	Assumptions
	variables   map[string]any
	explanation *Explanation
	steps       map[string]*ExplainedStep // by path and what
	err         error
}

// A place where fields are selected.
type explainedPlace struct {
	path  string
	times int             // how many objects there are, at most
	known map[string]bool // the types of these objects, and of those above, that have been read by id
	maybe map[string]bool // the types that the rules have read for these objects

	list   *explainedList // of the connection that is selected of, or its edges
	isEdge bool
}

type explainedList struct {
	answer ListAnswer
	page   model.Page
	size   int
}

func (e *explainer) explain(operation *ast.OperationDefinition) error {
	e.step("", "who is asking", 1, nil, model.Usage{Calls: 1, Items: 2, ReadUnits: 2 * e.blocks(1)}, model.Usage{})
	e.selections(operation.SelectionSet, explainedPlace{times: 1})
	var least, most, leastCounted, mostCounted model.Usage
	for _, step := range e.explanation.Steps {
		if step.What == aCount {
			leastCounted, mostCounted = plus(leastCounted, step.Least), plus(mostCounted, step.Most)
		} else {
			least, most = plus(least, step.Least), plus(most, step.Most)
		}
	}
	limits := model.DefaultReadLimits
	e.explanation.Least = plus(e.within(limits.Operation, least), e.within(limits.Count, leastCounted))
	e.explanation.Most = plus(e.within(limits.Operation, most), e.within(limits.Count, mostCounted))
	return e.err
}

// aCount is what the step of a count is.
const aCount = "a count"

// within returns the usage as a budget of so many items ends it.
func (e *explainer) within(items int, u model.Usage) model.Usage {
	u.Calls, u.Items = min(u.Calls, items), min(u.Items, items)
	u.ReadUnits = min(u.ReadUnits, float64(items)*e.blocks(1))
	return u
}

// step notes what is asked for, once for each path: where fragments select a field twice, it is
// answered once. A zero most is the least.
func (e *explainer) step(path, what string, times int, list *model.ListPlan, least, most model.Usage) {
	key := path + "\x00" + what
	if e.steps[key] != nil {
		return
	}
	if most == (model.Usage{}) {
		most = least
	}
	step := &ExplainedStep{path, what, times, list, least, most}
	e.steps[key] = step
	e.explanation.Steps = append(e.explanation.Steps, step)
}

func (e *explainer) selections(selections ast.SelectionSet, at explainedPlace) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			e.field(selection, at)
		case *ast.InlineFragment:
			e.selections(selection.SelectionSet, at)
		case *ast.FragmentSpread:
			e.selections(selection.Definition.SelectionSet, at)
		}
	}
}

func (e *explainer) field(f *ast.Field, at explainedPlace) {
	if strings.HasPrefix(f.Name, "__") || f.ObjectDefinition == nil {
		return
	}
	key := f.ObjectDefinition.Name + "." + f.Name
	inner := at
	inner.path = strings.TrimPrefix(at.path+"."+f.Alias, ".")
	inner.list, inner.isEdge = nil, false
	switch {
	case at.list != nil && !at.isEdge:
		e.ofConnection(f, at, inner)
		return
	case at.isEdge: // of what has been read
	case e.Lists[key].Of != nil:
		e.listOf(f, inner, e.Lists[key])
		return
	case e.Writes[key].Of != nil:
		e.writeOf(f, &inner, e.Writes[key])
	case slices.Contains(e.Own, key):
		e.beside(key + ", which Go of yours answers")
	case key == "Query.node":
		e.nodesOf(f.SelectionSet, inner, 1)
		return
	case key == "Query.nodes":
		ids, _ := f.ArgumentMap(e.variables)["ids"].([]any)
		e.nodesOf(f.SelectionSet, inner, len(ids))
		return
	default:
		if of := e.modelOf(f.Definition.Type.Name()); of != nil && !isOfPayload(f) {
			if f.ObjectDefinition.Name == "Query" { // by a unique value, which leads to it
				e.step(inner.path, "which object has the value", 1, nil, e.reads(1, 1), e.reads(1, 1))
			}
			e.loads(&inner, of, inner.times)
		}
	}
	e.selections(f.SelectionSet, inner)
}

// modelOf returns the model of a type; nil: it has none.
func (e *explainer) modelOf(typeName string) model.Explained {
	if e.DB == nil { // no type has one
		return nil
	}
	return e.DB.Explained(typeName)
}

// isOfPayload tells whether a field is of what a mutation answers, which is known: a payload, or an edge.
func isOfPayload(f *ast.Field) bool {
	return strings.HasSuffix(f.ObjectDefinition.Name, "Payload") || strings.HasSuffix(f.ObjectDefinition.Name, "Edge")
}

// nodesOf explains objects by their global ids, which may be of any type that is selected of.
func (e *explainer) nodesOf(selections ast.SelectionSet, at explainedPlace, times int) {
	at.times = times
	for _, selection := range selections {
		typeName, inner := "", ast.SelectionSet(nil)
		switch selection := selection.(type) {
		case *ast.InlineFragment:
			typeName, inner = selection.TypeCondition, selection.SelectionSet
		case *ast.FragmentSpread:
			typeName, inner = selection.Definition.TypeCondition, selection.Definition.SelectionSet
		}
		of := e.modelOf(typeName)
		if of == nil {
			e.selections(ast.SelectionSet{selection}, at)
			continue
		}
		place := at
		e.loads(&place, of, times)
		e.selections(inner, place)
	}
}

// loads explains objects that are read by id, and the rules of them.
func (e *explainer) loads(at *explainedPlace, of model.Explained, times int) {
	least := e.reads(1, 1)
	if at.maybe[of.TypeName()] || at.known[of.TypeName()] {
		least = model.Usage{}
	}
	e.step(at.path, of.TypeName()+" by id", times, nil, least, e.reads(times, batches(times)))
	at.known = with(at.known, of.TypeName())
	for name := range e.rules(at.path, of, model.OnRead, times, nil, at.known) {
		at.known = with(at.known, name)
	}
}

// rules explain what the rules of a type read to tell of so many objects whether the caller may do op,
// and returns the types. inCommon are the attributes that all objects of a list have in common, with how
// many lists there are.
func (e *explainer) rules(path string, of model.Explained, op model.Operation, times int, inCommon map[string]int, known map[string]bool) (read map[string]bool) {
	for _, parent := range of.RuleReads(e.Caller, op) {
		least, most, name := 1, times, parent.Of.TypeName()
		read = with(read, name)
		lists, isInCommon := inCommon[parent.Field]
		switch {
		case isInCommon && known[name]:
			continue
		case isInCommon:
			least, most = lists, lists // each of which belongs to another
		case known[name]: // an operation reads nothing twice
			least = 0
		}
		e.step(path, "for the rules, "+name, most, nil, e.reads(least, batches(least)), e.reads(most, batches(most)))
		for name := range e.rules(path, parent.Of, parent.Op, most, nil, with(known, name)) {
			read = with(read, name)
		}
	}
	return read
}

// listOf explains a list, once for each object that has it, and what is selected of it.
func (e *explainer) listOf(f *ast.Field, at explainedPlace, list ListAnswer) {
	page := pageOf(f, e.variables)
	size, err := page.Size()
	if err != nil {
		e.err = cmp.Or(e.err, fmt.Errorf("%s: %w", at.path, err))
		return
	}
	planned := page
	if list.To != nil {
		planned.Filter = nil // it is of what the links lead to
	}
	plan, err := list.Of.PlanOf(e.Caller, list.Index, planned)
	if err != nil {
		e.err = cmp.Or(e.err, fmt.Errorf("%s: %w", at.path, err))
		return
	}
	if list.To != nil && page.Filter != nil {
		plan.IsExact, plan.Most = false, max(plan.Least, model.DefaultReadLimits.List)
	}
	e.step(at.path, "a list", at.times, &plan, e.queries(at.times, plan.Queries, plan.Least), e.queries(at.times, furtherQueries(plan), plan.Most))
	if plan.Queries == 0 {
		return
	}
	inCommon := map[string]int{list.Index.Hash: at.times}
	at.maybe = e.rules(at.path, list.Of, model.OnRead, at.times*plan.Least, inCommon, at.known)
	if list.To != nil {
		few, many := at.times*plan.Least, at.times*plan.Most
		e.step(at.path, list.To.TypeName()+" by id", many, nil, e.reads(few, batches(few)), e.reads(many, at.times*batches(plan.Most)))
		at.maybe = e.rules(at.path, list.To, model.OnRead, few, nil, at.known)
	}
	at.known = without(at.known, list.Of.TypeName()) // those of the list are others
	at.list = &explainedList{list, page, size}
	e.selections(f.SelectionSet, at)
}

// ofConnection explains a field of a connection.
func (e *explainer) ofConnection(f *ast.Field, at, inner explainedPlace) {
	switch f.Name {
	case "edges":
		inner.list, inner.isEdge = at.list, true
		inner.times = capped(at.times * at.list.size)
		e.selections(f.SelectionSet, inner)
	case "totalCount":
		plan, err := at.list.answer.Of.PlanOfCount(e.Caller, at.list.answer.Index, at.list.page)
		if err != nil {
			e.err = cmp.Or(e.err, fmt.Errorf("%s: %w", inner.path, err))
			return
		}
		e.step(inner.path, aCount, at.times, &plan, e.queries(at.times, plan.Queries, plan.Least), e.queries(at.times, plan.Queries*(1+plan.Most/1000), plan.Most))
	}
}

// writeOf explains a mutation of objects of a type, each of which the payload has.
func (e *explainer) writeOf(f *ast.Field, at *explainedPlace, write WriteAnswer) {
	objects := cost{variables: e.variables}.inputLength(f)
	plan := write.Of.WriteOf(write.Op)
	if write.Op != model.OnCreate {
		e.step(at.path, write.Of.TypeName()+" by id", objects, nil, e.reads(1, 1), e.reads(objects, objects))
	}
	e.rules(at.path, write.Of, write.Op, objects, nil, nil)
	if write.Op != model.OnCreate {
		e.rules(at.path, write.Of, model.OnRead, objects, nil, nil)
	}
	for _, parent := range plan.Parents {
		e.step(at.path, "whether there is such a "+parent.Of.TypeName(), objects, nil, model.Usage{}, e.reads(objects, objects))
		e.rules(at.path, parent.Of, parent.Op, objects, nil, nil)
	}
	what := map[model.Operation]string{model.OnCreate: "to create", model.OnUpdate: "to update", model.OnDelete: "to delete"}[write.Op]
	one := e.writeBlocks()
	least := model.Usage{Calls: 1, Items: objects, WriteUnits: float64(objects) * one}
	most := model.Usage{Calls: 1, Items: objects * plan.Actions, WriteUnits: float64(objects) * one * float64(plan.Actions+plan.Indexes)}
	if objects*plan.Actions > 1 { // a transaction, which costs twice
		most.WriteUnits *= 2
	}
	if plan.IsHooked {
		e.beside("the hooks of " + write.Of.TypeName() + ", which are Go of yours")
	}
	if plan.HasChildren && write.Op == model.OnDelete {
		e.beside("what belongs to the " + write.Of.TypeName() + ", and goes with it")
	}
	e.step(at.path, what+" "+write.Of.TypeName(), objects, nil, least, most)
	at.known = with(nil, write.Of.TypeName())
	at.times = objects
}

// beside notes what is not counted, once.
func (e *explainer) beside(what string) {
	if !slices.Contains(e.explanation.Beside, what) {
		e.explanation.Beside = append(e.explanation.Beside, what)
	}
}

// completed returns the variables with a value for each that has to have one and that none is given
// for. That of an Int is as large as a page may be.
func (e *explainer) completed(schema *ast.Schema, operation *ast.OperationDefinition, given map[string]any) map[string]any {
	values := map[string]any{}
	for _, variable := range operation.VariableDefinitions {
		value, isGiven := given[variable.Variable]
		switch {
		case isGiven:
			values[variable.Variable] = value
		case variable.Type.NonNull && variable.DefaultValue == nil:
			values[variable.Variable] = anyOf(schema, variable.Type)
			e.explanation.Assumed = append(e.explanation.Assumed, "$"+variable.Variable)
		case variable.DefaultValue == nil:
			e.explanation.Assumed = append(e.explanation.Assumed, "$"+variable.Variable)
		}
	}
	return values
}

// anyOf returns some value of a type.
func anyOf(schema *ast.Schema, t *ast.Type) any {
	if t.Elem != nil {
		return []any{anyOf(schema, t.Elem)}
	}
	definition := schema.Types[t.NamedType]
	switch {
	case definition.Kind == ast.Enum:
		return definition.EnumValues[0].Name
	case definition.Kind == ast.InputObject:
		object := map[string]any{}
		for _, field := range definition.Fields {
			if field.Type.NonNull && field.DefaultValue == nil {
				object[field.Name] = anyOf(schema, field.Type)
			}
		}
		return object
	}
	switch t.NamedType {
	case "Int", "Float":
		return json.Number("100")
	case "Boolean":
		return true
	case "DateTime":
		return "2026-01-01T00:00:00.000Z"
	case "Date":
		return "2026-01-01"
	case "Decimal":
		return "1"
	default:
		return "any"
	}
}

// pageOf returns the page that the arguments of a list ask for, but for its cursors.
func pageOf(f *ast.Field, variables map[string]any) model.Page {
	var page model.Page
	arguments := f.ArgumentMap(variables)
	for name, to := range map[string]**int{"first": &page.First, "last": &page.Last} {
		if size, ok := asInt(arguments[name]); ok {
			*to = &size
		}
	}
	page.Descending = arguments["sortDirection"] == string(model.SortDirectionDesc)
	if filter, ok := arguments["filter"].(map[string]any); ok {
		page = page.Where(model.NewFilter(filter))
	}
	if order, ok := arguments["orderBy"].(map[string]any); ok {
		page.Order, _ = order["field"].(string)
		page.Descending = order["direction"] == string(model.SortDirectionDesc)
	}
	return page
}

// furtherQueries is how many queries a page takes at most: one more for each hundred items examined.
func furtherQueries(plan model.ListPlan) int {
	return plan.Queries * (1 + (plan.Most-plan.Least+99)/100)
}

// queries is the usage of so many lists, each by so many queries, of so many items in all.
func (e *explainer) queries(lists, queries, items int) model.Usage {
	if queries == 0 {
		return model.Usage{}
	}
	each := float64(queries) * e.blocks((items+queries-1)/queries) / 2 // eventually consistent
	return model.Usage{Calls: lists * queries, Items: lists * items, ReadUnits: float64(lists) * each}
}

// reads is the usage of so many items by id, strongly consistent, in so many calls.
func (e *explainer) reads(items, calls int) model.Usage {
	return model.Usage{Calls: calls, Items: items, ReadUnits: float64(items) * e.blocks(1)}
}

// blocks is the units of one strongly consistent read of so many items at once.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
func (e *explainer) blocks(items int) float64 {
	const block = 4 << 10
	return float64(max(1, (items*e.ItemBytes+block-1)/block))
}

// writeBlocks is the units of one write of an item.
func (e *explainer) writeBlocks() float64 {
	const block = 1 << 10
	return float64(max(1, (e.ItemBytes+block-1)/block))
}

// batches is how many BatchGetItem read so many items.
func batches(items int) int { return (items + 99) / 100 }

func plus(a, b model.Usage) model.Usage {
	return model.Usage{Calls: a.Calls + b.Calls, Items: a.Items + b.Items, ReadUnits: a.ReadUnits + b.ReadUnits, WriteUnits: a.WriteUnits + b.WriteUnits}
}

func with(known map[string]bool, typeName string) map[string]bool {
	all := map[string]bool{typeName: true}
	for name := range known {
		all[name] = true
	}
	return all
}

func without(known map[string]bool, typeName string) map[string]bool {
	others := maps.Clone(known)
	delete(others, typeName)
	return others
}
