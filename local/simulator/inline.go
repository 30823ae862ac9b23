package simulator

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
)

// writeInline writes a body as JSON with images in base64 where the text place stands, in order, and never holds a whole
// encoded one in memory.
func writeInline(w io.Writer, body any, place string, images []output) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	for _, image := range images {
		before, after, _ := bytes.Cut(raw, []byte(place))
		if _, err := w.Write(before); err != nil {
			return err
		}
		encoder := base64.NewEncoder(base64.StdEncoding, w)
		if err := image.writeTo(encoder); err != nil {
			return err
		}
		if err := encoder.Close(); err != nil {
			return err
		}
		raw = after
	}
	_, err = w.Write(raw)
	return err
}
