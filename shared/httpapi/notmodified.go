package httpapi

import "net/http"

// notModified is the answer to a client that has the present state already. huma writes no body with this status.
type notModified struct{ etag string }

func (n notModified) Error() string           { return "not modified" }
func (n notModified) GetStatus() int          { return http.StatusNotModified }
func (n notModified) GetHeaders() http.Header { return http.Header{"Etag": {n.etag}} }
