package devloop

import "syscall"

// dieWithParent has a command told to go when the thread that starts it ends, with the process if not before.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGTERM }
