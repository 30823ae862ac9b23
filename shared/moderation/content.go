package moderation

// Content is what a screen looks at: what a user sends, or what a model has made.
type Content struct {
	Prompt string // empty: none
	Images []Image
}

// Image is one image of a content, small enough to be sent on as it is.
type Image struct {
	ContentType string // image/jpeg or image/png
	Data        []byte
}

// Verdict is what a screen says. The categories are for the log: telling them to users would be a manual for finding what passes.
type Verdict struct {
	Flagged    bool
	Categories []string
}
