package shared_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryFunctionFolderHasItsResourceAndTheReverse(t *testing.T) {
	tpl := readTemplate(t)
	folders := map[string]bool{}
	paths, _ := filepath.Glob("../functions/*/main.go")
	for _, path := range paths {
		folders[filepath.Base(filepath.Dir(path))] = false
	}
	for _, id := range tpl.functions() {
		folder := filepath.Base(text(tpl.resources[id], "Properties", "CodeUri"))
		if _, there := folders[folder]; !there {
			t.Errorf("%s is built from functions/%s, which has no main.go", id, folder)
		}
		folders[folder] = true
		want := strings.ToUpper(folder[:1]) + folder[1:] + "Function"
		if id != want && id != "GenerateFunction" { // the same code on its own queue
			t.Errorf("the resource of functions/%s is called %s, want %s", folder, id, want)
		}
	}
	for folder, used := range folders {
		if !used {
			t.Errorf("functions/%s has no resource in template.yaml", folder)
		}
	}
}

func TestEveryFunctionHasALogGroupWithRetentionAndARoleOfItsOwn(t *testing.T) {
	tpl := readTemplate(t)
	roles := map[string]string{}
	for _, id := range tpl.functions() {
		group := refersTo(get(tpl.resources[id], "Properties", "LoggingConfig", "LogGroup"))
		if refersTo(get(tpl.resources[group], "Properties", "RetentionInDays")) != "LogRetentionDays" {
			t.Errorf("%s: its log group %q keeps logs for no set time", id, group)
		}
		role := refersTo(get(tpl.resources[id], "Properties", "Role"))
		if role == "" || roles[role] != "" {
			t.Errorf("%s: its role is %q, which is missing or that of %s", id, role, roles[role])
		}
		roles[role] = id
	}
}

func TestRuntimeArchitectureAndLoggingAreExplicit(t *testing.T) {
	globals := get(readTemplate(t).root, "Globals", "Function")
	for path, want := range map[string]string{
		"Runtime": "provided.al2023", "Handler": "bootstrap", "LoggingConfig.LogFormat": "JSON",
		"LoggingConfig.ApplicationLogLevel": "INFO", "LoggingConfig.SystemLogLevel": "WARN",
	} {
		if got := text(globals, strings.Split(path, ".")...); got != want {
			t.Errorf("Globals.Function.%s is %q, want %q", path, got, want)
		}
	}
	if refersTo(list(get(globals, "Architectures"))[0]) != "Architecture" {
		t.Error("the architecture is not the parameter's")
	}
}

func TestQueuesOutliveTheirFunctionsAndHaveADeadLetterQueue(t *testing.T) {
	tpl := readTemplate(t)
	used := map[string]bool{}
	for _, id := range tpl.functions() {
		timeout := number(t, tpl.root, "Globals", "Function", "Timeout")
		if get(tpl.resources[id], "Properties", "Timeout") != nil {
			timeout = number(t, tpl.resources[id], "Properties", "Timeout")
		}
		for name, source := range tpl.events(id, "SQS") {
			queue := refersTo(source["Queue"])
			used[queue] = true
			properties := get(tpl.resources[queue], "Properties")
			if got := number(t, properties, "VisibilityTimeout"); got < 6*timeout {
				t.Errorf("%s is invisible for %d s, below six times the %d s of %s", queue, got, timeout, id)
			}
			if refersTo(get(properties, "RedrivePolicy", "deadLetterTargetArn")) != "DeadLetterQueue" || number(t, properties, "RedrivePolicy", "maxReceiveCount") != 5 {
				t.Errorf("%s does not give its messages up to the dead-letter queue after 5 receives", queue)
			}
			if !slices.Contains(texts(source["FunctionResponseTypes"]), "ReportBatchItemFailures") {
				t.Errorf("%s.%s: one failing message would repeat its whole batch", id, name)
			}
			if source["FilterCriteria"] != nil {
				t.Errorf("%s.%s: a filter deletes the messages that it leaves out", id, name)
			}
			if get(source, "ScalingConfig", "MaximumConcurrency") == nil {
				t.Errorf("%s.%s: nothing bounds how many run at once", id, name)
			}
			if !tpl.may(id, "sqs:ReceiveMessage", queue) {
				t.Errorf("%s may not receive from %s", id, queue)
			}
		}
	}
	if number(t, tpl.resources["DeadLetterQueue"], "Properties", "MessageRetentionPeriod") != 1209600 {
		t.Error("dead letters are kept for less than 14 days")
	}
	for _, queue := range tpl.ofType("AWS::SQS::Queue") {
		if !used[queue] && queue != "DeadLetterQueue" {
			t.Errorf("no function reads %s", queue)
		}
	}
}

// may tells whether a function's role allows an action on a resource of the template.
func (tpl template) may(function, action, resource string) bool {
	for _, s := range tpl.statements(function) {
		if slices.Contains(texts(s["Action"]), action) {
			for _, r := range list(s["Resource"]) {
				if slices.Contains(references(r), resource) {
					return true
				}
			}
		}
	}
	return false
}

func TestRolesNameExactActionsOnExactResources(t *testing.T) {
	tpl := readTemplate(t)
	for _, id := range tpl.functions() {
		for _, s := range tpl.statements(id) {
			for _, action := range texts(s["Action"]) {
				if strings.Contains(action, "*") {
					t.Errorf("%s: action %s has a wildcard", id, action)
				}
			}
			for _, r := range list(s["Resource"]) {
				if r == "*" || len(references(r)) == 0 {
					t.Errorf("%s: resource %v is not a resource of this stack", id, r)
				}
				if sub := text(r, "Fn::Sub"); strings.HasSuffix(sub, "*") && !strings.HasSuffix(sub, "/*") {
					t.Errorf("%s: resource %s is open-ended", id, sub)
				}
			}
		}
	}
}

func TestTheLedgerIsOnlyAppendedToAndOnlyInTransactions(t *testing.T) {
	tpl := readTemplate(t)
	for _, id := range tpl.functions() {
		for _, s := range tpl.statements(id) {
			if !slices.Contains(references(s["Resource"]), "LedgerTable") {
				continue
			}
			for _, action := range texts(s["Action"]) {
				if !slices.Contains([]string{"dynamodb:PutItem", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}, action) {
					t.Errorf("%s may %s on the ledger", id, action)
				}
				if action == "dynamodb:PutItem" && text(s, "Condition", "ForAnyValue:StringEquals", "dynamodb:EnclosingOperation") != "TransactWriteItems" {
					t.Errorf("%s may write the ledger outside of a transaction", id)
				}
			}
		}
	}
}

// A put alone replaces whatever lies there. In a transaction the code says "unless the key is taken", and no function has another use for puts.
func TestNewItemsAreWrittenInTransactionsOnly(t *testing.T) {
	tpl := readTemplate(t)
	for _, id := range tpl.functions() {
		for _, s := range tpl.statements(id) {
			if slices.Contains(texts(s["Action"]), "dynamodb:PutItem") && text(s, "Condition", "ForAnyValue:StringEquals", "dynamodb:EnclosingOperation") != "TransactWriteItems" {
				t.Errorf("%s may put items outside of a transaction", id)
			}
		}
	}
}

func TestOnlyWorkersHoldProviderKeys(t *testing.T) {
	tpl := readTemplate(t)
	for _, id := range tpl.functions() {
		want := slices.Contains([]string{"SubmitFunction", "GenerateFunction", "PollFunction"}, id)
		if got := tpl.may(id, "secretsmanager:GetSecretValue", "ProviderKeysSecret"); got != want {
			t.Errorf("%s may read the provider keys: %v, want %v", id, got, want)
		}
	}
}

// The store function opens images that strangers made. It can have one checked, and nothing else that costs money.
func TestTheModerationKeyIsASecretOfItsOwnAndThereOnlyWhenItIsWanted(t *testing.T) {
	tpl := readTemplate(t)
	const secret, condition = "ModerationKeySecret", "Moderates"
	for _, id := range tpl.functions() {
		want := slices.Contains([]string{"SubmitFunction", "GenerateFunction", "StoreFunction"}, id)
		if got := tpl.may(id, "secretsmanager:GetSecretValue", secret); got != want {
			t.Errorf("%s may read the moderation key: %v, want %v", id, got, want)
		}
		setting, _ := get(tpl.resources[id], "Properties", "Environment", "Variables", "MODERATION_KEY_SECRET", "Fn::If").([]any)
		if want && (len(setting) != 3 || setting[0] != condition || refersTo(setting[1]) != secret || setting[2] != "") {
			t.Errorf("%s is told of the secret by %v", id, setting)
		}
	}
	if text(tpl.resources[secret], "Condition") != condition {
		t.Errorf("%s is made whether it is wanted or not", secret)
	}
	unless, _ := get(tpl.root, "Conditions", condition, "Fn::Not").([]any)
	if equal, _ := get(unless[0], "Fn::Equals").([]any); len(equal) != 2 || refersTo(equal[0]) != "Moderation" || equal[1] != "off" {
		t.Errorf("the condition %s is %v", condition, unless)
	}
}

func TestRoutesAreWrittenOutAndOnlyTheListedOnesArePublic(t *testing.T) {
	tpl := readTemplate(t)
	public := []string{"GET /healthz", "GET /openapi.json", "GET /v1/models", "POST /webhooks/{provider}/{token}"}
	var found []string
	for _, id := range tpl.functions() {
		for _, e := range tpl.events(id, "HttpApi") {
			route := text(e, "Method") + " " + text(e, "Path")
			if strings.Contains(route, "ANY") || strings.Contains(route, "+}") || strings.Contains(route, "$default") {
				t.Errorf("%s: route %s catches more than it says", id, route)
			}
			if text(e, "Auth", "Authorizer") == "NONE" {
				found = append(found, route)
			}
			if strings.HasPrefix(text(e, "Path"), "/admin/") != (id == "AdminFunction") {
				t.Errorf("%s: route %s does not belong to it", id, route)
			}
		}
	}
	slices.Sort(found)
	if !slices.Equal(found, public) {
		t.Errorf("public routes are %v, want %v", found, public)
	}
	if get(tpl.resources["HttpApi"], "Properties", "Auth", "DefaultAuthorizer") != "Jwt" {
		t.Error("a route without a word about authorization would be open")
	}
}

func TestSchedulesCannotCollideBetweenStagesAndDoNotRepeat(t *testing.T) {
	tpl := readTemplate(t)
	for _, id := range tpl.functions() {
		for name, e := range tpl.events(id, "ScheduleV2") {
			if text(e, "OmitName") != "true" {
				t.Errorf("%s.%s has a name that another stage would take too", id, name)
			}
			if text(e, "RetryPolicy", "MaximumRetryAttempts") != "0" || text(tpl.resources[id], "Properties", "EventInvokeConfig", "MaximumRetryAttempts") != "0" {
				t.Errorf("%s.%s: a late tick would be repeated", id, name)
			}
		}
	}
}

func TestNothingIsLiteralThatShouldBeSecret(t *testing.T) {
	tpl := readTemplate(t)
	secretName := regexp.MustCompile(`(?i)(key|secret|password|token)`)
	for _, id := range tpl.functions() {
		variables, _ := get(tpl.resources[id], "Properties", "Environment", "Variables").(object)
		for name, value := range variables {
			if _, literal := value.(string); literal && secretName.MatchString(name) {
				t.Errorf("%s: %s is written into the template", id, name)
			}
			if strings.Contains(text(value, "Fn::Sub"), "resolve:") {
				t.Errorf("%s: %s would show its secret in the function's configuration", id, name)
			}
		}
	}
}
