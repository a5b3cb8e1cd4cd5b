package dynamolocal

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/aws/smithy-go"
)

// A fullError tells that the disk is full: AWS's ServiceUnavailable, which may be sent again, and syscall.ENOSPC,
// whatever the system calls it.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
type fullError struct{ api *smithy.GenericAPIError }

func (e *fullError) Error() string   { return e.api.Error() }
func (e *fullError) Unwrap() []error { return []error{e.api, syscall.ENOSPC} }

func (db *DB) full(cause error) error {
	return &fullError{&smithy.GenericAPIError{
		Code: serviceUnavailable,
		Message: fmt.Sprintf("the disk is full, and nothing was written (%s: %v): free space on it, and send the request again; reads go on, and no restart is needed",
			db.path, cause),
		Fault: smithy.FaultServer,
	}}
}

const serviceUnavailable = "ServiceUnavailable"

// isFull is whether the file system took no more. bbolt keeps of some errors their text alone.
func isFull(err error) bool {
	return slices.ContainsFunc(fullErrors, func(full error) bool {
		return errors.Is(err, full) || strings.HasSuffix(err.Error(), full.Error())
	})
}

// commitFailed is the answer to a transaction that bbolt could not commit. It has given that up, and goes on from the
// one before, whose pages are as they were: a full disk so hinders nothing that comes later. But where readers see the
// transaction all the same, its meta page was written and not synced: nobody knows which of the two the disk has, and the
// next one might write over pages of either. So nothing is written until the next Open, which has the disk have it, see syncMeta.
func (db *DB) commitFailed(transaction int, cause error) error {
	err := fmt.Errorf("write %s: %w", db.path, cause)
	now, failed := db.begin(false)
	if failed != nil {
		return internalError(fmt.Errorf("%w; and then: %w", err, failed))
	}
	defer db.rollback(now)
	if now.ID() >= transaction {
		err = fmt.Errorf("%w; what was written last may be on the disk or not, and nothing more is written: start again, and look with `ownql check`", err)
		db.setDamage(err)
		return internalError(err)
	}
	if isFull(cause) {
		return db.full(cause)
	}
	return internalError(err)
}
