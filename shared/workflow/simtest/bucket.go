package simtest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Bucket is an object store in memory. It is the staging area as well.
type Bucket struct {
	mu      sync.Mutex
	objects map[string][]byte
}

// PutAsset writes an object unless its key is taken.
func (b *Bucket) PutAsset(ctx context.Context, key string, data []byte, contentType, _ string) error {
	return b.PutOnce(ctx, key, data, contentType)
}

// PutOnce writes an object unless its key is taken.
func (b *Bucket) PutOnce(_ context.Context, key string, data []byte, _ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.objects == nil {
		b.objects = map[string][]byte{}
	}
	if _, taken := b.objects[key]; !taken {
		b.objects[key] = bytes.Clone(data)
	}
	return nil
}

// Get reads an object.
func (b *Bucket) Get(_ context.Context, key string, limit int64) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	data, there := b.objects[key]
	switch {
	case !there:
		return nil, fmt.Errorf("no object %s", key)
	case int64(len(data)) > limit:
		return nil, fmt.Errorf("object %s has more than %d bytes", key, limit)
	}
	return data, nil
}

// List returns the keys below a prefix.
func (b *Bucket) List(_ context.Context, prefix string) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		if strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// DeletePrefix removes every object below a prefix.
func (b *Bucket) DeletePrefix(_ context.Context, prefix string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.objects, func(key string, _ []byte) bool { return strings.HasPrefix(key, prefix) })
	return nil
}

// Keys lists every object.
func (b *Bucket) Keys() []string {
	keys, _ := b.List(context.Background(), "") // never fails
	return keys
}

// Picture is a small PNG; different numbers make different images.
func Picture(n int) []byte {
	if n == 1 {
		return firstPicture // made once: simulations ask for it often
	}
	return makePicture(n)
}

var firstPicture = makePicture(1)

func makePicture(n int) []byte {
	img := image.NewGray(image.Rect(0, 0, 2, 2))
	img.SetGray(0, 0, color.Gray{Y: uint8(n)})
	img.SetGray(1, 0, color.Gray{Y: uint8(n >> 8)})
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err) // a buffer takes everything
	}
	return out.Bytes()
}
