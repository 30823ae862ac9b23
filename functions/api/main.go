// Command api answers the user routes and the public ones. Trigger: the HTTP API, whose authorizer has checked the token.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"darkroom/shared/httpapi"
	"darkroom/shared/lambdaenv"
	"darkroom/shared/moderation"
	"darkroom/shared/s3asset"
	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
	"darkroom/shared/wiring"
	"darkroom/shared/workflow"
)

func main() {
	env := lambdaenv.Load()
	store := wiring.Store(env)
	queues := sqsqueue.New(env.AWS, map[task.Queue]string{task.SubmitQueue: env.Required("SUBMIT_QUEUE_URL"),
		task.GenerateQueue: env.Required("GENERATE_QUEUE_URL"), task.PollQueue: env.Required("POLL_QUEUE_URL")})
	engine := wiring.Engine(env, store, queues)
	accounts := wiring.Accounts(env, engine)
	uploads := &workflow.Uploads{Engine: engine, Accounts: accounts, Space: s3asset.New(env.AWS, env.Required("BUCKET"))}
	creator := wiring.Creator(env, accounts, moderation.Default())
	creator.Uploads = uploads
	signer, cursors := wiring.Delivery(env)
	api := &httpapi.API{
		Accounts: accounts, Creator: creator, Tasks: &workflow.Tasks{Engine: engine, Creator: creator}, Uploads: uploads, Signer: signer, Cursors: cursors,
		Access: httpapi.Access{TasksScope: env.Required("TASKS_SCOPE")}, Now: engine.Now, Log: env.Log,
	}
	env.ExitIfMissing()
	env.Prime(store.Prime, queues.Prime)
	lambda.StartHandlerFunc(httpapi.Lambda(api.Handler()))
}
