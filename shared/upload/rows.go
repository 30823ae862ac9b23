package upload

import tr "darkroom/shared/transition"

// The moves of an upload. U1 makes the row (CreateWrites); the first look at the bytes decides, and what it decided stays.
var (
	// U2: the bytes with this ETag are an image that we take.
	U2 = &tr.Row{ID: "U2", Name: "ready", From: []string{string(Waiting)}, To: string(Ready), Effects: []tr.Effect{
		tr.Set("etag", tr.Param("etag")), tr.Set("type", tr.Param("type")), tr.Set("width", tr.Param("width")), tr.Set("height", tr.Param("height")),
		tr.Set("alpha", tr.Param("alpha")),
	}}
	// U3: they are not.
	U3 = &tr.Row{ID: "U3", Name: "rejected", From: []string{string(Waiting)}, To: string(Rejected), Effects: []tr.Effect{tr.Set("reason", tr.Param("reason"))}}
)

// Rows lists them, for the stores' suite.
var Rows = []*tr.Row{U2, U3}

// Checked is what a look at the bytes has found out.
type Checked struct {
	ETag        string
	ContentType string
	Width       int // pixels, as the image is seen
	Height      int
	Alpha       bool
}

// ReadyWrite is U2.
func (u *Upload) ReadyWrite(c Checked) tr.Write {
	return tr.Write{Key: u.Key(), Row: U2, Args: tr.Args{"etag": c.ETag, "type": c.ContentType, "width": int64(c.Width), "height": int64(c.Height), "alpha": c.Alpha}}
}

// RejectWrite is U3.
func (u *Upload) RejectWrite(reason string) tr.Write {
	return tr.Write{Key: u.Key(), Row: U3, Args: tr.Args{"reason": reason}}
}
