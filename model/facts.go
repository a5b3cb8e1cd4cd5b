package model

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// Facts are what a type's definition says of the objects that there can be, for who makes some up.
type Facts struct {
	Type   string
	Limits map[string][]Limit // of fields, by their names in the schema
	Unique [][]string         // fields that are unique, each alone or with others, as inputs name them

	Membership *MembershipFacts // nil: its objects make nobody a member
	InvitesTo  string           // the type of memberships that its objects invite to; empty: none
}

// MembershipFacts say whom the objects of a type make a member of what.
type MembershipFacts struct {
	Of     string // the type
	Object string // the input's field that has the id of an object of that
	User   string // the input's field that has the user's
}

// A Limit is what one @validate says of a field's values.
type Limit struct {
	Rule    string // its type: minLength, maxLength, matches, gt, gte, lt, lte
	Number  float64
	Pattern *regexp.Regexp // of matches
}

// refuse refuses a value that is beyond the limit.
func (l Limit) refuse(field, words string) *Error {
	err := BadInput(field, field+" "+words)
	err.limit = &l
	return err
}

// Facts returns those of every type, in the schema's order.
func (db *DB) Facts() []Facts {
	facts := make([]Facts, len(db.models))
	for i, model := range db.models {
		facts[i] = model.facts()
	}
	return facts
}

// facts is [DB.Facts] of the model.
func (m *core) facts() Facts {
	facts := Facts{Type: m.typeName, Limits: m.limits()}
	for _, unique := range m.definition.Uniques {
		if len(unique.Together) > 0 {
			facts.Unique = append(facts.Unique, unique.Together)
		} else {
			facts.Unique = append(facts.Unique, []string{shown(unique)})
		}
	}
	if by := m.definition.Membership; by != nil {
		facts.Membership = &MembershipFacts{Of: by.Of.target().(anyModel).typeNamed(), Object: by.Field, User: by.User}
	}
	if by := m.definition.Invitation; by != nil {
		facts.InvitesTo = by.To.target().(anyModel).typeNamed()
	}
	return facts
}

// typeNamed is the type's name in the schema.
func (m *core) typeNamed() string { return m.typeName }

// Values that are beyond every limit, on one side or the other.
const (
	tooSmall = "-9000000000000000"
	tooBig   = "9000000000000000"
	longest  = 1 << 20
)

// limits returns what each @validate says: an item whose values are all beyond it is told so.
func (m *core) limits() map[string][]Limit {
	limits := map[string][]Limit{}
	if m.definition.Validate == nil {
		return limits
	}
	for _, probe := range []struct{ text, number string }{{"", tooSmall}, {strings.Repeat("\x01", longest), tooBig}} {
		attributes := dynamo.Item{}
		for _, field := range m.definition.Fields {
			switch {
			case field.List:
			case field.Type == TextField:
				attributes[field.attribute()] = &types.AttributeValueMemberS{Value: probe.text}
			case field.Type == NumberField, field.Type == DecimalField:
				attributes[field.attribute()] = &types.AttributeValueMemberN{Value: probe.number}
			}
		}
		item := m.zero()
		if err := dynamo.UnmarshalItem(attributes, item); err != nil {
			continue // a field is of a Go type of the project's, and its limits are found out by trying
		}
		for _, problem := range m.definition.Validate(item) {
			if problem == nil || problem.limit == nil || slices.ContainsFunc(limits[problem.Field], func(l Limit) bool { return l.Rule == problem.limit.Rule && l.Rule != "matches" }) {
				continue
			}
			if !slices.Contains(limits[problem.Field], *problem.limit) {
				limits[problem.Field] = append(limits[problem.Field], *problem.limit)
			}
		}
	}
	return limits
}

// Groups returns the roles that rules name, sorted.
func (db *DB) Groups() []string {
	var groups []string
	for _, model := range db.models {
		groups = append(groups, model.groups()...)
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// groups is [DB.Groups] of the model.
func (m *core) groups() (groups []string) {
	rules := slices.Clone(m.definition.Rules)
	for _, ofField := range m.definition.FieldRules {
		rules = append(rules, ofField...)
	}
	for _, rule := range rules {
		for _, term := range rule.Terms {
			groups = append(groups, term.groups...)
		}
	}
	return groups
}
