package simulator

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
)

var (
	//go:embed page.html
	pageSource string
	//go:embed page.css
	pageStyle []byte
)

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// pageCalls is how many calls the page shows at most.
const pageCalls = 100

type pageData struct {
	Wanted     Filter // of the calls
	Calls      []pageCall
	More       bool // calls that match and are not shown
	Orders     []Order
	Form       orderForm
	Wrong      string // with the form; empty: nothing
	Stages     []pageStage
	Providers  []string
	Models     []pageModel
	Operations []Operation
}

// Columns is the width of the table of faults.
func (d pageData) Columns() int { return len(d.Providers) + 3 }

// pageCall is a record as the page shows it.
type pageCall struct {
	Call
	Stands  string // how its job stands; empty for calls without one
	Verdict string // of the moderation endpoint, in a word; empty: none
	Image   string // the address of a small copy of what was made; empty: nothing was, or it is forgotten
	Small   []pageInput
}

// pageInput is a small copy of an image that came along.
type pageInput struct{ Label, Address string }

// pageModel is a model by its provider's own name for it.
type pageModel struct{ Provider, Name string }

// pageStage is the faults of a stage.
type pageStage struct {
	Stage
	Faults []pageFault
}

type pageFault struct {
	Fault
	Suits []bool // by provider
}

// Alone says whether the fault does anything without another one.
func (f pageFault) Alone() bool { return f.Name != "retry_after" }

// Value says what may be given with the fault, or with one of its kinds, and what it is when nothing is.
func (f pageFault) Value(word string) string {
	switch f.Argument {
	case Nothing:
		return "no value"
	case Webhook:
		if word == "late" {
			return "ms, needed"
		}
		return "no value"
	case Outage, Place, Silence: // their words are chosen with them
		return "times, default " + always
	}
	unit := map[Argument]string{Count: "times", Milliseconds: "ms", Seconds: "seconds", Megabytes: "MB", BodyName: "name"}[f.Argument]
	if f.Bare == "" {
		return unit + ", needed"
	}
	return unit + ", default " + f.Bare
}

func (s *Simulator) pageRoutes() {
	// A web page of another origin must not order faults through a visitor's browser.
	own := http.NewCrossOriginProtection()
	s.mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) { s.page(w, r, http.StatusOK, orderForm{}, "") })
	s.mux.Handle("POST /orders", own.Handler(http.HandlerFunc(s.orderByHand)))
	s.mux.Handle("POST /orders/remove", own.Handler(http.HandlerFunc(s.removeByHand)))
	s.mux.HandleFunc("GET /_control/page.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Write(pageStyle) //nolint:errcheck // the client left: nobody to tell
	})
}

// page answers GET /?provider=&operation=&prompt=&job= with what was asked lately, and a form to order faults, filled in as it
// came when something was wrong with it. It works without scripts.
func (s *Simulator) page(w http.ResponseWriter, r *http.Request, status int, form orderForm, wrong string) {
	data := pageData{
		Wanted: filterOf(r), Orders: s.orders.list(), Form: form, Wrong: wrong, Stages: s.pageStages(), Providers: s.providers,
		Operations: []Operation{Submit, Poll, Result, Fetch, Lookup, Cancel, Moderate, WebhookEvent, Stray},
	}
	for _, p := range s.protocols {
		for _, name := range p.models() {
			data.Models = append(data.Models, pageModel{p.name(), name})
		}
	}
	found, _ := s.calls.list(data.Wanted)
	data.More = len(found) > pageCalls
	for _, c := range found[:min(pageCalls, len(found))] {
		data.Calls = append(data.Calls, s.pageCall(c))
	}
	var out bytes.Buffer
	if err := pageTemplate.Execute(&out, data); err != nil {
		http.Error(w, fmt.Sprintf("simulator: the page cannot be made: %v", err), http.StatusInternalServerError)
		return
	}
	for name, value := range pageHeaders {
		w.Header().Set(name, value)
	}
	w.WriteHeader(status)
	w.Write(out.Bytes()) //nolint:errcheck // the client left: nobody to tell
}

// pageHeaders allow the page its own style, pictures and forms, and nothing else.
var pageHeaders = map[string]string{
	"Content-Type":            "text/html; charset=utf-8",
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"X-Content-Type-Options":  "nosniff",
	"X-Frame-Options":         "DENY",
	"Referrer-Policy":         "same-origin",
	"Cache-Control":           "no-store",
}

func (s *Simulator) pageCall(c Call) pageCall {
	shown := pageCall{Call: c}
	if c.Pictured {
		shown.Image = "/_control/calls/" + c.ID + "/image"
	}
	if c.Flagged != nil {
		shown.Verdict = map[bool]string{false: "not flagged", true: "flagged"}[*c.Flagged]
	}
	if j, known := s.jobs.get(c.Job); known {
		shown.Stands = j.info().Status
		if c.Pictured || c.Operation == Submit && shown.Stands == string(ready) {
			shown.Image = "/_control/jobs/" + c.Job + "/image"
		}
	}
	if _, kept := s.calls.picture(c.ID); kept {
		for i, label := range c.Inputs {
			shown.Small = append(shown.Small, pageInput{label, fmt.Sprintf("/_control/calls/%s/inputs/%d", c.ID, i+1)})
		}
	}
	return shown
}

// pageStages are the faults by stage, each with the providers that it suits.
func (s *Simulator) pageStages() (stages []pageStage) {
	for _, f := range faults {
		if len(stages) == 0 || stages[len(stages)-1].Stage != f.Stage {
			stages = append(stages, pageStage{Stage: f.Stage})
		}
		suits := make([]bool, 0, len(s.protocols))
		for _, p := range s.protocols {
			suits = append(suits, f.suits(p, ""))
		}
		last := &stages[len(stages)-1]
		last.Faults = append(last.Faults, pageFault{f, suits})
	}
	return stages
}
