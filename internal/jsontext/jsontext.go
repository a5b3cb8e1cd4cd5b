// Package jsontext makes of values the JSON that is kept of them.
package jsontext

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// What a value may be.
const (
	maxSize   = 100 << 10 // bytes
	maxLevels = 64
)

// The reasons why a value cannot be kept.
var (
	ErrForm   = errors.New("it is no JSON")
	ErrSize   = errors.New("it has more than 100 KB as text")
	ErrLevels = errors.New("it has more than 64 levels")
)

// numberMark begins the text that stands for a number of a GraphQL literal. No text of a client's
// begins so, since it is no UTF-8.
const numberMark = "\xff"

// Number returns the text by which a number of a GraphQL literal comes to [Of] with all its digits.
func Number(literal string) string { return numberMark + literal }

// Parse returns the JSON that a text is, compact, with the fields of its objects by their names. Of
// fields of one name in an object the last counts. Errors: those above.
func Parse(text string) (string, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return "", ErrForm
	}
	if _, err := decoder.Token(); err != io.EOF {
		return "", ErrForm
	}
	return Of(value)
}

// Of returns the JSON of a value: what encoding/json makes of JSON, and what a GraphQL literal is. Its
// numbers are written as they are. Errors: those above, and others where it is none of these.
func Of(value any) (string, error) {
	plain, err := settled(value, 0)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(plain); err != nil {
		return "", ErrForm
	}
	text := strings.TrimSuffix(out.String(), "\n")
	if len(text) > maxSize {
		return "", ErrSize
	}
	return text, nil
}

// settled returns a value as encoding/json writes it. level is how many lists and objects are around it.
func settled(value any, level int) (any, error) {
	switch value := value.(type) {
	case nil, bool, json.Number, int, int32, int64:
		return value, nil
	case float64:
		return value, nil
	case string:
		if number, ok := strings.CutPrefix(value, numberMark); ok {
			return json.Number(number), nil
		}
		return value, nil
	case []any:
		if level == maxLevels {
			return nil, ErrLevels
		}
		items := make([]any, len(value)) // gqlparser has nil for an empty one
		for i, item := range value {
			var err error
			if items[i], err = settled(item, level+1); err != nil {
				return nil, err
			}
		}
		return items, nil
	case map[string]any:
		if level == maxLevels {
			return nil, ErrLevels
		}
		fields := make(map[string]any, len(value))
		for name, field := range value {
			var err error
			if fields[name], err = settled(field, level+1); err != nil {
				return nil, err
			}
		}
		return fields, nil
	}
	return nil, fmt.Errorf("a %T is no JSON", value)
}
