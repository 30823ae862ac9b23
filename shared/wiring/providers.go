package wiring

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"darkroom/shared/lambdaenv"
	"darkroom/shared/provider"
	"darkroom/shared/provider/bfl"
	"darkroom/shared/provider/openai"
	"darkroom/shared/secretstore"
)

// Providers are the drivers with their keys, for the functions that call providers. Keys are read again by age, so a new one needs no deployment.
func Providers(env *lambdaenv.Env) provider.Set {
	secret := secretstore.New(env.AWS, env.Required("PROVIDER_KEYS_SECRET"))
	_, err := secret.ProviderKeys(context.Background())
	env.Check(err)
	return set(Simulator(env), func(name string) provider.KeySource {
		return func(ctx context.Context) (string, error) {
			keys, err := secret.ProviderKeys(ctx)
			if err == nil && keys[name] == "" {
				err = fmt.Errorf("there is no key of provider %s in the secret", name)
			}
			return keys[name], err
		}
	})
}

// WebhookProviders are the drivers without keys, for the function that only reads deliveries.
func WebhookProviders() provider.Set {
	return set(nil, func(name string) provider.KeySource {
		return func(context.Context) (string, error) {
			return "", errors.New("this function holds no key of any provider")
		}
	})
}

// set lists every provider there is. A new one is one line here and one in OutputHosts.
func set(simulator *url.URL, key func(name string) provider.KeySource) provider.Set {
	all := provider.Set{}
	for _, driver := range []provider.Driver{
		bfl.New(bfl.Settings{Key: key(bfl.Name), Simulator: simulator}),
		openai.New(openai.Settings{Key: key(openai.Name), Simulator: simulator}),
	} {
		all[driver.Name()] = provider.New(driver, provider.Settings{Simulator: simulator})
	}
	return all
}

// OutputHosts are the hosts that each provider's output links may point to, for the function that only fetches.
func OutputHosts() map[string][]string {
	return map[string][]string{bfl.Name: bfl.OutputHosts}
}
