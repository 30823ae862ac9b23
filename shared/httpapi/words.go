package httpapi

import (
	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
)

// What mistakes are known by that need more words than huma has.
const (
	unknownField = "is not a field of this call"
	missingField = "lacks the field "
	notOneOf     = "must be one of: "
)

// setWords makes huma say in our words what is wrong with a field: "count must be at most 8". Its own ones print large limits as 1e+06. It also makes huma
// take field names as they are written: "Model" is not "model".
func setWords() {
	huma.ValidateStrictCasing = true
	validation.MsgUnexpectedProperty = unknownField
	validation.MsgExpectedRequiredProperty = missingField + "%s"
	validation.MsgExpectedBoolean = "must be true or false"
	validation.MsgExpectedNumber = "must be a number"
	validation.MsgExpectedInteger = "must be a whole number"
	validation.MsgExpectedString = "must be a text"
	validation.MsgExpectedArray = "must be a list"
	validation.MsgExpectedObject = "must be an object"
	validation.MsgExpectedOneOf = notOneOf + "%s"
	validation.MsgExpectedMinimumNumber = "must be at least %.0f"
	validation.MsgExpectedMaximumNumber = "must be at most %.0f"
	validation.MsgExpectedMinLength = "must have a length of at least %d"
	validation.MsgExpectedMaxLength = "must have a length of at most %d"
	validation.MsgExpectedBePattern = "must be %s"
	validation.MsgExpectedMaxItems = "must have at most %d entries"
}
