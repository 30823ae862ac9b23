package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// KeySource gives the API key for one call, so that a rotated key is picked up without a restart. The error is or wraps ErrNoKey
// when nobody has filled the key in; any other says that it could not be read just now. Either way nothing is sent.
type KeySource func(ctx context.Context) (string, error)

// ErrNoKey is what a KeySource answers when nobody has filled in the provider's key: no call will be made until somebody does.
var ErrNoKey = errors.New("the provider has no API key")

// Key is an API key and the header that it goes in, after a prefix such as "Bearer ". The zero value is no key.
type Key struct {
	Source       KeySource
	Name, Prefix string
}

// FixedKey is a KeySource for a key that does not change.
func FixedKey(key string) KeySource {
	return func(context.Context) (string, error) { return key, nil }
}

// Header is a call's header with the key in it, after a prefix such as "Bearer ". The error is an *Error: Down for ErrNoKey, and
// otherwise of the given class, which is Transient for a submit and TransientRead for a question that may be asked again.
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

// into is a call's header with the key added. The error is as from Header.
func (k Key) into(ctx context.Context, header http.Header, class Class) (http.Header, error) {
	if k.Source == nil {
		return header, nil
	}
	keyed, err := k.Source.Header(ctx, class, k.Name, k.Prefix)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		keyed[name] = values
	}
	return keyed, nil
}
