package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"

	"darkroom/shared/workflow"
)

// maxDelivery bounds a webhook's body.
const maxDelivery = 1 << 20

// Receiver takes a delivery; workflow.ErrNotProven means that it had no effect because it is not proven.
type Receiver interface {
	Receive(ctx context.Context, provider, token string, header http.Header, body []byte) error
}

// Webhook answers POST /webhooks/{provider}/{token}: 200 once the effect, or that there is none, is durable; 404 for what is not proven, whatever the
// reason; 503 when a write failed, so that the provider repeats the delivery.
func Webhook(receiver Receiver, log *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /webhooks/{provider}/{token}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(deliver(receiver, log, r))
		io.WriteString(w, "{}") //nolint:errcheck // the sender has gone
	})
	return mux
}

func deliver(receiver Receiver, log *slog.Logger, r *http.Request) (status int) {
	log = log.With("trace_id", gateway(r.Context()).RequestID, "provider", r.PathValue("provider"))
	defer func() {
		if crash := recover(); crash != nil {
			log.Error("delivery crashed", "panic", crash, "stack", string(debug.Stack()))
			status = http.StatusServiceUnavailable
		}
	}()
	body, err := io.ReadAll(io.LimitReader(r.Body, maxDelivery+1))
	if err != nil || len(body) > maxDelivery {
		return http.StatusRequestEntityTooLarge
	}
	err = receiver.Receive(r.Context(), r.PathValue("provider"), r.PathValue("token"), r.Header, body)
	switch {
	case errors.Is(err, workflow.ErrNotProven):
		return http.StatusNotFound
	case err != nil:
		log.Error("delivery not taken; the provider will repeat it", "error", err)
		return http.StatusServiceUnavailable
	}
	return http.StatusOK
}
