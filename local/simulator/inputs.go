package simulator

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"net/http"
	"strings"

	_ "golang.org/x/image/webp" // input images may be WebP
)

// maxInput bounds one input image, in bytes; providers document 20 MB.
const maxInput = 20 << 20

// input is one input image, read.
type input struct {
	image.Config
	format string // png, jpeg or webp, by its bytes
	bytes  int
	inset
}

// alpha says whether the image may be transparent.
func (in input) alpha() bool {
	return in.ColorModel == color.NRGBAModel || in.ColorModel == color.NRGBA64Model || in.ColorModel == color.NYCbCrAModel
}

// maxInputPixels bounds what is decoded for a small copy; providers take about as much.
const maxInputPixels = 64 << 20

// openInput reads one input image as providers take it, base64 or an address, with a small copy of it for the picture. Addresses
// must be on this machine.
func (s *Simulator) openInput(ctx context.Context, value, label string) (input, error) {
	raw, err := s.inputBytes(ctx, value)
	if err != nil {
		return input{}, err
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return input{}, errNotImage
	}
	if size.Width*size.Height > maxInputPixels {
		return input{}, fmt.Errorf("should have at most %d megapixels", maxInputPixels>>20)
	}
	whole, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return input{}, errNotImage
	}
	return input{Config: size, format: format, bytes: len(raw), inset: inset{label, smallCopy(whole)}}, nil
}

var (
	errNotImage = errors.New("should be a PNG, JPEG or WebP image")
	errNotInput = errors.New("should be an http(s) URL or an image in base64")
)

func (s *Simulator) inputBytes(ctx context.Context, value string) (raw []byte, err error) {
	if strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://") {
		raw, err = s.download(ctx, value)
	} else if raw, err = base64.StdEncoding.DecodeString(value); err != nil {
		err = errNotInput
	}
	if err != nil {
		return nil, err
	}
	if len(raw) > maxInput {
		return nil, fmt.Errorf("should be at most %d MB", maxInput>>20)
	}
	return raw, nil
}

func (s *Simulator) download(ctx context.Context, url string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, errNotInput
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
