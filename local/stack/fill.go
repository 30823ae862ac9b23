package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// parameters are the values of the template's parameters that only this machine knows.
func (s *Stack) parameters(keys *keys) (map[string]string, error) {
	publicKey, err := keys.cdnPublicKeyLines()
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"Architecture": architecture(), "PublicUrl": s.apiServer.URL, "CdnUrl": s.cdnServer.URL, "CdnPublicKey": publicKey,
		"SimulatorUrl": s.Simulator.URL,
	}, nil
}

// fillIn does what on AWS the deployment does but MiniStack does not (routes), and what an operator does after it (secrets, users).
func (s *Stack) fillIn(ctx context.Context, deployed *deployment, keys *keys) (*Info, error) {
	config, outputs := rootConfig(s.aws.server.URL), deployed.outputs
	if err := setConcurrency(ctx, config, deployed); err != nil { // first: the pollers run already
		return nil, err
	}
	definition, err := deployed.readDefinition("HttpApi")
	if err != nil {
		return nil, err
	}
	if err := createRoutes(ctx, config, outputs["ApiId"], definition); err != nil {
		return nil, err
	}
	secrets, err := keys.secretValues()
	if err != nil {
		return nil, err
	}
	if err := putSecrets(ctx, config, deployed, secrets); err != nil {
		return nil, err
	}
	users := newUsers()
	if err := createUsers(ctx, config, outputs["UserPoolId"], deployed.parameters["OperatorsGroup"], users); err != nil {
		return nil, err
	}
	secret, err := machineSecret(ctx, config, outputs["UserPoolId"], outputs["MachineClientId"])
	if err != nil {
		return nil, err
	}
	if err := nameCallers(ctx, config, deployed, s.aws.edge); err != nil {
		return nil, err
	}
	s.api.Deployed(outputs["ApiId"] + ".execute-api.localhost:" + s.aws.gateway.Port())
	s.cdn.Deployed(outputs["CdnDomain"])
	origin := deployed.parameters["AppOrigin"]
	return &Info{
		APIURL: s.apiServer.URL, CDNURL: s.cdnServer.URL, WebURL: origin, SimulatorURL: s.Simulator.URL,
		AWSEndpoint: s.aws.server.URL, EdgeControlURL: s.aws.server.URL, Region: Region, StackName: deployed.stackName,
		SignInURL: s.aws.gateway.String(), RedirectURI: origin + "/auth/callback", UserPoolID: outputs["UserPoolId"],
		ClientID: outputs["WebClientId"], Users: users,
		MachineClientID: outputs["MachineClientId"], MachineClientSecret: secret,
		TasksScope: deployed.parameters["TasksScope"], AdminScope: deployed.parameters["AdminScope"],
		Outputs: outputs, Logs: s.folders.logs,
	}, nil
}

// putSecrets gives the deployed secrets their values, by logical id. One whose condition does not hold is not there, and needs none.
func putSecrets(ctx context.Context, config aws.Config, deployed *deployment, values map[string]string) error {
	client := secretsmanager.NewFromConfig(config)
	for _, id := range slices.Sorted(maps.Keys(values)) {
		secret, ok := deployed.resources[id]
		if !ok && deployed.properties(id) != nil {
			continue
		}
		if !ok {
			return fmt.Errorf("put secret %s: template.yaml has none of that name", id)
		}
		_, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
			SecretId: &secret.physicalID, SecretString: aws.String(values[id]),
		})
		if err != nil {
			return fmt.Errorf("put secret %s: %w", id, err)
		}
	}
	return nil
}
