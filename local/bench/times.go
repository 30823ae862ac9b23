package bench

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"darkroom/local/demo"
)

// The goals for times, on an idle machine.
const (
	taskGoal = 3 * time.Second  // a task whose provider works for a second
	demoGoal = 60 * time.Second // make demo, once everything is installed and compiled
)

const (
	taskRounds   = 5
	singleRounds = 10
	atOnce       = 20
)

// taskTime measures a task as its owner sees it: from the create call until a poll of the API shows it completed. The provider takes a second and
// sends its webhook.
func (b *Bench) taskTime(ctx context.Context) error {
	u, err := b.newUser(ctx)
	if err != nil {
		return err
	}
	var took []time.Duration
	for range taskRounds {
		started := time.Now()
		created, err := u.api.Create(ctx, wish(oneSecond, 1), "")
		if err != nil {
			return err
		}
		if _, err := u.api.Wait(ctx, nil, created.IDs()...); err != nil {
			return err
		}
		took = append(took, time.Since(started))
	}
	typical := percentile(took, 50)
	b.table.time("a task with a provider of 1 s", "within "+seconds(taskGoal), seconds(typical), typical <= taskGoal)
	return nil
}

// parallelCreate compares create calls of one account that come together with such calls that come one by one. All change one balance, so they meet
// each other's transactions; ratios say what that costs on any machine.
func (b *Bench) parallelCreate(ctx context.Context) error {
	warm, err := b.newUser(ctx)
	if err != nil {
		return err
	}
	if _, err := warm.createAtOnce(ctx, atOnce); err != nil { // as many functions are started now as calls come at once
		return err
	}
	u, err := b.newUser(ctx)
	if err != nil {
		return err
	}
	var single []time.Duration
	for range singleRounds {
		took, err := u.createAtOnce(ctx, 1)
		if err != nil {
			return err
		}
		single = append(single, took...)
	}
	together, err := u.createAtOnce(ctx, atOnce)
	if err != nil {
		return err
	}
	alone := percentile(single, 50)
	ratio := func(d time.Duration) string { return fmt.Sprintf("%.1f x", d.Seconds()/alone.Seconds()) }
	b.table.tell(fmt.Sprintf("%d creates at once, of one alone", atOnce),
		fmt.Sprintf("p50 %s, p95 %s (alone %d ms)", ratio(percentile(together, 50)), ratio(percentile(together, 95)), alone.Milliseconds()))
	return nil
}

// createAtOnce makes n create calls side by side and returns what each took.
func (u *user) createAtOnce(ctx context.Context, n int) ([]time.Duration, error) {
	took := make([]time.Duration, n)
	calls, ctx := errgroup.WithContext(ctx)
	for i := range n {
		calls.Go(func() error {
			started := time.Now()
			_, err := u.api.Create(ctx, wish(oneSecond, 1), "")
			took[i] = time.Since(started)
			return err
		})
	}
	return took, calls.Wait()
}

// demoTime plays the demo on this stack. With the start of the stack it is what `make demo` takes.
func (b *Bench) demoTime(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "darkroom-demo-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system clears its temporary folder, too
	var told bytes.Buffer
	started := time.Now()
	d := &demo.Demo{Info: b.Info, Out: &told, Folder: folder}
	if err := d.Run(ctx); err != nil {
		return fmt.Errorf("%w\n%s", err, told.String())
	}
	took := time.Since(started)
	b.table.time("make demo: start of the stack and play", "within "+seconds(demoGoal), seconds(b.start)+" + "+seconds(took), b.start+took <= demoGoal)
	return nil
}

// percentile is the smallest duration that p percent of all do not exceed.
func percentile(all []time.Duration, p int) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[(len(sorted)*p+99)/100-1]
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
