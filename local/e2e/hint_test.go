package e2e

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// sendHint puts a hint into a queue by hand; queue is the output that names it.
func sendHint(t *testing.T, queue, account, id string) {
	t.Helper()
	url := info.Outputs[queue]
	_, err := sqs.NewFromConfig(info.AWS()).SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageGroupId: &account,
		MessageBody: str(fmt.Sprintf(`{"v":1,"account":"%s","task":"%s"}`, account, id))})
	if err != nil {
		t.Fatal(err)
	}
}

func str(text string) *string { return aws.String(text) }
