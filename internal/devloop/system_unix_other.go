//go:build unix && !linux

package devloop

import "syscall"

// dieWithParent can do nothing here: a server whose `ownql dev` was killed goes on.
func dieWithParent(*syscall.SysProcAttr) {}
