// Package lockfile keeps processes of one machine from doing the same at once.
package lockfile

import "errors"

// ErrLocked tells that another process has the lock.
var ErrLocked = errors.New("locked")
