package workflow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

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

// What a provider gets of the inputs: upright, stripped of metadata, and small enough for every provider together with its other inputs.
const (
	inputSide   = 2048      // pixels of the longest side
	inputBudget = 5 << 19   // bytes of all inputs of a call: Replicate takes 3 MiB, the others more
	maskBudget  = 512 << 10 // bytes of a mask, which has few colours
)

// inputs reads and prepares the images of a request, one after another: each may take a hundred megabytes while it is open. The error is
// picture.ErrUnusable or fs.ErrNotExist for an input that will never do; any other may pass.
func (s *Submitter) inputs(ctx context.Context, t *task.Task, wanted []task.Input) ([]provider.Input, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	made := make([]provider.Input, len(wanted))
	var sourceInfo picture.Info
	var source picture.Prepared
	model, _ := s.Catalog.Model(t.Model) // known: it has just been routed
	want := picture.Want{MaxSide: inputSide, MaxPixels: model.MaxInputPixels, MaxBytes: inputBudget / len(wanted)}
	for i, in := range wanted {
		if in.Role == upload.Mask {
			continue
		}
		data, info, err := s.open(ctx, t.Account, in)
		if err != nil {
			return nil, err
		}
		prepared, err := picture.Prepare(ctx, data, info, want)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		made[i] = provider.Input{Role: string(in.Role), ContentType: prepared.ContentType, Data: prepared.Data}
		if in.Role == upload.Source {
			sourceInfo, source = info, prepared
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
		prepared, err := picture.PrepareMask(ctx, data, info, sourceInfo, source, maskBudget)
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		made[i] = provider.Input{Role: string(in.Role), ContentType: "image/png", Data: prepared}
	}
	return made, nil
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
