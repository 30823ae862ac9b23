package workflow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"darkroom/shared/catalog"
	"darkroom/shared/fault"
	"darkroom/shared/task"
	"darkroom/shared/upload"
)

// Wish is what a user asks for. The fields of the fingerprint are exactly these.
type Wish struct {
	Model    string         `json:"model"`
	Mode     string         `json:"mode"`
	Prompt   string         `json:"prompt"`
	Count    int            `json:"count"`
	Params   catalog.Params `json:"params"`
	Inputs   []upload.Input `json:"inputs,omitempty"`
	Metadata string         `json:"metadata,omitempty"` // JSON object in canonical form
	Parent   task.ID        `json:"parent,omitempty"`
	MaxCost  int64          `json:"max_cost,omitempty"` // 0: any
}

// MaxCount is how many images one request can ask for.
const MaxCount = 8

// labelLength is how much of the prompt a task carries along, in characters.
const labelLength = 80

// prepared is a wish that can be fulfilled.
type prepared struct {
	model  *catalog.Model
	order  catalog.Order
	inputs []task.Input
	each   int64 // credits for one image
	cost   int64 // of all images
}

// PromptPolicy refuses prompts before anything is held; the error is a *fault.Error.
type PromptPolicy interface{ Check(prompt string) error }

// prepare checks everything about a wish but the account's credits. Its errors are refusals that name the field.
func (c *Creator) prepare(ctx context.Context, account string, w Wish) (prepared, error) {
	model, known := c.Catalog.Model(w.Model)
	if !known {
		return prepared{}, fault.Invalid("body.model", "is %q; allowed: %s", clip(w.Model), strings.Join(c.modelIDs(), ", "))
	}
	if !slices.Contains(model.Modes, w.Mode) {
		return prepared{}, fault.Invalid("body.mode", "is %q, which %s cannot do; allowed: %s", clip(w.Mode), model.ID, strings.Join(model.Modes, ", "))
	}
	if w.Count < 1 || w.Count > MaxCount {
		return prepared{}, fault.Invalid("body.count", "is %d; allowed: 1 to %d", w.Count, MaxCount)
	}
	if err := model.CheckPrompt(w.Prompt, "body.prompt"); err != nil {
		return prepared{}, err
	}
	order, err := c.Catalog.Resolve(model, w.Params, "body.params.")
	if err != nil {
		return prepared{}, err
	}
	images, err := checkInputs(model, w)
	if err != nil {
		return prepared{}, err
	}
	if err := c.Policy.Check(w.Prompt); err != nil {
		return prepared{}, err
	}
	p := prepared{model: model, order: order, each: order.Credits + int64(images)*model.InputCredits}
	p.cost = p.each * int64(w.Count)
	if w.MaxCost > 0 && p.cost > w.MaxCost {
		return prepared{}, &fault.Error{Code: fault.Conflict, Field: "body.max_cost", Required: p.cost,
			Message: fmt.Sprintf("is %d, and the price is %d; ask for a new quote, or leave max_cost out", w.MaxCost, p.cost)}
	}
	if p.inputs, err = c.inputs(ctx, account, w.Inputs); err != nil {
		return prepared{}, err
	}
	on, err := c.Switches.Available(ctx, model)
	if err != nil {
		return prepared{}, err
	}
	if !on {
		return prepared{}, &fault.Error{Code: fault.ModelUnavailable, Message: model.Name + " is switched off at the moment; try another model, or later", RetryAfter: unavailableRetry}
	}
	return p, nil
}

// checkInputs refuses inputs that the mode or the model does not take, before any of them is read. It counts those that are paid for.
func checkInputs(model *catalog.Model, w Wish) (images int, err error) {
	if err := upload.CheckRoles(w.Mode, w.Inputs); err != nil {
		return 0, err
	}
	for i, in := range w.Inputs {
		if in.Role == upload.Mask && !model.Mask {
			return 0, fault.Invalid(fmt.Sprintf("body.inputs[%d].role", i), "is %q, which %s does not take", string(in.Role), model.ID)
		}
	}
	images = upload.Images(w.Inputs)
	if images > model.MaxReferences {
		return 0, fault.Invalid("body.inputs", "has %d images; allowed for %s: %d", images, model.ID, model.MaxReferences)
	}
	return images, nil
}

// inputs reads the uploads of a wish: they must be the account's, and ready. It costs one read, and none without inputs.
func (c *Creator) inputs(ctx context.Context, account string, wanted []upload.Input) ([]task.Input, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	found, err := c.Uploads.Inputs(ctx, account, wanted)
	if err != nil {
		return nil, err
	}
	inputs := make([]task.Input, len(found))
	for i, u := range found {
		inputs[i] = task.Input{Upload: u.ID, Role: wanted[i].Role, ETag: u.ETag, ContentType: u.ContentType}
	}
	return inputs, nil
}

func (c *Creator) modelIDs() (ids []string) {
	for _, m := range c.Catalog.Models {
		ids = append(ids, m.ID)
	}
	return ids
}

// fingerprint tells a repeat from another request with the same key. The order of JSON fields in the call does not matter: it is made from the wish.
func (w Wish) fingerprint() string {
	text, err := json.Marshal(w)
	if err != nil {
		panic(err) // strings and numbers only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// clip keeps an echo of somebody's input short.
func clip(text string) string {
	if utf8.RuneCountInString(text) > 40 {
		return string([]rune(text)[:40]) + "…"
	}
	return text
}

func label(prompt string) string {
	line := strings.Join(strings.Fields(prompt), " ")
	if utf8.RuneCountInString(line) > labelLength {
		return string([]rune(line)[:labelLength])
	}
	return line
}
