package model

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// A stray is what items have and the schema does not: an attribute that no field reads, or a value
// that a field's enum has not. It is left of a field that was renamed or taken out, or of a value
// of an enum.
type stray struct {
	path  string // to the attribute, such as `address.street` in an object
	value string // empty: it is the attribute
}

// strays counts the strays of a table's items.
type strays struct {
	layout
	known    []string // attributes of items that no field reads
	counts   map[stray]int
	examples map[stray]string // the id of an item with it
}

func newStrays(l layout) *strays {
	s := &strays{layout: l, known: append([]string{"deleting", inputTag}, l.passing...), counts: map[stray]int{}, examples: map[stray]string{}}
	for _, rename := range l.renames {
		s.known = append(s.known, rename.attributes()...)
	}
	return s
}

// add counts what of an item is a stray, each once.
func (s *strays) add(id string, item dynamo.Item) {
	found := map[stray]bool{}
	s.find(found, "", s.types, item)
	for one := range found {
		s.counts[one]++
		s.examples[one] = id
	}
}

// find adds what is a stray of an item or, where path is not empty, of an object in it. Between
// them the types have all fields.
func (s *strays) find(found map[stray]bool, path string, of []reflect.Type, item dynamo.Item) {
	inside := map[string]reflect.Type{}
	for _, one := range of {
		for _, field := range reflect.VisibleFields(one) {
			inside[attributeOf(field)] = structOf(field.Type)
		}
	}
	for attribute, value := range item {
		if path == "" && strings.HasPrefix(attribute, adminsPrefix) {
			continue
		}
		at := path + attribute
		fieldType, isKnown := inside[attribute]
		switch {
		case !isKnown && path == "" && (slices.Contains(s.known, attribute) || isJoinedName(attribute) || strings.HasPrefix(attribute, digestPrefix)):
		case !isKnown:
			found[stray{at, ""}] = true
		case fieldType.Kind() == reflect.Struct:
			for _, object := range objectsIn(value) {
				s.find(found, at+".", []reflect.Type{fieldType}, object)
			}
		}
		if values, isEnum := s.enums[at]; isEnum {
			for _, text := range textsIn(value) {
				if text != "" && !slices.Contains(values, text) {
					found[stray{at, text}] = true
				}
			}
		}
	}
}

// textsIn returns the text that the value is, or those that are in its list.
func textsIn(value types.AttributeValue) (texts []string) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		return []string{value.Value}
	case *types.AttributeValueMemberL:
		for _, each := range value.Value {
			texts = append(texts, textsIn(each)...)
		}
	}
	return texts
}

// objectsIn returns the object that the value is, or those that are in its list.
func objectsIn(value types.AttributeValue) (objects []dynamo.Item) {
	switch value := value.(type) {
	case *types.AttributeValueMemberM:
		return []dynamo.Item{value.Value}
	case *types.AttributeValueMemberL:
		for _, each := range value.Value {
			objects = append(objects, objectsIn(each)...)
		}
	}
	return objects
}

// steps returns a StepStray for each stray.
func (s *strays) steps() (steps []TableStep) {
	found := slices.SortedFunc(maps.Keys(s.counts), func(a, b stray) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.value, b.value))
	})
	for _, one := range found {
		who := "item " + s.examples[one] + " has"
		if n := s.counts[one]; n > 1 {
			who = fmt.Sprintf("%d items, %s among them, have", n, s.examples[one])
		}
		why := who + " it, and no field reads it: if a field was renamed, its new name has nothing of what is there"
		if one.value != "" {
			why = fmt.Sprintf("%s %q, which is no value of its enum: put the value back, or change the items", who, one.value)
		} else if isInside := strings.Contains(one.path, "."); !isInside {
			why = who + ` it, and no field reads it: if a field was renamed, add @renamed(from: "` + one.path + `") to it`
		}
		steps = append(steps, TableStep{StepStray, s.Name(), "", one.path, why})
	}
	return steps
}

// surveyOwn reads a table whole that is no model's, and returns what its items have and the schema
// does not, and what they have under former names.
func (l layout) surveyOwn(ctx context.Context, db *DB) ([]TableStep, error) {
	found, left := newStrays(l), newLeftovers(l.renames)
	items := l.Scan().Consistent(true).Iter()
	for item := (dynamo.Item{}); items.Next(ctx, &item); item = nil {
		if id, ok := item["id"].(*types.AttributeValueMemberS); ok {
			left.add(item)
			found.add(id.Value, item)
		}
	}
	if err := items.Err(); err != nil {
		return nil, err
	}
	finished, err := db.finishedRenames(ctx, l.Name())
	return append(found.steps(), left.steps(l.Name(), finished)...), err
}
