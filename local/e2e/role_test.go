package e2e

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// as is an AWS configuration with the rights of a function's role, and no others.
func as(t *testing.T, folder string) aws.Config {
	t.Helper()
	root := info.AWS()
	iamClient := iam.NewFromConfig(root)
	roles, err := iamClient.ListRoles(t.Context(), &iam.ListRolesInput{MaxItems: aws.Int32(1000)})
	if err != nil {
		t.Fatal(err)
	}
	want := strings.ToUpper(folder[:1]) + folder[1:] + "Role"
	for _, role := range roles.Roles {
		if !strings.Contains(*role.RoleName, "-"+want+"-") {
			continue
		}
		assumed, err := sts.NewFromConfig(root).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: role.Arn, RoleSessionName: aws.String("test")})
		if err != nil {
			t.Fatal(err)
		}
		c := assumed.Credentials
		cfg := root.Copy()
		cfg.Credentials = credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
		return cfg
	}
	t.Fatalf("no role %s", want)
	return aws.Config{}
}

func denied(err error) bool {
	return err != nil && (strings.Contains(err.Error(), "AccessDenied") || strings.Contains(err.Error(), "not authorized"))
}

// Each row is something that a role does not need. The engine enforces the deployed policies.
func TestARoleIsRefusedWhatItDoesNotNeed(t *testing.T) {
	t.Parallel()
	tasks, ledger, bucket := info.Outputs["TasksTableName"], info.Outputs["LedgerTableName"], info.Outputs["BucketName"]
	row := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "A#test"}, "sk": &types.AttributeValueMemberS{Value: "X"}}
	readSecret := func(output string) func(aws.Config) error {
		return func(cfg aws.Config) error {
			_, err := secretsmanager.NewFromConfig(cfg).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(info.Outputs[output])})
			return err
		}
	}
	send := func(output string) func(aws.Config) error {
		return func(cfg aws.Config) error {
			_, err := sqs.NewFromConfig(cfg).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(info.Outputs[output]), MessageBody: aws.String("x")})
			return err
		}
	}
	writeLedger := func(cfg aws.Config) error {
		_, err := dynamodb.NewFromConfig(cfg).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &ledger, Item: row})
		return err
	}
	writeTask := func(cfg aws.Config) error {
		_, err := dynamodb.NewFromConfig(cfg).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &tasks, Item: row})
		return err
	}
	eraseLedger := func(cfg aws.Config) error {
		_, err := dynamodb.NewFromConfig(cfg).DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &ledger, Key: row})
		return err
	}
	changeLedger := func(cfg aws.Config) error {
		_, err := dynamodb.NewFromConfig(cfg).UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &ledger, Key: row})
		return err
	}
	scanTasks := func(cfg aws.Config) error {
		_, err := dynamodb.NewFromConfig(cfg).Scan(t.Context(), &dynamodb.ScanInput{TableName: &tasks})
		return err
	}
	getObject := func(key string) func(aws.Config) error {
		return func(cfg aws.Config) error {
			_, err := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: &key})
			return err
		}
	}
	putObject := func(key string) func(aws.Config) error {
		return func(cfg aws.Config) error {
			_, err := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: strings.NewReader("x")})
			return err
		}
	}
	for _, c := range []struct {
		folder, what string
		try          func(aws.Config) error
	}{
		{"webhook", "read provider keys", readSecret("ProviderKeysSecretArn")},
		{"webhook", "read the CDN key", readSecret("CdnKeySecretArn")},
		{"api", "read provider keys", readSecret("ProviderKeysSecretArn")},
		{"store", "read provider keys", readSecret("ProviderKeysSecretArn")},
		{"sweep", "read provider keys", readSecret("ProviderKeysSecretArn")},
		{"poll", "read the webhook keys", readSecret("WebhookSecretArn")},
		{"poll", "read the moderation key", readSecret("ModerationKeySecretArn")},
		{"api", "read the moderation key", readSecret("ModerationKeySecretArn")},
		{"webhook", "read the moderation key", readSecret("ModerationKeySecretArn")},
		{"api", "send to the Store queue", send("StoreQueueUrl")},
		{"poll", "send to its own queue", send("PollQueueUrl")},
		{"store", "send to the Submit queue", send("SubmitQueueUrl")},
		{"sweep", "send to the dead-letter queue", send("DeadLetterQueueUrl")},
		{"api", "write the ledger outside of a transaction", writeLedger},
		{"store", "write the ledger outside of a transaction", writeLedger},
		{"admin", "write the ledger outside of a transaction", writeLedger},
		{"admin", "put a row of the tasks table outside of a transaction", writeTask},
		{"api", "put a row of the tasks table outside of a transaction", writeTask},
		{"submit", "put a row of the tasks table outside of a transaction", writeTask},
		{"admin", "delete a ledger entry", eraseLedger},
		{"sweep", "change a ledger entry", changeLedger},
		{"api", "scan all tasks", scanTasks},
		{"sweep", "scan all tasks", scanTasks},
		{"submit", "read assets", getObject("o/x/y/z.png")},
		{"submit", "write assets", putObject("o/x/y/z.png")},
		{"api", "write assets", putObject("o/x/y/z.png")},
		{"api", "read assets", getObject("o/x/y/z.png")},
		{"store", "read uploads", getObject("u/x/y")},
		{"poll", "read uploads", getObject("u/x/y")},
		{"submit", "write uploads", putObject("u/x/y")},
		{"poll", "read the webhook signing secrets", readSecret("SigningSecretsArn")},
		{"api", "read the webhook signing secrets", readSecret("SigningSecretsArn")},
		{"store", "write staged bytes", putObject("stage/x/1")},
		{"poll", "write anything", putObject("stage/x/1")},
	} {
		if err := c.try(as(t, c.folder)); !denied(err) {
			t.Errorf("%s may %s: %v", c.folder, c.what, err)
		}
	}
}

// The same kind of call that a role does need must work, or the refusals above would show nothing.
func TestARoleMayDoWhatItNeeds(t *testing.T) {
	t.Parallel()
	for role, secret := range map[string]string{"poll": "ProviderKeysSecretArn", "store": "ModerationKeySecretArn"} {
		out, err := secretsmanager.NewFromConfig(as(t, role)).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(info.Outputs[secret])})
		if err != nil {
			t.Fatal(err)
		}
		var keys map[string]string
		if json.Unmarshal([]byte(*out.SecretString), &keys) != nil || len(keys) == 0 {
			t.Errorf("%s: the secret %s holds no keys", role, secret)
		}
	}
}
