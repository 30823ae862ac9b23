package simulator

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
)

//go:embed page.html
var pageSource string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"syntax": Fault.syntax,
	"join":   func(words []string) string { return strings.Join(words, ", ") },
}).Parse(pageSource))

type pageData struct {
	Calls     []Call
	Jobs      []Job
	Orders    []Order
	Faults    []Fault
	Providers []string
}

// page answers GET /: what was asked lately, and a form to order faults.
func (s *Simulator) page(w http.ResponseWriter, _ *http.Request) {
	const calls, jobs = 40, 12
	recent, _ := s.calls.list(Filter{})
	made := s.jobs.list(Filter{})
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, pageData{
		Calls: recent[:min(calls, len(recent))], Jobs: made[:min(jobs, len(made))],
		Orders: s.orders.list(), Faults: Faults(), Providers: s.providers,
	})
	if err != nil {
		http.Error(w, fmt.Sprintf("simulator: the page cannot be made: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'; script-src 'unsafe-inline'")
	w.Write(out.Bytes()) //nolint:errcheck // the client left: nobody to tell
}
