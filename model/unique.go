package model

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/guregu/dynamo/v2"
)

// unique is an item of the uniques table: a value of a @unique field, and whose it
// is. It is written in one transaction with that item. It says nothing any more where
// the item is gone or has another value, as after a time in which the field was not
// @unique: whoever wants the value then takes it, see release.
type unique struct {
	ID    string `dynamo:"id,hash"` // Type#field#value
	Owner string `dynamo:"owner"`   // the item's id
}

// A Unique is a @unique field, or several that are unique together. Any number of items may have an
// empty value.
type Unique[T any] = UniqueOf[*T]

// UniqueOf is [Unique] by the pointer to its type.
type UniqueOf[P any] struct {
	Field    string
	Together []string // the fields, as inputs name them, where they are several; Field stands for them
	Formerly string   // the name that the field had before, see [Rename]; empty: none
	Value    func(P) string

	now string // of the name that a field had before: the field
}

// UniqueKey returns the value that several fields have together; empty where one of them is null or
// empty.
func UniqueKey(values ...any) string {
	for _, value := range values {
		if text := reflect.Indirect(reflect.ValueOf(value)); text.Kind() == reflect.Invalid || text.Kind() == reflect.String && text.Len() == 0 {
			return ""
		}
	}
	return JoinedKey(values...)
}

// takenOf is [ErrTaken] of it.
func takenOf(u UniqueOf[anyItem]) *Error {
	if len(u.Together) > 0 {
		return taken(u.Together...)
	}
	return taken(shown(u))
}

// shown returns the field's name in the schema.
func shown(u UniqueOf[anyItem]) string {
	if u.now != "" {
		return u.now
	}
	return u.Field
}

// underBothNames adds those that servers take which know only the field's former name: nobody
// else can have the value, either.
func underBothNames(uniques []UniqueOf[anyItem]) []UniqueOf[anyItem] {
	all := slices.Clone(uniques)
	for _, unique := range uniques {
		if unique.Formerly != "" {
			all = append(all, UniqueOf[anyItem]{Field: unique.Formerly, Together: unique.Together, Value: unique.Value, now: unique.Field})
		}
	}
	return all
}

func (m *core) uniqueID(field, value string) string {
	return m.name() + "#" + field + "#" + value
}

// A claim is what the item owner writes of a unique value: that it takes it, or gives
// it up.
type claim struct {
	of        UniqueOf[anyItem]
	value     string
	owner     string
	isGivenUp bool
}

// claims returns what a change of the item takes. before is nil for a new item, after
// for one that goes. Code BAD_USER_INPUT: a value is too long for a key.
func (m *core) claims(before, after anyItem) (claims []claim, err error) {
	for _, unique := range m.definition.Uniques {
		var from, to, owner string
		if before != nil {
			from, owner = unique.Value(before), before.base().ID
		}
		if after != nil {
			to, owner = unique.Value(after), after.base().ID
		}
		if from == to {
			continue
		}
		if !m.canClaim(unique, to) {
			return nil, BadInput(shown(unique), fmt.Sprintf("%s must have at most %d bytes to be unique", shown(unique), maxKeySize-len(m.uniqueID(unique.Field, ""))))
		}
		if to != "" {
			claims = append(claims, claim{of: unique, value: to, owner: owner})
		}
		if from != "" && m.canClaim(unique, from) {
			claims = append(claims, claim{of: unique, value: from, owner: owner, isGivenUp: true})
		}
	}
	return claims, nil
}

func (m *core) canClaim(unique UniqueOf[anyItem], value string) bool {
	return len(m.uniqueID(unique.Field, value)) <= maxKeySize
}

// transact runs a transaction of write and the claims.
//
// [ErrTaken]: a value is taken. Where a condition of write's does not hold, the
// error is DynamoDB's, whose reasons begin with write's.
func (m *core) transact(ctx context.Context, claims []claim, write func(*dynamo.WriteTx)) error {
	for try := 1; ; try++ {
		tx := m.db.WriteTx()
		write(tx)
		for _, claim := range claims {
			m.addClaim(tx, claim)
		}
		err := tx.Run(ctx)
		failed := FailedConditions(err)
		first := len(cancellationReasons(err)) - len(claims) // of the claims' reasons
		if len(failed) == 0 || failed[0] < first {
			return err
		}
		var open []claim
		for i, claim := range claims {
			isOpen := true
			if slices.Contains(failed, first+i) {
				if isOpen, err = m.reopen(ctx, claim); err != nil {
					return err
				}
				if isOpen && try == maxTries {
					return takenOf(claim.of)
				}
			}
			if isOpen {
				open = append(open, claim)
			}
		}
		claims = open
	}
}

func (m *core) addClaim(tx *dynamo.WriteTx, claim claim) {
	id := m.uniqueID(claim.of.Field, claim.value)
	if claim.isGivenUp {
		tx.Delete(m.db.uniques.Delete("id", id).If("attribute_not_exists(id) OR 'owner' = ?", claim.owner))
	} else {
		tx.Put(m.db.uniques.Put(unique{id, claim.owner}).If("attribute_not_exists(id)"))
	}
}

// reopen tells whether there still is something to write of a claim whose condition did
// not hold: not if the value is to be given up, and is another's anyway. [ErrTaken]: the value is taken.
func (m *core) reopen(ctx context.Context, claim claim) (isOpen bool, err error) {
	if claim.isGivenUp {
		return false, nil
	}
	owner, err := m.release(ctx, claim.of, claim.value)
	switch {
	case err != nil:
		return false, err
	case owner == claim.owner:
		return false, nil
	case owner != "":
		return false, m.takenBy(claim.of, owner)
	}
	return true, nil
}

// release removes the claim of a value that says nothing any more: its owner is gone,
// or has another value. It returns who has the value, or "" where nobody claims it now.
//
// Nothing is removed that its owner has come to need meanwhile: an item that is gone
// never returns, and one that takes the value has another version then.
func (m *core) release(ctx context.Context, of UniqueOf[anyItem], value string) (owner string, err error) {
	owner, err = m.claimant(ctx, of.Field, value)
	if err != nil || owner == "" {
		return "", err
	}
	found, err := m.read(ctx, []string{owner})
	if err != nil {
		return "", err
	}
	item := found[owner] // which may be being deleted: it has the value as long as it may come back
	if item != nil && m.isExpired(item) {
		return "", m.db.remove(ctx, []frame{{Type: m.name(), IDs: []string{owner}}})
	}
	if item != nil && of.Value(item) == value {
		return owner, nil
	}
	asRead, arguments := "attribute_not_exists(id)", []any(nil)
	if item != nil {
		asRead, arguments = item.base().unchanged()
	}
	err = m.db.WriteTx().
		Check(m.table.Check("id", owner).If(asRead, arguments...)).
		Delete(m.db.uniques.Delete("id", m.uniqueID(of.Field, value)).If("'owner' = ?", owner)).
		Run(ctx)
	if err != nil && !dynamo.IsCondCheckFailed(err) {
		return "", fmt.Errorf("release a %s of %s: %w", of.Field, m.table.Name(), err)
	}
	return "", nil
}

// claimant returns the id of the item that claims the value, in one strongly consistent
// read; "" where none does.
func (m *core) claimant(ctx context.Context, field, value string) (id string, err error) {
	var claim unique
	err = m.db.uniques.Get("id", m.uniqueID(field, value)).Consistent(true).One(ctx, &claim)
	if err != nil && !errors.Is(err, dynamo.ErrNotFound) {
		return "", fmt.Errorf("read %s of %s: %w", field, m.table.Name(), err)
	}
	return claim.Owner, nil
}

// ByUnique is [ModelOf.ByUnique].
func (m *core) ByUnique(ctx context.Context, caller Caller, field, value string) (anyItem, error) {
	if value == "" || len(m.uniqueID(field, value)) > maxKeySize {
		return nil, ErrNotFound
	}
	if err := ReadBudgetFrom(ctx).Load(m.uniqueID(field, value)); err != nil {
		return nil, err
	}
	owner, err := m.claimant(ctx, field, value)
	for _, of := range m.definition.Uniques {
		if isFormer := of.now == field; isFormer && owner == "" && err == nil {
			owner, err = m.claimant(ctx, of.Field, value)
		}
	}
	if err != nil {
		return nil, err
	}
	found, err := m.ByID(ctx, caller, []string{owner})
	if err != nil {
		return nil, err
	}
	item := found[owner]
	hasOther := func(of UniqueOf[anyItem]) bool { return of.Field == field && of.Value(item) != value }
	if item == nil || slices.ContainsFunc(m.definition.Uniques, hasOther) {
		return nil, ErrNotFound // there is no claim, or it says nothing any more
	}
	return item, nil
}
