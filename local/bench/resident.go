package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"time"

	"darkroom/local/client"
	"darkroom/local/simulator"
	"darkroom/shared/task"
	"darkroom/shared/upload"
)

// What the processes of functions that look at images may have in memory at most, in bytes. For inputs that is both the function that looks at their
// headers and the one that opens them.
const (
	inputMemory  = 384_000_000
	outputMemory = 512_000_000
)

// sample is an image as a stranger could send it.
type sample struct {
	name        string
	contentType string // as stated
	encoding    string // as stated, of outputs; empty: none
	make        func() ([]byte, error)
	refused     bool
}

func always(data []byte) func() ([]byte, error) { return func() ([]byte, error) { return data, nil } }

// hostile are made to cost their reader more than they cost their sender.
var hostile = []sample{
	{"60,000 x 60,000 in a header", "image/png", "", always(pngHeader(60_000, 60_000, 8, false)), true},
	{"a PNG of 16 bits, 25 MP", "image/png", "", func() ([]byte, error) { return pngOf(5120, 5120, 16, true, 0), nil }, true},
	{"an animated GIF", "image/png", "", movingGIF, true},
	{"a gzip bomb", "image/png", "gzip", func() ([]byte, error) { return gzipBomb(512 << 20) }, true},
}

// largestOutputs are as large as outputs of their kinds may be: 40 MP, or less when a pixel takes more memory.
var largestOutputs = []sample{
	{"a PNG of 40 MP and 48 MB", "image/png", "", func() ([]byte, error) { return pngOf(8192, 5120, 8, false, 48<<20), nil }, false},
	{"a PNG of 40 MP, interlaced", "image/png", "", func() ([]byte, error) { return pngOf(8192, 5120, 8, true, 48<<20), nil }, false},
	{"a PNG of 16 bits, 20 MP", "image/png", "", func() ([]byte, error) { return pngOf(5120, 4096, 16, true, 48<<20), nil }, false},
	{"a JPEG of 40 MP, four colours", "image/jpeg", "", func() ([]byte, error) { return jpegOf(8192, 5120, 4, false), nil }, false},
	{"a progressive JPEG of 20 MP", "image/jpeg", "", func() ([]byte, error) { return jpegOf(5120, 4096, 3, true), nil }, false},
	{"a progressive JPEG of 10 MP, four colours", "image/jpeg", "", func() ([]byte, error) { return jpegOf(4096, 2560, 4, true), nil }, false},
}

// largestInputs are the same for inputs: 25 MP.
var largestInputs = []sample{
	{"a PNG of 25 MP and 19 MB", "image/png", "", func() ([]byte, error) { return pngOf(5120, 5120, 8, false, 19<<20), nil }, false},
	{"a PNG of 25 MP, interlaced", "image/png", "", func() ([]byte, error) { return pngOf(5120, 5120, 8, true, 19<<20), nil }, false},
	{"a PNG of 16 bits, 12 MP", "image/png", "", func() ([]byte, error) { return pngOf(4096, 3072, 16, true, 19<<20), nil }, false},
	{"a JPEG of 25 MP, four colours", "image/jpeg", "", func() ([]byte, error) { return jpegOf(5120, 5120, 4, false), nil }, false},
	{"a progressive JPEG of 12 MP", "image/jpeg", "", func() ([]byte, error) { return jpegOf(4096, 3072, 3, true), nil }, false},
}

// resident measures how much memory the running functions have at most while they look at images: hostile ones first, because memory that a large one
// took stays with its process for a while.
func (b *Bench) resident(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		b.table.tell("memory of the functions", "not measured: only Linux tells how much a process has had at most")
		return nil
	}
	u, err := b.newUser(ctx)
	if err != nil {
		return err
	}
	m := meter{
		user: u, table: &b.table, simulator: simulator.Client{URL: b.Info.SimulatorURL},
		api: b.processes("Api"), submit: b.processes("Submit"), store: b.processes("Store"),
	}
	for _, part := range []struct {
		samples []sample
		measure func(context.Context, sample) error
	}{
		{hostile, m.input}, {largestInputs, m.input}, {hostile, m.output}, {[]sample{slow}, m.slowOutput}, {largestOutputs, m.output},
	} {
		for _, s := range part.samples {
			if err := part.measure(ctx, s); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return nil
}

func (b *Bench) processes(function string) processes {
	return processes{function: b.Info.Outputs[function+"FunctionName"], endpoint: b.Info.AWSEndpoint}
}

// meter measures one image after another.
type meter struct {
	*user
	table              *table
	simulator          simulator.Client
	api, submit, store processes
}

// input sends an image as a user's upload and, unless it is refused, makes a task from it.
func (m meter) input(ctx context.Context, s sample) error {
	data, err := s.make()
	if err != nil {
		return err
	}
	measured := []processes{m.api}
	if !s.refused {
		measured = append(measured, m.submit)
	}
	return m.measure(ctx, "input", s, inputMemory, measured, func(ctx context.Context) (refused bool, err error) {
		sent, err := m.user.api.Upload(ctx, s.contentType, data)
		var problem *client.Problem
		if errors.As(err, &problem) && problem.Status == http.StatusUnprocessableEntity {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		edit := wish(oneSecond, 1)
		edit.Mode, edit.Inputs = "edit", []client.Input{{UploadID: sent.UploadID, Role: string(upload.Source)}}
		ended, err := m.run(ctx, edit)
		return ended.Status == "failed", err
	})
}

// delivered is the name of the body that the simulator delivers.
const delivered = "measured"

// output has a provider deliver an image.
func (m meter) output(ctx context.Context, s sample) error {
	if err := m.put(ctx, s); err != nil {
		return err
	}
	defer m.simulator.RemoveBody(context.WithoutCancel(ctx), delivered) //nolint:errcheck // the simulator ends with the stack
	return m.measure(ctx, "output", s, outputMemory, []processes{m.store}, func(ctx context.Context) (refused bool, err error) {
		ended, err := m.run(ctx, wish(" [[sim: delay=200 deliver="+delivered+"]]", 1))
		return ended.Status == "failed", err
	})
}

func (m meter) put(ctx context.Context, s sample) error {
	data, err := s.make()
	if err != nil {
		return err
	}
	return m.simulator.PutBody(ctx, delivered, simulator.Body{ContentType: s.contentType, Encoding: s.encoding, Bytes: data})
}

// slow is a body of ten minutes, a byte every second. Nobody knows before its end that it is no image.
var slow = sample{"a body of one byte a second", "image/png", "", always(make([]byte, 600)), true}

// slowOutput has a provider deliver that, and waits until the store step has left before its end, and written down that this try has failed.
func (m meter) slowOutput(ctx context.Context, s sample) error {
	if err := m.put(ctx, s); err != nil {
		return err
	}
	defer m.simulator.RemoveBody(context.WithoutCancel(ctx), delivered) //nolint:errcheck // the simulator ends with the stack
	return m.measure(ctx, "output", s, outputMemory, []processes{m.store}, func(ctx context.Context) (refused bool, err error) {
		created, err := m.user.api.Create(ctx, wish(" [[sim: delay=200 slow_body=600000 deliver="+delivered+"]]", 1), "")
		if err != nil {
			return false, err
		}
		key := task.Key(m.account, task.ID(created.Tasks[0].ID))
		for {
			item, err := m.user.store.Get(ctx, key)
			if err != nil {
				return false, err
			}
			state := task.State(item.Text("state"))
			if state == task.Failed || state == task.Storing && item.Int("store_tries") > 0 && item.Int("lease_until") == 0 {
				return true, nil
			}
			if state == task.Completed {
				return false, nil
			}
			select {
			case <-ctx.Done():
				return false, context.Cause(ctx)
			case <-time.After(200 * time.Millisecond):
			}
		}
	})
}

// run makes one image and waits for its end.
func (m meter) run(ctx context.Context, w client.Wish) (client.Task, error) {
	created, err := m.user.api.Create(ctx, w, "")
	if err != nil {
		return client.Task{}, err
	}
	tasks, err := m.user.api.Wait(ctx, nil, created.IDs()...)
	if err != nil {
		return client.Task{}, err
	}
	return tasks[0], nil
}

// sampleLimit bounds how long one image may take, with its retries.
const sampleLimit = 3 * time.Minute

// measure adds two goals: that an image is refused, or taken, as it should be, and how much memory that took.
func (m meter) measure(ctx context.Context, as string, s sample, limit int64, measured []processes, do func(context.Context) (refused bool, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, sampleLimit, fmt.Errorf("it is not done after %s", sampleLimit))
	defer cancel()
	for _, p := range measured {
		if err := p.forget(); err != nil {
			return err
		}
	}
	refused, err := do(ctx)
	if err != nil {
		return err
	}
	var most int64
	for _, p := range measured {
		peak, err := p.peak()
		if err != nil {
			return err
		}
		most = max(most, peak)
	}
	words := map[bool]string{true: "refused", false: "taken"}
	m.table.check(as+": "+s.name, words[s.refused]+", below "+megabytes(limit), words[refused]+", "+megabytes(most), refused == s.refused && most < limit)
	return nil
}
