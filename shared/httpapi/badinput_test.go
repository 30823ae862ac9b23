package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"darkroom/shared/workflow"
)

// refusal is a request that must be refused: with this code, naming this field, and saying what is allowed.
type refusal struct {
	name, method, target string
	body                 any
	header               []string
	as                   token // nil: a person
	status               int   // 0: 400
	code                 string
	field, says          string
}

const long = 1 << 20

// raw is a create call's body with one field written as it is.
func raw(field string) string {
	return `{"model":"flux-2-pro","mode":"text","prompt":"A lighthouse",` + field + `}`
}

// params is a wish with these choices.
func params(pairs ...any) map[string]any {
	all := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		all[pairs[i].(string)] = pairs[i+1]
	}
	return wish("params", all)
}

// badWishes are refused by the create call and by the quote alike.
var badWishes = []refusal{
	{name: "NoBody", field: "body", says: "required"},
	{name: "EmptyBody", body: "", field: "body", says: "required"},
	{name: "NotJSON", body: "model=flux-2-pro", field: "body", says: "is not JSON"},
	{name: "CutOff", body: `{"model":"flux-2-pro"`, field: "body", says: "is not JSON"},
	{name: "TrailingObject", body: raw(`"count":1`) + raw(`"count":8`), field: "body", says: "after its JSON value"},
	{name: "TrailingText", body: raw(`"count":1`) + "x", field: "body", says: "after its JSON value"},
	{name: "AnArray", body: `[]`, field: "body", says: "object"},
	{name: "AText", body: `"draw"`, field: "body", says: "object"},
	{name: "Null", body: `null`, field: "body"},
	{name: "NotUTF8", body: raw("\"metadata\":{\"a\":\"\xff\"}"), field: "body", says: "UTF-8"},
	{name: "AFieldTwice", body: raw(`"count":1,"count":8`), field: "body", says: `"count" twice`},
	{name: "AFieldTwiceInAnotherCase", body: raw(`"count":1,"Count":8`), field: "body", says: `"Count" twice`},
	{name: "AFieldTwiceInside", body: raw(`"params":{"seed":1,"seed":2}`), field: "body", says: `"seed" twice`},
	{name: "AFieldTwiceInMetadata", body: raw(`"metadata":{"a":1,"A":2}`), field: "body", says: `"A" twice`},
	{name: "AFieldInAnotherCase", body: `{"Model":"flux-2-pro","mode":"text","prompt":"A lighthouse"}`, field: "body.model", says: "is missing"},
	{name: "AnOptionalFieldInAnotherCase", body: raw(`"Count":2`), field: "body.Count", says: "is not a field"},
	{name: "TooDeep", body: raw(`"metadata":{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`), field: "body", says: "16 levels"},
	{name: "AMegabyteOfPrompt", body: wish("prompt", strings.Repeat("x", long)), status: http.StatusRequestEntityTooLarge, field: "body", says: "262144 bytes"},
	{name: "AMegabyteOfSpace", body: raw(`"count":1`) + strings.Repeat(" ", long), status: http.StatusRequestEntityTooLarge, field: "body", says: "262144 bytes"},
	{name: "AnUnknownField", body: wish("size", "1024x1024"), field: "body.size", says: "is not a field"},
	{name: "AnUnknownChoice", body: params("steps", 50), field: "body.params.steps", says: "is not a field"},
	{name: "AnUnknownQueryParameter", target: "?dry_run=1", body: wish(), field: "query.dry_run", says: "is not a parameter"},

	{name: "NoModel", body: wish("model", nil), field: "body.model"},
	{name: "ModelIsANumber", body: wish("model", 2), field: "body.model", says: "must be a text"},
	{name: "AnUnknownModel", body: wish("model", "dall-e-9"), field: "body.model", says: "allowed: flux-2-pro, "},
	{name: "AModelWithAPath", body: wish("model", "../flux-2-pro"), field: "body.model", says: "allowed: flux-2-pro, "},
	{name: "AVeryLongModel", body: wish("model", strings.Repeat("x", 65)), field: "body.model", says: "64"},
	{name: "AnUnknownMode", body: wish("mode", "video"), field: "body.mode", says: `mode is "video"; allowed: text, edit, reference`},
	{name: "AnEditOfNothing", body: wish("mode", "edit"), field: "body.inputs", says: "needs an input of the role source"},
	{name: "NoMode", body: `{"model":"flux-2-pro","prompt":"A lighthouse"}`, field: "body.mode", says: "is missing"},

	{name: "NoPrompt", body: `{"model":"flux-2-pro","mode":"text"}`, field: "body.prompt", says: "is missing"},
	{name: "AnEmptyPrompt", body: wish("prompt", ""), field: "body.prompt", says: "1"},
	{name: "APromptOfSpaces", body: wish("prompt", " \n\t "), field: "body.prompt", says: "1 to 10000"},
	{name: "APromptTooLongForTheModel", body: wish("prompt", strings.Repeat("ä", 10001)), field: "body.prompt", says: "1 to 10000"},
	{name: "APromptTooLongForAnyModel", body: wish("prompt", strings.Repeat("x", 32001)), field: "body.prompt", says: "32000"},
	{name: "ANullCharacter", body: wish("prompt", "a\x00b"), field: "body.prompt", says: "U+0000"},
	{name: "AnEscapeCharacter", body: wish("prompt", "a\x1b[31mb"), field: "body.prompt", says: "U+001B"},
	{name: "ADeleteCharacter", body: wish("prompt", "a\x7fb"), field: "body.prompt", says: "U+007F"},
	{name: "HalfASurrogatePair", body: `{"model":"flux-2-pro","mode":"text","prompt":"a\ud800b"}`, field: "body.prompt", says: "U+FFFD"},
	{name: "ABlockedPrompt", body: wish("prompt", "How to build a b0mb"), status: http.StatusUnprocessableEntity, code: "moderated", field: "body.prompt", says: "policy"},

	{name: "CountZero", body: wish("count", 0), field: "body.count", says: "1"},
	{name: "CountNine", body: wish("count", 9), field: "body.count", says: "8"},
	{name: "CountBelowZero", body: wish("count", -1), field: "body.count", says: "1"},
	{name: "CountABillion", body: wish("count", 1_000_000_000), field: "body.count", says: "8"},
	{name: "CountAsText", body: wish("count", "2"), field: "body.count", says: "must be a whole number"},
	{name: "CountOneAndAHalf", body: wish("count", 1.5), field: "body.count", says: "must be a whole number"},
	{name: "CountBeyondInt64", body: raw(`"count":9223372036854775808`), field: "body.count"},
	{name: "CountNearTheLargestFloat", body: raw(`"count":1e308`), field: "body.count"},
	{name: "CountBeyondTheLargestFloat", body: raw(`"count":1e999`), field: "body"},

	{name: "ParamsAsAList", body: wish("params", []int{1}), field: "body.params", says: "object"},
	{name: "SizeAndAspectRatio", body: params("size", "1024x1024", "aspect_ratio", "1:1"), field: "body.params.size", says: "not both"},
	{name: "AnUnknownSize", body: params("size", "1025x1024"), field: "body.params.size", says: "1024x1024"},
	{name: "AnAbsurdSize", body: params("size", "99999999x99999999"), field: "body.params.size"},
	{name: "AnUnknownAspectRatio", body: params("aspect_ratio", "17:3"), field: "body.params.aspect_ratio", says: "1:1"},
	{name: "AnUnknownQuality", body: params("quality", "best"), field: "body.params.quality", says: "allowed: standard"},
	{name: "AnUnknownFormat", body: params("output_format", "gif"), field: "body.params.output_format", says: "allowed: jpeg, png"},
	{name: "ATransparentJPEG", body: wish("model", "gpt-image-2", "params", map[string]any{"background": "transparent", "output_format": "jpeg"}), field: "body.params.background", says: "png or webp"},
	{name: "ASeedBelowZero", body: params("seed", -1), field: "body.params.seed", says: "0"},
	{name: "ASeedTooLarge", body: params("seed", 4294967296), field: "body.params.seed", says: "4294967295"},
	{name: "ASeedAsText", body: params("seed", "7"), field: "body.params.seed", says: "must be a whole number"},
	{name: "ASeedBeyondInt64", body: raw(`"params":{"seed":18446744073709551616}`), field: "body.params.seed"},

	{name: "InputsOfAText", body: inputs("text", "source"), field: "body.inputs[0].role", says: "mode text does not take"},
	{name: "TwoSources", body: inputs("edit", "source", "source"), field: "body.inputs[1].role", says: "at most 1"},
	{name: "AMaskTheModelDoesNotTake", body: inputs("edit", "source", "mask"), field: "body.inputs[1].role", says: "does not take"},
	{name: "NineReferences", body: inputs("reference", strings.Fields(strings.Repeat("reference ", 9))...), field: "body.inputs", says: "allowed for flux-2-pro: 8"},
	{name: "AnUnknownRole", body: inputs("edit", "hat"), field: "body.inputs[0].role", says: "source"},
	{name: "NoUploadID", body: wish("mode", "edit", "inputs", []any{map[string]any{"upload_id": "tsk_1", "role": "source"}}), field: "body.inputs[0].upload_id", says: "upl_"},
	{name: "MetadataAsText", body: wish("metadata", "order 7"), field: "body.metadata", says: "object"},
	{name: "MetadataTooLarge", body: wish("metadata", map[string]any{"a": strings.Repeat("x", 1024)}), field: "body.metadata", says: "allowed: 1024"},
	{name: "MaxCostZero", body: wish("max_cost", 0), field: "body.max_cost", says: "1"},
	{name: "MaxCostBelowZero", body: wish("max_cost", -5), field: "body.max_cost", says: "1"},
	{name: "MaxCostAbsurd", body: wish("max_cost", 1_000_001), field: "body.max_cost", says: "1"},
}

// badReads are refused by the routes that only read.
var badReads = []refusal{
	{name: "LimitZero", target: "/v1/tasks?limit=0", field: "query.limit", says: "1"},
	{name: "LimitTooLarge", target: "/v1/tasks?limit=101", field: "query.limit", says: "100"},
	{name: "LimitBelowZero", target: "/v1/tasks?limit=-1", field: "query.limit", says: "1"},
	{name: "LimitAsText", target: "/v1/tasks?limit=all", field: "query.limit", says: "must be a whole number"},
	{name: "LimitBeyondInt64", target: "/v1/tasks?limit=99999999999999999999", field: "query.limit"},
	{name: "EntriesLimitZero", target: "/v1/credits/entries?limit=0", field: "query.limit", says: "1"},
	{name: "EntriesLimitTooLarge", target: "/v1/credits/entries?limit=101", field: "query.limit", says: "100"},
	{name: "AnUnknownStatus", target: "/v1/tasks?status=running", field: "query.status", says: "created, queued, processing, completed, failed"},
	{name: "AnUnknownMode", target: "/v1/tasks?mode=video", field: "query.mode", says: `mode is "video"; allowed: text, edit, reference`},
	{name: "AnUnknownQueryParameter", target: "/v1/tasks?account=someone", field: "query.account", says: "is not a parameter"},
	{name: "AQueryParameterInAnotherCase", target: "/v1/tasks?Limit=5", field: "query.Limit", says: "is not a parameter"},
	{name: "ACursorThatIsNone", target: "/v1/tasks?cursor=abc", field: "query.cursor", says: "next_cursor"},
	{name: "ACursorThatIsNoBase64", target: "/v1/tasks?cursor=%00%01", field: "query.cursor", says: "next_cursor"},
	{name: "AVeryLongCursor", target: "/v1/tasks?cursor=" + strings.Repeat("A", 201), field: "query.cursor", says: "200"},
	{name: "AnEntriesCursorThatIsNone", target: "/v1/credits/entries?cursor=abc", field: "query.cursor", says: "next_cursor"},
	{name: "AnIDThatIsNone", target: "/v1/tasks?ids=tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC,7", field: "query.ids", says: "tsk_"},
	{name: "AnEmptyIDAmongOthers", target: "/v1/tasks?ids=tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC,", field: "query.ids", says: "tsk_"},
	{name: "TooManyIDs", target: "/v1/tasks?ids=" + strings.Repeat("tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC,", 50) + "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BD", field: "query.ids", says: "1 to 50"},
	{name: "FarTooManyIDs", target: "/v1/tasks?ids=" + strings.Repeat("tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC,", 500), field: "query.ids", says: "1600"},
	{name: "IDsAndAFilter", target: "/v1/tasks?ids=tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC&status=failed", field: "query.ids", says: "combined"},
	{name: "APathThatIsNoID", target: "/v1/tasks/7", status: http.StatusNotFound, code: "not_found", field: "path.id", says: "tsk_"},
	{name: "AnIDInLowerCase", target: "/v1/tasks/tsk_01jd3yq5t8z6m3n0v4w2x7k9bc", status: http.StatusNotFound, code: "not_found", field: "path.id", says: "tsk_"},
	{name: "AnIDOfSomethingElse", target: "/v1/tasks/req_01JD3YQ5T8Z6M3N0V4W2X7K9BC", status: http.StatusNotFound, code: "not_found", field: "path.id", says: "tsk_"},
	{name: "AnIDBeyondTheLargestULID", target: "/v1/tasks/tsk_81JD3YQ5T8Z6M3N0V4W2X7K9BC", status: http.StatusNotFound, code: "not_found", field: "path.id", says: "tsk_"},
	{name: "AnIDWithASortKeyInside", target: "/v1/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K%23BC", status: http.StatusNotFound, code: "not_found", field: "path.id", says: "tsk_"},
	{name: "AnIDWithASlashInside", target: "/v1/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K%2FBC", status: http.StatusNotFound, code: "not_found", field: "path.id", says: "tsk_"},
	{name: "AVeryLongID", target: "/v1/tasks/" + strings.Repeat("x", 65), field: "path.id", says: "64"},
	{name: "AnUnknownVariant", target: "/v1/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC/asset?variant=raw", field: "query.variant", says: "original, preview"},
	{name: "AnUnknownDownload", target: "/v1/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC/asset?download=yes", field: "query.download", says: "1, 0"},
}

// badKeys are idempotency keys that are refused.
var badKeys = []refusal{
	{name: "AnOverlongKey", header: []string{"Idempotency-Key", strings.Repeat("k", 256)}, field: "header.Idempotency-Key", says: "1 to 255"},
	{name: "AKeyThatIsNotASCII", header: []string{"Idempotency-Key", "schlüssel"}, field: "header.Idempotency-Key", says: "printable ASCII"},
	{name: "AKeyWithAControlCharacter", header: []string{"Idempotency-Key", "a\x00b"}, field: "header.Idempotency-Key", says: "printable ASCII"},
	{name: "AKeyWithALineBreak", header: []string{"Idempotency-Key", "a\r\nb"}, field: "header.Idempotency-Key", says: "printable ASCII"},
}

// badOrders are refused by the operators' routes.
var badOrders = []refusal{
	{name: "GrantOfNothing", target: "/admin/v1/grants", body: grant("amount", 0), field: "body.amount", says: "not 0"},
	{name: "GrantOfTooMuch", target: "/admin/v1/grants", body: grant("amount", 1_000_001), field: "body.amount", says: "1000000"},
	{name: "GrantOfAHalf", target: "/admin/v1/grants", body: grant("amount", 0.5), field: "body.amount", says: "must be a whole number"},
	{name: "GrantBeyondInt64", target: "/admin/v1/grants", body: grant("amount", 1e30), field: "body.amount"},
	{name: "GrantToNobody", target: "/admin/v1/grants", body: grant("account", "nobody"), field: "body.account", says: "26"},
	{name: "GrantToAKey", target: "/admin/v1/grants", body: grant("account", "A#bcdefghijklmnopqrstuvwxy"), field: "body.account", says: "a-z"},
	{name: "GrantWithoutReference", target: "/admin/v1/grants", body: grant("reference", ""), field: "body.reference", says: "1"},
	{name: "GrantWithSpacesInItsReference", target: "/admin/v1/grants", body: grant("reference", "invoice 7"), field: "body.reference", says: "printable ASCII"},
	{name: "GrantWithALongReference", target: "/admin/v1/grants", body: grant("reference", strings.Repeat("x", 65)), field: "body.reference", says: "64"},
	{name: "GrantWithoutReason", target: "/admin/v1/grants", body: grant("reason", ""), field: "body.reason", says: "1"},
	{name: "GrantWithAnUnknownField", target: "/admin/v1/grants", body: grant("currency", "EUR"), field: "body.currency", says: "is not a field"},
	{name: "ReleaseWithoutReason", target: "/admin/v1/accounts/" + person("ann").account() + "/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC/release", body: `{}`, field: "body.reason", says: "is missing"},
	{name: "SwitchWithText", method: http.MethodPut, target: "/admin/v1/providers/bfl", body: `{"on":"yes","reason":"test"}`, field: "body.on", says: "true or false"},
	{name: "SwitchWithoutReason", method: http.MethodPut, target: "/admin/v1/providers/bfl", body: `{"on":false}`, field: "body.reason", says: "is missing"},
	{name: "SwitchOfNoProvider", method: http.MethodPut, target: "/admin/v1/providers/nobody", body: `{"on":false,"reason":"test"}`, status: http.StatusNotFound, code: "not_found", says: "provider"},
	{name: "AccountThatIsNone", method: http.MethodGet, target: "/admin/v1/accounts/nobody", status: http.StatusNotFound, code: "not_found", field: "path.account", says: "26"},
}

// grant is a grant's body with one field changed.
func grant(field string, value any) map[string]any {
	body := map[string]any{"account": person("ann").account(), "amount": 10, "reference": "invoice-7", "reason": "paid"}
	body[field] = value
	return body
}

func TestBadInputIsRefusedAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	var all []refusal
	for _, r := range badWishes {
		for _, route := range []string{"/v1/tasks", "/v1/quotes"} {
			one := r
			one.name, one.target, one.method = r.name+strings.ReplaceAll(route, "/", "_"), route+r.target, http.MethodPost
			all = append(all, one)
		}
	}
	for _, r := range badKeys {
		for _, route := range []string{"/v1/tasks", "/v1/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC/retry"} {
			one := r
			one.name, one.target, one.method = r.name+strings.ReplaceAll(route, "/", "_"), route, http.MethodPost
			if route == "/v1/tasks" {
				one.body = wish()
			}
			all = append(all, one)
		}
	}
	for _, r := range badReads {
		r.method = http.MethodGet
		all = append(all, r)
	}
	for _, r := range badOrders {
		if r.as = operator("olga"); r.method == "" {
			r.method = http.MethodPost
		}
		all = append(all, r)
	}
	for _, r := range all {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.check(t)
		})
	}
}

func (r refusal) check(t *testing.T) {
	w := newWorld(t)
	if r.as == nil {
		r.as = person("ann")
	}
	if r.status == 0 {
		r.status = http.StatusBadRequest
	}
	if r.code == "" {
		r.code = "invalid_request"
	}
	got := w.call(r.as, r.method, r.target, r.body, r.header...)
	if got.status != r.status || got.text("code") != r.code {
		t.Fatalf("got %d %s, want %d %s: %s", got.status, got.text("code"), r.status, r.code, got.body)
	}
	if got.text("field") != r.field || !strings.Contains(got.text("detail"), r.says) {
		t.Errorf("field is %q, want %q; detail is %q, which must say %q", got.text("field"), r.field, got.text("detail"), r.says)
	}
	if len(got.body) > 2000 {
		t.Errorf("the answer has %d bytes: it echoes what it was sent", len(got.body))
	}
	if items := w.store.All(); len(items) != 0 {
		t.Errorf("a refused request left %d items behind: %v", len(items), items)
	}
	if sent := w.queue.Take(); len(sent) != 0 {
		t.Errorf("a refused request sent messages: %v", sent)
	}
}

func TestAForeignCursorIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ann, ben := person("ann"), person("ben")
	for range 3 {
		w.create(ann)
		w.create(ben)
	}
	tasks := w.call(ann, http.MethodGet, "/v1/tasks?limit=1", nil).want(http.StatusOK).text("next_cursor")
	entries := w.call(ann, http.MethodGet, "/v1/credits/entries?limit=1", nil).want(http.StatusOK).text("next_cursor")
	if tasks == "" || entries == "" {
		t.Fatal("there is no next page")
	}
	changed := []byte(tasks)
	changed[len(changed)-1] ^= 1
	made := workflow.Cursors{Key: []byte("another key of 32 bytes .........")}.Seal(ann.account(), "tasks", "01JD3YQ5T8Z6M3N0V4W2X7K9BC")
	for name, r := range map[string]struct {
		as     token
		target string
	}{
		"OfAnotherAccount":     {ben, "/v1/tasks?cursor=" + tasks},
		"OfAnotherList":        {ann, "/v1/credits/entries?cursor=" + tasks},
		"OfTheOtherList":       {ann, "/v1/tasks?cursor=" + entries},
		"OfAnothersEntries":    {ben, "/v1/credits/entries?cursor=" + entries},
		"Changed":              {ann, "/v1/tasks?cursor=" + string(changed)},
		"Cut":                  {ann, "/v1/tasks?cursor=" + tasks[:len(tasks)-4]},
		"MadeWithAnotherKey":   {ann, "/v1/tasks?cursor=" + made},
		"WithSomethingBehind":  {ann, "/v1/tasks?cursor=" + tasks + "AAAA"},
		"InTheOtherAlphabet":   {ann, "/v1/tasks?cursor=" + tasks + "=="},
		"OnlyTheAuthenticator": {ann, "/v1/tasks?cursor=" + tasks[:21]},
	} {
		got := w.call(r.as, http.MethodGet, r.target, nil)
		if got.status != http.StatusBadRequest || got.text("field") != "query.cursor" {
			t.Errorf("%s: got %d about %q, want 400 about query.cursor: %s", name, got.status, got.text("field"), got.body)
		}
	}
}

// Names of table rows are test names: two alike would hide one another in reports.
func TestEveryBadInputHasItsOwnName(t *testing.T) {
	t.Parallel()
	for _, table := range [][]refusal{badWishes, badReads, badKeys, badOrders} {
		var names []string
		for _, r := range table {
			if slices.Contains(names, r.name) {
				t.Errorf("%s stands twice in its table", r.name)
			}
			names = append(names, r.name)
		}
	}
}

// inputs is a wish with uploads in these roles.
func inputs(mode string, roles ...string) map[string]any {
	var all []any
	for _, role := range roles {
		all = append(all, map[string]any{"upload_id": "upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC", "role": role})
	}
	return wish("mode", mode, "inputs", all)
}
