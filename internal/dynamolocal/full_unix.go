//go:build unix

package dynamolocal

import "syscall"

// fullErrors: the disk is full, or what the user may have of it, or what the process may have of one file.
var fullErrors = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
