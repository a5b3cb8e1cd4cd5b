package model

import (
	"context"
	"errors"
	"slices"
)

// A TakenLimit bounds how often a caller is told that a unique value is taken by an object that the
// caller may not read: whoever may ask for ever finds out every value that there is.
type TakenLimit interface {
	// Before returns an error where the caller has been told so often that it may not even try to
	// take a value: else a success would tell.
	Before(ctx context.Context, caller Caller) error
	// Count is called before the caller is told. What it returns, if anything, the caller is told
	// instead.
	Count(ctx context.Context, caller Caller) error
}

// LimitTaken sets the limit. Without one, there is none.
func (db *DB) LimitTaken(limit TakenLimit) { db.takenLimit = limit }

// A takenError is ErrTaken of a field whose value the item owner has.
type takenError struct {
	told     *Error
	isHidden func(ctx context.Context, caller Caller) (bool, error)
}

func (e *takenError) Error() string { return e.told.Error() }

// Unwrap returns what the client is told.
func (e *takenError) Unwrap() error { return e.told }

// takenBy is [ErrTaken] of a field, or of several, whose value the item with the id owner has.
func (m *core) takenBy(of UniqueOf[anyItem], owner string) error {
	return &takenError{takenOf(of), func(ctx context.Context, caller Caller) (bool, error) {
		found, err := m.permittedByID(ctx, caller, OnRead, []string{owner})
		return found[owner] == nil, err
	}}
}

// mayTake returns an error where the change of an item takes a unique value, and the caller may take
// none at present. before is nil for a new item.
func (m *core) mayTake(ctx context.Context, caller Caller, before, after anyItem) error {
	if m.db.takenLimit == nil || caller.isSystem || len(m.definition.Uniques) == 0 {
		return nil
	}
	claims, err := m.claims(before, after)
	if err != nil || !slices.ContainsFunc(claims, func(c claim) bool { return !c.isGivenUp }) {
		return err
	}
	return m.db.takenLimit.Before(ctx, caller)
}

// tellTaken returns what the caller is told of an error, which may be that a value is taken.
func (db *DB) tellTaken(ctx context.Context, caller Caller, err error) error {
	var taken *takenError
	if db.takenLimit == nil || caller.isSystem || !errors.As(err, &taken) {
		return err
	}
	isHidden, failed := taken.isHidden(ctx, caller)
	if failed != nil {
		return failed
	}
	if isHidden {
		if limited := db.takenLimit.Count(ctx, caller); limited != nil {
			return limited
		}
	}
	return err
}
