package bench

import (
	"bytes"
	"image"
	_ "image/jpeg"
	_ "image/png"
	"testing"

	"darkroom/shared/picture"
	"darkroom/shared/upload"
	"darkroom/shared/workflow"
)

// Only a picture at its limit says how much memory the function needs.
func TestTheLargestSpecimensAreAtTheLimitAndNotAboveIt(t *testing.T) {
	t.Parallel()
	for _, of := range []struct {
		specimens []specimen
		inspect   func([]byte) (picture.Info, error)
		pixels    int
		heavy     int
		maxBytes  int
	}{
		{append([]specimen{largestAnswer}, largestOutputs...), picture.Inspect, picture.MaxPixels, picture.MaxHeavyPixels, workflow.MaxOutput},
		{largestInputs, picture.InspectInput, picture.MaxInputPixels, picture.MaxHeavyInputPixels, upload.MaxBytes},
	} {
		for _, s := range of.specimens {
			data, err := s.make()
			if err != nil {
				t.Fatal(err)
			}
			info, err := of.inspect(data)
			if err != nil || len(data) > of.maxBytes {
				t.Errorf("%s of %d bytes: %v, want it taken", s.name, len(data), err)
			}
			if n := info.Width * info.Height; n != of.pixels && n != of.heavy && n != of.heavy/2 {
				t.Errorf("%s has %d pixels; limits are %d, %d and half of that", s.name, n, of.pixels, of.heavy)
			}
			if size, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || size.Width != info.Width {
				t.Errorf("%s: %v %v", s.name, size, err)
			}
		}
	}
}

func TestHostileSpecimensAreRefused(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		data, err := s.make()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := picture.Inspect(data); err == nil || !s.refused {
			t.Errorf("%s passes", s.name)
		}
	}
}

func TestAMeasurementOfNobodyIsAnError(t *testing.T) {
	t.Parallel()
	if most, err := (processes{function: "nobody", endpoint: "http://127.0.0.1:1"}).peak(); err == nil {
		t.Errorf("nobody has %d bytes", most)
	}
}
