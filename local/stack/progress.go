package stack

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Progress prints one line per step, with the time since it was made: "[  3.2s] deploy …". A nil Progress is silent.
type Progress struct {
	mu    sync.Mutex
	out   io.Writer
	start time.Time
}

// NewProgress starts the clock.
func NewProgress(out io.Writer) *Progress { return &Progress{out: out, start: time.Now()} }

// Step says what begins now.
func (p *Progress) Step(format string, values ...any) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.out, "[%5.1fs] %s\n", time.Since(p.start).Seconds(), fmt.Sprintf(format, values...))
}
