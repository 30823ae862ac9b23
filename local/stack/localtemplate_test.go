package stack

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The whole difference between what runs locally and what is deployed to AWS. A change here needs a reason: everything on this list
// is not tested before it reaches an AWS account.
func TestTheLocalTemplateDiffersInExactlyThesePlaces(t *testing.T) {
	want := []string{
		"Outputs.CdnKeyPairId.Value: reference to CdnKey replaced",
		"Resources.AdminRole.Properties.Policies[0].PolicyDocument.Statement[4].Action: sqs:SendMessageBatch added",
		"Resources.ApiFunction.Properties.DeploymentPreference: removed",
		"Resources.ApiFunction.Properties.Environment.Variables.CDN_KEY_PAIR_ID: reference to CdnKey replaced",
		"Resources.ApiRole.Properties.Policies[0].PolicyDocument.Statement[4].Action: sqs:SendMessageBatch added",
		"Resources.CdnKey: removed",
		"Resources.CdnKeyGroup: removed",
		"Resources.Distribution.Properties.DistributionConfig.DefaultCacheBehavior.TrustedKeyGroups[0]: reference to CdnKeyGroup removed",
		"Resources.GenerateRole.Properties.Policies[0].PolicyDocument.Statement[2].Action: sqs:SendMessageBatch added",
		"Resources.PollRole.Properties.Policies[0].PolicyDocument.Statement[2].Action: sqs:SendMessageBatch added",
		"Resources.StoreRole.Properties.Policies[0].PolicyDocument.Statement[2].Action: sqs:SendMessageBatch added",
		"Resources.SubmitRole.Properties.Policies[0].PolicyDocument.Statement[2].Action: sqs:SendMessageBatch added",
		"Resources.SweepRole.Properties.Policies[0].PolicyDocument.Statement[5].Action: sqs:SendMessageBatch added",
		"Resources.WebhookFunction.Properties.DeploymentPreference: removed",
		"Resources.WebhookRole.Properties.Policies[0].PolicyDocument.Statement[4].Action: sqs:SendMessageBatch added",
	}
	template := readTemplate(t)
	got := localTemplate(template, nil)
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
	content, err := json.Marshal(template)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"AWS::CloudFront::PublicKey", "AWS::CloudFront::KeyGroup", "TrustedKeyGroups", `"Ref":"CdnKey`} {
		if strings.Contains(string(content), gone) {
			t.Errorf("the local template still has %s", gone)
		}
	}
}

func TestChangesAreTheWholeDifference(t *testing.T) {
	before, after := leaves("", readTemplate(t)), readTemplate(t)
	changes := localTemplate(after, nil)
	remaining := leaves("", after)
	for path, value := range before {
		if remaining[path] == value {
			continue
		}
		announced := slices.ContainsFunc(changes, func(change string) bool {
			at, _, _ := strings.Cut(change, ": ")
			return strings.HasPrefix(path, "."+at)
		})
		if !announced {
			t.Errorf("%s was %v and is now %v, and no change says so", path, value, remaining[path])
		}
	}
}

// leaves are the values at the ends of a document, by path.
func leaves(path string, value any) map[string]any {
	found := map[string]any{}
	switch value := value.(type) {
	case map[string]any:
		for name, part := range value {
			for at, leaf := range leaves(path+"."+name, part) {
				found[at] = leaf
			}
		}
	case []any:
		for i, part := range value {
			for at, leaf := range leaves(fmt.Sprintf("%s[%d]", path, i), part) {
				found[at] = leaf
			}
		}
	default:
		found[path] = value
	}
	return found
}

func TestParametersBecomeDefaults(t *testing.T) {
	template := readTemplate(t)
	localTemplate(template, map[string]string{"AppOrigin": "http://localhost:1", "SweepSeconds": "3"})
	declared := template["Parameters"].(map[string]any)
	if got := declared["AppOrigin"].(map[string]any)["Default"]; got != "http://localhost:1" {
		t.Errorf("AppOrigin: got default %v", got)
	}
	if got := declared["SweepSeconds"].(map[string]any)["Default"]; got != json.Number("3") {
		t.Errorf("SweepSeconds: got default %v of type %[1]T, want the number 3", got)
	}
}
