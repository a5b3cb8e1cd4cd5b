package dynamolocal

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// An update is an UpdateExpression.
//
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
type update []action

// An action is one of the comma-separated parts of an update.
type action struct {
	section string // SET, REMOVE, ADD or DELETE
	path    path
	value   setValue // a literal for ADD and DELETE
	legacy  bool     // of AttributeUpdates
}

// A setValue is what SET puts: an operand, a call of if_not_exists or list_append, or a sum or
// difference of two. Path, literal and operator exclude each other.
type setValue struct {
	path     path
	literal  types.AttributeValue
	operator string // if_not_exists, list_append, + or -
	operands []setValue

	parenthesized bool
}

// onlyTakesAway is whether the update puts nothing into an item: it makes none where there is none. DynamoDB Local
// makes one, AWS has nothing happen, as for the action DELETE of AttributeUpdates:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (u update) onlyTakesAway() bool {
	return len(u) > 0 && !slices.ContainsFunc(u, func(a action) bool { return a.section == "SET" || a.section == "ADD" })
}

// update reads a whole UpdateExpression.
func (p *parser) update() update {
	var u update
	seen := map[string]bool{}
	for p.peek().kind != tokenEOF {
		section := strings.ToUpper(p.peek().text)
		if p.peek().kind != tokenName || !slices.Contains([]string{"SET", "REMOVE", "ADD", "DELETE"}, section) {
			p.unexpected()
			return nil
		}
		p.next()
		if seen[section] {
			p.refuse(sectionsStage, "The \"%s\" section can only be used once in an update expression;", section)
		}
		seen[section] = true
		u = append(u, p.action(section))
		for p.accept(",") {
			u = append(u, p.action(section))
		}
	}
	if u == nil {
		p.unexpected()
	}
	p.checkDisjoint(u.paths())
	return u
}

func (p *parser) action(section string) action {
	p.actions++
	a := action{section: section, path: p.target()}
	switch section {
	case "SET":
		p.expect("=")
		a.value = p.setValue()
	case "ADD", "DELETE":
		a.value.literal = p.literal().v
		p.checkAction(a)
	}
	return a
}

// checkAction refuses an operand that ADD or DELETE cannot take.
func (p *parser) checkAction(a action) {
	if a.value.literal == nil {
		return
	}
	kind := typeName(a.value.literal)
	if set, _ := setOf(a.value.literal); set == "" && (kind != "N" || a.section == "DELETE") {
		p.refuse(operandsStage, "Incorrect operand type for operator or function; operator: %s, operand type: %s, typeSet: ALLOWED_FOR_%s_OPERAND", a.section, longTypeNames[kind], a.section)
	}
}

// longTypeNames are how some messages name the types that are not sets.
var longTypeNames = map[string]string{
	"S": "STRING", "N": "NUMBER", "B": "BINARY", "L": "LIST", "M": "MAP", "BOOL": "BOOLEAN", "NULL": "NULL",
}

func (p *parser) setValue() setValue {
	left := p.setOperand(p.setValue)
	t := p.peek()
	if left.isArithmetic() || !p.accept("+") && !p.accept("-") {
		return left
	}
	v := setValue{operator: t.text, operands: []setValue{left, p.operand()}}
	p.checkSetOperands(v, "N")
	return v
}

// kind is the type that the value has whatever the item is, empty if that depends on the item.
func (v setValue) kind() string {
	switch {
	case v.literal != nil:
		return typeName(v.literal)
	case v.isArithmetic():
		return "N"
	case v.operator == "list_append":
		return "L"
	}
	return ""
}

func (v setValue) isArithmetic() bool { return v.operator == "+" || v.operator == "-" }

// operand reads an operand that is not a sum.
func (p *parser) operand() setValue { return p.setOperand(p.operand) }

// setOperand reads an operand, or in parentheses what inner reads.
func (p *parser) setOperand(inner func() setValue) setValue {
	t := p.peek()
	switch {
	case p.accept("("):
		v := inner()
		p.expect(")")
		if v.parenthesized {
			p.refuse(parenthesesStage, "The expression has redundant parentheses;")
		}
		v.parenthesized = true
		return v
	case t.kind == tokenColon:
		return setValue{literal: p.literal().v}
	case t.kind != tokenName || p.tokens[2].text != "(":
		return setValue{path: p.path()}
	}
	p.next()
	p.expect("(")
	v := setValue{operator: t.text, operands: []setValue{p.operand()}}
	for p.accept(",") {
		v.operands = append(v.operands, p.operand())
	}
	p.expect(")")
	_, conditional := functions[t.text]
	switch {
	case conditional:
		p.refuseName(t.start, "The function is not allowed in an update expression; function: %s", t.text)
	case t.text != "if_not_exists" && t.text != "list_append":
		p.refuseName(t.start, "Invalid function name; function: %s", t.text)
	case len(v.operands) != 2:
		p.refuse(operandsStage, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", t.text, len(v.operands))
	case t.text == "if_not_exists" && v.operands[0].path == nil:
		p.refuse(operandsStage, "Operator or function requires a document path; operator or function: %s", t.text)
	case t.text == "list_append":
		p.checkSetOperands(v, "L")
	}
	return v
}

// checkSetOperands refuses a literal of another type.
func (p *parser) checkSetOperands(v setValue, allowed string) {
	for _, o := range v.operands {
		p.checkType(v.operator, literal{o.literal}, allowed)
	}
}

func (ph *placeholders) update(text *string) (update, error) {
	if text == nil {
		return nil, nil
	}
	return parse("UpdateExpression", *text, ph, (*parser).update)
}

func (u update) paths() []path {
	paths := make([]path, len(u))
	for i, a := range u {
		paths[i] = a.path
	}
	return paths
}

// allPaths are those of the actions and of their operands.
func (u update) allPaths() []path {
	var paths []path
	for _, a := range u {
		paths = a.value.appendPaths(append(paths, a.path))
	}
	return paths
}

func (v setValue) appendPaths(paths []path) []path {
	if v.path != nil {
		paths = append(paths, v.path)
	}
	for _, o := range v.operands {
		paths = o.appendPaths(paths)
	}
	return paths
}

var (
	errIncorrectType = validation("An operand in the update expression has an incorrect data type")
	errNoAttribute   = validation("The provided expression refers to an attribute that does not exist in the item")
	errInvalidPath   = validation("The document path provided in the update expression is invalid for update")
)

// apply is old as the update leaves it. Every value is computed from old; old stays as it is.
func (u update) apply(old item) (item, error) {
	type assignment struct {
		path  path
		value types.AttributeValue // nil to remove
	}
	var sets, removes []assignment
	for _, a := range u {
		v, err := a.result(old)
		if err != nil {
			return nil, err
		}
		if v != nil {
			sets = append(sets, assignment{a.path, v})
			continue
		}
		isThere, err := a.path.isRemovable(old)
		if err != nil {
			return nil, err
		}
		if isThere {
			removes = append(removes, assignment{path: a.path})
		}
	}
	// What is set beyond a list's end is appended in the order of the indexes; what is removed
	// is counted from the front of the list as it was, so the last goes first.
	order := func(a, b assignment) int { return slices.CompareFunc(a.path, b.path, compareSteps) }
	slices.SortStableFunc(sets, order)
	slices.SortStableFunc(removes, order)
	slices.Reverse(removes)

	it := &types.AttributeValueMemberM{Value: cloneItem(old)}
	for _, a := range append(sets, removes...) {
		if err := assign(it, a.path, a.value); err != nil {
			return nil, err
		}
	}
	return it.Value, nil
}

// isRemovable tells whether the path leads to something in old, and not to what the same update sets beyond a list's end.
func (p path) isRemovable(old item) (bool, error) {
	if len(p) == 1 {
		return old[p[0].name] != nil, nil
	}
	s := p[len(p)-1]
	parent := p[:len(p)-1].value(old)
	switch parent.(type) {
	case *types.AttributeValueMemberM:
		if s.name != "" {
			return s.of(parent) != nil, nil
		}
	case *types.AttributeValueMemberL:
		if s.name == "" {
			return s.of(parent) != nil, nil
		}
	}
	return false, errInvalidPath
}

func compareSteps(a, b step) int {
	if c := strings.Compare(a.name, b.name); c != 0 {
		return c
	}
	return a.index - b.index
}

// result is what the action leaves at its path, nil if nothing.
func (a action) result(old item) (types.AttributeValue, error) {
	switch a.section {
	case "SET":
		v, err := a.value.of(old)
		if err == nil && v == nil {
			return nil, errNoAttribute
		}
		return v, err
	case "REMOVE":
		return nil, nil
	}
	current, operand := a.path.value(old), a.value.literal
	kind, elements := setOf(operand)
	currentKind, currentElements := setOf(current)
	switch {
	case current != nil && typeName(current) != typeName(operand) && a.legacy:
		return nil, validation("Type mismatch for attribute to update")
	case current != nil && typeName(current) != typeName(operand):
		return nil, errIncorrectType
	case a.section == "DELETE":
		if rest := difference(currentElements, elements); len(rest) > 0 {
			return newSet(currentKind, rest), nil
		}
		return nil, nil
	case current == nil:
		return operand, nil
	case kind != "":
		return newSet(kind, union(currentElements, elements)), nil
	case typeName(operand) == "L": // of the legacy AttributeUpdates
		return appendLists(current, operand)
	}
	return arithmetic("+", current, operand)
}

// of is the value in old; nil where it is that of an attribute that old does not have.
func (v setValue) of(old item) (types.AttributeValue, error) {
	switch {
	case v.literal != nil:
		return v.literal, nil
	case v.path != nil:
		return v.path.value(old), nil
	case v.operator == "if_not_exists":
		if current := v.operands[0].path.value(old); current != nil {
			return current, nil
		}
		return v.operands[1].of(old)
	}
	left, err := v.operands[0].of(old)
	if err != nil {
		return nil, err
	}
	right, err := v.operands[1].of(old)
	switch {
	case err != nil:
		return nil, err
	case left == nil || right == nil:
		return nil, errNoAttribute
	case v.operator == "list_append":
		return appendLists(left, right)
	}
	return arithmetic(v.operator, left, right)
}

func appendLists(left, right types.AttributeValue) (types.AttributeValue, error) {
	l, ok1 := left.(*types.AttributeValueMemberL)
	r, ok2 := right.(*types.AttributeValueMemberL)
	if !ok1 || !ok2 {
		return nil, errIncorrectType
	}
	return &types.AttributeValueMemberL{Value: slices.Concat(l.Value, r.Value)}, nil
}

func arithmetic(operator string, left, right types.AttributeValue) (types.AttributeValue, error) {
	l, ok1 := left.(*types.AttributeValueMemberN)
	r, ok2 := right.(*types.AttributeValueMemberN)
	if !ok1 || !ok2 {
		return nil, errIncorrectType
	}
	n, _ := scanNumber(l.Value)
	m, _ := scanNumber(r.Value)
	if operator == "-" {
		m = m.negate()
	}
	sum, err := n.add(m)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: sum.String()}, nil
}

// assign puts v, or nothing where it is nil, at the end of the path below parent, which it
// changes. A list takes an index beyond its end for its end.
func assign(parent types.AttributeValue, p path, v types.AttributeValue) error {
	s := p[0]
	if len(p) > 1 {
		return assign(s.of(parent), p[1:], v)
	}
	switch parent := parent.(type) {
	case *types.AttributeValueMemberM:
		if s.name == "" {
			return errInvalidPath
		}
		if v == nil {
			delete(parent.Value, s.name)
		} else {
			parent.Value[s.name] = clone(v)
		}
	case *types.AttributeValueMemberL:
		if s.name != "" {
			return errInvalidPath
		}
		parent.Value = assignIndex(parent.Value, s.index, v)
	default:
		return errInvalidPath
	}
	return nil
}

func assignIndex(list []types.AttributeValue, i int, v types.AttributeValue) []types.AttributeValue {
	switch {
	case v == nil && i < len(list):
		return slices.Delete(list, i, i+1)
	case v == nil:
		return list
	case i < len(list):
		list[i] = clone(v)
		return list
	}
	return append(list, clone(v))
}

// changed is what ReturnValues UPDATED_OLD and UPDATED_NEW give of it: what is at the end of the
// update's paths, as a projection has it. So a list's index stands for what the item has there,
// whatever was written: nothing for one beyond the end, and for one that was removed, the
// element that has closed up.
func (u update) changed(it item) item {
	return projection(u.paths()).of(it)
}
