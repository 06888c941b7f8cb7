package unclaimed

import (
	"net"
	"net/netip"
)

// subnet is how many bits of an IPv6 address one peer has, at least, to itself.
const subnet = 64

// Address returns what of a peer's address it cannot change at will: the host,
// and of one of IPv6 the network that belongs to the peer as a whole.
func Address(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap().WithZone(""); ip.Is6() {
		network, _ := ip.Prefix(subnet) // an error would mean more bits than there are
		return network.String()
	}
	return ip.String()
}
