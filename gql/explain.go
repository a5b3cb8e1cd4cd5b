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
	Of      model.Explained
	Op      model.Operation
	Several bool // of as many as the list in its input has
}

// An Explanation says what an operation would ask of DynamoDB.
type Explanation struct {
	Name    string // the operation's; may be empty
	Steps   []*ExplainedStep
	Assumed []string // the variables for which no value was given
	Beside  []string // what is not counted, such as what Go of the project's own does

	// Least is where all pages are full and nothing is passed over; Most where the filters pass over as
	// much as the limits of examined items let them. What the rules hide is in neither.
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
	parsed, errs := newDocuments(schema, Unlimited, true).load(document)
	if len(errs) > 0 {
		return nil, errs
	}
	var all []*Explanation
	for _, operation := range parsed.Operations {
		e := explainer{Answers: project.Answers, Assumptions: a, schema: schema, mayBePart: project.MayBePart, explanation: &Explanation{Name: operation.Name}, steps: map[stepKey]bool{}}
		given := e.completed(operation, a.Variables)
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
	schema      *ast.Schema
	mayBePart   func(mutation string) bool // of a transaction
	variables   map[string]any
	explanation *Explanation
	steps       map[stepKey]bool
	isAnew      bool // a mutation reads everything anew
	isTogether  bool // it is a transaction, whose writes are one call, and cost twice
	err         error
}

// A stepKey is what is asked once. The types tell fields of one path apart, which objects of different
// types have.
type stepKey struct{ path, on, what string }

// An explainedPlace is where fields are selected.
type explainedPlace struct {
	path  string
	on    string          // the type and the field, for stepKey
	times int             // how many objects there are, at most
	known map[string]bool // the types of these objects, and of those above, that have been read by id
	maybe map[string]bool // the types that the rules have read for these objects

	list   *explainedList // of the connection that is selected of, or its edges
	isEdge bool
}

// operationWords are what rules call operations.
var operationWords = map[model.Operation]string{model.OnCreate: "create", model.OnRead: "read", model.OnUpdate: "update", model.OnDelete: "delete", model.OnTransfer: "transfer"}

// apart returns the place for what is asked for anew there.
func (p explainedPlace) apart(what string) explainedPlace {
	p.on += " " + what
	return p
}

type explainedList struct {
	answer ListAnswer
	page   model.Page
	size   int
}

func (e *explainer) explain(operation *ast.OperationDefinition) error {
	asks := 1
	e.isTogether = isTransaction(operation)
	if e.isAnew = operation.Operation == ast.Mutation; e.isAnew && !e.isTogether { // and who is asking, for each field
		asks = max(1, len(rootFieldsOf(operation.SelectionSet)))
	}
	one := model.Usage{Calls: asks, Items: 2 * asks, ReadUnits: float64(2*asks) * e.blocks(1)}
	e.step(explainedPlace{}, "who is asking", asks, nil, one, one)
	e.selections(operation.SelectionSet, explainedPlace{times: 1})
	if e.isTogether {
		once := model.Usage{Calls: 1}
		e.step(explainedPlace{}, "the transaction", 1, nil, once, once)
	}
	var least, most, leastCounted, mostCounted model.Usage
	for _, step := range e.explanation.Steps {
		if step.What == aCount {
			leastCounted, mostCounted = leastCounted.Plus(step.Least), mostCounted.Plus(step.Most)
		} else {
			least, most = least.Plus(step.Least), most.Plus(step.Most)
		}
	}
	limits := model.DefaultReadLimits
	e.explanation.Least = e.within(limits.Operation, least).Plus(e.within(limits.Count, leastCounted))
	e.explanation.Most = e.within(limits.Operation, most).Plus(e.within(limits.Count, mostCounted))
	return e.err
}

// rootFieldsOf returns the names that the answer has of an operation's root.
func rootFieldsOf(selections ast.SelectionSet) map[string]bool {
	names := map[string]bool{}
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			names[selection.Alias] = true
		case *ast.InlineFragment:
			maps.Copy(names, rootFieldsOf(selection.SelectionSet))
		case *ast.FragmentSpread:
			maps.Copy(names, rootFieldsOf(selection.Definition.SelectionSet))
		}
	}
	return names
}

// aCount is what the step of a count is.
const aCount = "a count"

// within returns the usage as a budget of so many items ends it. What the rules read of what was found
// last goes beyond: as much again is more than that can be.
func (e *explainer) within(items int, u model.Usage) model.Usage {
	most := 2 * items
	u.Calls, u.Items = min(u.Calls, most), min(u.Items, most)
	u.ReadUnits = min(u.ReadUnits, float64(most)*e.blocks(1))
	return u
}

// step notes what is asked for, once: fragments may select a field twice.
func (e *explainer) step(at explainedPlace, what string, times int, list *model.ListPlan, least, most model.Usage) {
	key := stepKey{at.path, at.on, what}
	if e.steps[key] {
		return
	}
	e.steps[key] = true
	e.explanation.Steps = append(e.explanation.Steps, &ExplainedStep{at.path, what, times, list, least, most})
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
	inner.on = at.on + " " + key
	inner.list, inner.isEdge = nil, false
	if of := e.modelOf(f.ObjectDefinition.Name); of != nil {
		e.rules(inner, guardedField{of, f.Name}, model.OnRead, min(1, at.times), at.times, nil)
	}
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
	case e.isTogether && f.ObjectDefinition.Name == "Mutation" && !e.mayBePart(f.Name):
		e.fail(inner, model.BadInput("", key+" cannot be part of a transaction"))
		return
	case slices.Contains(e.Own, key):
		e.beside(key + ", which Go of yours answers")
	case key == "Query.node":
		e.nodesOf(f, inner, f.ArgumentMap(e.variables)["id"])
		return
	case key == "Query.nodes":
		ids, _ := f.ArgumentMap(e.variables)["ids"].([]any)
		e.nodesOf(f, inner, ids...)
		return
	case f.ObjectDefinition.Name == "Mutation", key == "User.sessions", key == "User.tokens":
		e.beside(key + ", which is of accounts")
	case e.isOfUser(f):
		e.person(inner)
	default:
		if of := e.modelOf(f.Definition.Type.Name()); of != nil && !e.isOfPayload(f) {
			if f.ObjectDefinition.Name == "Query" { // by a unique value, which leads to it
				e.step(inner, "which object has the value", 1, nil, e.reads(1, 1), e.reads(1, 1))
			}
			e.loads(&inner, of)
		}
	}
	e.selections(f.SelectionSet, inner)
}

// A guardedField is a field that has rules of its own, as what these read of explains it.
type guardedField struct {
	model.Explained
	field string
}

// TypeName is what an explanation calls the field.
func (g guardedField) TypeName() string { return g.Explained.TypeName() + "." + g.field }

// RuleReads are those of the rules of the field.
func (g guardedField) RuleReads(caller model.Caller, _ model.Operation) []model.RuleRead {
	return g.FieldReads(caller, g.field)
}

// isOfUser tells whether a field is a user whom an object names, where users see one another.
func (e *explainer) isOfUser(f *ast.Field) bool {
	return e.DB != nil && e.DB.Users().HasFieldRules() && f.Definition.Type.Name() == "User" && e.modelOf(f.ObjectDefinition.Name) != nil
}

// person explains a user who is read by id, one for each of a place, and what the rules read to tell whether
// the caller sees them: once what the caller is a member of, and who is that, too. Of the caller, nothing is.
func (e *explainer) person(at explainedPlace) {
	const what = "for the rules of User, "
	if together := e.DB.Users().Together(e.Caller); together != nil {
		many := at.times * model.MaxTogether
		e.memberships(together, what)
		e.step(at, what+"who is one, too", at.times, nil, model.Usage{}, e.reads(many, many))
	}
	e.step(at, "User by id", at.times, nil, model.Usage{}, e.reads(at.times, at.times))
}

// memberships explains what the caller is a member of, by one type, which is read once.
func (e *explainer) memberships(by model.Explained, what string) {
	e.step(explainedPlace{}, what+"what the caller is a "+by.TypeName()+" of", 1, nil,
		model.Usage{}, e.queries(1, 1, model.MaxTogether).Plus(e.reads(model.MaxTogether, 1)))
}

// isOfPayload tells whether a field is of what a mutation answers, which is known: a payload, or an edge.
func (e *explainer) isOfPayload(f *ast.Field) bool {
	name := f.ObjectDefinition.Name
	return e.modelOf(name) == nil && (strings.HasSuffix(name, "Payload") || strings.HasSuffix(name, "Edge"))
}

// modelOf returns the model of a type; nil: it has none.
func (e *explainer) modelOf(typeName string) model.Explained {
	if e.DB == nil { // no type has one
		return nil
	}
	return e.DB.Explained(typeName)
}

// nodesOf explains objects by their global ids. One that is not known may be of any type, whatever is
// selected.
func (e *explainer) nodesOf(f *ast.Field, at explainedPlace, ids ...any) {
	dearest := 0
	for name, definition := range e.schema.Types {
		if of := e.modelOf(name); of != nil && definition.Kind == ast.Object {
			dearest = max(dearest, e.chain(of, model.OnRead, nil))
		}
	}
	items := 0
	for _, id := range ids {
		text, _ := id.(string)
		typeName, _, isID := model.ParseGlobalID(text)
		if isID && typeName == "User" && e.DB != nil && e.DB.Users().HasFieldRules() {
			e.person(at)
		}
		if isID && e.modelOf(typeName) != nil {
			items += 1 + e.chain(e.modelOf(typeName), model.OnRead, nil)
		} else {
			items += 1 + dearest
		}
	}
	some := min(1, len(ids))
	e.step(at, "objects by id", len(ids), nil, e.reads(some, some), e.reads(items, items))
	at.times = len(ids)
	e.ofNodes(f.SelectionSet, at)
}

// chain returns how many others the rules of a type read, at most, to tell whether the caller may do op to
// one object.
func (e *explainer) chain(of model.Explained, op model.Operation, above []model.RuleRead) (length int) {
	for _, read := range of.RuleReads(e.Caller, op) {
		length++
		if !slices.Contains(above, read) { // a type may belong to its own
			length += e.chain(read.Of, read.Op, append(slices.Clone(above), read))
		}
	}
	return length
}

// ofNodes explains what is selected of objects that have been read by id, with what their rules read.
func (e *explainer) ofNodes(selections ast.SelectionSet, at explainedPlace) {
	for _, selection := range selections {
		typeName, inner := "", ast.SelectionSet(nil)
		switch selection := selection.(type) {
		case *ast.InlineFragment:
			typeName, inner = selection.TypeCondition, selection.SelectionSet
		case *ast.FragmentSpread:
			typeName, inner = selection.Definition.TypeCondition, selection.Definition.SelectionSet
		case *ast.Field:
			e.selections(ast.SelectionSet{selection}, at)
			continue
		}
		of := e.modelOf(typeName)
		if of == nil {
			e.ofNodes(inner, at)
			continue
		}
		place := at
		place.known = map[string]bool{typeName: true}
		for _, read := range of.RuleReads(e.Caller, model.OnRead) {
			place.known[read.Of.TypeName()] = true
		}
		e.selections(inner, place)
	}
}

// loads explains objects that are read by id, one for each of a place, and the rules of them.
func (e *explainer) loads(at *explainedPlace, of model.Explained) {
	least := e.reads(1, 1)
	if !e.isAnew && (at.maybe[of.TypeName()] || at.known[of.TypeName()]) { // a query reads nothing twice
		least = model.Usage{}
	}
	e.step(*at, of.TypeName()+" by id", at.times, nil, least, e.reads(at.times, batches(at.times)))
	at.known = with(at.known, of.TypeName())
	for name := range e.rules(*at, of, model.OnRead, min(1, at.times), at.times, nil) {
		at.known = with(at.known, name)
	}
}

// rules explain what the rules of a type read to tell of so many objects, at least and at most, whether
// the caller may do op, and returns the types. inCommon are the attributes that all objects of a list have
// in common, with how many lists there are.
func (e *explainer) rules(at explainedPlace, of model.Explained, op model.Operation, least, most int, inCommon map[string]int, above ...model.RuleRead) (read map[string]bool) {
	for _, parent := range of.RuleReads(e.Caller, op) {
		few, many, name := min(least, 1), most, parent.Of.TypeName()
		read = with(read, name)
		lists, isInCommon := inCommon[parent.Field]
		switch {
		case isInCommon && at.known[name] && !e.isAnew:
			continue
		case isInCommon:
			few, many = lists, lists // each of which belongs to another
		case at.known[name] && !e.isAnew:
			few = 0
		}
		what := "for the rules to " + operationWords[op] + " " + of.TypeName() + ", " + name
		route := at.apart(parent.Field) // two may lead to one type
		e.step(route, what, many, nil, e.reads(few, batches(few)), e.reads(many, many))
		if slices.Contains(above, parent) { // a type may belong to its own
			continue
		}
		for name := range e.rules(route, parent.Of, parent.Op, few, many, nil, append(slices.Clone(above), parent)...) {
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
		e.fail(at, err)
		return
	}
	planned := page
	if list.To != nil {
		planned.Filter, planned.Order = nil, "" // they are of what the links lead to
	}
	plan, err := list.Of.PlanOf(e.Caller, list.Index, planned)
	if err != nil {
		e.fail(at, err)
		return
	}
	if plan.Queries > 0 && (e.isUnknown(f, "filter") || list.To != nil && page.Filter != nil) { // who knows what is passed over
		plan.Inexact()
	}
	if plan.Queries > 0 && (plan.MayHide || list.To != nil) {
		e.beside("objects that the rules hide from the user, which a list reads past")
	}
	if list.To != nil && page.Filter != nil {
		plan.Rest = append(plan.Rest, list.To.TypeName())
	}
	e.step(at, "a list", at.times, &plan, e.queries(at.times, plan.Queries, plan.Least), e.queries(at.times, plan.MostQueries, plan.Most))
	if plan.Queries == 0 {
		return
	}
	for _, by := range plan.Memberships {
		e.memberships(by, "for the list, ")
	}
	e.filterReads(at, plan)
	e.readAgain(at, list.Of, plan)
	inCommon := map[string]int{list.Index.Hash: at.times}
	at.maybe = e.rules(at, list.Of, model.OnRead, at.times*plan.Least, at.times*plan.Most, inCommon)
	if list.To != nil {
		few, many := at.times*plan.Least, at.times*plan.Most
		e.step(at, list.To.TypeName()+" by id", many, nil, e.reads(few, batches(few)), e.reads(many, at.times*plan.MostQueries*batches(plan.Most)))
		at.maybe = e.rules(at, list.To, model.OnRead, few, many, nil)
	}
	at.known = without(at.known, list.Of.TypeName()) // those of the list are others
	at.list = &explainedList{list, page, size}
	e.selections(f.SelectionSet, at)
}

// filterReads explains what a filter has read by id.
func (e *explainer) filterReads(at explainedPlace, plan model.ListPlan) {
	if plan.ReadsEach > 0 {
		few, many := at.times*plan.Least*plan.ReadsEach, at.times*plan.Most*plan.ReadsEach
		e.step(at, "for the filter", many, nil, e.reads(min(few, 1), min(few, 1)), e.reads(many, many))
	}
	for i, read := range plan.Reads {
		e.step(at, fmt.Sprintf("for the filter, %s %d", read.Of.TypeName(), i+1), 1, nil, model.Usage{}, e.reads(1, 1))
		e.rules(at, read.Of, read.Op, 0, len(plan.Reads), nil)
	}
}

// readAgain explains that what an index gives is read again, for rules that ask for the objects' own fields.
func (e *explainer) readAgain(at explainedPlace, of model.Explained, plan model.ListPlan) {
	if !plan.IsReadAgain || plan.Queries == 0 {
		return
	}
	few, many := at.times*plan.Least, at.times*plan.Most
	if plan.IsOwnNot {
		few = 0
	}
	e.step(at, of.TypeName()+" again, as it is now", many, nil, e.reads(few, batches(few)), e.reads(many, at.times*plan.MostQueries*batches(plan.Most)))
}

// fail notes the first thing that is wrong.
func (e *explainer) fail(at explainedPlace, err error) {
	if e.err == nil {
		e.err = fmt.Errorf("%s: %w", at.path, err)
	}
}

// isUnknown tells whether an argument has a variable without a value in it.
func (e *explainer) isUnknown(f *ast.Field, argument string) bool {
	given := f.Arguments.ForName(argument)
	return given != nil && e.hasUnknown(given.Value)
}

func (e *explainer) hasUnknown(value *ast.Value) bool {
	if value.Kind == ast.Variable {
		return slices.Contains(e.explanation.Assumed, "$"+value.Raw)
	}
	return slices.ContainsFunc(value.Children, func(child *ast.ChildValue) bool { return e.hasUnknown(child.Value) })
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
			e.fail(inner, err)
			return
		}
		e.step(inner, aCount, at.times, &plan, e.queries(at.times, plan.Queries, plan.Least), e.queries(at.times, plan.MostQueries, plan.Most))
		e.filterReads(inner, plan)
		e.readAgain(inner, at.list.answer.Of, plan)
	}
}

// writeOf explains a mutation of objects of a type, each of which the payload has.
func (e *explainer) writeOf(f *ast.Field, at *explainedPlace, write WriteAnswer) {
	objects, of := 1, write.Of
	if write.Several {
		objects = e.lengthOf(f)
	}
	plan := of.WriteOf(write.Op)
	some := min(1, objects)
	if write.Op != model.OnCreate {
		e.step(*at, of.TypeName()+" by id", objects, nil, e.reads(some, some), e.reads(objects, objects))
		e.rules(at.apart("to read"), of, model.OnRead, 0, objects, nil)
	}
	e.rules(at.apart("to write"), of, write.Op, 0, objects, nil)
	for _, parent := range plan.Parents {
		e.step(*at, "whether there is such a "+parent.Of.TypeName()+" by "+parent.Field, objects, nil, model.Usage{}, e.reads(objects, objects))
		e.rules(at.apart(parent.Field), parent.Of, parent.Op, 0, objects, nil)
	}
	switch write.Op {
	case model.OnCreate:
		e.knownAgain(f, *at, of, plan)
	case model.OnTransfer:
		if e.DB != nil && e.DB.Users().HasFieldRules() {
			e.person(at.apart("to"))
		}
		if plan.Members > 0 {
			e.step(*at, "which role the new owner has there", objects, nil, model.Usage{}, e.reads(plan.Members, plan.Members))
		}
	}
	one := e.writeBlocks()
	least := model.Usage{Calls: some, Items: objects, WriteUnits: float64(objects) * one}
	most := model.Usage{Calls: some, Items: objects * plan.Actions, WriteUnits: float64(objects) * one * float64(plan.Actions+plan.Indexes)}
	if e.isTogether || objects*plan.Actions > 1 { // a transaction, which costs twice
		most.WriteUnits *= 2
	}
	if e.isTogether {
		least.WriteUnits *= 2
		least.Calls, most.Calls = 0, 0
		if plan.MayBeHeld { // the marks, with what is promised about them, and what takes that back
			e.step(*at, "to mark "+of.TypeName(), objects, nil, model.Usage{}, model.Usage{Calls: 2, Items: objects + 2, WriteUnits: 2*one*float64(objects*(1+plan.Indexes)+1) + one})
		}
	}
	if plan.IsHooked {
		e.beside("the hooks of " + of.TypeName() + ", which are Go of yours")
	}
	if plan.HasChildren {
		e.beside("what belongs to the " + of.TypeName() + ", and goes with it")
	}
	e.step(*at, "to "+operationWords[write.Op]+" "+of.TypeName(), objects, nil, least, most)
	at.known = nil
	at.times = objects
}

// knownAgain explains how it is seen whether what is to be made was made before, and whether the id is free
// that the client gives it.
func (e *explainer) knownAgain(f *ast.Field, at explainedPlace, of model.Explained, plan model.WritePlan) {
	input, _ := f.ArgumentMap(e.variables)["input"].(map[string]any)
	elements := []any{input}
	for _, value := range input {
		if list, isList := value.([]any); isList && e.Writes["Mutation."+f.Name].Several {
			elements = list
		}
	}
	byKey, byID := 0, 0
	for _, element := range elements {
		object, _ := element.(map[string]any)
		if object["id"] != nil {
			byID++
		} else if input[mutationIDField] != nil && e.isTogether {
			byKey++
		}
	}
	if known := byKey + byID; known > 0 {
		e.step(at, "whether it was made before", known, nil, model.Usage{}, e.reads(known, known))
	}
	if byID > 0 && plan.ChildLists > 0 {
		e.step(at, "whether the id is free", byID, nil, model.Usage{}, e.queries(byID, plan.ChildLists, 1))
	}
}

// lengthOf returns how long the list is that the input of a mutation has.
func (e *explainer) lengthOf(f *ast.Field) (length int) {
	input, _ := f.ArgumentMap(e.variables)["input"].(map[string]any)
	for _, value := range input {
		if list, isList := value.([]any); isList {
			length = max(length, len(list))
		}
	}
	return length
}

// beside notes what is not counted, once.
func (e *explainer) beside(what string) {
	if !slices.Contains(e.explanation.Beside, what) {
		e.explanation.Beside = append(e.explanation.Beside, what)
	}
}

// completed returns the variables with a value for each that none is given for, if it must have one or is
// a number: as large as a page may be.
func (e *explainer) completed(operation *ast.OperationDefinition, given map[string]any) map[string]any {
	values := map[string]any{}
	for _, variable := range operation.VariableDefinitions {
		value, isGiven := given[variable.Variable]
		switch {
		case isGiven:
			values[variable.Variable] = value
		case variable.DefaultValue == nil:
			e.explanation.Assumed = append(e.explanation.Assumed, "$"+variable.Variable)
			if variable.Type.NonNull || variable.Type.NamedType == "Int" {
				values[variable.Variable] = e.anyOf(variable.Type, nil)
			}
		}
	}
	return values
}

// manyValues is how many a list has that is made up: as many as any may have.
const manyValues = 100

// anyOf returns some value of a type. making are the input objects that it is in.
func (e *explainer) anyOf(t *ast.Type, making []string) any {
	definition := e.schema.Types[t.Name()]
	if t.Elem != nil {
		if slices.Contains(making, definition.Name) {
			return []any{}
		}
		values := make([]any, manyValues)
		for i := range values {
			values[i] = e.anyOf(t.Elem, making)
		}
		return values
	}
	switch definition.Kind {
	case ast.Enum:
		return definition.EnumValues[0].Name
	case ast.InputObject:
		making = append(slices.Clone(making), definition.Name)
		object := map[string]any{}
		for _, field := range definition.Fields {
			isFirst := definition.Directives.ForName("oneOf") != nil && len(object) == 0
			if isFirst || field.Type.NonNull && field.DefaultValue == nil {
				object[field.Name] = e.anyOf(field.Type, making)
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
	if before := f.Arguments.ForName("before"); before != nil && before.Value.Kind != ast.NullValue {
		page.Before = new(string)
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
