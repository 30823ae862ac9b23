package httpapi

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/task"
)

// TaskView is a task as its owner sees it. Nothing in it comes from a provider's mouth.
type TaskView struct {
	ID            task.ID         `json:"id" example:"tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC"`
	RequestID     string          `json:"request_id" doc:"The create call it belongs to; up to eight tasks share one."`
	ParentID      task.ID         `json:"parent_id,omitempty" doc:"The task that this one repeats."`
	Status        task.Status     `json:"status" enum:"created,queued,processing,completed,failed"`
	Model         string          `json:"model"`
	Mode          string          `json:"mode" enum:"text,edit,reference"`
	Label         string          `json:"label" doc:"The beginning of the prompt."`
	Prompt        string          `json:"prompt,omitempty" doc:"Only when a single task is read."`
	Params        *ParamsView     `json:"params,omitempty" doc:"Only when a single task is read."`
	Metadata      json.RawMessage `json:"metadata,omitempty" doc:"Only when a single task is read."`
	Inputs        []InputView     `json:"inputs,omitempty" doc:"Only when a single task is read that has some."`
	Attempt       int             `json:"attempt" doc:"Tries begun so far."`
	Credits       CreditsOfTask   `json:"credits"`
	Error         *FailureView    `json:"error"`
	Asset         *AssetView      `json:"asset"`
	Timeline      []TimelineEntry `json:"timeline"`
	CreatedAt     time.Time       `json:"created_at"`
	UpdatedAt     time.Time       `json:"updated_at"`
	NextCheckInMS int             `json:"next_check_in_ms,omitempty" doc:"While it is open: when to look again."`
	Warnings      []string        `json:"warnings,omitempty"`
}

// ParamsView are the settled choices of a task.
type ParamsView struct {
	Size         string `json:"size"`
	AspectRatio  string `json:"aspect_ratio"`
	Quality      string `json:"quality"`
	OutputFormat string `json:"output_format"`
	Background   string `json:"background,omitempty"`
	Seed         *int64 `json:"seed,omitempty"`
}

// InputView is an input image of a task.
type InputView struct {
	UploadID string `json:"upload_id" maxLength:"64" example:"upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC"`
	Role     string `json:"role" enum:"source,reference,mask" doc:"What it is for: source, the image that an edit changes; reference, an image to take after; mask, a PNG with the sides of the source that is transparent where the source may be changed. An edit takes one source, and may take references and one mask; reference takes references alone; text takes no inputs."`
}

// CreditsOfTask says where a task's price is. Exactly one of the three is not 0.
type CreditsOfTask struct {
	Held     int64 `json:"held"`
	Captured int64 `json:"captured"`
	Released int64 `json:"released"`
}

// FailureView is why a task failed.
type FailureView struct {
	Code      task.FailureCode `json:"code" enum:"moderated,invalid_input,provider_rejected,provider_unavailable,deadline_exceeded,output_unusable,cancelled,released,internal"`
	Message   string           `json:"message"`
	Retryable bool             `json:"retryable" doc:"Whether a new request might succeed."`
}

// AssetView is a stored image with links that work until expires_at. The download link is stable: it leads to a fresh signed one.
type AssetView struct {
	URL         string    `json:"url" format:"uri"`
	PreviewURL  string    `json:"preview_url" format:"uri" doc:"A copy whose longest side is at most 768 pixels."`
	DownloadURL string    `json:"download_url" doc:"Path of this API; needs the token."`
	ContentType string    `json:"content_type" enum:"image/png,image/jpeg,image/webp"`
	Width       int       `json:"width"`
	Height      int       `json:"height"`
	Bytes       int64     `json:"bytes"`
	SHA256      string    `json:"sha256"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// TimelineEntry is when a task reached a status.
type TimelineEntry struct {
	Status task.Status `json:"status"`
	At     time.Time   `json:"at"`
}

// Signer makes links to objects that work until a time.
type Signer interface {
	Sign(key string, expires time.Time) (string, error)
}

// view shows a task; with its request, the fields that only a single reading has. now decides the links' life.
func view(t *task.Task, request *task.Request, signer Signer, now time.Time) (TaskView, error) {
	v := TaskView{
		ID: t.ID, RequestID: t.RequestID, ParentID: t.Parent, Status: t.State.Status(), Model: t.Model, Mode: t.Mode, Label: t.Label,
		Attempt: t.Att, Credits: creditsOf(t), Timeline: timelineOf(t), CreatedAt: task.Time(t.Timeline[task.StatusCreated]),
	}
	v.UpdatedAt = v.Timeline[len(v.Timeline)-1].At
	if t.Error != nil {
		v.Error = &FailureView{Code: t.Error.Code, Message: t.Error.Message, Retryable: t.Error.Retryable}
	}
	if t.Asset != nil && t.State == task.Completed {
		var err error
		if v.Asset, err = assetOf(t, signer, now); err != nil {
			return TaskView{}, err
		}
	}
	if !t.State.Terminal() {
		v.NextCheckInMS = int(nextCheck(now.Sub(v.CreatedAt)).Milliseconds())
	}
	if request != nil && request.Prompt != "" {
		p := request.Params
		v.Prompt, v.Warnings = request.Prompt, request.Warnings
		v.Params = &ParamsView{Size: p.Size, AspectRatio: p.AspectRatio, Quality: p.Quality, OutputFormat: p.OutputFormat, Background: p.Background, Seed: p.Seed}
		for _, in := range request.Inputs {
			v.Inputs = append(v.Inputs, InputView{UploadID: string(in.Upload), Role: string(in.Role)})
		}
		if request.Metadata != "" {
			v.Metadata = json.RawMessage(request.Metadata)
		}
	}
	return v, nil
}

// views shows several tasks.
func views(tasks []*task.Task, signer Signer, now time.Time) ([]TaskView, error) {
	all := make([]TaskView, len(tasks))
	for i, t := range tasks {
		var err error
		if all[i], err = view(t, nil, signer, now); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func creditsOf(t *task.Task) CreditsOfTask {
	switch t.State {
	case task.Completed:
		return CreditsOfTask{Captured: t.Cost}
	case task.Failed:
		return CreditsOfTask{Released: t.Cost}
	}
	return CreditsOfTask{Held: t.Cost}
}

func timelineOf(t *task.Task) []TimelineEntry {
	entries := []TimelineEntry{}
	for _, status := range task.Statuses {
		if at := t.Timeline[status]; at > 0 {
			entries = append(entries, TimelineEntry{Status: status, At: task.Time(at)})
		}
	}
	return entries
}

func assetOf(t *task.Task, signer Signer, now time.Time) (*AssetView, error) {
	expires := linkExpiry(now)
	original, err := signer.Sign(t.Asset.Key(t.Account, string(t.ID)), expires)
	if err != nil {
		return nil, err
	}
	preview, err := signer.Sign(t.Asset.PreviewKey(t.Account, string(t.ID)), expires)
	if err != nil {
		return nil, err
	}
	return &AssetView{
		URL: original, PreviewURL: preview, DownloadURL: "/v1/tasks/" + string(t.ID) + "/asset?download=1", ContentType: t.Asset.ContentType,
		Width: t.Asset.Width, Height: t.Asset.Height, Bytes: t.Asset.Bytes, SHA256: t.Asset.SHA256, ExpiresAt: expires,
	}, nil
}

// linkExpiry is the end of the next hour, so that every link lasts one to two hours and an answer stays the same within an hour.
func linkExpiry(now time.Time) time.Time { return now.UTC().Truncate(time.Hour).Add(2 * time.Hour) }

// nextCheck is how long a client should wait before it looks again at a task of this age.
func nextCheck(age time.Duration) time.Duration {
	switch {
	case age < 10*time.Second:
		return time.Second
	case age < time.Minute:
		return 2 * time.Second
	}
	return 5 * time.Second
}

// etag changes whenever what is shown of the tasks does, and with the hour of their links: a 304 never keeps a dead link.
func etag(now time.Time, tasks ...*task.Task) string {
	h := fnv.New64a()
	for _, t := range tasks {
		fmt.Fprint(h, t.ID, t.State.Status(), t.Att, t.Timeline, t.DeletedAt, "|")
		if t.Asset != nil {
			fmt.Fprint(h, linkExpiry(now).Unix())
		}
	}
	return fmt.Sprintf(`"%x"`, h.Sum64())
}

// Balance is an account's credits.
type Balance struct {
	Available int64 `json:"available" doc:"Can be spent."`
	Held      int64 `json:"held" doc:"Set aside for open tasks."`
	Spent     int64 `json:"spent" doc:"Captured so far."`
}

func balanceOf(b credit.Balance) Balance {
	return Balance{Available: b.Available, Held: b.Held, Spent: b.Spent}
}

// EntryView is one line of the billing history.
type EntryView struct {
	ID           string           `json:"id"`
	Kind         string           `json:"kind" enum:"task,grant,withdrawal"`
	TaskID       string           `json:"task_id,omitempty"`
	Amount       int64            `json:"amount" doc:"Credits, above 0."`
	State        credit.LineState `json:"state" enum:"pending,captured,released"`
	At           time.Time        `json:"at"`
	SettledAt    *time.Time       `json:"settled_at,omitempty"`
	BalanceAfter int64            `json:"balance_after" doc:"Available credits with this line and all older ones."`
}

func entryOf(l credit.Line) EntryView {
	v := EntryView{ID: l.ID, Kind: l.Kind, TaskID: l.Task, Amount: l.Amount, State: l.State, At: task.Time(l.At), BalanceAfter: l.BalanceAfter}
	if l.SettledAt > 0 {
		at := task.Time(l.SettledAt)
		v.SettledAt = &at
	}
	return v
}
