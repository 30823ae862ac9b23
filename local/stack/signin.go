package stack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// tokenClient follows no redirect: the one after sign-in carries the code and leads to the web application.
var tokenClient = &http.Client{
	Timeout:       30 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// SignIn signs a user in on the pool's own page, as a browser would (authorization code with PKCE), and returns an access token with
// the scope of the user routes. The token lasts an hour. It fails when the page refuses the password.
func SignIn(ctx context.Context, info *Info, user User) (token string, err error) {
	verifier := rand.Text() + rand.Text() // PKCE wants 43 characters or more
	challenge := sha256.Sum256([]byte(verifier))
	state := rand.Text()
	form := url.Values{
		"response_type": {"code"}, "client_id": {info.ClientID}, "redirect_uri": {info.RedirectURI},
		"scope": {"openid email " + info.TasksScope}, "state": {state},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])}, "code_challenge_method": {"S256"},
	}
	page, err := ask(ctx, http.MethodGet, info.SignInURL+"/oauth2/authorize?"+form.Encode(), nil)
	if err != nil {
		return "", fmt.Errorf("open the sign-in page: %w", err)
	}
	if page.StatusCode != http.StatusOK {
		return "", fmt.Errorf("open the sign-in page: %s: %s", page.Status, page.text)
	}
	form.Set("username", user.Email) // the page's form repeats the request, and adds these two
	form.Set("password", user.Password)
	answer, err := ask(ctx, http.MethodPost, info.SignInURL+"/login", form)
	if err != nil {
		return "", fmt.Errorf("sign %s in: %w", user.Email, err)
	}
	code, err := codeFrom(answer, info.RedirectURI, state)
	if err != nil {
		return "", fmt.Errorf("sign %s in: %w", user.Email, err)
	}
	token, err = redeem(ctx, info, url.Values{
		"grant_type": {"authorization_code"}, "client_id": {info.ClientID}, "redirect_uri": {info.RedirectURI},
		"code": {code}, "code_verifier": {verifier},
	})
	if err != nil {
		return "", fmt.Errorf("sign %s in: %w", user.Email, err)
	}
	return token, nil
}

// MachineToken returns an access token of the machine client with the admin scope (client credentials).
func MachineToken(ctx context.Context, info *Info) (token string, err error) {
	token, err = redeem(ctx, info, url.Values{
		"grant_type": {"client_credentials"}, "client_id": {info.MachineClientID}, "client_secret": {info.MachineClientSecret},
		"scope": {info.AdminScope},
	})
	if err != nil {
		return "", fmt.Errorf("get the machine client's token: %w", err)
	}
	return token, nil
}

// codeFrom takes the code out of the redirect that ends a sign-in. Without a redirect, the page was shown again.
func codeFrom(answer *reply, redirectURI, state string) (string, error) {
	if answer.StatusCode/100 != 3 {
		return "", fmt.Errorf("the page did not accept the e-mail address and password (it answered %s)", answer.Status)
	}
	target, err := answer.Location()
	if err != nil {
		return "", err
	}
	query := target.Query()
	switch {
	case !strings.HasPrefix(target.String(), redirectURI+"?"):
		return "", errors.New("the page led to an address that is not the web application's")
	case query.Get("state") != state:
		return "", errors.New("the page returned another request's state")
	case query.Get("code") == "":
		return "", fmt.Errorf("the page refused: %s %s", query.Get("error"), query.Get("error_description"))
	}
	return query.Get("code"), nil
}

// redeem gets an access token from the token endpoint.
func redeem(ctx context.Context, info *Info, grant url.Values) (string, error) {
	answer, err := ask(ctx, http.MethodPost, info.SignInURL+"/oauth2/token", grant)
	if err != nil {
		return "", err
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(answer.text), &tokens); err != nil || tokens.AccessToken == "" {
		return "", fmt.Errorf("the token endpoint gave no token: %s: %s", answer.Status, answer.text)
	}
	return tokens.AccessToken, nil
}

// reply is an answer that has been read.
type reply struct {
	*http.Response
	text string
}

// ask sends a request, with form as its body unless that is nil.
func ask(ctx context.Context, method, address string, form url.Values) (*reply, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := tokenClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	return &reply{response, string(text)}, nil
}
