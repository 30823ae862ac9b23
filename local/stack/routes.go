package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

// SAM writes an HTTP API's routes as an OpenAPI document, which API Gateway imports. MiniStack keeps the document and creates nothing
// from it, so the launcher makes the same authorizers, integrations, routes and CORS rules from it by API Gateway's ordinary calls.

// apiDefinition is the part of SAM's OpenAPI document that becomes something.
type apiDefinition struct {
	Paths      map[string]map[string]operation // by path and lower-case method
	CORS       *types.Cors                     `json:"x-amazon-apigateway-cors"`
	Components struct {
		SecuritySchemes map[string]struct {
			Authorizer authorizer `json:"x-amazon-apigateway-authorizer"`
		}
	}
}

type operation struct {
	Security    []map[string][]string // one entry: scopes by authorizer; or several entries, one scope each
	Integration struct {
		Type                 types.IntegrationType
		URI                  string
		PayloadFormatVersion string
	} `json:"x-amazon-apigateway-integration"`
}

type authorizer struct {
	Type             types.AuthorizerType
	IdentitySource   string
	JWTConfiguration struct {
		Issuer   string
		Audience []string
	}
}

// readDefinition works the definition of the API with this logical id out of the deployed template.
func (d *deployment) readDefinition(logicalID string) (*apiDefinition, error) {
	body, err := d.expressions().value(d.properties(logicalID)["Body"])
	if err != nil {
		return nil, fmt.Errorf("read the routes of %s: %w", logicalID, err)
	}
	document, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("read the routes of %s: %w", logicalID, err)
	}
	var definition apiDefinition
	if err := json.Unmarshal(document, &definition); err != nil {
		return nil, fmt.Errorf("read the routes of %s: %w", logicalID, err)
	}
	if len(definition.Paths) == 0 {
		return nil, fmt.Errorf("read the routes of %s: the deployed template has none", logicalID)
	}
	return &definition, nil
}

// routeMaker creates what an API's definition asks for.
type routeMaker struct {
	client       *apigatewayv2.Client
	apiID        string
	authorizers  map[string]string // id by name
	integrations map[string]string // id by URI
}

// createRoutes makes everything in the definition part of the API.
func createRoutes(ctx context.Context, config aws.Config, apiID string, definition *apiDefinition) error {
	m := routeMaker{apigatewayv2.NewFromConfig(config), apiID, map[string]string{}, map[string]string{}}
	for name, scheme := range definition.Components.SecuritySchemes {
		if err := m.createAuthorizer(ctx, name, scheme.Authorizer); err != nil {
			return fmt.Errorf("create authorizer %s: %w", name, err)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(definition.Paths)) {
		for method, operation := range definition.Paths[path] {
			key := strings.ToUpper(method) + " " + path
			if err := m.createRoute(ctx, key, operation); err != nil {
				return fmt.Errorf("create route %s: %w", key, err)
			}
		}
	}
	if definition.CORS == nil {
		return nil
	}
	if _, err := m.client.UpdateApi(ctx, &apigatewayv2.UpdateApiInput{ApiId: &apiID, CorsConfiguration: definition.CORS}); err != nil {
		return fmt.Errorf("set the CORS rules: %w", err)
	}
	return nil
}

func (m *routeMaker) createAuthorizer(ctx context.Context, name string, a authorizer) error {
	created, err := m.client.CreateAuthorizer(ctx, &apigatewayv2.CreateAuthorizerInput{
		ApiId: &m.apiID, Name: &name, AuthorizerType: types.AuthorizerType(strings.ToUpper(string(a.Type))),
		IdentitySource:   []string{a.IdentitySource},
		JwtConfiguration: &types.JWTConfiguration{Issuer: &a.JWTConfiguration.Issuer, Audience: a.JWTConfiguration.Audience},
	})
	if err != nil {
		return err
	}
	m.authorizers[name] = aws.ToString(created.AuthorizerId)
	return nil
}

// createRoute makes one route. An authorizer the definition does not describe is an error, or the route would stand open.
func (m *routeMaker) createRoute(ctx context.Context, key string, o operation) error {
	integration, err := m.integration(ctx, o)
	if err != nil {
		return err
	}
	route := &apigatewayv2.CreateRouteInput{
		ApiId: &m.apiID, RouteKey: &key, Target: aws.String("integrations/" + integration), AuthorizationType: types.AuthorizationTypeNone,
	}
	for _, requirement := range o.Security {
		for name, scopes := range requirement {
			if name == "NONE" {
				continue
			}
			id, known := m.authorizers[name]
			if !known {
				return fmt.Errorf("it wants authorizer %s, which is not defined", name)
			}
			route.AuthorizationType, route.AuthorizerId = types.AuthorizationTypeJwt, &id
			route.AuthorizationScopes = append(route.AuthorizationScopes, scopes...)
		}
	}
	_, err = m.client.CreateRoute(ctx, route)
	return err
}

// integration returns the id of the integration with the operation's function; routes of one function share it.
func (m *routeMaker) integration(ctx context.Context, o operation) (string, error) {
	uri := o.Integration.URI
	if id, made := m.integrations[uri]; made {
		return id, nil
	}
	created, err := m.client.CreateIntegration(ctx, &apigatewayv2.CreateIntegrationInput{
		ApiId: &m.apiID, IntegrationType: types.IntegrationType(strings.ToUpper(string(o.Integration.Type))), IntegrationUri: &uri,
		PayloadFormatVersion: &o.Integration.PayloadFormatVersion,
	})
	if err != nil {
		return "", fmt.Errorf("integration with %s: %w", uri, err)
	}
	m.integrations[uri] = aws.ToString(created.IntegrationId)
	return m.integrations[uri], nil
}
