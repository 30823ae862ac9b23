package edge

import (
	"net/http"
	"strings"
	"testing"
)

func TestCallsAreDescribedAsTheirServiceWould(t *testing.T) {
	const json10 = "application/x-amz-json-1.0"
	for _, test := range []struct {
		name, method, address, target, kind, service, body string
		want                                               Call
	}{
		{"DynamoDBItem", "POST", "/", "DynamoDB_20120810.PutItem", json10, "dynamodb", `{"TableName":"tasks"}`,
			Call{Service: "dynamodb", Operation: "PutItem", Target: "tasks", Items: 1}},
		{"TransactionInOneTable", "POST", "/", "DynamoDB_20120810.TransactWriteItems", json10, "dynamodb",
			`{"TransactItems":[{"Put":{"TableName":"tasks"}},{"Update":{"TableName":"tasks"}}]}`,
			Call{Service: "dynamodb", Operation: "TransactWriteItems", Target: "tasks", Items: 2}},
		{"TransactionInTwoTablesHasNoTarget", "POST", "/", "DynamoDB_20120810.TransactWriteItems", json10, "dynamodb",
			`{"TransactItems":[{"Put":{"TableName":"tasks"}},{"Put":{"TableName":"ledger"}}]}`,
			Call{Service: "dynamodb", Operation: "TransactWriteItems", Items: 2}},
		{"BatchOfReads", "POST", "/", "DynamoDB_20120810.BatchGetItem", json10, "dynamodb", `{"RequestItems":{"tasks":{"Keys":[{},{},{}]}}}`,
			Call{Service: "dynamodb", Operation: "BatchGetItem", Target: "tasks", Items: 3}},
		{"BatchOfWrites", "POST", "/", "DynamoDB_20120810.BatchWriteItem", json10, "dynamodb", `{"RequestItems":{"tasks":[{},{}]}}`,
			Call{Service: "dynamodb", Operation: "BatchWriteItem", Target: "tasks", Items: 2}},
		{"Message", "POST", "/", "AmazonSQS.SendMessage", json10, "sqs", `{"QueueUrl":"http://localhost:1/0/darkroom-poll"}`,
			Call{Service: "sqs", Operation: "SendMessage", Target: "darkroom-poll", Items: 1}},
		{"BatchOfMessages", "POST", "/", "AmazonSQS.SendMessageBatch", json10, "sqs", `{"QueueUrl":"http://localhost:1/0/darkroom-poll","Entries":[{},{}]}`,
			Call{Service: "sqs", Operation: "SendMessageBatch", Target: "darkroom-poll", Items: 2}},
		{"Secret", "POST", "/", "secretsmanager.GetSecretValue", "application/x-amz-json-1.1", "secretsmanager", `{"SecretId":"arn:x"}`,
			Call{Service: "secretsmanager", Operation: "GetSecretValue", Target: "arn:x", Items: 1}},
		{"QueryService", "POST", "/", "", "application/x-www-form-urlencoded; charset=utf-8", "cloudformation", "Action=DescribeStacks&StackName=s",
			Call{Service: "cloudformation", Operation: "DescribeStacks", Target: "s", Items: 1}},
		{"RESTService", "GET", "/v2/apis", "", "", "apigateway", "",
			Call{Service: "apigateway", Operation: "GET /v2/apis", Items: 1}},
		{"Object", "PUT", "/bucket/o/1/a.png", "", "image/png", "s3", "",
			Call{Service: "s3", Operation: "PUT", Target: "bucket", Key: "o/1/a.png", Items: 1}},
		{"UnknownBody", "POST", "/", "DynamoDB_20120810.PutItem", json10, "dynamodb", `not JSON`,
			Call{Service: "dynamodb", Operation: "PutItem", Items: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			request, err := http.NewRequest(test.method, "http://127.0.0.1"+test.address, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Authorization", authorization("AKIATEST", test.service))
			request.Header.Set("Content-Type", test.kind)
			if test.target != "" {
				request.Header.Set("X-Amz-Target", test.target)
			}
			got := describe(request, []byte(test.body))
			test.want.AccessKey, test.want.At, test.want.body = "AKIATEST", got.At, got.body
			if got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

func TestPresignedCallsAreDescribedFromTheirQuery(t *testing.T) {
	request, err := http.NewRequest(http.MethodGet, "http://127.0.0.1/bucket/u/1?X-Amz-Credential=ASIA1%2F20261125%2Fus-east-1%2Fs3%2Faws4_request", nil)
	if err != nil {
		t.Fatal(err)
	}
	got := describe(request, nil)
	if got.Service != "s3" || got.AccessKey != "ASIA1" || got.Target != "bucket" || got.Key != "u/1" {
		t.Errorf("got %+v, want ASIA1's call of s3 for u/1 in bucket", got)
	}
}

func TestPresignedPostsAreDescribedWithoutReadingTheForm(t *testing.T) {
	request, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/bucket", strings.NewReader("--x"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	if got := describe(request, nil); got.Service != "s3" || got.Operation != "POST" || got.Target != "bucket" {
		t.Errorf("got %+v, want a POST of s3 to bucket", got)
	}
}

func TestFunctionAccessKeyIsWhatTheLocalAWSDerives(t *testing.T) {
	got := FunctionAccessKey("arn:aws:lambda:us-east-1:000000000000:function:f", "arn:aws:iam::000000000000:role/r")
	// from: printf '<function arn>:<role arn>' | sha256sum
	if want := "ASIA824F04C3A2D09E80"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
