package workflow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"testing"
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/task"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

// drawer keeps what was uploaded, by object and ETag.
type drawer struct {
	files  map[string][]byte
	broken error
	slow   bool // it takes until the time of whoever reads is over
	reads  int
}

func (d *drawer) GetSame(ctx context.Context, key, etag string, _ int64) ([]byte, error) {
	if d.reads++; d.slow {
		<-ctx.Done()
	}
	if d.broken != nil {
		return nil, d.broken
	}
	data, same := d.files[key+" "+etag]
	if !same {
		return nil, fmt.Errorf("read %s: %w", key, fs.ErrNotExist)
	}
	return data, nil
}

// newDrawer makes a world whose submit step reads inputs.
func newDrawer() (*simtest.World, *drawer) {
	w, d := simtest.NewWorld(), &drawer{files: map[string][]byte{}}
	w.Creator.Uploads = &workflow.Uploads{Engine: w.Engine}
	w.Submitter.Inputs = d
	return w, d
}

// ready makes an upload of Alice's that was looked at, with these bytes in it.
func (d *drawer) ready(t *testing.T, w *simtest.World, role upload.Role, file []byte) upload.Input {
	t.Helper()
	config, err := png.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		config.Width, config.Height = 64, 64 // looked like an image when it was completed
	}
	u, err := upload.New(simtest.Alice, w.Engine.NewID(), "image/png", int64(len(file)), w.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	checked := upload.Checked{ETag: "e1", ContentType: "image/png", Width: config.Width, Height: config.Height, Alpha: role == upload.Mask}
	for _, write := range []transition.Write{{Key: u.Key(), Put: u.Item()}, u.ReadyWrite(checked)} {
		if err := w.Store.Transact(ctx, write); err != nil {
			t.Fatal(err)
		}
	}
	d.files[u.Object()+" e1"] = file
	return upload.Input{Upload: u.ID, Role: role}
}

// drawing is a PNG whose left half is transparent.
func drawing(t *testing.T, width, height int) []byte {
	t.Helper()
	made := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := width / 2; x < width; x++ {
			made.SetNRGBA(x, y, color.NRGBA{200, uint8(x), uint8(y), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, made); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func edit(inputs ...upload.Input) workflow.Wish {
	wish := simtest.Wish(simtest.AtOnceModel, 1)
	wish.Mode, wish.Inputs = "edit", inputs
	return wish
}

// What a large input costs more than a small one is not in its price.
func TestAnInputIsNoLargerThanItsPriceCovers(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	var got provider.Call
	w.Jobs.OnSubmit = func(call provider.Call, _ int) (provider.Submission, error) {
		got = call
		return provider.Submission{Job: &provider.Job{ID: "j1"}}, nil
	}
	wish := simtest.Wish(simtest.JobModel, 1)
	wish.Mode, wish.Inputs = "edit", []upload.Input{d.ready(t, w, upload.Source, drawing(t, 2000, 1000))}
	if _, err := w.Creator.Create(ctx, simtest.Alice, "", wish); err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if len(got.Inputs) != 1 {
		t.Fatalf("%d inputs, want 1", len(got.Inputs))
	}
	size, err := png.DecodeConfig(bytes.NewReader(got.Inputs[0].Data))
	if err != nil || size.Width*size.Height > 1<<20 || size.Width != 1448 {
		t.Errorf("the input is %d x %d, %v; want 1448 x 724, a megapixel", size.Width, size.Height, err)
	}
}

func TestTheProviderGetsTheInputsPreparedInTheirOrderAndRoles(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	var got provider.Call
	w.AtOnce.OnSubmit = func(call provider.Call, n int) (provider.Submission, error) {
		got = call
		return provider.Submission{Output: &provider.Output{Data: simtest.Picture(n), ContentType: "image/png"}}, nil
	}
	mask, source := d.ready(t, w, upload.Mask, drawing(t, 2400, 600)), d.ready(t, w, upload.Source, drawing(t, 2400, 600))
	created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(mask, source))
	if err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if state := w.Task(t, created.Tasks[0]).State; state != task.Completed {
		t.Fatalf("the task is %s, want completed", state)
	}
	if got.Mode != "edit" || len(got.Inputs) != 2 || got.Inputs[0].Role != "mask" || got.Inputs[1].Role != "source" {
		t.Fatalf("mode %q with %d inputs, want edit with mask and source", got.Mode, len(got.Inputs))
	}
	for _, in := range got.Inputs { // both scaled down alike: a mask must lie on its source
		config, format, err := image.DecodeConfig(bytes.NewReader(in.Data))
		if err != nil || "image/"+format != in.ContentType || config.Width != 2048 || config.Height != 512 {
			t.Errorf("%s: %d x %d %s said to be %s, %v; want 2048 x 512", in.Role, config.Width, config.Height, format, in.ContentType, err)
		}
	}
}

func TestAnInputThatWillNeverDoEndsTheTaskBeforeItsProviderIsAsked(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(d *drawer, object string){
		"other bytes since": func(d *drawer, object string) {
			d.files[object+" e2"] = d.files[object+" e1"]
			delete(d.files, object+" e1")
		},
		"gone":          func(d *drawer, object string) { delete(d.files, object+" e1") },
		"only a header": func(d *drawer, object string) { d.files[object+" e1"] = d.files[object+" e1"][:60] },
		"no image":      func(d *drawer, object string) { d.files[object+" e1"] = []byte("<svg onload=alert(1)>") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, d := newDrawer()
			source := d.ready(t, w, upload.Source, drawing(t, 64, 64))
			created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(source))
			if err != nil {
				t.Fatal(err)
			}
			spoil(d, "u/"+simtest.Alice+"/"+string(source.Upload))
			w.Drain()
			if got := w.Task(t, created.Tasks[0]); got.State != task.Failed || got.Error == nil || got.Error.Code != task.InvalidInput {
				t.Errorf("the task is %s %v, want failed invalid_input", got.State, got.Error)
			}
			if calls := w.AtOnce.Calls(); calls != 0 {
				t.Errorf("the provider was called %d times, want never", calls)
			}
			if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits || b.Held != 0 {
				t.Errorf("balance %+v, want everything back", b)
			}
		})
	}
}

// What takes too long would take so in every attempt, and hold a worker each time.
func TestAnInputThatTakesTooLongToOpenIsTheFaultOfTheInput(t *testing.T) {
	t.Parallel()
	for _, mask := range []bool{false, true} {
		w, d := newDrawer()
		w.Submitter.CallLimit = 20 * time.Millisecond
		inputs := []upload.Input{d.ready(t, w, upload.Source, drawing(t, 64, 64))}
		if mask {
			inputs = append(inputs, d.ready(t, w, upload.Mask, drawing(t, 64, 64)))
		}
		created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(inputs...))
		if err != nil {
			t.Fatal(err)
		}
		d.slow = true
		w.Drain()
		if got := w.Task(t, created.Tasks[0]); got.State != task.Failed || got.Error.Code != task.InvalidInput || got.Att != 1 || w.AtOnce.Calls() != 0 {
			t.Errorf("the task is %s, %+v in attempt %d; want failed, invalid_input in the first", got.State, got.Error, got.Att)
		}
		if b := w.Balance(t, simtest.Alice); b.Available != simtest.Credits || b.Held != 0 {
			t.Errorf("balance %+v, want everything back", b)
		}
	}
}

func TestABucketThatTakesTooLongIsNotTheFaultOfTheInput(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	w.Submitter.CallLimit = 20 * time.Millisecond
	created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(d.ready(t, w, upload.Source, drawing(t, 64, 64))))
	if err != nil {
		t.Fatal(err)
	}
	d.slow, d.broken = true, context.DeadlineExceeded
	w.Drain()
	if got := w.Task(t, created.Tasks[0]); got.State.Terminal() {
		t.Errorf("the task is %s, %+v; want it waiting", got.State, got.Error)
	}
}

// Noise is what compresses worst: four such images have more bytes together than the provider takes.
func TestTheInputsOfACallKeepToTheBytesOfTheirProvider(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	var got provider.Call
	w.Jobs.OnSubmit = func(call provider.Call, _ int) (provider.Submission, error) {
		got = call
		return provider.Submission{Job: &provider.Job{ID: "j1"}}, nil
	}
	wish := simtest.Wish(simtest.JobModel, 1)
	wish.Mode = "reference"
	most, unbounded := w.Engine.Catalog.Providers["bfl"].InputBytes, 0
	for n := range uint64(4) {
		noise := image.NewRGBA(image.Rect(0, 0, 1000, 1000))
		random := rand.NewChaCha8([32]byte{byte(n)})
		for i := 0; i < len(noise.Pix); i += 4 {
			random.Read(noise.Pix[i : i+3]) //nolint:errcheck // it never fails
			noise.Pix[i+3] = 0xff
		}
		var file bytes.Buffer
		if err := png.Encode(&file, noise); err != nil {
			t.Fatal(err)
		}
		unbounded += file.Len()
		wish.Inputs = append(wish.Inputs, d.ready(t, w, upload.Reference, file.Bytes()))
	}
	if _, err := w.Creator.Create(ctx, simtest.Alice, "", wish); err != nil {
		t.Fatal(err)
	}
	w.Drain()
	all := 0
	for _, in := range got.Inputs {
		all += len(in.Data)
	}
	if len(got.Inputs) != 4 || all > most || all == 0 || unbounded <= most {
		t.Errorf("%d inputs of %d bytes, made of %d; allowed are %d", len(got.Inputs), all, unbounded, most)
	}
}

func TestAnUploadThatIsNamedSeveralTimesIsOpenedOnce(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	var got provider.Call
	w.AtOnce.OnSubmit = func(call provider.Call, n int) (provider.Submission, error) {
		got = call
		return provider.Submission{Output: &provider.Output{Data: simtest.Picture(n), ContentType: "image/png"}}, nil
	}
	one := d.ready(t, w, upload.Reference, drawing(t, 64, 64))
	other := d.ready(t, w, upload.Reference, drawing(t, 32, 64))
	wish := edit(one, one, other, one)
	wish.Mode = "reference"
	if _, err := w.Creator.Create(ctx, simtest.Alice, "", wish); err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if d.reads != 2 || len(got.Inputs) != 4 {
		t.Fatalf("%d reads for %d inputs, want 2 for 4", d.reads, len(got.Inputs))
	}
	for i, like := range []int{0, 0, 2, 0} {
		if in := got.Inputs[i]; !bytes.Equal(in.Data, got.Inputs[like].Data) || in.Role != "reference" {
			t.Errorf("input %d of role %s is not like input %d", i, in.Role, like)
		}
	}
	if bytes.Equal(got.Inputs[0].Data, got.Inputs[2].Data) {
		t.Error("two uploads became the same input")
	}
}

func TestAnInputThatCannotBeReadJustNowIsReadAgainLater(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(d.ready(t, w, upload.Source, drawing(t, 64, 64))))
	if err != nil {
		t.Fatal(err)
	}
	d.broken = errors.New("503 slow down")
	w.Drain()
	if got := w.Task(t, created.Tasks[0]); got.State.Terminal() || w.AtOnce.Calls() != 0 {
		t.Fatalf("the task is %s after %d calls, want it waiting and none", got.State, w.AtOnce.Calls())
	}
	d.broken = nil
	if err := w.Recover(30 * time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := w.Task(t, created.Tasks[0]); got.State != task.Completed || w.AtOnce.Calls() != 1 {
		t.Errorf("the task is %s after %d calls, want completed after one", got.State, w.AtOnce.Calls())
	}
}

func TestARetryUsesTheSameInputsAndIsRefusedOnceTheyAreGone(t *testing.T) {
	t.Parallel()
	w, d := newDrawer()
	w.AtOnce.OnSubmit = func(_ provider.Call, n int) (provider.Submission, error) {
		if n == 1 {
			return provider.Submission{}, &provider.Error{Class: provider.Rejected, Message: "no"}
		}
		return provider.Submission{Output: &provider.Output{Data: simtest.Picture(n), ContentType: "image/png"}}, nil
	}
	created, err := w.Creator.Create(ctx, simtest.Alice, "", edit(d.ready(t, w, upload.Source, drawing(t, 64, 64))))
	if err != nil {
		t.Fatal(err)
	}
	w.Drain()
	again, err := w.Tasks.Retry(ctx, simtest.Alice, "", created.Tasks[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if got := w.Task(t, again.Tasks[0]); got.State != task.Completed {
		t.Errorf("the retry is %s %v, want completed", got.State, got.Error)
	}
	w.Clock.Add(30 * 24 * time.Hour)
	if _, err := w.Tasks.Retry(ctx, simtest.Alice, "", created.Tasks[0].ID); err == nil {
		t.Error("a retry whose inputs have expired was accepted")
	}
}
