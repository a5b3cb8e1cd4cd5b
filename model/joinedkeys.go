package model

import (
	"context"
	"fmt"
	"maps"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// keyChanges returns what is to be written so that an item, which is read as value, has the keys of
// every Joined: it lacks them where it was made before the index, and has others where a server
// changed it that does not know the index, or where the order of an enum's values is another now.
func (m *core) keyChanges(item dynamo.Item, value anyItem) (map[string]types.AttributeValue, error) {
	if len(m.definition.Joined) == 0 {
		return nil, nil
	}
	right, err := m.marshal(value)
	if err != nil {
		return nil, err
	}
	changes := map[string]types.AttributeValue{}
	for _, attribute := range m.joined {
		if !reflect.DeepEqual(item[attribute], right[attribute]) {
			changes[attribute] = right[attribute]
		}
	}
	return changes, nil
}

// completeKeys adds to the changes of an item the keys of every Joined that are others after them. Code
// BAD_USER_INPUT: see marshal.
func (m *core) completeKeys(changes map[string]types.AttributeValue, before, after anyItem) error {
	if len(m.definition.Joined) == 0 {
		return nil
	}
	to, err := m.marshal(after)
	if err != nil {
		return err
	}
	from, err := m.marshal(before)
	if err != nil { // it was made before the index: what was too long goes
		from = dynamo.Item{}
	}
	for _, attribute := range m.joined {
		if !reflect.DeepEqual(from[attribute], to[attribute]) {
			changes[attribute] = to[attribute]
		}
	}
	return nil
}

// writeKeys gives every item the keys of every Joined, and the ids of its ancestors. To those who read the items nothing changes,
// so their versions stay.
func (m *core) writeKeys(ctx context.Context) error {
	known := knownAbove{}
	items := m.table.Scan().Consistent(true).Iter()
	for item := (dynamo.Item{}); items.Next(ctx, &item); item = nil {
		err := m.layout().rewrite(ctx, item, func(item dynamo.Item) (map[string]types.AttributeValue, error) {
			value, err := m.decode(item)
			if err != nil {
				return nil, err
			}
			changes, err := m.ancestorChanges(ctx, item, value, known)
			if err != nil {
				return nil, err
			}
			keys, err := m.keyChanges(item, value)
			maps.Copy(changes, keys)
			return changes, err
		})
		if err != nil {
			return err
		}
	}
	return items.Err()
}

// staleKeys counts the items of a table that have not the keys that they should.
type staleKeys struct {
	layout
	count int
}

func (s *staleKeys) steps() []TableStep {
	if s.count == 0 {
		return nil
	}
	who := "1 item has"
	if s.count > 1 {
		who = fmt.Sprintf("%d items have", s.count)
	}
	return []TableStep{{StepFill, s.Name(), "", s.joinedAttributes()[0], who + " not the keys by which its indexes find and order it: write them"}}
}
