// Package demo runs Darkroom's main job on a local stack for people to watch, checks that it went as promised, and makes a page of what came of it.
package demo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"darkroom/local/client"
	"darkroom/local/simulator"
	"darkroom/local/stack"
)

// limit bounds one scene.
const limit = 60 * time.Second

// Demo is one run.
type Demo struct {
	Info   *stack.Info
	Out    io.Writer
	Folder string // where the page and its images go; emptied first

	api  client.Client
	sim  simulator.Client
	took []Shot // what the scenes made, in order
}

// Shot is one task of the demo with everything the page shows of it.
type Shot struct {
	Scene   scene
	Task    client.Task
	Receipt client.Receipt
	Image   string // file in the folder; empty: none
	Preview string
	Calls   int     // how often a provider made it
	By      string  // the provider that made it
	Inputs  []Shown // the images it was made from
}

// Shown is an input image on the page.
type Shown struct {
	File string
	Role string
}

// Run plays every scene as the stack's first user and writes the page. The error says which promise was not kept.
func (d *Demo) Run(ctx context.Context) error {
	token, err := stack.SignIn(ctx, d.Info, d.Info.Users[0])
	if err != nil {
		return err
	}
	d.api = client.Client{URL: d.Info.APIURL, Token: token}
	d.sim = simulator.Client{URL: d.Info.SimulatorURL}
	if err := os.RemoveAll(d.Folder); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(d.Folder, "images"), 0o755); err != nil {
		return err
	}
	before, err := d.api.Credits(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "\nThe providers are simulated here: they speak the real protocols and draw their pictures themselves, with the prompt on them.\n%s has %d credits.\n", d.Info.Users[0].Email, before.Available)
	for i, s := range scenes {
		fmt.Fprintf(d.Out, "\n%d. %s\n   %s\n", i+1, s.Title, s.Says)
		if err := d.play(ctx, s); err != nil {
			return fmt.Errorf("scene %d, %s: %w", i+1, s.Title, err)
		}
	}
	return d.finish(ctx, before)
}

// play runs one scene and checks how it ended.
func (d *Demo) play(ctx context.Context, s scene) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("not done after %s", limit))
	defer cancel()
	started := time.Now()
	inputs, files, err := d.send(ctx, s)
	if err != nil {
		return err
	}
	w := newWatch(d.Out, started)
	if len(inputs) > 0 {
		w.say("%d images uploaded and looked at", len(inputs))
	}
	if s.Down != "" {
		if _, err := d.sim.Order(ctx, simulator.Order{Provider: s.Down, Prompt: s.mark(), Times: 1, Faults: "down=401"}); err != nil {
			return err
		}
	}
	created, err := d.api.Create(ctx, s.wish(inputs), s.Key)
	if err != nil {
		return err
	}
	w.accepted(created.Tasks)
	if s.Key != "" {
		if err := d.repeat(ctx, s, created); err != nil {
			return err
		}
	}
	tasks, err := d.api.Wait(ctx, w.seen, created.IDs()...)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if err := d.take(ctx, s, t, files); err != nil {
			return err
		}
	}
	return s.check(tasks)
}

// repeat sends the same call again, as a client does that lost the answer.
func (d *Demo) repeat(ctx context.Context, s scene, first client.Created) error {
	again, err := d.api.Create(ctx, s.wish(nil), s.Key)
	if err != nil {
		return err
	}
	if !again.Replayed || again.RequestID != first.RequestID || again.Tasks[0].ID != first.Tasks[0].ID {
		return fmt.Errorf("the repeated call was not recognised: %s, then %s", first.RequestID, again.RequestID)
	}
	fmt.Fprintf(d.Out, "   the same call again: %s, replayed, nothing new was made or held\n", short(again.Tasks[0].ID))
	return nil
}

// take keeps a task with its receipt and images.
func (d *Demo) take(ctx context.Context, s scene, t client.Task, inputs []Shown) error {
	full, err := d.api.Task(ctx, t.ID)
	if err != nil {
		return err
	}
	receipt, err := d.api.Receipt(ctx, t.ID)
	if err != nil {
		return err
	}
	calls, err := d.sim.Calls(ctx, simulator.Filter{Prompt: s.mark(), Operation: simulator.Submit})
	if err != nil {
		return err
	}
	shot := Shot{Scene: s, Task: full, Receipt: receipt, Calls: calls.Accepted, Inputs: inputs}
	for _, call := range calls.Calls {
		if call.Accepted {
			shot.By = call.Provider
		}
	}
	if s.By != "" && shot.By != s.By {
		return fmt.Errorf("%s was made by %q, not by %s", t.ID, shot.By, s.By)
	}
	if full.Asset != nil {
		if shot.Image, err = d.download(ctx, full.Asset.URL, full.ID, full.Asset.ContentType); err != nil {
			return err
		}
		if shot.Preview, err = d.download(ctx, full.Asset.PreviewURL, full.ID+"-preview", "image/jpeg"); err != nil {
			return err
		}
	}
	d.took = append(d.took, shot)
	return nil
}

var endings = map[string]string{"image/png": ".png", "image/jpeg": ".jpg", "image/webp": ".webp"}

// download fetches an image through the CDN, as a browser does.
func (d *Demo) download(ctx context.Context, link, name, contentType string) (file string, err error) {
	answer, err := client.Fetch(ctx, link)
	if err != nil {
		return "", err
	}
	if answer.Status != 200 {
		return "", fmt.Errorf("the CDN answered %d for %s", answer.Status, name)
	}
	if served := answer.Header.Get("Content-Type"); endings[served] != "" {
		contentType = served
	}
	file = filepath.Join("images", name+endings[contentType])
	return file, os.WriteFile(filepath.Join(d.Folder, file), answer.Body, 0o644)
}

// finish checks that the money adds up and writes the page.
func (d *Demo) finish(ctx context.Context, before client.Credits) error {
	after, err := d.api.Credits(ctx)
	if err != nil {
		return err
	}
	entries, err := d.api.Entries(ctx)
	if err != nil {
		return err
	}
	spent := int64(0)
	for _, shot := range d.took {
		spent += shot.Task.Credits.Captured
	}
	if after.Held != 0 || before.Available-after.Available != spent {
		return fmt.Errorf("credits do not add up: %d before, %d after, %d held, %d captured", before.Available, after.Available, after.Held, spent)
	}
	page := filepath.Join(d.Folder, "index.html")
	if err := writePage(page, d.took, entries, after); err != nil {
		return err
	}
	fmt.Fprintf(d.Out, "\n%d images for %d credits; %d of %d credits are left, none is held. Every credit is accounted for.\nOpen %s to see them.\n",
		d.images(), spent, after.Available, before.Available, page)
	return nil
}

func (d *Demo) images() (n int) {
	for _, shot := range d.took {
		if shot.Image != "" {
			n++
		}
	}
	return n
}
