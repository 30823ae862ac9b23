// Command store brings finished images into our own bucket and settles, and erases what is to be erased. Trigger: the Store queue.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/lambdaenv"
	"darkroom/shared/provider"
	"darkroom/shared/s3asset"
	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
	"darkroom/shared/wiring"
	"darkroom/shared/worker"
	"darkroom/shared/workflow"
)

func main() {
	env := lambdaenv.Load()
	store := wiring.Store(env)
	queues := sqsqueue.New(env.AWS, map[task.Queue]string{task.PollQueue: env.Required("POLL_QUEUE_URL"), task.StoreQueue: env.Required("STORE_QUEUE_URL")})
	bucket := s3asset.New(env.AWS, env.Required("BUCKET"))
	engine := wiring.Engine(env, store, queues)
	storer := &workflow.Storer{Engine: engine, Objects: bucket, Fetcher: provider.NewFetcher(wiring.OutputHosts(), wiring.Simulator(env)), Screening: wiring.Screening(env)}
	env.ExitIfMissing()
	env.Prime(store.Prime, queues.Prime, bucket.Prime)
	lambda.StartHandlerFunc(worker.Batch(env.Log, storer.StoreTask, engine.Crashed))
}
