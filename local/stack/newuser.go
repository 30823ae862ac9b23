package stack

import (
	"context"
	"crypto/rand"
	"strings"
)

// NewUser adds a user with an account of its own to a running stack. Tests that run side by side each take one, so that no test sees another's credits.
func NewUser(ctx context.Context, info *Info) (User, error) {
	user := User{Email: strings.ToLower(rand.Text()[:12]) + "@example.com", Password: newPassword(), Role: RoleUser}
	return user, createUsers(ctx, info.AWS(), info.UserPoolID, "", []User{user})
}
