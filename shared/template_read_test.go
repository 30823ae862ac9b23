package shared_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// The template is read as it stands in the repository, so these tests see what is deployed.

type object = map[string]any

// readYAML reads a CloudFormation file; short forms become the long ones: !Ref x is {"Ref": "x"}, !Sub x is {"Fn::Sub": "x"}.
func readYAML(t *testing.T, path string) object {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var node yaml.Node
	if err := yaml.Unmarshal(data, &node); err != nil {
		t.Fatal(err)
	}
	value, _ := plain(node.Content[0]).(object)
	return value
}

func plain(node *yaml.Node) any {
	var value any
	switch node.Kind {
	case yaml.MappingNode:
		m := object{}
		for i := 0; i < len(node.Content); i += 2 {
			m[node.Content[i].Value] = plain(node.Content[i+1])
		}
		value = m
	case yaml.SequenceNode:
		list := []any{}
		for _, entry := range node.Content {
			list = append(list, plain(entry))
		}
		value = list
	default:
		value = node.Value
	}
	tag := node.Tag
	if !strings.HasPrefix(tag, "!") || strings.HasPrefix(tag, "!!") {
		return value
	}
	name := "Fn::" + tag[1:]
	if tag == "!Ref" {
		name = "Ref"
	}
	if text, is := value.(string); is && tag == "!GetAtt" {
		logical, attribute, _ := strings.Cut(text, ".")
		value = []any{logical, attribute}
	}
	return object{name: value}
}

type template struct {
	t         *testing.T
	root      object
	resources map[string]object
}

func readTemplate(t *testing.T) template {
	t.Helper()
	root := readYAML(t, "../template.yaml")
	tpl := template{t: t, root: root, resources: map[string]object{}}
	for id, r := range root["Resources"].(object) {
		tpl.resources[id] = r.(object)
	}
	return tpl
}

// get walks down a path of keys; nil when something is missing.
func get(value any, path ...string) any {
	for _, key := range path {
		m, is := value.(object)
		if !is {
			return nil
		}
		value = m[key]
	}
	return value
}

func text(value any, path ...string) string {
	s, _ := get(value, path...).(string)
	return s
}

func number(t *testing.T, value any, path ...string) (n int) {
	t.Helper()
	if _, err := fmt.Sscan(text(value, path...), &n); err != nil {
		t.Fatalf("%s is no number: %v", strings.Join(path, "."), get(value, path...))
	}
	return n
}

// ofType returns the ids of all resources of a type, in order.
func (tpl template) ofType(kind string) (ids []string) {
	for id, r := range tpl.resources {
		if text(r, "Type") == kind {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (tpl template) functions() []string { return tpl.ofType("AWS::Serverless::Function") }

// statements are the policy statements of a function's role, those that a condition adds included.
func (tpl template) statements(function string) (all []object) {
	role := refersTo(get(tpl.resources[function], "Properties", "Role"))
	for _, policy := range get(tpl.resources[role], "Properties", "Policies").([]any) {
		for _, s := range get(policy, "PolicyDocument", "Statement").([]any) {
			if chosen, is := get(s, "Fn::If").([]any); is {
				s = chosen[1]
			}
			all = append(all, s.(object))
		}
	}
	return all
}

// refersTo is the logical id that a Ref or GetAtt names.
func refersTo(value any) string {
	if id := text(value, "Ref"); id != "" {
		return id
	}
	if parts, is := get(value, "Fn::GetAtt").([]any); is {
		return parts[0].(string)
	}
	return ""
}

func list(value any) []any {
	if l, is := value.([]any); is {
		return l
	}
	return []any{value}
}

func texts(value any) (all []string) {
	for _, v := range list(value) {
		if s, is := v.(string); is {
			all = append(all, s)
		}
	}
	return all
}

// events are a function's triggers of a type, by name.
func (tpl template) events(function, kind string) map[string]object {
	found := map[string]object{}
	events, _ := get(tpl.resources[function], "Properties", "Events").(object)
	for name, e := range events {
		if text(e, "Type") == kind {
			found[name] = get(e, "Properties").(object)
		}
	}
	return found
}

var subReference = regexp.MustCompile(`\$\{([A-Za-z0-9:]+)(\.[A-Za-z0-9.]+)?\}`)

// references are all logical ids that a value names.
func references(value any) (ids []string) {
	switch v := value.(type) {
	case object:
		if id := refersTo(v); id != "" {
			return []string{id}
		}
		if sub, is := v["Fn::Sub"].(string); is {
			for _, m := range subReference.FindAllStringSubmatch(sub, -1) {
				ids = append(ids, m[1])
			}
			return ids
		}
		for _, inner := range v {
			ids = append(ids, references(inner)...)
		}
	case []any:
		for _, inner := range v {
			ids = append(ids, references(inner)...)
		}
	}
	return ids
}
