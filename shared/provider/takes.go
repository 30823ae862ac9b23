package provider

import (
	"fmt"
	"slices"
	"strings"
)

// Takes is what a model takes besides a prompt; the zero value takes nothing else. A wish that is not taken is refused before the call: to ignore
// it would be a lie.
type Takes struct {
	Pixels      bool     // sizes in pixels, from which a ratio between 1:4 and 4:1 makes one; without it the driver reads the size itself
	Formats     []string // of outputs; nil: whatever the API says
	Seed        bool
	Qualities   bool // levels besides "standard"
	Transparent bool // backgrounds
	Images      int  // input images at most, masks aside
	Mask        bool
	Inline      int // bytes of all inputs inside the call together; 0: no limit. Links have none.
}

// Taken is what a model gets of a call.
type Taken struct {
	Width, Height int     // 0: the model chooses; set with Takes.Pixels only
	Images        []Input // as from Call.ImagesInOrder
	Mask          *Input  // nil: none
}

// Check refuses a call that wishes for more than the model takes. The error is an *Error of class Rejected.
func (t Takes) Check(call Call) (taken Taken, err error) {
	params := call.Params
	width, height, isSize := params.Size()
	if t.Pixels {
		taken.Width, taken.Height = width, height
	}
	switch {
	case t.Images == 0 && (call.Mode != Text || len(call.Inputs) > 0):
		return Taken{}, Unsent("This model makes images from text only.", "mode "+CodeWord(call.Mode))
	case t.Pixels && !isSize:
		return Taken{}, Unsent("This image size is not supported: give width and height, or an aspect ratio between 1:4 and 4:1.", "size")
	case params.Seed != nil && !t.Seed:
		return Taken{}, Unsent("This model takes no seed.", "seed")
	case params.Quality != "" && params.Quality != "standard" && !t.Qualities:
		return Taken{}, Unsent("This model has no quality levels.", "quality")
	case params.Background == "transparent" && !t.Transparent:
		return Taken{}, Unsent("This model makes no transparent backgrounds.", "background")
	case params.OutputFormat != "" && t.Formats != nil && !slices.Contains(t.Formats, params.OutputFormat):
		return Taken{}, Unsent("This output format is not supported; allowed: "+strings.Join(t.Formats, ", ")+".", "output_format")
	}
	if taken.Images, taken.Mask, err = call.ImagesInOrder(t.Images, t.Mask); err != nil {
		return Taken{}, err
	}
	inline := 0
	for _, in := range call.Inputs {
		inline += len(in.Data)
	}
	if t.Inline > 0 && inline > t.Inline {
		return Taken{}, Unsent("The input images are too large for this model.", fmt.Sprintf("inputs of %d bytes", inline))
	}
	return taken, nil
}
