package stack

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"maps"
	"slices"
	"strings"
	"testing"

	"darkroom/shared/catalog"
)

func TestTheDeployedPublicKeyBelongsToTheSecretOne(t *testing.T) {
	keys, err := newKeys()
	if err != nil {
		t.Fatal(err)
	}
	lines, err := keys.cdnPublicKeyLines()
	if err != nil {
		t.Fatal(err)
	}
	// As the template joins them.
	block, _ := pem.Decode([]byte("-----BEGIN PUBLIC KEY-----\n" + strings.Join(strings.Split(lines, ","), "\n") + "\n-----END PUBLIC KEY-----\n"))
	if block == nil {
		t.Fatalf("the parameter's lines %q make no PEM", lines)
	}
	public, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := keys.secretValues()
	if err != nil {
		t.Fatal(err)
	}
	block, _ = pem.Decode([]byte(secrets["CdnKeySecret"]))
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if !keys.cdn.Equal(private) || !keys.cdn.PublicKey.Equal(public) {
		t.Error("the secret and the parameter are not the two halves of one key")
	}
}

func TestSecretsAreThoseTheTemplateLeavesEmpty(t *testing.T) {
	keys, err := newKeys()
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := keys.secretValues()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for id, raw := range readTemplate(t)["Resources"].(map[string]any) {
		resource := raw.(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		if resource["Type"] == "AWS::SecretsManager::Secret" && properties["GenerateSecretString"] == nil {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(secrets)); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestEachStackHasItsOwnProviderKeys(t *testing.T) {
	seen := map[string]bool{}
	for range 2 {
		keys, err := newKeys()
		if err != nil {
			t.Fatal(err)
		}
		secrets, err := keys.secretValues()
		if err != nil {
			t.Fatal(err)
		}
		var byProvider map[string]string
		if err := json.Unmarshal([]byte(secrets["ProviderKeysSecret"]), &byProvider); err != nil {
			t.Fatal(err)
		}
		for _, provider := range catalog.Load().ProviderNames() {
			if key := byProvider[provider]; key == "" || seen[key] {
				t.Errorf("%s: key %q is empty or not new", provider, key)
			}
			seen[byProvider[provider]] = true
		}
	}
}
