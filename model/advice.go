package model

import (
	"fmt"
	"slices"
	"strings"
)

// advised returns the @index that would serve a list's filter better than the plan does, as the schema
// has it; empty: none would. It is on what the list itself and the filter bind, in the plan's order;
// where the plan has all of that, it sorts by what the filter has bounds of, unless it is to count.
func (m *core) advised(list Index, plan listPlan, c *condition, isCount bool) string {
	if own := m.joinedOf(list); c == nil || own != nil && !own.isOfAll() { // its queryField says what it is by
		return ""
	}
	bound := m.boundOf(list, nil)
	c.bind(bound)
	var fields []string
	for _, attribute := range m.boundBy(list) { // those of the list's own first
		fields = append(fields, m.fieldNameOf(attribute))
	}
	for i := range m.definition.Fields {
		field := &m.definition.Fields[i]
		_, isBound := bound[field.attribute()]
		if isBound && field.isIndexable() && !m.isRenamed(field.attribute()) && !plan.sortsBy(field.attribute()) && !slices.Contains(fields, field.Name) {
			fields = append(fields, field.Name)
		}
	}
	fields = fields[:min(len(fields), maxIndexFields)]
	if len(fields) > plan.bound() {
		return indexText(fields, m.orderText(plan))
	}
	if isCount || len(fields) > len(m.boundBy(list)) { // no list of these alone has an order
		return ""
	}
	for _, part := range c.conjuncts(nil) {
		field := part.bounded()
		if field == nil || !field.isIndexable() || field.Type == ParentField || m.isRenamed(field.attribute()) || slices.Contains(fields, field.Name) {
			continue
		}
		if plan.sortsFirstBy(field.attribute()) {
			return ""
		}
		return indexText(fields, []string{field.Name}) + ", and its orderBy"
	}
	return ""
}

// maxIndexFields is how many fields an @index finds objects by.
const maxIndexFields = 4

func indexText(fields, sortKeyFields []string) string {
	text := "@index(" + strings.TrimPrefix(listText("fields", fields)+listText("sortKeyFields", sortKeyFields), ", ")
	return text + ")"
}

func listText(name string, values []string) string {
	if len(values) == 0 {
		return ""
	}
	return fmt.Sprintf(`, %s: ["%s"]`, name, strings.Join(values, `", "`))
}

// orderText returns the order of a plan as sortKeyFields has it; none: by id.
func (m *core) orderText(plan listPlan) (parts []string) {
	if plan.joined == nil {
		if plan.index.Sort != "id" {
			parts = append(parts, m.fieldNameOf(plan.index.Sort))
		}
		return parts
	}
	for _, part := range plan.joined.Sort {
		name := m.fieldNameOf(part.Attribute)
		if part.Descending {
			name += ":desc"
		}
		parts = append(parts, name)
	}
	return parts
}

// fieldNameOf returns the name that the schema has for an attribute.
func (m *core) fieldNameOf(attribute string) string {
	if attribute == ByOwner.Hash {
		return "owner"
	}
	for i := range m.definition.Fields {
		if m.definition.Fields[i].attribute() == attribute {
			return m.definition.Fields[i].Name
		}
	}
	return attribute
}

// sortsFirstBy tells whether what the plan reads is, above all, in the order of an attribute.
func (p *listPlan) sortsFirstBy(attribute string) bool {
	if p.joined != nil && len(p.joined.Sort) > 0 {
		return p.joined.Sort[0].Attribute == attribute
	}
	return p.index.Sort == attribute
}

// sortsBy tells whether what the plan reads is in the order of an attribute, or of that among others.
func (p *listPlan) sortsBy(attribute string) bool {
	if p.joined == nil {
		return p.index.Sort == attribute
	}
	return slices.ContainsFunc(p.joined.Sort, func(part SortPart) bool { return part.Attribute == attribute })
}

// isIndexable tells whether an @index may be on the field.
func (f *Field) isIndexable() bool {
	switch f.Type {
	case ObjectField, JSONField, LinkField, ownIDField:
		return false
	default:
		return !f.List && !slices.Contains(argumentNames, f.Name)
	}
}

// argumentNames are those that lists have beside the fields that an @index is on.
var argumentNames = []string{"first", "last", "after", "before", "sortDirection", filterArgument, orderArgument, "ctx", "obj", "childComplexity"}

// conjuncts appends the conditions that all must hold.
func (c *condition) conjuncts(to []*condition) []*condition {
	if c.op != opAnd {
		return append(to, c)
	}
	for _, part := range c.parts {
		to = part.conjuncts(to)
	}
	return to
}

// bounded returns the field whose values a condition has bounds of, in one range; nil: of none.
func (c *condition) bounded() *Field {
	switch c.op {
	case opLt, opLe, opGt, opGe, opBeginsWith:
		if len(c.path) == 1 {
			return c.path.last()
		}
	}
	return nil
}
