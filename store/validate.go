package store

import (
	"fmt"
	"reflect"
	"regexp"
	"unicode/utf8"

	"github.com/guregu/dynamo/v2"
)

// check returns the first of what @validate finds wrong with the item, or nil.
func (m *model[T, P]) check(item *T) error {
	if m.validate == nil {
		return nil
	}
	for _, problem := range m.validate(item) {
		if problem != nil {
			return problem
		}
	}
	return nil
}

// checkChange is check of the fields that differ: what an item had before there was a rule
// stands in no other field's way.
func (m *model[T, P]) checkChange(before, after *T) error {
	if m.validate == nil {
		return nil
	}
	for _, problem := range m.validate(after) {
		if problem == nil {
			continue
		}
		differs, err := differsIn(problem.Field, before, after)
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

// minLength wants at least n characters.
func minLength[V text](field string, value V, n int) *InputError {
	return refuseText(field, value, func(s string) bool { return utf8.RuneCountInString(s) >= n },
		fmt.Sprintf("must have at least %s", characters(n)))
}

// maxLength wants at most n characters.
func maxLength[V text](field string, value V, n int) *InputError {
	return refuseText(field, value, func(s string) bool { return utf8.RuneCountInString(s) <= n },
		fmt.Sprintf("must have at most %s", characters(n)))
}

// matches wants text in which pattern matches.
func matches[V text](field string, value V, pattern *regexp.Regexp) *InputError {
	return refuseText(field, value, pattern.MatchString, "must match "+pattern.String())
}

// gt wants more than limit.
func gt[V number](field string, value V, limit float64) *InputError {
	return refuseNumber(field, value, func(n float64) bool { return n > limit }, "more than", limit)
}

// gte wants limit or more.
func gte[V number](field string, value V, limit float64) *InputError {
	return refuseNumber(field, value, func(n float64) bool { return n >= limit }, "at least", limit)
}

// lt wants less than limit.
func lt[V number](field string, value V, limit float64) *InputError {
	return refuseNumber(field, value, func(n float64) bool { return n < limit }, "less than", limit)
}

// lte wants limit or less.
func lte[V number](field string, value V, limit float64) *InputError {
	return refuseNumber(field, value, func(n float64) bool { return n <= limit }, "at most", limit)
}

func refuseText[V text](field string, value V, isGood func(string) bool, rule string) *InputError {
	given, ok := any(value).(string)
	if pointer, _ := any(value).(*string); pointer != nil {
		given, ok = *pointer, true
	}
	if !ok || isGood(given) {
		return nil
	}
	return &InputError{field, field + " " + rule}
}

func refuseNumber[V number](field string, value V, isGood func(float64) bool, rule string, limit float64) *InputError {
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
	return &InputError{field, fmt.Sprintf("%s must be %s %v", field, rule, limit)}
}

func characters(n int) string {
	if n == 1 {
		return "1 character"
	}
	return fmt.Sprintf("%d characters", n)
}
