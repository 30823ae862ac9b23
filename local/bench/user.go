package bench

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"darkroom/local/client"
	"darkroom/local/stack"
	"darkroom/shared/credit"
	"darkroom/shared/dynamostore"
)

// user is somebody new with an account that nothing else touches.
type user struct {
	api     client.Client
	account string
	counter Counter
	store   *dynamostore.Store
}

func (b *Bench) newUser(ctx context.Context) (*user, error) {
	made, err := stack.NewUser(ctx, b.Info)
	if err != nil {
		return nil, err
	}
	token, err := stack.SignIn(ctx, b.Info, made)
	if err != nil {
		return nil, err
	}
	account, err := accountOf(token)
	if err != nil {
		return nil, err
	}
	return &user{api: client.Client{URL: b.Info.APIURL, Token: token}, account: account, counter: Counter{b.edge, b.Info.Outputs}, store: b.store}, nil
}

// accountOf reads out of an access token which account its owner has.
func accountOf(token string) (string, error) {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, _ := strings.Cut(rest, ".")
	raw, err := base64.RawURLEncoding.DecodeString(payload)
	if err != nil {
		return "", fmt.Errorf("read an access token: %w", err)
	}
	var claims struct{ Iss, Sub string }
	if err := json.Unmarshal(raw, &claims); err != nil {
		return "", fmt.Errorf("read an access token: %w", err)
	}
	return credit.AccountID(claims.Iss, claims.Sub), nil
}

// open makes the account's balance, as the first look at credits does, and returns the number of the newest call.
func (u *user) open(ctx context.Context) (after int64, err error) {
	if _, err := u.api.Credits(ctx); err != nil {
		return 0, err
	}
	return u.counter.Now(ctx)
}
