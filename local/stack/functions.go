package stack

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"darkroom/local/edge"
)

// setConcurrency gives the queue mappings their MaximumConcurrency once more, as a number. CloudFormation makes the template's
// parameter a number; MiniStack hands the text on, and its queue poller then fails on every round.
func setConcurrency(ctx context.Context, config aws.Config, deployed *deployment) error {
	client := lambda.NewFromConfig(config)
	for id, resource := range deployed.resources {
		if resource.kind != "AWS::Lambda::EventSourceMapping" {
			continue
		}
		limit, err := deployed.maximumConcurrency(id)
		if err != nil {
			return fmt.Errorf("set the concurrency of %s: %w", id, err)
		}
		_, err = client.UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{
			UUID: &resource.physicalID, ScalingConfig: &types.ScalingConfig{MaximumConcurrency: &limit},
		})
		if err != nil {
			return fmt.Errorf("set the concurrency of %s: %w", id, err)
		}
	}
	return nil
}

// maximumConcurrency is what the template says about the mapping with this logical id.
func (d *deployment) maximumConcurrency(logicalID string) (int32, error) {
	scaling, _ := d.properties(logicalID)["ScalingConfig"].(map[string]any)
	value, err := d.expressions().value(scaling["MaximumConcurrency"])
	if err != nil {
		return 0, err
	}
	limit, err := strconv.ParseInt(fmt.Sprint(value), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("MaximumConcurrency: %w", err)
	}
	return int32(limit), nil
}

// nameCallers tells the edge which access keys the functions call with. The local AWS gives a key to each function, and another one
// to each version and alias it is called by.
func nameCallers(ctx context.Context, config aws.Config, deployed *deployment, to *edge.AWS) error {
	functions := lambda.NewListFunctionsPaginator(lambda.NewFromConfig(config), &lambda.ListFunctionsInput{})
	for functions.HasMorePages() {
		page, err := functions.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the functions: %w", err)
		}
		for _, f := range page.Functions {
			arn, role, name := aws.ToString(f.FunctionArn), aws.ToString(f.Role), aws.ToString(f.FunctionName)
			to.NameCaller(edge.FunctionAccessKey(arn, role), name)
			for _, r := range deployed.resources {
				if strings.HasPrefix(r.physicalID, arn+":") {
					to.NameCaller(edge.FunctionAccessKey(r.physicalID, role), name)
				}
			}
		}
	}
	return nil
}
