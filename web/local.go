package web

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// IsLocal tells whether a request comes straight from this machine's own browser: not from
// another address, where the server listens on more than loopback; a foreign Host is DNS
// rebinding, a forwarding header a proxy. So is HTTP/1.0, by which nginx
// asks unless told otherwise, and with the Host of this server for want of another.
func IsLocal(r *http.Request) bool {
	forwarding := []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip"}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() {
		return false
	}
	isForwarded := slices.ContainsFunc(forwarding, func(name string) bool { return r.Header.Get(name) != "" })
	return !isForwarded && r.ProtoAtLeast(1, 1) && IsLoopbackHost(r.Host)
}

// IsLoopbackHost tells whether the host of HOST or HOST:PORT is this machine alone.
func IsLoopbackHost(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.Trim(hostPort, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
