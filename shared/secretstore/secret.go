// Package secretstore reads secrets from Secrets Manager, once, and again by age.
package secretstore

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// maxAge is for how long a value is used before it is read again. A rotation must accept old and new for longer than that. A check that fails never
// causes a read: a stranger's bad signatures would become our bill.
const maxAge = 5 * time.Minute

// Secret is one secret. It is safe for concurrent use.
type Secret struct {
	name string
	read func(context.Context, string) (string, error)
	now  func() time.Time

	mu    sync.Mutex
	value string
	at    time.Time
}

// New names a secret by its ARN. Nothing is read yet.
func New(cfg aws.Config, arn string) *Secret {
	client := secretsmanager.NewFromConfig(cfg)
	return &Secret{name: arn, now: time.Now, read: func(ctx context.Context, arn string) (string, error) {
		out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
		if err != nil {
			return "", err
		}
		return aws.ToString(out.SecretString), nil
	}}
}

// Value is the secret. When it cannot be read again, the value it had goes on for another while.
func (s *Secret) Value(ctx context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.at.IsZero() && s.now().Sub(s.at) < maxAge {
		return s.value, nil
	}
	value, err := s.read(ctx, s.name)
	switch {
	case err == nil:
		s.value = value
	case s.at.IsZero():
		return "", fmt.Errorf("read secret %s: %w", s.name, err)
	}
	s.at = s.now()
	return s.value, nil
}

// ProviderKeys reads {"<provider>":"<key>"}.
func (s *Secret) ProviderKeys(ctx context.Context) (map[string]string, error) {
	keys := map[string]string{}
	return keys, s.decode(ctx, &keys, `{"<provider>":"<key>"}`)
}

// WebhookKeys are the keys of webhook tokens, by id, and the id of the one that new tokens are made with.
type WebhookKeys struct {
	Current string
	Keys    map[string][]byte
}

// shortestKey is the least a webhook key may have, in bytes: 128 bits even if every character carries only four.
const shortestKey = 32

// WebhookKeys reads {"current":"<id>","<id>":"<key>"}.
func (s *Secret) WebhookKeys(ctx context.Context) (WebhookKeys, error) {
	const form = `{"current":"<key id>","<key id>":"<32 characters or more>"}`
	var raw map[string]string
	if err := s.decode(ctx, &raw, form); err != nil {
		return WebhookKeys{}, err
	}
	keys := WebhookKeys{Current: raw["current"], Keys: map[string][]byte{}}
	for id, key := range raw {
		if id != "current" && len(key) >= shortestKey {
			keys.Keys[id] = []byte(key)
		}
	}
	if keys.Keys[keys.Current] == nil {
		return WebhookKeys{}, fmt.Errorf("secret %s has no current key of 32 characters or more; it should look like %s", s.name, form)
	}
	return keys, nil
}

// decode reads a value as JSON. The error tells its form, never its content: a JSON error would quote it.
func (s *Secret) decode(ctx context.Context, into any, form string) error {
	value, err := s.Value(ctx)
	if err != nil {
		return err
	}
	if json.Unmarshal([]byte(value), into) != nil {
		return fmt.Errorf("secret %s is not of the form %s", s.name, form)
	}
	return nil
}
