package workflow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"darkroom/shared/fault"
	"darkroom/shared/memstore"
	"darkroom/shared/upload"
	"darkroom/shared/workflow"
	"darkroom/shared/workflow/simtest"
)

// space is a bucket that remembers what it was asked for.
type space struct {
	mu      sync.Mutex
	objects map[string]string
	etags   map[string]string
	reads   []int64
	form    string
	broken  error
	read    func() // called before each read
}

func (s *space) PresignUpload(_ context.Context, key, contentType string, size int64, life time.Duration) (string, map[string]string, error) {
	s.form = fmt.Sprint(key, " ", contentType, " ", size, " ", life)
	return "https://bucket.example", map[string]string{"key": key}, s.broken
}

func (s *space) First(_ context.Context, key string, n int64) ([]byte, string, int64, error) {
	if s.read != nil {
		s.read()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads = append(s.reads, n)
	data, there := s.objects[key]
	switch {
	case s.broken != nil:
		return nil, "", 0, s.broken
	case !there:
		return nil, "", 0, fmt.Errorf("read %s: %w", key, fs.ErrNotExist)
	}
	return []byte(data[:min(n, int64(len(data)))]), s.etags[key], int64(len(data)), nil
}

// send puts a file where its form leads.
func (s *space) send(u *upload.Upload, data []byte, etag string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.objects[u.Object()], s.etags[u.Object()] = string(data), etag
}

// uploading is the step with everything around it in memory.
type uploading struct {
	*workflow.Uploads
	space *space
	clock *simtest.Clock
	store *memstore.Store
}

func newUploading() uploading {
	made := uploading{space: &space{objects: map[string]string{}, etags: map[string]string{}}, clock: simtest.NewClock(), store: memstore.New()}
	engine := &workflow.Engine{Store: made.store, Now: made.clock.Now, NewID: simtest.IDs(), Log: slog.New(slog.DiscardHandler), Metrics: &simtest.Counts{}}
	made.Uploads = &workflow.Uploads{Space: made.space, Engine: engine, Accounts: &workflow.Accounts{Engine: engine, SignupGrant: simtest.Credits, Limit: simtest.Slots}}
	return made
}

// announce makes an upload of Alice's for a file.
func (u uploading) announce(t *testing.T, file []byte) *upload.Upload {
	t.Helper()
	form, err := u.Create(ctx, simtest.Alice, "image/jpeg", int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return form.Upload
}

// photo is a JPEG of 30 x 20 pixels behind some metadata.
func photo(t *testing.T, segments ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewGray(image.Rect(0, 0, 30, 20)), nil); err != nil {
		t.Fatal(err)
	}
	whole := out.Bytes()
	for _, s := range segments {
		whole = slices.Concat(whole[:2], []byte{0xff, 0xe1, byte((len(s) + 2) >> 8), byte(len(s) + 2)}, []byte(s), whole[2:])
	}
	return whole
}

// sideways is EXIF that says: turn it by a quarter.
const sideways = "Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"

func TestAnUploadIsAnnouncedWithAFormForExactlyThisFile(t *testing.T) {
	t.Parallel()
	u := newUploading()
	form, err := u.Create(ctx, simtest.Alice, "image/png", 1234)
	if err != nil {
		t.Fatal(err)
	}
	if want := "u/" + simtest.Alice + "/" + string(form.Upload.ID) + " image/png 1234 15m0s"; u.space.form != want {
		t.Errorf("the form is for %q, want %q", u.space.form, want)
	}
	if want := u.clock.Now().Add(15 * time.Minute); form.URL != "https://bucket.example" || form.Fields["key"] == "" || !form.ExpiresAt.Equal(want) {
		t.Errorf("form %+v, want it until %s", form, want)
	}
	if got, err := u.Get(ctx, simtest.Alice, form.Upload.ID); err != nil || got.State != upload.Waiting || got.Bytes != 1234 {
		t.Errorf("stored: %+v, %v; want a waiting upload", got, err)
	}
}

func TestAnUploadThatCannotBeAnnouncedLeavesNothing(t *testing.T) {
	t.Parallel()
	u := newUploading()
	if _, err := u.Create(ctx, simtest.Alice, "image/gif", 5); fault.CodeOf(err) != fault.InvalidRequest {
		t.Errorf("a GIF: %v, want invalid_request", err)
	}
	u.space.broken = errors.New("no credentials")
	if _, err := u.Create(ctx, simtest.Alice, "image/png", 5); !errors.Is(err, u.space.broken) {
		t.Errorf("no form: %v, want the cause", err)
	}
	if rows := u.store.All(); len(rows) != 0 {
		t.Errorf("left behind: %v", rows)
	}
}

func TestACompletedUploadNotesWhatTheBytesAre(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t, sideways)
	sent := u.announce(t, file)
	u.space.send(sent, file, `"e1"`)
	got, err := u.Complete(ctx, simtest.Alice, sent.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.State != upload.Ready || got.ETag != `"e1"` || got.ContentType != "image/jpeg" || got.Width != 20 || got.Height != 30 || got.Alpha {
		t.Errorf("%+v, want a ready JPEG of 20 x 30, as it is seen, with its ETag", got)
	}
	if !slices.Equal(u.space.reads, []int64{64 << 10}) {
		t.Errorf("reads of %v bytes, want one of 64 KB", u.space.reads)
	}
}

func TestAPhotoWithMuchMetadataIsFoundByAWiderLook(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t, slices.Repeat([]string{strings.Repeat("x", 60_000)}, 8)...)
	sent := u.announce(t, file)
	u.space.send(sent, file, `"e1"`)
	if got, err := u.Complete(ctx, simtest.Alice, sent.ID); err != nil || got.Width != 30 {
		t.Errorf("%+v, %v; want 30 x 20", got, err)
	}
	if len(u.space.reads) != 2 {
		t.Errorf("reads of %v bytes, want two", u.space.reads)
	}
}

func TestWhatIsNoImageOfOursIsRejectedForGood(t *testing.T) {
	t.Parallel()
	good := photo(t)
	for name, file := range map[string][]byte{
		"HTML":                     []byte("<!doctype html><script>alert(1)</script>"),
		"GIF":                      []byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"),
		"60,000 x 60,000":          []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\xea\x60\x00\x00\xea\x60\x08\x06\x00\x00\x00\x61\xee\x05\xfe"),
		"cut off in its header":    good[:30],
		"other bytes in its place": append(slices.Clone(good), 'x'), // announced below with one byte less
	} {
		u := newUploading()
		sent := u.announce(t, file)
		if name == "other bytes in its place" {
			sent = u.announce(t, good)
		}
		u.space.send(sent, file, `"e1"`)
		_, err := u.Complete(ctx, simtest.Alice, sent.ID)
		if fault.CodeOf(err) != fault.InvalidImage {
			t.Errorf("%s: %v, want invalid_image", name, err)
			continue
		}
		u.space.send(sent, good, `"e2"`)
		if _, again := u.Complete(ctx, simtest.Alice, sent.ID); again == nil || again.Error() != err.Error() {
			t.Errorf("%s, with a good file sent afterwards: %v, want again %v", name, again, err)
		}
	}
}

func TestAnUploadCanBeCompletedOnlyOnceSomethingWasSent(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t)
	sent := u.announce(t, file)
	if _, err := u.Complete(ctx, simtest.Alice, sent.ID); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("nothing sent: %v, want conflict", err)
	}
	u.space.send(sent, file, `"e1"`)
	if _, err := u.Complete(ctx, simtest.Alice, sent.ID); err != nil {
		t.Errorf("sent: %v", err)
	}
}

func TestBytesSwappedAfterwardsDoNotBecomeTheUpload(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t)
	sent := u.announce(t, file)
	u.space.send(sent, file, `"checked"`)
	for _, later := range []string{`"checked"`, `"swapped"`} {
		u.space.send(sent, file, later)
		if got, err := u.Complete(ctx, simtest.Alice, sent.ID); err != nil || got.ETag != `"checked"` {
			t.Errorf("%+v, %v; want the ETag of the bytes that were looked at first", got, err)
		}
	}
}

func TestOfTwoCallsThatCompleteAnUploadTheFirstDecidesForBoth(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t)
	sent := u.announce(t, file)
	u.space.send(sent, file, `"first"`)
	var other *upload.Upload
	u.space.read = func() { // another call runs while this one is about to look, and then the bytes are swapped
		u.space.read = nil
		var err error
		if other, err = u.Complete(ctx, simtest.Alice, sent.ID); err != nil {
			t.Error(err)
		}
		u.space.send(sent, file, `"second"`)
	}
	got, err := u.Complete(ctx, simtest.Alice, sent.ID)
	if err != nil || other == nil || got.ETag != `"first"` || other.ETag != `"first"` {
		t.Errorf("%+v and %+v, %v; want the first ETag in both", got, other, err)
	}
}

func TestAnUploadOfSomebodyElseOrOfLongAgoIsNotFound(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t)
	sent := u.announce(t, file)
	u.space.send(sent, file, `"e1"`)
	for name, complete := range map[string]func() (*upload.Upload, error){
		"Bob's":   func() (*upload.Upload, error) { return u.Complete(ctx, simtest.Bob, sent.ID) },
		"no such": func() (*upload.Upload, error) { return u.Complete(ctx, simtest.Alice, upload.NewID(u.NewID())) },
	} {
		if _, err := complete(); fault.CodeOf(err) != fault.NotFound {
			t.Errorf("%s: %v, want not_found", name, err)
		}
	}
	if len(u.space.reads) != 0 {
		t.Errorf("the bytes were read %d times, want never", len(u.space.reads))
	}
	u.clock.Add(upload.Life)
	if _, err := u.Complete(ctx, simtest.Alice, sent.ID); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("expired: %v, want not_found", err)
	}
}

func TestInputsAreTheAccountsOwnReadyUploadsInTheirOrder(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t)
	var inputs []upload.Input
	for range 2 {
		sent := u.announce(t, file)
		u.space.send(sent, file, `"e1"`)
		inputs = append(inputs, upload.Input{Upload: sent.ID, Role: upload.Reference})
	}
	if _, err := u.Inputs(ctx, simtest.Alice, inputs); fault.CodeOf(err) != fault.Conflict {
		t.Errorf("not complete: %v, want conflict", err)
	}
	for _, in := range inputs {
		if _, err := u.Complete(ctx, simtest.Alice, in.Upload); err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(inputs)
	inputs = append(inputs, inputs[0]) // twice the same is one upload twice
	got, err := u.Inputs(ctx, simtest.Alice, inputs)
	if err != nil || len(got) != 3 || got[0].ID != inputs[0].Upload || got[1].ID != inputs[1].Upload || got[2].ID != inputs[0].Upload {
		t.Errorf("%v, %v; want the uploads in the order of the inputs", got, err)
	}
	if _, err := u.Inputs(ctx, simtest.Bob, inputs); fault.CodeOf(err) != fault.NotFound {
		t.Errorf("as Bob: %v, want not_found", err)
	}
	if none, err := u.Inputs(ctx, simtest.Alice, nil); err != nil || len(none) != 0 {
		t.Errorf("no inputs: %v, %v", none, err)
	}
}

func TestABucketThatDoesNotAnswerDecidesNothing(t *testing.T) {
	t.Parallel()
	u := newUploading()
	file := photo(t)
	sent := u.announce(t, file)
	u.space.send(sent, file, `"e1"`)
	u.space.broken = errors.New("timed out")
	if _, err := u.Complete(ctx, simtest.Alice, sent.ID); !errors.Is(err, u.space.broken) {
		t.Errorf("%v, want the cause", err)
	}
	if got, err := u.Get(ctx, simtest.Alice, sent.ID); err != nil || got.State != upload.Waiting {
		t.Errorf("%+v, %v; want it still waiting", got, err)
	}
}
