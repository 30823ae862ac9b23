package shared_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"darkroom/shared/catalog"
)

// The README shows what runs where; the table must be what template.yaml deploys.
func TestTheReadmeTableIsWhatIsDeployed(t *testing.T) {
	tpl := readTemplate(t)
	rows := map[string][]string{}
	row := regexp.MustCompile("^\\| `([a-z]+)` \\|(.*)\\|$")
	for _, line := range strings.Split(repositoryFile(t, "README.md"), "\n") {
		if m := row.FindStringSubmatch(line); m != nil {
			var cells []string
			for _, cell := range strings.Split(m[2], "|") {
				cells = append(cells, strings.TrimSpace(cell))
			}
			if len(cells) == 5 {
				rows[m[1]] = cells
			}
		}
	}
	for _, id := range tpl.functions() {
		properties := tpl.resources[id]["Properties"].(object)
		name := strings.ToLower(strings.TrimSuffix(id, "Function"))
		cells, there := rows[name]
		if !there {
			t.Errorf("README.md has no row for %s", name)
			continue
		}
		timeout, memory := text(tpl.root, "Globals", "Function", "Timeout"), text(tpl.root, "Globals", "Function", "MemorySize")
		if own := text(properties, "Timeout"); own != "" {
			timeout = own
		}
		if own := text(properties, "MemorySize"); own != "" {
			memory = own
		}
		if cells[1] != timeout+" s" || cells[2] != memory+" MB" {
			t.Errorf("README.md says %s has %s and %s; deployed are %s s and %s MB", name, cells[1], cells[2], timeout, memory)
		}
	}
}

func TestTheReadmeSettingsAreTheParameters(t *testing.T) {
	t.Parallel()
	var shown []string
	_, settings, _ := strings.Cut(repositoryFile(t, "README.md"), "\n## Settings\n")
	for _, line := range strings.Split(settings, "\n") {
		if cell, _, is := strings.Cut(strings.TrimPrefix(line, "| "), " |"); is && strings.HasPrefix(cell, "`") {
			shown = append(shown, strings.Split(strings.Trim(cell, "`"), "`, `")...)
		}
	}
	slices.Sort(shown)
	if want := slices.Sorted(maps.Keys(readTemplate(t).root["Parameters"].(object))); !slices.Equal(shown, want) {
		t.Errorf("README.md shows the settings\n%v\nthe template has\n%v", shown, want)
	}
}

func TestTheReadmeModelsAreTheCatalogue(t *testing.T) {
	t.Parallel()
	offered := catalog.Load()
	var want []string
	for _, m := range offered.Models {
		want = append(want, readmeRow(offered, m))
	}
	var got []string
	_, models, _ := strings.Cut(repositoryFile(t, "README.md"), "\n## Models\n")
	models, _, _ = strings.Cut(models, "\n## ")
	for _, line := range strings.Split(models, "\n") {
		if strings.HasPrefix(line, "| `") {
			got = append(got, line)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("README.md shows the models\n%s\nbut the catalogue has\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// readmeRow is how the README shows a model.
func readmeRow(offered *catalog.Catalog, m catalog.Model) string {
	var by []string
	for _, route := range m.Routes {
		by = append(by, "`"+route.Provider+"`")
	}
	var prices []int64
	for _, size := range m.Sizes {
		prices = slices.AppendSeq(prices, maps.Values(size.Credits))
	}
	credits := fmt.Sprint(slices.Min(prices))
	if most := slices.Max(prices); most > slices.Min(prices) {
		credits += fmt.Sprintf(" to %d", most)
	}
	answers, inputs := "by job", ""
	if offered.Synchronous(m.ID) {
		answers = "with the image"
	}
	if m.MaxReferences > 0 {
		inputs = fmt.Sprint(m.MaxReferences)
		if m.Mask {
			inputs += " and a mask"
		}
		inputs += fmt.Sprintf(", %d each", m.InputCredits)
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s |", m.ID, strings.Join(by, ", "), answers, strings.Join(m.Modes, ", "), credits, inputs)
}

func TestTheReadmeFillsEverySecretAndNamesEveryProvidersKey(t *testing.T) {
	t.Parallel()
	readme, tpl := repositoryFile(t, "README.md"), readTemplate(t)
	for id, resource := range tpl.resources {
		if resource["Type"] != "AWS::SecretsManager::Secret" || get(resource, "Properties", "GenerateSecretString") != nil {
			continue
		}
		for output, value := range tpl.root["Outputs"].(object) {
			if strings.Contains(fmt.Sprint(value), id) && !strings.Contains(readme, "--secret-id <"+output+">") {
				t.Errorf("README.md does not fill the secret %s, which is left empty", output)
			}
		}
	}
	keys := map[string]string{}
	value := regexp.MustCompile(`<ProviderKeysSecretArn> [^']*'([^']+)'`).FindStringSubmatch(readme)
	if value == nil || json.Unmarshal([]byte(value[1]), &keys) != nil {
		t.Fatalf("README.md has no JSON for the providers' keys: %q", value)
	}
	if named := slices.Sorted(maps.Keys(keys)); !slices.Equal(named, catalog.Load().ProviderNames()) {
		t.Errorf("README.md has keys for %v, the catalogue's providers are %v", named, catalog.Load().ProviderNames())
	}
}
