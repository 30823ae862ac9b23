package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// json answers a call, with the faults ordered for the way of its answer. The record is written first, so that whoever has the
// answer finds the call there.
func (v *visit) json(w http.ResponseWriter, status int, body any) {
	switch {
	case v.struckHere("redirect"):
		v.leadElsewhere(w)
		return
	case v.struckHere("cut"):
		w = half{w}
	case v.struckHere("oversize_answer"):
		w = padded{w}
	}
	v.note(func(c *Call) { c.Status = status })
	writeJSON(w, status, body)
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		http.Error(w, fmt.Sprintf("simulator: the answer cannot be written as JSON: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	w.WriteHeader(status)
	w.Write(out.Bytes()) //nolint:errcheck // the client left: nobody to tell
}

// refuse answers a call with the provider's own words for a refusal.
func (v *visit) refuse(w http.ResponseWriter, p protocol, r refusal) {
	status, body := p.refuse(r)
	v.json(w, status, body)
}

// understand plans the faults of a create call. One whose directive is wrong it refuses, and says why in the record and the log: what a
// client makes of the answer may not tell. words is the prompt without its directives.
func (s *Simulator) understand(w http.ResponseWriter, p protocol, v *visit, model, prompt string) (words string, ok bool) {
	planned, words, err := s.orders.plan(p, model, prompt)
	if err != nil {
		why := cutTo(brief(err), wrongKept)
		v.note(func(c *Call) { c.Wrong = why })
		s.opts.Log.Warn("directive refused", "provider", p.name(), "model", model, "reason", why)
		v.refuse(w, p, refusal{why: badDirective, detail: err.Error()})
		return "", false
	}
	v.plan = planned
	return words, true
}

// beforeAcceptance applies the faults that keep a create call from running. It is true when one did.
func (s *Simulator) beforeAcceptance(w http.ResponseWriter, p protocol, v *visit) bool {
	switch {
	case v.struck("down"):
		outage, _ := v.plan.get("down")
		why := map[string]reason{"401": wrongKey, "402": noBalance, "403": noAccess, "404": retired}[outage.word]
		v.refuse(w, p, refusal{why: why})
	case v.struckHere("redirect"):
		v.leadElsewhere(w)
	case v.struck("refuse"):
		cut(w)
	case v.struck("throttle"):
		wait := 1
		if ordered, ok := v.plan.get("retry_after"); ok {
			wait = ordered.number
			v.suffered("retry_after")
		}
		w.Header().Set("Retry-After", strconv.Itoa(wait))
		v.refuse(w, p, refusal{why: tooMany, wait: wait})
	case v.struck("error500"):
		v.refuse(w, p, refusal{why: broken})
	default:
		return false
	}
	return true
}

// loseAnswer applies the faults that lose the answer to a create call that runs. It is true when one did.
func (s *Simulator) loseAnswer(w http.ResponseWriter, r *http.Request, v *visit) bool {
	switch {
	case v.struck("reset"):
		cut(w)
	case v.struck("hang"):
		s.sleep(r.Context(), s.opts.HangLimit)
		cut(w)
	default:
		return false
	}
	return true
}

// cut ends the connection without an answer, as a reset rather than a tidy end.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil { // not a plain connection: the server can still drop it
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0) //nolint:errcheck // without it the end is tidier than ordered, nothing worse
	}
	conn.Close()
}

// send answers 200 with a body that may be ordered to be cut or to dribble in.
func (s *Simulator) send(w http.ResponseWriter, r *http.Request, v *visit, write func(io.Writer) error) {
	v.note(func(c *Call) { c.Status = http.StatusOK })
	over, slow := v.plan.milliseconds("slow_body")
	halved := v.struckHere("cut")
	if !slow && !halved {
		write(w) //nolint:errcheck // the client left, or was cut: it sees that itself
		return
	}
	var whole bytes.Buffer
	if err := write(&whole); err != nil {
		cut(w)
		return
	}
	if halved {
		w.Header().Set("Content-Length", strconv.Itoa(whole.Len()))
		half{w}.Write(whole.Bytes()) //nolint:errcheck // as above
		return
	}
	v.suffered("slow_body")
	s.dribble(w, r, whole.Bytes(), over)
}

// dribble sends a body in pieces spread over a time: forty, or one a second when that is more.
func (s *Simulator) dribble(w http.ResponseWriter, r *http.Request, body []byte, over time.Duration) {
	pieces := max(40, int(over/time.Second))
	flush := http.NewResponseController(w).Flush
	for i := range pieces {
		if _, err := w.Write(body[len(body)*i/pieces : len(body)*(i+1)/pieces]); err != nil {
			return
		}
		if flush() != nil || !s.sleep(r.Context(), over/time.Duration(pieces)) {
			return
		}
	}
}
