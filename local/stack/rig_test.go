package stack

import (
	"os"
	"path/filepath"
	"testing"

	"gopkg.in/yaml.v3"
)

// TestMain lets the test binary play a launcher that is killed, see process_test.go.
func TestMain(m *testing.M) {
	if os.Getenv(playLauncher) != "" {
		launchAndWait()
		return
	}
	os.Exit(m.Run())
}

// readTemplate is the repository's template with intrinsic functions in their long form, as sam build writes it.
func readTemplate(t *testing.T) map[string]any {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "template.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		t.Fatal(err)
	}
	longForm(&document)
	var template map[string]any
	if err := document.Decode(&template); err != nil {
		t.Fatal(err)
	}
	return template
}

// longForm turns !Ref x into {Ref: x}, !GetAtt a.b into {Fn::GetAtt: [a, b]}, and any other !X y into {Fn::X: y}.
func longForm(node *yaml.Node) {
	for _, child := range node.Content {
		longForm(child)
	}
	if len(node.Tag) < 2 || node.Tag[0] != '!' || node.Tag[1] == '!' {
		return
	}
	name, argument := "Fn::"+node.Tag[1:], *node
	argument.Tag = ""
	switch node.Tag {
	case "!Ref", "!Condition":
		name = node.Tag[1:]
	case "!GetAtt":
		argument = yaml.Node{Kind: yaml.SequenceNode}
		for _, part := range splitAttribute(node.Value) {
			argument.Content = append(argument.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: part})
		}
	}
	if argument.Kind == yaml.ScalarNode {
		argument.Tag = "!!str"
	}
	*node = yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: name}, &argument}}
}

func splitAttribute(value string) []string {
	for i := range value {
		if value[i] == '.' {
			return []string{value[:i], value[i+1:]}
		}
	}
	return []string{value}
}
