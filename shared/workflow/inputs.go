package workflow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"darkroom/shared/picture"
	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/upload"
)

// InputSpace is our bucket, as the submit step reads users' images from it.
type InputSpace interface {
	// GetSame reads an object if its bytes are still those with this ETag. The error is fs.ErrNotExist when they are not, or gone.
	GetSame(ctx context.Context, key, etag string, limit int64) ([]byte, error)
}

// What a provider gets of the inputs: upright, stripped of metadata, and small enough for their provider together with its other inputs.
const (
	inputSide  = 2048    // pixels of the longest side
	maskBudget = 2 << 20 // bytes of a mask: nothing but transparency, which is much only where it is noise
)

// preparing bounds how long the inputs of a call may take, beside what the call has time for.
const preparing = time.Minute

// errSlowInput ends what takes longer. It is the input's own fault: nothing but its pixels takes so much time, and they would in every further attempt.
var errSlowInput = fmt.Errorf("%w: it takes too long to open", picture.ErrUnusable)

// inputs reads and prepares the images of a request, one after another: each may take a hundred megabytes while it is open. An upload that is named several
// times is opened once. The error is picture.ErrUnusable or fs.ErrNotExist for an input that will never do; any other may pass.
func (s *Submitter) inputs(ctx context.Context, t *task.Task, providerName string, request *task.Request) ([]provider.Input, error) {
	wanted := request.Inputs
	if len(wanted) == 0 {
		return nil, nil
	}
	ctx, cancel := reserve(ctx, preparing, errSlowInput)
	defer cancel()
	made := make([]provider.Input, len(wanted))
	done := map[upload.ID]opened{}
	var source opened
	model, _ := s.Catalog.Model(t.Model) // known: it has just been routed
	want := picture.Want{MaxSide: inputSide, MaxPixels: model.MaxInputPixels, MaxBytes: s.Catalog.Providers[providerName].InputBytes / upload.Images(request.Asked())}
	for i, in := range wanted {
		if in.Role == upload.Mask {
			continue
		}
		image, again := done[in.Upload]
		if !again {
			data, info, err := s.open(ctx, t.Account, in)
			if err != nil {
				return nil, err
			}
			prepared, err := picture.Prepare(ctx, data, info, want)
			if err != nil {
				return nil, fmt.Errorf("input %d: %w", i, err)
			}
			image = opened{info, prepared}
			done[in.Upload] = image
		}
		made[i] = provider.Input{Role: string(in.Role), ContentType: image.ContentType, Data: image.Data}
		if in.Role == upload.Source {
			source = image
		}
	}
	for i, in := range wanted { // after its source, whose prepared size it takes
		if in.Role != upload.Mask {
			continue
		}
		data, info, err := s.open(ctx, t.Account, in)
		if err != nil {
			return nil, err
		}
		prepared, err := picture.PrepareMask(ctx, data, info, source.info, source.Prepared, maskBudget)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		made[i] = provider.Input{Role: string(in.Role), ContentType: "image/png", Data: prepared}
	}
	return made, nil
}

// opened is an input as it was sent, and as it was prepared.
type opened struct {
	info picture.Info
	picture.Prepared
}

// open reads the bytes that were checked when the upload was completed. Others are not read, whatever lies there now.
func (s *Submitter) open(ctx context.Context, account string, in task.Input) ([]byte, picture.Info, error) {
	object := (&upload.Upload{Account: account, ID: in.Upload}).Object()
	data, err := s.Inputs.GetSame(ctx, object, in.ETag, upload.MaxBytes)
	if err != nil {
		return nil, picture.Info{}, err
	}
	info, err := picture.InspectInput(data)
	return data, info, err
}

// unusableInput writes down an attempt that was not called because of its inputs: for good, or because they could not be read just now.
func (s *Submitter) unusableInput(ctx context.Context, t *task.Task, err error) error {
	reason := task.NotExecuted
	if errors.Is(err, picture.ErrUnusable) || errors.Is(err, fs.ErrNotExist) {
		reason = task.BadInput
	}
	s.Log.Warn("inputs cannot be used", "task_id", t.ID, "account", t.Account, "attempt", t.Att, "reason", reason, "error", err)
	return s.report(ctx, t, task.Failing{Attempt: t.Att, Reason: reason})
}
