//go:build unix

package dynamolocal

import (
	"io/fs"
	"os"
	"syscall"
)

// own gives a file the owner and the group of another: a server's user can open what root has written then.
func own(file *os.File, of fs.FileInfo) error {
	stat, ok := of.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return file.Chown(int(stat.Uid), int(stat.Gid))
}
