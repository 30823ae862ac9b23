// Command submit hands tasks to providers. Triggers: the Submit queue, and, deployed a second time with a long time-out, the Generate queue for providers that
// answer with the image itself.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/lambdaenv"
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
	own := env.Required("RETRY_QUEUE_URL")
	queues := sqsqueue.New(env.AWS, map[task.Queue]string{task.SubmitQueue: own, task.GenerateQueue: own,
		task.PollQueue: env.Required("POLL_QUEUE_URL"), task.StoreQueue: env.Required("STORE_QUEUE_URL")})
	bucket := s3asset.New(env.AWS, env.Required("BUCKET"))
	engine := wiring.Engine(env, store, queues)
	submitter := &workflow.Submitter{
		Engine: engine, Providers: wiring.Providers(env), Switches: wiring.Switches(engine), Staging: bucket, Inputs: bucket, Screening: wiring.Screening(env),
		Tokens: wiring.Tokens(env), PublicURL: env.Required("PUBLIC_URL"), CallLimit: env.Timing("TIMING").Call,
	}
	env.ExitIfMissing()
	env.Prime(store.Prime, queues.Prime)
	lambda.StartHandlerFunc(worker.Batch(env.Log, submitter.Submit, engine.Crashed))
}
