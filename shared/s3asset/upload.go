package s3asset

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// PresignUpload signs a form with which anybody who has it can, for a while, put a file under one key: of this type and of exactly this many bytes. The
// fields go before the file, which comes last and is called "file". Nobody is asked: it needs no call. The key is not protected from being written again
// with the same form, so whoever reads the bytes must insist on an ETag.
func (b *Bucket) PresignUpload(ctx context.Context, key, contentType string, size int64, life time.Duration) (address string, fields map[string]string, err error) {
	form, err := s3.NewPresignClient(b.client).PresignPostObject(ctx, &s3.PutObjectInput{Bucket: &b.name, Key: &key}, func(o *s3.PresignPostOptions) {
		o.Expires = life
		o.Conditions = []any{
			map[string]string{"Content-Type": contentType},
			[]any{"content-length-range", size, size},
		}
	})
	if err != nil {
		return "", nil, fmt.Errorf("sign a form for %s: %w", key, err)
	}
	form.Values["Content-Type"] = contentType
	return form.URL, form.Values, nil
}

// First reads the first n bytes of an object, with the ETag and the size of the whole. Error: ErrNotFound, also when S3 says "forbidden", which is all that
// it says of a missing object to a role that may not list.
func (b *Bucket) First(ctx context.Context, key string, n int64) (data []byte, etag string, size int64, err error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key, Range: aws.String(fmt.Sprintf("bytes=0-%d", n-1))}, ofAPart)
	switch status := statusOf(err); {
	case status == http.StatusRequestedRangeNotSatisfiable: // it is empty
		return nil, "", 0, nil
	case status == http.StatusNotFound, status == http.StatusForbidden:
		return nil, "", 0, fmt.Errorf("read the beginning of %s: %w", key, ErrNotFound)
	case err != nil:
		return nil, "", 0, fmt.Errorf("read the beginning of %s: %w", key, err)
	}
	defer out.Body.Close()
	if data, err = io.ReadAll(io.LimitReader(out.Body, n)); err != nil {
		return nil, "", 0, fmt.Errorf("read the beginning of %s: %w", key, err)
	}
	return data, aws.ToString(out.ETag), wholeSize(out), nil
}

// ofAPart: a part of an object has no checksum of its own.
func ofAPart(o *s3.Options) {
	o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
}

// wholeSize is what stands behind the slash of a range, "bytes 0-99/1234"; without one the answer is the whole.
func wholeSize(out *s3.GetObjectOutput) int64 {
	_, total, _ := strings.Cut(aws.ToString(out.ContentRange), "/")
	if size, err := strconv.ParseInt(total, 10, 64); err == nil {
		return size
	}
	return aws.ToInt64(out.ContentLength)
}

// GetSame reads an object of at most limit bytes if it still has the ETag that it had. Errors: ErrNotFound, also when its bytes are others now; ErrTooLarge.
func (b *Bucket) GetSame(ctx context.Context, key, etag string, limit int64) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key, IfMatch: &etag})
	switch status := statusOf(err); {
	case status == http.StatusNotFound, status == http.StatusPreconditionFailed:
		return nil, fmt.Errorf("read %s as it was: %w", key, ErrNotFound)
	case err != nil:
		return nil, fmt.Errorf("read %s as it was: %w", key, err)
	}
	return readBody(out.Body, key, limit)
}
