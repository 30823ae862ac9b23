// Package asset describes finished images: where our copies lie and what they are.
package asset

import (
	"fmt"
	"strings"

	"darkroom/shared/transition"
)

// Asset is our stored copy of one image with its preview. Where they lie follows from the task and the hash, so no key is stored; nothing in it expires.
type Asset struct {
	ContentType string // image/png, image/jpeg or image/webp
	PreviewType string // image/png or image/jpeg
	Width       int    // pixels
	Height      int
	Bytes       int64
	SHA256      string // of the original's bytes, lower-case hex
}

// extensions are the types we store, and how their files end.
var extensions = map[string]string{"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}

// Extension is how a file of this type ends. It panics for a type that picture does not know: that is a bug.
func Extension(contentType string) string {
	ext, known := extensions[contentType]
	if !known {
		panic(fmt.Sprintf("asset: no extension for content type %q", contentType))
	}
	return ext
}

// Key is where the original lies: o/<account>/<task>/<sha256>.<ext>. Its name is its content, so writing it again changes nothing.
func (a Asset) Key(account, task string) string {
	return OriginalPrefix(account, task) + a.SHA256 + "." + Extension(a.ContentType)
}

// PreviewKey is where the preview lies: p/<account>/<task>/<sha256 of the original>.<ext>.
func (a Asset) PreviewKey(account, task string) string {
	return PreviewPrefix(account, task) + a.SHA256 + "." + Extension(a.PreviewType)
}

// OriginalPrefix is the folder of a task's original.
func OriginalPrefix(account, task string) string { return "o/" + account + "/" + task + "/" }

// PreviewPrefix is the folder of a task's preview.
func PreviewPrefix(account, task string) string { return "p/" + account + "/" + task + "/" }

// StagedPrefix is the folder where a synchronous provider's bytes wait to be recorded, one object per attempt.
func StagedPrefix(task string) string { return "stage/" + task + "/" }

// StagedKey is where one attempt's bytes wait.
func StagedKey(task string, attempt int) string {
	return fmt.Sprintf("%s%d", StagedPrefix(task), attempt)
}

// StagedAttempt reads the attempt's number from a staged key; 0 when it is none.
func StagedAttempt(key string) (attempt int) {
	if _, err := fmt.Sscanf(key[strings.LastIndexByte(key, '/')+1:], "%d", &attempt); err != nil {
		return 0
	}
	return attempt
}

// FileName is what a downloaded original is called. Only our own letters: it goes into a header.
func FileName(task, contentType string) string {
	return "darkroom-" + task + "." + Extension(contentType)
}

// Item is the asset as part of a task's item.
func (a Asset) Item() transition.Item {
	return transition.Item{"type": a.ContentType, "preview": a.PreviewType, "width": int64(a.Width), "height": int64(a.Height),
		"bytes": a.Bytes, "sha256": a.SHA256}
}

// FromItem reads an asset out of a task's item; nil when there is none.
func FromItem(item transition.Item) *Asset {
	if item == nil {
		return nil
	}
	a := &Asset{ContentType: item.Text("type"), PreviewType: item.Text("preview"), Bytes: item.Int("bytes"), SHA256: item.Text("sha256")}
	a.Width, a.Height = int(item.Int("width")), int(item.Int("height"))
	return a
}
