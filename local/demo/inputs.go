package demo

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/jpeg" // what earlier scenes made
	"image/png"
	"net/http"
	"os"
	"path/filepath"

	_ "golang.org/x/image/webp"

	"darkroom/local/client"
)

// send uploads the images of a scene, as a browser does, and returns them with what the page shows of them.
func (d *Demo) send(ctx context.Context, s scene) (inputs []client.Input, shown []Shown, err error) {
	for _, in := range s.Inputs {
		file, data, err := d.file(in)
		if err != nil {
			return nil, nil, err
		}
		uploaded, err := d.api.Upload(ctx, http.DetectContentType(data), data)
		if err != nil {
			return nil, nil, err
		}
		inputs, shown = append(inputs, client.Input{UploadID: uploaded.UploadID, Role: in.Role}), append(shown, Shown{file, in.Role})
	}
	return inputs, shown, nil
}

// file finds what an input names, or makes the mask for it.
func (d *Demo) file(in input) (file string, data []byte, err error) {
	for _, shot := range d.took {
		if shot.Scene.Name != in.Of || shot.Image == "" {
			continue
		}
		if data, err = os.ReadFile(filepath.Join(d.Folder, shot.Image)); err != nil || in.Mask == nil {
			return shot.Image, data, err
		}
		config, _, err := image.DecodeConfig(bytes.NewReader(data))
		if err != nil {
			return "", nil, err
		}
		var mask bytes.Buffer
		if err := png.Encode(&mask, in.Mask(image.Rect(0, 0, config.Width, config.Height))); err != nil {
			return "", nil, err
		}
		file = filepath.Join("images", in.Of+"-mask.png")
		return file, mask.Bytes(), os.WriteFile(filepath.Join(d.Folder, file), mask.Bytes(), 0o644)
	}
	return "", nil, fmt.Errorf("no earlier scene has made %q", in.Of)
}
