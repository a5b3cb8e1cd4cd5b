package devloop

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

const exe = ".exe"

var errLocked = errors.New("locked")

// lock returns a file that no other process opens until it is closed.
func lock(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const sharedByNobody, sharingViolation = 0, syscall.Errno(32)
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, sharedByNobody, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), path), nil
}

// terminate ends a process at once: there is no signal that asks it to. What it has acknowledged is on the disk.
func terminate(process *os.Process) error { return process.Kill() }

func setApart(*exec.Cmd) {}

func setInterruptible(*exec.Cmd) {}
