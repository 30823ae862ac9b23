package demo

import (
	_ "embed"
	"fmt"
	"html/template"
	"os"
	"time"

	"darkroom/local/client"
)

//go:embed page.html
var pageHTML string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"clock": func(t time.Time) string { return t.Format("15:04:05.000") },
	"after": func(start, at time.Time) string { return fmt.Sprintf("+%.2f s", at.Sub(start).Seconds()) },
	"kb":    func(bytes int64) int64 { return bytes / 1024 },
	"short": short, "credits": credits, "signed": signed,
}).Parse(pageHTML))

// signed is what a line of the ledger did to the balance.
func signed(e client.Entry) string {
	switch {
	case e.Kind != "task":
		return fmt.Sprintf("%+d", e.Amount)
	case e.State == "released":
		return fmt.Sprintf("−%d + %d", e.Amount, e.Amount)
	}
	return fmt.Sprintf("−%d", e.Amount)
}

// writePage writes the page for people: every image with its timeline and receipt, and the ledger.
func writePage(path string, shots []Shot, entries []client.Entry, credits client.Credits) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	err = page.Execute(file, map[string]any{"Shots": shots, "Entries": entries, "Credits": credits})
	if closed := file.Close(); err == nil {
		err = closed
	}
	return err
}
