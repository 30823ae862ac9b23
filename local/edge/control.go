package edge

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// controlPath is the AWS edge's own corner. Bucket names have no underscore, so it hides nothing of AWS.
//
//	POST   /_edge/faults        put an [Order] in force; 201 with the order and its id
//	GET    /_edge/faults        all orders, with how often each struck
//	DELETE /_edge/faults?id=    clear one order, or all
//	GET    /_edge/calls?…       a [Log]; service, operation, target, key_prefix, function, contains, after
//	DELETE /_edge/calls         forget the recorded calls
const controlPath = "/_edge/"

func (e *AWS) controlHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+controlPath+"faults", func(w http.ResponseWriter, r *http.Request) {
		var order Order
		decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&order); err != nil {
			http.Error(w, "order: "+err.Error(), http.StatusBadRequest)
			return
		}
		order, err := e.orders.add(order)
		if err != nil {
			http.Error(w, "order: "+err.Error(), http.StatusBadRequest)
			return
		}
		reply(w, http.StatusCreated, order)
	})
	mux.HandleFunc("GET "+controlPath+"faults", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, e.orders.list())
	})
	mux.HandleFunc("DELETE "+controlPath+"faults", func(w http.ResponseWriter, r *http.Request) {
		e.orders.clear(r.URL.Query().Get("id"))
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET "+controlPath+"calls", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		after, err := strconv.ParseInt(query.Get("after"), 10, 64)
		if err != nil && query.Has("after") {
			http.Error(w, "after: must be a call's seq, a whole number", http.StatusBadRequest)
			return
		}
		reply(w, http.StatusOK, e.recorder.find(Filter{
			Service: query.Get("service"), Operation: query.Get("operation"), Target: query.Get("target"),
			KeyPrefix: query.Get("key_prefix"), Function: query.Get("function"), Contains: query.Get("contains"), After: after,
		}))
	})
	mux.HandleFunc("DELETE "+controlPath+"calls", func(w http.ResponseWriter, _ *http.Request) {
		e.recorder.clear()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the caller may have gone
}
