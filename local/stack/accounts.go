package stack

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
)

// What an account may do.
const (
	RoleUser  = "user"  // the user routes, for their own tasks
	RoleAdmin = "admin" // the admin routes too
)

// User is someone who can sign in to the stack.
type User struct {
	Email    string `json:"email"`
	Password string `json:"password"` // made at random for each stack
	Role     string `json:"role"`     // RoleUser or RoleAdmin
}

// newUsers are the people of every local stack: two users, so that one can be kept from the other's tasks, and one operator.
func newUsers() []User {
	return []User{
		{"alice@example.com", newPassword(), RoleUser},
		{"bob@example.com", newPassword(), RoleUser},
		{"carol@example.com", newPassword(), RoleAdmin},
	}
}

// newPassword has 80 random bits and a character of every kind that a pool's policy may ask for.
func newPassword() string { return strings.ToLower(rand.Text()[:8]) + "-" + rand.Text()[:8] + "-1" }

// createUsers signs the users up as an operator would, with their e-mail addresses confirmed; admins join the group.
func createUsers(ctx context.Context, config aws.Config, pool, operatorsGroup string, users []User) error {
	client := cognitoidentityprovider.NewFromConfig(config)
	for _, user := range users {
		_, err := client.AdminCreateUser(ctx, &cognitoidentityprovider.AdminCreateUserInput{
			UserPoolId: &pool, Username: &user.Email, MessageAction: types.MessageActionTypeSuppress,
			UserAttributes: []types.AttributeType{
				{Name: aws.String("email"), Value: &user.Email},
				{Name: aws.String("email_verified"), Value: aws.String("true")},
			},
		})
		if err != nil {
			return fmt.Errorf("create user %s: %w", user.Email, err)
		}
		_, err = client.AdminSetUserPassword(ctx, &cognitoidentityprovider.AdminSetUserPasswordInput{
			UserPoolId: &pool, Username: &user.Email, Password: &user.Password, Permanent: true,
		})
		if err != nil {
			return fmt.Errorf("set the password of %s: %w", user.Email, err)
		}
		if user.Role != RoleAdmin {
			continue
		}
		_, err = client.AdminAddUserToGroup(ctx, &cognitoidentityprovider.AdminAddUserToGroupInput{
			UserPoolId: &pool, Username: &user.Email, GroupName: &operatorsGroup,
		})
		if err != nil {
			return fmt.Errorf("put %s into group %s: %w", user.Email, operatorsGroup, err)
		}
	}
	return nil
}

// machineSecret reads the secret of the client that speaks for programs.
func machineSecret(ctx context.Context, config aws.Config, pool, client string) (string, error) {
	described, err := cognitoidentityprovider.NewFromConfig(config).DescribeUserPoolClient(ctx,
		&cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: &pool, ClientId: &client})
	if err != nil {
		return "", fmt.Errorf("read the machine client's secret: %w", err)
	}
	return aws.ToString(described.UserPoolClient.ClientSecret), nil
}
