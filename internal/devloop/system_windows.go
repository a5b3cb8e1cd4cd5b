package devloop

import (
	"os"
	"os/exec"
	"strconv"
)

const exe = ".exe"

// terminate ends a process at once: there is no signal that asks it to. What it has acknowledged is on the disk.
func terminate(process *os.Process) error { return process.Kill() }

func setApart(*exec.Cmd) {}

// setInterruptible has the command's context kill all that it has started, too.
func setInterruptible(command *exec.Cmd) {
	command.Cancel = func() error {
		pid := strconv.Itoa(command.Process.Pid)
		if err := exec.Command("taskkill", "/T", "/F", "/PID", pid).Run(); err != nil {
			return command.Process.Kill()
		}
		return nil
	}
}
