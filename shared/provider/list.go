package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// What is read of a list to find one job. Its pages repeat what clients sent, images inside the calls included.
const (
	listItem  = 32 << 20  // bytes of one item: no more than about one is in memory at a time
	listBytes = 256 << 20 // bytes of all pages together
)

var errListTooLarge = errors.New("the list of jobs is larger than what is read of one")

// List is a provider's list of jobs, page by page: an object in which one field has the items and another leads to the next page.
type List struct {
	Request Request                  // for the first page; its key goes to all of them
	Items   string                   // the name of the field with the items
	Next    string                   // the name of the field with a text; empty or null on the last page
	Follow  func(next string) string // makes the address of the next page of that text; empty: there is none that may be called
	Pages   int                      // at most
	Refused func(Answer) *Error      // what a page that is refused means
}

// FindInList reads a list until an item is the wanted one; nil when no page has it. Every item is decoded into T alone, so that T says what of it is kept.
// The error is an *Error as from Client.Read: nothing is known while a page is unread or is no page, because "there is none" lets a task be paid for again.
func FindInList[T any](ctx context.Context, client *Client, list List, wanted func(T) bool) (*T, error) {
	left := int64(listBytes)
	request := list.Request
	for range list.Pages {
		page := pageReader[T]{list: list, wanted: wanted}
		request.into = func(body io.Reader) error { return page.read(&ration{from: body, item: listItem, all: &left}) }
		answer, err := client.Read(ctx, request)
		switch {
		case err != nil:
			return nil, err
		case !answer.OK():
			return nil, list.Refused(answer)
		case page.found != nil || page.next == "":
			return page.found, nil
		}
		if request.URL = list.Follow(page.next); request.URL == "" {
			return nil, MeansUnread.Error(errors.New("the next page of the list of jobs is somewhere else"))
		}
	}
	return nil, MeansUnread.Error(fmt.Errorf("not among the first %d pages of the list of jobs", list.Pages))
}

// pageReader reads one page, an item at a time.
type pageReader[T any] struct {
	list   List
	wanted func(T) bool

	found  *T
	next   string
	listed bool // there was a list
}

// read ends at the wanted item, whatever follows, or at the page's end.
func (p *pageReader[T]) read(body *ration) error {
	decoder := json.NewDecoder(body)
	err := within(decoder, '{', func() error {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		switch body.item = listItem; name {
		case p.list.Items:
			p.listed = true
			return within(decoder, '[', func() error { return p.readItem(decoder, body) })
		case p.list.Next:
			var next *string
			if err = decoder.Decode(&next); next != nil {
				p.next = *next
			}
			return err
		}
		return decoder.Decode(&json.RawMessage{})
	})
	switch {
	case errors.Is(err, errFound):
		return nil
	case body.failed != nil:
		return body.failed
	case errors.Is(err, errOtherForm):
		return errOtherForm
	case err != nil:
		return fmt.Errorf("read a page of the list of jobs: %w", jsonProblem(err))
	case !p.listed: // an answer about something else must not count as "there is none"
		return errors.New("the page has no list of jobs")
	}
	return nil
}

var (
	errFound     = errors.New("found") // ends the reading of a page
	errOtherForm = errors.New("the page has another form")
)

func (p *pageReader[T]) readItem(decoder *json.Decoder, body *ration) error {
	body.item = listItem
	var item T
	var wrongType *json.UnmarshalTypeError
	if err := decoder.Decode(&item); err != nil && !errors.As(err, &wrongType) { // others in the account may send what they like: a field of another type stays empty
		return err
	}
	if p.wanted(item) {
		p.found = &item
		return errFound
	}
	return nil
}

// within reads an object or a list: what opens it, each of its parts, and what closes it.
func within(decoder *json.Decoder, opening json.Delim, part func() error) error {
	if open, err := decoder.Token(); err != nil || open != opening {
		return errors.Join(err, errOtherForm)
	}
	for decoder.More() {
		if err := part(); err != nil {
			return err
		}
	}
	_, err := decoder.Token()
	return err
}

// ration is the body of a page, of which no more than the bounds are read.
type ration struct {
	from   io.Reader
	item   int64  // bytes left for this item
	all    *int64 // bytes left for all pages
	failed error  // why reading ended, if not at the body's end
}

func (r *ration) Read(into []byte) (int, error) {
	most := min(r.item, *r.all)
	if most <= 0 {
		r.failed = errListTooLarge
		return 0, r.failed
	}
	n, err := r.from.Read(into[:min(int64(len(into)), most)])
	r.item -= int64(n)
	*r.all -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		r.failed = fmt.Errorf("read the body: %w", err)
	}
	return n, err
}
