package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ownql/ownql/internal/modelgen/schema"
)

// A condition is one that whoever asks, or the object, must meet. What it says of more than one object is said by
// their paths, under the names that fields and types have now.
type condition struct {
	kind string // public, authenticated, groups, owner, named, members, invited, is, where
	path string // from the object to what the condition is of: `issue.project`; empty: the object itself
	name string // of named and is the field; of members the type of memberships; of where what it says
	word string // of groups and members the role, empty: any; of is the value

	roles []string      // of members: all that there are; nil: there are none
	where *schema.Where // of where
	field string        // of a where of one field, and of is: its name
	typ   string        // and its type
	terms [][]grant     // of rule: the ways in which each of its terms is met
}

// key is the same of conditions that say the same.
func (c condition) key() string {
	if c.kind == "rule" {
		terms := make([]string, len(c.terms))
		for i, ways := range c.terms {
			terms[i] = keys(ways)
		}
		slices.Sort(terms)
		return c.kind + "\x00" + strings.Join(terms, "\x03")
	}
	return strings.Join([]string{c.kind, c.path, c.name, c.word}, "\x00")
}

// A grant is what all must hold for somebody to have a right.
type grant []condition

func (g grant) key() string {
	keys := make([]string, len(g))
	for i, c := range g {
		keys[i] = c.key()
	}
	slices.Sort(keys)
	return strings.Join(keys, "\x01")
}

// maxGrants is how many ways to have a right by one rule are told apart. A rule of more is one condition, as it is
// written, and is compared term by term.
const maxGrants = 200

// reading reads the rules of one of the two schemas.
type reading struct {
	*schema.Schema
	names *names
}

// names are those that types and fields of the older schema have in the newer one.
type names struct {
	types  map[string]string
	fields map[string]string // `Post.title`, by the older names
}

func (n *names) ofType(name string) string {
	if n != nil && n.types[name] != "" {
		return n.types[name]
	}
	return name
}

func (n *names) ofField(of *schema.Model, name string) string {
	if n != nil && n.fields[of.Name+"."+name] != "" {
		return n.fields[of.Name+"."+name]
	}
	return name
}

// path names the way to what a rule is about.
func (r reading) path(from string, of *schema.Model, via schema.Path) string {
	for _, field := range via {
		name := r.names.ofField(of, field.Name)
		if from == "" {
			from = name
		} else {
			from += "." + name
		}
		of = field.Target
	}
	return from
}

// rights returns the grants by which somebody may do op to an object of the model.
func (r reading) rights(of *schema.Model, op schema.Operation) []grant {
	return absorbed(r.expand(of, of.Rules, op, "", nil))
}

// fieldRights returns the grants by which somebody may do op to a field of an object of the model: both what the
// rules of the type ask for, and those of the field.
func (r reading) fieldRights(of *schema.Model, field *schema.Field, op schema.Operation) []grant {
	whole := r.rights(of, op)
	if !field.HasRules() {
		return whole
	}
	own := r.expand(of, field.Rules, op, "", nil)
	if len(whole)*len(own) > maxGrants*maxGrants {
		return absorbed(own)
	}
	return absorbed(both(whole, own))
}

// expand returns the grants of those rules that allow op, with what they say of other objects spelled out.
func (r reading) expand(of *schema.Model, rules []schema.Rule, op schema.Operation, path string, above []string) (grants []grant) {
	at := of.Name + " " + path
	if slices.Contains(above, at) || len(above) > 10 {
		return nil
	}
	above = append(above, at)
	for _, rule := range rules {
		if !slices.Contains(rule.Operations, op) {
			continue
		}
		grants = append(grants, r.rule(of, rule, op, path, above)...)
	}
	return grants
}

// rule returns the ways in which a rule admits somebody; where they are too many, one that stands for them.
func (r reading) rule(of *schema.Model, rule schema.Rule, op schema.Operation, path string, above []string) []grant {
	ways, terms := []grant{{}}, make([][]grant, len(rule.Terms))
	for i, term := range rule.Terms {
		terms[i] = r.term(of, term, op, path, above)
		if len(ways) <= maxGrants {
			ways = both(ways, terms[i])
		}
	}
	if len(ways) <= maxGrants {
		return ways
	}
	text := schema.Rule{Operations: []schema.Operation{op}, Terms: rule.Terms}.String()
	return []grant{{{kind: "rule", path: path, name: text, terms: terms}}}
}

// keys is the same of lists of the same grants, in whatever order.
func keys(grants []grant) string {
	all := make([]string, len(grants))
	for i, g := range grants {
		all[i] = g.key()
	}
	slices.Sort(all)
	return strings.Join(all, "\x02")
}

// term returns the ways in which a term is met.
func (r reading) term(of *schema.Model, term schema.Term, op schema.Operation, path string, above []string) (ways []grant) {
	one := func(c condition) []grant { return []grant{{c}} }
	switch {
	case term.IsVia():
		return r.expand(term.Via.Target(of), term.Via.Target(of).Rules, term.ParentOperation, r.path(path, of, term.Via), above)
	case term.Where != nil:
		return r.where(of, path, term.Where)
	case term.Allow == "groups":
		for _, group := range term.Groups {
			ways = append(ways, grant{{kind: "groups", word: group}})
		}
		return ways
	case term.Allow == "owner" && op == schema.Create && path == "":
		return one(condition{kind: "authenticated"}) // who becomes its owner
	case term.Allow == "named":
		return one(condition{kind: "named", path: path, name: r.names.ofField(of, term.By.Name)})
	case term.Allow == "members":
		return r.members(of, term, path)
	}
	return one(condition{kind: term.Allow, path: pathOf(term.Allow, path)})
}

// pathOf leaves the path out of what is of whoever asks.
func pathOf(kind, path string) string {
	if kind == "public" || kind == "authenticated" {
		return ""
	}
	return path
}

func (r reading) members(of *schema.Model, term schema.Term, path string) (ways []grant) {
	member := condition{kind: "members", path: r.path(path, of, term.Via), name: r.names.ofType(term.Through.Name), roles: term.Through.Membership.Roles()}
	if len(term.Roles) == 0 {
		return []grant{{member}}
	}
	for _, role := range term.Roles {
		member.word = role
		ways = append(ways, grant{member})
	}
	return ways
}

// where returns the ways in which an object is as a rule wants it.
func (r reading) where(of *schema.Model, path string, w *schema.Where) (ways []grant) {
	switch {
	case w.Op == "and":
		ways = []grant{{}}
		for _, part := range w.Parts {
			if ways = both(ways, r.where(of, path, part)); len(ways) > maxGrants {
				return []grant{{{kind: "where", path: path, name: r.whereText(of, path, w), where: w}}}
			}
		}
		return ways
	case w.Op == "or":
		for _, part := range w.Parts {
			ways = append(ways, r.where(of, path, part)...)
		}
		return ways
	case (w.Op == "eq" || w.Op == "in") && !w.IsNull:
		for _, value := range w.Values {
			name := r.names.ofField(of, w.Field.Name)
			ways = append(ways, grant{{kind: "is", path: path, name: name, word: value, field: name, typ: r.typeOf(w.Field)}})
		}
		return ways
	}
	c := condition{kind: "where", path: path, name: r.whereText(of, path, w), where: w}
	if w.Field != nil {
		c.field, c.typ = r.names.ofField(of, w.Field.Name), r.typeOf(w.Field)
	}
	return []grant{{c}}
}

// typeOf is the type of a field's values, by its name of now.
func (r reading) typeOf(f *schema.Field) string {
	if f.List {
		return "[" + r.names.ofType(f.TypeName) + "]"
	}
	return r.names.ofType(f.TypeName)
}

// both returns the grants of whoever has one of each list.
func both(ones, others []grant) (grants []grant) {
	for _, one := range ones {
		for _, other := range others {
			if g := simplified(slices.Concat(one, other)); !contradicts(g) {
				grants = append(grants, g)
			}
		}
	}
	return grants
}

// contradicts tells whether nobody can have a grant: a member has one role, and a field one value.
func contradicts(g grant) bool {
	for i, c := range g {
		isOther := func(other condition) bool {
			return other.kind == c.kind && other.path == c.path && other.name == c.name && other.word != c.word
		}
		if (c.kind == "members" || c.kind == "is") && slices.ContainsFunc(g[:i], isOther) {
			return true
		}
	}
	return false
}

// simplified leaves out what follows from the rest.
func simplified(g grant) grant {
	var least grant
	for i, c := range g {
		follows := slices.ContainsFunc(g[:i], func(other condition) bool { return implies(other, c) }) ||
			slices.ContainsFunc(g[i+1:], func(other condition) bool { return implies(other, c) && !implies(c, other) })
		if !follows {
			least = append(least, c)
		}
	}
	return least
}

// absorbed leaves out grants of what others grant.
func absorbed(grants []grant) (least []grant) {
	for i, g := range grants {
		isLess := func(other grant) bool { return within(g, other) }
		isLessAlone := func(other grant) bool { return within(g, other) && !within(other, g) }
		if !slices.ContainsFunc(grants[:i], isLess) && !slices.ContainsFunc(grants[i+1:], isLessAlone) {
			least = append(least, g)
		}
	}
	return least
}

// within tells whether whoever has the first grant has the second.
func within(g, other grant) bool {
	for _, wanted := range other {
		isMet := slices.ContainsFunc(g, func(c condition) bool { return implies(c, wanted) })
		if !isMet && (wanted.kind != "rule" || !meetsAll(g, wanted.terms)) {
			return false
		}
	}
	return true
}

// meetsAll tells whether whoever has the grant meets each of the terms: by a way of it, or by a term of a rule of the
// grant all of whose ways are within it.
func meetsAll(g grant, terms [][]grant) bool {
	for _, ways := range terms {
		isWithin := func(g grant) bool {
			return slices.ContainsFunc(ways, func(way grant) bool { return within(g, way) })
		}
		isMet := isWithin(g) || slices.ContainsFunc(g, func(c condition) bool {
			return slices.ContainsFunc(c.terms, func(own []grant) bool { return areAll(own, isWithin) })
		})
		if !isMet {
			return false
		}
	}
	return true
}

func areAll(grants []grant, is func(grant) bool) bool {
	return !slices.ContainsFunc(grants, func(g grant) bool { return !is(g) })
}

// implies tells whether where the first holds, the second does.
func implies(c, other condition) bool {
	if c.kind == "rule" && other.kind != "rule" {
		return slices.ContainsFunc(c.terms, func(ways []grant) bool {
			return areAll(ways, func(g grant) bool { return within(g, grant{other}) })
		})
	}
	switch other.kind {
	case "public":
		return true
	case "authenticated":
		return c.kind != "public" && c.kind != "is" && c.kind != "where"
	case "members", "together":
		if c.kind != other.kind || c.path != other.path || c.name != other.name {
			return false
		}
		return c.word == other.word || other.word == ""
	case "where":
		if c.path != other.path || c.kind != "where" && c.kind != "is" {
			return false
		}
		return c.name == other.name && c.kind == "where" || whereImplies(c, other)
	}
	return c.key() == other.key()
}

// whereImplies tells of plain comparisons of one field whether where the first holds, the second does.
func whereImplies(c, other condition) bool {
	wanted := other.where
	if wanted.Field == nil || wanted.Field.List || len(wanted.Values) == 0 || c.field != other.field || c.typ != other.typ {
		return false
	}
	if c.kind == "is" {
		return len(wanted.Values) == 1 && satisfies(wanted, wanted.Field.Compare(c.word, wanted.Values[0]))
	}
	known := c.where
	if known.Field == nil || known.IsNull || wanted.IsNull || len(known.Values) != 1 || len(wanted.Values) != 1 {
		return false
	}
	order := wanted.Field.Compare(known.Values[0], wanted.Values[0])
	switch known.Op + " " + wanted.Op {
	case "gt gt", "ge ge", "gt ge":
		return order >= 0
	case "ge gt":
		return order > 0
	case "lt lt", "le le", "lt le":
		return order <= 0
	case "le lt":
		return order < 0
	}
	return false
}

// satisfies tells whether a value does what a comparison wants that is so ordered to what it is compared with.
func satisfies(w *schema.Where, order int) bool {
	switch w.Op {
	case "ne":
		return !w.IsNull && order != 0
	case "gt":
		return order > 0
	case "ge":
		return order >= 0
	case "lt":
		return order < 0
	case "le":
		return order <= 0
	}
	return false
}

// beyond returns what of a grant is within none of the others, with the roles of members told apart where some
// are.
func beyond(g grant, others []grant) []grant {
	isWithin := func(g grant) bool {
		return slices.ContainsFunc(others, func(other grant) bool { return within(g, other) })
	}
	if isWithin(g) {
		return nil
	}
	apart := []grant{g}
	for i, c := range g {
		if c.word != "" || len(c.roles) == 0 {
			continue
		}
		var next []grant
		for _, one := range apart {
			for _, role := range c.roles {
				as := slices.Clone(one)
				as[i].word = role
				next = append(next, as)
			}
		}
		apart = next
	}
	if more := slices.DeleteFunc(slices.Clone(apart), isWithin); len(more) < len(apart) {
		return more
	}
	return []grant{g}
}

// merged makes one grant of those that differ in one word alone, for who reads it. A grant's words are parted by
// "\x00" then.
func merged(grants []grant) []grant {
	all := slices.Clone(grants)
	for {
		i, j, at := mergeable(all)
		if i < 0 {
			return all
		}
		one := slices.Clone(all[i])
		one[at].word += "\x00" + match(all[j], all[i], one[at]).word
		all[i] = one
		all = slices.Delete(all, j, j+1)
	}
}

// mergeable returns two grants that differ in one word, and where in the first that is.
func mergeable(grants []grant) (i, j, at int) {
	for i, g := range grants {
		for j := i + 1; j < len(grants); j++ {
			if at := differsAt(g, grants[j]); at >= 0 {
				return i, j, at
			}
		}
	}
	return -1, -1, -1
}

func differsAt(g, other grant) int {
	at := -1
	if len(g) != len(other) {
		return -1
	}
	for i, c := range g {
		if slices.ContainsFunc(other, func(o condition) bool { return o.key() == c.key() }) {
			continue
		}
		if at >= 0 || match(other, g, c) == nil {
			return -1
		}
		at = i
	}
	return at
}

// match returns the condition of a grant that says the same as one of another grant, of other words.
func match(g, of grant, c condition) *condition {
	if c.kind != "groups" && c.kind != "members" && c.kind != "is" && c.kind != "together" || c.word == "" {
		return nil
	}
	for i, other := range g {
		isIn := slices.ContainsFunc(of, func(one condition) bool { return one.key() == other.key() })
		if !isIn && other.kind == c.kind && other.path == c.path && other.name == c.name {
			return &g[i]
		}
	}
	return nil
}

// whereText says what an object is to be.
func (r reading) whereText(of *schema.Model, path string, w *schema.Where) string {
	switch w.Op {
	case "and", "or":
		parts := make([]string, len(w.Parts))
		for i, part := range w.Parts {
			parts[i] = r.whereText(of, path, part)
		}
		return "(" + strings.Join(parts, " "+w.Op+" ") + ")"
	case "not":
		return "not " + r.whereText(of, path, w.Parts[0])
	}
	name := "`" + dotted(path, r.names.ofField(of, w.Field.Name)) + "`"
	values := coded(w.Values)
	switch {
	case w.IsNull && w.Op == "eq", w.Op == "exists" && w.Values[0] == "false":
		return name + " is null"
	case w.IsNull, w.Op == "exists":
		return name + " is not null"
	case w.Op == "between":
		return fmt.Sprintf("%s is from %s to %s", name, values[0], values[1])
	}
	verbs := map[string]string{"eq": "is", "in": "is", "ne": "is not", "gt": "is more than", "ge": "is at least", "lt": "is less than", "le": "is at most", "beginsWith": "begins with", "contains": "contains"}
	return name + " " + verbs[w.Op] + " " + strings.Join(values, " or ")
}

func dotted(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// namesIn returns what types and fields of the older schema are called in the newer one.
func namesIn(before, now *schema.Schema) *names {
	n := &names{types: map[string]string{}, fields: map[string]string{}}
	for old, model := range pairs(before, now) {
		n.types[old.Name] = model.Name
		for _, field := range model.Renamed() {
			if old.Field(field.Formerly) != nil && old.Field(field.Name) == nil {
				n.fields[old.Name+"."+field.Formerly] = field.Name
			}
		}
	}
	return n
}

// pairs returns the types of the older schema with what they are in the newer one.
func pairs(before, now *schema.Schema) map[*schema.Model]*schema.Model {
	pairs := map[*schema.Model]*schema.Model{}
	for _, model := range now.Models {
		if old := formerOf(before, now, model); old != nil {
			pairs[old] = model
		}
	}
	return pairs
}

// formerOf returns what a type was in the older schema; nil: it is new. The first name that it had tells, and where that
// is another now, the name, unless another type goes by the first.
func formerOf(before, now *schema.Schema, model *schema.Model) *schema.Model {
	if old := byIDName(before, model.IDName()); old != nil {
		return old
	}
	if old := before.Model(model.Name); old != nil && byIDName(now, old.IDName()) == nil {
		return old
	}
	return nil
}

func byIDName(of *schema.Schema, name string) *schema.Model {
	if i := slices.IndexFunc(of.Models, func(model *schema.Model) bool { return model.IDName() == name }); i >= 0 {
		return of.Models[i]
	}
	return nil
}

// goneModels returns the types that the newer schema has no more.
func goneModels(before, now *schema.Schema) (gone []*schema.Model) {
	kept := slices.Collect(maps.Keys(pairs(before, now)))
	for _, old := range before.Models {
		if !slices.Contains(kept, old) {
			gone = append(gone, old)
		}
	}
	return gone
}
