package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/catalog"
	"darkroom/shared/fault"
	"darkroom/shared/upload"
	"darkroom/shared/workflow"
)

// WishBody is what a user asks for.
type WishBody struct {
	Model    string      `json:"model" minLength:"1" maxLength:"64" example:"flux-2-pro" doc:"The id of a model. GET /v1/models lists them, with what each takes and what it costs."`
	Mode     string      `json:"mode" enum:"text,edit,reference" doc:"What the image is made from: text, the prompt alone; edit, a source that is changed; reference, images to take after. GET /v1/models says which of them a model has."`
	Prompt   string      `json:"prompt" minLength:"1" maxLength:"32000" example:"A lighthouse at dusk, long exposure"`
	Count    int         `json:"count,omitempty" minimum:"1" maximum:"8" default:"1" doc:"How many images; each is a task of its own."`
	Params   *ParamsBody `json:"params,omitempty"`
	Inputs   []InputView `json:"inputs,omitempty" maxItems:"16" doc:"Uploaded images, for the modes edit and reference."`
	Metadata Metadata    `json:"metadata,omitempty" doc:"Anything of yours, at most 1,024 bytes of JSON; given back with the task."`
	MaxCost  int64       `json:"max_cost,omitempty" minimum:"1" maximum:"1000000" doc:"Refuse the request if it costs more credits than this, for example than the quote said."`
}

// ParamsBody are the choices for the images. What is left out takes the model's default.
type ParamsBody struct {
	Size         string `json:"size,omitempty" maxLength:"16" example:"1024x1024" doc:"Width x height in pixels, one of the model's sizes (GET /v1/models); the first of them is the default. Give this or aspect_ratio, not both."`
	AspectRatio  string `json:"aspect_ratio,omitempty" maxLength:"16" example:"3:2" doc:"Instead of size: the first size of the model (GET /v1/models) that has this ratio."`
	Quality      string `json:"quality,omitempty" maxLength:"16" doc:"One of the model's qualities (GET /v1/models); the first of them is the default. The price depends on it."`
	OutputFormat string `json:"output_format,omitempty" maxLength:"16" example:"png" doc:"One of the model's output_formats (GET /v1/models); the first of them is the default."`
	Background   string `json:"background,omitempty" maxLength:"16" doc:"One of the model's backgrounds (GET /v1/models); the first of them is the default. A model that lists none ignores it and warns. transparent needs png or webp."`
	Seed         *int64 `json:"seed,omitempty" minimum:"0" maximum:"4294967295" doc:"For an image that can be made again. A model whose seed is false in GET /v1/models ignores it and warns."`
}

// Metadata is anything that a user attaches to a request.
type Metadata map[string]any

// Schema implements huma.SchemaProvider. It keeps huma out: names with dots in there would make it name wrong places for mistakes that it finds later.
func (Metadata) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}
}

const maxMetadata = 1024 // bytes of JSON

// wish checks what the schema cannot say.
func (b *WishBody) wish() (workflow.Wish, error) {
	w := workflow.Wish{Model: b.Model, Mode: b.Mode, Prompt: b.Prompt, Count: b.Count, MaxCost: b.MaxCost}
	for i, in := range b.Inputs {
		id, err := upload.ParseID(in.UploadID)
		if err != nil {
			return w, fault.Invalid(fmt.Sprintf("body.inputs[%d].upload_id", i), "%v", err)
		}
		w.Inputs = append(w.Inputs, upload.Input{Upload: id, Role: upload.Role(in.Role)})
	}
	if b.Params != nil {
		p := *b.Params
		w.Params = catalog.Params{Size: p.Size, AspectRatio: p.AspectRatio, Quality: p.Quality, OutputFormat: p.OutputFormat, Background: p.Background, Seed: p.Seed}
	}
	if len(b.Metadata) > 0 {
		text, err := json.Marshal(b.Metadata) // sorted by name: the same metadata gives the same fingerprint
		if err != nil {
			return w, fault.Invalid("body.metadata", "cannot be written as JSON")
		}
		if len(text) > maxMetadata {
			return w, fault.Invalid("body.metadata", "has %d bytes as JSON; allowed: %d", len(text), maxMetadata)
		}
		w.Metadata = string(text)
	}
	return w, nil
}

type createIn struct {
	IdempotencyKey string `header:"Idempotency-Key" doc:"1 to 255 printable ASCII characters. One key per intent: repeat it when you repeat the call."`
	Include        string `query:"include" enum:"balance" doc:"balance: answer with the balance after the call, at the price of one more read."`
	Body           WishBody
}

type createOut struct {
	Location string `header:"Location" doc:"The first task."`
	Replayed string `header:"Idempotent-Replayed" doc:"true when this key and body came before and nothing new was made."`
	Body     CreatedBody
}

// CreatedBody is the answer to a create call.
type CreatedBody struct {
	RequestID string     `json:"request_id"`
	Tasks     []TaskView `json:"tasks"`
	Warnings  []string   `json:"warnings,omitempty" doc:"Wishes that the model ignores."`
	Balance   *Balance   `json:"balance,omitempty" doc:"Only with include=balance."`
}

type quoteOut struct{ Body QuoteBody }

// QuoteBody is a price.
type QuoteBody struct {
	Cost         int64    `json:"cost" doc:"Credits for all images."`
	BalanceAfter int64    `json:"balance_after" doc:"Available credits after the request; below 0: they do not suffice."`
	Model        string   `json:"model"`
	PriceVersion string   `json:"price_version"`
	Warnings     []string `json:"warnings"`
}

func (a *API) createRoutes(api huma.API, r route) {
	create := operation("create-tasks", http.MethodPost, "/v1/tasks", "Ask for 1 to 8 images; answered at once, made in the background", "tasks")
	create.DefaultStatus = http.StatusAccepted
	add(api, r, create, a.create)
	add(api, r, operation("quote", http.MethodPost, "/v1/quotes", "What a request would cost; checks it in full and writes nothing", "tasks"), a.quote)
}

// checkKey refuses an idempotency key that a header cannot carry safely. Empty is none.
func checkKey(key string) error {
	if len(key) > 255 {
		return fault.Invalid("header.Idempotency-Key", "has %d characters; allowed: 1 to 255", len(key))
	}
	for i := range len(key) {
		if key[i] < ' ' || key[i] > '~' {
			return fault.Invalid("header.Idempotency-Key", "holds a character that is not printable ASCII")
		}
	}
	return nil
}

func (a *API) create(ctx context.Context, in *createIn) (*createOut, error) {
	account, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkKey(in.IdempotencyKey); err != nil {
		return nil, err
	}
	wish, err := in.Body.wish()
	if err != nil {
		return nil, err
	}
	created, err := a.Creator.Create(ctx, account, in.IdempotencyKey, wish)
	if err != nil {
		return nil, err
	}
	return a.created(ctx, account, created, in.Include == "balance")
}

// created shows what a create or retry call made.
func (a *API) created(ctx context.Context, account string, made *workflow.Created, withBalance bool) (*createOut, error) {
	out := &createOut{Body: CreatedBody{RequestID: made.Request.ID, Warnings: made.Request.Warnings}}
	if made.Replayed {
		out.Replayed = "true"
	}
	var err error
	if out.Body.Tasks, err = views(made.Tasks, a.Signer, a.Now()); err != nil {
		return nil, err
	}
	if len(made.Tasks) > 0 {
		out.Location = "/v1/tasks/" + string(made.Tasks[0].ID)
	}
	if withBalance {
		balance, err := a.Accounts.Balance(ctx, account)
		if err != nil {
			return nil, err
		}
		shown := balanceOf(balance)
		out.Body.Balance = &shown
	}
	return out, nil
}

func (a *API) quote(ctx context.Context, in *struct{ Body WishBody }) (*quoteOut, error) {
	account, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	wish, err := in.Body.wish()
	if err != nil {
		return nil, err
	}
	quote, err := a.Creator.Quote(ctx, account, wish)
	if err != nil {
		return nil, err
	}
	warnings := quote.Warnings
	if warnings == nil {
		warnings = []string{}
	}
	return &quoteOut{QuoteBody{Cost: quote.Cost, BalanceAfter: quote.BalanceAfter, Model: wish.Model, PriceVersion: quote.PriceVersion, Warnings: warnings}}, nil
}
