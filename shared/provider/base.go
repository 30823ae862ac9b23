package provider

import (
	"net/url"
	"strings"
)

// Base is the address in front of an API's paths: what a deployment says, or else the simulator's for the named provider, or
// else the provider's own. One that the driver's Guard does not allow is found out by the first call, which is refused as Down.
func Base(said string, simulator *url.URL, name, own string) string {
	switch {
	case said != "":
		return strings.TrimRight(said, "/")
	case simulator != nil:
		return simulator.JoinPath(name).String()
	}
	return own
}
