package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"

	"darkroom/local/client"
	"darkroom/local/stack"
)

// forged is a token of these claims with a header and a signature of its own making.
func forged(header map[string]any, claims map[string]any, sign func(signed []byte) []byte) string {
	part := func(v any) string {
		raw, _ := json.Marshal(v) // maps of plain values
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	signed := part(header) + "." + part(claims)
	return signed + "." + base64.RawURLEncoding.EncodeToString(sign([]byte(signed)))
}

// passwordTokens signs a user in without the page, at any client that allows it: such tokens have no scope of ours.
func passwordTokens(t *testing.T, pool, clientID string, user stack.User) *types.AuthenticationResultType {
	t.Helper()
	out, err := cognitoidentityprovider.NewFromConfig(info.AWS()).AdminInitiateAuth(t.Context(), &cognitoidentityprovider.AdminInitiateAuthInput{
		UserPoolId: &pool, ClientId: &clientID, AuthFlow: types.AuthFlowTypeAdminUserPasswordAuth,
		AuthParameters: map[string]string{"USERNAME": user.Email, "PASSWORD": user.Password},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.AuthenticationResult
}

func TestOnlyAnAccessTokenOfThisStackWithTheScopeOpensUserRoutes(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	claims := claimsOf(t, p.Token)
	parts := strings.Split(p.Token, ".")
	none := func([]byte) []byte { return nil }
	tokens := passwordTokens(t, info.UserPoolID, info.ClientID, p.user)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		token string
		want  []int
	}{
		"none":             {"", []int{401}},
		"garbage":          {"hello", []int{401}},
		"three dots":       {"a.b.c", []int{401}},
		"algorithm none":   {forged(map[string]any{"alg": "none"}, claims, none), []int{401}},
		"algorithm HS256":  {forged(map[string]any{"alg": "HS256", "kid": "x"}, claims, func(b []byte) []byte { m := hmac.New(sha256.New, public); m.Write(b); return m.Sum(nil) }), []int{401}},
		"changed claims":   {parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"someone else"}`)) + "." + parts[2], []int{401}},
		"cut signature":    {p.Token[:len(p.Token)-8], []int{401}},
		"an ID token":      {*tokens.IdToken, []int{401, 403}},
		"without scope":    {*tokens.AccessToken, []int{403}},
		"another client's": {otherClientToken(t, p.user), []int{401, 403}},
		"another pool's":   {otherPoolToken(t), []int{401}},
	} {
		answer, err := client.Client{URL: info.APIURL, Token: c.token}.Send(p.ctx, http.MethodGet, "/v1/credits", nil)
		if err != nil {
			t.Fatal(err)
		}
		if !contains(c.want, answer.Status) {
			t.Errorf("%s: answered %d %s, want %v", name, answer.Status, answer.Body, c.want)
		}
	}
}

func contains(all []int, one int) bool {
	for _, n := range all {
		if n == one {
			return true
		}
	}
	return false
}

// otherClientToken is an access token that the same pool made for another application.
func otherClientToken(t *testing.T, user stack.User) string {
	t.Helper()
	cognito := cognitoidentityprovider.NewFromConfig(info.AWS())
	made, err := cognito.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: &info.UserPoolID, ClientName: str("somebody else's"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := *made.UserPoolClient.ClientId
	t.Cleanup(func() {
		if _, err := cognito.DeleteUserPoolClient(context.Background(), &cognitoidentityprovider.DeleteUserPoolClientInput{UserPoolId: &info.UserPoolID, ClientId: &id}); err != nil {
			t.Error(err)
		}
	})
	return *passwordTokens(t, info.UserPoolID, id, user).AccessToken
}

// otherPoolToken is an access token of another pool.
func otherPoolToken(t *testing.T) string {
	t.Helper()
	cognito := cognitoidentityprovider.NewFromConfig(info.AWS())
	pool, err := cognito.CreateUserPool(t.Context(), &cognitoidentityprovider.CreateUserPoolInput{
		PoolName: str("another"), UsernameAttributes: []types.UsernameAttributeType{types.UsernameAttributeTypeEmail},
	})
	if err != nil {
		t.Fatal(err)
	}
	id := pool.UserPool.Id
	t.Cleanup(func() {
		if _, err := cognito.DeleteUserPool(context.Background(), &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: id}); err != nil {
			t.Error(err)
		}
	})
	made, err := cognito.CreateUserPoolClient(t.Context(), &cognitoidentityprovider.CreateUserPoolClientInput{
		UserPoolId: id, ClientName: str("web"), ExplicitAuthFlows: []types.ExplicitAuthFlowsType{types.ExplicitAuthFlowsTypeAllowAdminUserPasswordAuth},
	})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := *info
	elsewhere.UserPoolID = *id
	user, err := stack.NewUser(t.Context(), &elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	return *passwordTokens(t, *id, *made.UserPoolClient.ClientId, user).AccessToken
}

func TestOperatorsRoutesAreClosedToUsers(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	for _, route := range [][2]string{
		{http.MethodPost, "/admin/v1/grants"}, {http.MethodGet, "/admin/v1/accounts/" + p.account}, {http.MethodGet, "/admin/v1/providers"},
		{http.MethodPut, "/admin/v1/providers/bfl"}, {http.MethodGet, "/admin/v1/accounts/" + p.account + "/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC"},
		{http.MethodPost, "/admin/v1/accounts/" + p.account + "/tasks/tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC/release"},
	} {
		var body any
		if route[0] != http.MethodGet {
			body = map[string]any{"account": p.account, "amount": 1000, "reference": "r", "reason": "r", "on": false}
		}
		answer, err := p.Send(p.ctx, route[0], route[1], body)
		if err != nil || (answer.Status != http.StatusForbidden && answer.Status != http.StatusBadRequest) {
			t.Errorf("%v as a user: %d %s", route, answer.Status, answer.Body)
		}
	}
	p.settled(signupGrant, 0)
}

func TestOperatorsAndTheMachineClientMayGrantOncePerReference(t *testing.T) {
	t.Parallel()
	p := newPerson(t)
	machine, err := stack.MachineToken(p.ctx, info)
	if err != nil {
		t.Fatal(err)
	}
	grant := map[string]any{"account": p.account, "amount": 50, "reference": "invoice-1", "reason": "a test"}
	for i, token := range []string{operator(t).Token, machine, machine} {
		answer, err := client.Client{URL: info.APIURL, Token: token}.Send(p.ctx, http.MethodPost, "/admin/v1/grants", grant)
		if err != nil || answer.Status != http.StatusOK {
			t.Fatalf("grant %d: %d %s %v", i, answer.Status, answer.Body, err)
		}
	}
	p.settled(signupGrant+50, 0)
}

func TestAMachineTokenOpensNoUserRoute(t *testing.T) {
	t.Parallel()
	token, err := stack.MachineToken(t.Context(), info)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := client.Client{URL: info.APIURL, Token: token}.Send(t.Context(), http.MethodGet, "/v1/credits", nil)
	if err != nil || answer.Status != http.StatusForbidden {
		t.Errorf("%d %s, want 403", answer.Status, answer.Body)
	}
}

func TestPublicRoutesNeedNoTokenAndUnknownOnesLeadNowhere(t *testing.T) {
	t.Parallel()
	anyone := client.Client{URL: info.APIURL}
	for path, want := range map[string]int{"/healthz": 200, "/openapi.json": 200, "/v1/models": 200, "/v1/nothing": 404, "/": 404, "/v1/tasks/": 404} {
		answer, err := anyone.Send(t.Context(), http.MethodGet, path, nil)
		if err != nil || answer.Status != want {
			t.Errorf("%s: %d, want %d", path, answer.Status, want)
		}
	}
	preflight, err := anyone.Send(t.Context(), http.MethodOptions, "/v1/tasks", nil, "Origin", "http://localhost:5173", "Access-Control-Request-Method", "POST")
	if err != nil || preflight.Status/100 != 2 || preflight.Header.Get("Access-Control-Allow-Origin") != "http://localhost:5173" {
		t.Errorf("preflight: %d %v", preflight.Status, preflight.Header)
	}
}

func TestAnotherUsersTaskIsNotFoundOnAnyRoute(t *testing.T) {
	t.Parallel()
	owner, other := newPerson(t), newPerson(t)
	done := owner.ended(owner.create(calm(wish(t, syncModel, ""))).IDs()...)[0]
	for _, route := range [][2]string{
		{http.MethodGet, "/v1/tasks/" + done.ID}, {http.MethodPost, "/v1/tasks/" + done.ID + "/cancel"}, {http.MethodPost, "/v1/tasks/" + done.ID + "/retry"},
		{http.MethodDelete, "/v1/tasks/" + done.ID}, {http.MethodPost, "/v1/tasks/" + done.ID + "/restore"}, {http.MethodGet, "/v1/tasks/" + done.ID + "/receipt"},
		{http.MethodGet, "/v1/tasks/" + done.ID + "/asset"},
	} {
		answer, err := other.Send(other.ctx, route[0], route[1], nil)
		if err != nil || answer.Status != http.StatusNotFound || answer.Problem().Code != "not_found" {
			t.Errorf("%v: %d %s, want 404", route, answer.Status, answer.Body)
		}
	}
	if tasks, err := other.Tasks(other.ctx, done.ID); err != nil || len(tasks) != 0 {
		t.Errorf("by ids: %v, %v", tasks, err)
	}
	if again, err := owner.Task(owner.ctx, done.ID); err != nil || again.Status != completed {
		t.Errorf("its owner sees %s, %v", again.Status, err)
	}
}

func TestAnOperatorCanFreezeAnAccountAndSetItsLimit(t *testing.T) {
	t.Parallel()
	p, admin := newPerson(t), operator(t)
	if _, err := p.Credits(p.ctx); err != nil { // opens it
		t.Fatal(err)
	}
	set := func(body map[string]any) {
		t.Helper()
		if answer, err := admin.Send(p.ctx, http.MethodPut, "/admin/v1/accounts/"+p.account, body); err != nil || answer.Status != http.StatusOK {
			t.Fatalf("%v: %d %s %v", body, answer.Status, answer.Body, err)
		}
	}
	set(map[string]any{"frozen": true})
	if _, err := p.Create(p.ctx, wish(t, syncModel, ""), ""); problem(err).Status != http.StatusForbidden {
		t.Errorf("a create call on a frozen account: %v, want 403", err)
	}
	set(map[string]any{"frozen": false, "limit": 1})
	two := wish(t, syncModel, "")
	two.Count = 2
	if _, err := p.Create(p.ctx, two, ""); problem(err).Status != http.StatusTooManyRequests {
		t.Errorf("two tasks with a limit of one: %v, want 429", err)
	}
	p.ended(p.create(calm(wish(t, syncModel, ""))).IDs()...)
	p.settled(signupGrant, 1)
}
