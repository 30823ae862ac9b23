// Command poll asks providers how their jobs are doing. Trigger: the Poll queue.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/lambdaenv"
	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
	"darkroom/shared/wiring"
	"darkroom/shared/worker"
	"darkroom/shared/workflow"
)

func main() {
	env := lambdaenv.Load()
	store := wiring.Store(env)
	queues := sqsqueue.New(env.AWS, map[task.Queue]string{task.SubmitQueue: env.Required("SUBMIT_QUEUE_URL"), task.StoreQueue: env.Required("STORE_QUEUE_URL")})
	engine := wiring.Engine(env, store, queues)
	poller := &workflow.Poller{Engine: engine, Providers: wiring.Providers(env)}
	env.ExitIfMissing()
	env.Prime(store.Prime, queues.Prime)
	lambda.StartHandlerFunc(worker.Batch(env.Log, poller.Poll, engine.Crashed))
}
