package stack

import (
	"fmt"
	"regexp"
	"strings"
)

// expressions works out the intrinsic functions that stand in a processed template, as far as an HTTP API's definition has them: Ref,
// Fn::GetAtt of a function's Arn, Fn::Sub of a text, Fn::If over Fn::Equals and Fn::Not.
type expressions struct {
	parameters map[string]string
	resources  map[string]resource // by logical id
	conditions map[string]any
	stackName  string
}

// resource is one deployed resource.
type resource struct{ kind, physicalID string }

// value returns v with every intrinsic function replaced by its value. The error names what it cannot work out.
func (e expressions) value(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 1 {
			for name, argument := range v {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return e.apply(name, argument)
				}
			}
		}
		values := make(map[string]any, len(v))
		for name, part := range v {
			var err error
			if values[name], err = e.value(part); err != nil {
				return nil, err
			}
		}
		return values, nil
	case []any:
		values := make([]any, len(v))
		for i, part := range v {
			var err error
			if values[i], err = e.value(part); err != nil {
				return nil, err
			}
		}
		return values, nil
	}
	return v, nil
}

func (e expressions) apply(function string, argument any) (any, error) {
	switch function {
	case "Ref":
		return e.named(fmt.Sprint(argument))
	case "Fn::Sub":
		if text, ok := argument.(string); ok {
			return e.substitute(text)
		}
	case "Fn::GetAtt":
		if parts, ok := argument.([]any); ok && len(parts) == 2 {
			return e.named(fmt.Sprintf("%v.%v", parts[0], parts[1]))
		}
	case "Fn::If":
		if parts, ok := argument.([]any); ok && len(parts) == 3 {
			holds, err := e.condition(e.conditions[fmt.Sprint(parts[0])])
			if err != nil {
				return nil, fmt.Errorf("condition %v: %w", parts[0], err)
			}
			if holds {
				return e.value(parts[1])
			}
			return e.value(parts[2])
		}
	}
	return nil, fmt.Errorf("the launcher does not know how to work out %s of %v", function, argument)
}

// placeholder is a name inside a text of Fn::Sub.
var placeholder = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

func (e expressions) substitute(text string) (string, error) {
	var failed error
	result := placeholder.ReplaceAllStringFunc(text, func(match string) string {
		value, err := e.named(match[2 : len(match)-1])
		if err != nil {
			failed = err
		}
		return value
	})
	return result, failed
}

// named is what a name means: a pseudo parameter, a parameter, a resource, or a resource's Arn.
func (e expressions) named(name string) (string, error) {
	switch name {
	case "AWS::Partition":
		return "aws", nil
	case "AWS::Region":
		return Region, nil
	case "AWS::AccountId":
		return Account, nil
	case "AWS::StackName":
		return e.stackName, nil
	}
	if value, ok := e.parameters[name]; ok {
		return value, nil
	}
	if resource, ok := e.resources[name]; ok {
		return resource.physicalID, nil
	}
	if id, ok := strings.CutSuffix(name, ".Arn"); ok && e.resources[id].kind == "AWS::Lambda::Function" {
		return functionARN(e.resources[id].physicalID), nil
	}
	return "", fmt.Errorf("the launcher does not know what %s is", name)
}

func (e expressions) condition(rule any) (bool, error) {
	object, _ := rule.(map[string]any)
	if parts, ok := object["Fn::Equals"].([]any); ok && len(parts) == 2 {
		values, err := e.value(parts)
		if err != nil {
			return false, err
		}
		pair := values.([]any) // value keeps a list a list
		return fmt.Sprint(pair[0]) == fmt.Sprint(pair[1]), nil
	}
	if parts, ok := object["Fn::Not"].([]any); ok && len(parts) == 1 {
		holds, err := e.condition(parts[0])
		return !holds, err
	}
	return false, fmt.Errorf("the launcher does not know how to work out %v", rule)
}

// functionARN names a function of the local AWS.
func functionARN(name string) string {
	return "arn:aws:lambda:" + Region + ":" + Account + ":function:" + name
}
