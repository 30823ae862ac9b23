package task

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"darkroom/shared/credit"
	tr "darkroom/shared/transition"
	"darkroom/shared/upload"
)

// Request is one create call: what its 1 to 8 tasks have in common, kept apart from them because it is read seldom and can be large.
type Request struct {
	Account     string
	SK          string // RequestSK of the idempotency key
	ID          string
	Fingerprint string // of the body, to tell a repeat from another request with the same key
	Prompt      string
	Params      Params
	Inputs      []Input
	Metadata    string // JSON object, as given
	Tasks       []ID
	Live        int // tasks whose content is not erased
	Parent      ID
	CreatedAt   int64
	Warnings    []string
}

// Input is an uploaded image that a request is made from: the bytes with this ETag and no others.
type Input struct {
	Upload      upload.ID
	Role        upload.Role
	ETag        string
	ContentType string
}

// Params are the settled choices of a request, as given to the driver.
type Params struct {
	Size         string
	AspectRatio  string
	Width        int
	Height       int
	Quality      string
	OutputFormat string
	Background   string
	Seed         *int64
}

// RequestSK is the sort key of a request row. The idempotency key itself is not stored: it may mean something to its owner.
func RequestSK(idempotencyKey string) string {
	sum := sha256.Sum256([]byte(idempotencyKey))
	return "R#" + hex.EncodeToString(sum[:])
}

// RequestKey is where a request lies.
func RequestKey(account, sk string) tr.Key {
	return tr.Key{Table: tr.Tasks, PK: credit.PK(account), SK: sk}
}

// Item is how a request is stored.
func (r *Request) Item() tr.Item {
	params := tr.Item{"size": r.Params.Size, "aspect_ratio": r.Params.AspectRatio, "width": int64(r.Params.Width), "height": int64(r.Params.Height),
		"quality": r.Params.Quality, "output_format": r.Params.OutputFormat, "background": r.Params.Background}
	if r.Params.Seed != nil {
		params["seed"] = *r.Params.Seed
	}
	tasks := make([]string, len(r.Tasks))
	for i, id := range r.Tasks {
		tasks[i] = string(id)
	}
	item := tr.Item{"id": r.ID, "fingerprint": r.Fingerprint, "prompt": r.Prompt, "params": params, "tasks": tasks, "live": int64(len(tasks)),
		"created_at": r.CreatedAt, "v": int64(Version)}
	if len(r.Inputs) > 0 {
		inputs := tr.Item{}
		for i, in := range r.Inputs {
			inputs[strconv.Itoa(i)] = tr.Item{"upload": string(in.Upload), "role": string(in.Role), "etag": in.ETag, "type": in.ContentType}
		}
		item["inputs"] = inputs
	}
	if r.Metadata != "" {
		item["metadata"] = r.Metadata
	}
	if r.Parent != "" {
		item["parent"] = string(r.Parent)
	}
	if len(r.Warnings) > 0 {
		item["warnings"] = r.Warnings
	}
	return item
}

// Asked are the inputs as the user named them.
func (r *Request) Asked() (inputs []upload.Input) {
	for _, in := range r.Inputs {
		inputs = append(inputs, upload.Input{Upload: in.Upload, Role: in.Role})
	}
	return inputs
}

// RequestFrom reads a request from its item.
func RequestFrom(account string, key tr.Key, item tr.Item) *Request {
	params := item.Sub("params")
	r := &Request{
		Account: account, SK: key.SK, ID: item.Text("id"), Fingerprint: item.Text("fingerprint"), Prompt: item.Text("prompt"), Metadata: item.Text("metadata"),
		Live: int(item.Int("live")), Parent: ID(item.Text("parent")), CreatedAt: item.Int("created_at"), Warnings: item.Strings("warnings"),
		Params: Params{Size: params.Text("size"), AspectRatio: params.Text("aspect_ratio"), Width: int(params.Int("width")), Height: int(params.Int("height")),
			Quality: params.Text("quality"), OutputFormat: params.Text("output_format"), Background: params.Text("background")},
	}
	if seed, given := params.Get("seed").(int64); given {
		r.Params.Seed = &seed
	}
	for i := range len(item.Sub("inputs")) {
		in := item.Sub("inputs." + strconv.Itoa(i))
		r.Inputs = append(r.Inputs, Input{Upload: upload.ID(in.Text("upload")), Role: upload.Role(in.Text("role")), ETag: in.Text("etag"), ContentType: in.Text("type")})
	}
	for _, id := range item.Strings("tasks") {
		r.Tasks = append(r.Tasks, ID(id))
	}
	return r
}

// Rows of the request item: the part of T20s that is not the task's.
var (
	// OneTaskLess: a task of the request was erased, and others are left.
	OneTaskLess = &tr.Row{ID: "T20s-request", Name: "one task less", Guards: []tr.Guard{tr.More("live", tr.Const(int64(1)))},
		Effects: []tr.Effect{tr.Add("live", tr.Const(int64(-1)))}}
	// LastTask: the last one was erased, so what the user wrote goes too. The row stays, for its idempotency key.
	LastTask = &tr.Row{ID: "T20s-last", Name: "last task", Guards: []tr.Guard{tr.Equal("live", tr.Const(int64(1)))},
		Effects: []tr.Effect{tr.Add("live", tr.Const(int64(-1))), tr.Remove("prompt"), tr.Remove("params"), tr.Remove("inputs"), tr.Remove("metadata"), tr.Remove("warnings")}}
)

// RequestRows lists them, for the stores' suite.
var RequestRows = []*tr.Row{OneTaskLess, LastTask}

// AdoptionWrite binds a provider's job to a task (T13), refused when the job belongs to one already.
func AdoptionWrite(provider, job, account string, id ID, attempt int) tr.Write {
	return tr.Write{Key: tr.Key{Table: tr.Tasks, PK: "J#" + provider + "#" + job, SK: "J"},
		Put: tr.Item{"account": account, "task": string(id), "att": int64(attempt), "v": int64(Version)}}
}

// Create is T1: a request, its tasks and their holds, all or none.
func Create(r *Request, tasks []*Task, now int64) []tr.Write {
	total := int64(0)
	for _, t := range tasks {
		total += t.Cost
	}
	writes := []tr.Write{
		{Key: RequestKey(r.Account, r.SK), Put: r.Item()},
		credit.HoldWrite(r.Account, total, len(tasks)),
	}
	for _, t := range tasks {
		hold := credit.Entry{ID: t.ID.ULID(), Kind: credit.KindHold, Amount: t.Cost, At: now, Task: string(t.ID)}
		writes = append(writes, tr.Write{Key: t.Key(), Put: t.Item()}, hold.Write(r.Account))
	}
	return writes
}

// Positions in the writes of Create, to read a refusal.
const (
	CreateRequestPart = 0
	CreateBalancePart = 1
)
