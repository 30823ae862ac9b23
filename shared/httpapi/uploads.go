package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/fault"
	"darkroom/shared/upload"
)

type createUploadIn struct {
	Body struct {
		ContentType string `json:"content_type" enum:"image/png,image/jpeg,image/webp"`
		Bytes       int64  `json:"bytes" minimum:"1" maximum:"20971520" doc:"Exactly the size of the file. An account announces at most 2 GiB on one day (UTC); a file counts as 256 KiB at least."`
	}
}

type createUploadOut struct{ Body UploadForm }

// UploadForm is where an announced file is to be sent: a multipart form with these fields and then the file, named "file".
type UploadForm struct {
	UploadID  upload.ID         `json:"upload_id"`
	URL       string            `json:"url" format:"uri" doc:"Where to POST the form. It needs no token."`
	Fields    map[string]string `json:"fields" doc:"Send a multipart/form-data form: all of these fields first, as they are, then the file as the last one, named \"file\". Anything after the file is ignored. Then POST /v1/uploads/{id}/complete."`
	ExpiresAt time.Time         `json:"expires_at" doc:"Until then the form is taken."`
}

type uploadOut struct{ Body UploadView }

// UploadView is an upload that was looked at.
type UploadView struct {
	UploadID    upload.ID `json:"upload_id"`
	State       string    `json:"state" enum:"ready"`
	ContentType string    `json:"content_type"`
	Width       int       `json:"width" doc:"Pixels, as the image is seen."`
	Height      int       `json:"height"`
	Bytes       int64     `json:"bytes"`
	ExpiresAt   time.Time `json:"expires_at" doc:"Until then it can be an input."`
}

func (a *API) uploadRoutes(api huma.API, r route) {
	create := operation("create-upload", http.MethodPost, "/v1/uploads", "Announce an image, and get the form to send it with", "uploads")
	create.DefaultStatus = http.StatusCreated
	add(api, r, create, a.createUpload)
	add(api, r, operation("complete-upload", http.MethodPost, "/v1/uploads/{id}/complete", "Have a sent image looked at, so that it can be an input", "uploads"), a.completeUpload)
}

func (a *API) createUpload(ctx context.Context, in *createUploadIn) (*createUploadOut, error) {
	account, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	form, err := a.Uploads.Create(ctx, account, in.Body.ContentType, in.Body.Bytes)
	if err != nil {
		return nil, err
	}
	return &createUploadOut{UploadForm{UploadID: form.Upload.ID, URL: form.URL, Fields: form.Fields, ExpiresAt: form.ExpiresAt.UTC()}}, nil
}

// UploadPath names an upload.
type UploadPath struct {
	ID string `path:"id" maxLength:"64" example:"upl_01JD3YQ5T8Z6M3N0V4W2X7K9BC"`
}

func (a *API) completeUpload(ctx context.Context, in *UploadPath) (*uploadOut, error) {
	account, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	id, err := upload.ParseID(in.ID)
	if err != nil {
		return nil, &fault.Error{Code: fault.NotFound, Field: "path.id", Message: err.Error()}
	}
	ready, err := a.Uploads.Complete(ctx, account, id)
	if err != nil {
		return nil, err
	}
	return &uploadOut{UploadView{UploadID: ready.ID, State: string(ready.State), ContentType: ready.ContentType, Width: ready.Width, Height: ready.Height, Bytes: ready.Bytes,
		ExpiresAt: time.UnixMilli(ready.ExpiresAt).UTC()}}, nil
}
