package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// What MiniStack's CloudFormation does not know. The CDN edge does the work of the first two; the third only shapes how an update is
// rolled out. Nothing else may differ from what is deployed to AWS.
var (
	unknownTypes      = []string{"AWS::CloudFront::PublicKey", "AWS::CloudFront::KeyGroup"}
	unknownProperties = map[string][]string{"AWS::Serverless::Function": {"DeploymentPreference"}}
)

// localTemplate changes a built template so that the local AWS can take it, and lists the changes as "path: what" in a fixed order:
//
//   - resources and properties it does not know are taken out, as is every list entry that names such a resource;
//   - any other reference to such a resource becomes the text [localName] of it;
//   - roles that may send messages may send batches of them, see batchActions;
//   - each parameter's default becomes its value, because MiniStack's SAM translator looks at defaults only (this is not listed).
func localTemplate(template map[string]any, parameters map[string]string) (changes []string) {
	resources, _ := template["Resources"].(map[string]any)
	s := stripper{unknown: map[string]bool{}}
	for id, raw := range resources {
		resource, _ := raw.(map[string]any)
		kind, _ := resource["Type"].(string)
		if slices.Contains(unknownTypes, kind) {
			s.unknown[id] = true
			delete(resources, id)
			s.note("Resources."+id, "removed")
			continue
		}
		properties, _ := resource["Properties"].(map[string]any)
		for _, name := range unknownProperties[kind] {
			if _, has := properties[name]; has {
				delete(properties, name)
				s.note("Resources."+id+".Properties."+name, "removed")
			}
		}
	}
	s.walkMap("Resources", resources)
	for id, raw := range resources {
		if resource, _ := raw.(map[string]any); resource["Type"] == "AWS::IAM::Role" {
			s.allowBatches("Resources."+id+".Properties", resource["Properties"])
		}
	}
	if outputs, ok := template["Outputs"].(map[string]any); ok {
		s.walkMap("Outputs", outputs)
	}
	setDefaults(template, parameters)
	slices.Sort(s.changes)
	return s.changes
}

// localName stands for a resource the local AWS does not have.
func localName(logicalID string) string { return "local-" + logicalID }

// stripper takes references to unknown resources out of a template.
type stripper struct {
	unknown map[string]bool
	changes []string
}

func (s *stripper) note(path, what string) { s.changes = append(s.changes, path+": "+what) }

// walkMap cleans an object in place. A list that loses its last entry goes too: AWS would refuse it empty.
func (s *stripper) walkMap(path string, object map[string]any) {
	for name, value := range object {
		at := path + "." + name
		if id, is := s.reference(value); is {
			object[name] = localName(id)
			s.note(at, "reference to "+id+" replaced")
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			s.walkMap(at, value)
		case []any:
			kept := s.walkList(at, value)
			object[name] = kept
			if len(kept) == 0 && len(value) > 0 {
				delete(object, name)
			}
		}
	}
}

// walkList returns the list without its references to unknown resources.
func (s *stripper) walkList(path string, list []any) []any {
	kept := []any{}
	for i, value := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		if id, is := s.reference(value); is {
			s.note(at, "reference to "+id+" removed")
			continue
		}
		switch value := value.(type) {
		case map[string]any:
			s.walkMap(at, value)
		case []any:
			kept = append(kept, s.walkList(at, value))
			continue
		}
		kept = append(kept, value)
	}
	return kept
}

// reference tells whether value is a Ref or GetAtt of an unknown resource.
func (s *stripper) reference(value any) (id string, is bool) {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return "", false
	}
	if id, ok := object["Ref"].(string); ok {
		return id, s.unknown[id]
	}
	if parts, ok := object["Fn::GetAtt"].([]any); ok && len(parts) > 0 {
		id, _ := parts[0].(string)
		return id, s.unknown[id]
	}
	return "", false
}

// batchActions are allowed on AWS by the action for one message, and have no name in IAM. MiniStack wants them by the operation's name.
var batchActions = map[string]string{"sqs:SendMessage": "sqs:SendMessageBatch"}

// allowBatches adds the batch action to every policy statement below value that allows the single one.
func (s *stripper) allowBatches(path string, value any) {
	switch value := value.(type) {
	case []any:
		for i, entry := range value {
			s.allowBatches(path+"["+strconv.Itoa(i)+"]", entry)
		}
	case map[string]any:
		for name, part := range value {
			if name != "Action" {
				s.allowBatches(path+"."+name, part)
				continue
			}
			actions, isList := part.([]any)
			if !isList {
				actions = []any{part}
			}
			for _, action := range actions {
				single, _ := action.(string)
				if batch, has := batchActions[single]; has {
					value[name] = append(slices.Clone(actions), batch)
					s.note(path+"."+name, batch+" added")
				}
			}
		}
	}
}

// setDefaults writes values over the defaults of the template's parameters.
func setDefaults(template map[string]any, values map[string]string) {
	declared, _ := template["Parameters"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parameter, ok := declared[name].(map[string]any)
		if !ok {
			continue // refused before, see samSource.parameters
		}
		parameter["Default"] = values[name]
		if parameter["Type"] == "Number" {
			parameter["Default"] = json.Number(fmt.Sprint(values[name]))
		}
	}
}
