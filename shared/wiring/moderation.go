package wiring

import (
	"fmt"
	"net/url"

	"darkroom/shared/lambdaenv"
	"darkroom/shared/provider"
	"darkroom/shared/provider/openai"
	"darkroom/shared/secretstore"
	"darkroom/shared/workflow"
)

// Screening is the stage's choice about OpenAI's moderation endpoint: "off" asks nobody and reads no secret. Its key is read at the first check and not before: without
// one the endpoint is as good as down, and the setting says what then.
func Screening(env *lambdaenv.Env) workflow.Screening {
	setting := env.Required("MODERATION")
	if setting == "off" {
		return workflow.Screening{}
	}
	secret := secretstore.New(env.AWS, env.Required("MODERATION_KEY_SECRET"))
	by, err := screening(setting, keyOf(secret, openai.Name), Simulator(env))
	env.Check(err)
	return by
}

func screening(setting string, key provider.KeySource, simulator *url.URL) (workflow.Screening, error) {
	pass, known := map[string]bool{"hold": false, "pass": true}[setting]
	if !known {
		return workflow.Screening{}, fmt.Errorf("MODERATION is %q; allowed: off, hold, pass", setting)
	}
	return workflow.Screening{Screen: openai.NewModerator(openai.Settings{Key: key, Simulator: simulator}), Pass: pass}, nil
}
