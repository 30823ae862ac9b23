package gemini_test

import (
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// recordings are the documented answers.
var recordings = providertest.Recordings{
	Taken: []recorded{{Status: 200, File: "image.json"}},
	Refused: map[provider.Class][]recorded{
		provider.Rejected: {
			{Status: 400, File: "invalid_argument.json", Tells: "INVALID_ARGUMENT generation_config.image_config.aspect_ratio"},
			{Status: 400},
			{Status: 413},
		},
		provider.Down: {
			{Status: 400, File: "api_key_invalid.json", Tells: "API_KEY_INVALID"},
			{Status: 400, File: "failed_precondition.json", Tells: "FAILED_PRECONDITION"},
			{Status: 401, File: "unauthenticated.json", Tells: "UNAUTHENTICATED"},
			{Status: 403, File: "permission_denied.json", Tells: "PERMISSION_DENIED"},
			{Status: 404, File: "not_found.json", Tells: "NOT_FOUND"},
			{Status: 429, File: "quota_day.json", RetryAfter: 9 * time.Second, Tells: "GenerateRequestsPerDayPerProjectPerModel-FreeTier"},
			{Status: 307, Header: map[string]string{"Location": "/elsewhere"}},
		},
		provider.Throttled: {
			{Status: 429, File: "quota_minute.json", RetryAfter: 31400 * time.Millisecond, Tells: "GenerateRequestsPerMinutePerProjectPerModel"},
			{Status: 429, File: "exhausted.json", Tells: "RESOURCE_EXHAUSTED"},
			{Status: 429, Header: map[string]string{"Retry-After": "12"}, File: "exhausted.json", RetryAfter: 12 * time.Second},
			{Status: 429, Header: map[string]string{"Retry-After": "12"}, File: "quota_minute.json", RetryAfter: 31400 * time.Millisecond},
		},
		provider.Ambiguous: {
			{Status: 500, File: "internal.json", Tells: "INTERNAL"},
			{Status: 502},
			{Status: 504, File: "deadline_exceeded.json", Tells: "DEADLINE_EXCEEDED"},
			{Status: 408},
		},
		provider.Transient: {
			{Status: 503, File: "unavailable.json", Tells: "UNAVAILABLE MODEL_CAPACITY_EXHAUSTED"},
			{Status: 503},
		},
		provider.Moderated: {
			{Status: 200, File: "blocked_safety.json", Tells: "blocked SAFETY"},
			{Status: 200, File: "blocked_other.json", Tells: "blocked OTHER"},
			{Status: 200, File: "blocked_blocklist.json", Tells: "blocked BLOCKLIST"},
			{Status: 200, File: "blocked_prohibited_content.json", Tells: "blocked PROHIBITED_CONTENT"},
			{Status: 200, File: "blocked_image_safety.json", Tells: "blocked IMAGE_SAFETY"},
		},
		provider.JobFailed: {
			{Status: 200, File: "no_candidates.json", Tells: "without a candidate"},
			{Status: 200, File: "no_content.json", Tells: "without an image, finished STOP"},
			{Status: 200, File: "only_text.json", Tells: "without an image, finished STOP"},
			{Status: 200, File: "only_a_thought.json", Tells: "without an image, finished STOP"},
			{Status: 200, Tells: "cannot be read"},
		},
	},
}
