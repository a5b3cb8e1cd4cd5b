package command

import (
	"net"
	"syscall"
)

// peerOf returns the user id of the process at the other end of a unix socket, as it was when
// that process began to listen. https://man7.org/linux/man-pages/man7/unix.7.html (SO_PEERCRED)
func peerOf(conn net.Conn) (uid uint32, ok bool) {
	unix, ok := conn.(*net.UnixConn)
	if !ok {
		return 0, false
	}
	raw, err := unix.SyscallConn()
	if err != nil {
		return 0, false
	}
	var peer *syscall.Ucred
	if control := raw.Control(func(fd uintptr) {
		peer, err = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); control != nil || err != nil {
		return 0, false
	}
	return peer.Uid, true
}
