package gql

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// specifiedRules returns the specification's rules but the one about literals, which is of
// [literals]. Without suggestions, errors do not tell the schema's names.
func specifiedRules(suggestions bool) []core.Rule {
	all := rules.NewDefaultRules()
	all.RemoveRule(rules.ValuesOfCorrectTypeRule.Name)
	if !suggestions {
		for _, talkative := range []core.Rule{
			rules.FieldsOnCorrectTypeRule, rules.KnownArgumentNamesRule, rules.KnownTypeNamesRule, rules.ScalarLeafsRule,
		} {
			all.RemoveRule(talkative.Name)
		}
		for _, reticent := range []core.Rule{
			rules.FieldsOnCorrectTypeRuleWithoutSuggestions, rules.KnownArgumentNamesRuleWithoutSuggestions,
			rules.KnownTypeNamesRuleWithoutSuggestions, rules.ScalarLeafsRuleWithoutSuggestions,
		} {
			all.AddRule(reticent.Name, reticent.RuleFunc)
		}
	}
	var list []core.Rule
	for name, rule := range all.GetInner() {
		list = append(list, core.Rule{Name: name, RuleFunc: rule})
	}
	slices.SortFunc(list, func(a, b core.Rule) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// enoughErrors ends a walk over a document by a panic, as gqlparser has no other way.
type enoughErrors struct{}

// validate checks a document by the rules and its literals by their types, until there are more
// errors than an answer may have. It returns, of a valid one, where variables that may be null
// stand for what may not.
func validate(schema *ast.Schema, document *ast.QueryDocument, specified []core.Rule) (usages map[*ast.OperationDefinition][]nullableUsage, invalid gqlerror.List) {
	var errs errorList
	add := func(err *gqlerror.Error) {
		if err.Extensions["code"] == nil {
			errcode.Set(err, errcode.ValidationFailed)
		}
		if errs.add(err); errs.isFull() {
			panic(enoughErrors{})
		}
	}
	usages = map[*ast.OperationDefinition][]nullableUsage{}
	defer func() {
		if stopped := recover(); stopped != nil && stopped != any(enoughErrors{}) {
			panic(stopped)
		}
		invalid = limitErrors(errs.list)
	}()
	events := new(core.Events)
	for _, rule := range specified {
		rule.RuleFunc(events, func(options ...core.ErrorOption) {
			err := &gqlerror.Error{Rule: rule.Name}
			for _, option := range options {
				option(err)
			}
			add(err)
		})
	}
	(&literals{schema: schema, refuse: add, checked: map[any]bool{}, usages: usages}).observe(events)
	core.Walk(schema, document, events)
	return usages, nil
}
