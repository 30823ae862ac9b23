package provider

import (
	"fmt"
	"net/netip"
)

// globalUnicast is the only part of IPv6 that is handed out for public use.
var globalUnicast = netip.MustParsePrefix("2000::/3")

// specialPurpose lists what no provider serves from: every block of IANA's special-purpose address registries for IPv4 and
// IPv6, and the blocks that carry an IPv4 address inside an IPv6 one, which the predicates of netip take for public. The
// IPv6 blocks outside globalUnicast are refused anyway; they are listed so that the table can be read against the registries.
var specialPurpose = parsePrefixes(
	// IPv4
	"0.0.0.0/8",          // this network
	"10.0.0.0/8",         // private
	"100.64.0.0/10",      // carrier-grade NAT
	"127.0.0.0/8",        // loopback: on Lambda, the runtime API and the extensions
	"169.254.0.0/16",     // link-local: instance metadata
	"172.16.0.0/12",      // private
	"192.0.0.0/24",       // protocol assignments
	"192.0.2.0/24",       // documentation
	"192.31.196.0/24",    // AS112
	"192.52.193.0/24",    // AMT relays
	"192.88.99.0/24",     // 6to4 relays
	"192.168.0.0/16",     // private
	"192.175.48.0/24",    // AS112
	"198.18.0.0/15",      // benchmarking
	"198.51.100.0/24",    // documentation
	"203.0.113.0/24",     // documentation
	"224.0.0.0/4",        // multicast
	"240.0.0.0/4",        // reserved
	"255.255.255.255/32", // broadcast

	// IPv6
	"::/96",             // unspecified, loopback, and IPv4-compatible
	"::ffff:0:0/96",     // IPv4-mapped
	"64:ff9b::/96",      // NAT64
	"64:ff9b:1::/48",    // local NAT64
	"100::/64",          // discard
	"100:0:0:1::/64",    // dummy prefix
	"2001::/23",         // protocol assignments: Teredo, benchmarking, ORCHID …
	"2001:db8::/32",     // documentation
	"2002::/16",         // 6to4
	"2620:4f:8000::/48", // AS112
	"3fff::/20",         // documentation
	"5f00::/16",         // segment routing
	"fc00::/7",          // unique local: instance metadata on fd00:ec2::254
	"fe80::/10",         // link-local
	"fec0::/10",         // site-local
	"ff00::/8",          // multicast
)

func parsePrefixes(list ...string) []netip.Prefix {
	prefixes := make([]netip.Prefix, 0, len(list))
	for _, text := range list {
		prefixes = append(prefixes, netip.MustParsePrefix(text))
	}
	return prefixes
}

// publicAddress refuses an address that is not a public one on port 443.
func publicAddress(target netip.AddrPort) error {
	addr := target.Addr()
	switch {
	case target.Port() != 443:
		return fmt.Errorf("%w: port %d", ErrForbiddenURL, target.Port())
	case addr.Zone() != "":
		return fmt.Errorf("%w: the address has a zone", ErrForbiddenURL)
	case addr.Is4In6():
		addr = addr.Unmap() // the dialer strips the mapping as well
	}
	if addr.Is6() && !globalUnicast.Contains(addr) {
		return fmt.Errorf("%w: %s is not a public address", ErrForbiddenURL, addr)
	}
	for _, block := range specialPurpose {
		if block.Contains(addr) {
			return fmt.Errorf("%w: %s is in the special-purpose block %s", ErrForbiddenURL, addr, block)
		}
	}
	return nil
}

// loopbackAddress refuses an address that is not this machine.
func loopbackAddress(target netip.AddrPort) error {
	if !target.Addr().Unmap().IsLoopback() {
		return fmt.Errorf("%w: the simulator's name resolves to %s, which is not loopback", ErrForbiddenURL, target.Addr())
	}
	return nil
}
