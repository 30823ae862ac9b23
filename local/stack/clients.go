package stack

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Account is the number of the one account of the local AWS.
const Account = "000000000000"

// AWS is the configuration of SDK clients that speak to the running stack as its root user.
func (i *Info) AWS() aws.Config { return rootConfig(i.AWSEndpoint) }

// rootConfig points SDK clients at the local AWS, with none of the developer's own settings.
func rootConfig(endpoint string) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider(rootKey, rootKey, ""),
	}
}
