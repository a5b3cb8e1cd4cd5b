package model

import (
	"fmt"
	"reflect"
	"regexp"
	"unicode/utf8"

	"github.com/guregu/dynamo/v2"
)

// check returns the first of what @validate finds wrong with the item, or nil.
func (m *core) check(item anyItem) error {
	if m.definition.Validate == nil {
		return nil
	}
	for _, problem := range m.definition.Validate(item) {
		if problem != nil {
			return problem
		}
	}
	return nil
}

// checkChange is check of the fields that differ: what an item had before there was a rule
// stands in no other field's way.
func (m *core) checkChange(before, after anyItem) error {
	if m.definition.Validate == nil {
		return nil
	}
	for _, problem := range m.definition.Validate(after) {
		if problem == nil {
			continue
		}
		differs, err := differsIn(AttributeOf(problem.Field), before, after)
		if err != nil {
			return m.writeError("update", err)
		}
		if differs {
			return problem
		}
	}
	return nil
}

// differsIn tells whether two items differ in an attribute.
func differsIn(attribute string, a, b any) (bool, error) {
	first, err := dynamo.MarshalItem(a)
	if err != nil {
		return false, err
	}
	second, err := dynamo.MarshalItem(b)
	return !reflect.DeepEqual(first[attribute], second[attribute]), err
}

// A value is a field's, or where it may be null, a pointer to it: null is good.
type (
	text   interface{ string | *string }
	number interface {
		int | float64 | *int | *float64
	}
)

// MinLength wants at least n characters.
func MinLength[V text](field string, value V, n int) *Error {
	return refuseText(field, value, func(s string) bool { return utf8.RuneCountInString(s) >= n },
		fmt.Sprintf("must have at least %s", characters(n)), Limit{Rule: "minLength", Number: float64(n)})
}

// MaxLength wants at most n characters.
func MaxLength[V text](field string, value V, n int) *Error {
	return refuseText(field, value, func(s string) bool { return utf8.RuneCountInString(s) <= n },
		fmt.Sprintf("must have at most %s", characters(n)), Limit{Rule: "maxLength", Number: float64(n)})
}

// Matches wants text in which pattern matches.
func Matches[V text](field string, value V, pattern *regexp.Regexp) *Error {
	return refuseText(field, value, pattern.MatchString, "must match "+pattern.String(), Limit{Rule: "matches", Pattern: pattern})
}

// Gt wants more than limit.
func Gt[V number](field string, value V, limit float64) *Error {
	return refuseNumber(field, value, func(n float64) bool { return n > limit }, "more than", "gt", limit)
}

// Gte wants limit or more.
func Gte[V number](field string, value V, limit float64) *Error {
	return refuseNumber(field, value, func(n float64) bool { return n >= limit }, "at least", "gte", limit)
}

// Lt wants less than limit.
func Lt[V number](field string, value V, limit float64) *Error {
	return refuseNumber(field, value, func(n float64) bool { return n < limit }, "less than", "lt", limit)
}

// Lte wants limit or less.
func Lte[V number](field string, value V, limit float64) *Error {
	return refuseNumber(field, value, func(n float64) bool { return n <= limit }, "at most", "lte", limit)
}

// What is exact is a Decimal or, where it may be null, a pointer to one: null is good.
type exact interface{ Decimal | *Decimal }

// GtDecimal wants more than limit.
func GtDecimal[V exact](field string, value V, limit Decimal) *Error {
	return refuseDecimal(field, value, func(order int) bool { return order > 0 }, "more than", "gt", limit)
}

// GteDecimal wants limit or more.
func GteDecimal[V exact](field string, value V, limit Decimal) *Error {
	return refuseDecimal(field, value, func(order int) bool { return order >= 0 }, "at least", "gte", limit)
}

// LtDecimal wants less than limit.
func LtDecimal[V exact](field string, value V, limit Decimal) *Error {
	return refuseDecimal(field, value, func(order int) bool { return order < 0 }, "less than", "lt", limit)
}

// LteDecimal wants limit or less.
func LteDecimal[V exact](field string, value V, limit Decimal) *Error {
	return refuseDecimal(field, value, func(order int) bool { return order <= 0 }, "at most", "lte", limit)
}

func refuseDecimal[V exact](field string, value V, isGood func(order int) bool, words, rule string, limit Decimal) *Error {
	given, ok := any(value).(Decimal)
	if pointer, _ := any(value).(*Decimal); pointer != nil {
		given, ok = *pointer, true
	}
	if !ok || isGood(given.Cmp(limit)) {
		return nil
	}
	number, _ := limit.Rat().Float64()
	return Limit{Rule: rule, Number: number}.refuse(field, fmt.Sprintf("must be %s %v", words, limit))
}

func refuseText[V text](field string, value V, isGood func(string) bool, words string, limit Limit) *Error {
	given, ok := any(value).(string)
	if pointer, _ := any(value).(*string); pointer != nil {
		given, ok = *pointer, true
	}
	if !ok || isGood(given) {
		return nil
	}
	return limit.refuse(field, words)
}

func refuseNumber[V number](field string, value V, isGood func(float64) bool, words, rule string, limit float64) *Error {
	var given float64
	switch value := any(value).(type) {
	case int:
		given = float64(value)
	case float64:
		given = value
	case *int:
		if value == nil {
			return nil
		}
		given = float64(*value)
	case *float64:
		if value == nil {
			return nil
		}
		given = *value
	}
	if isGood(given) {
		return nil
	}
	return Limit{Rule: rule, Number: limit}.refuse(field, fmt.Sprintf("must be %s %v", words, limit))
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}
