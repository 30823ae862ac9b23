package stack

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// deployment is what CloudFormation says about the stack once it is deployed.
type deployment struct {
	stackName  string
	template   map[string]any      // after SAM's transformation
	parameters map[string]string   // as deployed
	resources  map[string]resource // by logical id
	outputs    map[string]string
}

func readDeployment(ctx context.Context, config aws.Config, stackName string, parameters map[string]string) (*deployment, error) {
	client := cloudformation.NewFromConfig(config)
	d := &deployment{stackName: stackName, parameters: parameters, resources: map[string]resource{}, outputs: map[string]string{}}
	template, err := client.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &stackName, TemplateStage: types.TemplateStageProcessed})
	if err != nil {
		return nil, fmt.Errorf("read the deployed template: %w", err)
	}
	if err := json.Unmarshal([]byte(aws.ToString(template.TemplateBody)), &d.template); err != nil {
		return nil, fmt.Errorf("read the deployed template: %w", err)
	}
	resources, err := client.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &stackName})
	if err != nil {
		return nil, fmt.Errorf("read the deployed resources: %w", err)
	}
	for _, r := range resources.StackResources {
		d.resources[aws.ToString(r.LogicalResourceId)] = resource{aws.ToString(r.ResourceType), aws.ToString(r.PhysicalResourceId)}
	}
	stacks, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stackName})
	if err != nil || len(stacks.Stacks) != 1 {
		return nil, fmt.Errorf("read the stack's outputs: %d stacks named %s: %w", len(stacks.Stacks), stackName, err)
	}
	for _, output := range stacks.Stacks[0].Outputs {
		d.outputs[aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
	}
	return d, nil
}

// expressions works out this deployment's intrinsic functions.
func (d *deployment) expressions() expressions {
	conditions, _ := d.template["Conditions"].(map[string]any)
	return expressions{parameters: d.parameters, resources: d.resources, conditions: conditions, stackName: d.stackName}
}

// properties are what the deployed template says about the resource with this logical id.
func (d *deployment) properties(logicalID string) map[string]any {
	resources, _ := d.template["Resources"].(map[string]any)
	declared, _ := resources[logicalID].(map[string]any)
	properties, _ := declared["Properties"].(map[string]any)
	return properties
}
