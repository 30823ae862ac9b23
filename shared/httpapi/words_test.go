package httpapi_test

import (
	"net/http"
	"strings"
	"testing"
)

// said is a request that is refused, and the whole of what its answer says.
type said struct {
	name, method, target string // create calls, unless they say otherwise
	body                 any
	header               []string
	as                   token // nil: a person
	status               int   // 0: 400
	field, detail        string
}

const (
	wishFields  = "model, mode, prompt, count, inputs, max_cost, metadata, params"
	paramFields = "aspect_ratio, background, output_format, quality, seed, size"
	wishNeeds   = "required: model, mode, prompt"
)

var unknownFields = []said{
	{name: "AChoiceBesideParams", body: wish("size", "1024x1024"), field: "body.size",
		detail: "size is not a field of this call; allowed: " + wishFields + "; size goes into params"},
	{name: "ARoleBesideInputs", body: wish("role", "source"), field: "body.role",
		detail: "role is not a field of this call; allowed: " + wishFields + "; role goes into each entry of inputs"},
	{name: "AFieldOfNothing", body: wish("steps", 50), field: "body.steps", detail: "steps is not a field of this call; allowed: " + wishFields},
	{name: "TheFirstOfSeveral", body: wish("c", 1, "b", 1, "a", 1, "e", 1, "d", 1), field: "body.a", detail: "a is not a field of this call; allowed: " + wishFields},
	{name: "AMisspeltChoice", body: params("seeed", 1), field: "body.params.seeed", detail: "params.seeed is not a field of this call; allowed: " + paramFields},
	{name: "AFieldOfTheWishInParams", body: params("count", 2), field: "body.params.count",
		detail: "params.count is not a field of this call; allowed: " + paramFields + "; count goes beside params"},
	{name: "AFieldOfTheWishInAnInput", body: raw(`"inputs":[{"upload_id":"upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC","role":"source","prompt":"x"}]`),
		field: "body.inputs[0].prompt", detail: "inputs[0].prompt is not a field of this call; allowed: upload_id, role; prompt goes beside inputs"},
	{name: "ANameWithADot", body: wish("params.seed", 1), field: "body.params.seed", detail: "params.seed is not a field of this call; allowed: " + wishFields},
	{name: "ANameOfNothing", body: wish("", 1), field: "body.", detail: `"" is not a field of this call; allowed: ` + wishFields},
	{name: "ANameOfNothingInParams", body: params("", 1), field: "body.params.", detail: `params."" is not a field of this call; allowed: ` + paramFields},
	{name: "ADottedNameInAnInput", body: raw(`"inputs":[{"upload_id":"x","role":"mask","a.b":1},{"c.d":1}]`), field: "body.inputs[0].a.b",
		detail: "inputs[0].a.b is not a field of this call; allowed: upload_id, role"},
	{name: "AVeryLongName", body: wish(strings.Repeat("x", 1000), 1), field: "body." + strings.Repeat("x", 40) + "…",
		detail: strings.Repeat("x", 40) + "… is not a field of this call; allowed: " + wishFields},
	{name: "AnOperatorsField", as: operator("olga"), target: "/admin/v1/grants", body: grant("currency", "EUR"), field: "body.currency",
		detail: "currency is not a field of this call; allowed: account, amount, reference, reason"},
	{name: "AParameter", target: "/v1/tasks?dry_run=1", body: wish(), field: "query.dry_run", detail: "query.dry_run is not a parameter of this call; allowed: include"},
	{name: "AParameterWhereNoneIs", method: http.MethodGet, target: "/v1/credits?limit=1", field: "query.limit",
		detail: "query.limit is not a parameter of this call, which takes none"},
	{name: "AVeryLongParameter", method: http.MethodGet, target: "/v1/credits?" + strings.Repeat("x", 1000) + "=1", field: "query." + strings.Repeat("x", 40) + "…",
		detail: "query." + strings.Repeat("x", 40) + "… is not a parameter of this call, which takes none"},
}

var missingFields = []said{
	{name: "OneField", body: `{"model":"flux-2-pro","mode":"text"}`, field: "body.prompt", detail: "prompt is missing; " + wishNeeds},
	{name: "TwoFields", body: `{"mode":"text"}`, field: "body.model", detail: "model and prompt are missing; " + wishNeeds},
	{name: "AllFields", body: `{}`, field: "body.model", detail: "model, mode and prompt are missing; " + wishNeeds},
	{name: "InAnInput", body: raw(`"inputs":[{"upload_id":"upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC"}]`), field: "body.inputs[0].role",
		detail: "inputs[0].role is missing; required: upload_id, role"},
	{name: "InTwoInputs", body: raw(`"inputs":[{},{"role":"mask"}]`), field: "body.inputs[0].upload_id",
		detail: "inputs[0].upload_id and inputs[0].role are missing; required: upload_id, role"},
	{name: "TheBody", field: "body", detail: "body is missing; " + wishNeeds},
	{name: "AnOperatorsReason", as: operator("olga"), method: http.MethodPut, target: "/admin/v1/providers/bfl", body: `{"on":false}`, field: "body.reason",
		detail: "reason is missing; required: on, reason"},
	{name: "AnOperatorsBody", as: operator("olga"), target: "/admin/v1/grants", field: "body", detail: "body is missing; required: account, amount, reference, reason"},
	{name: "ABodyThatNeedsNoField", as: operator("olga"), method: http.MethodPut, target: "/admin/v1/accounts/" + person("ann").account(), field: "body",
		detail: "body is missing; allowed: frozen, limit"},
}

var otherWords = []said{
	{name: "AnUnknownMode", body: wish("mode", "video"), field: "body.mode", detail: `mode is "video"; allowed: text, edit, reference`},
	{name: "AnUnknownRole", body: inputs("edit", "hat"), field: "body.inputs[0].role", detail: `inputs[0].role is "hat"; allowed: source, reference, mask`},
	{name: "AVeryLongMode", body: wish("mode", strings.Repeat("x", 1000)), field: "body.mode", detail: `mode is "` + strings.Repeat("x", 40) + `…"; allowed: text, edit, reference`},
	{name: "AnUnknownContentType", target: "/v1/uploads", body: map[string]any{"content_type": "image/gif", "bytes": 10}, field: "body.content_type",
		detail: `content_type is "image/gif"; allowed: image/png, image/jpeg, image/webp`},
	{name: "AnUnknownStatus", method: http.MethodGet, target: "/v1/tasks?status=done", field: "query.status",
		detail: `query.status is "done"; allowed: created, queued, processing, completed, failed`},
	{name: "ALimitAsText", method: http.MethodGet, target: "/v1/tasks?limit=all", field: "query.limit", detail: "query.limit must be a whole number"},
	{name: "ANumberBeyondAll", body: raw(`"count":1e999`), field: "body", detail: "body holds a number that is too large"},
	{name: "AWholeNumberWithAPoint", body: raw(`"count":1.0`), field: "body.count", detail: "count must be a whole number, written in digits alone"},
	{name: "ASeedWithAnExponent", body: raw(`"params":{"seed":1e2}`), field: "body.params.seed", detail: "params.seed must be a whole number, written in digits alone"},
	{name: "AMistakeAfterMetadataWithDots", body: raw(`"metadata":{"a.b.c":1},"size":"1024x1024"`), field: "body.size",
		detail: "size is not a field of this call; allowed: " + wishFields + "; size goes into params"},
	{name: "AMissingFieldAfterMetadataWithDots", body: `{"metadata":{"a.b":1},"model":"flux-2-pro","mode":"text"}`, field: "body.prompt", detail: "prompt is missing; " + wishNeeds},
	{name: "AMisspeltChoiceAfterMetadataWithDots", body: raw(`"metadata":{"a.b":1},"params":{"seeed":1}`), field: "body.params.seeed",
		detail: "params.seeed is not a field of this call; allowed: " + paramFields},
	{name: "AWrongCostAfterMetadataWithDots", body: wish("metadata", map[string]any{"a.b": 1}, "max_cost", 0), field: "body.max_cost", detail: "max_cost must be at least 1"},
	{name: "SizeAndAspectRatio", body: params("size", "1024x1024", "aspect_ratio", "1:1"), field: "body.params.size", detail: "params.size: give either size or aspect_ratio, not both"},
	{name: "ATransparentJPEG", body: wish("model", "gpt-image-2", "params", map[string]any{"background": "transparent", "output_format": "jpeg"}),
		field: "body.params.background", detail: `params.background is "transparent", which needs output_format png or webp, not jpeg`},
	{name: "AnEditOfNothing", body: wish("mode", "edit"), field: "body.inputs", detail: "inputs: the mode edit needs an input of the role source"},
	{name: "TwoSources", body: inputs("edit", "source", "source"), field: "body.inputs[1].role", detail: "inputs[1].role: the mode edit takes at most 1 of the role source"},
	{name: "AMaskForAModelWithout", body: inputs("edit", "source", "mask"), field: "body.inputs[1].role", detail: `inputs[1].role is "mask", which flux-2-pro does not take`},
	{name: "ABlockedPrompt", body: wish("prompt", "How to build a b0mb"), status: http.StatusUnprocessableEntity, field: "body.prompt",
		detail: "prompt: the content policy does not allow this prompt; change it and try again"},
	{name: "AnIDThatIsNone", method: http.MethodGet, target: "/v1/tasks?ids=7", field: "query.ids", detail: `query.ids: "7" is not a task id; one looks like tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC`},
	{name: "APriceAboveTheLimit", body: wish("max_cost", 4), status: http.StatusConflict, field: "body.max_cost",
		detail: "max_cost is 4, and the price is 5; ask for a new quote, or leave max_cost out"},
	{name: "AnUploadThatIsNotThere", body: inputs("edit", "source"), status: http.StatusNotFound, field: "body.inputs[0].upload_id",
		detail: "inputs[0].upload_id: no such upload, or it has expired: make one with POST /v1/uploads"},
	{name: "CompletingNoUpload", target: "/v1/uploads/upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC/complete", status: http.StatusNotFound,
		detail: "no such upload, or it has expired: make one with POST /v1/uploads"},
	{name: "AnotherContentType", body: wish(), header: []string{"Content-Type", "text/plain"}, status: http.StatusUnsupportedMediaType, field: "header.Content-Type",
		detail: "send Content-Type: application/json"},
}

func TestARefusalSaysWhatIsAllowedInEnglish(t *testing.T) {
	t.Parallel()
	for group, all := range map[string][]said{"Unknown": unknownFields, "Missing": missingFields, "Other": otherWords} {
		for _, s := range all {
			t.Run(group+s.name, func(t *testing.T) {
				t.Parallel()
				s.check(t)
			})
		}
	}
}

func (s said) check(t *testing.T) {
	if s.as == nil {
		s.as = person("ann")
	}
	if s.method == "" {
		s.method = http.MethodPost
	}
	if s.target == "" {
		s.target = "/v1/tasks"
	}
	if s.status == 0 {
		s.status = http.StatusBadRequest
	}
	got := newWorld(t).call(s.as, s.method, s.target, s.body, s.header...).want(s.status)
	if got.text("field") != s.field || got.text("detail") != s.detail {
		t.Errorf("got  %q: %q\nwant %q: %q", got.text("field"), got.text("detail"), s.field, s.detail)
	}
}
