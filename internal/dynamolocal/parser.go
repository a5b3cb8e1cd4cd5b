package dynamolocal

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// maxExpressionSize is the greatest length of an expression, in bytes.
const maxExpressionSize = 4 << 10

// maxNameSize is the greatest length of an attribute's name, in bytes.
const maxNameSize = 64<<10 - 1

// A parser reads one expression: one of conditionExpression, updateExpression or
// projectionExpression. The first syntax error ends the parse; an expression that is well
// formed but means nothing (a reserved word, an undefined placeholder, an operand of the wrong
// type) is read to its end first, as AWS reads it.
type parser struct {
	text    string
	tokens  []token
	request *placeholders
	syntax  string // what is wrong, "" if nothing is
	meaning string

	stage     stage // at which meaning is found
	of        int   // where: the action of an update, or of namesStage the place in the text
	actions   int   // so far
	isTarget  bool  // whether the path that is read is what is updated or projected
	operators int   // so far
}

// A stage is when in a well-formed expression something is found to mean nothing: the expression goes
// through them one after the other. DynamoDB Local shows them.
type stage int

const (
	parenthesesStage stage = iota // before what is no expression behind them
	namesStage                    // reserved words, and functions that are none or not for this
	sectionsStage                 // of an update
	targetsStage                  // names that are not defined, of what is updated or projected
	overlapsStage
	conflictsStage
	operandsStage // of an update from its last action to its first
)

// parse reads text, the request's parameter of this name, with read.
func parse[T any](parameter, text string, request *placeholders, read func(*parser) T) (T, error) {
	var none T
	if text == "" {
		return none, validation("Invalid %s: The expression can not be empty;", parameter)
	}
	if len(text) > maxExpressionSize {
		return none, validation("Invalid %s: Expression size has exceeded the maximum allowed size; expression size: %d", parameter, len(text))
	}
	p := &parser{text: text, tokens: append([]token{{}}, lex(text)...), request: request}
	result := read(p)
	if p.peek().kind != tokenEOF {
		p.unexpected()
	}
	message := p.meaning
	if p.syntax != "" && (message == "" || p.stage != parenthesesStage) {
		message = p.syntax
	}
	if message != "" {
		return none, validation("Invalid %s: %s", parameter, message)
	}
	return result, nil
}

// tokens[0] is the last token taken, tokens[1] the one to come.

func (p *parser) peek() token { return p.tokens[1] }

func (p *parser) next() token {
	t := p.tokens[1]
	if t.kind != tokenEOF {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the next token if it is this symbol or, in any letter case, this keyword.
func (p *parser) accept(text string) bool {
	t := p.peek()
	if (t.kind == tokenSymbol || t.kind == tokenName) && strings.EqualFold(t.text, text) {
		p.next()
		return true
	}
	return false
}

// expect takes the next token, which must be this symbol or keyword.
func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.unexpected()
	}
}

// unexpected notes that the next token is a syntax error, and skips to the end.
func (p *parser) unexpected() {
	if p.syntax == "" {
		// near is the token and its neighbours
		last, t := p.tokens[0], p.peek()
		from, to := last.start, t.end
		if t.kind != tokenEOF {
			to = p.tokens[2].end
			if last.end == 0 {
				from = t.start
			}
		}
		p.syntax = fmt.Sprintf("Syntax error; token: \"%s\", near: \"%s\"", t.text, p.text[from:to])
	}
	end := p.tokens[len(p.tokens)-1]
	p.tokens = []token{end, end}
}

// refuse notes what in a well-formed expression means nothing, if it is the first that is found.
func (p *parser) refuse(at stage, format string, args ...any) {
	if p.syntax != "" {
		return
	}
	if p.meaning == "" || at < p.stage || at == operandsStage && p.stage == at && p.actions > p.of {
		p.meaning, p.stage, p.of = fmt.Sprintf(format, args...), at, p.actions
	}
}

// refuseName is refuse for a name or a function, the first of which in the text is told.
func (p *parser) refuseName(start int, format string, args ...any) {
	if p.meaning == "" || namesStage < p.stage || namesStage == p.stage && start < p.of {
		p.meaning, p.stage, p.of = fmt.Sprintf(format, args...), namesStage, start
	}
}

// target reads the path of what is updated or projected.
func (p *parser) target() path {
	p.isTarget = true
	path := p.path()
	p.isTarget = false
	return path
}

// keywords are what cannot be a name even where it is not a reserved word.
var keywords = []string{"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"}

func (p *parser) isKeyword(t token) bool {
	return t.kind == tokenName && slices.Contains(keywords, strings.ToUpper(t.text))
}

// path reads a document path.
func (p *parser) path() path {
	path := path{p.name()}
	for p.syntax == "" {
		switch {
		case p.accept("."):
			path = append(path, p.name())
		case p.accept("["):
			if p.peek().kind != tokenNumber {
				p.unexpected()
				break
			}
			t := p.next()
			index, err := strconv.Atoi(t.text)
			if err != nil || index > 1<<30 {
				p.refuseName(t.start, "List index is not within the allowable range; index: [%s]", t.text)
			}
			path = append(path, step{index: index})
			p.expect("]")
		default:
			if len(path) > maxDepth {
				p.refuseName(len(p.text), "The document path has too many nesting levels; nesting levels: %d", len(path))
			}
			return path
		}
	}
	return path
}

// name reads an attribute's name or its placeholder.
func (p *parser) name() step {
	t := p.peek()
	switch {
	case t.kind == tokenHash:
		p.next()
		name, ok := p.request.name(t.text)
		if !ok {
			at := operandsStage
			if p.isTarget {
				at = targetsStage
			}
			p.refuse(at, "An expression attribute name used in the document path is not defined; attribute name: %s", t.text)
		}
		return step{name: name}
	case t.kind == tokenName && !p.isKeyword(t):
		p.next()
		if isReserved(t.text) {
			p.refuseName(t.start, "Attribute name is a reserved keyword; reserved keyword: %s", t.text)
		}
		return step{name: t.text}
	}
	p.unexpected()
	return step{name: t.text}
}

// literal reads the placeholder of a value.
func (p *parser) literal() literal {
	if p.peek().kind != tokenColon {
		p.unexpected()
		return literal{}
	}
	t := p.next()
	v, ok := p.request.value(t.text)
	if !ok {
		p.refuse(operandsStage, "An expression attribute value used in expression is not defined; attribute value: %s", t.text)
	}
	return literal{v}
}

// projection reads a ProjectionExpression.
func (p *parser) projection() projection {
	paths := projection{p.target()}
	for p.accept(",") {
		paths = append(paths, p.target())
	}
	p.checkDisjoint(paths)
	return paths
}

// maxOperators is how many operators and functions an expression may have.
const maxOperators = 300

// operator counts one.
func (p *parser) operator() {
	if p.operators++; p.operators > maxOperators {
		p.refuse(operandsStage, "The expression contains too many operators; operator count: %d", p.operators)
	}
}

// checkDisjoint refuses paths of which one leads into another, or that take one value to be
// both a list and a map.
func (p *parser) checkDisjoint(paths []path) {
	for i, b := range paths {
		for _, a := range paths[:i] {
			n := 0
			for n < len(a) && n < len(b) && a[n] == b[n] {
				n++
			}
			switch {
			case n == len(a) || n == len(b):
				p.refuse(overlapsStage, "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", a, b)
			case (a[n].name == "") != (b[n].name == ""):
				p.refuse(conflictsStage, "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: %s, path two: %s", a, b)
			}
		}
	}
}

// placeholders are a request's ExpressionAttributeNames and ExpressionAttributeValues, and
// which of them its expressions have used.
type placeholders struct {
	names  map[string]string
	values item
	unused map[string]bool
}

// checkUse refuses names and values that no expression of the request can use. expressions is whether
// it has any that can use the names; missing names those that could have used the values, if there is
// none.
func checkUse(names map[string]string, values item, expressions bool, missing string) error {
	switch {
	case names != nil && !expressions:
		return validation("ExpressionAttributeNames can only be specified when using expressions")
	case values != nil && missing != "":
		return validation("ExpressionAttributeValues can only be specified when using expressions: %s", missing)
	}
	return nil
}

// newPlaceholders checks the placeholders of a request: all names, then the keys of all values, then
// the values.
func newPlaceholders(names map[string]string, values item) (*placeholders, error) {
	ph := &placeholders{names: names, unused: make(map[string]bool, len(names)+len(values))}
	if names != nil && len(names) == 0 {
		return nil, validation("ExpressionAttributeNames must not be empty")
	}
	for _, name := range sortedNames(names) {
		attribute := names[name]
		if err := checkPlaceholder("ExpressionAttributeNames", name, '#'); err != nil {
			return nil, err
		}
		switch {
		case attribute == "":
			return nil, validation("ExpressionAttributeNames contains invalid value: Empty attribute name for key %s", name)
		case len(attribute) > maxNameSize:
			return nil, validation("ExpressionAttributeNames contains invalid value: Attribute name is too large, must be less than %d bytes for key %s", maxNameSize+1, name)
		}
		ph.unused[name] = true
	}
	if values != nil && len(values) == 0 {
		return nil, validation("ExpressionAttributeValues must not be empty")
	}
	keys := sortedNames(values)
	for _, name := range keys {
		if err := checkPlaceholder("ExpressionAttributeValues", name, ':'); err != nil {
			return nil, err
		}
	}
	ph.values = make(item, len(values))
	for _, name := range keys {
		n, err := normalize(values[name], 0)
		if err != nil {
			var api smithy.APIError
			errors.As(err, &api)
			return nil, validation("ExpressionAttributeValues contains invalid value: %s for key %s", api.ErrorMessage(), name)
		}
		ph.values[name] = n
		ph.unused[name] = true
	}
	return ph, nil
}

func checkPlaceholder(parameter, key string, sigil byte) error {
	switch {
	case len(key) < 2 || key[0] != sigil || wordEnd(key, 1) != len(key):
		return validation("%s contains invalid key: Syntax error; key: \"%s\"", parameter, key)
	case len(key) > 255:
		return validation("%s contains invalid key: The expression attribute map contains a key that is too long; size of key: %d", parameter, len(key))
	}
	return nil
}

func (ph *placeholders) name(placeholder string) (string, bool) {
	name, ok := ph.names[placeholder]
	delete(ph.unused, placeholder)
	return name, ok
}

func (ph *placeholders) value(placeholder string) (types.AttributeValue, bool) {
	v, ok := ph.values[placeholder]
	delete(ph.unused, placeholder)
	return v, ok
}

// allUsed refuses a placeholder that none of the request's expressions has used.
func (ph *placeholders) allUsed() error {
	for _, kind := range []struct{ sigil, parameter string }{
		{"#", "ExpressionAttributeNames"},
		{":", "ExpressionAttributeValues"},
	} {
		var unused []string
		for placeholder := range ph.unused {
			if strings.HasPrefix(placeholder, kind.sigil) {
				unused = append(unused, placeholder)
			}
		}
		if unused != nil {
			slices.Sort(unused)
			return validation("Value provided in %s unused in expressions: keys: {%s}", kind.parameter, strings.Join(unused, ", "))
		}
	}
	return nil
}

func (ph *placeholders) condition(parameter string, text *string) (condition, error) {
	if text == nil {
		return nil, nil
	}
	return parse(parameter, *text, ph, (*parser).condition)
}

func (ph *placeholders) projection(text *string) (projection, error) {
	if text == nil {
		return nil, nil
	}
	return parse("ProjectionExpression", *text, ph, (*parser).projection)
}
