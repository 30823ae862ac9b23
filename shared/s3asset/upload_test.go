package s3asset_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"darkroom/shared/s3asset"
)

// policy is a POST policy, decoded.
type policy struct {
	Expiration time.Time
	Conditions []any
}

func TestAnUploadFormFixesKeyTypeSizeAndTime(t *testing.T) {
	t.Parallel()
	cfg := aws.Config{Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "session")}
	before := time.Now()
	address, fields, err := s3asset.New(cfg, "bucket").PresignUpload(t.Context(), "u/alice/upl_1", "image/png", 1234, 15*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if want := "https://bucket.s3.eu-central-1.amazonaws.com"; strings.TrimSuffix(address, "/") != want {
		t.Errorf("address %s, want %s", address, want)
	}
	names := slices.Sorted(maps.Keys(fields))
	if want := []string{"Content-Type", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Signature", "key", "policy"}; !slices.Equal(names, want) {
		t.Errorf("fields %v, want %v", names, want)
	}
	raw, err := base64.StdEncoding.DecodeString(fields["policy"])
	if err != nil {
		t.Fatal(err)
	}
	var signed policy
	if err := json.Unmarshal(raw, &signed); err != nil {
		t.Fatal(err)
	}
	if ends := signed.Expiration; ends.Before(before.Add(15*time.Minute-time.Second)) || ends.After(time.Now().Add(15*time.Minute)) {
		t.Errorf("expires at %s, want 15 minutes from %s", ends, before)
	}
	// Every field that the form has is bound, each to its value; nothing is left open but the file itself.
	want := map[string]bool{fmt.Sprint([]any{"content-length-range", 1234, 1234}): true, fmt.Sprint(map[string]any{"bucket": "bucket"}): true}
	for name, value := range fields {
		if name != "policy" && name != "X-Amz-Signature" {
			want[fmt.Sprint(map[string]any{name: value})] = true
		}
	}
	for _, condition := range signed.Conditions {
		if text := fmt.Sprint(condition); !want[text] {
			t.Errorf("the policy has the condition %s", text)
		} else {
			delete(want, text)
		}
	}
	for missing := range want {
		t.Errorf("the policy lacks the condition %s", missing)
	}
	if got := fields["X-Amz-Signature"]; got != signature("secret", fields["X-Amz-Date"][:8], "eu-central-1", fields["policy"]) {
		t.Errorf("signature %s is not that of the policy", got)
	}
}

// signature signs as the documentation of S3 says: a chain of MACs over date, region, service and purpose, then the policy.
func signature(secret, date, region, policy string) string {
	key := []byte("AWS4" + secret)
	for _, part := range []string{date, region, "s3", "aws4_request", policy} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// objects serves one object as S3 does: with ranges, conditions and an ETag.
func objects(t *testing.T, content, etag string) *s3asset.Bucket {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/bucket/there":
			w.Header().Set("ETag", etag)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader([]byte(content)))
		case "/bucket/forbidden":
			refuse(w, http.StatusForbidden, "AccessDenied")
		case "/bucket/broken":
			refuse(w, http.StatusInternalServerError, "InternalError")
		default:
			refuse(w, http.StatusNotFound, "NoSuchKey")
		}
	}))
	t.Cleanup(server.Close)
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} }}
	return s3asset.New(cfg, "bucket")
}

func TestFirstReadsTheBeginningWithETagAndWholeSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		content string
		n       int64
		want    string
		etag    string
	}{
		{"0123456789", 4, "0123", `"e1"`}, {"0123456789", 10, "0123456789", `"e1"`}, {"0123456789", 99, "0123456789", `"e1"`}, {"", 4, "", ""},
	} {
		data, etag, size, err := objects(t, c.content, `"e1"`).First(t.Context(), "there", c.n)
		if err != nil || string(data) != c.want || size != int64(len(c.content)) || c.content != "" && etag != c.etag {
			t.Errorf("the first %d of %q: %q, ETag %s, size %d, %v; want %q and the size of the whole", c.n, c.content, data, etag, size, err, c.want)
		}
	}
}

func TestFirstTellsAMissingObjectFromOneThatCannotBeRead(t *testing.T) {
	t.Parallel()
	bucket := objects(t, "x", `"e1"`)
	for key, missing := range map[string]bool{"none": true, "forbidden": true, "broken": false} {
		_, _, _, err := bucket.First(t.Context(), key, 4)
		if err == nil || errors.Is(err, s3asset.ErrNotFound) != missing || errors.Is(err, fs.ErrNotExist) != missing {
			t.Errorf("%s: %v, missing: want %t", key, err, missing)
		}
	}
}

func TestGetSameRefusesBytesThatWereSwapped(t *testing.T) {
	t.Parallel()
	bucket := objects(t, "12345", `"e1"`)
	if data, err := bucket.GetSame(t.Context(), "there", `"e1"`, 5); err != nil || string(data) != "12345" {
		t.Errorf("as it was: %q, %v", data, err)
	}
	if data, err := bucket.GetSame(t.Context(), "there", `"e0"`, 5); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("swapped: %q, %v; want no such object", data, err)
	}
	if _, err := bucket.GetSame(t.Context(), "there", `"e1"`, 4); !errors.Is(err, s3asset.ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
	for key, missing := range map[string]bool{"none": true, "forbidden": false, "broken": false} {
		if _, err := bucket.GetSame(t.Context(), key, `"e1"`, 4); err == nil || errors.Is(err, fs.ErrNotExist) != missing {
			t.Errorf("%s: %v, missing: want %t", key, err, missing)
		}
	}
}
