// Package s3asset keeps objects in the one S3 bucket: assets, previews, uploads and staged output.
package s3asset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// ErrNotFound reports a key that holds nothing. S3 says "forbidden" instead to a role that may not list, so no other error means this. It is an
// fs.ErrNotExist, for those who must not know of this package.
var ErrNotFound = fmt.Errorf("no such object: %w", fs.ErrNotExist)

// ErrTooLarge reports an object above the reader's limit.
var ErrTooLarge = errors.New("object too large")

// Bucket is the bucket. It is safe for concurrent use.
type Bucket struct {
	client *s3.Client
	name   string
}

// New makes a Bucket. A local endpoint gets path-style addresses: a bucket has no host name of its own there.
func New(cfg aws.Config, name string) *Bucket {
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = cfg.BaseEndpoint != nil })
	return &Bucket{client: client, name: name}
}

const (
	assetCache  = "private, max-age=31536000, immutable" // the name is the content
	raceTries   = 4
	raceWait    = 100 * time.Millisecond
	statusTaken = http.StatusPreconditionFailed
	statusRace  = http.StatusConflict
)

// PutAsset writes an object unless its key is taken, which is fine: the key names the content. Pages can show it; a browser that is led to it saves it under
// fileName, which must be plain letters, for it goes into a header.
func (b *Bucket) PutAsset(ctx context.Context, key string, data []byte, contentType, fileName string) error {
	return b.put(ctx, &s3.PutObjectInput{Key: &key, ContentType: &contentType, CacheControl: aws.String(assetCache),
		ContentDisposition: aws.String(`attachment; filename="` + fileName + `"`)}, data)
}

// PutOnce writes an object unless its key is taken, which is fine too: whoever took it wrote the same attempt's bytes.
func (b *Bucket) PutOnce(ctx context.Context, key string, data []byte, contentType string) error {
	return b.put(ctx, &s3.PutObjectInput{Key: &key, ContentType: &contentType}, data)
}

// put writes with the bytes' checksum, which S3 verifies. A conflict is a race with a write of the same key and is tried again.
func (b *Bucket) put(ctx context.Context, input *s3.PutObjectInput, data []byte) error {
	sum := sha256.Sum256(data)
	input.Bucket, input.IfNoneMatch = &b.name, aws.String("*")
	input.ChecksumSHA256 = aws.String(base64.StdEncoding.EncodeToString(sum[:]))
	input.ContentLength = aws.Int64(int64(len(data)))
	for try := 1; ; try++ {
		input.Body = bytes.NewReader(data)
		_, err := b.client.PutObject(ctx, input)
		switch status := statusOf(err); {
		case err == nil, status == statusTaken:
			return nil
		case status != statusRace || try == raceTries:
			return fmt.Errorf("write %s: %w", *input.Key, err)
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Duration(try) * raceWait):
		}
	}
}

// Get reads an object of at most limit bytes. Errors: ErrNotFound, ErrTooLarge.
func (b *Bucket) Get(ctx context.Context, key string, limit int64) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	var missing *types.NoSuchKey
	if errors.As(err, &missing) {
		return nil, fmt.Errorf("read %s: %w", key, ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return readBody(out.Body, key, limit)
}

func readBody(body io.ReadCloser, key string, limit int64) ([]byte, error) {
	defer body.Close()
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("read %s: %w: above %d bytes", key, ErrTooLarge, limit)
	}
	return data, nil
}

// List returns the keys below a prefix. "Forbidden" is an error, never an empty list.
func (b *Bucket) List(ctx context.Context, prefix string) (keys []string, err error) {
	pages := s3.NewListObjectsV2Paginator(b.client, &s3.ListObjectsV2Input{Bucket: &b.name, Prefix: &prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", prefix, err)
		}
		for _, object := range page.Contents {
			keys = append(keys, aws.ToString(object.Key))
		}
	}
	return keys, nil
}

// DeletePrefix removes every object below a prefix. A task has a handful, so they go one by one.
func (b *Bucket) DeletePrefix(ctx context.Context, prefix string) error {
	keys, err := b.List(ctx, prefix)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if _, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key}); err != nil {
			return fmt.Errorf("delete %s: %w", key, err)
		}
	}
	return nil
}

// Prime opens a connection by a cheap call; that it is forbidden does not matter.
func (b *Bucket) Prime(ctx context.Context) error {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.name})
	return err
}

func statusOf(err error) int {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}
