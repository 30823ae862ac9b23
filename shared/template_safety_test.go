package shared_test

import (
	"bufio"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"darkroom/shared/provider/bfl"
)

func TestBucketsAndDeliveryAreClosed(t *testing.T) {
	tpl := readTemplate(t)
	bucket := get(tpl.resources["Bucket"], "Properties")
	for _, block := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if text(bucket, "PublicAccessBlockConfiguration", block) != "true" {
			t.Errorf("the bucket does not set %s", block)
		}
	}
	tlsOnly := false
	for _, s := range get(tpl.resources["BucketRules"], "Properties", "PolicyDocument", "Statement").([]any) {
		if text(s, "Effect") == "Deny" && text(s, "Condition", "Bool", "aws:SecureTransport") == "false" {
			tlsOnly = true
		}
		if text(s, "Effect") == "Allow" && get(s, "Condition", "StringEquals", "aws:SourceArn") == nil {
			t.Error("the bucket lets somebody in without naming the distribution")
		}
	}
	if !tlsOnly {
		t.Error("the bucket answers without TLS")
	}
	distribution := get(tpl.resources["Distribution"], "Properties", "DistributionConfig")
	if refersTo(list(get(distribution, "DefaultCacheBehavior", "TrustedKeyGroups"))[0]) != "CdnKeyGroup" {
		t.Error("the distribution serves without a signed URL")
	}
	if refersTo(get(list(get(distribution, "Origins"))[0], "OriginAccessControlId")) != "OriginAccess" {
		t.Error("the distribution reaches the bucket without origin access control")
	}
	if origins := texts(get(tpl.resources["HttpApi"], "Properties", "CorsConfiguration", "AllowOrigins")); slices.Contains(origins, "*") {
		t.Error("any web page may call the API")
	}
}

func TestTablesCanBeRestoredAndAreKept(t *testing.T) {
	tpl := readTemplate(t)
	for _, id := range tpl.ofType("AWS::DynamoDB::Table") {
		table := tpl.resources[id]
		if text(table, "Properties", "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") != "true" {
			t.Errorf("%s has no point-in-time recovery", id)
		}
		if text(table, "DeletionPolicy") != "Retain" || text(table, "UpdateReplacePolicy") != "Retain" || text(table, "Properties", "BillingMode") != "PAY_PER_REQUEST" {
			t.Errorf("%s would go with its stack, or is not on demand", id)
		}
	}
	if text(tpl.resources["TasksTable"], "Properties", "TimeToLiveSpecification", "AttributeName") != "ttl" {
		t.Error("the tasks table has no time to live")
	}
	if get(tpl.resources["LedgerTable"], "Properties", "TimeToLiveSpecification") != nil {
		t.Error("ledger entries would vanish")
	}
}

func TestEveryFunctionHasAnErrorAlarmAndEveryAlarmTellsSomebody(t *testing.T) {
	tpl := readTemplate(t)
	watched := map[string]bool{}
	for _, id := range tpl.ofType("AWS::CloudWatch::Alarm") {
		alarm := get(tpl.resources[id], "Properties")
		if refersTo(list(get(alarm, "AlarmActions"))[0]) != "AlarmTopic" {
			t.Errorf("%s tells nobody", id)
		}
		if text(alarm, "MetricName") == "Errors" {
			watched[refersTo(get(list(get(alarm, "Dimensions"))[0], "Value"))] = true
		}
	}
	for _, id := range tpl.functions() {
		if !watched[id] {
			t.Errorf("nobody hears of errors of %s", id)
		}
	}
	for _, id := range []string{"Throttles", "DeadLetters", "SubmitAge", "GenerateAge", "PollAge", "StoreAge"} {
		if tpl.resources[id] == nil {
			t.Errorf("the alarm %s is missing", id)
		}
	}
}

func TestTheRegionsThatCanBeChosenAreThoseOfTheDriver(t *testing.T) {
	tpl := readTemplate(t)
	chosen := texts(get(tpl.root, "Parameters", "BflRegion", "AllowedValues"))
	if known := slices.Sorted(maps.Keys(bfl.Regions)); !slices.Equal(slices.Sorted(slices.Values(chosen)), known) {
		t.Errorf("BflRegion may be %q, the driver knows %q", chosen, known)
	}
	for _, id := range []string{"SubmitFunction", "GenerateFunction", "PollFunction"} { // a job must be asked about where it was sent
		if got := refersTo(get(tpl.resources[id], "Properties", "Environment", "Variables", "BFL_REGION")); got != "BflRegion" {
			t.Errorf("%s calls BFL in the region of %q", id, got)
		}
	}
}

// The same binaries are tested here and deployed: the launcher and the Makefile must build alike.
func TestTheLauncherBuildsWithTheFlagsOfTheMakefile(t *testing.T) {
	for path, want := range map[string]string{
		"../Makefile":           "BUILD_ENV := CGO_ENABLED=0 GOFLAGS='-trimpath -buildvcs=false -tags=lambda.norpc -ldflags=-s'",
		"../local/stack/sam.go": `"CGO_ENABLED=0", "GOFLAGS=-trimpath -buildvcs=false -tags=lambda.norpc -ldflags=-s"`,
	} {
		if content, err := os.ReadFile(path); err != nil || !strings.Contains(string(content), want) {
			t.Errorf("%s does not build with %s (%v)", path, want, err)
		}
	}
}

// A circle of references fails at deployment and is not seen by lint. SAM turns HTTP events round: the API's document names the functions' aliases,
// and an alias waits for the alarms that roll its deployment back.
func TestResourcesDoNotReferToEachOtherInACircle(t *testing.T) {
	tpl := readTemplate(t)
	edges := map[string][]string{}
	for id, r := range tpl.resources {
		properties := map[string]any{}
		for name, value := range r["Properties"].(object) {
			if name != "Events" && name != "DeploymentPreference" {
				properties[name] = value
			}
		}
		edges[id] = append(edges[id], references(properties)...)
		for _, e := range tpl.events(id, "HttpApi") {
			api := refersTo(e["ApiId"])
			edges[api] = append(edges[api], id+"Alias")
		}
		edges[id+"Alias"] = append(references(get(r, "Properties", "DeploymentPreference")), id)
	}
	state := map[string]int{} // 1: on the way, 2: done
	var visit func(id string, path []string)
	visit = func(id string, path []string) {
		if state[id] == 1 {
			t.Errorf("circle: %s", strings.Join(append(path, id), " -> "))
			return
		}
		if state[id] == 2 {
			return
		}
		state[id] = 1
		for _, next := range edges[id] {
			visit(next, append(path, id))
		}
		state[id] = 2
	}
	for id := range tpl.resources {
		visit(id, nil)
	}
}

// A resource that nothing names is a resource nobody uses yet.
func TestEveryResourceIsUsed(t *testing.T) {
	tpl := readTemplate(t)
	used := map[string]bool{}
	for id, r := range tpl.resources {
		for _, other := range references(r) {
			used[other] = used[other] || other != id
		}
	}
	for _, id := range references(tpl.root["Outputs"]) {
		used[id] = true
	}
	// What acts on something else by itself.
	standing := []string{"AWS::CloudWatch::Alarm", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::Cognito::UserPoolGroup", "AWS::Cognito::UserPoolDomain"}
	for id, r := range tpl.resources {
		depended := id == "ResourceServer" // the clients name its scopes, not itself
		if !used[id] && !depended && !slices.Contains(standing, text(r, "Type")) {
			t.Errorf("nothing uses %s", id)
		}
	}
}

func TestTheTemplateStaysReadable(t *testing.T) {
	tpl := readTemplate(t)
	file, err := os.Open("../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		lines++
	}
	if budget := 140 * len(tpl.functions()); lines > budget {
		t.Errorf("template.yaml has %d lines; its budget is %d, 140 per function", lines, budget)
	}
}

func TestStagesHaveTheSameKeys(t *testing.T) {
	file, err := os.Open("../samconfig.toml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	keys := map[string][]string{}
	stage, section := "", ""
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		line := strings.TrimSpace(scanner.Text())
		switch {
		case strings.HasPrefix(line, "["):
			stage, section, _ = strings.Cut(strings.Trim(line, "[]"), ".")
		case strings.Contains(line, "=") && !strings.HasPrefix(line, "#") && stage != "":
			name, _, _ := strings.Cut(line, "=")
			keys[stage] = append(keys[stage], section+"."+strings.TrimSpace(name))
		}
		if strings.Contains(line, "cached") && !strings.HasPrefix(line, "#") {
			t.Error("samconfig.toml turns SAM's cache on, which misses changes in shared/")
		}
	}
	for _, s := range []string{"staging", "production"} {
		if !slices.Equal(keys["local"], keys[s]) {
			t.Errorf("stage %s has the keys %v, local has %v", s, keys[s], keys["local"])
		}
	}
	parameters := readTemplate(t).root["Parameters"].(object)
	for name := range parameters {
		if !slices.Contains(keys["local"], "global.parameters.parameter_overrides."+name) {
			t.Errorf("samconfig.toml sets no %s", name)
		}
	}
}
