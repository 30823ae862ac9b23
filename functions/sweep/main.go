// Command sweep looks at every task that is due: it settles what is past its bound and sends all other hints again. Trigger: the schedule, every minute.
package main

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/lambdaenv"
	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
	"darkroom/shared/wiring"
	"darkroom/shared/workflow"
)

func main() {
	env := lambdaenv.Load()
	store := wiring.Store(env)
	queues := sqsqueue.New(env.AWS, map[task.Queue]string{task.SubmitQueue: env.Required("SUBMIT_QUEUE_URL"), task.GenerateQueue: env.Required("GENERATE_QUEUE_URL"),
		task.PollQueue: env.Required("POLL_QUEUE_URL"), task.StoreQueue: env.Required("STORE_QUEUE_URL")})
	sweeper := &workflow.Sweeper{Engine: wiring.Engine(env, store, queues), Index: store}
	env.ExitIfMissing()
	env.Prime(store.Prime, queues.Prime)
	lambda.StartHandlerFunc(func(ctx context.Context, _ json.RawMessage) (workflow.Swept, error) { return sweeper.Sweep(ctx) })
}
