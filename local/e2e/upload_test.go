package e2e

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"darkroom/local/client"
	"darkroom/shared/credit"
	"darkroom/shared/s3asset"
	"darkroom/shared/transition"
	"darkroom/shared/upload"
)

// Each is a form bent in one way, by somebody who holds a good one.
func TestTheBucketTakesOnlyTheAnnouncedFile(t *testing.T) {
	t.Parallel()
	file := drawing(t, 64, 64, amber, false)
	for name, bend := range map[string]func(form *client.UploadForm, file []byte) []byte{
		"another key":         func(f *client.UploadForm, file []byte) []byte { f.Fields["key"] += "x"; return file },
		"somebody else's key": func(f *client.UploadForm, file []byte) []byte { f.Fields["key"] = "u/somebody/upl_1"; return file },
		"no key":              func(f *client.UploadForm, file []byte) []byte { delete(f.Fields, "key"); return file },
		"another type":        func(f *client.UploadForm, file []byte) []byte { f.Fields["Content-Type"] = "text/html"; return file },
		"a larger file":       func(_ *client.UploadForm, file []byte) []byte { return append(bytes.Clone(file), 0) },
		"a smaller file":      func(_ *client.UploadForm, file []byte) []byte { return file[:len(file)-1] },
		"no policy":           func(f *client.UploadForm, file []byte) []byte { delete(f.Fields, field(f, "policy")); return file },
		"no credential": func(f *client.UploadForm, file []byte) []byte {
			delete(f.Fields, field(f, "x-amz-credential"))
			return file
		},
		"no date": func(f *client.UploadForm, file []byte) []byte {
			delete(f.Fields, field(f, "x-amz-date"))
			return file
		},
		"no signature": func(f *client.UploadForm, file []byte) []byte {
			delete(f.Fields, field(f, "x-amz-signature"))
			return file
		},
		"another signature": func(f *client.UploadForm, file []byte) []byte {
			f.Fields[field(f, "x-amz-signature")] = strings.Repeat("0", 64)
			return file
		},
		"an unannounced field": func(f *client.UploadForm, file []byte) []byte { f.Fields["acl"] = "public-read"; return file },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPerson(t)
			form, err := p.AnnounceUpload(p.ctx, "image/png", len(file))
			if err != nil {
				t.Fatal(err)
			}
			bent := client.UploadForm{URL: form.URL, Fields: maps.Clone(form.Fields)}
			status, said, err := client.SendForm(p.ctx, bent, bend(&bent, file))
			if err != nil || status < 400 || status >= 500 {
				t.Errorf("answered %d %s, %v; want it refused", status, said, err)
			}
			if _, err := p.CompleteUpload(p.ctx, form.UploadID); problem(err).Status != http.StatusConflict {
				t.Errorf("complete: %v, want 409: nothing was sent", err)
			}
		})
	}
}

// field finds a form field whatever its capitals.
func field(f *client.UploadForm, name string) string {
	for known := range f.Fields {
		if strings.EqualFold(known, name) {
			return known
		}
	}
	return name
}

func TestAnUploadIsItsOwnersAloneAndMustBeComplete(t *testing.T) {
	t.Parallel()
	owner, other := newPerson(t), newPerson(t)
	file := drawing(t, 64, 64, teal, false)
	in := owner.upload("source", file)
	w := wish(t, syncModel, "")
	w.Mode, w.Inputs = "edit", []client.Input{in}
	if _, err := other.Create(other.ctx, w, ""); problem(err).Status != http.StatusNotFound || problem(err).Field != "body.inputs[0].upload_id" {
		t.Errorf("another's upload as an input: %v, want 404 with its field named", err)
	}
	if _, err := other.CompleteUpload(other.ctx, in.UploadID); problem(err).Status != http.StatusNotFound {
		t.Errorf("another's upload: %v, want 404", err)
	}
	form, err := owner.AnnounceUpload(owner.ctx, "image/png", len(file))
	if err != nil {
		t.Fatal(err)
	}
	w.Inputs[0].UploadID = form.UploadID
	if _, err := owner.Create(owner.ctx, w, ""); problem(err).Field != "body.inputs[0].upload_id" {
		t.Errorf("an upload that was not completed: %v, want its field named", err)
	}
	owner.settled(signupGrant, 0)
	other.settled(signupGrant, 0)
}

// The account's row refuses it, so every process does. The day that is counted lies ahead, lest midnight falls into the test.
func TestAnAccountIsRefusedMoreUploadsThanADayMayHave(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	if _, err := p.AnnounceUpload(p.ctx, "image/png", 1000); err != nil {
		t.Fatal(err)
	}
	put(t, credit.BalanceKey(p.account), transition.Set("upload_day", transition.Const(upload.NextDay(time.Now()).Unix()/86400)),
		transition.Set("upload_bytes", transition.Const(int64(upload.DayBytes-upload.MaxBytes))))
	if _, err := p.AnnounceUpload(p.ctx, "image/png", upload.MaxBytes); err != nil {
		t.Errorf("the last that fits: %v", err)
	}
	if _, err := p.AnnounceUpload(p.ctx, "image/png", 1); problem(err).Status != http.StatusTooManyRequests || problem(err).Code != "rate_limited" || problem(err).RetryAfter == 0 {
		t.Errorf("one more: %v, want 429 with the time until the next day", err)
	}
	p.settled(signupGrant, 0)
}

func TestAFileThatIsNoImageIsRefusedWhenItIsCompleted(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	if _, err := p.Upload(p.ctx, "image/png", []byte("<html><script>alert(1)</script></html>")); problem(err).Status/100 != 4 {
		t.Errorf("HTML: %v, want a 4xx", err)
	}
}

// The form can be used again while it lives. What it brings after the upload was looked at never reaches a provider.
func TestBytesSwappedAfterTheyWereLookedAtAreNotUsed(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	good, bad := drawing(t, 64, 64, amber, false), drawing(t, 64, 64, teal, false)
	in := p.upload("source", good)
	bucket, key := info.Outputs["BucketName"], "u/"+p.account+"/"+in.UploadID
	if _, err := s3.NewFromConfig(info.AWS(), func(o *s3.Options) { o.UsePathStyle = true }).PutObject(p.ctx, &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(bad)}); err != nil {
		t.Fatal(err)
	}
	w := wish(t, syncModel, "")
	w.Mode, w.Inputs = "edit", []client.Input{in}
	p.expect(p.ended(p.create(w).IDs()...)[0], failed, "invalid_input")
	p.settled(signupGrant, 0)
	if got := accepted(t, w.Prompt); got != 0 {
		t.Errorf("%d calls were executed, want none", got)
	}
}

func TestAnUploadFormThatHasExpiredIsRefused(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	file := drawing(t, 64, 64, amber, false)
	bucket := s3asset.New(info.AWS(), info.Outputs["BucketName"])
	for name, c := range map[string]struct {
		life, wait time.Duration
		wantTaken  bool
	}{
		"in-time":  {life: time.Minute, wantTaken: true},
		"too-late": {life: time.Second, wait: 2500 * time.Millisecond},
	} {
		url, fields, err := bucket.PresignUpload(p.ctx, "u/"+p.account+"/"+name, "image/png", int64(len(file)), c.life)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(c.wait)
		status, said, err := client.SendForm(p.ctx, client.UploadForm{URL: url, Fields: fields}, file)
		if err != nil || (status < 300) != c.wantTaken || status >= 500 {
			t.Errorf("%s: answered %d %s, %v; want it taken: %t", name, status, said, err, c.wantTaken)
		}
	}
}
