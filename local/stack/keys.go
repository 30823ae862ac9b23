package stack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"strings"

	"darkroom/local/simulator"
	"darkroom/shared/catalog"
)

// keys are the secrets of one stack, made afresh at every start.
type keys struct {
	providers  map[string]string // API key by provider
	moderation string            // a second key of OpenAI
	cdn        *ecdsa.PrivateKey // signs links to images
}

func newKeys() (*keys, error) {
	cdn, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the CDN key: %w", err)
	}
	k := &keys{providers: map[string]string{}, moderation: "local-moderation-" + rand.Text(), cdn: cdn}
	for _, provider := range catalog.Load().ProviderNames() { // the workers want a key for each
		k.providers[provider] = "local-" + provider + "-" + rand.Text()
	}
	return k, nil
}

// secretValues are the contents of the secrets that the template leaves empty, by logical id. WebhookSecret is not among them: the
// template has it generated.
func (k *keys) secretValues() (map[string]string, error) {
	providerKeys, err := json.Marshal(k.providers)
	if err != nil {
		return nil, err
	}
	moderationKey, err := json.Marshal(map[string]string{"openai": k.moderation})
	if err != nil {
		return nil, err
	}
	signing, err := json.Marshal(map[string]string{"replicate": simulator.ReplicateWebhookSecret})
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.cdn)
	if err != nil {
		return nil, fmt.Errorf("encode the CDN key: %w", err)
	}
	return map[string]string{
		"ProviderKeysSecret":  string(providerKeys),
		"ModerationKeySecret": string(moderationKey),
		"SigningSecrets":      string(signing),
		"CdnKeySecret":        string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	}, nil
}

// cdnPublicKeyLines is the public half as the template's CdnPublicKey parameter wants it: the PEM's base64 lines, joined by commas.
func (k *keys) cdnPublicKeyLines() (string, error) {
	der, err := x509.MarshalPKIXPublicKey(&k.cdn.PublicKey)
	if err != nil {
		return "", fmt.Errorf("encode the CDN key: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))), "\n")
	return strings.Join(lines[1:len(lines)-1], ","), nil
}
