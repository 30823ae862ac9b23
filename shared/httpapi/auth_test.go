package httpapi_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"darkroom/shared/workflow/simtest"
)

// userRoutes are all routes that need a user's token; {id} stands for a task.
var userRoutes = []struct{ method, path string }{
	{http.MethodPost, "/v1/tasks"},
	{http.MethodPost, "/v1/quotes"},
	{http.MethodGet, "/v1/tasks"},
	{http.MethodGet, "/v1/tasks?ids={id}"},
	{http.MethodGet, "/v1/tasks/{id}"},
	{http.MethodPost, "/v1/tasks/{id}/cancel"},
	{http.MethodPost, "/v1/tasks/{id}/retry"},
	{http.MethodDelete, "/v1/tasks/{id}"},
	{http.MethodPost, "/v1/tasks/{id}/restore"},
	{http.MethodGet, "/v1/tasks/{id}/receipt"},
	{http.MethodGet, "/v1/tasks/{id}/asset"},
	{http.MethodPost, "/v1/uploads"},
	{http.MethodPost, "/v1/uploads/{id}/complete"},
	{http.MethodGet, "/v1/credits"},
	{http.MethodGet, "/v1/credits/entries"},
}

// bodyOf is a body that a user route accepts; nil for one that takes none.
func bodyOf(method, path string) any {
	switch {
	case path == "/v1/uploads":
		return map[string]any{"content_type": "image/png", "bytes": 100}
	case method == http.MethodPost && !strings.Contains(path, "{id}"):
		return wish()
	}
	return nil
}

// operatorRoutes are all routes that need an operator's token.
var operatorRoutes = []struct {
	method, path string
	body         any
}{
	{http.MethodPost, "/admin/v1/grants", grant("amount", 10)},
	{http.MethodGet, "/admin/v1/accounts/{account}", nil},
	{http.MethodPut, "/admin/v1/accounts/{account}", map[string]any{"frozen": true}},
	{http.MethodGet, "/admin/v1/accounts/{account}/tasks/{id}", nil},
	{http.MethodPost, "/admin/v1/accounts/{account}/tasks/{id}/release", map[string]any{"reason": "test"}},
	{http.MethodGet, "/admin/v1/providers", nil},
	{http.MethodPut, "/admin/v1/providers/bfl", map[string]any{"on": false, "reason": "test"}},
}

const someID = "tsk_01JD3YQ5T8Z6M3N0V4W2X7K9BC"

// badToken is a token that is refused in this way.
type badToken struct {
	name   string
	token  token
	status int
	code   string
}

// badTokens are refused everywhere.
var badTokens = []badToken{
	{"NoClaims", nil, http.StatusUnauthorized, "unauthenticated"},
	{"EmptyClaims", token{}, http.StatusUnauthorized, "unauthenticated"},
	{"NoSubject", person("ann").with("sub", ""), http.StatusUnauthorized, "unauthenticated"},
	{"NoIssuer", person("ann").with("iss", ""), http.StatusUnauthorized, "unauthenticated"},
	{"AnIDToken", person("ann").with("token_use", "id"), http.StatusUnauthorized, "unauthenticated"},
	{"AnIDTokenWithoutScope", person("ann").with("token_use", "id").with("scope", ""), http.StatusUnauthorized, "unauthenticated"},
	{"Expired", person("ann").with("exp", strconv.FormatInt(simtest.Epoch.Add(-time.Second).Unix(), 10)), http.StatusUnauthorized, "unauthenticated"},
	{"ExpiringThisSecond", person("ann").with("exp", strconv.FormatInt(simtest.Epoch.Unix(), 10)), http.StatusUnauthorized, "unauthenticated"},
	{"NoExpiry", person("ann").with("exp", ""), http.StatusUnauthorized, "unauthenticated"},
	{"ExpiryThatIsNoNumber", person("ann").with("exp", "never"), http.StatusUnauthorized, "unauthenticated"},
	{"ExpiryThatIsNotANumberByDefinition", person("ann").with("exp", "NaN"), http.StatusUnauthorized, "unauthenticated"},
	{"ExpiryWithoutEnd", person("ann").with("exp", "Inf"), http.StatusUnauthorized, "unauthenticated"},
	{"NoScope", person("ann").with("scope", ""), http.StatusForbidden, "forbidden"},
	{"AnotherScope", person("ann").with("scope", "openid email"), http.StatusForbidden, "forbidden"},
	{"AScopeThatOnlyBeginsAlike", person("ann").with("scope", "darkroom/tasks.read darkroom/admins"), http.StatusForbidden, "forbidden"},
	{"AScopeThatOnlyEndsAlike", person("ann").with("scope", "notdarkroom/tasks notdarkroom/admin"), http.StatusForbidden, "forbidden"},
	{"AScopeInAnotherCase", person("ann").with("scope", "Darkroom/Tasks Darkroom/Admin"), http.StatusForbidden, "forbidden"},
}

func TestUserRoutesRefuseTokensThatMayNot(t *testing.T) {
	t.Parallel()
	machine := badToken{"AMachineOfOperators", person("machine").with("scope", "darkroom/admin"), http.StatusForbidden, "forbidden"}
	for _, bad := range append(slices.Clone(badTokens), machine) {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, route := range userRoutes {
				got := w.call(bad.token, route.method, at(route.path, "", someID), bodyOf(route.method, route.path))
				if got.status != bad.status || got.text("code") != bad.code {
					t.Errorf("%s %s: got %d %s, want %d %s", route.method, route.path, got.status, got.text("code"), bad.status, bad.code)
				}
			}
			w.mustBeEmpty()
		})
	}
}

func TestOperatorRoutesRefuseTokensThatMayNot(t *testing.T) {
	t.Parallel()
	tokens := slices.Clone(badTokens)
	for name, groups := range map[string]string{
		"NoGroup": "", "AnotherGroup": "[users]", "GroupThatOnlyBeginsAlike": "[operatorsx]", "GroupThatOnlyEndsAlike": "[xoperators]",
		"GroupInAnotherCase": "[Operators]", "GroupsJoinedByCommas": "[a,operators]", "GroupsAsJSON": `["operators"]`, "GroupWithABracketInside": "[operators[]",
		"OnlyBrackets": "[]",
	} {
		tokens = append(tokens, badToken{name, person("ann").with("cognito:groups", groups), http.StatusForbidden, "forbidden"})
	}
	for _, bad := range tokens {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			for _, route := range operatorRoutes {
				got := w.call(bad.token, route.method, at(route.path, person("ann").account(), someID), route.body)
				if got.status != bad.status || got.text("code") != bad.code {
					t.Errorf("%s %s: got %d %s, want %d %s", route.method, route.path, got.status, got.text("code"), bad.status, bad.code)
				}
			}
			w.mustBeEmpty()
		})
	}
}

func TestOperatorsAreAGroupOrAScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, who := range map[string]token{
		"OneGroup":      person("olga").with("cognito:groups", "[operators]"),
		"AmongGroups":   person("olga").with("cognito:groups", "[a operators]"),
		"FirstOfGroups": person("olga").with("cognito:groups", "[operators a b]"),
		"NoBrackets":    person("olga").with("cognito:groups", "operators"),
		"AScope":        person("machine").with("scope", "darkroom/admin"),
		"AmongScopes":   person("machine").with("scope", "openid darkroom/admin email"),
	} {
		if got := w.call(who, http.MethodGet, "/admin/v1/providers", nil); got.status != http.StatusOK {
			t.Errorf("%s: got %d, want 200: %s", name, got.status, got.body)
		}
	}
}

// An operator's own account is a user's like any other; the group alone opens no user route.
func TestAnOperatorNeedsTheUsersScopeForUserRoutes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.call(operator("olga"), http.MethodGet, "/v1/credits", nil).want(http.StatusOK)
	w.call(operator("olga").with("scope", "openid"), http.MethodGet, "/v1/credits", nil).want(http.StatusForbidden)
}

// Issuer and subject together are the account: pairs that join to the same text are different people, and so are the same subjects of two issuers.
func TestAccountsOfIssuerAndSubjectPairsDoNotMix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.create(person("ann"))
	for name, other := range map[string]token{
		"AnotherIssuer":      person("ann").with("iss", "https://issuer.example.com/pool-2"),
		"ALetterMovesLeft":   person("nn").with("iss", issuer+"a"),
		"ALetterMovesRight":  person("1ann").with("iss", issuer[:len(issuer)-1]),
		"AnotherCase":        person("Ann"),
		"ASpaceBehind":       person("ann "),
		"AnotherIssuerInURL": person("ann").with("iss", issuer+"/"),
	} {
		if got := w.call(other, http.MethodGet, "/v1/tasks/"+id, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", name, got.status)
		}
	}
	w.call(person("ann").with("scope", "darkroom/tasks").with("username", "another name"), http.MethodGet, "/v1/tasks/"+id, nil).want(http.StatusOK)
}

func TestPublicRoutesNeedNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/healthz", "/openapi.json", "/v1/models"} {
		w.call(nil, http.MethodGet, path, nil).want(http.StatusOK)
	}
	w.mustBeEmpty()
}
