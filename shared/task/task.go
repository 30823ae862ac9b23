package task

import (
	"strconv"
	"time"

	"darkroom/shared/asset"
	"darkroom/shared/transition"
)

// Task is our record of one image asked for. Times are milliseconds since 1970; 0 means none.
type Task struct {
	Account string
	ID      ID

	State State
	Att   int // attempts begun, 0 to Max
	Max   int // attempts allowed; refused calls raise it, to 20 at most

	Model        string
	Mode         string
	Label        string // the prompt's first 80 characters
	Cost         int64  // credits held
	PriceVersion string
	Attempts     map[int]Attempt
	Win          int    // the attempt whose success is recorded
	Source       Source // where that attempt's output lies

	LeaseID    string
	LeaseUntil int64
	NextAt     int64 // not before this
	DeadlineAt int64
	StoreTries int
	StoreUntil int64
	Faults     int // handlers that crashed on it

	Asset    *asset.Asset
	Error    *Failure
	Timeline map[Status]int64

	Request   string // sort key of the request row
	RequestID string
	Parent    ID // the task this one repeats

	DeletedAt int64
	Erase     bool // the objects of a failed task are to be removed
	Erasing   bool
	Erased    bool
	Due       int64 // in the due index; 0: not in it

	V int // schema version
}

// Version is the schema this code writes. Attributes are only ever added; a reader that meets a higher version does nothing.
const Version = 1

// Attempt is one try at a provider.
type Attempt struct {
	Provider string
	Started  int64
	Job      string // the provider's id of it
	Handle   string // what the driver needs to ask about it
	Maybe    bool   // the answer was lost: it may be running
	Ended    bool   // the provider has said how it ended
	Usage    Usage
}

// Source says where a successful output can be had: a provider's link, or our own staged copy.
type Source struct {
	URL    string
	Staged string // object key
	Type   string // as announced; only a hint
}

// Failure is why a task failed, in words for its owner.
type Failure struct {
	Code      FailureCode
	Message   string
	Retryable bool // a new request might succeed
}

// FailureCode names a reason.
type FailureCode string

// The reasons a task can fail for.
const (
	Moderated           FailureCode = "moderated"
	InvalidInput        FailureCode = "invalid_input"
	ProviderRejected    FailureCode = "provider_rejected"
	ProviderUnavailable FailureCode = "provider_unavailable"
	DeadlineExceeded    FailureCode = "deadline_exceeded"
	OutputUnusable      FailureCode = "output_unusable"
	Cancelled           FailureCode = "cancelled"
	Released            FailureCode = "released"
	Internal            FailureCode = "internal"
)

// failures are the words for each reason. They never quote a provider.
var failures = map[FailureCode]Failure{
	Moderated:           {Message: "The content policy does not allow this image. Change the prompt and try again."},
	InvalidInput:        {Message: "An input image could not be used. Check the inputs and try again."},
	ProviderRejected:    {Message: "The model could not make this image. Change the prompt or the settings and try again."},
	ProviderUnavailable: {Message: "The model did not answer in time or failed. Trying again may help.", Retryable: true},
	DeadlineExceeded:    {Message: "The image was not ready in time. Trying again may help.", Retryable: true},
	OutputUnusable:      {Message: "The model sent something that is not a usable image. Trying again may help.", Retryable: true},
	Cancelled:           {Message: "You cancelled it.", Retryable: true},
	Released:            {Message: "An operator ended it.", Retryable: true},
	Internal:            {Message: "Something went wrong on our side. Trying again may help.", Retryable: true},
}

// Fail is a failure in its standard words.
func Fail(code FailureCode) Failure {
	f := failures[code]
	f.Code = code
	return f
}

// Key is where the task lies.
func (t *Task) Key() transition.Key { return Key(t.Account, t.ID) }

// OpenJob is the job of an attempt that may still run at its provider, other than the one that won. ok is false when there is none.
func (t *Task) OpenJob() (attempt int, a Attempt, ok bool) {
	for n := t.Att; n >= 1; n-- {
		if a := t.Attempts[n]; a.Job != "" && n != t.Win && !a.Ended {
			return n, a, true
		}
	}
	return 0, Attempt{}, false
}

// MayRunAt is the provider at which an earlier attempt may still be running: one that nobody has said the end of, because the answer to its call was lost or
// the step that made it was. Empty when there is none.
func (t *Task) MayRunAt() string {
	for n := t.Att; n >= 1; n-- {
		if a, begun := t.Attempts[n]; begun && !a.Ended {
			return a.Provider
		}
	}
	return ""
}

// Millis is a time as items hold it.
func Millis(t time.Time) int64 { return t.UnixMilli() }

// Time reads a time from an item; the zero time for 0.
func Time(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Item is how a new task is stored. Attributes that a move sets later are left out, unless a condition compares them.
func (t *Task) Item() transition.Item {
	item := transition.Item{
		"state": string(t.State), "att": int64(t.Att), "max": int64(t.Max),
		"model": t.Model, "mode": t.Mode, "label": t.Label, "cost": t.Cost, "price_version": t.PriceVersion,
		"attempts": transition.Item{}, "lease_id": "", "lease_until": int64(0), "next_at": t.NextAt, "deadline_at": t.DeadlineAt,
		"store_tries": int64(0), "faults": int64(0), "timeline": transition.Item{},
		"request": t.Request, "request_id": t.RequestID, "v": int64(Version), "shard": t.ID.Shard(), "due": t.Due,
	}
	if t.Parent != "" {
		item["parent"] = string(t.Parent)
	}
	for status, at := range t.Timeline {
		item["timeline"].(transition.Item)[string(status)] = at
	}
	return item
}

// From reads a task from its item.
func From(key transition.Key, item transition.Item) *Task {
	account, id, _ := OfKey(key)
	t := &Task{
		Account: account, ID: id, State: State(item.Text("state")), Att: int(item.Int("att")), Max: int(item.Int("max")),
		Model: item.Text("model"), Mode: item.Text("mode"), Label: item.Text("label"), Cost: item.Int("cost"), PriceVersion: item.Text("price_version"),
		Win: int(item.Int("win")), LeaseID: item.Text("lease_id"), LeaseUntil: item.Int("lease_until"), NextAt: item.Int("next_at"),
		DeadlineAt: item.Int("deadline_at"), StoreTries: int(item.Int("store_tries")), StoreUntil: item.Int("store_until"), Faults: int(item.Int("faults")),
		Request: item.Text("request"), RequestID: item.Text("request_id"), Parent: ID(item.Text("parent")),
		DeletedAt: item.Int("deleted_at"), Erase: item.Flag("erase"), Erasing: item.Flag("erasing"), Erased: item.Flag("erased"),
		Due: item.Int("due"), V: int(item.Int("v")),
		Asset: asset.FromItem(item.Sub("asset")), Attempts: map[int]Attempt{}, Timeline: map[Status]int64{},
	}
	for n, value := range item.Sub("attempts") {
		number, err := strconv.Atoi(n)
		if sub, ok := value.(transition.Item); ok && err == nil {
			t.Attempts[number] = Attempt{Provider: sub.Text("provider"), Started: sub.Int("started"), Job: sub.Text("job"), Handle: sub.Text("handle"), Maybe: sub.Flag("maybe"), Ended: sub.Flag("ended"),
				Usage: usageFrom(sub.Sub("usage"))}
		}
	}
	for status, at := range item.Sub("timeline") {
		t.Timeline[Status(status)], _ = at.(int64)
	}
	if source := item.Sub("source"); source != nil {
		t.Source = Source{URL: source.Text("url"), Staged: source.Text("staged"), Type: source.Text("type")}
	}
	if failure := item.Sub("error"); failure != nil {
		t.Error = &Failure{Code: FailureCode(failure.Text("code")), Message: failure.Text("message"), Retryable: failure.Flag("retryable")}
	}
	return t
}

func (s Source) item() transition.Item {
	item := transition.Item{}
	for name, value := range map[string]string{"url": s.URL, "staged": s.Staged, "type": s.Type} {
		if value != "" {
			item[name] = value
		}
	}
	return item
}

func (f Failure) item() transition.Item {
	return transition.Item{"code": string(f.Code), "message": f.Message, "retryable": f.Retryable}
}
