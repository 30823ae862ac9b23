package e2e

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"darkroom/local/client"
	"darkroom/local/edge"
	"darkroom/local/simulator"
	"darkroom/local/stack"
	"darkroom/shared/credit"
	"darkroom/shared/task"
	"darkroom/shared/transition"
)

// The models of the tests: one whose provider works by jobs, one whose provider answers with the image.
const (
	jobModel  = "flux-2-klein-9b" // 3 credits
	syncModel = "gpt-image-2"     // 1 credit at low quality
)

// patience bounds every wait; the longest case waits for the local deadline of a minute.
const patience = 150 * time.Second

// person is a signed-in user with an account that no other test touches.
type person struct {
	client.Client
	t       *testing.T
	ctx     context.Context
	account string
	user    stack.User
}

// newPerson signs a fresh user up and in.
func newPerson(t *testing.T) *person {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, fmt.Errorf("the test took longer than %s", patience))
	t.Cleanup(cancel)
	user, err := stack.NewUser(ctx, info)
	if err != nil {
		t.Fatal(err)
	}
	token, err := stack.SignIn(ctx, info, user)
	if err != nil {
		t.Fatal(err)
	}
	claims := claimsOf(t, token)
	return &person{Client: client.Client{URL: info.APIURL, Token: token}, t: t, ctx: ctx, user: user,
		account: credit.AccountID(claims["iss"].(string), claims["sub"].(string))}
}

// operator signs the operator in.
func operator(t *testing.T) client.Client {
	t.Helper()
	for _, user := range info.Users {
		if user.Role == stack.RoleAdmin {
			token, err := stack.SignIn(t.Context(), info, user)
			if err != nil {
				t.Fatal(err)
			}
			return client.Client{URL: info.APIURL, Token: token}
		}
	}
	t.Fatal("the stack has no operator")
	return client.Client{}
}

func claimsOf(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	parts := strings.Split(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

// wish is a cheap image of a model, with a prompt that names the test, so that its provider calls can be found.
func wish(t *testing.T, model, faults string) client.Wish {
	w := client.Wish{Model: model, Mode: "text", Prompt: t.Name() + " a lamp on a desk"}
	if model == syncModel {
		w.Params = map[string]any{"quality": "low"}
	}
	if faults != "" {
		w.Prompt += " [[sim: " + faults + "]]"
	}
	return w
}

// undisturbed are the prompts of tests that order no fault anywhere, with how many images they ask for.
var undisturbed sync.Map

// create asks for one image, or as many as the wish says.
func (p *person) create(w client.Wish) client.Created {
	p.t.Helper()
	created, err := p.Create(p.ctx, w, "")
	if err != nil {
		p.t.Fatalf("create: %v", err)
	}
	return created
}

// calm notes that a wish runs without any disturbance: its provider must be called once per image.
func calm(w client.Wish) client.Wish {
	before, _ := undisturbed.LoadOrStore(w.Prompt, 0)
	undisturbed.Store(w.Prompt, before.(int)+max(1, w.Count))
	return w
}

// ended waits until tasks have ended and returns them in full.
func (p *person) ended(ids ...string) []client.Task {
	p.t.Helper()
	tasks, err := p.Wait(p.ctx, nil, ids...)
	if err != nil {
		for _, t := range tasks {
			p.t.Logf("%s is %s: %v", t.ID, t.Status, p.item(t.ID))
		}
		p.t.Fatal(err)
	}
	for i := range tasks {
		if tasks[i], err = p.Task(p.ctx, tasks[i].ID); err != nil {
			p.t.Fatal(err)
		}
	}
	return tasks
}

// expect checks how a task ended, and that the ledger agrees.
func (p *person) expect(t client.Task, status, code string) {
	p.t.Helper()
	got := ""
	if t.Error != nil {
		got = t.Error.Code
	}
	if t.Status != status || got != code {
		p.t.Fatalf("%s ended as %s %q, want %s %q; its row: %v", t.ID, t.Status, got, status, code, p.item(t.ID))
	}
	receipt, err := p.Receipt(p.ctx, t.ID)
	if err != nil {
		p.t.Fatal(err)
	}
	if receipt.Hold == nil || (receipt.Capture != nil) != (status == "completed") || (receipt.Release != nil) != (status == "failed") {
		p.t.Errorf("%s %s: receipt %+v", t.ID, status, receipt)
	}
	if (t.Asset != nil) != (status == "completed") {
		p.t.Errorf("%s %s: asset %+v", t.ID, status, t.Asset)
	}
}

// settled checks that nothing is held any more and that what is gone was captured.
func (p *person) settled(granted, spent int64) {
	p.t.Helper()
	credits, err := p.Credits(p.ctx)
	if err != nil {
		p.t.Fatal(err)
	}
	if want := (client.Credits{Available: granted - spent, Spent: spent}); credits != want {
		p.t.Errorf("credits are %+v, want %+v", credits, want)
	}
}

// signupGrant is what a new account of the local stage has.
const signupGrant = 100

// item is a task's row.
func (p *person) item(id string) transition.Item {
	p.t.Helper()
	item, err := store.Get(context.WithoutCancel(p.ctx), task.Key(p.account, task.ID(id)))
	if err != nil {
		p.t.Fatal(err)
	}
	return item
}

// until waits for something to come true.
func until(t *testing.T, ctx context.Context, what string, met func() bool) {
	t.Helper()
	for !met() {
		select {
		case <-ctx.Done():
			t.Fatalf("never came true: %s", what)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// accepted counts the calls that a provider executed for a prompt.
func accepted(t *testing.T, prompt string) int {
	t.Helper()
	calls, err := sim.Calls(t.Context(), simulator.Filter{Prompt: prompt, Operation: simulator.Submit})
	if err != nil {
		t.Fatal(err)
	}
	return calls.Accepted
}

// order breaks AWS calls until the test ends.
func order(t *testing.T, o edge.Order) edge.Order {
	t.Helper()
	placed, err := awsEdge.Order(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := awsEdge.Clear(context.Background(), placed.ID); err != nil {
			t.Error(err)
		}
	})
	return placed
}

// struck tells how often an order has struck.
func struck(t *testing.T, o edge.Order) int {
	t.Helper()
	orders, err := awsEdge.Orders(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range orders {
		if known.ID == o.ID {
			return known.Struck
		}
	}
	return 0
}

// sweep runs the sweeper once, as the schedule does.
func sweep(ctx context.Context) error {
	return invoke(ctx, "SweepFunctionName", []byte(`{}`))
}

// invoke calls a function by the name of the output that names it.
func invoke(ctx context.Context, output string, payload []byte) error {
	name := info.Outputs[output]
	out, err := lambda.NewFromConfig(info.AWS()).Invoke(ctx, &lambda.InvokeInput{FunctionName: &name, Payload: payload})
	if err != nil {
		return err
	}
	if out.FunctionError != nil {
		return fmt.Errorf("%s: %s", name, out.Payload)
	}
	return nil
}
