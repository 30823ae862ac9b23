// Package wiring builds what several functions need alike from their settings.
package wiring

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"net/url"
	"time"

	"github.com/oklog/ulid/v2"

	"darkroom/shared/catalog"
	"darkroom/shared/cdnsign"
	"darkroom/shared/dynamostore"
	"darkroom/shared/lambdaenv"
	"darkroom/shared/secretstore"
	"darkroom/shared/sqsqueue"
	"darkroom/shared/task"
	"darkroom/shared/workflow"
)

// storeTries is how often an output is fetched before it is given up.
const storeTries = 6

// secretLimit bounds reading a secret again in the middle of a call.
const secretLimit = 2 * time.Second

// Store opens the two tables.
func Store(env *lambdaenv.Env) *dynamostore.Store {
	return dynamostore.New(env.AWS, env.Required("TASKS_TABLE"), env.Required("LEDGER_TABLE"))
}

// Engine is what every step needs. queues are those that the function may send to.
func Engine(env *lambdaenv.Env, store *dynamostore.Store, queues *sqsqueue.Queues) *workflow.Engine {
	timing := env.Timing("TIMING")
	return &workflow.Engine{
		Store: store, Hints: queues, Catalog: catalog.Load(), Now: time.Now, NewID: NewID, Log: env.Log, Metrics: env.Metrics,
		Rules: task.Rules{Lease: timing.Lease, Grace: timing.Grace, Sweep: timing.Sweep, Store: timing.Store, Undo: timing.Undo,
			StoreTries: storeTries, StoreLease: 2 * timing.Lease},
	}
}

// Accounts opens accounts and reads what they have.
func Accounts(env *lambdaenv.Env, engine *workflow.Engine) *workflow.Accounts {
	return &workflow.Accounts{Engine: engine, SignupGrant: env.Int("SIGNUP_GRANT"), Limit: env.Int("ACCOUNT_LIMIT")}
}

// Creator accepts work.
func Creator(env *lambdaenv.Env, accounts *workflow.Accounts, policy workflow.PromptPolicy) *workflow.Creator {
	return &workflow.Creator{
		Engine: accounts.Engine, Accounts: accounts, Switches: Switches(accounts.Engine), Policy: policy, DeadlineLimit: env.Timing("TIMING").Deadline,
	}
}

// Switches knows which providers are on.
func Switches(engine *workflow.Engine) *workflow.Switches {
	return &workflow.Switches{Store: engine.Store, Now: engine.Now}
}

// Tokens makes and checks webhook addresses with the stage's keys, which are read again by age. To rotate: add a key to the secret, ten minutes later make it
// the current one, and take the old one out when no delivery can be on its way any more (a task's lifetime and 72 hours).
func Tokens(env *lambdaenv.Env) workflow.Tokens {
	secret := secretstore.New(env.AWS, env.Required("WEBHOOK_SECRET"))
	first, err := secret.WebhookKeys(context.Background())
	env.Check(err)
	return workflow.Tokens{Stage: env.Stage, Keys: func() workflow.TokenKeys {
		ctx, cancel := context.WithTimeout(context.Background(), secretLimit)
		defer cancel()
		keys, err := secret.WebhookKeys(ctx)
		if err != nil { // somebody has put nonsense into the secret: go on with what was good
			env.Log.Error("webhook keys cannot be read", "error", err)
			keys = first
		}
		return workflow.TokenKeys(keys)
	}}
}

// Delivery signs links to images, and makes the key of list cursors out of the same secret, so that there is one secret less.
func Delivery(env *lambdaenv.Env) (*cdnsign.Signer, workflow.Cursors) {
	secret := secretstore.New(env.AWS, env.Required("CDN_KEY_SECRET"))
	pem, err := secret.Value(context.Background())
	env.Check(err)
	signer, err := cdnsign.New(env.Required("CDN_URL"), env.Required("CDN_KEY_PAIR_ID"), pem)
	env.Check(err)
	key, err := hkdf.Key(sha256.New, []byte(pem), nil, "list cursors", 32)
	env.Check(err)
	return signer, workflow.Cursors{Key: key}
}

// Simulator is the address of the provider simulator; nil outside of stage local.
func Simulator(env *lambdaenv.Env) *url.URL {
	text := env.Optional("SIMULATOR_URL")
	if text == "" || env.Stage != "local" {
		return nil
	}
	address, err := url.Parse(text)
	env.Check(err)
	return address
}

// NewID makes ULIDs that sort by time and cannot be guessed.
func NewID() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() }
