//go:build unix

package devloop

import (
	"os"
	"os/exec"
	"syscall"
)

const exe = ""

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
