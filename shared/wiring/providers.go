package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"darkroom/shared/lambdaenv"
	"darkroom/shared/provider"
	"darkroom/shared/provider/bfl"
	"darkroom/shared/provider/fal"
	"darkroom/shared/provider/gemini"
	"darkroom/shared/provider/openai"
	"darkroom/shared/provider/replicate"
	"darkroom/shared/secretstore"
)

// Providers are the drivers with their keys, for the functions that call providers. Keys are read again by age, so a new one needs no deployment.
func Providers(env *lambdaenv.Env) provider.Set {
	secret := secretstore.New(env.AWS, env.Required("PROVIDER_KEYS_SECRET"))
	_, err := secret.ProviderKeys(context.Background())
	env.Check(err)
	return set(Simulator(env), env.Optional("BFL_REGION"), func(name string) provider.KeySource { return keyOf(secret, name) })
}

// keyOf reads the key of one provider out of a secret.
func keyOf(secret *secretstore.Secret, name string) provider.KeySource {
	return func(ctx context.Context) (string, error) {
		keys, err := secret.ProviderKeys(ctx)
		if err == nil && keys[name] == "" {
			err = fmt.Errorf("%s: %w", name, provider.ErrNoKey)
		}
		return keys[name], err
	}
}

// WebhookProviders are the drivers without keys, for the function that only reads deliveries. One of them fetches its provider's public keys.
func WebhookProviders(env *lambdaenv.Env) provider.Set {
	return set(Simulator(env), "", func(name string) provider.KeySource {
		return func(context.Context) (string, error) {
			return "", errors.New("this function holds no key of any provider")
		}
	})
}

// set lists every provider there is. A new one is one line here.
func set(simulator *url.URL, bflRegion string, key func(name string) provider.KeySource) provider.Set {
	all := provider.Set{}
	for _, driver := range []provider.Driver{
		bfl.New(bfl.Settings{Key: key(bfl.Name), Region: bflRegion, Simulator: simulator}),
		fal.New(fal.Settings{Key: key(fal.Name), Simulator: simulator}),
		gemini.New(gemini.Settings{Key: key(gemini.Name), Simulator: simulator}),
		openai.New(openai.Settings{Key: key(openai.Name), Simulator: simulator}),
		replicate.New(replicate.Settings{Key: key(replicate.Name), Simulator: simulator}),
	} {
		all[driver.Name()] = provider.New(driver, provider.Settings{Simulator: simulator})
	}
	return all
}

// SigningSecrets are what providers sign all deliveries to this account with, by provider: one, or several separated by spaces while one replaces another.
func SigningSecrets(env *lambdaenv.Env) func(ctx context.Context, name string) []string {
	secret := secretstore.New(env.AWS, env.Required("SIGNING_SECRETS"))
	_, err := secret.ProviderKeys(context.Background())
	env.Check(err)
	return func(ctx context.Context, name string) []string {
		secrets, err := secret.ProviderKeys(ctx)
		if err != nil {
			env.Log.Error("signing secrets cannot be read", "error", err)
		}
		return strings.Fields(secrets[name])
	}
}

// OutputHosts are the hosts that each provider's output links may point to, for the function that only fetches.
func OutputHosts() map[string][]string {
	hosts := map[string][]string{}
	for name, known := range set(nil, "", func(string) provider.KeySource { return nil }) {
		if named := known.OutputHosts(); len(named) > 0 {
			hosts[name] = named
		}
	}
	return hosts
}
