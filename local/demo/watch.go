package demo

import (
	"fmt"
	"io"
	"time"

	"darkroom/local/client"
)

// watch prints each change of each task once, with the time since the create call was sent.
type watch struct {
	out     io.Writer
	started time.Time
	last    map[string]string
}

func newWatch(out io.Writer, started time.Time) *watch {
	return &watch{out: out, started: started, last: map[string]string{}}
}

// say prints a line that belongs to no task.
func (w *watch) say(format string, args ...any) {
	fmt.Fprintf(w.out, "   %5.1f s  "+format+"\n", append([]any{time.Since(w.started).Seconds()}, args...)...)
}

// accepted prints what the create call answered.
func (w *watch) accepted(tasks []client.Task) {
	for _, t := range tasks {
		w.last[t.ID] = t.Status
		fmt.Fprintf(w.out, "   %5.1f s  %s  %-11s %s held\n", time.Since(w.started).Seconds(), short(t.ID), t.Status, credits(t.Credits.Held))
	}
}

// seen prints what has changed.
func (w *watch) seen(tasks []client.Task) {
	for _, t := range tasks {
		if t.Status == w.last[t.ID] {
			continue
		}
		w.last[t.ID] = t.Status
		fmt.Fprintf(w.out, "   %5.1f s  %s  %-11s %s\n", time.Since(w.started).Seconds(), short(t.ID), t.Status, outcome(t))
	}
}

// outcome is what an ended task has to say for itself.
func outcome(t client.Task) string {
	switch {
	case t.Asset != nil:
		return fmt.Sprintf("%d x %d, %d KB, %s captured", t.Asset.Width, t.Asset.Height, t.Asset.Bytes/1024, credits(t.Credits.Captured))
	case t.Error != nil:
		return fmt.Sprintf("%s, %s released", t.Error.Code, credits(t.Credits.Released))
	}
	return ""
}

// credits is an amount in words.
func credits(n int64) string {
	if n == 1 {
		return "1 credit"
	}
	return fmt.Sprintf("%d credits", n)
}

// short is the end of a task id: the part that differs.
func short(id string) string { return "…" + id[max(0, len(id)-6):] }
