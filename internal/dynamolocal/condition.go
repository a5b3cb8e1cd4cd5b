package dynamolocal

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A condition is a ConditionExpression or FilterExpression, or a part of one.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
type condition interface {
	holds(it item) bool
}

type (
	and struct{ left, right condition }
	or  struct{ left, right condition }
	not struct{ operand condition }

	// A comparison is of =, <>, <, <=, >, >=.
	comparison struct {
		operator    string
		left, right operand
	}
	between struct{ operand, lower, upper operand }
	in      struct {
		operand operand
		list    []operand
	}
	// A call is of a function; that of size is an operand, any other a condition.
	call struct {
		function string
		operands []operand
	}
)

// An operand is a path, a literal or a call of size.
type operand interface {
	// value is nil where the item has no such attribute.
	value(it item) types.AttributeValue
}

// A literal is the value behind a placeholder.
type literal struct{ v types.AttributeValue }

func (l literal) value(item) types.AttributeValue { return l.v }

func (c and) holds(it item) bool { return c.left.holds(it) && c.right.holds(it) }
func (c or) holds(it item) bool  { return c.left.holds(it) || c.right.holds(it) }
func (c not) holds(it item) bool { return !c.operand.holds(it) }

func (c comparison) holds(it item) bool {
	left, right := c.left.value(it), c.right.value(it)
	if left == nil || right == nil {
		return c.operator == "<>"
	}
	switch c.operator {
	case "=":
		return equal(left, right)
	case "<>":
		return !equal(left, right)
	}
	order, ok := compare(left, right)
	if !ok {
		return false
	}
	switch c.operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func (c between) holds(it item) bool {
	return comparison{">=", c.operand, c.lower}.holds(it) && comparison{"<=", c.operand, c.upper}.holds(it)
}

func (c in) holds(it item) bool {
	return slices.ContainsFunc(c.list, func(o operand) bool { return comparison{"=", c.operand, o}.holds(it) })
}

func (c call) holds(it item) bool {
	v := c.operands[0].value(it)
	switch c.function {
	case "attribute_exists":
		return v != nil
	case "attribute_not_exists":
		return v == nil
	}
	w := c.operands[1].value(it)
	if v == nil || w == nil {
		return false
	}
	switch c.function {
	case "attribute_type":
		s, ok := w.(*types.AttributeValueMemberS)
		return ok && typeName(v) == s.Value
	case "begins_with":
		return beginsWith(v, w)
	}
	return contains(v, w)
}

func beginsWith(v, prefix types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		p, ok := prefix.(*types.AttributeValueMemberS)
		return ok && strings.HasPrefix(v.Value, p.Value)
	case *types.AttributeValueMemberB:
		p, ok := prefix.(*types.AttributeValueMemberB)
		return ok && bytes.HasPrefix(v.Value, p.Value)
	}
	return false
}

// contains is whether e is a part of the string or binary v, or an element of the set or list v.
func contains(v, e types.AttributeValue) bool {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		e, ok := e.(*types.AttributeValueMemberS)
		return ok && strings.Contains(v.Value, e.Value)
	case *types.AttributeValueMemberB:
		e, ok := e.(*types.AttributeValueMemberB)
		return ok && bytes.Contains(v.Value, e.Value)
	case *types.AttributeValueMemberL:
		return slices.ContainsFunc(v.Value, func(w types.AttributeValue) bool { return equal(w, e) })
	case *types.AttributeValueMemberSS:
		e, ok := e.(*types.AttributeValueMemberS)
		return ok && slices.Contains(v.Value, e.Value)
	case *types.AttributeValueMemberNS:
		e, ok := e.(*types.AttributeValueMemberN)
		return ok && slices.Contains(v.Value, e.Value)
	case *types.AttributeValueMemberBS:
		e, ok := e.(*types.AttributeValueMemberB)
		return ok && slices.ContainsFunc(v.Value, func(b []byte) bool { return bytes.Equal(b, e.Value) })
	}
	return false
}

// value is what size gives.
func (c call) value(it item) types.AttributeValue {
	n := 0
	switch v := c.operands[0].value(it).(type) {
	case *types.AttributeValueMemberS:
		n = utf8.RuneCountInString(v.Value)
	case *types.AttributeValueMemberB:
		n = len(v.Value)
	case *types.AttributeValueMemberM:
		n = len(v.Value)
	case *types.AttributeValueMemberL:
		n = len(v.Value)
	default:
		kind, elements := setOf(v)
		if kind == "" {
			return nil
		}
		n = len(elements)
	}
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

// conditionPaths are all paths in a condition, which may be nil.
func conditionPaths(c condition) []path {
	var operands []operand
	switch c := c.(type) {
	case and:
		return append(conditionPaths(c.left), conditionPaths(c.right)...)
	case or:
		return append(conditionPaths(c.left), conditionPaths(c.right)...)
	case not:
		return conditionPaths(c.operand)
	case comparison:
		operands = []operand{c.left, c.right}
	case between:
		operands = []operand{c.operand, c.lower, c.upper}
	case in:
		operands = append(c.list[:len(c.list):len(c.list)], c.operand)
	case call:
		operands = c.operands
	}
	var paths []path
	for _, o := range operands {
		if size, ok := o.(call); ok {
			o = size.operands[0]
		}
		if p, ok := o.(path); ok {
			paths = append(paths, p)
		}
	}
	return paths
}

// A term is what an expression in parentheses can be before it is clear which: a condition, an
// operand, or, where neither, the call of a function, which may yet be either.
type term struct {
	condition     condition
	operand       operand
	call          *call
	start         int // of the call, in the text
	parenthesized bool
}

// condition reads a whole ConditionExpression, FilterExpression or KeyConditionExpression.
func (p *parser) condition() condition {
	return p.asCondition(p.disjunction())
}

func (p *parser) asCondition(t term) condition {
	switch {
	case t.condition != nil:
		return t.condition
	case t.call == nil:
		p.unexpected()
		return nil
	case t.call.function == "size":
		p.refuseName(t.start, "The function is not allowed to be used this way in an expression; function: %s", t.call.function)
	}
	return *t.call
}

func (p *parser) asOperand(t term) operand {
	switch {
	case t.operand != nil:
		return t.operand
	case t.call == nil:
		p.unexpected()
		return literal{}
	case t.call.function != "size":
		p.refuseName(t.start, "The function is not allowed to be used this way in an expression; function: %s", t.call.function)
	}
	return *t.call
}

func (p *parser) disjunction() term {
	left := p.conjunction()
	for p.accept("OR") {
		p.operator()
		left = term{condition: or{p.asCondition(left), p.asCondition(p.conjunction())}}
	}
	return left
}

func (p *parser) conjunction() term {
	left := p.negation()
	for p.accept("AND") {
		p.operator()
		left = term{condition: and{p.asCondition(left), p.asCondition(p.negation())}}
	}
	return left
}

func (p *parser) negation() term {
	if p.accept("NOT") {
		p.operator()
		return term{condition: not{p.asCondition(p.negation())}}
	}
	return p.predicate()
}

var comparators = []string{"=", "<>", "<", "<=", ">", ">="}

func (p *parser) predicate() term {
	left := p.primary()
	if left.condition != nil {
		return left
	}
	switch t := p.peek(); {
	case t.kind == tokenSymbol && slices.Contains(comparators, t.text):
		p.next()
		p.operator()
		c := comparison{t.text, p.asOperand(left), p.asOperand(p.primary())}
		p.checkComparison(c)
		return term{condition: c}
	case p.accept("BETWEEN"):
		p.operator()
		c := between{operand: p.asOperand(left), lower: p.asOperand(p.primary())}
		p.expect("AND")
		c.upper = p.asOperand(p.primary())
		p.checkBetween(c)
		return term{condition: c}
	case p.accept("IN"):
		p.operator()
		c := in{operand: p.asOperand(left)}
		p.expect("(")
		c.list = append(c.list, p.asOperand(p.primary()))
		for p.accept(",") {
			c.list = append(c.list, p.asOperand(p.primary()))
		}
		p.expect(")")
		p.checkDistinct("IN", c.operand, c.list...)
		if len(c.list) > 100 {
			p.refuse(operandsStage, "The IN operator is provided with too many operands; number of operands: %d", len(c.list))
		}
		return term{condition: c}
	}
	return left
}

func (p *parser) primary() term {
	switch t := p.peek(); {
	case p.accept("("):
		inner := p.disjunction()
		p.expect(")")
		if inner.parenthesized {
			p.refuse(parenthesesStage, "The expression has redundant parentheses;")
		}
		inner.parenthesized = true
		return inner
	case t.kind == tokenColon:
		return term{operand: p.literal()}
	case t.kind == tokenName && p.tokens[2].text == "(" && !p.isKeyword(t):
		return p.call()
	}
	return term{operand: p.path()}
}

// functions and how many operands each takes.
var functions = map[string]int{
	"attribute_exists":     1,
	"attribute_not_exists": 1,
	"attribute_type":       2,
	"begins_with":          2,
	"contains":             2,
	"size":                 1,
}

func (p *parser) call() term {
	start := p.peek().start
	c := call{function: p.next().text}
	p.operator()
	p.expect("(")
	c.operands = append(c.operands, p.asOperand(p.primary()))
	for p.accept(",") {
		c.operands = append(c.operands, p.asOperand(p.primary()))
	}
	p.expect(")")
	n, known := functions[c.function]
	switch {
	case !known && (c.function == "if_not_exists" || c.function == "list_append"):
		p.refuseName(start, "The function is not allowed in a condition expression; function: %s", c.function)
	case !known:
		p.refuseName(start, "Invalid function name; function: %s", c.function)
	case n != len(c.operands):
		p.refuse(operandsStage, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", c.function, len(c.operands))
	default:
		p.checkCall(c)
	}
	return term{call: &c, start: start}
}

func (p *parser) checkCall(c call) {
	if _, isPath := c.operands[0].(path); !isPath && strings.HasPrefix(c.function, "attribute_") && c.function != "attribute_type" {
		p.refuse(operandsStage, "Operator or function requires a document path; operator or function: %s", c.function)
		return
	}
	p.checkDistinct(c.function, c.operands[0], c.operands[1:]...)
	switch c.function {
	case "size":
		p.checkType(c.function, c.operands[0], "S", "B", "SS", "NS", "BS", "L", "M")
	case "begins_with":
		p.checkType(c.function, c.operands[0], "S", "B")
		p.checkType(c.function, c.operands[1], "S", "B")
	case "attribute_type":
		if _, isPath := c.operands[1].(path); isPath {
			p.refuse(operandsStage, "Incorrect operand type for operator or function; operator or function: %s, operand type: "+
				"{NS,INTSET,DECIMAL,B,BOOL,FS,HD,BS,INT,DOUBLESET,L,M,SS,HDS,DOUBLE,S,N,NULL,FLOAT,DECIMALSET,DICT}", c.function)
		}
		p.checkType(c.function, c.operands[1], "S")
		l, _ := c.operands[1].(literal)
		if s, ok := l.v.(*types.AttributeValueMemberS); ok && !slices.Contains(typeNames, s.Value) {
			p.refuse(operandsStage, "Invalid attribute type name found; type: %s, valid types: {%s}", s.Value, strings.Join(typeNames, ","))
		}
	}
}

// typeNames are attribute_type's, in the order in which the message names them.
var typeNames = []string{"N", "BS", "L", "B", "NULL", "M", "S", "SS", "NS", "BOOL"}

// checkType refuses a literal of another type.
func (p *parser) checkType(function string, o operand, allowed ...string) {
	if _, isSize := o.(call); isSize {
		o = literal{&types.AttributeValueMemberN{}}
	}
	if l, ok := o.(literal); ok && l.v != nil && !slices.Contains(allowed, typeName(l.v)) {
		p.refuse(operandsStage, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", function, typeName(l.v))
	}
}

func (p *parser) checkComparison(c comparison) {
	p.checkDistinct(c.operator, c.left, c.right)
	if c.operator != "=" && c.operator != "<>" {
		p.checkType(c.operator, c.left, "S", "N", "B")
		p.checkType(c.operator, c.right, "S", "N", "B")
	}
}

func (p *parser) checkBetween(c between) {
	p.checkDistinct("BETWEEN", c.operand, c.lower, c.upper)
	for _, o := range []operand{c.operand, c.lower, c.upper} {
		p.checkType("BETWEEN", o, "S", "N", "B")
	}
	lower, ok1 := c.lower.(literal)
	upper, ok2 := c.upper.(literal)
	if !ok1 || !ok2 || lower.v == nil || upper.v == nil {
		return
	}
	order, ok := compare(lower.v, upper.v)
	switch {
	case !ok:
		p.refuse(operandsStage, "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s", printValue(lower.v), printValue(upper.v))
	case order > 0:
		p.refuse(operandsStage, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s", printValue(lower.v), printValue(upper.v))
	}
}

// printValue is a string, number or binary as AWS's messages print it: {S:text}.
func printValue(v types.AttributeValue) string {
	text := ""
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		text = v.Value
	case *types.AttributeValueMemberN:
		text = v.Value
	case *types.AttributeValueMemberB:
		text = string(v.Value)
	}
	return "{" + typeName(v) + ":" + text + "}"
}

// checkDistinct refuses a path that is compared with itself.
func (p *parser) checkDistinct(operator string, first operand, rest ...operand) {
	left, ok := first.(path)
	for _, o := range rest {
		if right, isPath := o.(path); ok && isPath && slices.Equal(left, right) {
			p.refuse(operandsStage, "The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s", operator, left)
		}
	}
}
