package workflow

import (
	"context"

	"darkroom/shared/task"
)

// Crashed counts a handler that crashed on a task (T15), and gives the task up after five (T16). Trigger: a worker's recover. It calls no provider and
// reads nothing a provider said, so what crashed the handler cannot crash it.
func (e *Engine) Crashed(ctx context.Context, m task.Message) error {
	t, err := e.read(ctx, m.Account, m.Task)
	if err != nil || t == nil {
		return err
	}
	_, err = e.carryOut(ctx, t, e.decide(t, task.Crashed{}))
	return err
}
