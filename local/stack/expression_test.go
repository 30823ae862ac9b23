package stack

import (
	"reflect"
	"strings"
	"testing"
)

func testExpressions() expressions {
	return expressions{
		parameters: map[string]string{"Issuer": "", "TasksScope": "darkroom/tasks"},
		resources: map[string]resource{
			"UserPool": {"AWS::Cognito::UserPool", "us-east-1_x"},
			"Fn":       {"AWS::Lambda::Function", "darkroom-api"},
		},
		conditions: map[string]any{
			"OwnPool": map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "Issuer"}, ""}},
			"Foreign": map[string]any{"Fn::Not": []any{map[string]any{"Fn::Equals": []any{map[string]any{"Ref": "Issuer"}, ""}}}},
			"Strange": map[string]any{"Fn::Or": []any{}},
		},
		stackName: "darkroom-local",
	}
}

func TestExpressionsAreWorkedOutAsCloudFormationDoes(t *testing.T) {
	for name, test := range map[string]struct{ in, want any }{
		"PlainValuesStay":         {map[string]any{"a": []any{"x", 1.0, nil}}, map[string]any{"a": []any{"x", 1.0, nil}}},
		"RefOfAParameter":         {map[string]any{"Ref": "TasksScope"}, "darkroom/tasks"},
		"RefOfAResource":          {[]any{map[string]any{"Ref": "UserPool"}}, []any{"us-east-1_x"}},
		"RefOfThePseudoParameter": {map[string]any{"Ref": "AWS::StackName"}, "darkroom-local"},
		"ArnOfAFunction":          {map[string]any{"Fn::GetAtt": []any{"Fn", "Arn"}}, "arn:aws:lambda:us-east-1:000000000000:function:darkroom-api"},
		"SubOfNamesAndAttributes": {map[string]any{"Fn::Sub": "${AWS::Region}/${UserPool}/${Fn.Arn}"}, "us-east-1/us-east-1_x/arn:aws:lambda:us-east-1:000000000000:function:darkroom-api"},
		"IfTrue":                  {map[string]any{"Fn::If": []any{"OwnPool", map[string]any{"Ref": "UserPool"}, "other"}}, "us-east-1_x"},
		"IfFalse":                 {map[string]any{"Fn::If": []any{"Foreign", map[string]any{"Ref": "Missing"}, "other"}}, "other"},
		"AnObjectWithMoreThanRef": {map[string]any{"Ref": "a", "b": "c"}, map[string]any{"Ref": "a", "b": "c"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := testExpressions().value(test.in)
			if err != nil || !reflect.DeepEqual(got, test.want) {
				t.Errorf("%v: got %v, %v, want %v", test.in, got, err, test.want)
			}
		})
	}
}

func TestWhatCannotBeWorkedOutIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		in   any
		want string
	}{
		"UnknownName":      {map[string]any{"x": []any{map[string]any{"Ref": "Missing"}}}, "Missing"},
		"UnknownNameInSub": {map[string]any{"Fn::Sub": "a ${Missing} b"}, "Missing"},
		"UnknownAttribute": {map[string]any{"Fn::GetAtt": []any{"UserPool", "ProviderName"}}, "UserPool.ProviderName"},
		"UnknownFunction":  {map[string]any{"Fn::Select": []any{"0", []any{}}}, "Fn::Select"},
		"UnknownCondition": {map[string]any{"Fn::If": []any{"Strange", "a", "b"}}, "Strange"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := testExpressions().value(test.in); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v: got %v, %v, want an error that names %s", test.in, got, err, test.want)
			}
		})
	}
}
