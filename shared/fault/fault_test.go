package fault_test

import (
	"errors"
	"fmt"
	"testing"

	"darkroom/shared/fault"
)

func TestCodeOfFindsTheCodeUnderAWrap(t *testing.T) {
	cause := errors.New("condition failed")
	refusal := &fault.Error{Code: fault.Conflict, Message: "it has just changed", Err: cause}
	wrapped := fmt.Errorf("delete task: %w", refusal)
	if got := fault.CodeOf(wrapped); got != fault.Conflict {
		t.Errorf("CodeOf(%v) = %s, want conflict", wrapped, got)
	}
	if !errors.Is(wrapped, cause) {
		t.Error("the cause is lost")
	}
}

func TestCodeOfAnUnknownErrorIsInternal(t *testing.T) {
	if got := fault.CodeOf(errors.New("boom")); got != fault.Internal {
		t.Errorf("CodeOf = %s, want internal", got)
	}
}

func ExampleInvalid() {
	fmt.Println(fault.Invalid("body.count", "is %d; allowed: 1 to 8", 9))
	// Output: invalid_request: body.count: is 9; allowed: 1 to 8
}
