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

// What the processes of functions that look at images may have in memory at most, in bytes. For inputs that is the function that looks at their headers and
// the two that open them; one of these is given whole images by providers as well.
const (
	inputMemory  = 384_000_000
	outputMemory = 512_000_000
)

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
		user: u, table: &b.table, simulator: simulator.Client{URL: b.Info.SimulatorURL}, api: b.processes("Api"), store: b.processes("Store"),
		callers: []caller{{"submit", model, b.processes("Submit")}, {"generate", atOnceModel, b.processes("Generate")}},
	}
	for _, part := range []struct {
		specimens []specimen
		measure   func(context.Context, specimen) error
	}{
		{hostile, m.input}, {largestInputs, m.input}, {largestInputs[:1], m.several},
		{[]specimen{largestAnswer}, m.answer}, {hostile, m.output}, {[]specimen{slow}, m.slowOutput}, {largestOutputs, m.output}, {largestOutputs[:1], m.again},
	} {
		for _, s := range part.specimens {
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
	table      *table
	simulator  simulator.Client
	api, store processes
	callers    []caller
}

// caller is a function that opens inputs and calls a provider, and a model that it calls one for.
type caller struct {
	step, model string
	by          processes
}

// input sends an image as a user's upload and, unless it is refused, has it opened by both functions that call providers.
func (m meter) input(ctx context.Context, s specimen) error {
	data, err := s.make()
	if err != nil {
		return err
	}
	var sent client.Upload
	err = m.measure(ctx, "upload", s, inputMemory, []processes{m.api}, func(ctx context.Context) (refused bool, err error) {
		sent, err = m.user.api.Upload(ctx, s.contentType, data)
		var problem *client.Problem
		if errors.As(err, &problem) && problem.Status == http.StatusUnprocessableEntity {
			return true, nil
		}
		return false, err
	})
	if err != nil || s.refused {
		return err
	}
	return m.edits(ctx, s.name, m.callers, client.Input{UploadID: sent.UploadID, Role: string(upload.Source)})
}

// several has four of the largest inputs opened for one call, and one with a mask, which is as large as its source.
func (m meter) several(ctx context.Context, s specimen) error {
	data, err := s.make()
	if err != nil {
		return err
	}
	sent, err := m.user.api.Upload(ctx, s.contentType, data)
	if err != nil {
		return err
	}
	as := func(role upload.Role) client.Input { return client.Input{UploadID: sent.UploadID, Role: string(role)} }
	if err := m.edits(ctx, "four of it: "+s.name, m.callers, as(upload.Source), as(upload.Reference), as(upload.Reference), as(upload.Reference)); err != nil {
		return err
	}
	return m.edits(ctx, "with a mask: "+s.name, m.callers[1:], as(upload.Source), as(upload.Mask)) // jobs' models have none
}

// edits has inputs opened by functions, each for a call of its own.
func (m meter) edits(ctx context.Context, name string, callers []caller, inputs ...client.Input) error {
	for _, c := range callers {
		edit := wishOf(c.model, oneSecond)
		edit.Mode, edit.Inputs = "edit", inputs
		err := m.measure(ctx, c.step, specimen{name: name}, inputMemory, []processes{c.by}, func(ctx context.Context) (refused bool, err error) {
			ended, err := m.run(ctx, edit)
			return ended.Status == "failed", err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// answer has a provider answer with an image.
func (m meter) answer(ctx context.Context, s specimen) error {
	if err := m.put(ctx, s); err != nil {
		return err
	}
	defer m.simulator.RemoveBody(context.WithoutCancel(ctx), delivered) //nolint:errcheck // the simulator ends with the stack
	return m.measure(ctx, "generate", s, inputMemory, []processes{m.callers[1].by}, func(ctx context.Context) (refused bool, err error) {
		ended, err := m.run(ctx, wishOf(atOnceModel, " [[sim: delay=200 deliver="+delivered+"]]"))
		return ended.Status == "failed", err
	})
}

// delivered is the name of the body that the simulator delivers.
const delivered = "measured"

// again measures an output in a process that has opened the others before, and may not have given back all of that.
func (m meter) again(ctx context.Context, s specimen) error {
	s.name += ", after the others"
	return m.output(ctx, s)
}

// output has a provider deliver an image.
func (m meter) output(ctx context.Context, s specimen) error {
	if err := m.put(ctx, s); err != nil {
		return err
	}
	defer m.simulator.RemoveBody(context.WithoutCancel(ctx), delivered) //nolint:errcheck // the simulator ends with the stack
	return m.measure(ctx, "output", s, outputMemory, []processes{m.store}, func(ctx context.Context) (refused bool, err error) {
		ended, err := m.run(ctx, wish(" [[sim: delay=200 deliver="+delivered+"]]", 1))
		return ended.Status == "failed", err
	})
}

func (m meter) put(ctx context.Context, s specimen) error {
	data, err := s.make()
	if err != nil {
		return err
	}
	return m.simulator.PutBody(ctx, delivered, simulator.Body{ContentType: s.contentType, Encoding: s.encoding, Bytes: data})
}

// slowOutput has a provider deliver that, and waits until the store step has left before its end, and written down that this try has failed.
func (m meter) slowOutput(ctx context.Context, s specimen) error {
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

// specimenLimit bounds how long one image may take, with its retries.
const specimenLimit = 3 * time.Minute

// measure adds two goals: that an image is refused, or taken, as it should be, and how much memory that took.
func (m meter) measure(ctx context.Context, as string, s specimen, limit int64, measured []processes, do func(context.Context) (refused bool, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, specimenLimit, fmt.Errorf("it is not done after %s", specimenLimit))
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
