package dynamolocal

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A path leads to an attribute, or into one: a.b[2].c.
type path []step

// A step is a name in a map or, where name is empty, an index in a list.
type step struct {
	name  string
	index int
}

func (s step) String() string {
	if s.name == "" {
		return "[" + strconv.Itoa(s.index) + "]"
	}
	return s.name
}

// String is the path as AWS's messages print it: [a, b, [2], c].
func (p path) String() string {
	steps := make([]string, len(p))
	for i, s := range p {
		steps[i] = s.String()
	}
	return "[" + strings.Join(steps, ", ") + "]"
}

// value is what the path leads to in it, nil if that is nothing.
func (p path) value(it item) types.AttributeValue {
	v, ok := it[p[0].name]
	if !ok {
		return nil
	}
	for _, s := range p[1:] {
		if v = s.of(v); v == nil {
			return nil
		}
	}
	return v
}

// of is the element of v that the step leads to, nil if there is none.
func (s step) of(v types.AttributeValue) types.AttributeValue {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		if e, ok := v.Value[s.name]; ok && s.name != "" {
			return e
		}
	case *types.AttributeValueMemberL:
		if s.name == "" && s.index < len(v.Value) {
			return v.Value[s.index]
		}
	}
	return nil
}

// A projection is the attributes, or parts of them, that a request asks for: paths, no two of
// which overlap. A nil one is the whole item.
type projection []path

// of is the part of it that the projection keeps. The elements kept of a list close up.
func (pr projection) of(it item) item {
	if pr == nil {
		return it
	}
	kept := make(item, len(pr))
	for name, paths := range pr.byFirst() {
		if v, ok := it[name.name]; ok {
			if v = paths.ofValue(v); v != nil {
				kept[name.name] = v
			}
		}
	}
	return kept
}

// size is itemSize of what the projection, which is of whole attributes, keeps of it.
func (pr projection) size(it item) int {
	if pr == nil {
		return itemSize(it)
	}
	size := 0
	for _, p := range pr {
		if v := it[p[0].name]; v != nil {
			size += len(p[0].name) + valueSize(v)
		}
	}
	return size
}

// ofValue is the part of v that lies on the paths; nil if none does.
func (pr projection) ofValue(v types.AttributeValue) types.AttributeValue {
	if len(pr[0]) == 0 {
		return v
	}
	tails := pr.byFirst()
	switch v.(type) {
	case *types.AttributeValueMemberM:
		kept := item{}
		for s, paths := range tails {
			if e := s.of(v); e != nil {
				if e = paths.ofValue(e); e != nil {
					kept[s.name] = e
				}
			}
		}
		if len(kept) > 0 {
			return &types.AttributeValueMemberM{Value: kept}
		}
	case *types.AttributeValueMemberL:
		var kept []types.AttributeValue
		for _, s := range sortedSteps(tails) {
			if e := s.of(v); e != nil {
				if e = tails[s].ofValue(e); e != nil {
					kept = append(kept, e)
				}
			}
		}
		if len(kept) > 0 {
			return &types.AttributeValueMemberL{Value: kept}
		}
	}
	return nil
}

// byFirst gathers the rest of the paths by their first step.
func (pr projection) byFirst() map[step]projection {
	tails := make(map[step]projection, len(pr))
	for _, p := range pr {
		tails[p[0]] = append(tails[p[0]], p[1:])
	}
	return tails
}

func sortedSteps(tails map[step]projection) []step {
	steps := make([]step, 0, len(tails))
	for s := range tails {
		steps = append(steps, s)
	}
	slices.SortFunc(steps, func(a, b step) int { return a.index - b.index })
	return steps
}
