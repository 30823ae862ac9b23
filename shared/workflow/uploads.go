package workflow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
	"darkroom/shared/picture"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
)

// UploadSpace is our bucket, as uploads use it.
type UploadSpace interface {
	// PresignUpload signs a form that puts a file of this type and of exactly this many bytes under a key.
	PresignUpload(ctx context.Context, key, contentType string, size int64, life time.Duration) (address string, fields map[string]string, err error)
	// First reads the first n bytes of an object, with the ETag and the size of the whole. The error is fs.ErrNotExist when nothing is there.
	First(ctx context.Context, key string, n int64) (data []byte, etag string, size int64, err error)
}

// Uploads takes in users' images. Trigger: the upload routes. The bytes never pass through here: they go straight into the bucket.
type Uploads struct {
	*Engine
	Accounts *Accounts
	Space    UploadSpace
}

// UploadForm is where an announced file is to be sent, and with which fields before it.
type UploadForm struct {
	Upload    *upload.Upload
	URL       string
	Fields    map[string]string
	ExpiresAt time.Time // of the form
}

// Create announces an upload (U1), and opens the account at the first time. Refusals are *fault.Error.
func (u *Uploads) Create(ctx context.Context, account, contentType string, size int64) (*UploadForm, error) {
	now := u.Now()
	announced, err := upload.New(account, u.NewID(), contentType, size, now)
	if err != nil {
		return nil, err
	}
	form := &UploadForm{Upload: announced, ExpiresAt: now.Add(upload.FormLife)}
	if form.URL, form.Fields, err = u.Space.PresignUpload(ctx, announced.Object(), contentType, size, upload.FormLife); err != nil {
		return nil, err
	}
	row := credit.Announce
	for range createTries {
		err := u.Store.Transact(ctx, announced.CreateWrites(row)...)
		var refused *transition.RefusedError
		switch {
		case err == nil:
			u.Metrics.Count("UploadsCreated", 1)
			return form, nil
		case !errors.As(err, &refused):
			return nil, err
		}
		if row, err = u.admit(ctx, announced, refused.Of(upload.AccountPart)); err != nil {
			return nil, err
		}
	}
	return nil, errKeepsChanging
}

// admit says by which row an account that was refused may announce the upload now, for it has just been opened or a day has begun; or why it may not at all.
func (u *Uploads) admit(ctx context.Context, announced *upload.Upload, part *transition.Refusal) (*transition.Row, error) {
	if part == nil {
		return nil, errors.New("announce: a fresh upload id was taken") // cannot happen, and must not loop
	}
	if part.Old == nil {
		return credit.AnnounceFirst, u.Accounts.open(ctx, announced.Account)
	}
	b := credit.BalanceFrom(announced.Account, part.Old)
	row, fits := announced.Fits(part.Old)
	switch {
	case b.State != credit.Open:
		return nil, notOpen(b)
	case b.Available < 1 && b.Held < 1:
		return nil, &fault.Error{Code: fault.InsufficientCredits, Required: 1, Available: b.Available,
			Message: "uploads are for accounts that have credits to use them with; get credits first"}
	case !fits:
		now := u.Now()
		return nil, &fault.Error{Code: fault.RateLimited, RetryAfter: upload.NextDay(now).Sub(now),
			Message: fmt.Sprintf("this upload would take the account above the %d bytes that it may upload on one day; the next day begins at 0:00 UTC", int64(upload.DayBytes))}
	}
	return row, nil
}

var errNoUpload = &fault.Error{Code: fault.NotFound, Message: upload.Missing}

// Get reads an upload. Another account's is not found: the account is part of the key.
func (u *Uploads) Get(ctx context.Context, account string, id upload.ID) (*upload.Upload, error) {
	item, err := u.Store.Get(ctx, upload.Key(account, id))
	if err != nil {
		return nil, err
	}
	if item == nil {
		return nil, errNoUpload
	}
	found := upload.From(account, id, item)
	if found.Expired(u.Now()) {
		return nil, errNoUpload
	}
	return found, nil
}

// Inputs reads the uploads of a request's inputs in one call, in their order. An error that is a *fault.Error names the input that cannot be used.
func (u *Uploads) Inputs(ctx context.Context, account string, inputs []upload.Input) ([]*upload.Upload, error) {
	keys := make([]transition.Key, len(inputs))
	for i, in := range inputs {
		keys[i] = upload.Key(account, in.Upload)
	}
	items, err := u.Store.GetAll(ctx, keys...)
	if err != nil {
		return nil, err
	}
	found := make([]*upload.Upload, len(inputs))
	for i, item := range items {
		if item != nil {
			found[i] = upload.From(account, inputs[i].Upload, item)
		}
	}
	return found, upload.CheckInputs(inputs, found, u.Now())
}

// Complete looks at what was sent and notes it (U2) or refuses it (U3). What it has said once it says again, whatever lies there by then: bytes that are
// swapped later have another ETag, and nothing reads them. Refusals are *fault.Error: not found, conflict while nothing was sent, or an invalid image.
func (u *Uploads) Complete(ctx context.Context, account string, id upload.ID) (*upload.Upload, error) {
	found, err := u.Get(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if found.State != upload.Waiting {
		return answered(found)
	}
	checked, reason, err := u.look(ctx, found)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &fault.Error{Code: fault.Conflict, Message: "no file was sent for this upload yet; send it to the form, then complete it"}
	case err != nil:
		return nil, err
	case reason != "":
		return u.decided(ctx, found, found.RejectWrite(reason))
	}
	return u.decided(ctx, found, found.ReadyWrite(checked))
}

// A header is found in the first bytes nearly always; photos with much metadata before their pixels get a second, wider look.
var headerSizes = []int64{64 << 10, 4 << 20}

// look reads the beginning of the bytes and says what they are, or why they will not do.
func (u *Uploads) look(ctx context.Context, sent *upload.Upload) (checked upload.Checked, reason string, err error) {
	for _, n := range headerSizes {
		data, etag, size, err := u.Space.First(ctx, sent.Object(), n)
		if err != nil {
			return upload.Checked{}, "", err
		}
		if size != sent.Bytes { // the form does not let it through
			return upload.Checked{}, fmt.Sprintf("the file has %d bytes, and %d were announced", size, sent.Bytes), nil
		}
		info, err := picture.InspectInput(data)
		if err == nil {
			width, height := info.Upright()
			return upload.Checked{ETag: etag, ContentType: info.ContentType, Width: width, Height: height, Alpha: info.Alpha}, "", nil
		}
		if n >= size {
			break
		}
	}
	return upload.Checked{}, fmt.Sprintf("the file is not a PNG, JPEG or WebP image with sides of 1 to %d and at most %d megapixels (%d if it has 16 bits a channel or is a progressive JPEG)",
		picture.MaxSide, picture.MaxInputPixels>>20, picture.MaxHeavyInputPixels>>20), nil
}

// decided makes a move. When another call was first, its word counts.
func (u *Uploads) decided(ctx context.Context, was *upload.Upload, move transition.Write) (*upload.Upload, error) {
	item, err := u.Store.Update(ctx, move)
	var refused *transition.RefusedError
	switch {
	case errors.As(err, &refused):
		if item = refused.Refusals[0].Old; item == nil {
			return nil, errNoUpload // it expired meanwhile
		}
	case err != nil:
		return nil, err
	default:
		u.Log.Info("upload looked at", "upload_id", was.ID, "account", was.Account, "move", move.Row.ID)
		u.Metrics.Count("UploadsLookedAt", 1, "Verdict", move.Row.Name)
	}
	return answered(upload.From(was.Account, was.ID, item))
}

// answered is an upload that was looked at: itself when it is ready, or the refusal that was noted.
func answered(decided *upload.Upload) (*upload.Upload, error) {
	if decided.State == upload.Rejected {
		return nil, &fault.Error{Code: fault.InvalidImage, Message: decided.Reason}
	}
	return decided, nil
}
