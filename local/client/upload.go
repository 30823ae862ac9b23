package client

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"
)

// UploadForm is where an announced file is to be sent.
type UploadForm struct {
	UploadID  string            `json:"upload_id"`
	URL       string            `json:"url"`
	Fields    map[string]string `json:"fields"`
	ExpiresAt time.Time         `json:"expires_at"`
}

// Upload is an upload that was looked at.
type Upload struct {
	UploadID    string `json:"upload_id"`
	State       string `json:"state"`
	ContentType string `json:"content_type"`
	Width       int    `json:"width"`
	Height      int    `json:"height"`
	Bytes       int64  `json:"bytes"`
}

// AnnounceUpload asks for the form to send a file with.
func (c Client) AnnounceUpload(ctx context.Context, contentType string, size int) (form UploadForm, err error) {
	return form, c.call(ctx, http.MethodPost, "/v1/uploads", map[string]any{"content_type": contentType, "bytes": size}, &form)
}

// CompleteUpload has a sent file looked at.
func (c Client) CompleteUpload(ctx context.Context, id string) (u Upload, err error) {
	return u, c.call(ctx, http.MethodPost, "/v1/uploads/"+id+"/complete", nil, &u)
}

// SendForm sends a file as a browser does: the fields first, then the file. The answer's status says whether it was taken; its body says why not.
func SendForm(ctx context.Context, form UploadForm, file []byte) (status int, said string, err error) {
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	for name, value := range form.Fields {
		if err := writer.WriteField(name, value); err != nil {
			return 0, "", err
		}
	}
	part, err := writer.CreateFormFile("file", "image")
	if err != nil {
		return 0, "", err
	}
	if _, err := part.Write(file); err != nil {
		return 0, "", err
	}
	if err := writer.Close(); err != nil {
		return 0, "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, form.URL, &body)
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Content-Type", writer.FormDataContentType())
	response, err := noRedirects.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	return response.StatusCode, string(data), err
}

// Upload takes a file the whole way: announce, send, complete.
func (c Client) Upload(ctx context.Context, contentType string, file []byte) (Upload, error) {
	form, err := c.AnnounceUpload(ctx, contentType, len(file))
	if err != nil {
		return Upload{}, err
	}
	status, said, err := SendForm(ctx, form, file)
	if err != nil {
		return Upload{}, err
	}
	if status >= 300 {
		return Upload{}, fmt.Errorf("upload %s: the bucket answers %d: %s", form.UploadID, status, said)
	}
	return c.CompleteUpload(ctx, form.UploadID)
}
