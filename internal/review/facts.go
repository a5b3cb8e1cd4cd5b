package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// A Fact is what some may do now that they might not, or the other way round.
type Fact struct {
	IsWidening bool
	On         string // the type, or the field: `Post`, `Post.title`
	Who        string // `everybody`, `its owner`
	Operations []string
	Others     string   // who else could before, of what is wider, or still can, of what is narrower
	By         []string // the types whose rules it follows from, where its own are as they were
	Before     string   // what it was called before; empty: the same
}

// rightsOf are all operations, in the order in which they are told.
var rightsOf = []schema.Operation{schema.Read, schema.Create, schema.Update, schema.Delete, schema.Transfer}

// comparison is of the rules of two schemas.
type comparison struct {
	before, now reading
	facts       []Fact
}

// compareRights returns what the rules give now that they did not, and what they give no more, of the types that
// both schemas have.
func compareRights(before, now *schema.Schema) []Fact {
	c := &comparison{before: reading{before, namesIn(before, now)}, now: reading{now, nil}}
	for _, model := range now.Models {
		old := formerOf(before, now, model)
		if old == nil {
			continue
		}
		c.ofType(old, model)
		for _, field := range model.Fields {
			if was := c.fieldOf(old, model, field); was != nil {
				c.ofField(old, was, model, field)
			}
		}
	}
	c.ofUser()
	return c.joined()
}

// fieldOf returns what a field was in the older type; nil: it is new.
func (c *comparison) fieldOf(old, model *schema.Model, field *schema.Field) *schema.Field {
	for _, was := range old.Fields {
		if c.before.names.ofField(old, was.Name) == field.Name {
			return was
		}
	}
	return nil
}

// ofType compares who may do what with objects of a type.
func (c *comparison) ofType(old, model *schema.Model) {
	formerName := ""
	if old.Name != model.Name {
		formerName = old.Name
	}
	isAsItWas := slices.Equal(c.before.texts(old, old.Rules), c.now.texts(model, model.Rules))
	for _, op := range rightsOf {
		was, is := c.before.rights(old, op), c.now.rights(model, op)
		c.add(Fact{On: model.Name, Operations: []string{string(op)}, Before: formerName}, was, is, isAsItWas, model)
	}
}

// texts are the rules as they are written, each operation by itself, in the names of now.
func (r reading) texts(of *schema.Model, rules []schema.Rule) (texts []string) {
	for _, rule := range rules {
		terms := make([]string, len(rule.Terms))
		for i, term := range rule.Terms {
			if term.IsVia() {
				terms[i] = "via " + r.path("", of, term.Via) + " " + string(term.ParentOperation)
				continue
			}
			var ways []string
			for _, way := range r.term(of, term, schema.Read, "", nil) {
				ways = append(ways, way.key())
			}
			terms[i] = strings.Join(ways, "\x02")
		}
		slices.Sort(terms)
		for _, op := range rule.Operations {
			texts = append(texts, string(op)+" "+strings.Join(terms, "\x03"))
		}
	}
	slices.Sort(texts)
	return texts
}

// add adds what is wider and what is narrower.
func (c *comparison) add(fact Fact, was, is []grant, isAsItWas bool, model *schema.Model) {
	for _, side := range []struct {
		isWidening bool
		has, had   []grant
	}{{true, is, was}, {false, was, is}} {
		var more []grant
		for _, g := range side.has {
			more = append(more, beyond(g, side.had)...)
		}
		for _, g := range merged(more) {
			told := fact
			told.IsWidening, told.Who = side.isWidening, who(g)
			told.Others = everyone(side.had)
			if isAsItWas {
				told.By = causes(model, g)
			}
			c.facts = append(c.facts, told)
		}
	}
}

// everyone lists who has some right.
func everyone(grants []grant) string {
	if len(grants) == 0 {
		return "nobody"
	}
	var all []string
	for _, g := range merged(grants) {
		all = append(all, who(g))
	}
	return strings.Join(all, "; ")
}

// causes returns the types along the paths of a grant.
func causes(model *schema.Model, g grant) (types []string) {
	for _, condition := range g {
		of := model
		for name := range strings.SplitSeq(condition.path, ".") {
			field := of.Field(name)
			if field == nil || field.Target == nil {
				break
			}
			of = field.Target
			if !slices.Contains(types, of.Name) {
				types = append(types, of.Name)
			}
		}
	}
	for _, rule := range model.Rules { // a grant of everybody has no path
		for _, term := range rule.Terms {
			if term.IsVia() && len(types) == 0 {
				types = append(types, term.Via.Target(model).Name)
			}
		}
	}
	return types
}

// ofField compares who may do what with a field, as far as that is not who may do so with the object.
func (c *comparison) ofField(old *schema.Model, was *schema.Field, model *schema.Model, field *schema.Field) {
	fact := Fact{On: model.Name + "." + field.Name}
	if was.Name != field.Name {
		fact.Before = was.Name
	}
	for _, op := range []schema.Operation{schema.Read, schema.Create, schema.Update} {
		fact.Operations = []string{string(op)}
		couldBe, canBe := takes(old, was, op), takes(model, field, op)
		isGuarded := was.HasRules() || field.HasRules()
		switch {
		case !couldBe && !canBe || couldBe && canBe && !isGuarded:
		case couldBe && canBe:
			isAsItWas := slices.Equal(c.before.texts(old, was.Rules), c.now.texts(model, field.Rules)) && was.HasRules() == field.HasRules()
			c.add(fact, c.before.fieldRights(old, was, op), c.now.fieldRights(model, field, op), isAsItWas, model)
		case canBe && field.HasRules():
			c.add(fact, nil, c.now.fieldRights(model, field, op), false, model)
		case was.HasRules():
			c.add(fact, c.before.fieldRights(old, was, op), nil, false, old)
		default:
			told := fact
			told.IsWidening, told.Others = canBe, "nobody"
			told.Who = fmt.Sprintf("whoever may %s `%s`", op, model.Name)
			c.facts = append(c.facts, told)
		}
	}
}

// takes tells whether clients may do op to a field at all.
func takes(model *schema.Model, field *schema.Field, op schema.Operation) bool {
	switch op {
	case schema.Create:
		return slices.Contains(model.Creatable(), field)
	case schema.Update:
		return slices.Contains(model.Updatable(), field) && slices.Contains(model.Mutations(), "Update")
	}
	return field.Stored() || field.Kind == schema.KindComputed
}

// ofUser compares who sees the fields of users, and which of them users set for themselves.
func (c *comparison) ofUser() {
	users := func(of *schema.Schema) schema.Fields { return slices.Concat(of.User.Kept, of.User.Fields) }
	was, is := users(c.before.Schema), users(c.now.Schema)
	for _, field := range is {
		other := was.Field(field.Name)
		if other == nil && field.Formerly != "" {
			other = was.Field(field.Formerly)
		}
		if other == nil || field.Kind == schema.KindHasMany || other.Kind == schema.KindHasMany {
			continue
		}
		c.add(Fact{On: "User." + field.Name, Operations: []string{string(schema.Read)}}, c.before.seenBy(other), c.now.seenBy(field), false, nil)
		if could, can := c.before.User.Updatable().Field(other.Name) != nil, c.now.User.Updatable().Field(field.Name) != nil; could != can {
			c.facts = append(c.facts, Fact{IsWidening: can, On: "User." + field.Name, Who: "the user", Operations: []string{string(schema.Update)}, Others: "nobody"})
		}
	}
}

// seenBy returns the grants by which somebody sees a field of a user.
func (r reading) seenBy(field *schema.Field) (grants []grant) {
	if len(field.Seen) == 0 {
		return []grant{{{kind: "self"}}}
	}
	for _, rule := range field.Seen {
		if !slices.Contains(rule.Operations, schema.Read) {
			continue
		}
		ways := []grant{{}}
		for _, term := range rule.Terms {
			ways = both(ways, r.seen(term))
		}
		grants = append(grants, ways...)
	}
	return absorbed(grants)
}

func (r reading) seen(term schema.Term) []grant {
	switch term.Allow {
	case "owner":
		return []grant{{{kind: "self"}}}
	case "members":
		ways := r.members(nil, term, "")
		for i := range ways {
			ways[i][0].kind = "together"
		}
		return ways
	}
	return r.term(nil, term, schema.Read, "", nil)
}

// breadths order whom a fact is about.
var breadths = map[string]int{"everybody": 1, "whoever is signed in": 2}

// joined puts what is said of several operations alike into one fact: what is wider first.
func (c *comparison) joined() (facts []Fact) {
	for _, fact := range c.facts {
		i := slices.IndexFunc(facts, func(other Fact) bool {
			return other.IsWidening == fact.IsWidening && other.On == fact.On && other.Who == fact.Who && other.Others == fact.Others && slices.Equal(other.By, fact.By)
		})
		if i < 0 {
			facts = append(facts, fact)
		} else {
			facts[i].Operations = append(facts[i].Operations, fact.Operations...)
		}
	}
	// What is for all comes first, and what follows from the rules of others last.
	rank := func(f Fact) (rank int) {
		if !f.IsWidening {
			rank += 10
		}
		if len(f.By) > 0 {
			rank += 5
		}
		return rank + cmp.Or(breadths[f.Who], 3)
	}
	slices.SortStableFunc(facts, func(a, b Fact) int { return cmp.Compare(rank(a), rank(b)) })
	return facts
}

// String is the fact in a sentence.
func (f Fact) String() string {
	may, others := "may now", "Before: "
	if !f.IsWidening {
		may, others = "may no longer", "Now: "
	}
	operations := f.Operations
	if strings.Contains(f.On, ".") {
		operations = ofFields(operations)
	}
	who := f.Who
	if strings.Contains(who, ", where ") {
		who += ","
	}
	text := fmt.Sprintf("%s %s %s `%s`", who, may, and(operations), f.On)
	if f.IsWidening {
		text = "**" + capital(text) + ".**"
	} else {
		text = capital(text) + "."
	}
	text += " " + others + f.Others + "."
	if f.Before != "" {
		text += fmt.Sprintf(" It was called `%s`.", f.Before)
	}
	if len(f.By) > 0 {
		text += fmt.Sprintf(" By the rules of %s.", and(coded(f.By)))
	}
	return text
}

// ofFields says what operations on an object are to its fields.
func ofFields(operations []string) []string {
	words := map[string]string{"create": "set on creation", "update": "change"}
	said := make([]string, len(operations))
	for i, op := range operations {
		if said[i] = op; words[op] != "" {
			said[i] = words[op]
		}
	}
	return said
}
