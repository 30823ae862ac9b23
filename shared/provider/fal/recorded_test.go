package fal_test

import (
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// recordings are the documented answers.
var recordings = providertest.Recordings{
	Taken: []recorded{{Status: 200, File: "created_elsewhere.json"}},
	Refused: map[provider.Class][]recorded{
		provider.Rejected: {
			{Status: 400, File: "server_error.json", Tells: "status 400"},
			{Status: 413},
			{Status: 422, File: "invalid.json", Tells: "body.image_size.width:multiple_of body.image_urls.0:image_load_error"},
			{Status: 422, File: "invalid.json", Header: map[string]string{"X-Fal-Retryable": "true"}},
		},
		provider.Down: {
			{Status: 401, File: "unauthorized.json"},
			{Status: 402, File: "no_balance.json"},
			{Status: 403, File: "no_balance.json"},
			{Status: 405},
			{Status: 301, Header: map[string]string{"Location": "/elsewhere"}},
		},
		provider.Moderated: {
			{Status: 422, File: "content_policy.json", Tells: "body.prompt:content_policy_violation"},
		},
		provider.Throttled: {
			{Status: 429, File: "too_many.json"},
			{Status: 429, Header: map[string]string{"Retry-After": "9", "X-Request-Id": "abc-1"}, RetryAfter: 9 * time.Second, Tells: "request abc-1"},
		},
		provider.Ambiguous: {
			{Status: 303, Header: map[string]string{"Location": "/elsewhere"}},
			{Status: 408},
			{Status: 500, File: "server_error.json"},
			{Status: 500, File: "server_error.json", Header: map[string]string{"X-Fal-Retryable": "true"}}, // and maybe executed
			{Status: 200},                        // no body
			{Status: 200, File: "too_many.json"}, // no request id
		},
	},
	Running: []recorded{
		{Status: 202, File: "in_queue.json"},
		{Status: 202, File: "in_progress.json"},
		{Status: 200, File: "unknown_status.json"},
		{Status: 404, File: "not_found.json"},
	},
	Done: []recorded{
		ended(recorded{Status: 200, File: "result.json", Tells: "https://v3b.fal.media/files/x/out.png"}),
	},
	Failed: map[provider.Class][]recorded{
		provider.TransientRead: {
			{Status: 200},
			{Status: 200, File: "too_many.json"}, // no status
			{Status: 200, File: "completed_another.json"},
			{Status: 500},
			ended(recorded{Status: 200}),
			ended(recorded{Status: 502, File: "bad_gateway.html"}),
			ended(recorded{Status: 504}),
		},
		provider.Down: {
			{Status: 401, File: "unauthorized.json"},
			{Status: 403},
			ended(recorded{Status: 401, File: "unauthorized.json"}),
		},
		provider.Throttled: {
			{Status: 429, File: "too_many.json"},
			ended(recorded{Status: 429, File: "too_many.json"}),
		},
		provider.JobFailed: {
			ended(recorded{Status: 200, File: "result_empty.json"}),
			ended(recorded{Status: 422, File: "file_download_error.json"}),
			ended(recorded{Status: 400, File: "downstream_service_error.json"}),
			ended(recorded{Status: 500, File: "internal_server_error.json"}),
			ended(recorded{Status: 500, File: "server_error.json"}),
			ended(recorded{Status: 503, File: "runner_disconnected.json"}),
			ended(recorded{Status: 504, File: "request_timeout.json"}),
			ended(recorded{Status: 404, File: "not_found.json"}), // kept no longer
			endedBadly(recorded{Status: 503, File: "runner_disconnected.json"}),
			endedBadly(recorded{Status: 502, File: "bad_gateway.html"}),
			endedBadly(recorded{Status: 200, File: "result.json"}), // COMPLETED is no success
		},
		provider.Moderated: {
			ended(recorded{Status: 200, File: "result_indecent.json"}),
			ended(recorded{Status: 200, File: "result_flagged.json"}),
			ended(recorded{Status: 422, File: "content_policy.json"}),
			endedBadly(recorded{Status: 422, File: "content_policy.json"}),
		},
		provider.Rejected: {
			ended(recorded{Status: 422, File: "invalid.json"}),
		},
	},
	Unsaid: []provider.Class{provider.Transient},
}

// ended is a request that is over, and then its result, which tells how.
func ended(result recorded) recorded {
	over := completed
	over.Tells, over.Then = result.Tells, &result
	return over
}

// endedBadly is the same of a request whose status tells of an error.
func endedBadly(result recorded) recorded {
	over := completedError
	over.Tells, over.Then = result.Tells, &result
	return over
}
