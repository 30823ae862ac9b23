package sample_test

import (
	"time"

	"darkroom/shared/provider"
	"darkroom/shared/provider/providertest"
)

// recordings are the documented answers. page.html is of something in front of the API.
var recordings = providertest.Recordings{
	Taken: []recorded{{Status: 201, File: "created.json"}},
	Refused: map[provider.Class][]recorded{
		provider.Rejected:  {{Status: 422, File: "bad_field.json", Tells: "bad_field width"}},
		provider.Moderated: {{Status: 400, File: "prompt_refused.json", Tells: "prompt_refused"}},
		provider.Down:      {{Status: 401, File: "wrong_key.json", Tells: "wrong_key"}},
		provider.Throttled: {
			{Status: 429, Header: map[string]string{"Retry-After": "9"}, File: "too_many.json", RetryAfter: 9 * time.Second},
		},
		provider.Transient: {{Status: 503, File: "busy.json", Tells: "busy"}},
		provider.Ambiguous: {
			{Status: 503, File: "page.html", Tells: "status 503"},
			{Status: 201, File: "page.html", Tells: "without an id"},
			{Status: 201, File: "busy.json", Tells: "without an id"},
		},
	},
	Running: []recorded{
		{Status: 200, File: "created.json"},
		{Status: 200, File: "dreaming.json"}, // a word that is not documented
		{Status: 404, File: "unknown_image.json"},
	},
	Done: []recorded{{Status: 200, File: "done.json", Tells: "https://a1.images.example.com/img-7.png"}},
	Failed: map[provider.Class][]recorded{
		provider.Moderated: {{Status: 200, File: "refused_image.json"}},
		provider.JobFailed: {{Status: 200, File: "failed.json"}},
		provider.Down:      {{Status: 401, File: "wrong_key.json"}},
		provider.Throttled: {{Status: 429, File: "too_many.json"}},
		provider.TransientRead: {
			{Status: 404, File: "page.html"},
			{Status: 200, File: "page.html"},
			{Status: 200, File: "another.json"},
		},
	},
}
