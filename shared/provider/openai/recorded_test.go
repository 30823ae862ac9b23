package openai_test

import (
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// recordings are the documented answers.
var recordings = providertest.Recordings{
	Taken: []recorded{{Status: 200, File: "image.json"}},
	Refused: map[provider.Class][]recorded{
		provider.Moderated: {
			{Status: 400, File: "moderation_blocked.json", Tells: "image_generation_user_error moderation_blocked"},
		},
		provider.Rejected: {
			{Status: 400, File: "invalid_size.json", Tells: "invalid_request_error invalid_value size"},
			{Status: 400},
			{Status: 500, Header: map[string]string{"x-should-retry": "false"}, File: "server_error.json"},
			{Status: 200, File: "no_image.json", Tells: "without an image"},
		},
		provider.Down: {
			{Status: 400, File: "billing_limit.json"},
			{Status: 401, File: "invalid_key.json"},
			{Status: 403},
			{Status: 404, File: "model_not_found.json"},
			{Status: 429, Header: map[string]string{"x-should-retry": "false"}, File: "rate_limit.json"},
			{Status: 429, File: "insufficient_quota.json"},
			{Status: 307, Header: map[string]string{"Location": "/elsewhere"}},
		},
		provider.Throttled: {
			{Status: 429, Header: map[string]string{"Retry-After": "12", "x-request-id": "req_1"}, File: "rate_limit.json", RetryAfter: 12 * time.Second, Tells: "request req_1"},
			{Status: 429, Header: map[string]string{"Retry-After-Ms": "250", "Retry-After": "1"}, File: "rate_limit.json", RetryAfter: 250 * time.Millisecond},
		},
		provider.Ambiguous: {
			{Status: 500, File: "server_error.json"},
			{Status: 502},
			{Status: 503},
			{Status: 504},
			{Status: 408},
			{Status: 409},
		},
		provider.Transient: {
			{Status: 500, Header: map[string]string{"x-should-retry": "true"}, File: "server_error.json"},
		},
		provider.JobFailed: {
			{Status: 200},
			{Status: 200, File: "page.html", Tells: "cannot be read"}, // of something in front of the API
		},
	},
}
