package provider

import (
	"context"
	"errors"
	"fmt"
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

// Header is a call's header with the key in it, after a prefix such as "Bearer ". A key that could not be had is a failure of the
// given class, Transient or TransientRead, and one that nobody has filled in is Down: nothing was sent.
func (k KeySource) Header(ctx context.Context, class Class, name, prefix string) (http.Header, error) {
	key, err := k(ctx)
	if errors.Is(err, ErrNoKey) {
		class = Down
	}
	if err != nil {
		return nil, Meaning{class, MeansDown.Message}.Error(fmt.Errorf("read the API key: %w", err))
	}
	header := http.Header{}
	header.Set(name, prefix+key)
	return header, nil
}

// ImageType is an image's type by the bytes themselves: the stated one is a promise only. A page in place of an image is never
// called one, so that nobody can be made to show it.
func ImageType(image []byte) string {
	if kind := http.DetectContentType(image); strings.HasPrefix(kind, "image/") {
		return kind
	}
	return "application/octet-stream"
}
