package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Calls is the answer to GET /_control/calls.
type Calls struct {
	Counts    map[Operation]int `json:"counts"`    // records found, by operation
	Accepted  int               `json:"accepted"`  // submits found that a provider ran: what it would bill
	Forgotten int               `json:"forgotten"` // older records, matching or not, that are no longer kept
	Calls     []Call            `json:"calls"`     // newest first
}

// FaultBook is the answer to GET /_control/faults.
type FaultBook struct {
	Faults []Fault `json:"faults"` // everything that can be ordered
	Orders []Order `json:"orders"` // what is ordered now
}

type controlError struct {
	Error string `json:"error"`
}

func (s *Simulator) controlRoutes() {
	s.mux.HandleFunc("GET /_control/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, FaultBook{Faults: Faults(), Orders: s.orders.list()})
	})
	s.mux.HandleFunc("POST /_control/faults", s.placeOrder)
	s.mux.HandleFunc("DELETE /_control/faults", s.removeOrders)
	s.mux.HandleFunc("PUT /_control/bodies/{name}", s.putBody)
	s.mux.HandleFunc("DELETE /_control/bodies/{name}", s.removeBody)
	s.mux.HandleFunc("GET /_control/calls", s.listCalls)
	s.mux.HandleFunc("GET /_control/jobs", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, s.jobs.list(filterOf(r)))
	})
}

// placeOrder answers POST /_control/faults: 201 with the order and its id, 400 with what is allowed.
func (s *Simulator) placeOrder(w http.ResponseWriter, r *http.Request) {
	// A web page of another origin cannot send this content type unasked: no stray tab orders faults.
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		writeJSON(w, http.StatusUnsupportedMediaType, controlError{"send the order as application/json"})
		return
	}
	decoder := json.NewDecoder(io.LimitReader(r.Body, 1<<20))
	decoder.DisallowUnknownFields()
	var order Order
	if err := decoder.Decode(&order); err != nil {
		writeJSON(w, http.StatusBadRequest, controlError{fmt.Sprintf("the order cannot be read: %v; allowed fields: provider, model, prompt, times, faults", err)})
		return
	}
	placed, err := s.orders.place(order, s.protocols)
	if err != nil {
		writeJSON(w, http.StatusBadRequest, controlError{err.Error()})
		return
	}
	writeJSON(w, http.StatusCreated, placed)
}

// removeOrders answers DELETE /_control/faults (all) and DELETE /_control/faults?id= (one).
func (s *Simulator) removeOrders(w http.ResponseWriter, r *http.Request) {
	if err := s.orders.remove(r.URL.Query().Get("id")); errors.Is(err, errNoOrder) {
		writeJSON(w, http.StatusNotFound, controlError{"no such order; GET /_control/faults lists them"})
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// listCalls answers GET /_control/calls?prompt=&provider=&operation=&job=.
func (s *Simulator) listCalls(w http.ResponseWriter, r *http.Request) {
	found, forgotten := s.calls.list(filterOf(r))
	answer := Calls{Counts: map[Operation]int{}, Forgotten: forgotten, Calls: found}
	for _, c := range found {
		answer.Counts[c.Operation]++
		if c.Accepted {
			answer.Accepted++
		}
	}
	writeJSON(w, http.StatusOK, answer)
}

func filterOf(r *http.Request) Filter {
	q := r.URL.Query()
	return Filter{Prompt: q.Get("prompt"), Provider: q.Get("provider"), Operation: Operation(q.Get("operation")), Job: q.Get("job")}
}
