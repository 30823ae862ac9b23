package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"darkroom/shared/fault"
)

type creditsOut struct{ Body Balance }

type entriesIn struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20"`
	Cursor string `query:"cursor" maxLength:"200" doc:"next_cursor of the page before."`
}

type entriesOut struct{ Body EntryPage }

// EntryPage is a part of the billing history.
type EntryPage struct {
	Entries    []EntryView `json:"entries"`
	NextCursor string      `json:"next_cursor,omitempty" doc:"Absent at the end."`
}

const entryList = "entries"

func (a *API) creditRoutes(api huma.API, r route) {
	add(api, r, operation("get-credits", http.MethodGet, "/v1/credits", "Your balance", "credits"), a.credits)
	add(api, r, operation("list-entries", http.MethodGet, "/v1/credits/entries", "Your billing history, newest first, one line per task or grant", "credits"), a.entries)
}

func (a *API) credits(ctx context.Context, _ *struct{}) (*creditsOut, error) {
	account, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	balance, err := a.Accounts.Balance(ctx, account)
	if err != nil {
		return nil, err
	}
	return &creditsOut{balanceOf(balance)}, nil
}

func (a *API) entries(ctx context.Context, in *entriesIn) (*entriesOut, error) {
	account, err := a.who(ctx)
	if err != nil {
		return nil, err
	}
	below, balance, err := a.position(account, in.Cursor)
	if err != nil {
		return nil, err
	}
	page, err := a.Accounts.History(ctx, account, below, balance, in.Limit)
	if err != nil {
		return nil, err
	}
	out := &entriesOut{EntryPage{Entries: []EntryView{}}}
	for _, line := range page.Lines {
		out.Body.Entries = append(out.Body.Entries, entryOf(line))
	}
	if page.NextBelow != "" {
		out.Body.NextCursor = a.Cursors.Seal(account, entryList, page.NextBelow+" "+strconv.FormatInt(page.NextBalance, 10))
	}
	return out, nil
}

// position reads a cursor of the billing history: where the page begins, and the running balance there.
func (a *API) position(account, cursor string) (below string, balance int64, err error) {
	position, err := a.Cursors.Open(account, entryList, cursor)
	if err != nil || position == "" {
		return "", 0, err
	}
	below, number, _ := strings.Cut(position, " ")
	if balance, err = strconv.ParseInt(number, 10, 64); err != nil {
		return "", 0, fault.Invalid("query.cursor", "is not a cursor of this list")
	}
	return below, balance, nil
}
