package provider

import (
	"context"
	"errors"
	"net/http"
)

// Put makes a PUT without a body that may be repeated at will, such as a cancel. An answer of any status is not an error. The
// error is an *Error of class TransientRead, or Down when the address is forbidden.
func (c *Client) Put(ctx context.Context, request Request) (Answer, error) {
	answer, err := do(ctx, c.reads, c.guard, http.MethodPut, request)
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(err, ErrForbiddenURL):
		return Answer{}, &Error{Class: Down, Message: saysDown, Err: err}
	}
	return Answer{}, &Error{Class: TransientRead, Message: saysNoAnswer, Err: err}
}
