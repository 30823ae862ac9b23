package provider

import (
	"net/http"
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

// ImageType is an image's type by the bytes themselves: the stated one is a promise only. A page in place of an image is never
// called one, so that nobody can be made to show it.
func ImageType(image []byte) string {
	if kind := http.DetectContentType(image); strings.HasPrefix(kind, "image/") {
		return kind
	}
	return "application/octet-stream"
}
