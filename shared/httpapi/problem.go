package httpapi

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/fault"
)

// Problem is every error answer (RFC 9457).
type Problem struct {
	Type       string     `json:"type" doc:"Always about:blank: the code says more."`
	Title      string     `json:"title" doc:"The HTTP status in words."`
	Status     int        `json:"status" doc:"The HTTP status."`
	Code       fault.Code `json:"code" doc:"What programs can act on." enum:"invalid_request,unauthenticated,insufficient_credits,forbidden,not_found,conflict,not_cancelable,idempotency_mismatch,moderated,invalid_image,too_many_active,rate_limited,model_unavailable,internal"`
	Detail     string     `json:"detail" doc:"What was wrong, what is allowed and what to do, for people."`
	Field      string     `json:"field,omitempty" doc:"The field at fault, as in body.params.size."`
	Retryable  bool       `json:"retryable" doc:"Whether the same call may succeed later."`
	TraceID    string     `json:"trace_id" doc:"Names this call in our logs; also in the header X-Request-Id."`
	Required   *int64     `json:"required,omitempty" doc:"Credits that the request costs, or that a withdrawal would take; when that is more than there is or than max_cost."`
	Available  *int64     `json:"available,omitempty" doc:"Credits that the account has; only with insufficient_credits."`
	RetryAfter int        `json:"retry_after,omitempty" doc:"Seconds after which to try again."`
}

// statuses is the one table from codes to HTTP.
var statuses = map[fault.Code]struct {
	status    int
	retryable bool
}{
	fault.InvalidRequest:      {http.StatusBadRequest, false},
	fault.Unauthenticated:     {http.StatusUnauthorized, false},
	fault.InsufficientCredits: {http.StatusPaymentRequired, false},
	fault.Forbidden:           {http.StatusForbidden, false},
	fault.NotFound:            {http.StatusNotFound, false},
	fault.Conflict:            {http.StatusConflict, false},
	fault.NotCancelable:       {http.StatusConflict, false},
	fault.IdempotencyMismatch: {http.StatusUnprocessableEntity, false},
	fault.Moderated:           {http.StatusUnprocessableEntity, false},
	fault.InvalidImage:        {http.StatusUnprocessableEntity, false},
	fault.TooManyActive:       {http.StatusTooManyRequests, true},
	fault.RateLimited:         {http.StatusTooManyRequests, true},
	fault.ModelUnavailable:    {http.StatusServiceUnavailable, true},
	fault.Internal:            {http.StatusInternalServerError, true},
}

// Error makes a Problem an error.
func (p *Problem) Error() string { return string(p.Code) + ": " + p.Detail }

// GetStatus tells huma the status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType tells huma the type of the answer.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders tells huma the headers that go with it.
func (p *Problem) GetHeaders() http.Header {
	header := http.Header{}
	if p.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	return header
}

// problem makes the answer to an error. What has no code is logged here, once, and shown as internal without a word about it.
func problem(ctx context.Context, log *slog.Logger, err error) *Problem {
	refusal := errInternal
	if !errors.As(err, &refusal) || refusal.Code == fault.Internal {
		log.ErrorContext(ctx, "request failed", "trace_id", gateway(ctx).RequestID, "route", gateway(ctx).RouteKey, "error", err)
	}
	return answerTo(ctx, refusal)
}

// errInternal is all that a client is told of trouble on our side.
var errInternal = fault.New(fault.Internal, "something went wrong on our side; try again, and if it stays, tell us the trace_id")

func answerTo(ctx context.Context, refusal *fault.Error) *Problem {
	as := statuses[refusal.Code]
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(as.status), Status: as.status, Code: refusal.Code, Detail: refusal.Message, Field: refusal.Field,
		Retryable: as.retryable, TraceID: gateway(ctx).RequestID, RetryAfter: int((refusal.RetryAfter.Seconds()) + 0.999),
	}
	if refusal.Field != "" {
		p.Detail = sentence(refusal.Field, refusal.Message)
	}
	if refusal.Required != 0 {
		p.Required = &refusal.Required
	}
	if refusal.Code == fault.InsufficientCredits {
		p.Available = &refusal.Available
	}
	if p.Retryable && p.RetryAfter == 0 && as.status != http.StatusInternalServerError {
		p.RetryAfter = 1
	}
	return p
}

// sentence is what is wrong with a field in one sentence. A message goes on where the field's name ends, as "is empty" does, or is a sentence of its own.
func sentence(field, message string) string {
	name := strings.TrimPrefix(field, "body.")
	if name == "" || strings.HasSuffix(name, ".") {
		name += `""` // somebody sent a field without a name
	}
	if verb, _, _ := strings.Cut(message, " "); slices.Contains([]string{"is", "was", "has", "holds", "names", "must", "cannot"}, verb) {
		return name + " " + message
	}
	return name + ": " + message
}

// invalid makes the answer to what huma found wrong with a request before any handler saw it. All of it is the client's fault; the status stays below 500.
func invalid(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
	if status >= http.StatusInternalServerError || status < http.StatusBadRequest {
		return problem(ctx.Context(), slog.Default(), errors.Join(append(errs, errors.New(message))...))
	}
	field, detail, found := mistakesOf(ctx.Operation()).first(message, errs)
	if !found {
		detail = errors.Join(append([]error{errors.New(message)}, errs...)...).Error()
	}
	p := answerTo(ctx.Context(), fault.New(fault.InvalidRequest, "%s", detail))
	p.Field = field
	if status == http.StatusRequestEntityTooLarge || status == http.StatusUnsupportedMediaType || status == http.StatusNotAcceptable {
		p.Status, p.Title = status, http.StatusText(status)
	}
	return p
}
