// Command webhook takes the deliveries of image providers. Trigger: POST /webhooks/{provider}/{token}, open to anyone; what is not proven has no effect.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/httpapi"
	"darkroom/shared/lambdaenv"
	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
	"darkroom/shared/wiring"
	"darkroom/shared/workflow"
)

func main() {
	env := lambdaenv.Load()
	store := wiring.Store(env)
	queues := sqsqueue.New(env.AWS, map[task.Queue]string{task.SubmitQueue: env.Required("SUBMIT_QUEUE_URL"),
		task.PollQueue: env.Required("POLL_QUEUE_URL"), task.StoreQueue: env.Required("STORE_QUEUE_URL")})
	receiver := &workflow.Receiver{Engine: wiring.Engine(env, store, queues), Providers: wiring.WebhookProviders(env), Tokens: wiring.Tokens(env),
		SigningSecrets: wiring.SigningSecrets(env)}
	env.ExitIfMissing()
	env.Prime(store.Prime, queues.Prime)
	lambda.StartHandlerFunc(httpapi.Lambda(httpapi.Webhook(receiver, env.Log)))
}
