package s3asset_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"darkroom/shared/s3asset"
)

// fakeS3 speaks the few calls that Bucket makes, and answers what a test orders.
type fakeS3 struct {
	mu      sync.Mutex
	objects map[string]string
	seen    []*http.Request
	status  []int // for the next puts; then as S3 would
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, r)
	key := strings.TrimPrefix(r.URL.Path, "/bucket/")
	switch {
	case r.Method == http.MethodPut:
		if len(f.status) > 0 {
			status := f.status[0]
			f.status = f.status[1:]
			refuse(w, status, "Ordered")
			return
		}
		if _, taken := f.objects[key]; taken && r.Header.Get("If-None-Match") == "*" {
			refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
			return
		}
		body, _ := io.ReadAll(r.Body)
		f.objects[key] = string(body)
	case r.Method == http.MethodDelete:
		delete(f.objects, key)
		w.WriteHeader(http.StatusNoContent)
	case r.URL.Query().Get("list-type") == "2":
		prefix := r.URL.Query().Get("prefix")
		if strings.HasPrefix(prefix, "secret/") {
			refuse(w, http.StatusForbidden, "AccessDenied")
			return
		}
		fmt.Fprint(w, `<ListBucketResult><IsTruncated>false</IsTruncated>`)
		for key := range f.objects {
			if strings.HasPrefix(key, prefix) {
				fmt.Fprintf(w, `<Contents><Key>%s</Key></Contents>`, key)
			}
		}
		fmt.Fprint(w, `</ListBucketResult>`)
	default:
		body, there := f.objects[key]
		if !there {
			refuse(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		fmt.Fprint(w, body)
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, `<Error><Code>%s</Code><Message>ordered</Message></Error>`, code)
}

func newBucket(t *testing.T) (*s3asset.Bucket, *fakeS3) {
	t.Helper()
	fake := &fakeS3{objects: map[string]string{}}
	server := httptest.NewServer(fake)
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	return s3asset.New(cfg, "bucket"), fake
}

func TestAnAssetIsWrittenOnceWithItsChecksumAndFixedHeaders(t *testing.T) {
	t.Parallel()
	bucket, fake := newBucket(t)
	for range 2 { // the second finds the key taken, which is fine
		if err := bucket.PutAsset(t.Context(), "o/a/t/x.png", []byte("bytes"), "image/png", "darkroom-t.png"); err != nil {
			t.Fatal(err)
		}
	}
	put := fake.seen[0]
	for name, want := range map[string]string{
		"If-None-Match": "*", "Content-Type": "image/png", "Content-Disposition": `attachment; filename="darkroom-t.png"`,
		"X-Amz-Checksum-Sha256": "J3CJ2RwL308uaGK6fkoHYFEZQx9dE/cm3TUrBvGyBqk=", "Cache-Control": "private, max-age=31536000, immutable",
	} {
		if got := put.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if fake.objects["o/a/t/x.png"] != "bytes" {
		t.Error("the bytes did not arrive")
	}
}

func TestAWriteThatMeetsAnotherIsTriedAgain(t *testing.T) {
	t.Parallel()
	bucket, fake := newBucket(t)
	fake.status = []int{http.StatusConflict, http.StatusConflict}
	if err := bucket.PutOnce(t.Context(), "stage/t/1", []byte("b"), "image/png"); err != nil || fake.objects["stage/t/1"] != "b" {
		t.Errorf("%v, stored %q", err, fake.objects["stage/t/1"])
	}
	fake.status = []int{http.StatusForbidden}
	if err := bucket.PutOnce(t.Context(), "stage/t/2", []byte("b"), "image/png"); err == nil {
		t.Error("a forbidden write counts as done")
	}
}

func TestGetTellsMissingFromTooLargeFromForbidden(t *testing.T) {
	t.Parallel()
	bucket, fake := newBucket(t)
	fake.objects["k"] = "12345"
	if data, err := bucket.Get(t.Context(), "k", 5); err != nil || string(data) != "12345" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := bucket.Get(t.Context(), "k", 4); !errors.Is(err, s3asset.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := bucket.Get(t.Context(), "none", 4); !errors.Is(err, s3asset.ErrNotFound) {
		t.Errorf("missing: %v", err)
	}
}

func TestForbiddenIsNeverAnEmptyList(t *testing.T) {
	t.Parallel()
	bucket, _ := newBucket(t)
	if keys, err := bucket.List(t.Context(), "secret/"); err == nil {
		t.Errorf("a forbidden list gave %v", keys)
	}
}

func TestDeletePrefixRemovesWhatIsBelowItAndCanBeRepeated(t *testing.T) {
	t.Parallel()
	bucket, fake := newBucket(t)
	for _, key := range []string{"o/a/t/1.png", "o/a/t/2.png", "o/a/u/1.png"} {
		fake.objects[key] = "x"
	}
	for range 2 {
		if err := bucket.DeletePrefix(context.Background(), "o/a/t/"); err != nil {
			t.Fatal(err)
		}
	}
	if len(fake.objects) != 1 {
		t.Errorf("left: %v", fake.objects)
	}
}
