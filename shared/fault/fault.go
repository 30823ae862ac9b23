// Package fault is how Darkroom says no: a code that programs can act on, a message that is safe to show, and the cause for the log.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Code names a reason for refusing a call. The API answers with it; httpapi has the one table that turns codes into HTTP status.
type Code string

// The codes of the API.
const (
	InvalidRequest      Code = "invalid_request"
	Unauthenticated     Code = "unauthenticated"
	InsufficientCredits Code = "insufficient_credits"
	Forbidden           Code = "forbidden"
	NotFound            Code = "not_found"
	Conflict            Code = "conflict"
	NotCancelable       Code = "not_cancelable"
	IdempotencyMismatch Code = "idempotency_mismatch"
	Moderated           Code = "moderated"
	InvalidImage        Code = "invalid_image"
	TooManyActive       Code = "too_many_active"
	RateLimited         Code = "rate_limited"
	ModelUnavailable    Code = "model_unavailable"
	Internal            Code = "internal"
)

// Error is a refusal. Message is for users: it names what was wrong and what is allowed, and never a secret, a prompt, a provider's
// words or another user's data. Err is for the log only.
type Error struct {
	Code       Code
	Field      string // of the request, when one is at fault: "body.params.size"
	Message    string
	Required   int64         // what the request costs, when that is why it is refused
	Available  int64         // insufficient_credits: what the account has; no other answer shows it
	RetryAfter time.Duration // when trying again makes sense; 0: unknown
	Err        error
}

func (e *Error) Error() string {
	text := string(e.Code) + ": " + e.Message
	if e.Field != "" {
		text = string(e.Code) + ": " + e.Field + ": " + e.Message
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// New makes a refusal.
func New(code Code, format string, values ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, values...)}
}

// Invalid makes an invalid_request that names a field, what is wrong with it and what is allowed.
func Invalid(field, format string, values ...any) *Error {
	return &Error{Code: InvalidRequest, Field: field, Message: fmt.Sprintf(format, values...)}
}

// CodeOf is the code of an error, Internal when it has none.
func CodeOf(err error) Code {
	var refusal *Error
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return Internal
}
