package gql

import (
	"fmt"
	"iter"
	"math"
	"reflect"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"github.com/ownql/ownql/model"
)

// Limits bound what a document may ask for; they are flags of `serve`. All but MaxCost and MaxAnswerBytes are looked at
// before the document is validated, which takes time that is quadratic in its fields.
type Limits struct {
	MaxTokens     int `env:"OWNQL_MAX_TOKENS" default:"1000" placeholder:"N" help:"Lexical tokens that a document may have (${env}, default ${default})."`
	MaxAliases    int `env:"OWNQL_MAX_ALIASES" default:"30" placeholder:"N" help:"Aliased fields, once its fragments are spread (${env}, default ${default})."`
	MaxDirectives int `env:"OWNQL_MAX_DIRECTIVES" default:"50" placeholder:"N" help:"Directives (${env}, default ${default})."`
	MaxDepth      int `env:"OWNQL_MAX_DEPTH" default:"20" placeholder:"N" help:"Levels of fields in fields (${env}, default ${default})."`
	MaxFields     int `env:"OWNQL_MAX_FIELDS" default:"500" placeholder:"N" help:"Fields, once its fragments are spread (${env}, default ${default})."`
	MaxCost       int `env:"OWNQL_MAX_COST" default:"50000" placeholder:"N" help:"Fields that the answer may have, with lists as long as 'first' allows (${env}, default ${default})."`

	MaxAnswerBytes int `env:"OWNQL_MAX_ANSWER_BYTES" default:"8388608" placeholder:"BYTES" help:"Bytes of data that an answer may have (${env}, default ${default}; on AWS Lambda at most what that takes)."`
}

// DefaultLimits leave room for what applications send, GraphiQL's introspection
// included: some 250 tokens, a depth of 13, 330 fields.
var DefaultLimits = defaultLimits()

// defaultLimits returns the defaults of the flags.
func defaultLimits() (limits Limits) {
	value := reflect.ValueOf(&limits).Elem()
	for i := range value.NumField() {
		n, err := strconv.Atoi(value.Type().Field(i).Tag.Get("default"))
		if err != nil {
			panic(err) // a tag above is wrong
		}
		value.Field(i).SetInt(int64(n))
	}
	return limits
}

// Check returns which of the limits is none, as a flag.
func (l Limits) Check() error {
	for flag, value := range map[string]int{
		"--max-tokens": l.MaxTokens, "--max-aliases": l.MaxAliases, "--max-directives": l.MaxDirectives,
		"--max-depth": l.MaxDepth, "--max-fields": l.MaxFields, "--max-cost": l.MaxCost, "--max-answer-bytes": l.MaxAnswerBytes,
	} {
		if value < 1 {
			return fmt.Errorf("%s %d: want at least 1", flag, value)
		}
	}
	return nil
}

// Unlimited are for documents that the operator brings.
var Unlimited = Limits{math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32, math.MaxInt32}

// TooComplex refuses a document that asks for too much of what, such as `fields`: count, which
// is 0 where nobody counted to the end, of at most so many.
func TooComplex(what string, count, most int) error {
	message := fmt.Sprintf("the document is too complex: more than %d %s", most, what)
	if count > most {
		message = fmt.Sprintf("the document is too complex: %d %s, and at most %d are allowed", count, what, most)
	}
	return &model.Error{Code: model.CodeTooComplex, Message: message}
}

// size is how much a selection set asks for, the fragments that it spreads included.
type size struct{ aliases, directives, depth, fields int }

// plus adds what stands beside it.
func (s size) plus(other size) size {
	return size{
		aliases:    addCapped(s.aliases, other.aliases),
		directives: addCapped(s.directives, other.directives),
		depth:      max(s.depth, other.depth),
		fields:     addCapped(s.fields, other.fields),
	}
}

// addCapped adds without overflowing: fragments that spread each other multiply.
func addCapped(a, b int) int { return capped(a + b) }

func capped(n int) int { return min(n, math.MaxInt32) }

// check returns [TooComplex] where a document, not yet validated, is over a limit.
func (l Limits) check(document *ast.QueryDocument) error {
	m := measure{document: document, fragments: map[string]size{}}
	var total size
	for _, operation := range document.Operations {
		directives := len(operation.Directives)
		for _, variable := range operation.VariableDefinitions {
			directives += len(variable.Directives)
		}
		total = total.plus(size{directives: directives}).plus(m.selections(operation.SelectionSet))
	}
	// A fragment that no operation spreads is validated all the same.
	for _, fragment := range document.Fragments {
		if _, ok := m.fragments[fragment.Name]; !ok {
			total = total.plus(m.fragment(fragment.Name))
		}
	}
	for _, bound := range []struct {
		what       string
		count, max int
	}{
		{"fields", total.fields, l.MaxFields},
		{"aliases", total.aliases, l.MaxAliases},
		{"directives", total.directives, l.MaxDirectives},
		{"levels of depth", total.depth, l.MaxDepth},
	} {
		if bound.count > bound.max {
			return TooComplex(bound.what, bound.count, bound.max)
		}
	}
	return nil
}

// measure sizes a document. It visits each fragment once.
type measure struct {
	document  *ast.QueryDocument
	fragments map[string]size // zero while it is being visited: a cycle adds nothing
}

func (m measure) selections(selections ast.SelectionSet) (total size) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			inner := m.selections(selection.SelectionSet)
			field := size{directives: len(selection.Directives), fields: 1}
			if selection.Alias != selection.Name {
				field.aliases = 1
			}
			field = field.plus(inner)
			field.depth = inner.depth + 1
			total = total.plus(field)
		case *ast.InlineFragment:
			total = total.plus(size{directives: len(selection.Directives)}).plus(m.selections(selection.SelectionSet))
		case *ast.FragmentSpread:
			total = total.plus(size{directives: len(selection.Directives)}).plus(m.fragment(selection.Name))
		}
	}
	return total
}

func (m measure) fragment(name string) size {
	if known, ok := m.fragments[name]; ok {
		return known
	}
	m.fragments[name] = size{}
	fragment := m.document.Fragments.ForName(name)
	if fragment == nil {
		return size{}
	}
	found := size{directives: len(fragment.Directives)}.plus(m.selections(fragment.SelectionSet))
	m.fragments[name] = found
	return found
}

// checkCost returns [TooComplex] where the answer to an operation, which is valid,
// may have too many fields.
func (l Limits) checkCost(operation *graphql.OperationContext) error {
	if found := costOf(operation); found > l.MaxCost {
		return TooComplex("fields in the answer", found, l.MaxCost)
	}
	return nil
}

// costOf returns how many fields the answer to an operation, which is valid, may have.
func costOf(operation *graphql.OperationContext) int {
	if known, ok := operation.Stats.GetExtension(costExtension).(int); ok {
		return known
	}
	found := newCost(operation).selections(operation.Operation.SelectionSet)
	operation.Stats.SetExtension(costExtension, found)
	return found
}

// costExtension is where an operation has its cost, once it has been asked for.
const costExtension = "ownql.cost"

func newCost(operation *graphql.OperationContext) cost {
	return cost{operation.Variables, map[string]int{}}
}

// cost counts the fields of an answer. It visits each fragment once.
type cost struct {
	variables map[string]any
	fragments map[string]int
}

func (c cost) selections(selections ast.SelectionSet) (total int) {
	for _, selection := range selections {
		switch selection := selection.(type) {
		case *ast.Field:
			inner := c.selections(selection.SelectionSet)
			total = addCapped(total, addCapped(1, capped(inner*c.length(selection))))
		case *ast.InlineFragment:
			total = addCapped(total, c.selections(selection.SelectionSet))
		case *ast.FragmentSpread:
			total = addCapped(total, c.fragment(selection))
		}
	}
	return total
}

func (c cost) fragment(spread *ast.FragmentSpread) int {
	known, ok := c.fragments[spread.Name]
	if !ok {
		known = c.selections(spread.Definition.SelectionSet)
		c.fragments[spread.Name] = known
	}
	return known
}

// length returns how many objects a field gives at most: as many as its first, last or
// ids say, and of a mutation of several objects as many as its input has.
func (c cost) length(field *ast.Field) int {
	const pageSize = 20 // of a list that is asked for neither
	if field.Definition == nil {
		return 1
	}
	if !hasLength(field.Definition) {
		return c.inputLength(field)
	}
	arguments := field.ArgumentMap(c.variables)
	for _, name := range []string{"first", "last"} {
		if length, ok := asInt(arguments[name]); ok {
			return min(max(length, 1), math.MaxInt16)
		}
	}
	if ids, ok := arguments["ids"].([]any); ok {
		return max(len(ids), 1)
	}
	return pageSize
}

// inputLength returns how long the lists are that a payload has, if they answer one of the input: it is
// named as they are, or `ids`. Otherwise it is 1.
func (c cost) inputLength(field *ast.Field) int {
	if field.Definition.Arguments.ForName("input") == nil {
		return 1
	}
	input, _ := field.ArgumentMap(c.variables)["input"].(map[string]any)
	longest := 1
	for name := range listsOf(field.SelectionSet) {
		for _, given := range []string{name, "ids"} {
			list, _ := input[given].([]any)
			longest = max(longest, len(list))
		}
	}
	return longest
}

// listsOf goes through the names of the lists that are selected of an object.
func listsOf(selections ast.SelectionSet) iter.Seq[string] {
	return func(yield func(string) bool) {
		for _, selection := range selections {
			within := ast.SelectionSet(nil)
			switch selection := selection.(type) {
			case *ast.Field:
				if selection.Definition != nil && selection.Definition.Type.Elem != nil && !yield(selection.Name) {
					return
				}
			case *ast.InlineFragment:
				within = selection.SelectionSet
			case *ast.FragmentSpread:
				within = selection.Definition.SelectionSet
			}
			for name := range listsOf(within) {
				if !yield(name) {
					return
				}
			}
		}
	}
}

// hasLength tells whether a field's arguments say how many objects it gives.
func hasLength(field *ast.FieldDefinition) bool {
	return field.Arguments.ForName("first") != nil || field.Arguments.ForName("ids") != nil
}

func asInt(value any) (int, bool) {
	switch value := value.(type) {
	case int64:
		return int(value), true
	case int:
		return value, true
	case interface{ Int64() (int64, error) }: // json.Number
		number, err := value.Int64()
		return int(number), err == nil
	}
	return 0, false
}
