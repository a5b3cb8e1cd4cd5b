//go:build !linux

package command

import "net"

// peerOf tells nothing here: the socket's directory is what keeps others out.
func peerOf(net.Conn) (uid uint32, ok bool) { return 0, false }
