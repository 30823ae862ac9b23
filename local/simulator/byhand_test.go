package simulator

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// send posts a form of the page as a browser does. The rig follows redirects, so a form that was taken shows the page again.
func (r rig) send(path string, form url.Values) answered {
	r.Helper()
	return r.do(http.MethodPost, path, form.Encode(), func(q *http.Request) { q.Header.Set("Content-Type", "application/x-www-form-urlencoded") })
}

func TestAnOrderByHandIsOneOfTheFaultsTable(t *testing.T) {
	t.Parallel()
	for want, form := range map[string]url.Values{
		"throttle":                   {"fault": {"throttle"}},
		"throttle=2":                 {"fault": {"throttle"}, "value": {"2"}},
		"cut=poll:1":                 {"fault": {"cut=poll"}, "value": {"1"}},
		"throttle=2 retry_after=7":   {"fault": {"throttle"}, "value": {" 2 "}, "more": {"retry_after=7"}},
		"moderate_input delay=10":    {"more": {"moderate_input delay=10"}},
		"webhook=late:4000 truncate": {"fault": {"webhook=late"}, "value": {"4000"}, "more": {"truncate"}, "provider": {"bfl"}},
	} {
		r := newRig(t)
		form.Set("model", "flux-2-pro")
		form.Set("prompt", "fox")
		form.Set("times", "3")
		got := r.send("/orders", form)
		book := r.orders.list()
		if got.status != 200 || len(book) != 1 || book[0].Faults != want || book[0].Model != "flux-2-pro" || book[0].Prompt != "fox" || book[0].Times != 3 ||
			book[0].Provider != form.Get("provider") {
			t.Errorf("%v: %d, orders %+v; want one of %s", form, got.status, book, want)
		}
		if !strings.Contains(string(got.raw), want) {
			t.Errorf("%v: the page does not show the order", form)
		}
	}
}

func TestAWrongOrderByHandComesBackWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for says, form := range map[string]url.Values{
		"a number is needed":                      {"fault": {"throttle"}, "times": {"twice"}},
		"is not understood":                       {"fault": {"throttle"}, "value": {"many"}},
		"Choose a fault, or write one below.</p>": {"prompt": {"fox"}, "more": {" , "}},
		"Choose the fault that the value is for":  {"value": {"3"}, "more": {"throttle"}},
		`unknown fault &#34;flood&#34;</p>`:       {"more": {"flood"}},
		"as the provider names them":              {"fault": {"throttle"}, "model": {"flux-9"}},
		"cut=submit|fetch|poll":                   {"fault": {"cut"}, "prompt": {"<b>fox</b>"}},
		"is about jobs, and openai has":           {"fault": {"cut=poll"}, "provider": {"openai"}},
	} {
		got := r.send("/orders", form)
		if got.status != 400 || !strings.Contains(string(got.raw), says) || strings.Contains(string(got.raw), "<b>fox") {
			t.Errorf("%v: %d, want 400 with %q and nothing unescaped", form, got.status, says)
		}
	}
	if left := r.orders.list(); len(left) != 0 {
		t.Errorf("orders %+v, want none", left)
	}
}

func TestEveryFaultToChooseSaysItsValue(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	page := string(r.do(http.MethodGet, "/", nil).raw)
	options := regexp.MustCompile(`<option.* value="([^"]+)"[^>]*>\S+ — ([^:]+): `).FindAllStringSubmatch(page, -1)
	if len(options) < len(Faults())-1 {
		t.Fatalf("%d faults to choose, want at least %d", len(options), len(Faults())-1)
	}
	said := map[string]string{}
	for _, option := range options {
		fault, says := option[1], option[2]
		said[fault] = says
		unit, otherwise, _ := strings.Cut(says, ", ")
		values := map[string]string{"no value": "", "name": "photo", "times": "3", "ms": "3", "seconds": "3", "MB": "3"}
		value, known := values[unit]
		if _, err := readFaults(orderForm{Fault: fault, Value: value}.faults()); err != nil || !known {
			t.Errorf("%s — %s: with %q it is refused: %v", fault, says, value, err)
		}
		if _, err := readFaults(orderForm{Fault: fault}.faults()); (err == nil) == (otherwise == "needed") {
			t.Errorf("%s — %s: without a value: %v", fault, says, err)
		}
	}
	for fault, says := range map[string]string{
		"throttle": "times, default 1", "truncate": "times, default always", "delay": "ms, needed", "slow_body": "ms, default 5000", "oversize": "MB, default 64",
		"webhook=late": "ms, needed", "webhook=drop": "no value", "cut=poll": "times, default always", "deliver": "name, needed", "empty": "no value", "retry_after": "",
	} {
		if said[fault] != says {
			t.Errorf("%s says %q, want %q", fault, said[fault], says)
		}
	}
}

func TestThePageOffersEveryModelByItsProvidersName(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	page := string(r.do(http.MethodGet, "/", nil).raw)
	for _, option := range []string{`"flux-2-pro">bfl<`, `"gpt-image-2">openai<`, `"gemini-3-pro-image">gemini<`, `"fal-ai/flux-2/klein/4b">fal<`, `"black-forest-labs/flux-2-dev">replicate<`} {
		if !strings.Contains(page, "<option value="+option) {
			t.Errorf("the page does not offer %s", option)
		}
	}
}

func TestOrdersAreRemovedByHand(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	for range 3 {
		r.send("/orders", url.Values{"fault": {"throttle"}})
	}
	first := r.orders.list()[0].ID
	for _, step := range []struct {
		id           string
		status, left int
	}{{"", 400, 3}, {first, 200, 2}, {first, 200, 2}, {"all", 200, 0}} {
		got := r.send("/orders/remove", url.Values{"id": {step.id}})
		if left := r.orders.list(); got.status != step.status || len(left) != step.left {
			t.Errorf("remove %q: %d with %d orders left, want %d with %d", step.id, got.status, len(left), step.status, step.left)
		}
	}
}

// A page of another origin must not order faults through a visitor's browser.
func TestAFormOfAnotherOriginOrdersNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	got := r.do(http.MethodPost, "/orders", "fault=throttle", func(q *http.Request) {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		q.Header.Set("Origin", "https://elsewhere.example.com")
	})
	if left := r.orders.list(); got.status != 403 || len(left) != 0 {
		t.Errorf("%d with %d orders, want 403 and none", got.status, len(left))
	}
}
