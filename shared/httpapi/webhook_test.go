package httpapi_test

import (
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"darkroom/shared/task"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

// deliver sends a webhook of the test driver's provider: words as in simtest.Delivery, signed with the secret that its token has.
func (w *world) deliver(provider, token, secret string, words ...string) answer {
	w.t.Helper()
	header, body := simtest.Delivery(secret, words...)
	return w.call(nil, http.MethodPost, "/webhooks/"+provider+"/"+token, string(body), "Signature", header.Get("Signature"))
}

// running is a task at its provider, with the token of its first attempt.
func (w *world) running() (ann token, id, webhook string) {
	w.t.Helper()
	ann = person("ann")
	id = w.run(ann)
	w.queue.Take()
	return ann, id, w.tokens.New("bfl", workflow.Token{Account: ann.account(), Task: task.ID(id), Attempt: 1})
}

func TestASignedDeliverySettles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, id, webhook := w.running()
	secret := w.tokens.Secret("bfl", webhook)
	for range 3 { // providers repeat themselves
		w.deliver("bfl", webhook, secret, "succeeded", "job-1", simtest.Link("job-1")).want(http.StatusOK)
	}
	w.work()
	w.deliver("bfl", webhook, secret, "succeeded", "job-1", simtest.Link("job-1")).want(http.StatusOK)
	w.deliver("bfl", webhook, secret, "failed", "job-1", "rejected").want(http.StatusOK) // and contradict themselves
	if got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK); got.text("status") != "completed" {
		t.Errorf("got %s", got.body)
	}
	if got := w.call(ann, http.MethodGet, "/v1/credits", nil); got.number("spent") != 5 || got.number("held") != 0 {
		t.Errorf("the balance is %s", got.body)
	}
}

// What is not signed is believed no further than to go and look.
func TestAnUnsignedDeliveryIsOnlyAHint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, id, webhook := w.running()
	before := w.store.All()
	w.deliver("bfl", webhook, "", "succeeded", "job-1", "https://img.example.com/forged.png").want(http.StatusOK)
	if !sameItems(before, w.store.All()) {
		t.Error("an unsigned delivery changed something")
	}
	sent := w.queue.Take()
	if len(sent) != 1 || sent[0].Queue != task.PollQueue || sent[0].Task != task.ID(id) || sent[0].Account != ann.account() {
		t.Errorf("messages %v, want one to poll the task", sent)
	}
}

// A body that nobody understands, in a delivery that is proven, is a reason to ask.
func TestAProvenDeliveryThatIsNotUnderstoodIsAHint(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, webhook := w.running()
	w.deliver("bfl", webhook, w.tokens.Secret("bfl", webhook), "gibberish").want(http.StatusOK)
	if sent := w.queue.Take(); len(sent) != 1 || sent[0].Queue != task.PollQueue {
		t.Errorf("messages %v, want one to poll", sent)
	}
}

// 404 for whatever is not proven, with no word about why, no call of anything and nothing in the log that an attacker can fill.
func TestWhatIsNotProvenHasNoEffectAtAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, id, good := w.running()
	secret := w.tokens.Secret("bfl", good)
	parts := strings.Split(good, ".")
	other := func(at int, value string) string {
		changed := append([]string{}, parts...)
		changed[at] = value
		return strings.Join(changed, ".")
	}
	staging := workflow.Tokens{Stage: "another", Keys: w.tokens.Keys}
	mac := parts[4]
	for name, r := range map[string]struct{ provider, token, secret string }{
		"AnotherTask":          {"bfl", other(2, "01JD3YQ5T8Z6M3N0V4W2X7K9BC"), secret},
		"AnotherAccount":       {"bfl", other(1, person("eve").account()), secret},
		"AnotherAttempt":       {"bfl", other(3, "2"), secret},
		"AttemptInOtherDigits": {"bfl", other(3, "01"), secret},
		"AnotherKey":           {"bfl", other(0, "k2"), secret},
		"NoKey":                {"bfl", other(0, ""), secret},
		"CutMAC":               {"bfl", other(4, mac[:len(mac)-2]), secret},
		"NoMAC":                {"bfl", other(4, ""), secret},
		"PaddedMAC":            {"bfl", other(4, mac+"="), secret},
		"OtherMAC":             {"bfl", other(4, strings.Repeat("A", len(mac))), secret},
		"MACInUpperCase":       {"bfl", other(4, strings.ToUpper(mac)), secret},
		"OfAnotherStage":       {"bfl", staging.New("bfl", workflow.Token{Account: ann.account(), Task: task.ID(id), Attempt: 1}), secret},
		"OfAnotherProvider":    {"openai", good, secret},
		"OfNoProvider":         {"nobody", good, secret},
		"ProviderInOtherCase":  {"BFL", good, secret},
		"Nonsense":             {"bfl", "x", secret},
		"Dots":                 {"bfl", "....", secret},
		"VeryLong":             {"bfl", strings.Repeat("x", 5000), secret},
		"GoodWithABadSecret":   {"bfl", good, "guessed"},
		"GoodWithAnothers":     {"bfl", good, w.tokens.Secret("bfl", other(3, "2"))},
	} {
		before, calls := w.store.All(), 0
		logged := len(w.log.String())
		w.store.breakWith(func() error { calls++; return nil })
		got := w.deliver(r.provider, r.token, r.secret, "succeeded", "job-1", simtest.Link("job-1"))
		w.store.mend()
		if got.status != http.StatusNotFound || string(got.body) != "{}" {
			t.Errorf("%s: got %d %s, want 404 and no reason", name, got.status, got.body)
		}
		if calls != 0 || !sameItems(before, w.store.All()) {
			t.Errorf("%s: the tables were called %d times", name, calls)
		}
		if sent := w.queue.Take(); len(sent) != 0 {
			t.Errorf("%s: messages were sent: %v", name, sent)
		}
		if more := len(w.log.String()) - logged; more > 200 {
			t.Errorf("%s: %d bytes were logged", name, more)
		}
	}
}

func TestADeliveryThatIsTooLargeIsRefusedUnread(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, webhook := w.running()
	w.deliver("bfl", webhook, w.tokens.Secret("bfl", webhook), "succeeded", "job-1", strings.Repeat("x", 10<<20)).want(http.StatusRequestEntityTooLarge)
	if sent := w.queue.Take(); len(sent) != 0 {
		t.Errorf("messages were sent: %v", sent)
	}
}

// The provider repeats what is not answered with 2xx, so a delivery that could not be written down is not lost.
func TestADeliveryThatCannotBeWrittenIsAskedForAgain(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func() error{
		"TheTableFails":     func() error { return errors.New("ProvisionedThroughputExceededException") },
		"TheHandlerCrashes": func() error { panic("nil map") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ann, id, webhook := w.running()
			secret := w.tokens.Secret("bfl", webhook)
			w.store.breakWith(fault)
			got := w.deliver("bfl", webhook, secret, "succeeded", "job-1", simtest.Link("job-1")).want(http.StatusServiceUnavailable)
			if string(got.body) != "{}" {
				t.Errorf("the answer says more than it should: %s", got.body)
			}
			w.store.mend()
			w.deliver("bfl", webhook, secret, "succeeded", "job-1", simtest.Link("job-1")).want(http.StatusOK)
			w.work()
			if got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK); got.text("status") != "completed" {
				t.Errorf("got %s", got.body)
			}
		})
	}
}

func TestAHintThatCannotBeSentIsAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, webhook := w.running()
	w.queue.Break(errors.New("the queue is down"))
	w.deliver("bfl", webhook, "", "succeeded", "job-1", simtest.Link("job-1")).want(http.StatusServiceUnavailable)
}

// A delivery about a task that is gone has no effect, and that is durable: repeating it would not help.
func TestADeliveryAboutNothingIsDone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	webhook := w.tokens.New("bfl", workflow.Token{Account: person("ann").account(), Task: someID, Attempt: 1})
	w.deliver("bfl", webhook, w.tokens.Secret("bfl", webhook), "succeeded", "job-1", simtest.Link("job-1")).want(http.StatusOK)
	w.mustBeEmpty()
}

// A token is its bearer's right to settle a task, so no log may hold it.
func TestATokenIsNotLogged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, webhook := w.running()
	secret := w.tokens.Secret("bfl", webhook)
	w.deliver("bfl", webhook, secret, "gibberish")
	w.store.breakWith(func() error { panic("nil map") })
	w.deliver("bfl", webhook, secret, "succeeded", "job-1", simtest.Link("job-1"))
	w.store.mend()
	w.deliver("bfl", webhook, secret, "succeeded", "job-1", simtest.Link("job-1"))
	mac := webhook[strings.LastIndexByte(webhook, '.')+1:]
	for _, word := range []string{mac, secret} {
		if strings.Contains(w.log.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
}

// Signatures are over bytes: a body that the gateway hands over in base64 is what the provider sent.
func TestABase64BodyIsDecodedBeforeItIsJudged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, id, webhook := w.running()
	header, body := simtest.Delivery(w.tokens.Secret("bfl", webhook), "succeeded", "job-1", simtest.Link("job-1"))
	request := w.event(nil, http.MethodPost, "/webhooks/bfl/"+webhook, base64.StdEncoding.EncodeToString(body), "Signature", header.Get("Signature"))
	request.IsBase64Encoded = true
	w.send(request).want(http.StatusOK)
	w.work()
	if got := w.call(ann, http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK); got.text("status") != "completed" {
		t.Errorf("got %s", got.body)
	}
}

func TestTheWebhookRouteTakesOnlyPosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, _, webhook := w.running()
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		if got := w.call(nil, method, "/webhooks/bfl/"+webhook, nil); got.status != http.StatusMethodNotAllowed {
			t.Errorf("%s: got %d, want 405", method, got.status)
		}
	}
	for _, path := range []string{"/webhooks/bfl", "/webhooks/bfl/" + webhook + "/more", "/webhooks//" + webhook} {
		if got := w.call(nil, http.MethodPost, path, nil); got.status < 300 || got.status >= 500 {
			t.Errorf("%s: got %d, want a refusal", path, got.status)
		}
	}
	if sent := w.queue.Take(); len(sent) != 0 {
		t.Errorf("messages were sent: %v", sent)
	}
}
