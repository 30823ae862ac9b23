package simulator

import (
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"time"
)

// Operation is what a call was for.
type Operation string

// The operations. A webhook is the one that goes the other way: the simulator calls.
const (
	Submit       Operation = "submit"
	Poll         Operation = "poll"
	Result       Operation = "result" // asks for what a job made, where that is a call of its own
	Fetch        Operation = "fetch"
	Lookup       Operation = "lookup"   // asks which jobs there were
	Cancel       Operation = "cancel"   // asks for the end of a job
	Moderate     Operation = "moderate" // asks whether a text or an image is harmful
	WebhookEvent Operation = "webhook"
	Stray        Operation = "stray" // came to an address that only a redirect names
)

// Call is the record of one call: of a provider by a client, or of a webhook by the simulator. It never holds a key.
type Call struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Provider  string    `json:"provider"`
	Model     string    `json:"model,omitempty"`
	Operation Operation `json:"operation"`
	Status    int       `json:"status"` // answered; 0: none yet, or the connection was cut
	Accepted  bool      `json:"accepted,omitempty"`
	Job       string    `json:"job,omitempty"`
	Faults    []string  `json:"faults,omitempty"` // that struck this call
	Wrong     string    `json:"wrong,omitempty"`  // why the directive in its prompt was not understood
	KeyLeaked bool      `json:"key_leaked,omitempty"`
	Size      string    `json:"size,omitempty"`     // asked for, in pixels: 1024x768
	Inputs    []string  `json:"inputs,omitempty"`   // what the images that came along are taken for: input 1, mask
	Pictured  bool      `json:"pictured,omitempty"` // an image was sent, good or spoilt
	Flagged   *bool     `json:"flagged,omitempty"`  // what the moderation endpoint said; nil: nothing
	Prompt    string    `json:"prompt,omitempty"`   // as sent, its first 2,000 bytes
}

// promptKept bounds how much of a prompt a record holds, in bytes: 20,000 records then stay below 40 MB.
const promptKept = 2000

// wrongKept bounds what a record says about a directive, in bytes: it quotes the prompt.
const wrongKept = 200

// picturesKept is how many of the last submits and moderated images keep their small copies of inputs, and how many of these submits
// can be drawn again for the page. A copy takes up to 64 KB, and a submit may have 16.
const picturesKept = 200

// Filter selects records; empty fields select all.
type Filter struct {
	Prompt    string // part of the prompt
	Provider  string
	Operation Operation
	Job       string
}

func (f Filter) matches(c Call) bool {
	return strings.Contains(c.Prompt, f.Prompt) && (f.Provider == "" || f.Provider == c.Provider) &&
		(f.Operation == "" || f.Operation == c.Operation) && (f.Job == "" || f.Job == c.Job)
}

// callLog remembers the last calls.
type callLog struct {
	mu        sync.Mutex
	now       func() time.Time
	keep      int
	ring      []*Call
	next      int // the oldest, when full
	forgotten int
	pictures  *bounded[picture] // of the last submits and moderated images, which have inputs only, by the record's id
}

func newCallLog(keep int, now func() time.Time) *callLog {
	return &callLog{keep: keep, now: now, pictures: newBounded[picture](picturesKept)}
}

// begin records a call as it arrives, so that one which hangs is seen too.
func (l *callLog) begin(c Call) *visit {
	c.ID, c.At = "call_"+rand.Text(), l.now().UTC()
	c.Prompt = keptPrompt(c.Prompt)
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < l.keep {
		l.ring = append(l.ring, &c)
	} else {
		l.ring[l.next] = &c
		l.next = (l.next + 1) % l.keep
		l.forgotten++
	}
	return &visit{log: l, call: &c}
}

func keptPrompt(prompt string) string { return cutTo(prompt, promptKept) }

// cutTo keeps the first bytes of a text.
func cutTo(text string, most int) string {
	if len(text) > most {
		return strings.ToValidUTF8(strings.Clone(text[:most]), "")
	}
	return text
}

// list returns the matching records, newest first, and how many older ones were forgotten.
func (l *callLog) list(f Filter) (found []Call, forgotten int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	found = []Call{}
	for i := len(l.ring) - 1; i >= 0; i-- {
		c := l.ring[(l.next+i)%len(l.ring)]
		if f.matches(*c) {
			copied := *c
			copied.Faults = append([]string(nil), c.Faults...)
			found = append(found, copied)
		}
	}
	return found, l.forgotten
}

// picture returns what a submit asked for, or an image to moderate as its only input, unless that is forgotten.
func (l *callLog) picture(id string) (picture, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.pictures.get(id)
}

// visit is one call while it is answered: its record, and the faults planned for it.
type visit struct {
	log  *callLog
	call *Call
	plan plan
}

// about records the prompt, once the body was read.
func (v *visit) about(prompt string) {
	v.note(func(c *Call) { c.Prompt = keptPrompt(prompt) })
}

// asks records the picture that a submit asks for.
func (v *visit) asks(pic picture) {
	v.note(func(c *Call) {
		c.Size = fmt.Sprintf("%dx%d", pic.Width, pic.Height)
		for _, in := range pic.Inputs {
			c.Inputs = append(c.Inputs, in.label)
		}
		v.log.pictures.put(c.ID, pic)
	})
}

// brought keeps a small copy of the image that a call of the moderation endpoint is about. Its label is in the record already.
func (v *visit) brought(in inset) {
	v.note(func(c *Call) { v.log.pictures.put(c.ID, picture{Inputs: []inset{in}}) })
}

// note changes the record.
func (v *visit) note(change func(c *Call)) {
	v.log.mu.Lock()
	defer v.log.mu.Unlock()
	change(v.call)
}

// struck says whether a counted fault strikes this call, and records it.
func (v *visit) struck(name string) bool {
	if !v.plan.take(name) {
		return false
	}
	v.suffered(name)
	return true
}

// struckHere says whether a fault that names the call it is about strikes this one, and records it.
func (v *visit) struckHere(name string) bool {
	ordered, is := v.plan.get(name)
	return is && ordered.word == string(v.call.Operation) && v.struck(name)
}

// suffered records a fault that was applied.
func (v *visit) suffered(name string) {
	v.note(func(c *Call) { c.Faults = append(c.Faults, name) })
}
