package web

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// TrustedProxies are the networks of the proxies before this server. What they say of
// whom they forward for is believed; what anyone else says is not.
type TrustedProxies []netip.Prefix

// ParseTrustedProxies takes networks in CIDR notation, such as 10.0.0.0/8 or fd00::/8.
func ParseTrustedProxies(networks []string) (TrustedProxies, error) {
	var proxies TrustedProxies
	for _, text := range networks {
		network, err := netip.ParsePrefix(strings.TrimSpace(text))
		if err != nil || network.Addr().Is4In6() {
			return nil, fmt.Errorf("%q: want a network such as 10.0.0.0/8 or fd00::/8", text)
		}
		proxies = append(proxies, network)
	}
	return proxies, nil
}

// ClientAddress returns the address that a request comes from: the connection's or,
// where that is a trusted proxy's, the last one in X-Forwarded-For that is not. A proxy
// adds at the end whom it forwards for, so that what stands further left is hearsay.
// Where the list ends, or goes on with what is no address, it is the last proxy that
// was found. The zero Addr: the connection has no address.
func (p TrustedProxies) ClientAddress(r *http.Request) netip.Addr {
	client, _ := parseAddress(r.RemoteAddr)
	if !p.contains(client) {
		return client
	}
	// Several headers are one list (RFC 9110, section 5.3).
	forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for _, text := range slices.Backward(strings.Split(forwarded, ",")) {
		address, ok := parseAddress(strings.TrimSpace(text))
		if !ok {
			return client
		}
		client = address
		if !p.contains(client) {
			return client
		}
	}
	return client
}

// ClientPrefix returns the network that one client is taken to have: its address or, of IPv6, all
// that share a /64, which is what one client is given. Of no address it is the zero Prefix.
func ClientPrefix(address netip.Addr) netip.Prefix { return prefixOf(address, 64) }

// SitePrefix returns the network that one customer of a provider is taken to have, who may have
// many clients: of IPv6 a /48 (RFC 6177).
func SitePrefix(address netip.Addr) netip.Prefix { return prefixOf(address, 48) }

func prefixOf(address netip.Addr, bits int) netip.Prefix {
	if address.Is4() {
		bits = address.BitLen()
	}
	prefix, _ := address.Prefix(min(bits, address.BitLen())) // of none: the zero Prefix
	return prefix
}

func (p TrustedProxies) contains(address netip.Addr) bool {
	return slices.ContainsFunc(p, func(network netip.Prefix) bool { return network.Contains(address) })
}

// parseAddress takes an address with or without a port, IPv6 in brackets or not. An IPv4
// address in the form of IPv6 becomes itself, and a zone is left out.
func parseAddress(text string) (address netip.Addr, ok bool) {
	if addrPort, err := netip.ParseAddrPort(text); err == nil {
		return addrPort.Addr().Unmap().WithZone(""), true
	}
	if inBrackets, found := strings.CutPrefix(text, "["); found {
		text, found = strings.CutSuffix(inBrackets, "]")
		if !found {
			return netip.Addr{}, false
		}
	}
	address, err := netip.ParseAddr(text)
	return address.Unmap().WithZone(""), err == nil
}

// WithClientAddress has a request's context know the address that it comes from.
func WithClientAddress(proxies TrustedProxies, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, r := exchangeOf(w, r)
		x.client = proxies.ClientAddress(r)
		next.ServeHTTP(x, r)
	})
}

// ClientAddress returns the address that the context's request comes from, see
// [TrustedProxies.ClientAddress]; the zero Addr outside of one.
func ClientAddress(ctx context.Context) netip.Addr {
	if x := exchangeFrom(ctx); x != nil {
		return x.client
	}
	return netip.Addr{}
}
