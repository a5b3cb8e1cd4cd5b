package model

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/guregu/dynamo/v2"
)

// keptTable is an item of the uniques table: that no server runs any more which would delete the items of a table
// with their owner's account. Until it is there, an account that owns some is not deleted.
type keptTable struct {
	ID    string    `dynamo:"id,hash"` // see keptID
	Since time.Time `dynamo:"since"`
}

// Noted begins the ids of the uniques table that are of no unique value, which begins with the name of a type: what the runtime
// has noted of tables, such as that what is in one is kept. A table of uniques that is new may have some.
const Noted = "#"

func keptID(table string) string { return Noted + "kept#" + table }

// ErrNotKeptYet refuses to delete an account whose objects would live on, while a server may run that would
// delete them.
var ErrNotKeptYet = &Error{Code: CodeUnavailable, RetryAfter: time.Minute,
	Message: "this account owns what others work on, which stays when the account goes: the server is being upgraded to that, so try again later"}

// isKept tells whether it is said that a table's items are kept.
func (db *DB) isKept(ctx context.Context, table string) (bool, error) {
	err := db.uniques.Get("id", keptID(table)).Consistent(true).One(ctx, new(keptTable))
	missing := new(types.ResourceNotFoundException)
	if errors.Is(err, dynamo.ErrNotFound) || errors.As(err, &missing) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read whether the items of %s are kept: %w", table, err)
	}
	return true, nil
}

// sayKept says that the items of a table are kept, or no more.
func (db *DB) sayKept(ctx context.Context, l layout) error {
	var err error
	if l.isKept {
		err = db.uniques.Put(keptTable{keptID(l.Name()), time.Now().UTC()}).Run(ctx)
	} else {
		err = db.uniques.Delete("id", keptID(l.Name())).Run(ctx)
	}
	if err != nil {
		return fmt.Errorf("write to table %s: %w", db.uniques.Name(), err)
	}
	return nil
}

// keepingSteps returns what is to be said of whether a model's items are kept.
func (db *DB) keepingSteps(ctx context.Context, l layout) ([]TableStep, error) {
	isKept, err := db.isKept(ctx, l.Name())
	switch {
	case err != nil:
		return nil, err
	case l.isKept && !isKept:
		return []TableStep{{StepFinish, l.Name(), "", ByOwner.Hash,
			"its objects are kept when the account of their owner goes, and until this is done, accounts that own some are not deleted: once no server runs that would delete them, `ownql tables --fill --finish` begins that"}}, nil
	case isKept && !l.isKept:
		return []TableStep{{StepFinish, l.Name(), "", ByOwner.Hash,
			"its objects were kept when the account of their owner went, and go with it now: `ownql tables --fill --finish` takes that down, so that they are kept from the right moment on should the schema ever say so again"}}, nil
	}
	return nil, nil
}

// IsOfKeeping tells whether a StepFinish is of objects that are kept when their owner goes, or no more.
func (db *DB) IsOfKeeping(s TableStep) bool {
	return s.Action == StepFinish && s.Attribute == ByOwner.Hash
}

// MayBegin tells whether the account may go: nil, or [ErrNotKeptYet], where the user owns what is to be kept, and
// a server may run still that would delete it.
func (l *Leaving) MayBegin(ctx context.Context) error {
	db := l.remover.db
	if db.isAlone {
		return nil
	}
	for _, model := range db.models {
		if model.onOwnerDelete() == GoesWithOwner {
			continue
		}
		isKept, err := db.isKept(ctx, model.layout().Name())
		if err != nil {
			return err
		}
		if isKept {
			continue
		}
		ids, _, err := model.listIDs(ctx, ByOwner, l.userID, "", 1)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			slog.WarnContext(ctx, "an account is not deleted, as it owns what is to be kept: once no server runs that would delete that, run `ownql tables --fill --finish`",
				"user", l.userID, "table", model.layout().Name())
			return ErrNotKeptYet
		}
	}
	return nil
}
