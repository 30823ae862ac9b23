package simulator

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"io"
	"net/http"
	"strings"

	_ "golang.org/x/image/webp" // input images may be WebP
)

// maxInput bounds one input image, in bytes; providers document 20 MB.
const maxInput = 20 << 20

// inputImage reads one input image as providers take it, base64 or an address, and returns its size in pixels. Addresses must
// be on this machine.
func (s *Simulator) inputImage(ctx context.Context, value string) (image.Config, error) {
	var raw []byte
	var err error
	if strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://") {
		raw, err = s.download(ctx, value)
	} else {
		raw, err = base64.StdEncoding.DecodeString(value)
		if err != nil {
			err = errors.New("should be an http(s) URL or an image in base64")
		}
	}
	if err != nil {
		return image.Config{}, err
	}
	if len(raw) > maxInput {
		return image.Config{}, fmt.Errorf("should be at most %d MB", maxInput>>20)
	}
	size, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return image.Config{}, errors.New("should be a PNG, JPEG or WebP image")
	}
	return size, nil
}

func (s *Simulator) download(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errors.New("should be an http(s) URL or an image in base64")
	}
	response, err := s.loopback.Do(request)
	if err != nil {
		return nil, errors.New("could not be downloaded: the simulator fetches from loopback addresses only")
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("could not be downloaded: its host answered %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxInput+1))
}
