package catalog_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"darkroom/shared/catalog"
	"darkroom/shared/fault"
)

func TestTheCatalogueHasNoHole(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("models.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range c.Models {
		if _, err := c.Resolve(&m, catalog.Params{}, ""); err != nil {
			t.Errorf("%s: its defaults cannot be ordered: %v", m.ID, err)
		}
	}
}

// broken is the real catalogue with one change to its first model.
func broken(t *testing.T, change func(c, model map[string]any)) error {
	t.Helper()
	data, err := os.ReadFile("models.json")
	if err != nil {
		t.Fatal(err)
	}
	var c map[string]any
	if err := json.Unmarshal(data, &c); err != nil {
		t.Fatal(err)
	}
	change(c, c["models"].([]any)[0].(map[string]any))
	data, err = json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = catalog.Parse(data)
	return err
}

func TestEveryHoleIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	set := func(name string, value any) func(c, m map[string]any) {
		return func(_, m map[string]any) { m[name] = value }
	}
	without := func(name string) func(c, m map[string]any) {
		return func(_, m map[string]any) { delete(m, name) }
	}
	size := func(name string, value any) func(c, m map[string]any) {
		return func(_, m map[string]any) { m["sizes"].([]any)[0].(map[string]any)[name] = value }
	}
	for name, c := range map[string]struct {
		change func(c, m map[string]any)
		names  string
	}{
		"no price version":       {func(c, _ map[string]any) { c["price_version"] = "" }, "price_version"},
		"unknown way to answer":  {func(c, _ map[string]any) { c["providers"].(map[string]any)["bfl"] = map[string]any{"answers": "never"} }, "answers"},
		"inputs of any weight":   {func(c, _ map[string]any) { c["providers"].(map[string]any)["bfl"] = map[string]any{"answers": "job"} }, "input_bytes"},
		"an id of two models":    {func(c, m map[string]any) { c["models"] = append(c["models"].([]any), m) }, "twice"},
		"a bad id":               {set("id", "FLUX 2"), "id"},
		"no name":                {set("name", ""), "name"},
		"nobody runs it":         {set("routes", []any{}), "routes"},
		"an unknown provider":    {set("routes", []any{map[string]any{"provider": "x", "model": "y"}}), "routes"},
		"routes of two kinds":    {set("routes", []any{map[string]any{"provider": "bfl", "model": "y"}, map[string]any{"provider": "openai", "model": "y"}}), "same way"},
		"an endless prompt":      {set("prompt_limit", 1_000_000), "prompt_limit"},
		"no sizes":               {set("sizes", []any{}), "sizes"},
		"an unknown mode":        {set("modes", []any{"video"}), "modes"},
		"an unknown format":      {set("formats", []any{"gif"}), "formats"},
		"no word on backgrounds": {func(_, m map[string]any) { delete(m, "backgrounds") }, "backgrounds"},
		"inputs of any size":     {set("max_input_pixels", 0), "max_input_pixels"},
		"no usual time":          {set("usual_seconds", map[string]any{"p50": 0, "p95": 0}), "usual_seconds"},
		"a call without end":     {set("call_seconds", 900), "call_seconds"},
		"four attempts":          {set("max_attempts", 4), "max_attempts"},
		"a deadline too short":   {set("deadline_seconds", 600), "deadline_seconds"},
		"a size that is none":    {size("size", "big"), "sizes"},
		"a size with a tail":     {size("size", "1024x1024x2"), "sizes"},
		"a quality without cost": {size("credits", map[string]any{}), "prices"},
		"an image for nothing":   {size("credits", map[string]any{"standard": 0}), "costs"},

		"a typing error":           {set("sead", true), `"sead"`},
		"no word on a mask":        {without("mask"), "mask is missing"},
		"no word on a seed":        {without("seed"), "seed is missing"},
		"no word on inputs' price": {without("input_credits"), "input_credits is missing"},
		"no models":                {func(c, _ map[string]any) { c["models"] = []any{} }, "models"},
		"a provider without routes": {func(c, _ map[string]any) {
			c["providers"].(map[string]any)["x"] = map[string]any{"answers": "job", "input_bytes": 1 << 20}
		}, "provider x: no model's routes"},
		"a mode twice":          {set("modes", []any{"text", "edit", "reference", "text"}), `modes: "text" is listed twice`},
		"a format twice":        {set("formats", []any{"png", "png"}), `formats: "png" is listed twice`},
		"a quality twice":       {set("qualities", []any{"standard", "standard"}), `qualities: "standard" is listed twice`},
		"a background twice":    {set("backgrounds", []any{"auto", "auto"}), `backgrounds: "auto" is listed twice`},
		"an unknown background": {set("backgrounds", []any{"blue"}), `backgrounds: "blue"`},
		"a route twice":         {func(_, m map[string]any) { m["routes"] = append(m["routes"].([]any), m["routes"].([]any)[0]) }, `routes: "bfl" is listed twice`},
		"no aspect ratio":       {size("aspect_ratio", ""), "aspect_ratio"},
		"a ratio of nothing":    {size("aspect_ratio", "0:0"), "aspect_ratio"},
		"another size's ratio":  {size("aspect_ratio", "16:9"), "1024x1024: aspect_ratio 16:9 is not its own"},
		"a ratio on its side":   {func(_, m map[string]any) { m["sizes"].([]any)[1].(map[string]any)["aspect_ratio"] = "4:7" }, "1344x768: aspect_ratio 4:7 is not its own"},
	} {
		if err := broken(t, c.change); err == nil || !strings.Contains(err.Error(), c.names) {
			t.Errorf("%s: %v, want an error that names %q", name, err, c.names)
		}
	}
	if err := broken(t, func(_, _ map[string]any) {}); err != nil {
		t.Errorf("unchanged: %v", err)
	}
}

func TestNothingMayFollowACatalogue(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("models.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tail := range []string{"{}", "]", "x"} {
		if _, err := catalog.Parse(append(bytes.Clone(data), tail...)); err == nil || !strings.Contains(err.Error(), "follows its end") {
			t.Errorf("%q at the end: %v, want it refused", tail, err)
		}
	}
}

func TestAWishIsSettledOrRefusedWithWhatIsAllowed(t *testing.T) {
	t.Parallel()
	c := catalog.Load()
	seed := int64(7)
	for name, test := range map[string]struct {
		model   string
		wish    catalog.Params
		want    string // size, quality, format, background, credits
		refused string // field
	}{
		"defaults":                 {"flux-2-pro", catalog.Params{}, "1024x1024 standard jpeg  5", ""},
		"by ratio":                 {"flux-2-pro", catalog.Params{AspectRatio: "7:4"}, "1344x768 standard jpeg  5", ""},
		"all given":                {"gpt-image-2", catalog.Params{Size: "1536x1024", Quality: "high", OutputFormat: "webp", Background: "transparent"}, "1536x1024 high webp transparent 25", ""},
		"size and ratio":           {"flux-2-pro", catalog.Params{Size: "1024x1024", AspectRatio: "1:1"}, "", "params.size"},
		"unknown size":             {"flux-2-pro", catalog.Params{Size: "1x1"}, "", "params.size"},
		"unknown ratio":            {"flux-2-pro", catalog.Params{AspectRatio: "1:99"}, "", "params.aspect_ratio"},
		"unknown quality":          {"gpt-image-2", catalog.Params{Quality: "best"}, "", "params.quality"},
		"unknown format":           {"gpt-image-2", catalog.Params{OutputFormat: "gif"}, "", "params.output_format"},
		"unknown background":       {"gpt-image-2", catalog.Params{Background: "blue"}, "", "params.background"},
		"transparent JPEG":         {"gpt-image-2", catalog.Params{Background: "transparent", OutputFormat: "jpeg"}, "", "params.background"},
		"a seed that is taken":     {"flux-2-pro", catalog.Params{Seed: &seed}, "1024x1024 standard jpeg  5", ""},
		"wishes that are ignored":  {"flux-2-pro", catalog.Params{Background: "blue"}, "1024x1024 standard jpeg  5", ""},
		"a seed that is not taken": {"gpt-image-2", catalog.Params{Seed: &seed}, "1024x1024 medium png auto 8", ""},
	} {
		model, known := c.Model(test.model)
		if !known {
			t.Fatalf("no model %s", test.model)
		}
		order, err := c.Resolve(model, test.wish, "params.")
		if test.refused != "" {
			var refusal *fault.Error
			if refusal, _ = err.(*fault.Error); refusal == nil || refusal.Field != test.refused { //nolint:errorlint // returned as it is
				t.Errorf("%s: %v, want field %s", name, err, test.refused)
			}
			continue
		}
		got := strings.Join([]string{order.Size, order.Quality, order.OutputFormat, order.Background, json.Number(strings.TrimSpace(jsonOf(order.Credits))).String()}, " ")
		if err != nil || got != test.want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, test.want)
		}
		ignored := (test.wish.Background != "" && order.Background == "") || (test.wish.Seed != nil && order.Seed == nil)
		if ignored != (len(order.Warnings) > 0) {
			t.Errorf("%s: warnings %v", name, order.Warnings)
		}
	}
}

func jsonOf(v any) string {
	text, _ := json.Marshal(v) // a number
	return string(text)
}

func TestAPromptIsCheckedAgainstItsModel(t *testing.T) {
	t.Parallel()
	model, _ := catalog.Load().Model("flux-2-pro")
	for prompt, allowed := range map[string]bool{
		"a lamp": true, "zwei\nZeilen\tund ein Tab": true, "灯": true, strings.Repeat("é", model.PromptLimit): true,
		"": false, " \n ": false, strings.Repeat("é", model.PromptLimit+1): false, "a\x00b": false, "a\x1b[31m": false, "a\x7f": false, "a\xffb": false,
	} {
		if err := model.CheckPrompt(prompt, "body.prompt"); (err == nil) != allowed {
			t.Errorf("%.20q: %v, want allowed %v", prompt, err, allowed)
		}
	}
}

func TestTheVersionChangesWithTheCatalogue(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("models.json")
	if err != nil {
		t.Fatal(err)
	}
	one, _ := catalog.Parse(data)
	other, err := catalog.Parse([]byte(strings.Replace(string(data), `"standard": 5`, `"standard": 6`, 1)))
	if err != nil || one.Version() == other.Version() {
		t.Errorf("a new price has the old version: %v", err)
	}
}
