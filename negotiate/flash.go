package negotiate

import "slices"

// FlashDomains turns a list of origins, in the forms of [CompileOrigins], into
// that of a Flash socket policy: host:port, where the host is the page's and the
// port the one it connects to. A policy cannot tell schemes and ports of pages
// apart, so it is wider than the list, which the connection is held to afterwards.
// An empty list means any page. The error is an *[OriginError].
func FlashDomains(list []string) ([]string, error) {
	o, err := CompileOrigins(list)
	if err != nil {
		return nil, err
	}
	if o.any {
		return []string{"*:*"}, nil
	}
	domains := []string{}
	for _, p := range o.patterns {
		host := p.host
		switch {
		case p.anyHost:
			host = "*"
		case p.below:
			host = "*." + p.host
		}
		if d := host + ":*"; !slices.Contains(domains, d) {
			domains = append(domains, d)
		}
	}
	return domains, nil
}
