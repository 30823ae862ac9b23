package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// How many bytes of an answer are read.
const (
	JobAnswer   = 1 << 20  // for APIs that answer with a job
	ImageAnswer = 64 << 20 // for APIs that answer with the image in base64
	errorAnswer = 64 << 10
)

// ErrAnswerTooLarge reports a success whose body was over the limit. The call was executed.
var ErrAnswerTooLarge = errors.New("the answer is over its limit")

// Client makes a driver's JSON calls. It goes where its Guard allows, follows no redirect, and neither logs nor returns
// what was sent.
type Client struct {
	guard   Guard
	creates *http.Client
	reads   *http.Client
}

// NewClient makes a client for the API hosts of one provider.
func NewClient(guard Guard) *Client {
	// A create never goes out on a kept connection. A function's process is frozen between events while the server's side
	// of the connection dies, and a request written into a dead connection looks the same as one that is being executed.
	fresh := guard.transport()
	fresh.DisableKeepAlives = true
	return &Client{
		guard:   guard,
		creates: &http.Client{Transport: fresh, CheckRedirect: noRedirect},
		reads:   &http.Client{Transport: guard.transport(), CheckRedirect: noRedirect},
	}
}

// Request is one call.
type Request struct {
	URL    string
	Key    Key         // goes into the header, and nowhere else
	Header http.Header // what else a provider wants to know there
	Body   any         // sent as JSON; nil: none
	Limit  int64       // of a success's body, in bytes; 0: JobAnswer

	into func(body io.Reader) error // reads a success's body as it comes, within bounds of its own, in place of Answer.Body; nil: nobody does
}

// Create makes a POST that starts paid work, once. An answer of any status is not an error. The error is an *Error:
// Transient when the request certainly did not get through whole or the key could not be had, Down when the address is forbidden
// or nobody has filled in the key, else Ambiguous.
func (c *Client) Create(ctx context.Context, request Request) (Answer, error) {
	header, err := request.Key.into(ctx, request.Header, Transient)
	if err != nil {
		return Answer{}, err
	}
	request.Header = header
	progress := &progress{}
	answer, err := do(progress.watch(ctx), c.creates, c.guard, http.MethodPost, request)
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(err, ErrForbiddenURL):
		return Answer{}, MeansDown.Error(err)
	case progress.executable():
		return Answer{}, MeansAmbiguous.Error(err)
	}
	return Answer{}, MeansUnreached.Error(err)
}

// Read makes a GET. An answer of any status is not an error. The error is an *Error of class TransientRead, or Down when
// the address is forbidden or nobody has filled in the key.
func (c *Client) Read(ctx context.Context, request Request) (Answer, error) {
	return c.repeatable(ctx, c.reads, http.MethodGet, request)
}

// Ask makes a POST that starts nothing and may be repeated at will, such as a check of a text. It goes out on a kept connection, and once more when that turns
// out to be dead. Answers and errors are as from Read.
func (c *Client) Ask(ctx context.Context, request Request) (Answer, error) {
	if request.Header = request.Header.Clone(); request.Header == nil {
		request.Header = http.Header{}
	}
	request.Header["Idempotency-Key"] = nil // net/http's word for "may be repeated"; it does not go out
	return c.repeatable(ctx, c.reads, http.MethodPost, request)
}

// Stop asks for the end of a job, with the method that the provider documents. It may be repeated at will; answers and errors are as from Read.
func (c *Client) Stop(ctx context.Context, method string, request Request) (Answer, error) {
	return c.repeatable(ctx, c.reads, method, request)
}

// repeatable makes a call that is harmless when it is made again.
func (c *Client) repeatable(ctx context.Context, using *http.Client, method string, request Request) (Answer, error) {
	header, err := request.Key.into(ctx, request.Header, TransientRead)
	if err != nil {
		return Answer{}, err
	}
	request.Header = header
	answer, err := do(ctx, using, c.guard, method, request)
	switch {
	case err == nil:
		return answer, nil
	case errors.Is(err, ErrForbiddenURL):
		return Answer{}, MeansDown.Error(err)
	}
	return Answer{}, MeansUnread.Error(err)
}

// do sends a request and reads the answer. Its errors hold no address: net/http puts it into every one of its own.
func do(ctx context.Context, client *http.Client, guard Guard, method string, request Request) (Answer, error) {
	target, err := guard.Check(request.URL)
	if err != nil {
		return Answer{}, err
	}
	var body io.Reader
	if request.Body != nil {
		raw, err := json.Marshal(request.Body)
		if err != nil {
			return Answer{}, fmt.Errorf("write the request: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	sent, err := http.NewRequestWithContext(ctx, method, target.String(), body)
	if err != nil {
		return Answer{}, fmt.Errorf("make the request: %w", withoutURL(err))
	}
	if request.Header != nil {
		sent.Header = request.Header.Clone()
	}
	sent.Header.Set("Accept", "application/json")
	sent.Header.Set("User-Agent", "darkroom")
	if body != nil {
		sent.Header.Set("Content-Type", "application/json")
	}
	response, err := client.Do(sent)
	if err != nil {
		return Answer{}, fmt.Errorf("send: %w", withoutURL(err))
	}
	defer response.Body.Close()
	return readAnswer(response, request)
}

func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}

// readLimited reads a whole body of at most limit bytes; tooLarge when there is more.
func readLimited(body io.Reader, limit int64, tooLarge error) ([]byte, error) {
	raw, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%w of %d bytes", tooLarge, limit)
	}
	return raw, nil
}
