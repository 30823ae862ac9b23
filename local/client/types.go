package client

import (
	"encoding/json"
	"time"
)

// Wish is the body of a create call.
type Wish struct {
	Model    string         `json:"model"`
	Mode     string         `json:"mode"`
	Prompt   string         `json:"prompt"`
	Count    int            `json:"count,omitempty"`
	Inputs   []Input        `json:"inputs,omitempty"`
	Params   map[string]any `json:"params,omitempty"`
	Metadata map[string]any `json:"metadata,omitempty"`
	MaxCost  int64          `json:"max_cost,omitempty"`
}

// Input is an uploaded image that a request is made from. Roles: source, reference, mask.
type Input struct {
	UploadID string `json:"upload_id"`
	Role     string `json:"role"`
}

// Created is the answer to it.
type Created struct {
	RequestID string `json:"request_id"`
	Tasks     []Task `json:"tasks"`
	Replayed  bool   `json:"-"`
}

// IDs are the ids of the created tasks.
func (c Created) IDs() (ids []string) {
	for _, t := range c.Tasks {
		ids = append(ids, t.ID)
	}
	return ids
}

// Task is one task.
type Task struct {
	ID        string          `json:"id"`
	RequestID string          `json:"request_id"`
	ParentID  string          `json:"parent_id"`
	Status    string          `json:"status"`
	Model     string          `json:"model"`
	Mode      string          `json:"mode"`
	Label     string          `json:"label"`
	Prompt    string          `json:"prompt"`
	Params    json.RawMessage `json:"params"`
	Metadata  json.RawMessage `json:"metadata"`
	Inputs    []Input         `json:"inputs"`
	Attempt   int             `json:"attempt"`
	Credits   struct {
		Held     int64 `json:"held"`
		Captured int64 `json:"captured"`
		Released int64 `json:"released"`
	} `json:"credits"`
	Error *struct {
		Code      string `json:"code"`
		Message   string `json:"message"`
		Retryable bool   `json:"retryable"`
	} `json:"error"`
	Asset    *Asset `json:"asset"`
	Timeline []struct {
		Status string    `json:"status"`
		At     time.Time `json:"at"`
	} `json:"timeline"`
	CreatedAt     time.Time `json:"created_at"`
	NextCheckInMS int       `json:"next_check_in_ms"`
	Warnings      []string  `json:"warnings"`
}

// Ended tells whether nothing more happens to it.
func (t Task) Ended() bool { return t.Status == "completed" || t.Status == "failed" }

// Asset is a stored image.
type Asset struct {
	URL         string    `json:"url"`
	PreviewURL  string    `json:"preview_url"`
	DownloadURL string    `json:"download_url"`
	ContentType string    `json:"content_type"`
	Width       int       `json:"width"`
	Height      int       `json:"height"`
	Bytes       int64     `json:"bytes"`
	SHA256      string    `json:"sha256"`
	ExpiresAt   time.Time `json:"expires_at"`
}

// TaskList is a page of tasks.
type TaskList struct {
	Tasks      []Task `json:"tasks"`
	NextCursor string `json:"next_cursor"`
}

// Quote is a price.
type Quote struct {
	Cost         int64    `json:"cost"`
	BalanceAfter int64    `json:"balance_after"`
	Model        string   `json:"model"`
	Warnings     []string `json:"warnings"`
}

// Receipt is what the ledger says about a task.
type Receipt struct {
	Hold    *ReceiptEntry `json:"hold"`
	Capture *ReceiptEntry `json:"capture"`
	Release *ReceiptEntry `json:"release"`
}

// ReceiptEntry is one entry of the ledger.
type ReceiptEntry struct {
	ID     string    `json:"id"`
	Amount int64     `json:"amount"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason"`
}

// Credits is a balance.
type Credits struct {
	Available int64 `json:"available"`
	Held      int64 `json:"held"`
	Spent     int64 `json:"spent"`
}

// Entry is one line of the billing history.
type Entry struct {
	ID           string    `json:"id"`
	Kind         string    `json:"kind"`
	TaskID       string    `json:"task_id"`
	Amount       int64     `json:"amount"`
	State        string    `json:"state"`
	At           time.Time `json:"at"`
	BalanceAfter int64     `json:"balance_after"`
}

// EntryList is a page of the billing history.
type EntryList struct {
	Entries    []Entry `json:"entries"`
	NextCursor string  `json:"next_cursor"`
}

// ModelList is the catalogue.
type ModelList struct {
	PriceVersion string `json:"price_version"`
	Models       []struct {
		ID        string   `json:"id"`
		Name      string   `json:"name"`
		Modes     []string `json:"modes"`
		Available bool     `json:"available"`
	} `json:"models"`
}
