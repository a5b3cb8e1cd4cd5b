//go:build unix

package devloop

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

const exe = ""

var errLocked = errors.New("locked")

// lock returns a file that no other process locks until it is closed.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, err
	}
	return file, nil
}

// terminate asks a process to end what it does, and to go.
func terminate(process *os.Process) error { return process.Signal(syscall.SIGTERM) }

// setApart has the terminal's Ctrl-C reach the command by terminate alone.
func setApart(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(command.SysProcAttr)
}

// setInterruptible has the command's context end all that it has started, too, as Ctrl-C does.
func setInterruptible(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
}
