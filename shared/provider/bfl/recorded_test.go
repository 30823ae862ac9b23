package bfl_test

import (
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// recordings are the documented answers.
var recordings = providertest.Recordings{
	Taken: []recorded{{Status: 200, File: "created_with_webhook.json"}},
	Refused: map[provider.Class][]recorded{
		provider.Rejected: {
			{Status: 400, Tells: "status 400"},
			{Status: 422, File: "invalid.json", Tells: "body.width:value_error body.prompt.0:string_too_long"},
		},
		provider.Down: {
			{Status: 401, File: "not_authenticated.json"},
			{Status: 402, File: "no_credits.json"},
			{Status: 403, File: "not_authenticated.json"},
			{Status: 301, Header: map[string]string{"Location": "/elsewhere"}},
		},
		provider.Throttled: {
			{Status: 429, File: "too_many.json", RetryAfter: 30 * time.Second},
			{Status: 429, Header: map[string]string{"Retry-After": "9", "X-Request-Id": "abc-1"}, File: "too_many.json", RetryAfter: 9 * time.Second, Tells: "request abc-1"},
			{Status: 429},
		},
		provider.Ambiguous: {
			{Status: 303, Header: map[string]string{"Location": "/elsewhere"}},
			{Status: 408},
			{Status: 500},
			{Status: 503, Header: map[string]string{"Retry-After": "5"}, RetryAfter: 5 * time.Second},
			{Status: 200},                        // no body
			{Status: 200, File: "too_many.json"}, // no id
		},
	},
	Running: []recorded{
		{Status: 200, File: "pending.json"},
		{Status: 200, File: "not_found.json"},
		{Status: 404, File: "not_found.json"},
		{Status: 200, File: "queued.json"},
		{Status: 200, File: "processing.json"},
		{Status: 200, File: "unknown_status.json"},
	},
	Done: []recorded{
		{Status: 200, File: "ready.json", Tells: "https://delivery.eu1.bfl.ai/results/a1/sample.jpeg?sig=abc"},
		{Status: 200, File: "ready_state.json", Tells: "https://delivery.us3.bfl.ai/results/a1/sample.png"},
	},
	Failed: map[provider.Class][]recorded{
		provider.JobFailed: {
			{Status: 200, File: "ready_without_sample.json"},
			{Status: 200, File: "error.json"},
			{Status: 200, File: "failed.json"},
		},
		provider.Moderated: {
			{Status: 200, File: "request_moderated.json"},
			{Status: 200, File: "content_moderated.json"},
		},
		provider.TransientRead: {
			{Status: 200, File: "no_credits.json"}, // no status
			{Status: 200},
			{Status: 404},
			{Status: 500},
			{Status: 302, Header: map[string]string{"Location": "/elsewhere"}},
		},
		provider.Down: {
			{Status: 401},
			{Status: 403, File: "not_authenticated.json"},
		},
		provider.Throttled: {
			{Status: 429, File: "too_many.json", RetryAfter: 30 * time.Second},
		},
	},
	Unsaid: []provider.Class{provider.Transient},
}
