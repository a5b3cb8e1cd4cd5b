package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// A randomObject is one that has been, or is to be, made up.
type randomObject struct {
	of      *randomType
	id      string // global; empty: it is not made
	owner   *randomPerson
	way     string          // by which it was made
	parents []*randomObject // the one that decided about the others first
	root    *randomObject   // of what it belongs to, the object that users are members of, or else the topmost; perhaps itself
	circle  []*randomPerson // of a root: who may be expected to see it, whoever made it first

	input    map[string]any
	required map[string]any  // of the input, what must be given
	users    []string        // the input's fields that have the id of a user
	attempts []randomAttempt // to make it
	joins    *randomPerson   // of a membership: whose it is
	isTorn   bool            // what it belongs to has nothing else in common: it is to be made up again
}

// maxRefused is how many objects of a type may be refused one after the other before no more are tried. So many are
// made between two looks at that.
const maxRefused = 100

// atOnce is how many objects are made at the same time.
const atOnce = 32

// make makes the objects of a type, some of them at first, so that others of the type can belong to them.
func (s *randomSeeding) make(ctx context.Context, t *randomType) error {
	bar := newProgress(s.stderr, "seed "+t.name)
	defer bar.clear()
	isBelow := slices.ContainsFunc(t.fields, func(f *randomField) bool { return f.relation == t.name })
	for planned, size := 0, 1; planned < t.count; size = max(1, 2*size) {
		if size = min(size, t.count-planned); !isBelow && planned > 0 {
			size = min(t.count-planned, 4096)
		}
		batch := make([]*randomObject, 0, size)
		for range size {
			if o := s.imagine(t, planned); o != nil {
				batch = append(batch, o)
			}
			planned++
		}
		for part := range slices.Chunk(batch, maxRefused) {
			if t.refused >= maxRefused {
				for _, o := range part {
					o.leave()
				}
				continue
			}
			if err := s.makeAll(ctx, t, part); err != nil {
				return err
			}
		}
		if len(t.objects) == 0 && len(batch) > 0 && len(batch[0].parents) > 1 && !t.isTogether {
			t.isTogether, t.why, t.refused, planned, size = true, "", 0, 0, 0
			clear(t.used)
			continue
		}
		if t.refused >= maxRefused {
			return nil
		}
		bar.show(int64(planned), int64(t.count))
	}
	return nil
}

// makeAll makes objects, several at once, and takes those that there are then into account, in their order.
func (s *randomSeeding) makeAll(ctx context.Context, t *randomType, batch []*randomObject) error {
	var (
		working sync.WaitGroup
		queue   = make(chan *randomObject)
		lock    sync.Mutex
		failure error
	)
	for range min(atOnce, len(batch)) {
		working.Go(func() {
			for o := range queue {
				why, err := s.create(o)
				lock.Lock()
				if err != nil && failure == nil {
					failure = err
				}
				if why != "" {
					t.why = why
				}
				lock.Unlock()
			}
		})
	}
	hasFailed := func() bool {
		lock.Lock()
		defer lock.Unlock()
		return failure != nil
	}
	for _, o := range batch {
		if ctx.Err() != nil || hasFailed() {
			break
		}
		queue <- o
	}
	close(queue)
	working.Wait()
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, o := range batch {
		if o.id == "" {
			t.refused++
			o.leave()
			continue
		}
		t.refused = 0
		t.first = cmp.Or(t.first, o.way)
		t.objects = append(t.objects, o)
		t.byRoot[o.root] = append(t.byRoot[o.root], o)
		t.byFounder[o.root.circle[0]] = append(t.byFounder[o.root.circle[0]], o)
	}
	return failure
}

// tries is how often an object is made up again that cannot be.
const tries = 50

// imagine makes up the n-th object of a type; nil: there can be none.
func (s *randomSeeding) imagine(t *randomType, n int) *randomObject {
	r := s.chance(t.name, n)
	for try := range tries {
		o, why := s.imagined(t, r, n, try)
		if o == nil {
			t.why = why
			return nil
		}
		if !o.isTorn && s.isFree(o) {
			return o
		}
	}
	t.why = "no more were found that are different where they are to be unique"
	return nil
}

// isFree takes the object's unique values, unless another has one.
func (s *randomSeeding) isFree(o *randomObject) bool {
	var keys []string
	for _, fields := range o.of.facts.Unique {
		key, isNull := strings.Join(fields, "+"), false
		for _, field := range fields {
			value := o.input[field]
			if strings.HasPrefix(field, "owner") && value == nil {
				value = o.attempts[0].by.id
			}
			key, isNull = key+fmt.Sprintf("\x00%v", value), isNull || value == nil
		}
		if isNull {
			continue // any number may have that
		}
		if o.of.used[key] {
			return false
		}
		keys = append(keys, key)
	}
	for _, key := range keys {
		o.of.used[key] = true
	}
	return true
}

// imagined is one try of imagine. Of a nil object it says why there is none.
func (s *randomSeeding) imagined(t *randomType, r *rand.Rand, n, try int) (o *randomObject, why string) {
	o = &randomObject{of: t, input: map[string]any{}, required: map[string]any{}}
	relations := slices.DeleteFunc(slices.Clone(t.fields), func(f *randomField) bool { return s.byName[f.relation] == nil })
	slices.SortStableFunc(relations, func(a, b *randomField) int {
		if a.isRequired() != b.isRequired() {
			return order(b.isRequired()) - order(a.isRequired())
		}
		return s.byName[b.relation].depth - s.byName[a.relation].depth
	})
	for _, f := range relations {
		often := givenOfTen
		if f.relation == t.name {
			often = 4
		}
		if !f.isRequired() && r.IntN(10) >= often {
			continue
		}
		parent := s.parent(r, o, s.byName[f.relation], try)
		if parent == nil && f.isRequired() && len(o.parents) > 0 && len(s.byName[f.relation].objects) > 0 {
			o.isTorn = true
			return o, ""
		}
		if parent == nil && f.isRequired() {
			return nil, fmt.Sprintf("there is no %s to belong to", f.relation)
		}
		if parent != nil {
			o.give(f, parent.id)
			o.parents = append(o.parents, parent)
		}
	}
	s.findRoot(o, r)
	if t.facts.Membership != nil && !s.join(o, r) {
		return nil, "everybody is a member already"
	}
	o.attempts = s.attempts(o, r)
	for _, f := range t.fields {
		switch {
		case s.byName[f.relation] != nil, o.joins != nil && f.name == t.facts.Membership.User:
		case f.relation == "User":
			if user := s.user(r, o); f.isRequired() || r.IntN(10) < givenOfTen {
				o.give(f, user.globalID())
				o.users = append(o.users, f.name)
			}
		default:
			value, ok := s.value(r, f.Field, f.of, 0)
			if !ok && f.isRequired() {
				return nil, fmt.Sprintf("no value is known for %s: %v", f.name, f.of)
			}
			isUnique := slices.ContainsFunc(t.facts.Unique, func(fields []string) bool { return len(fields) == 1 && fields[0] == f.name })
			if isUnique {
				value = another(f, value, s.numbersFrom+n)
			} else if text, isText := value.(string); isText && try > 2 && slices.ContainsFunc(t.facts.Unique, func(fields []string) bool { return slices.Contains(fields, f.name) }) && f.of.NamedType == "String" {
				value = f.WithNumber(text, s.numbersFrom+n)
			}
			isScarce := isUnique && try >= tries/2 // an enum has few values
			if ok && (f.isRequired() || !isScarce && (isUnique || r.IntN(10) < givenOfTen)) {
				o.give(f, value)
			}
		}
	}
	return o, ""
}

// another returns a value that no other object has.
func another(f *randomField, value any, n int) any {
	switch value := value.(type) {
	case json.Number:
		least := 1
		if f.Least != nil {
			least = int(*f.Least)
		}
		return json.Number(fmt.Sprint(least + n))
	case string:
		if f.of.NamedType == "String" || f.of.NamedType == "ID" {
			return f.WithNumber(value, n+1)
		}
	}
	return value
}

func (o *randomObject) give(f *randomField, value any) {
	o.input[f.name] = value
	if f.isRequired() {
		o.required[f.name] = value
	}
}

// parent chooses what an object is to belong to, and of a few more often than of others; nil: there is none. What has
// roots of the kind that the object's other parents have is of the same root, and where objects of the type must be,
// see randomType, of whoever made that.
func (s *randomSeeding) parent(r *rand.Rand, o *randomObject, of *randomType, try int) *randomObject {
	among := of.objects
	if len(among) > 0 && len(o.parents) > 0 {
		root := o.parents[0].root
		switch {
		case among[0].root.of == root.of && s.hasMembers(root.of):
			among = of.byRoot[root]
		case o.of.isTogether:
			among = of.byFounder[root.circle[0]]
		case len(o.of.objects) == 0: // the first one finds out whether they must
			among = slices.DeleteFunc(slices.Clone(among), func(p *randomObject) bool { return p.root.circle[0] == root.circle[0] })
			if len(among) == 0 {
				among = of.objects
			}
		}
	}
	if len(among) == 0 {
		return nil
	}
	u := r.Float64()
	if try < tries/5 {
		u *= u // those that come first
	}
	return among[int(u*float64(len(among)))]
}

// findRoot finds out in which circle the object is to be.
func (s *randomSeeding) findRoot(o *randomObject, r *rand.Rand) {
	if len(o.parents) > 0 && !s.hasMembers(o.of) {
		o.root = o.parents[0].root
		return
	}
	o.root = o
}

// hasMembers tells whether users are members of objects of a type.
func (s *randomSeeding) hasMembers(t *randomType) bool {
	for _, other := range s.types {
		if by := other.facts.Membership; by != nil && by.Of == t.name {
			return true
		}
	}
	return false
}

// join chooses who is to be a member of what a membership belongs to; false: everybody is.
func (s *randomSeeding) join(o *randomObject, r *rand.Rand) bool {
	by := o.of.facts.Membership
	root := o.root
	for _, parent := range o.parents {
		if o.input[by.Object] == parent.id {
			root = parent
		}
	}
	for _, i := range r.Perm(len(s.people)) {
		person := s.people[i]
		if !slices.Contains(root.circle, person) {
			o.joins = person
			o.input[by.User], o.required[by.User] = person.globalID(), person.globalID()
			root.circle = append(root.circle, person) // planned one after the other
			return true
		}
	}
	return false
}

// leave takes whoever has not become a member out of the circle.
func (o *randomObject) leave() {
	if o.joins == nil {
		return
	}
	for _, parent := range o.parents {
		parent.circle = slices.DeleteFunc(parent.circle, func(p *randomPerson) bool { return p == o.joins })
	}
}
