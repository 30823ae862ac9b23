package credit

import "darkroom/shared/transition"

// Uploads cost no credits. So that nobody can have us keep without end what nobody pays for, they want an account that could also ask for work, and its balance
// row counts their bytes: upload_bytes on the day upload_day, in days since 1970 (UTC).
var (
	// hasCredits holds as long as there is something to make an image with: left, or in a task that may give it back.
	hasCredits = transition.Any(transition.AtLeast("available", transition.Const(int64(1))), transition.AtLeast("held", transition.Const(int64(1))))

	// Announce adds an upload to its day (U1); left is what the day may have without it. A process whose clock is behind adds to the day that another has begun.
	Announce = &transition.Row{
		ID: "U1", Name: "announce", From: []string{Open},
		Guards: []transition.Guard{
			hasCredits,
			transition.AtLeast("upload_day", transition.Param("day")),
			transition.AtMost("upload_bytes", transition.Param("left")),
		},
		Effects: []transition.Effect{transition.Add("upload_bytes", transition.Param("bytes"))},
	}
	// AnnounceFirst begins a day with an upload (U1f).
	AnnounceFirst = &transition.Row{
		ID: "U1f", Name: "announce, first of a day", From: []string{Open},
		Guards: []transition.Guard{
			hasCredits,
			transition.Any(transition.Absent("upload_day"), transition.Less("upload_day", transition.Param("day"))),
		},
		Effects: []transition.Effect{transition.Set("upload_day", transition.Param("day")), transition.Set("upload_bytes", transition.Param("bytes"))},
	}
)
