package httpapi

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"darkroom/shared/credit"
	"darkroom/shared/fault"
)

// caller is who sent a request, as the gateway's authorizer found.
type caller struct {
	account string
	subject string // for the ledger, when an operator does something
}

// Access says which tokens may use which routes.
type Access struct {
	TasksScope     string // user routes
	AdminScope     string // admin routes: this scope, or
	OperatorsGroup string // this group
}

// signedIn is the caller of a user route. The gateway has checked the token already; the function checks again what it can, and refuses when there are no
// claims: a second route, a test invocation or a function URL without the authorizer must not be a way in.
func (a Access) signedIn(ctx context.Context, now time.Time) (caller, error) {
	who, scopes, _, err := claims(ctx, now)
	if err != nil {
		return caller{}, err
	}
	if !slices.Contains(scopes, a.TasksScope) {
		return caller{}, fault.New(fault.Forbidden, "the token lacks the scope %s; sign in for it, an ID token has none", a.TasksScope)
	}
	return who, nil
}

// operator is the caller of an admin route.
func (a Access) operator(ctx context.Context, now time.Time) (caller, error) {
	who, scopes, groups, err := claims(ctx, now)
	if err != nil {
		return caller{}, err
	}
	if !slices.Contains(scopes, a.AdminScope) && !slices.Contains(groups, a.OperatorsGroup) {
		return caller{}, fault.New(fault.Forbidden, "operators only: the token needs the scope %s, or its user the group %s", a.AdminScope, a.OperatorsGroup)
	}
	return who, nil
}

func claims(ctx context.Context, now time.Time) (who caller, scopes, groups []string, err error) {
	refused := fault.New(fault.Unauthenticated, "send an access token: Authorization: Bearer <token>")
	authorizer := gateway(ctx).Authorizer
	if authorizer == nil || authorizer.JWT == nil {
		return caller{}, nil, nil, refused
	}
	about := authorizer.JWT.Claims
	issuer, subject := about["iss"], about["sub"]
	if issuer == "" || subject == "" {
		return caller{}, nil, nil, refused
	}
	if use, given := about["token_use"]; given && use != "access" {
		return caller{}, nil, nil, fault.New(fault.Unauthenticated, "this is not an access token")
	}
	if expires, err := strconv.ParseFloat(about["exp"], 64); err != nil || !(float64(now.Unix()) < expires) || math.IsInf(expires, 1) { // not >=: NaN is no time
		return caller{}, nil, nil, fault.New(fault.Unauthenticated, "the token has expired; get a new one")
	}
	// Of the token itself: what the gateway says of scopes may be those of the route. Some issuers call the claim scp and make it a list.
	scopes = slices.Concat(strings.Fields(about["scope"]), strings.Fields(strings.Trim(about["scp"], "[]")))
	groups = strings.Fields(strings.TrimSuffix(strings.TrimPrefix(about["cognito:groups"], "["), "]")) // the gateway hands lists over as one string, "[a b]"
	return caller{account: credit.AccountID(issuer, subject), subject: subject}, scopes, groups, nil
}
