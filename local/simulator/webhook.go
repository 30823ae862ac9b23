package simulator

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"
	"time"
)

// hook is where and how a job's end is announced. The functions are the provider's.
type hook struct {
	url    string
	secret string
	body   func(j *job, end outcome) []byte
	sign   func(secret string, body []byte) http.Header
}

// checkWebhookURL refuses every address that is not this machine's: the simulator never calls out.
func checkWebhookURL(raw string) error {
	target, err := url.Parse(raw)
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Hostname() == "" {
		return errors.New("should be an absolute http or https URL")
	}
	if ip := net.ParseIP(target.Hostname()); target.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("the simulator calls loopback addresses only, not %q; use 127.0.0.1", target.Hostname())
	}
	return nil
}

// loopbackClient calls loopback addresses only, whatever a name resolves to, and follows no redirect.
func loopbackClient() *http.Client {
	dialer := net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return fmt.Errorf("the simulator calls loopback addresses only, not %s", address)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       30 * time.Second, // as BFL documents
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// tellEarly holds back the answer to a submit until the job's webhook was tried once, where that is ordered.
func (s *Simulator) tellEarly(r *http.Request, v *visit, j *job) {
	if order, _ := v.plan.get("webhook"); order.word != "early" {
		return
	}
	v.suffered("webhook=early")
	select {
	case <-j.told:
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
}

// announce sends a finished job's webhook, with the faults ordered for it.
func (s *Simulator) announce(j *job) {
	defer j.tell()
	if j.webhook == nil {
		return
	}
	target, ordered := *j.webhook, ""
	if order, ok := j.plan.get("webhook"); ok {
		ordered = order.word
		switch order.word {
		case "drop":
			v := s.calls.begin(Call{Provider: j.provider, Model: j.model, Operation: WebhookEvent, Job: j.id, Prompt: j.prompt})
			v.suffered("webhook=drop")
			return
		case "late":
			if !s.sleep(s.ctx, time.Duration(order.number)*time.Millisecond) {
				return
			}
		case "bad_token":
			target.url = otherToken(target.url)
		case "bad_signature":
			target.secret = "not the secret"
		}
	}
	first := s.calls.begin(Call{Provider: j.provider, Model: j.model, Operation: WebhookEvent, Job: j.id, Prompt: j.prompt})
	body := target.body(j, j.report(first))
	if ordered == "double" {
		twin := s.calls.begin(Call{Provider: j.provider, Model: j.model, Operation: WebhookEvent, Job: j.id, Prompt: j.prompt})
		s.work.Go(func() { s.deliver(j, twin, target, body, ordered) })
	}
	s.deliver(j, first, target, body, ordered)
}

// otherToken changes the last character of an address's path.
func otherToken(raw string) string {
	target, err := url.Parse(raw)
	if err != nil || len(target.Path) < 2 {
		return raw + "x"
	}
	last := target.Path[len(target.Path)-1]
	other := byte('A')
	if last == other {
		other = 'B'
	}
	target.Path = target.Path[:len(target.Path)-1] + string(other)
	target.RawPath = ""
	return target.String()
}

// deliver sends one event until it is answered 2xx or the tries are used up. v is the record of the first try.
func (s *Simulator) deliver(j *job, v *visit, target hook, body []byte, ordered string) {
	for try := 0; ; try++ {
		if ordered != "" {
			v.suffered("webhook=" + ordered)
		}
		status, err := s.post(target, body)
		v.note(func(c *Call) { c.Status = status })
		if try == 0 {
			j.tell()
		}
		if err == nil && status/100 == 2 {
			return
		}
		s.opts.Log.Warn("webhook not taken", "provider", j.provider, "job", j.id, "try", try+1, "status", status, "no_answer", err != nil)
		if try == len(s.opts.WebhookRetries) || !s.sleep(s.ctx, s.opts.WebhookRetries[try]) {
			return
		}
		v = s.calls.begin(Call{Provider: j.provider, Model: j.model, Operation: WebhookEvent, Job: j.id, Prompt: j.prompt})
	}
}

// post sends one event once. The status is 0 when there was no answer.
func (s *Simulator) post(target hook, body []byte) (status int, err error) {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	if target.secret != "" {
		for name, value := range target.sign(target.secret, body) {
			request.Header[name] = value
		}
	}
	response, err := s.loopback.Do(request)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)) //nolint:errcheck // only so that the connection can be used again
	return response.StatusCode, nil
}
