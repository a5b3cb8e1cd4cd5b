package dynamolocal

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What a Query, or a Scan, begins after, and what it goes through. The order of the checks is AWS's.

var (
	errStartKey         = validation("The provided starting key is invalid")
	errStartKeyMismatch = validation("The provided starting key is invalid: The provided key element does not match the schema")
)

// queried is what the key conditions of a Query lead to, after its ExclusiveStartKey.
func (s *source) queried(r *read) (keyRange, error) {
	if err := s.checkStartSize(r); err != nil {
		return keyRange{}, err
	}
	within, err := s.keyRange(r.keys, r.start)
	if err != nil {
		return keyRange{}, err
	}
	var key []byte
	if r.start != nil {
		if err := s.checkTableKey(r.start); err != nil {
			return keyRange{}, err
		}
		key = s.encode(r.start)
		if err := s.checkWithin(r); err != nil {
			return keyRange{}, err
		}
	}
	if err := s.checkScalars(r.projection); err != nil {
		return keyRange{}, err
	}
	if err := s.checkFilter(r); err != nil {
		return keyRange{}, err
	}
	if err := s.checkChoice(r); err != nil {
		return keyRange{}, err
	}
	if r.start != nil {
		within.startAfter(key, r.backward)
	}
	return within, nil
}

// scanned is what a Scan goes through after its ExclusiveStartKey.
func (s *source) scanned(r *read) (within keyRange, err error) {
	if err := s.checkStartSize(r); err != nil {
		return within, err
	}
	if r.start != nil && s.index != nil {
		for _, name := range s.schema.each() {
			if err := s.checkStartValue(r.start, name); err != nil {
				return within, err
			}
		}
	}
	if err := s.checkChoice(r); err != nil {
		return within, err
	}
	if r.start != nil {
		if err := s.checkTableKey(r.start); err != nil {
			return within, err
		}
		key := s.encode(r.start)
		if !r.has(key) {
			return within, validation("The provided starting key is invalid: Invalid ExclusiveStartKey. "+
				"Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", r.segments, r.segment)
		}
		within.startAfter(key, r.backward)
	}
	return within, s.checkScalars(r.projection)
}

// startAfter cuts off what lies before the key, and that key itself.
func (within *keyRange) startAfter(key []byte, backward bool) {
	if backward {
		within.to = key
	} else {
		within.from = append(key, 0)
	}
}

// checkStartSize refuses a starting key of another number of attributes than the source's keys have.
func (s *source) checkStartSize(r *read) error {
	if r.start == nil {
		return nil
	}
	distinct := map[string]bool{}
	for _, name := range s.schema.each() {
		distinct[name] = true
	}
	for _, name := range s.Key.each() {
		distinct[name] = true
	}
	switch {
	case len(r.start) == len(distinct):
		return nil
	case s.index == nil && !r.words.isQuery:
		return errStartKeyMismatch
	}
	return errStartKey
}

// checkStartValue refuses a starting key without a value that the attribute of the source's key can
// have.
func (s *source) checkStartValue(start item, name string) error {
	v := start[name]
	if v == nil {
		return errStartKey
	}
	if typeName(v) != string(s.AttributeTypes[name]) {
		return errKeyMismatch
	}
	empty := emptyKey(v)
	switch {
	case empty != "" && s.index != nil && !s.Key.contains(name):
		return validation("The provided starting key is invalid: "+emptyIndexKeyFormat, empty, s.index.Name, name)
	case empty != "":
		return emptyKeyValue(empty, name)
	}
	return nil
}

// checkTableKey refuses a starting key in which there is no key of the table.
func (s *source) checkTableKey(start item) error {
	for _, name := range s.Key.each() {
		v := start[name]
		if v == nil || typeName(v) != string(s.AttributeTypes[name]) {
			return errStartKeyMismatch
		}
		if empty := emptyKey(v); empty != "" {
			return validation("The provided starting key is invalid: "+emptyKeyFormat, empty, name)
		}
	}
	return nil
}

// checkWithin refuses a starting key that the key conditions do not lead to.
func (s *source) checkWithin(r *read) error {
	var hash, rng []keyCondition
	for _, k := range r.keys {
		if s.schema.isHash(k.attribute) {
			hash = append(hash, k)
		} else {
			rng = append(rng, k)
		}
	}
	has := func(conditions []keyCondition) bool {
		for _, k := range conditions {
			within := k.within(nil)
			b := appendKeyValue(nil, r.start[k.attribute])
			if bytes.Compare(b, within.from) < 0 || within.to != nil && bytes.Compare(b, within.to) >= 0 {
				return false
			}
		}
		return true
	}
	switch {
	case rng == nil && !has(hash):
		return validation("The provided starting key is outside query boundaries based on provided conditions")
	case !has(rng):
		return validation("The provided starting key does not match the range key predicate")
	case !has(hash):
		return validation("The query can return at most one row and cannot be restarted")
	}
	return nil
}

// checkChoice refuses to ask a global index for all attributes that does not have them.
func (s *source) checkChoice(r *read) error {
	if x := s.index; x != nil && !x.Local && r.choice == types.SelectAllAttributes && x.Projection != types.ProjectionTypeAll {
		return invalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", x.Name)
	}
	return nil
}
