package web

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// OnlyOwner answers 404 to what does not come from this machine's own user: neither from a page of
// another origin, another port of this machine among them, nor from a process of another user. That
// is told on Linux alone; root is everybody.
func OnlyOwner(next http.Handler) http.Handler {
	return OnlyLocal(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isFromOtherOrigin(r) || !isOwnUser(r) {
			NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	}))
}

// isFromOtherOrigin tells whether a browser sends a request for a page of another origin. Who goes to
// an address by a link or by hand, sees it alone.
// https://www.w3.org/TR/fetch-metadata/
func isFromOtherOrigin(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host && origin != "https://"+r.Host {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return false
	}
	return r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
}

// isOwnUser tells whether the process at the other end of a loopback connection is of this process's
// user, or of root. True where that cannot be told.
func isOwnUser(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if err != nil || !ok {
		return true // no server of package http has it
	}
	own, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return true
	}
	uid, isKnown := socketUser(peer, own)
	return !isKnown || uid == 0 || uid == os.Getuid()
}

// socketUser returns the id of the user who has the loopback socket from one address to another.
// Not known: this is not Linux. An id of -1: there is no such socket any more.
// https://docs.kernel.org/networking/proc_net_tcp.html
func socketUser(from, to netip.AddrPort) (uid int, isKnown bool) {
	uid = -1
	for _, file := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		table, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		isKnown = true
		for lines := bufio.NewScanner(bytes.NewReader(table)); lines.Scan(); {
			fields := strings.Fields(lines.Text())
			const local, remote, user = 1, 2, 7
			if len(fields) <= user || parseSocket(fields[local]) != unmapped(from) || parseSocket(fields[remote]) != unmapped(to) {
				continue
			}
			if uid, err = strconv.Atoi(fields[user]); err == nil {
				return uid, true
			}
		}
	}
	return uid, isKnown
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap().WithZone(""), a.Port())
}

// parseSocket reads an address as the kernel prints it: 32 bits at a time, each in the machine's own
// order, in hexadecimal. The zero AddrPort: it is none.
func parseSocket(text string) (none netip.AddrPort) {
	words, port, _ := strings.Cut(text, ":")
	raw, err := hex.DecodeString(words)
	number, errPort := strconv.ParseUint(port, 16, 16)
	if err != nil || errPort != nil || len(raw)%4 != 0 {
		return none
	}
	for word := 0; word < len(raw); word += 4 {
		binary.NativeEndian.PutUint32(raw[word:], binary.BigEndian.Uint32(raw[word:]))
	}
	address, ok := netip.AddrFromSlice(raw)
	if !ok {
		return none
	}
	return unmapped(netip.AddrPortFrom(address, uint16(number)))
}
