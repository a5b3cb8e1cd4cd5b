package model

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// An Ancestor is what items of T belong to at some depth, such as the organization of an issue's project.
// An item has its id from when it is made, so that rules know it without reading what is between. Where what is
// between may move, they read it from the parent each time, since not all that is below could move with it in
// one transaction.
type Ancestor[T any] = AncestorOf[*T]

// AncestorOf is [Ancestor] by the pointer to its type.
type AncestorOf[P any] struct {
	Field  string          // of the table: it has the ancestor's id
	ID     func(P) *string // where the item has that, not global; empty: it belongs to no such. nil: the item does not keep it
	Of     Target          // a *Model
	Parent string          // the Field of the Parent that the id is taken from
	From   string          // that one's Field of it: of a Parent or an Ancestor of its own
}

// A holder is what items say of another by its id: of a parent, of an ancestor, or of themselves.
type holder struct {
	of anyParent
	id func(anyItem) string
}

// ownID is the attribute of an item's own id.
const ownID = "id"

// above returns what has its id in that attribute: the item itself, a [Parent] or an [Ancestor].
func (m *core) above(attribute string) holder {
	if attribute == ownID {
		return holder{m, func(item anyItem) string { return item.base().ID }}
	}
	if a := m.ancestor(attribute); a != nil {
		return holder{a.Of.target(), func(item anyItem) string { return idIn(a, item) }}
	}
	parent := m.parent(attribute)
	return holder{parent.Of.target(), parent.ID}
}

// ancestor returns the ancestor whose Field that is; nil: none.
func (m *core) ancestor(field string) *AncestorOf[anyItem] {
	i := slices.IndexFunc(m.definition.Ancestors, func(a AncestorOf[anyItem]) bool { return a.Field == field })
	if i < 0 {
		return nil
	}
	return &m.definition.Ancestors[i]
}

// idIn returns the id that an item keeps; empty: it keeps none.
func idIn(a *AncestorOf[anyItem], item anyItem) string {
	if a.ID == nil {
		return ""
	}
	return *a.ID(item)
}

// keptAncestors returns those whose ids the items have.
func (m *core) keptAncestors() []AncestorOf[anyItem] {
	return slices.DeleteFunc(slices.Clone(m.definition.Ancestors), func(a AncestorOf[anyItem]) bool { return a.ID == nil })
}

// idsAbove returns what the items have as an attribute that [Model.above] knows. An item that does not keep
// the ancestor's id, or was made before the schema had it, has that which its parent has.
func (m *core) idsAbove(ctx context.Context, attribute string, items []anyItem) ([]string, error) {
	ids, of := make([]string, len(items)), m.above(attribute)
	for i, item := range items {
		ids[i] = of.id(item)
	}
	a := m.ancestor(attribute)
	if a == nil {
		return ids, nil
	}
	parent, lacking := m.parent(a.Parent), []string(nil)
	for i, item := range items {
		if ids[i] == "" {
			lacking = append(lacking, parent.ID(item))
		}
	}
	if len(lacking) == 0 {
		return ids, nil
	}
	found, err := parent.Of.target().(anyModel).aboveByID(ctx, a.From, lacking)
	for i, item := range items {
		if ids[i] == "" {
			ids[i] = found[parent.ID(item)]
		}
	}
	return ids, err
}

// aboveByID returns, by id, what the items with these ids have as an attribute that [Model.above] knows,
// whoever asks.
func (m *core) aboveByID(ctx context.Context, attribute string, ids []string) (map[string]string, error) {
	items, err := m.readAbove(ctx, ids)
	if err != nil {
		return nil, err
	}
	values := slices.Collect(maps.Values(items))
	of, err := m.idsAbove(ctx, attribute, values)
	if err != nil {
		return nil, err
	}
	above := make(map[string]string, len(of))
	for i, item := range values {
		above[item.base().ID] = of[i]
	}
	return above, nil
}

// readAbove returns the items with these ids, whoever asks, by their ids. In a query it reads those together
// that are asked for at about the same time.
func (m *core) readAbove(ctx context.Context, ids []string) (map[string]anyItem, error) {
	m.mustLoad(ctx, ids)
	reads, ok := readsFrom(ctx)
	if !ok || !reads.remembers || reads.isLoading {
		return m.read(ctx, ids)
	}
	return m.loaderIn(reads, System, OnRead).loadAll(ctx, distinctIDs(ids))
}

// setAncestors gives an item the ids of the ancestors that it keeps, as its parents have them. Of a parent that is not
// there it has none.
func (m *core) setAncestors(ctx context.Context, item anyItem) error {
	for _, a := range m.keptAncestors() {
		id := m.parent(a.Parent).ID(item)
		above, err := m.parent(a.Parent).Of.target().(anyModel).aboveByID(ctx, a.From, []string{id})
		if err != nil {
			return err
		}
		*a.ID(item) = above[id]
	}
	return nil
}

// moved tells whether the item has another parent than before by the field of one.
func (m *core) moved(before, after anyItem) bool {
	return slices.ContainsFunc(m.definition.Parents, func(p ParentOf[anyItem]) bool { return p.ID(before) != p.ID(after) })
}

// isPassedOn tells whether items below have an id from this model's attribute.
func (m *core) isPassedOn(attribute string) bool {
	return slices.ContainsFunc(m.children, func(c child) bool { return c.model.takesFrom(c.index.Hash, attribute) })
}

// takesFrom tells whether items keep an ancestor's id from what they belong to by the field parent, which
// has it as an attribute.
func (m *core) takesFrom(parent, attribute string) bool {
	return slices.ContainsFunc(m.keptAncestors(), func(a AncestorOf[anyItem]) bool { return a.Parent == parent && a.From == attribute })
}

// follow gives an item that has moved the ids of its ancestors. An error: what is below the item has them,
// too, and would keep those of before.
func (m *core) follow(ctx context.Context, before, after anyItem) error {
	if !m.moved(before, after) {
		return nil
	}
	for _, parent := range m.definition.Parents {
		if parent.ID(before) != parent.ID(after) && m.isPassedOn(parent.Field) {
			return fmt.Errorf("change %s of an item of %s: what is below it is under rules of what it belonged to, which would stay as they are", parent.Field, m.table.Name())
		}
	}
	ancestors := m.keptAncestors()
	old := make([]string, len(ancestors))
	for i, a := range ancestors {
		old[i] = *a.ID(after)
	}
	if err := m.setAncestors(ctx, after); err != nil {
		return err
	}
	for i, a := range ancestors {
		if *a.ID(after) != old[i] && m.isPassedOn(a.Field) {
			return fmt.Errorf("move an item of %s: what is below it is under rules of what it belonged to, which would stay as they are", m.table.Name())
		}
	}
	return nil
}

// A knownAbove has the ids of ancestors that have been read, by the attribute and the id of what has them.
type knownAbove map[[2]string]string

// maxKnownAbove is how many of them are kept at once.
const maxKnownAbove = 10_000

// ancestorChanges returns the ids of ancestors that an item lacks, or has of somewhere else, and has, by attribute:
// it was made before the schema asked for them, or by a server that does not, or what it belongs to was moved by a
// server to which that was movable. nil is one that it has of when what is between could not move: it would be wrong
// once that cannot any more.
func (m *core) ancestorChanges(ctx context.Context, asKept dynamo.Item, item anyItem, known knownAbove) (map[string]types.AttributeValue, error) {
	changes := map[string]types.AttributeValue{}
	for _, a := range m.definition.Ancestors {
		switch _, has := asKept[a.Field]; {
		case a.ID == nil && has:
			changes[a.Field] = nil
			continue
		case a.ID == nil:
			continue
		}
		parent := m.parent(a.Parent).ID(item)
		id, isKnown := known[[2]string{a.Field, parent}]
		if !isKnown {
			above, err := m.parent(a.Parent).Of.target().(anyModel).aboveByID(ctx, a.From, []string{parent})
			if err != nil {
				return nil, err
			}
			if len(known) >= maxKnownAbove {
				clear(known)
			}
			id = above[parent]
			known[[2]string{a.Field, parent}] = id
		}
		if id != "" && id != *a.ID(item) {
			changes[a.Field] = &types.AttributeValueMemberS{Value: id}
		}
	}
	return changes, nil
}

// ancestorSteps returns a step for each attribute of ancestors that items lack, or have and should not.
func (m *core) ancestorSteps(lacking map[string]int) (steps []TableStep) {
	for _, attribute := range slices.Sorted(maps.Keys(lacking)) {
		why := "items lack the id that rules ask for, or have a wrong one, %d of them: write it"
		if m.ancestor(attribute).ID == nil {
			why = "items have the id that rules asked for before what they belong to could move, %d of them: take it away"
		}
		steps = append(steps, TableStep{StepFill, m.table.Name(), "", attribute, fmt.Sprintf(why, lacking[attribute])})
	}
	return steps
}

// isAncestor tells whether the attribute has the id of an ancestor.
func (m *core) isAncestor(attribute string) bool { return m.ancestor(attribute) != nil }

// isFarAbove tells whether items of some type have the ids of this model's for their rules, without belonging
// to it. Who made another item under the id of one that is deleted would be above what is going still.
func (m *core) isFarAbove() bool {
	return slices.ContainsFunc(m.db.models, func(other anyModel) bool { return other.hasAbove(m) })
}

// hasAbove tells whether the model has ancestors of that one.
func (m *core) hasAbove(other anyParent) bool {
	return slices.ContainsFunc(m.definition.Ancestors, func(a AncestorOf[anyItem]) bool { return a.Of.target() == other })
}
