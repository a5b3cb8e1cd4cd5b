package model

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Explained is the model of a type, for whoever says what requests would cost without carrying them out.
type Explained interface {
	TypeName() string // in the schema
	// PlanOf returns how a page of a list would be read, and PlanOfCount how the list would be counted.
	// Code BAD_USER_INPUT: see [Model.List].
	PlanOf(caller Caller, list Index, page Page) (ListPlan, error)
	PlanOfCount(caller Caller, list Index, page Page) (ListPlan, error)
	// RuleReads returns what the rules may read to tell whether the caller may do op to an item.
	RuleReads(caller Caller, op Operation) []RuleRead
	// FieldReads returns what the rules of a field may read to tell whether the caller may read it of an item.
	FieldReads(caller Caller, field string) []RuleRead
	// WriteOf returns what op writes of one item, at most.
	WriteOf(op Operation) WritePlan
}

// A ListPlan is how a list would be read.
type ListPlan struct {
	Index   string   // DynamoDB's, after its table, without the prefix
	Binds   []string // the fields whose values the hash key has; none: all items of the type
	Range   string   // the field of whose values only a part is read; empty: none
	Rest    []string // the fields of the filter that only what has been read tells of
	IsExact bool     // the filter passes over nothing that is read
	MayHide bool     // the rules may hide some of what is read, which is passed over then
	Queries int      // that a page takes; 0: the rules let the caller read nothing
	Least   int      // items that are read for a page that is full
	Advice  string   // the @index that would leave less of Rest; empty: none is known

	Memberships []Explained // of those that the caller has, which the list is merged by: a Query, and as many reads by id

	IsReadAgain bool // what is read is read again, by id, as rules ask for its own fields
	IsOwnNot    bool // but for what the caller owns

	// At most, where the filter passes over items.
	MostQueries int
	Most        int

	// What the filter has read by id: of each item that is read, and once.
	ReadsEach int
	Reads     []RuleRead
}

// Inexact has the plan be of a list of which a filter may pass over anything.
func (p *ListPlan) Inexact() {
	limit := DefaultReadLimits.List
	p.IsExact = false
	p.Most = max(p.Most, limit)
	p.MostQueries = max(p.MostQueries, p.Queries*(1+(limit+maxPageSize-1)/maxPageSize))
}

// A RuleRead is something that rules read of what items belong to.
type RuleRead struct {
	Field string    // the attribute that has its id
	Of    Explained // its model; nil: a user, of whom nothing is read
	Op    Operation // that the caller is to be allowed to it
}

// A WritePlan is what a write of one item takes, at most.
type WritePlan struct {
	Actions int // items that are written, or checked, at once; more than one are a transaction
	Indexes int // entries of indexes that are written beside
	Parents []RuleRead

	IsHooked    bool // Go of the project's own runs before or after it
	HasChildren bool // of what is deleted, there may be objects that go, too
	MayBeHeld   bool // what is deleted is marked before, as others may hold it
	Members     int  // items that are read to see which role whoever is given it has there
	ChildLists  int  // that are looked at before an object is made under an id of the client's
}

// Explained returns the model of a type; nil: it has none.
func (db *DB) Explained(typeName string) Explained {
	for _, model := range db.models {
		if model.isNamed(typeName) {
			return model
		}
	}
	return nil
}

// PlanOf is of [Explained].
func (m *core) PlanOf(caller Caller, list Index, page Page) (ListPlan, error) {
	size, err := page.Size()
	if err != nil {
		return ListPlan{}, err
	}
	if err := m.mayListBy(caller, list); err != nil {
		return ListPlan{}, err
	}
	c, err := m.conditionFor(caller, page.Filter)
	if err != nil {
		return ListPlan{}, err
	}
	if own, ok := m.ownList(caller); ok && isOfAll(list) && m.hasOrder(own, page.Order) {
		list = own
	}
	if terms, ok := m.readTerms(caller); ok && isOfAll(list) {
		if order, ok := m.orderOfAll(terms, page.Order); ok {
			if !m.mayOrderBy(caller, &order) {
				return ListPlan{}, noSuchOrder()
			}
			return m.planOfMerged(caller, terms, size, c), nil
		}
	}
	if isOfAll(list) && m.joinedOf(list) == nil && !m.admits(caller, OnRead) {
		return ListPlan{}, nil
	}
	var within reach
	if c != nil && m.mayTell(caller, list) {
		within = m.mayReach(caller, list)
	}
	seen := m.ofSeen(caller, c)
	plan, mayChoose, err := m.planWithin(caller, list, anyHash, page.Order, seen, m.whereOf(caller), within)
	if err != nil {
		return ListPlan{}, err
	}
	told := m.explained(caller, list, plan, c)
	told.IsReadAgain = m.readsAgain(caller)
	told.IsOwnNot = told.IsReadAgain && m.mayOwn(caller)
	told.Least, told.Most, told.MostQueries = size+1, size+1, told.Queries
	if plan.joined.isOfAll() { // whose parts are read a little ahead, and again where that is not enough
		told.Most, told.MostQueries = 2*shardCount*perShard(size+1, shardCount), 2*told.Queries
	}
	if page.Before != nil { // what comes before it is looked up
		told.Inexact()
		told.MostQueries++
	}
	if !told.IsExact {
		told.Inexact()
		if mayChoose {
			told.Advice = m.advised(list, plan, seen, false)
		}
	}
	if told.Queries == 0 {
		told = ListPlan{Index: told.Index, Binds: told.Binds}
	}
	return told, nil
}

// PlanOfCount is of [Explained].
func (m *core) PlanOfCount(caller Caller, list Index, page Page) (ListPlan, error) {
	c, err := m.conditionFor(caller, page.Filter)
	if err != nil {
		return ListPlan{}, err
	}
	if own, ok := m.ownList(caller); ok && isOfAll(list) {
		list = own
	} else if isOfAll(list) && m.joinedOf(list) == nil {
		return ListPlan{}, nil // a merged list is not counted
	}
	seen := m.ofSeen(caller, c)
	within := m.mayReach(caller, list)
	plan, isWithin := m.planOfCountWithin(list, anyHash, seen, within)
	told := m.explained(caller, list, plan, c)
	told.IsReadAgain = within.again
	if told.Queries == 0 || !isWithin || !within.isKnown() { // then it is null
		return ListPlan{Index: told.Index, Binds: told.Binds}, nil
	}
	told.Least, told.Most = 1, DefaultReadLimits.Count
	told.MostQueries = told.Queries * (1 + told.Most/countedAtOnce)
	if !told.IsExact {
		told.Advice = m.advised(list, plan, seen, true)
	}
	return told, nil
}

// anyHash stands for the hash key of a list of which none is known.
var anyHash = &types.AttributeValueMemberS{Value: "="}

// explained returns what a plan comes to, but for how many items are read.
func (m *core) explained(caller Caller, list Index, plan listPlan, c *condition) ListPlan {
	told := ListPlan{Index: strings.TrimPrefix(m.table.Name(), m.db.prefix) + "." + plan.index.name(), Queries: 1}
	attributes := m.boundBy(plan.index)
	for _, attribute := range attributes {
		told.Binds = append(told.Binds, m.fieldNameOf(attribute))
	}
	if plan.joined.isOfAll() {
		told.Queries = shardCount
	}
	if !m.admits(caller, OnRead) {
		told.Queries = 0
	}
	if c != nil {
		told.ReadsEach = 2 * c.linkIDs() // a unique value, and the link
		c.each(func(c *condition) { m.explainParents(&told, c) })
		bound := m.boundBy(list)
		for _, part := range c.conjuncts(nil) {
			switch field := part.onlyField(); {
			case field != nil && slices.Contains(attributes, field.attribute()) && !slices.Contains(bound, field.attribute()) && part.isEquality():
				bound = append(slices.Clone(bound), field.attribute()) // what is equal to two, nothing is
			case field != nil && plan.sortsFirstBy(field.attribute()) && part.isRange() && !m.isRenamed(field.attribute()):
				told.Range = field.Name
			default:
				part.each(func(c *condition) {
					if name := c.path[0].Name; !slices.Contains(told.Rest, name) {
						told.Rest = append(told.Rest, name)
					}
				})
			}
		}
	}
	told.IsExact, told.MayHide = len(told.Rest) == 0, !m.decidesAll(caller, list)
	return told
}

// explainParents notes what a condition on a parent has read: the parents that it names, or those of each
// item.
func (m *core) explainParents(told *ListPlan, c *condition) {
	if c.path[0].Type != ParentField {
		return
	}
	read := m.readOf(m.parent(c.path[0].attribute()), OnRead)
	switch {
	case read.Of == nil:
	case c.op == opExists:
		told.ReadsEach++
	default:
		for range c.values {
			told.Reads = append(told.Reads, read)
		}
	}
}

// decidesAll tells whether each rule by which the caller may read is decided by what the items of a list
// have in common: either all of them may be read, or none.
func (m *core) decidesAll(caller Caller, list Index) bool {
	inCommon := m.boundBy(list)
	return !slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		return rule.admits(caller, OnRead) && slices.ContainsFunc(rule.Terms, func(term Term) bool {
			return term.isOfItem() && !m.isInCommon(inCommon, term)
		})
	})
}

// mayDecide tells whether what the items of a list have in common can decide that the caller may read
// them all: see decides.
func (m *core) mayDecide(caller Caller, list Index) bool {
	inCommon := m.boundBy(list)
	return slices.ContainsFunc(m.definition.Rules, func(rule Rule) bool {
		return rule.admits(caller, OnRead) && !slices.ContainsFunc(rule.Terms, func(term Term) bool {
			return term.isOfItem() && !m.isInCommon(inCommon, term)
		})
	})
}

// onlyField returns the field that a condition is of; nil: it is of several, or of one in an object.
func (c *condition) onlyField() *Field {
	if c.op == opNot && c.parts[0].op == opExists {
		return c.parts[0].onlyField()
	}
	if len(c.path) != 1 {
		return nil
	}
	return c.path.last()
}

// isEquality tells whether all items that match have the same value there, or none.
func (c *condition) isEquality() bool {
	return c.op == opIn && len(c.values) == 1 || c.op == opNot && c.parts[0].op == opExists
}

// isRange tells whether the values that match are next to each other.
func (c *condition) isRange() bool {
	return c.bounded() != nil || c.op == opIn && len(c.values) == 1
}

// RuleReads is of [Explained].
func (m *core) RuleReads(caller Caller, op Operation) (reads []RuleRead) {
	for _, rule := range m.definition.Rules {
		if !rule.admits(caller, op) {
			continue
		}
		for _, term := range rule.Terms {
			if term.parent == "" && term.members == nil {
				continue
			}
			for _, read := range append(m.readsAbove(term.attribute()), m.readOfTerm(term)) {
				if read.Of != nil && !slices.Contains(reads, read) {
					reads = append(reads, read)
				}
			}
		}
		if !slices.ContainsFunc(rule.Terms, Term.isOfItem) {
			break // whatever the item
		}
	}
	return reads
}

// readOfTerm returns what a term has read. An ancestor is in common with what an item belongs to.
func (m *core) readOfTerm(term Term) RuleRead {
	read := RuleRead{Field: term.attribute(), Op: term.parentOp}
	if a := m.ancestor(read.Field); a != nil {
		read.Field = a.Parent
	}
	if term.members != nil {
		read.Of = readAlone("members by " + term.members.TypeName())
	} else {
		read.Of, _ = m.above(term.parent).of.(Explained)
	}
	return read
}

// readsAbove returns what is read to find out which ancestor items have as an attribute, where they do not keep it.
func (m *core) readsAbove(attribute string) []RuleRead {
	a := m.ancestor(attribute)
	if a == nil || a.ID != nil {
		return nil
	}
	parent := m.parent(a.Parent).Of.target().(anyModel)
	return append([]RuleRead{{Field: a.Parent, Of: readAlone(parent.TypeName()), Op: OnRead}}, parent.readsAbove(a.From)...)
}

// readAlone is what rules read whoever asks, so that nothing else is read for it.
type readAlone string

func (r readAlone) TypeName() string { return string(r) }

func (readAlone) PlanOf(Caller, Index, Page) (ListPlan, error)      { return ListPlan{}, nil }
func (readAlone) PlanOfCount(Caller, Index, Page) (ListPlan, error) { return ListPlan{}, nil }
func (readAlone) RuleReads(Caller, Operation) []RuleRead            { return nil }
func (readAlone) FieldReads(Caller, string) []RuleRead              { return nil }
func (readAlone) WriteOf(Operation) WritePlan                       { return WritePlan{} }

// readOf returns the read of a parent.
func (m *core) readOf(parent ParentOf[anyItem], op Operation) RuleRead {
	of, _ := parent.Of.target().(Explained)
	return RuleRead{parent.Field, of, op}
}

// TypeName is of [Explained].
func (m *core) TypeName() string { return m.typeName }

// WriteOf is of [Explained].
func (m *core) WriteOf(op Operation) WritePlan {
	hooks, uniques, parents := m.definition.Hooks, len(m.definition.Uniques), len(m.definition.Parents)
	plan := WritePlan{Actions: 1 + uniques, Indexes: len(m.indexes())}
	if m.definition.Membership != nil { // the row, and the counter
		plan.Actions += 2
	}
	switch op {
	case OnCreate:
		plan.Actions += parents
		if m.definition.Invitation != nil { // the promise of its mail
			plan.Actions++
		}
		for _, by := range m.memberships { // its maker's, of which it is itself the parent
			first := by.WriteOf(OnCreate)
			plan.Actions, plan.Indexes = plan.Actions+first.Actions-1, plan.Indexes+first.Indexes
		}
		plan.ChildLists = len(m.children)
		plan.IsHooked = hooks.BeforeCreate != nil || hooks.AfterCreate != nil
	case OnUpdate, OnTransfer: // a value is given up, and another taken; an entry is moved
		plan.Actions, plan.Indexes = plan.Actions+uniques+parents, 2*plan.Indexes
		plan.IsHooked = hooks.BeforeUpdate != nil || hooks.AfterUpdate != nil
		if op == OnTransfer {
			plan.addOwner(m.memberships)
		}
	case OnDelete:
		plan.IsHooked = hooks.BeforeDelete != nil || hooks.AfterDelete != nil
		if plan.HasChildren = m.hasChildren(); plan.HasChildren {
			plan.Actions++ // the promise that they go
			plan.MayBeHeld = mayBeHeld(m)
		}
		return plan
	}
	for _, parent := range m.definition.Parents {
		if read := m.readOf(parent, OnRead); read.Of != nil {
			plan.Parents = append(plan.Parents, read)
		}
		if op == OnUpdate && parent.Movable {
			plan.Parents = append(plan.Parents, m.readOf(parent, OnUpdate))
		}
	}
	return plan
}
