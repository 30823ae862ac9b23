package upload

import (
	"fmt"
	"time"

	"darkroom/shared/fault"
)

// Role is what an upload is for in a request.
type Role string

// The roles.
const (
	Source    Role = "source"    // the image to be changed
	Reference Role = "reference" // an image to take after
	Mask      Role = "mask"      // where the source may be changed: its transparent part
)

// Input is an upload in a role.
type Input struct {
	Upload ID
	Role   Role
}

// Images counts the inputs that are images to look at, and are paid for: all but masks.
func Images(inputs []Input) (images int) {
	for _, in := range inputs {
		if in.Role != Mask {
			images++
		}
	}
	return images
}

// most is how many inputs of a role a mode takes; a role that is not listed it does not take. Models may take fewer.
var most = map[string]map[Role]int{
	"text":      {},
	"edit":      {Source: 1, Reference: 15, Mask: 1},
	"reference": {Reference: 16},
}

// needs is the role that a mode cannot do without.
var needs = map[string]Role{"edit": Source, "reference": Reference}

// CheckRoles refuses a set of inputs that makes no sense in a mode, before anything is read. The error is a *fault.Error that names the field.
func CheckRoles(mode string, inputs []Input) error {
	counts := map[Role]int{}
	for i, in := range inputs {
		counts[in.Role]++
		field := fmt.Sprintf("body.inputs[%d].role", i)
		switch limit := most[mode][in.Role]; {
		case limit == 0:
			return fault.Invalid(field, "is %q, which the mode %s does not take", string(in.Role), mode)
		case counts[in.Role] > limit:
			return fault.Invalid(field, "the mode %s takes at most %d of the role %s", mode, limit, in.Role)
		}
	}
	if role, needed := needs[mode]; needed && counts[role] == 0 {
		return fault.Invalid("body.inputs", "the mode %s needs an input of the role %s", mode, role)
	}
	return nil
}

// Missing is what the owner of no such upload hears.
const Missing = "no such upload, or it has expired: make one with POST /v1/uploads"

// CheckInputs refuses inputs that cannot be used: found holds their uploads in the same order, nil for one that is not there. The error is a *fault.Error
// that names the field.
func CheckInputs(inputs []Input, found []*Upload, now time.Time) error {
	for i, u := range found {
		field := fmt.Sprintf("body.inputs[%d].upload_id", i)
		switch {
		case u == nil || u.Expired(now):
			return &fault.Error{Code: fault.NotFound, Field: field, Message: Missing}
		case u.State == Rejected:
			return &fault.Error{Code: fault.InvalidImage, Field: field, Message: u.Reason}
		case u.State != Ready:
			return &fault.Error{Code: fault.Conflict, Field: field,
				Message: fmt.Sprintf("this upload is not complete: send the file to its form, then POST /v1/uploads/%s/complete", u.ID)}
		}
	}
	return checkMask(inputs, found)
}

// checkMask holds a mask against its source.
func checkMask(inputs []Input, found []*Upload) error {
	var source *Upload
	for i, in := range inputs {
		if in.Role == Source {
			source = found[i]
		}
	}
	for i, in := range inputs {
		mask, field := found[i], fmt.Sprintf("body.inputs[%d].upload_id", i)
		switch {
		case in.Role != Mask || source == nil:
		case mask.ContentType != "image/png" || !mask.Alpha:
			return &fault.Error{Code: fault.InvalidImage, Field: field, Message: "a mask is a PNG that is transparent where the source is to be changed"}
		case mask.Width != source.Width || mask.Height != source.Height:
			return &fault.Error{Code: fault.InvalidImage, Field: field,
				Message: fmt.Sprintf("the mask has %d x %d pixels and its source %d x %d; make them equal", mask.Width, mask.Height, source.Width, source.Height)}
		}
	}
	return nil
}
