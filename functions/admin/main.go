// Command admin answers the operators' routes. Trigger: the HTTP API, whose authorizer has checked the token; who is an operator is checked here.
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
	queues := sqsqueue.New(env.AWS, map[task.Queue]string{task.PollQueue: env.Required("POLL_QUEUE_URL")})
	engine := wiring.Engine(env, store, queues)
	admin := &httpapi.Admin{
		Operators: &workflow.Operators{Engine: engine, Accounts: wiring.Accounts(env, engine)},
		Access:    httpapi.Access{AdminScope: env.Required("ADMIN_SCOPE"), OperatorsGroup: env.Required("OPERATORS_GROUP")}, Now: engine.Now, Log: env.Log,
	}
	env.ExitIfMissing()
	env.Prime(store.Prime)
	lambda.StartHandlerFunc(httpapi.Lambda(admin.Handler()))
}
