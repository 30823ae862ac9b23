package replicate_test

import (
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// recordings are the documented answers.
var recordings = providertest.Recordings{
	Taken: []recorded{{Status: 201, File: "starting.json"}},
	Refused: map[provider.Class][]recorded{
		provider.Rejected: {
			{Status: 400, Tells: "status 400"},
			{Status: 413},
			{Status: 422, File: "invalid.json", Tells: "input.width:number_lte input.prompt:string_lte"},
		},
		provider.Down: {
			{Status: 401, File: "not_authenticated.json"},
			{Status: 402, File: "no_credit.json"},
			{Status: 403},
			{Status: 404, File: "not_found.json"},
			{Status: 405},
			{Status: 301, Header: map[string]string{"Location": "/elsewhere"}},
		},
		provider.Throttled: {
			{Status: 429, File: "throttled.json", RetryAfter: 30 * time.Second},
			{Status: 429, Header: map[string]string{"Retry-After": "9", "X-Request-Id": "abc-1"}, File: "throttled.json", RetryAfter: 9 * time.Second, Tells: "request abc-1"},
			{Status: 429},
		},
		provider.Ambiguous: {
			{Status: 303, Header: map[string]string{"Location": "/elsewhere"}},
			{Status: 408},
			{Status: 409},
			{Status: 500},
			{Status: 502},
			{Status: 503, Header: map[string]string{"Retry-After": "5"}, RetryAfter: 5 * time.Second},
			{Status: 201, Tells: "without a job id"}, // no body
			{Status: 201, File: "throttled.json", Tells: "without a job id"},
		},
	},
	Running: []recorded{
		{Status: 200, File: "starting.json"},
		{Status: 200, File: "processing.json"},
		{Status: 200, File: "unknown_status.json"},
		{Status: 404, File: "not_found.json"},
	},
	Done: []recorded{
		{Status: 200, File: "succeeded.json", Tells: "https://replicate.delivery/xezq/a1/tmpab.webp"},
		{Status: 200, File: "succeeded_list.json", Tells: "https://pbxt.replicate.delivery/b2/out-0.jpg"},
	},
	Failed: map[provider.Class][]recorded{
		provider.JobFailed: {
			{Status: 200, File: "succeeded_without_output.json", Tells: "without an output"},
			{Status: 200, File: "succeeded_empty_list.json", Tells: "without an output"},
			{Status: 200, File: "succeeded_object.json", Tells: "without an output"},
			{Status: 200, File: "removed.json", Tells: "removed before it was copied"},
			{Status: 200, File: "failed.json", Tells: "failed E1001"},
			{Status: 200, File: "failed_object.json", Tells: "failed"},
			{Status: 200, File: "canceled.json", Tells: "canceled"},
			{Status: 200, File: "aborted.json", Tells: "aborted"},
		},
		provider.Moderated: {
			{Status: 200, File: "failed_sensitive.json", Tells: "failed E005"},
			{Status: 200, File: "failed_nsfw.json", Tells: "failed"},
		},
		provider.Rejected: {
			{Status: 200, File: "failed_input.json", Tells: "failed"},
		},
		provider.TransientRead: {
			{Status: 200, File: "throttled.json"}, // no status
			{Status: 200},
			{Status: 404}, // from something in front of the API
			{Status: 404, File: "page_last.json"},
			{Status: 500},
			{Status: 302, Header: map[string]string{"Location": "/elsewhere"}},
		},
		provider.Down: {
			{Status: 401, File: "not_authenticated.json"},
			{Status: 402, File: "no_credit.json"},
			{Status: 403},
		},
		provider.Throttled: {
			{Status: 429, File: "throttled.json", RetryAfter: 30 * time.Second},
		},
	},
	Unsaid: []provider.Class{provider.Transient},
}
