package stack

import (
	"context"
	"fmt"
	"slices"
)

// onClose adds something to do when the stack ends, before everything that was added earlier.
func (s *Stack) onClose(end func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closers = append(s.closers, end)
}

// Close stops everything the stack runs, within five seconds, and removes .local/stack.json. Logs stay until the next start.
// Closing twice is harmless.
func (s *Stack) Close() {
	s.mu.Lock()
	closers := s.closers
	s.closers = nil
	s.mu.Unlock()
	for _, end := range slices.Backward(closers) {
		end()
	}
}

// Wait returns nil when ctx ends, and an error when the local AWS ends by itself before that.
func (s *Stack) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.aws.process.done:
		return fmt.Errorf("the local AWS ended by itself: %w\n%s", s.aws.process.ended(), s.aws.process.lastLines())
	}
}
