package simulator

import (
	"net/http"
	"strconv"
	"strings"
)

// orderForm is an order as the page's form sends it.
type orderForm struct {
	Fault    string // a name, with its kind when it has several: webhook=late; empty: only what More says
	Value    string // how often, how long or how much; empty: as the fault's table says
	More     string // further faults, written out
	Provider string
	Model    string
	Prompt   string
	Times    string
}

// faults writes the order as a directive is written.
func (f orderForm) faults() string {
	written := f.Fault
	switch {
	case f.Value == "":
	case strings.Contains(written, "="):
		written += ":" + f.Value
	default:
		written += "=" + f.Value
	}
	return strings.TrimSpace(written + " " + f.More)
}

// order reads the form, as far as that is not the order book's to check, and says what is wrong with it.
func (f orderForm) order() (_ Order, wrong string) {
	switch {
	case f.Fault == "" && f.Value != "":
		return Order{}, "Choose the fault that the value is for, or write it out with the further faults."
	case f.Fault == "" && strings.Trim(f.More, " ,") == "":
		return Order{}, "Choose a fault, or write one below."
	}
	times := 0
	if f.Times != "" {
		var err error
		if times, err = strconv.Atoi(f.Times); err != nil {
			return Order{}, "Submits: a number is needed, or nothing for no limit."
		}
	}
	return Order{Provider: f.Provider, Model: f.Model, Prompt: f.Prompt, Times: times, Faults: f.faults()}, ""
}

// maxForm bounds a form, in bytes.
const maxForm = 64 << 10

// orderByHand answers POST /orders: back to the page, or the page again with what is wrong.
func (s *Simulator) orderByHand(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	sent := func(name string) string { return strings.TrimSpace(r.PostFormValue(name)) }
	form := orderForm{
		Fault: sent("fault"), Value: sent("value"), More: sent("more"),
		Provider: sent("provider"), Model: sent("model"), Prompt: sent("prompt"), Times: sent("times"),
	}
	order, wrong := form.order()
	if wrong == "" {
		if _, err := s.orders.place(order, s.protocols); err != nil {
			wrong = brief(err)
		}
	}
	if wrong != "" {
		s.page(w, r, http.StatusBadRequest, form, wrong)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// removeByHand answers POST /orders/remove: one order by its id, or all. One that is gone already is no mistake of a person who
// saw it on the page.
func (s *Simulator) removeByHand(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	switch id := r.PostFormValue("id"); id {
	case "":
		s.page(w, r, http.StatusBadRequest, orderForm{}, "remove: the order's id is needed, or all")
		return
	case "all":
		s.orders.remove("") //nolint:errcheck // only a single order can be missing
	default:
		s.orders.remove(id) //nolint:errcheck // gone is gone
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
